"""Codes on a cart as storefronts speak of them: every answer, every error, every kind of caller."""

import asyncio
import re
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit import clock, ids
from shop.kit.db import Database
from shop.kit.settings import Settings
from tests import factories as make
from tests.api.client import Api
from tests.api.shopping import document
from tests.factories.payments import shop

ADD = """
mutation ($id: ID!, $code: String!) {
  checkoutAddPromoCode(id: $id, promoCode: $code) { checkout { ...State } errors { field message code } }
}
"""
REMOVE = """
mutation ($id: ID!, $code: String, $voucher: ID) {
  checkoutRemovePromoCode(id: $id, promoCode: $code, promoCodeId: $voucher) {
    checkout { ...State } errors { field message code }
  }
}
"""
STATE = """
fragment State on Checkout {
  voucherCode discountName translatedDiscountName discount { amount currency }
  lines {
    quantity undiscountedUnitPrice { amount } undiscountedTotalPrice { amount }
    unitPrice { gross { amount } } totalPrice { gross { amount } }
  }
  subtotalPrice { gross { amount } } shippingPrice { gross { amount } } totalPrice { gross { amount } }
}
"""
READ = "query ($id: ID!) { checkout(id: $id) { ...State } }" + STATE


async def stored(database: Database) -> list[Any]:
    async def work(session: AsyncSession) -> list[Any]:
        return list((await session.execute(text("SELECT voucher_code FROM checkout_checkout"))).scalars())

    return await database.run(work)


async def filled(session: AsyncSession, **more: Any) -> tuple[str, str]:
    """A guest's cart of 3 for 10.00, 1 for 20.00 and a delivery for 5.00; SAVE: 10 %, but for what the test says."""
    its = await shop(session)
    voucher = await make.voucher(session, its.channel, **({"name": "Spring"} | more))
    made = await make.ready_checkout(session, its.channel, {its.cream: 3, its.shampoo: 1}, its.parcel)
    return ids.encode("Checkout", made.id), ids.encode("Voucher", voucher)


async def test_a_code_is_taken_shown_and_removed(api: Api, database: Database) -> None:
    key, voucher = await database.run(filled)
    with_code = {
        "voucherCode": "SAVE",
        "discountName": "Spring",
        "translatedDiscountName": "Spring",
        "discount": {"amount": 5.0, "currency": "USD"},
        "lines": [
            {
                "quantity": 3,
                "undiscountedUnitPrice": {"amount": 10.0},
                "undiscountedTotalPrice": {"amount": 30.0},
                "unitPrice": {"gross": {"amount": 9.0}},
                "totalPrice": {"gross": {"amount": 27.0}},
            },
            {
                "quantity": 1,
                "undiscountedUnitPrice": {"amount": 20.0},
                "undiscountedTotalPrice": {"amount": 20.0},
                "unitPrice": {"gross": {"amount": 18.0}},
                "totalPrice": {"gross": {"amount": 18.0}},
            },
        ],
        "subtotalPrice": {"gross": {"amount": 45.0}},
        "shippingPrice": {"gross": {"amount": 5.0}},
        "totalPrice": {"gross": {"amount": 50.0}},
    }
    added = await api(ADD + STATE, {"id": key, "code": " save "})
    assert added.data["checkoutAddPromoCode"] == {"checkout": with_code, "errors": []}
    assert (await api(READ, {"id": key})).data["checkout"] == with_code
    assert await stored(database) == ["SAVE"]
    for how in ({"code": "sAvE"}, {"voucher": voucher}):
        removed = (await api(REMOVE + STATE, {"id": key, **how})).data["checkoutRemovePromoCode"]
        assert removed["errors"] == []
        assert removed["checkout"]["voucherCode"] is None
        assert removed["checkout"]["discount"] == {"amount": 0.0, "currency": "USD"}
        assert removed["checkout"]["totalPrice"] == {"gross": {"amount": 55.0}}
        assert await stored(database) == [None]
        await api(ADD + STATE, {"id": key, "code": "SAVE"})


