"""Vouchers as staff write them: made, changed, listed in channels and deleted."""

import asyncio
import uuid
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit import ids
from shop.kit.db import Database
from tests import factories as make
from tests.api.client import Api
from tests.factories.payments import Shop, broken_invariants, shop

VOUCHER = """
fragment Whole on Voucher {
  id name type discountValueType startDate endDate usageLimit used applyOncePerOrder applyOncePerCustomer singleUse
  onlyForStaff minCheckoutItemsQuantity countries { code }
  codes(first: 5) { edges { node { id code isActive } } }
  channelListings { channel { id } discountValue currency minSpent { amount } }
}
"""
ERRORS = "errors { field code channels voucherCodes } discountErrors { code }"
CREATE = f"mutation ($input: VoucherInput!) {{ voucherCreate(input: $input) {{ voucher {{ ...Whole }} {ERRORS} }} }}"
UPDATE = f"""
mutation ($id: ID!, $input: VoucherInput!) {{
  voucherUpdate(id: $id, input: $input) {{ voucher {{ ...Whole }} {ERRORS} }}
}}
"""
LISTINGS = f"""
mutation ($id: ID!, $input: VoucherChannelListingInput!) {{
  voucherChannelListingUpdate(id: $id, input: $input) {{ voucher {{ ...Whole }} {ERRORS} }}
}}
"""
DELETE = f"""
mutation ($id: ID!) {{
  voucherDelete(id: $id) {{ voucher {{ id name codes(first: 5) {{ totalCount }} }} {ERRORS} }}
}}
"""
DELETE_CODES = """
mutation ($ids: [ID!]!) { voucherCodeBulkDelete(ids: $ids) { count errors { path message code voucherCodes } } }
"""
ADD = """
mutation ($id: ID!, $code: String!) {
  checkoutAddPromoCode(id: $id, promoCode: $code) { checkout { discount { amount } } errors { code message } }
}
"""
NOBODYS_CODE = ids.encode("VoucherCode", uuid.UUID(int=7))
ROWS = """
SELECT (SELECT count(*) FROM discount_voucher), (SELECT count(*) FROM discount_voucher_code),
  (SELECT count(*) FROM discount_voucher_listing), (SELECT count(*) FROM discount_target)
"""


class Marketing:
    """Somebody who manages discounts."""

    def __init__(self, api: Api, token: str, of: Shop) -> None:
        self.api, self.token, self.of = api, token, of
        self.channel = ids.encode("Channel", of.channel.id)

    async def __call__(self, document: str, **given: Any) -> Any:
        """The payload of the document's mutation, which had no errors."""
        payload = await self.attempt(document, **given)
        assert payload["errors"] == []
        return payload

    async def attempt(self, document: str, **given: Any) -> Any:
        whole = document + VOUCHER if "...Whole" in document else document
        (payload,) = (await self.api(whole, given, token=self.token)).data.values()
        return payload

    async def refused(self, document: str, **given: Any) -> list[tuple[str | None, str]]:
        """What is wrong, and that nothing was changed by it."""
        before = await self.rows()
        payload = await self.attempt(document, **given)
        assert payload["voucher"] is None
        assert [error["code"] for error in payload["discountErrors"]] == [one["code"] for one in payload["errors"]]
        assert await self.rows() == before
        return [(error["field"], error["code"]) for error in payload["errors"]]

    async def rows(self) -> tuple[int, ...]:
        async def read(session: AsyncSession) -> tuple[int, ...]:
            return tuple((await session.execute(text(ROWS))).one())

        return await self.api.database.run(read)

    async def made(self, **more: Any) -> str:
        """The ID of a voucher of 10 percent that works in the channel by the code TEN, but for what the test says."""
        given = {"addCodes": ["TEN"], "discountValueType": "PERCENTAGE"} | more
        key: str = (await self(CREATE, input=given))["voucher"]["id"]
        worth = [{"channelId": self.channel, "discountValue": 10}]
        await self(LISTINGS, id=key, input={"addChannels": worth})
        return key


@pytest.fixture
async def marketing(api: Api, database: Database) -> Marketing:
    """Somebody who manages discounts, of a shop with a cream for 10.00 and a shampoo for 20.00."""
    of = await database.run(shop)
    return Marketing(api, await api.login("marketing@example.com", "MANAGE_DISCOUNTS"), of)


