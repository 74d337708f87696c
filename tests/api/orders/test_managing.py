"""Orders are ended, confirmed, called paid, corrected and annotated by staff."""

import uuid
from typing import Any

import pytest

from shop.kit import ids
from tests import factories as make
from tests.api.client import Api
from tests.factories.orders import Placed, unpaid_order
from tests.factories.payments import Desk

ORDER = "order { id status isPaid chargeStatus paymentStatus actions totalCharged { amount } totalBalance { amount } }"
CANCEL = f"mutation ($id: ID!) {{ orderCancel(id: $id) {{ errors {{ field code message }} {ORDER} }} }}"
CONFIRM = f"mutation ($id: ID!) {{ orderConfirm(id: $id) {{ errors {{ field code message }} {ORDER} }} }}"
MARK = f"""
mutation ($id: ID!, $reference: String) {{
  orderMarkAsPaid(id: $id, transactionReference: $reference) {{ errors {{ field code message }} {ORDER} }}
}}
"""
NOTE = """
mutation ($order: ID!, $message: String!) {
  orderNoteAdd(order: $order, input: {message: $message}) {
    errors { field code } event { type message user { email } } order { id }
  }
}
"""
UPDATE = """
mutation ($id: ID, $reference: String, $input: OrderUpdateInput!) {
  orderUpdate(id: $id, externalReference: $reference, input: $input) {
    errors { field code addressType }
    order {
      id userEmail languageCodeEnum externalReference metadata { key value } privateMetadata { key value }
      billingAddress { city } shippingAddress { city streetAddress1 }
    }
  }
}
"""
EVENTS = "query ($id: ID!) { order(id: $id) { events { type message emailType user { email } } } }"
TRANSACTIONS = """
query ($id: ID!) {
  order(id: $id) {
    transactions { name pspReference actions chargedAmount { amount } events { type amount { amount } } }
  }
}
"""
NOBODY = ids.encode("Order", uuid.UUID(int=7))


@pytest.fixture
async def clerk(api: Api) -> str:
    """Somebody who manages orders."""
    return await api.login("clerk@example.com", "MANAGE_ORDERS")


async def kinds(api: Api, clerk: str, placed: Placed) -> list[str]:
    """What happened to the order, oldest first."""
    events = (await api(EVENTS, {"id": placed.id}, token=clerk)).data["order"]["events"]
    return [event["type"] for event in events]


async def test_a_cancelled_order_frees_its_goods_and_keeps_its_money(api: Api, desk: Desk, clerk: str) -> None:
    placed = await desk.database.run(unpaid_order)
    await api(MARK, {"id": placed.id}, token=clerk)
    done = (await api(CANCEL, {"id": placed.id}, token=clerk)).data["orderCancel"]
    assert done["errors"] == []
    assert done["order"]["status"] == "CANCELED"
    assert done["order"]["totalCharged"] == {"amount": 25.0}
    assert await desk.scalar("SELECT count(*) FROM stock_allocation") == 0
    assert await desk.rows("SELECT DISTINCT quantity, quantity_allocated FROM stock_stock") == [(10, 0)]
    assert await kinds(api, clerk, placed) == [
        "PLACED",
        "EMAIL_SENT",
        "ORDER_MARKED_AS_PAID",
        "PAYMENT_CAPTURED",
        "ORDER_FULLY_PAID",
        "CANCELED",
        "EMAIL_SENT",
    ]
    assert "was cancelled" in await desk.scalar("SELECT subject FROM mail_message WHERE dedupe_key LIKE 'order-canc%'")
    assert await desk.broken_invariants() == []
    (error,) = (await api(CANCEL, {"id": placed.id}, token=clerk)).data["orderCancel"]["errors"]
    assert (error["field"], error["code"]) == ("order", "CANNOT_CANCEL_ORDER")