@pytest.mark.parametrize(
    ("more", "code", "error"),
    [
        ({}, "NO-SUCH-CODE", ("promoCode", "INVALID", "This code is not valid.")),
        ({}, "", ("promoCode", "INVALID", "This code is not valid.")),
        ({"ends_at": clock.now()}, "SAVE", ("promoCode", "INVALID", "This code is not valid.")),
        (
            {"minimum": "50.01"},
            "SAVE",
            ("promoCode", "VOUCHER_NOT_APPLICABLE", "This code needs goods worth at least $50.01."),
        ),
        (
            {"minimum_quantity": 5},
            "SAVE",
            ("promoCode", "VOUCHER_NOT_APPLICABLE", "This code needs at least 5 items in the cart."),
        ),
        (
            {"only_for_staff": True},
            "SAVE",
            ("promoCode", "VOUCHER_NOT_APPLICABLE", "This code is for members of staff."),
        ),
    ],
)
async def test_a_code_that_does_not_do_changes_nothing(
    api: Api, database: Database, more: dict[str, Any], code: str, error: tuple[str, str, str]
) -> None:
    key, _ = await database.run(lambda session: filled(session, **more))
    reply = (await api(ADD + STATE, {"id": key, "code": code})).data["checkoutAddPromoCode"]
    field, name, message = error
    assert reply == {"checkout": None, "errors": [{"field": field, "message": message, "code": name}]}
    assert await stored(database) == [None]


WAIT = "UPDATE account_attempt SET blocked_until = blocked_until - interval '5 minutes' RETURNING 1"
NO_CODE = {"field": "promoCode", "message": "This code is not valid.", "code": "INVALID"}


async def tried(api: Api, key: str, code: str = "NO-SUCH-CODE") -> dict[str, Any]:
    """The only error of trying the code."""
    (error,) = (await api(ADD + STATE, {"id": key, "code": code})).data["checkoutAddPromoCode"]["errors"]
    return dict(error)


async def waited(database: Database) -> None:
    """Everybody has waited long enough."""
    await database.run(lambda session: session.execute(text(WAIT)))


async def test_codes_are_not_found_by_trying(api: Api, database: Database) -> None:
    key, _ = await database.run(filled)
    assert [await tried(api, key) for _ in range(11)] == [NO_CODE] * 11
    delayed = await tried(api, key)
    assert (delayed["field"], delayed["code"]) == ("promoCode", "INVALID")
    assert re.fullmatch(r"Too many attempts. The next one is possible at 20\S+\+00:00\.", delayed["message"])
    # Whoever waits no more is told nothing of a good code either, and nothing is changed.
    assert await tried(api, key, "SAVE") == delayed
    assert await stored(database) == [None]
    # Another cart has not tried anything, and a good code does not wipe out what was tried before.
    other, _ = await database.run(lambda session: filled(session, code="OTHER"))
    assert (await api(ADD + STATE, {"id": other, "code": "OTHER"})).data["checkoutAddPromoCode"]["errors"] == []
    await waited(database)
    assert (await api(ADD + STATE, {"id": key, "code": "SAVE"})).data["checkoutAddPromoCode"]["errors"] == []
    await waited(database)
    assert await tried(api, key) == NO_CODE
    assert (await tried(api, key))["message"].startswith("Too many attempts.")


async def test_a_shopper_who_changes_between_good_codes_never_waits(api: Api, database: Database) -> None:
    key, _ = await database.run(filled)
    for _ in range(15):
        assert (await api(ADD + STATE, {"id": key, "code": "SAVE"})).data["checkoutAddPromoCode"]["errors"] == []
    assert await tried(api, key) == NO_CODE


async def test_new_carts_are_no_way_around(database: Database, settings: Settings) -> None:
    few = settings.model_copy(update={"promo_code_tries_per_address_hourly": 3})
    api = Api(few, database)
    carts = [(await database.run(partial(filled, code=f"S{number}")))[0] for number in range(5)]
    answers = [(await tried(api, key))["message"][:17] for key in carts]
    assert answers == [NO_CODE["message"][:17]] * 4 + ["Too many attempts"]
    await api.close()