async def taken_off(marketing: Marketing, code: str) -> tuple[float | None, str | None]:
    """What the code takes off a cart with a cream, a shampoo and a parcel for 5.00; or the refusal."""
    of = marketing.of
    cart = await marketing.api.database.run(
        lambda session: make.ready_checkout(session, of.channel, {of.cream: 1, of.shampoo: 1}, of.parcel)
    )
    payload = await marketing.attempt(ADD, id=ids.encode("Checkout", cart.id), code=code)
    if payload["errors"]:
        return None, payload["errors"][0]["code"]
    return payload["checkout"]["discount"]["amount"], None


async def codes_of(marketing: Marketing) -> list[str]:
    """The IDs of all codes."""
    query = "{ vouchers(first: 10) { edges { node { codes(first: 10) { edges { node { id } } } } } } }"
    page = (await marketing.api(query, token=marketing.token)).data["vouchers"]
    return [code["node"]["id"] for edge in page["edges"] for code in edge["node"]["codes"]["edges"]]


async def test_a_voucher_from_its_making_to_its_end(marketing: Marketing, database: Database) -> None:
    made = (await marketing(CREATE, input={"name": "Spring", "addCodes": ["SPRING", "LENZ"], "usageLimit": 5}))[
        "voucher"
    ]
    codes = {edge["node"]["code"]: edge["node"]["id"] for edge in made["codes"]["edges"]}
    assert set(codes) == {"SPRING", "LENZ"}
    assert {name: made[name] for name in made if name not in {"id", "codes", "startDate"}} == {
        "name": "Spring",
        "type": "ENTIRE_ORDER",
        "discountValueType": "FIXED",
        "endDate": None,
        "usageLimit": 5,
        "used": 0,
        "applyOncePerOrder": False,
        "applyOncePerCustomer": False,
        "singleUse": False,
        "onlyForStaff": False,
        "minCheckoutItemsQuantity": None,
        "countries": [],
        "channelListings": [],
    }
    # It is worth nothing anywhere yet.
    assert await taken_off(marketing, "spring") == (None, "INVALID")
    worth = {"channelId": marketing.channel, "discountValue": 4.5, "minAmountSpent": 20}
    listed = (await marketing(LISTINGS, id=made["id"], input={"addChannels": [worth]}))["voucher"]
    assert listed["channelListings"] == [
        {"channel": {"id": marketing.channel}, "discountValue": 4.5, "currency": "USD", "minSpent": {"amount": 20.0}}
    ]
    assert await taken_off(marketing, "spring") == (4.5, None)

    changed = (
        await marketing(
            UPDATE,
            id=made["id"],
            input={
                "name": None,
                "usageLimit": None,
                "addCodes": ["VORJAHR"],
                "countries": ["us", "DE"],
                "singleUse": True,
            },
        )
    )["voucher"]
    assert (changed["name"], changed["usageLimit"], changed["singleUse"]) == (None, None, True)
    assert [country["code"] for country in changed["countries"]] == ["DE", "US"]
    assert [edge["node"]["code"] for edge in changed["codes"]["edges"]] == ["VORJAHR", "LENZ", "SPRING"]
    # What is left out stays.
    assert (changed["startDate"], changed["channelListings"]) == (made["startDate"], listed["channelListings"])

    gone = await marketing.attempt(DELETE_CODES, ids=[codes["LENZ"], codes["LENZ"]])
    assert gone == {"count": 1, "errors": []}
    assert await taken_off(marketing, "lenz") == (None, "INVALID")
    assert await taken_off(marketing, "vorjahr") == (4.5, None)

    before = (await marketing(DELETE, id=made["id"]))["voucher"]
    assert before == {"id": made["id"], "name": None, "codes": {"totalCount": 0}}
    assert await marketing.rows() == (0, 0, 0, 0)
    assert await marketing.refused(DELETE, id=made["id"]) == [("id", "NOT_FOUND")]
    assert await broken_invariants(database) == []