async def test_an_order_with_a_parcel_on_its_way_cannot_be_cancelled(api: Api, desk: Desk, clerk: str) -> None:
    placed = await desk.database.run(unpaid_order)
    await desk.rows("INSERT INTO order_fulfillment (order_id, number) VALUES (:id, 1) RETURNING 1", id=placed.key)
    (error,) = (await api(CANCEL, {"id": placed.id}, token=clerk)).data["orderCancel"]["errors"]
    assert error["code"] == "CANNOT_CANCEL_ORDER"
    assert await desk.scalar("SELECT status FROM order_order") == "UNFULFILLED"
    await desk.rows("UPDATE order_fulfillment SET status = 'CANCELED' RETURNING 1")
    assert (await api(CANCEL, {"id": placed.id}, token=clerk)).data["orderCancel"]["errors"] == []


async def test_an_order_that_was_held_goes_on(api: Api, desk: Desk, clerk: str) -> None:
    placed = await desk.database.run(lambda session: unpaid_order(session, confirmed=False))
    assert await desk.scalar("SELECT status FROM order_order") == "UNCONFIRMED"
    done = (await api(CONFIRM, {"id": placed.id}, token=clerk)).data["orderConfirm"]
    assert (done["errors"], done["order"]["status"]) == ([], "UNFULFILLED")
    assert await kinds(api, clerk, placed) == ["PLACED", "EMAIL_SENT", "CONFIRMED", "EMAIL_SENT"]
    assert await desk.scalar("SELECT count(*) FROM mail_message WHERE dedupe_key LIKE 'order-confirmed:%'") == 1
    (error,) = (await api(CONFIRM, {"id": placed.id}, token=clerk)).data["orderConfirm"]["errors"]
    assert (error["field"], error["code"]) == ("id", "INVALID")


async def test_an_order_is_called_paid(api: Api, desk: Desk, clerk: str) -> None:
    placed = await desk.database.run(unpaid_order)
    before = (await api(f"query ($id: ID!) {{ {ORDER.replace('order', 'order(id: $id)')} }}", {"id": placed.id})).data
    assert before["order"]["actions"] == ["MARK_AS_PAID"]
    assert before["order"]["totalBalance"] == {"amount": -25.0}
    done = (await api(MARK, {"id": placed.id, "reference": " BANK-1 "}, token=clerk)).data["orderMarkAsPaid"]
    assert done["errors"] == []
    assert done["order"] == {
        "id": placed.id,
        "status": "UNFULFILLED",
        "isPaid": True,
        "chargeStatus": "FULL",
        "paymentStatus": "FULLY_CHARGED",
        "actions": [],
        "totalCharged": {"amount": 25.0},
        "totalBalance": {"amount": 0.0},
    }
    seen = (await api(TRANSACTIONS, {"id": placed.id}, token=clerk)).data["order"]["transactions"]
    assert seen == [
        {
            "name": "Manual payment",
            "pspReference": "BANK-1",
            "actions": [],
            "chargedAmount": {"amount": 25.0},
            "events": [{"type": "CHARGE_SUCCESS", "amount": {"amount": 25.0}}],
        }
    ]
    (again,) = (await api(MARK, {"id": placed.id}, token=clerk)).data["orderMarkAsPaid"]["errors"]
    assert (again["field"], again["code"]) == ("id", "TRANSACTION_ERROR")
    other = await desk.database.run(lambda session: unpaid_order(session, of=placed.shop))
    (taken,) = (await api(MARK, {"id": other.id, "reference": "BANK-1"}, token=clerk)).data["orderMarkAsPaid"]["errors"]
    assert (taken["field"], taken["code"]) == ("transactionReference", "TRANSACTION_ERROR")
    await api(CANCEL, {"id": other.id}, token=clerk)
    (over,) = (await api(MARK, {"id": other.id}, token=clerk)).data["orderMarkAsPaid"]["errors"]
    assert (over["field"], over["code"]) == ("id", "INVALID")
    long = {"id": other.id, "reference": "x" * 513}
    (refused,) = (await api(MARK, long, token=clerk)).data["orderMarkAsPaid"]["errors"]
    assert (refused["field"], refused["code"]) == ("transactionReference", "INVALID")
    assert await desk.scalar("SELECT count(*) FROM payment_transaction") == 1
    assert await desk.broken_invariants() == []