async def test_tries_at_once_are_counted_one_by_one(committed: Database, committed_api: Api) -> None:
    # 20 rivals on 20 connections.
    key, _ = await committed.run(filled)
    errors = await asyncio.gather(*(tried(committed_api, key) for _ in range(20)))
    assert sum(error == NO_CODE for error in errors) == 11
    assert sum(error["message"].startswith("Too many attempts.") for error in errors) == 9


async def test_a_refused_code_leaves_the_one_that_was_there(api: Api, database: Database) -> None:
    key, _ = await database.run(filled)
    await api(ADD + STATE, {"id": key, "code": "SAVE"})
    await api(ADD + STATE, {"id": key, "code": "OTHER"})
    assert await stored(database) == ["SAVE"]


async def test_a_voucher_of_another_channel_is_no_voucher_here(api: Api, database: Database) -> None:
    async def work(session: AsyncSession) -> str:
        its = await shop(session)
        await make.voucher(session, await make.channel(session))
        return ids.encode("Checkout", (await make.ready_checkout(session, its.channel, {its.cream: 1}, its.parcel)).id)

    reply = await api(ADD + STATE, {"id": await database.run(work), "code": "SAVE"})
    assert [error["code"] for error in reply.data["checkoutAddPromoCode"]["errors"]] == ["INVALID"]


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ({"code": "OTHER"}, ("promoCode", "NOT_FOUND")),
        ({"voucher": ids.encode("Voucher", 999_999)}, ("promoCodeId", "NOT_FOUND")),
        ({"voucher": "nonsense"}, ("promoCodeId", "GRAPHQL_ERROR")),
        ({"voucher": ids.encode("Product", 1)}, ("promoCodeId", "GRAPHQL_ERROR")),
        ({}, ("promoCode", "GRAPHQL_ERROR")),
        ({"code": "SAVE", "voucher": ids.encode("Voucher", 1)}, ("promoCode", "GRAPHQL_ERROR")),
    ],
)
async def test_what_is_not_there_cannot_be_removed(
    api: Api, database: Database, how: dict[str, str], error: tuple[str, str]
) -> None:
    key, _ = await database.run(filled)
    await api(ADD + STATE, {"id": key, "code": "SAVE"})
    reply = (await api(REMOVE + STATE, {"id": key, **how})).data["checkoutRemovePromoCode"]
    assert [(one["field"], one["code"]) for one in reply["errors"]] == [error]
    assert reply["checkout"] is None
    assert await stored(database) == ["SAVE"]


async def test_only_the_owner_and_who_manages_may(api: Api, database: Database) -> None:
    async def work(session: AsyncSession) -> tuple[str, int]:
        its = await shop(session)
        await make.voucher(session, its.channel)
        owner = await make.user(session)
        made = await make.checkout(session, its.channel, {its.cream: 1}, user=owner)
        return ids.encode("Checkout", made.id), owner.id

    key, owner = await database.run(work)
    callers = {
        None: None,
        "other customer": await api.login("other@example.com"),
        "staff without": await api.login("staff@example.com", "MANAGE_ORDERS"),
    }
    for token in callers.values():
        for query, field in ((ADD, "checkoutAddPromoCode"), (REMOVE, "checkoutRemovePromoCode")):
            reply = (await api(query + STATE, {"id": key, "code": "SAVE"}, token=token)).data[field]
            assert [(one["field"], one["code"]) for one in reply["errors"]] == [("id", "NOT_FOUND")]
            assert await stored(database) == [None]
    for token in (await api.token(owner), await api.login("manager@example.com", "MANAGE_CHECKOUTS")):
        for query, field in ((ADD, "checkoutAddPromoCode"), (REMOVE, "checkoutRemovePromoCode")):
            reply = (await api(query + STATE, {"id": key, "code": "SAVE"}, token=token)).data[field]
            assert reply["errors"] == []