async def test_a_voucher_without_a_code_gets_one_that_nobody_guesses(marketing: Marketing) -> None:
    first, second = [(await marketing(CREATE, input={}))["voucher"]["codes"]["edges"] for _ in range(2)]
    assert (len(first), len(second)) == (1, 1)
    assert len(first[0]["node"]["code"]) == 19
    assert first[0]["node"]["code"] != second[0]["node"]["code"]
    old = (await marketing(CREATE, input={"code": "old", "addCodes": ["OLD", "new"]}))["voucher"]
    assert [edge["node"]["code"] for edge in old["codes"]["edges"]] == ["new", "OLD"]


async def test_a_voucher_for_single_goods(marketing: Marketing) -> None:
    key = await marketing.made(type="SPECIFIC_PRODUCT")
    # Until it knows which it takes nothing off.
    assert await taken_off(marketing, "ten") == (None, "VOUCHER_NOT_APPLICABLE")
    cream, shampoo = (ids.encode("ProductVariant", one.id) for one in (marketing.of.cream, marketing.of.shampoo))
    await marketing(UPDATE, id=key, input={"variants": [cream]})
    assert await taken_off(marketing, "ten") == (1.0, None)
    await marketing(UPDATE, id=key, input={"products": [ids.encode("Product", marketing.of.shampoo.product_id)]})
    assert await taken_off(marketing, "ten") == (3.0, None)
    # Others of a kind take the place of those before; other kinds stay.
    await marketing(UPDATE, id=key, input={"variants": [shampoo, shampoo]})
    assert await taken_off(marketing, "ten") == (2.0, None)
    nobodys = ids.encode("Collection", 2_000_000_000)
    assert await marketing.refused(UPDATE, id=key, input={"collections": [nobodys]}) == [("collections", "NOT_FOUND")]
    assert await taken_off(marketing, "ten") == (2.0, None)
    # For the whole order it is about no goods any more.
    await marketing(UPDATE, id=key, input={"type": "ENTIRE_ORDER"})
    assert await taken_off(marketing, "ten") == (3.0, None)
    assert (await marketing.rows())[3] == 0
    assert await marketing.refused(UPDATE, id=key, input={"variants": [cream]}) == [("type", "INVALID")]


NOON = "2026-01-01T12:00:00+00:00"


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"addCodes": ["TAKEN"]}, "addCodes", "UNIQUE"),
        ({"addCodes": ["a", " A"]}, "addCodes", "DUPLICATED_INPUT_ITEM"),
        ({"addCodes": [" "]}, "addCodes", "REQUIRED"),
        ({"addCodes": ["x" * 256]}, "addCodes", "INVALID"),
        ({"startDate": NOON, "endDate": NOON}, "endDate", "INVALID"),
        ({"usageLimit": 0}, "usageLimit", "INVALID"),
        ({"minCheckoutItemsQuantity": 0}, "minCheckoutItemsQuantity", "INVALID"),
        ({"countries": ["XX"]}, "countries", "INVALID"),
        ({"products": ["x"]}, "products", "GRAPHQL_ERROR"),
        ({"categories": [ids.encode("Product", 1)]}, "categories", "GRAPHQL_ERROR"),
        (
            {"categories": [ids.encode("Category", 2_000_000_000)], "type": "SPECIFIC_PRODUCT"},
            "categories",
            "NOT_FOUND",
        ),
        ({"products": [ids.encode("Product", 1)], "type": "SHIPPING"}, "type", "INVALID"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    marketing: Marketing, given: dict[str, Any], field: str, code: str
) -> None:
    key = await marketing.made(addCodes=["taken"])
    assert await marketing.refused(CREATE, input=given) == [(field, code)]
    assert await marketing.refused(UPDATE, id=key, input=given) == [(field, code)]


async def test_errors_name_the_codes_that_they_are_about(marketing: Marketing) -> None:
    await marketing.made(addCodes=["One", "Two"])
    for codes, about in ((["two", "ONE", "three"], ["One", "Two"]), (["a", "b", "A "], ["A", "a"])):
        (error,) = (await marketing.attempt(CREATE, input={"addCodes": codes}))["errors"]
        assert error["voucherCodes"] == about