async def test_what_a_placed_order_never_has(api: Api, desk: Desk) -> None:
    placed = await desk.database.run(unpaid_order)
    document = """
    query ($id: ID!) {
      order(id: $id) {
        collectionPointName original taxExemption errors { code } canFinalize trackingClientId
        lines { isPriceOverridden priceOverrideReason }
      }
    }
    """
    assert (await api(document, {"id": placed.id})).data["order"] == {
        "collectionPointName": None,
        "original": None,
        "taxExemption": False,
        "errors": [],
        "canFinalize": True,
        "trackingClientId": "",
        "lines": [{"isPriceOverridden": False, "priceOverrideReason": None}],
    }


async def test_a_note_stands_in_the_history(api: Api, desk: Desk, clerk: str) -> None:
    placed = await desk.database.run(unpaid_order)
    given = {"order": placed.id, "message": " The buyer rings the second bell. "}
    done = (await api(NOTE, given, token=clerk)).data["orderNoteAdd"]
    assert done == {
        "errors": [],
        "event": {
            "type": "NOTE_ADDED",
            "message": "The buyer rings the second bell.",
            "user": {"email": "clerk@example.com"},
        },
        "order": {"id": placed.id},
    }
    for message, code in ((" ", "REQUIRED"), ("x" * 10_001, "GRAPHQL_ERROR")):
        refused = (await api(NOTE, given | {"message": message}, token=clerk)).data["orderNoteAdd"]
        assert refused["errors"] == [{"field": "message", "code": code}]
    assert await kinds(api, clerk, placed) == ["PLACED", "EMAIL_SENT", "NOTE_ADDED"]


async def test_an_order_is_corrected(api: Api, desk: Desk, clerk: str) -> None:
    placed = await desk.database.run(unpaid_order)
    address = {
        "firstName": "Example",
        "lastName": "Customer",
        "streetAddress1": "2 Other Street",
        "city": "Elsewhere",
        "postalCode": "10002",
        "countryArea": "NY",
        "country": "US",
    }
    given = {
        "userEmail": "other@example.com",
        "languageCode": "DE",
        "externalReference": "A-1",
        "shippingAddress": address,
        "metadata": [{"key": "a", "value": "1"}],
        "privateMetadata": [{"key": "b", "value": "2"}],
    }
    done = (await api(UPDATE, {"id": placed.id, "input": given}, token=clerk)).data["orderUpdate"]
    assert done["errors"] == []
    assert done["order"] == {
        "id": placed.id,
        "userEmail": "other@example.com",
        "languageCodeEnum": "DE",
        "externalReference": "A-1",
        "metadata": [{"key": "a", "value": "1"}],
        "privateMetadata": [{"key": "b", "value": "2"}],
        "billingAddress": {"city": "Example City"},
        "shippingAddress": {"city": "ELSEWHERE", "streetAddress1": "2 Other Street"},
    }
    assert await kinds(api, clerk, placed) == ["PLACED", "EMAIL_SENT", "UPDATED_ADDRESS"]
    more = {"reference": "A-1", "input": {"metadata": [{"key": "c", "value": "3"}]}}
    named = (await api(UPDATE, more, token=clerk)).data["orderUpdate"]["order"]
    assert [item["key"] for item in named["metadata"]] == ["a", "c"]