async def test_completing_and_paying_with_a_voucher_that_ended_are_refused(api: Api, database: Database) -> None:
    key, _ = await database.run(filled)
    await api(ADD + STATE, {"id": key, "code": "SAVE"})
    await database.run(lambda session: session.execute(text("UPDATE discount_voucher SET ends_at = now()")))
    read = (await api(READ, {"id": key})).data["checkout"]
    assert (read["voucherCode"], read["discount"]["amount"], read["discountName"]) == ("SAVE", 0.0, None)
    assert read["totalPrice"] == {"gross": {"amount": 55.0}}
    complete = "mutation ($id: ID!) { checkoutComplete(id: $id) { order { id } errors { field code } } }"
    reply = (await api(complete, {"id": key})).data["checkoutComplete"]
    assert reply == {"order": None, "errors": [{"field": "voucherCode", "code": "VOUCHER_NOT_APPLICABLE"}]}


async def test_a_cart_with_a_voucher_costs_one_statement_more(api: Api, database: Database) -> None:
    key, _ = await database.run(filled)
    before = await api(document("CheckoutDetails"), {"id": key})
    await api(ADD + STATE, {"id": key, "code": "SAVE"})
    after = await api(document("CheckoutDetails"), {"id": key})
    assert after.statements == before.statements + 1
    assert after.statements <= 10


async def test_a_free_order_tells_what_was_taken_off(api: Api, database: Database) -> None:
    async def work(session: AsyncSession) -> str:
        its = await shop(session)
        await make.voucher(session, its.channel, value="100", name="On the house")
        kind = await make.product_type(session, is_shipping_required=False)
        visit = await make.product(session, its.channel, type=kind)
        thing = await make.variant(session, its.channel, product=visit, price="5.00", track_inventory=False)
        return ids.encode("Checkout", (await make.ready_checkout(session, its.channel, {thing: 2})).id)

    key = await database.run(work)
    await api(ADD + STATE, {"id": key, "code": "SAVE"})
    complete = """
    mutation ($id: ID!) {
      checkoutComplete(id: $id) {
        order {
          id voucherCode total { gross { amount } } undiscountedTotal { gross { amount } }
          undiscountedShippingPrice { amount }
          discount { amount } discountName translatedDiscountName
          discounts { id type name translatedName valueType value reason amount { amount } total { amount currency } }
          lines {
            unitPrice { gross { amount } } undiscountedUnitPrice { gross { amount } }
            totalPrice { gross { amount } } undiscountedTotalPrice { gross { amount } }
            unitDiscount { amount } unitDiscountValue unitDiscountType unitDiscountReason voucherCode isGift
            discounts { id }
          }
        }
        errors { code }
      }
    }
    """
    order = (await api(complete, {"id": key})).data["checkoutComplete"]["order"]
    (discount,) = order["discounts"]
    assert ids.type_of(discount.pop("id")) == "OrderDiscount"
    assert discount == {
        "type": "VOUCHER",
        "name": "On the house",
        "translatedName": "On the house",
        "valueType": "PERCENTAGE",
        "value": 100.0,
        "reason": "Voucher code: SAVE",
        "amount": {"amount": 10.0},
        "total": {"amount": 10.0, "currency": "USD"},
    }
    assert (order["voucherCode"], order["discount"], order["discountName"]) == (
        "SAVE",
        {"amount": 10.0},
        "On the house",
    )
    assert order["total"]["gross"]["amount"] == 0.0
    assert order["undiscountedTotal"]["gross"]["amount"] == 10.0
    assert order["lines"] == [
        {
            "unitPrice": {"gross": {"amount": 0.0}},
            "undiscountedUnitPrice": {"gross": {"amount": 5.0}},
            "totalPrice": {"gross": {"amount": 0.0}},
            "undiscountedTotalPrice": {"gross": {"amount": 10.0}},
            "unitDiscount": {"amount": 0.0},
            "unitDiscountValue": 0.0,
            "unitDiscountType": None,
            "unitDiscountReason": None,
            "voucherCode": None,
            "isGift": False,
            "discounts": [],
        }
    ]