async def test_a_voucher_that_was_used_keeps_what_its_uses_stand_on(marketing: Marketing, database: Database) -> None:
    key = await marketing.made(usageLimit=3)

    async def used(session: AsyncSession) -> None:
        await session.execute(
            text(
                "INSERT INTO discount_redemption (voucher_id, code_id, purchase_key, email_digest, once_per_customer)"
                " SELECT voucher_id, id, gen_random_uuid(), 'x' || g, false"
                " FROM discount_voucher_code, generate_series(1, 2) g"
            )
        )
        await session.execute(text("UPDATE discount_voucher SET used = 2"))
        await session.execute(text("UPDATE discount_voucher_code SET used = 2"))

    await database.run(used)
    assert await marketing.refused(UPDATE, id=key, input={"usageLimit": 1}) == [("usageLimit", "VOUCHER_ALREADY_USED")]
    assert await marketing.refused(UPDATE, id=key, input={"singleUse": True}) == [("singleUse", "VOUCHER_ALREADY_USED")]
    changed = (await marketing(UPDATE, id=key, input={"usageLimit": 2, "singleUse": False}))["voucher"]
    assert (changed["usageLimit"], changed["used"]) == (2, 2)
    # Its codes may go: what was used stays counted.
    (code,) = (edge["node"]["id"] for edge in changed["codes"]["edges"])
    assert (await marketing.attempt(DELETE_CODES, ids=[code]))["count"] == 1
    assert (await marketing(UPDATE, id=key, input={}))["voucher"]["used"] == 2


async def test_a_voucher_in_many_channels(marketing: Marketing, database: Database) -> None:
    euros = await database.run(lambda session: make.channel(session, slug="euros", currency="EUR", country="DE"))
    there, nowhere = ids.encode("Channel", euros.id), ids.encode("Channel", 2_000_000_000)
    key = await marketing.made()

    async def refused(**given: Any) -> list[tuple[str | None, str, list[str] | None]]:
        before = await marketing.rows()
        payload = await marketing.attempt(LISTINGS, id=key, input=given)
        assert (payload["voucher"], await marketing.rows()) == (None, before)
        return [(error["field"], error["code"], error["channels"]) for error in payload["errors"]]

    new = {"channelId": there, "discountValue": 5}
    assert await refused(addChannels=[{"channelId": there}]) == [("discountValue", "REQUIRED", [there])]
    assert await refused(addChannels=[new, new]) == [("addChannels", "DUPLICATED_INPUT_ITEM", [there])]
    assert await refused(addChannels=[new], removeChannels=[there]) == [
        ("addChannels", "DUPLICATED_INPUT_ITEM", [there])
    ]
    assert await refused(addChannels=[new | {"channelId": nowhere}]) == [("addChannels", "NOT_FOUND", [nowhere])]
    assert await refused(removeChannels=[nowhere]) == [("removeChannels", "NOT_FOUND", [nowhere])]
    assert await refused(addChannels=[new | {"discountValue": 100.5}]) == [("discountValue", "INVALID", None)]
    assert await refused(addChannels=[new | {"minAmountSpent": 1.005}]) == [("minAmountSpent", "INVALID", None)]
    assert await refused(removeChannels=["x"]) == [("removeChannels", "GRAPHQL_ERROR", None)]

    minimum = [new | {"minAmountSpent": 30}]
    assert len((await marketing(LISTINGS, id=key, input={"addChannels": minimum}))["voucher"]["channelListings"]) == 2
    # A value alone leaves the minimum, and a minimum alone the value.
    again = {"addChannels": [{"channelId": there, "discountValue": 7}], "removeChannels": [marketing.channel]}
    listed = (await marketing(LISTINGS, id=key, input=again))["voucher"]["channelListings"]
    assert listed == [{"channel": {"id": there}, "discountValue": 7.0, "currency": "EUR", "minSpent": {"amount": 30.0}}]
    free = {"addChannels": [{"channelId": there, "minAmountSpent": None}]}
    listed = (await marketing(LISTINGS, id=key, input=free))["voucher"]["channelListings"]
    assert (listed[0]["discountValue"], listed[0]["minSpent"]) == (7.0, None)
    # A share of 200 percent is no share, so that the kind of worth cannot change under it.
    fixed = {"addChannels": [{"channelId": there, "discountValue": 200}]}
    await marketing(UPDATE, id=key, input={"discountValueType": "FIXED"})
    await marketing(LISTINGS, id=key, input=fixed)
    assert await marketing.refused(UPDATE, id=key, input={"discountValueType": "PERCENTAGE"}) == [
        ("discountValue", "INVALID")
    ]