@pytest.mark.parametrize(
    ("who", "given", "field", "code"),
    [
        ({}, {"userEmail": "nobody"}, "userEmail", "INVALID"),
        ({}, {"externalReference": "TAKEN"}, "externalReference", "UNIQUE"),
        ({}, {"billingAddress": {"country": "US"}}, "countryArea", "REQUIRED"),
        ({}, {"metadata": [{"key": " ", "value": ""}]}, "metadata", "REQUIRED"),
        ({}, {"privateMetadata": [{"key": "x" * 300, "value": ""}]}, "privateMetadata", "INVALID"),
        ({"reference": "A"}, {}, "id", "GRAPHQL_ERROR"),
        ({"id": None}, {}, "id", "GRAPHQL_ERROR"),
        ({"id": None, "reference": "NONE"}, {}, "externalReference", "NOT_FOUND"),
        ({"id": NOBODY}, {}, "id", "NOT_FOUND"),
    ],
)
async def test_corrections_that_are_refused(
    api: Api, desk: Desk, clerk: str, who: dict[str, Any], given: dict[str, Any], field: str, code: str
) -> None:
    placed = await desk.database.run(unpaid_order)
    other = await desk.database.run(lambda session: unpaid_order(session, of=placed.shop))
    await desk.rows("UPDATE order_order SET external_reference = 'TAKEN' WHERE id = :id RETURNING 1", id=other.key)
    before = await desk.rows(
        "SELECT id, email, external_reference, billing_address_id FROM order_order ORDER BY number"
    )
    reply = await api(UPDATE, {"id": placed.id} | who | {"input": given}, token=clerk)
    errors = reply.data["orderUpdate"]["errors"]
    assert (errors[0]["field"], errors[0]["code"]) == (field, code)
    after = await desk.rows("SELECT id, email, external_reference, billing_address_id FROM order_order ORDER BY number")
    assert after == before


async def test_an_order_that_is_over_is_not_corrected(api: Api, desk: Desk, clerk: str) -> None:
    placed = await desk.database.run(unpaid_order)
    await api(CANCEL, {"id": placed.id}, token=clerk)
    given = {"id": placed.id, "input": {"userEmail": "other@example.com"}}
    assert (await api(UPDATE, given, token=clerk)).data["orderUpdate"]["errors"] == [
        {"field": "id", "code": "NOT_EDITABLE", "addressType": None}
    ]
    assert await desk.scalar("SELECT email FROM order_order") == "buyer@example.com"


async def test_ids_that_name_no_order(api: Api, clerk: str) -> None:
    for document in (CANCEL, CONFIRM, MARK):
        for id, code in ((NOBODY, "NOT_FOUND"), ("abc", "GRAPHQL_ERROR"), (ids.encode("Product", 1), "GRAPHQL_ERROR")):
            (payload,) = (await api(document, {"id": id}, token=clerk)).data.values()
            assert [(error["field"], error["code"]) for error in payload["errors"]] == [("id", code)]
    (payload,) = (await api(NOTE, {"order": NOBODY, "message": "x"}, token=clerk)).data.values()
    assert payload["errors"] == [{"field": "order", "code": "GRAPHQL_ERROR"}]


@pytest.mark.parametrize("caller", ["anonymous", "owner", "stranger", "staff", "payments"])
async def test_orders_are_managed_by_who_may(api: Api, desk: Desk, caller: str) -> None:
    async def fill(session: Any) -> Placed:
        return await unpaid_order(session, user=await make.user(session, email="owner@example.com"))

    placed = await desk.database.run(fill)
    token = None
    if caller == "payments":
        token = await api.login("payments@example.com", "HANDLE_PAYMENTS")
    elif caller != "anonymous":
        token = await api.login(f"{caller}@example.com", is_staff=caller == "staff")
    events = await desk.scalar("SELECT count(*) FROM order_event")
    for document, given in (
        (CANCEL, {"id": placed.id}),
        (CONFIRM, {"id": placed.id}),
        (MARK, {"id": placed.id}),
        (NOTE, {"order": placed.id, "message": "x"}),
        (UPDATE, {"id": placed.id, "input": {"userEmail": "other@example.com"}}),
    ):
        (error,) = (await api(document, given, token=token)).errors
        assert error["extensions"]["exception"]["code"] == "PermissionDenied"
        assert "MANAGE_ORDERS" in error["message"]
    assert await desk.rows("SELECT status, email FROM order_order") == [("UNFULFILLED", "owner@example.com")]
    assert await desk.scalar("SELECT count(*) FROM order_event") == events
    assert await desk.scalar("SELECT count(*) FROM payment_transaction") == 0
