"""Gift cards over the API: on carts, on orders, for their owners and for who manages them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop import wiring
from shop.giftcards.actions import Issued, set_active
from shop.giftcards.models import GiftCard, GiftCardEvent
from shop.kit import ids
from shop.kit.db import Database
from shop.kit.errors import NotFound
from tests import factories as make
from tests.api.client import Api, Reply
from tests.api.shopping import Shop, open_shop
from tests.factories.payments import broken_invariants

CREATE = """
mutation ($input: CheckoutCreateInput!) { checkoutCreate(input: $input) { checkout { id } errors { code field } } }
"""
ADD = """
mutation ($id: ID!, $code: String!) {
  checkoutAddPromoCode(id: $id, promoCode: $code) { checkout { id } errors { code field message } }
}
"""
REMOVE = """
mutation ($id: ID!, $code: String, $codeId: ID) {
  checkoutRemovePromoCode(id: $id, promoCode: $code, promoCodeId: $codeId) { checkout { id } errors { code field } }
}
"""
CHECKOUT = """
query ($id: ID!) {
  checkout(id: $id) {
    giftCards { id displayCode last4CodeChars currentBalance { amount currency } }
    totalPrice { gross { amount } net { amount } tax { amount } }
    subtotalPrice { gross { amount } }
    totalBalance { amount } chargeStatus authorizeStatus
  }
}
"""
COMPLETE = """
mutation ($id: ID!) {
  checkoutComplete(id: $id) {
    order { id total { gross { amount } } isPaid chargeStatus giftCards { id currentBalance { amount } } }
    errors { code field }
  }
}
"""
CARD = """
query ($id: ID!) {
  giftCard(id: $id) {
    id code displayCode isActive created expiryDate lastUsedOn tags { name }
    initialBalance { amount currency } currentBalance { amount } assignedTo { email } assignedToEmail
    usedBy { email } usedByEmail
    events { type orderId balance { currentBalance { amount } oldCurrentBalance { amount } initialBalance { amount } } }
  }
}
"""


@pytest.fixture
async def shop(database: Database) -> Shop:
    """Goods, a service and a way of delivery."""
    return await database.run(open_shop)


async def card_of(database: Database, amount: str = "50.00", **columns: Any) -> Issued:
    return await database.run(lambda session: make.gift_card(session, amount, **columns))


async def cart(api: Api, shop: Shop, token: str | None = None) -> str:
    """A checkout of a visit for 200.00, of which 14.81 are tax."""
    given = {
        "channel": "default-channel",
        "lines": [{"variantId": shop.service, "quantity": 1}],
        "billingAddress": {"firstName": "Example", "lastName": "Buyer", "country": "US"},
        "validationRules": {"billingAddress": {"checkRequiredFields": False}},
    }
    if token is None:
        given["email"] = "buyer@example.com"
    reply = await api(CREATE, {"input": given}, token=token)
    assert reply.data["checkoutCreate"]["errors"] == []
    key: str = reply.data["checkoutCreate"]["checkout"]["id"]
    return key


async def add(api: Api, key: str, code: str, token: str | None = None) -> list[tuple[str, str | None]]:
    payload = (await api(ADD, {"id": key, "code": code}, token=token)).data["checkoutAddPromoCode"]
    return [(error["code"], error["field"]) for error in payload["errors"]]


def denied(reply: Reply) -> str:
    assert reply.errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"
    return str(reply.errors[0]["message"])


async def test_a_card_pays_for_a_part_and_then_for_all(api: Api, shop: Shop, database: Database) -> None:
    part, rest = await card_of(database, "50.00"), await card_of(database, "500.00")
    key = await cart(api, shop)
    assert await add(api, key, part.code.lower()) == []
    read = (await api(CHECKOUT, {"id": key})).data["checkout"]
    assert read == {
        "giftCards": [
            {
                "id": ids.encode("GiftCard", part.id),
                "displayCode": part.code[-4:],
                "last4CodeChars": part.code[-4:],
                "currentBalance": {"amount": 50, "currency": "USD"},
            }
        ],
        "totalPrice": {"gross": {"amount": 150}, "net": {"amount": 138.89}, "tax": {"amount": 11.11}},
        "subtotalPrice": {"gross": {"amount": 200}},
        "totalBalance": {"amount": -150},
        "chargeStatus": "NONE",
        "authorizeStatus": "NONE",
    }
    payload = (await api(COMPLETE, {"id": key})).data["checkoutComplete"]
    assert payload == {"order": None, "errors": [{"code": "CHECKOUT_NOT_FULLY_PAID", "field": None}]}
    assert await add(api, key, rest.code) == []
    read = (await api(CHECKOUT, {"id": key})).data["checkout"]
    assert [one["displayCode"] for one in read["giftCards"]] == [part.code[-4:], rest.code[-4:]]
    assert (read["totalPrice"]["gross"]["amount"], read["totalBalance"]["amount"]) == (0, 0)
    payload = (await api(COMPLETE, {"id": key})).data["checkoutComplete"]
    assert payload["errors"] == []
    order = payload["order"]
    assert order["giftCards"] == [
        {"id": ids.encode("GiftCard", part.id), "currentBalance": {"amount": 0}},
        {"id": ids.encode("GiftCard", rest.id), "currentBalance": {"amount": 350}},
    ]
    assert (order["isPaid"], order["chargeStatus"], order["total"]["gross"]["amount"]) == (True, "FULL", 200)

    manager = await api.login("manager@example.com", "MANAGE_GIFT_CARD")
    read = (await api(CARD, {"id": ids.encode("GiftCard", rest.id)}, token=manager)).data["giftCard"]
    assert read["code"] == f"****-****-****-{rest.code[-4:]}"
    assert (read["assignedTo"], read["assignedToEmail"], read["usedByEmail"]) == (None, *["buyer@example.com"] * 2)
    assert read["events"] == [
        {
            "type": "ISSUED",
            "orderId": None,
            "balance": {
                "currentBalance": {"amount": 500},
                "oldCurrentBalance": {"amount": 0},
                "initialBalance": {"amount": 500},
            },
        },
        {
            "type": "USED_IN_ORDER",
            "orderId": order["id"],
            "balance": {
                "currentBalance": {"amount": 350},
                "oldCurrentBalance": {"amount": 500},
                "initialBalance": {"amount": 500},
            },
        },
    ]


async def test_codes_that_do_not_apply(api: Api, shop: Shop, database: Database) -> None:
    key = await cart(api, shop)
    closed = await card_of(database, is_active=False)
    foreign = await card_of(database, email="other@example.com")
    before = (await api(CHECKOUT, {"id": key})).data
    assert await add(api, key, closed.code) == [("GIFT_CARD_NOT_APPLICABLE", "promoCode")]
    # A card of somebody else's is answered as a code that nobody has, whatever else is the matter with it.
    late = await card_of(database, email="other@example.com", expires_on=date(2020, 1, 1))
    answers = [(await api(ADD, {"id": key, "code": code})).data for code in (foreign.code, late.code, "NOBODY-KNOWS")]
    refused = {"code": "INVALID", "field": "promoCode", "message": "This code is not valid."}
    assert answers == [{"checkoutAddPromoCode": {"checkout": None, "errors": [refused]}}] * 3
    assert (await api(CHECKOUT, {"id": key})).data == before


async def test_cards_are_taken_away_by_code_and_by_id(api: Api, shop: Shop, database: Database) -> None:
    key, other = await cart(api, shop), await cart(api, shop)
    one, two = await card_of(database), await card_of(database)
    for card in (one, two):
        await add(api, key, card.code)
    await add(api, other, one.code)

    async def remove(**values: Any) -> list[tuple[str, str | None]]:
        payload = (await api(REMOVE, {"id": key, **values})).data["checkoutRemovePromoCode"]
        return [(error["code"], error["field"]) for error in payload["errors"]]

    assert await remove(code=one.code) == []
    assert await remove(codeId=ids.encode("GiftCard", two.id)) == []
    assert (await api(CHECKOUT, {"id": key})).data["checkout"]["giftCards"] == []
    assert len((await api(CHECKOUT, {"id": other})).data["checkout"]["giftCards"]) == 1
    assert await remove(code=one.code) == [("NOT_FOUND", "promoCode")]
    assert await remove(codeId=ids.encode("GiftCard", one.id)) == [("NOT_FOUND", "promoCodeId")]
    assert await remove(codeId="abc") == [("GRAPHQL_ERROR", "promoCodeId")]


async def test_who_spends_a_card_owns_it(api: Api, shop: Shop, database: Database) -> None:
    card = await card_of(database, "300.00")
    owner, other = await api.login("owner@example.com"), await api.login("other@example.com")
    key = await cart(api, shop, owner)
    await add(api, key, card.code, owner)
    payload = (await api(COMPLETE, {"id": key}, token=owner)).data["checkoutComplete"]
    assert payload["errors"] == []
    mine = "{ me { giftCards(first: 5) { totalCount edges { node { displayCode assignedTo { email } } } } } }"
    assert (await api(mine, token=owner)).data["me"]["giftCards"] == {
        "totalCount": 1,
        "edges": [{"node": {"displayCode": card.code[-4:], "assignedTo": {"email": "owner@example.com"}}}],
    }
    assert (await api(mine, token=other)).data["me"]["giftCards"] == {"totalCount": 0, "edges": []}
    theirs, guests = await cart(api, shop, other), await cart(api, shop)
    assert await add(api, theirs, card.code, other) == [("INVALID", "promoCode")]
    assert await add(api, guests, card.code) == [("INVALID", "promoCode")]
    assert await add(api, await cart(api, shop, owner), card.code, owner) == []
    # Whose the card is, nobody learns who only knows the order.
    order = "query ($id: ID!) { order(id: $id) { giftCards { displayCode assignedToEmail } } }"
    known = {"id": payload["order"]["id"]}
    assert "MANAGE_GIFT_CARD" in denied(await api(order, known))
    assert (await api(order, known, token=owner)).data["order"]["giftCards"] == [
        {"displayCode": card.code[-4:], "assignedToEmail": "owner@example.com"}
    ]


async def test_what_a_card_paid_goes_back_to_the_card(api: Api, shop: Shop, database: Database) -> None:
    ask = """
    mutation ($id: ID!, $amount: PositiveDecimal, $action: TransactionActionEnum!) {
      transactionRequestAction(id: $id, actionType: $action, amount: $amount) {
        transaction { actions chargedAmount { amount } refundedAmount { amount } } errors { code field }
      }
    }
    """
    look = """
    query ($id: ID!) {
      order(id: $id) {
        transactions { id name actions } chargeStatus totalCharged { amount } giftCards { currentBalance { amount } }
      }
    }
    """
    wiring.connect()
    card = await card_of(database, "300.00", expires_on=date(2099, 1, 1))
    key = await cart(api, shop)
    await add(api, key, card.code)
    order = (await api(COMPLETE, {"id": key})).data["checkoutComplete"]["order"]
    staff = await api.login("staff@example.com", "MANAGE_ORDERS", "HANDLE_PAYMENTS")
    (paid,) = (await api(look, {"id": order["id"]}, token=staff)).data["order"]["transactions"]
    assert (paid["name"], paid["actions"]) == (f"Gift card {card.code[-4:]}", ["REFUND"])
    # A card that is past its day is given its money back all the same.
    await database.run(lambda session: session.execute(update(GiftCard).values(expires_on=date(2020, 1, 1))))

    async def refund(amount: float | None, action: str = "REFUND") -> Any:
        reply = await api(ask, {"id": paid["id"], "amount": amount, "action": action}, token=staff)
        return reply.data["transactionRequestAction"]

    for amount in (200.01, 0.001):
        assert [error["field"] for error in (await refund(amount))["errors"]] == ["amount"]
    assert (await refund(None, "CANCEL"))["errors"] != []
    assert (await refund(50))["transaction"] == {
        "actions": ["REFUND"],
        "chargedAmount": {"amount": 150},
        "refundedAmount": {"amount": 50},
    }
    assert (await refund(50))["transaction"]["refundedAmount"] == {"amount": 100}
    assert (await refund(None))["transaction"] == {
        "actions": [],
        "chargedAmount": {"amount": 0},
        "refundedAmount": {"amount": 200},
    }
    assert [error["field"] for error in (await refund(1))["errors"]] == ["amount"]
    read = (await api(look, {"id": order["id"]}, token=staff)).data["order"]
    assert (read["chargeStatus"], read["totalCharged"]) == ("NONE", {"amount": 0})
    assert read["giftCards"] == [{"currentBalance": {"amount": 300}}]
    assert await broken_invariants(database) == []


async def test_cards_are_for_who_manages_them(api: Api, shop: Shop, database: Database) -> None:
    card = await card_of(database)
    key = {"id": ids.encode("GiftCard", card.id)}
    page = "{ giftCards(first: 10) { totalCount edges { node { id } } } }"
    for token in (None, await api.login(), await api.login("staff@example.com", "MANAGE_ORDERS")):
        for reply in (await api(CARD, key, token=token), await api(page, token=token)):
            assert denied(reply).endswith("MANAGE_GIFT_CARD")
    manager = await api.login("manager@example.com", "MANAGE_GIFT_CARD")
    assert (await api(page, token=manager)).data["giftCards"] == {"totalCount": 1, "edges": [{"node": key}]}
    read = (await api(CARD, key, token=manager)).data["giftCard"]
    assert (read["isActive"], read["currentBalance"], read["assignedTo"]) == (True, {"amount": 50}, None)
    unknown = ids.encode("GiftCard", 2_000_000_000)
    assert (await api(CARD, {"id": unknown}, token=manager)).data == {"giftCard": None}


async def test_a_card_is_stopped_and_let_go_again(api: Api, shop: Shop, database: Database) -> None:
    def change(name: str) -> str:
        return f"""
        mutation ($id: ID!) {{
          giftCard{name}(id: $id) {{
            giftCard {{ isActive events {{ type }} }} errors {{ code field }} giftCardErrors {{ code }}
          }}
        }}
        """

    card = await card_of(database, "500.00")
    key = {"id": ids.encode("GiftCard", card.id)}
    cart_key = await cart(api, shop)
    await add(api, cart_key, card.code)
    for name in ("Activate", "Deactivate"):
        for token in (None, await api.login(), await api.login("staff@example.com", "MANAGE_ORDERS")):
            assert denied(await api(change(name), key, token=token)).endswith("MANAGE_GIFT_CARD")
    manager = await api.login("manager@example.com", "MANAGE_GIFT_CARD")
    stopped = (await api(change("Deactivate"), key, token=manager)).data["giftCardDeactivate"]
    assert stopped == {
        "giftCard": {"isActive": False, "events": [{"type": "ISSUED"}, {"type": "DEACTIVATED"}]},
        "errors": [],
        "giftCardErrors": [],
    }
    payload = (await api(COMPLETE, {"id": cart_key})).data["checkoutComplete"]
    assert payload == {"order": None, "errors": [{"code": "GIFT_CARD_NOT_APPLICABLE", "field": None}]}
    again = (await api(change("Activate"), key, token=manager)).data["giftCardActivate"]
    assert again["giftCard"]["isActive"] is True
    assert (await api(COMPLETE, {"id": cart_key})).data["checkoutComplete"]["errors"] == []
    for bad, code in ((ids.encode("GiftCard", 2_000_000_000), "NOT_FOUND"), ("abc", "GRAPHQL_ERROR")):
        for name in ("Activate", "Deactivate"):
            (payload,) = (await api(change(name), {"id": bad}, token=manager)).data.values()
            assert payload["giftCard"] is None
            assert payload["errors"] == [{"code": code, "field": "id"}]
            assert payload["giftCardErrors"] == [{"code": code}]


async def test_a_list_of_cards_costs_the_same_for_one_and_for_twenty(api: Api, database: Database) -> None:
    manager = await api.login("manager@example.com", "MANAGE_GIFT_CARD")
    fields = "displayCode tags { name } assignedTo { email } events { type } currentBalance { amount }"
    page = f"{{ giftCards(first: 50) {{ edges {{ node {{ {fields} }} }} }} }}"
    counts = {}
    for number in (1, 19):

        async def more(session: AsyncSession, number: int = number) -> None:
            for _ in range(number):
                user = await make.user(session)
                await make.gift_card(session, user_id=user.id)

        await database.run(more)
        reply = await api(page, token=manager)
        counts[len(reply.data["giftCards"]["edges"])] = reply.statements
    assert counts.keys() == {1, 20}
    assert counts[1] == counts[20], counts


async def test_who_reads_the_database_learns_no_code(database: Database) -> None:
    card = await card_of(database)

    async def work(session: AsyncSession) -> None:
        rows = await session.execute(text("SELECT row_to_json(c)::text FROM giftcard_card c"))
        assert card.code.replace("-", "") not in rows.scalar_one().replace("-", "").upper()
        with pytest.raises(NotFound):
            await set_active(session, 2_000_000_000, active=False)
        for active in (False, False, True):
            await set_active(session, card.id, active=active)
        kinds = await session.execute(select(GiftCardEvent.type).order_by(GiftCardEvent.id))
        assert list(kinds.scalars()) == ["ISSUED", "DEACTIVATED", "ACTIVATED"]
        assert await session.scalar(select(func.sum(GiftCard.current_amount))) == Decimal(50)

    await database.run(work)