async def test_codes_go_together_or_not_at_all(marketing: Marketing) -> None:
    await marketing.made()
    (code,) = await codes_of(marketing)
    for wrong, kind in (
        (NOBODYS_CODE, "NOT_FOUND"),
        ("x", "GRAPHQL_ERROR"),
        (ids.encode("Voucher", 1), "GRAPHQL_ERROR"),
    ):
        payload = await marketing.attempt(DELETE_CODES, ids=[code, wrong])
        assert payload["count"] == 0
        (error,) = payload["errors"]
        assert (error["path"], error["code"], error["voucherCodes"]) == ("ids", kind, [wrong])
        assert error["message"]
        assert await codes_of(marketing) == [code]
    assert await marketing.attempt(DELETE_CODES, ids=[]) == {"count": 0, "errors": []}


@pytest.mark.parametrize("caller", ["guest", "customer", "staff"])
async def test_vouchers_are_written_by_who_may(marketing: Marketing, api: Api, caller: str) -> None:
    key = await marketing.made()
    (code,) = await codes_of(marketing)
    before = await marketing.rows()
    token = {
        "guest": None,
        "customer": await api.login("customer@example.com"),
        "staff": await api.login("staff@example.com", "MANAGE_ORDERS"),
    }[caller]
    for document, given in (
        (CREATE, {"input": {}}),
        (UPDATE, {"id": key, "input": {"name": "Mine"}}),
        (LISTINGS, {"id": key, "input": {"removeChannels": [marketing.channel]}}),
        (DELETE, {"id": key}),
        (DELETE_CODES, {"ids": [code]}),
    ):
        reply = await api(document + VOUCHER if "...Whole" in document else document, given, token=token)
        assert [error["extensions"]["exception"]["code"] for error in reply.errors] == ["PermissionDenied"]
    assert await marketing.rows() == before


async def test_a_code_is_given_once_by_many_at_once(committed: Database, committed_api: Api) -> None:
    # 5 rivals on 20 connections.
    token = await committed_api.login("marketing@example.com", "MANAGE_DISCOUNTS")
    given = {"input": {"addCodes": ["SAME"]}}
    replies = await asyncio.gather(*(committed_api(CREATE + VOUCHER, given, token=token) for _ in range(5)))
    codes = [error["code"] for reply in replies for error in reply.data["voucherCreate"]["errors"]]
    assert codes == ["UNIQUE"] * 4
    rows = "SELECT (SELECT count(*) FROM discount_voucher), (SELECT count(*) FROM discount_voucher_code)"
    assert (await committed.run(lambda session: session.execute(text(rows)))).one() == (1, 1)


CATALOGUES = """
mutation ($id: ID!, $input: CatalogueInput!) {{
  voucherCatalogues{}(id: $id, input: $input) {{ voucher {{ id }} {} }}
}}
"""


async def test_a_voucher_is_about_more_goods_and_fewer(marketing: Marketing) -> None:
    add, remove = (CATALOGUES.format(name, ERRORS) for name in ("Add", "Remove"))
    of = marketing.of
    cream, shampoo = ids.encode("ProductVariant", of.cream.id), ids.encode("Product", of.shampoo.product_id)
    key = await marketing.made(type="SPECIFIC_PRODUCT", variants=[cream])
    assert await taken_off(marketing, "TEN") == (1.0, None)
    for _ in range(2):
        payload = await marketing(add, id=key, input={"products": [shampoo], "variants": [cream]})
        assert payload["voucher"] == {"id": key}
        assert (await marketing.rows())[3] == 2
    assert await taken_off(marketing, "TEN") == (3.0, None)
    unknown = ids.encode("Product", 2_000_000_000)
    whole = await marketing.made(addCodes=["ALL"])
    for document in (add, remove):
        assert await marketing.refused(document, id=key, input={"variants": [cream], "products": [unknown]}) == [
            ("products", "NOT_FOUND")
        ]
        assert await marketing.refused(document, id=whole, input={"variants": [cream]}) == [("id", "INVALID")]
    for _ in range(2):
        await marketing(remove, id=key, input={"variants": [cream]})
        assert (await marketing.rows())[3] == 1
    assert await taken_off(marketing, "TEN") == (2.0, None)
