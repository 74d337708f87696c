"""`transactionRequestAction`: staff charge, give back and release, whole and in part; and who may ask."""

import uuid
from typing import Any

import pytest

from shop.kit import ids
from tests import factories as make
from tests.api.client import Api
from tests.factories import payments
from tests.factories.orders import unpaid_order
from tests.factories.payments import FORM, Desk

ACT = """
mutation ($id: ID, $token: UUID, $action: TransactionActionEnum!, $amount: PositiveDecimal, $reason: String) {
  transactionRequestAction(id: $id, token: $token, actionType: $action, amount: $amount, refundReason: $reason) {
    errors { field code message }
    transaction {
      id actions externalUrl
      authorizedAmount { amount } chargedAmount { amount } refundedAmount { amount } canceledAmount { amount }
      refundPendingAmount { amount } chargePendingAmount { amount }
      events { type message amount { amount } }
      order { id chargeStatus authorizeStatus paymentStatus }
    }
  }
}
"""
HISTORY = (
    "query ($id: ID!) { order(id: $id) { totalRefunded { amount } events { type amount message user { email } } } }"
)


async def paid_order(desk: Desk, *, flow: str = "CHARGE", owner: str | None = None) -> tuple[str, str]:
    """An order of 25.00 that its buyer has paid with a form, and its payment; their global IDs."""

    async def fill(session: Any) -> uuid.UUID:
        shop = await payments.shop(session, flow=flow)
        if owner is None:
            return await payments.cart(session, shop)
        somewhere = make.postal_address()
        cart = await make.checkout(
            session,
            shop.channel,
            {shop.shampoo: 1},
            user=await make.user(session, email=owner),
            email=owner,
            shipping_address=somewhere,
            billing_address=somewhere,
            delivery=shop.parcel,
        )
        return cart.id

    key = await desk.database.run(fill)
    started = await desk.pay(key, FORM)
    await desk.shopper_confirms(started)
    order = await desk.complete(key)
    return ids.encode("Order", order), ids.encode("TransactionItem", started.transaction_id)


@pytest.fixture
async def cashier(api: Api) -> str:
    """Somebody who handles payments and sees orders."""
    return await api.login("cashier@example.com", "HANDLE_PAYMENTS", "MANAGE_ORDERS")


def amounts(item: dict[str, Any]) -> tuple[float, float, float, float]:
    """Held, charged, given back, released."""
    names = ("authorizedAmount", "chargedAmount", "refundedAmount", "canceledAmount")
    held, charged, refunded, released = (item[name]["amount"] for name in names)
    return held, charged, refunded, released


async def test_money_goes_back_in_parts_and_whole(api: Api, desk: Desk, cashier: str) -> None:
    order, payment = await paid_order(desk)
    given = {"id": payment, "action": "REFUND", "amount": 10, "reason": "One bottle was broken."}
    part = (await api(ACT, given, token=cashier)).data["transactionRequestAction"]
    assert part["errors"] == []
    assert part["transaction"]["externalUrl"].startswith("https://dashboard.stripe.com/")
    assert amounts(part["transaction"]) == (0.0, 15.0, 10.0, 0.0)
    assert part["transaction"]["order"]["chargeStatus"] == "PARTIAL"
    assert part["transaction"]["order"]["paymentStatus"] == "PARTIALLY_REFUNDED"
    requests = [event for event in part["transaction"]["events"] if event["type"] == "REFUND_REQUEST"]
    assert [(event["message"], event["amount"]["amount"]) for event in requests] == [("One bottle was broken.", 10.0)]

    rest = (await api(ACT, {"id": payment, "action": "REFUND"}, token=cashier)).data["transactionRequestAction"]
    assert amounts(rest["transaction"]) == (0.0, 0.0, 25.0, 0.0)
    assert rest["transaction"]["actions"] == []
    assert rest["transaction"]["order"]["paymentStatus"] == "FULLY_REFUNDED"

    seen = (await api(HISTORY, {"id": order}, token=cashier)).data["order"]
    assert seen["totalRefunded"] == {"amount": 25.0}
    asked = [event for event in seen["events"] if event["type"] == "TRANSACTION_REFUND_REQUESTED"]
    assert [(event["amount"], event["message"]) for event in asked] == [
        (10.0, "One bottle was broken."),
        (15.0, None),
    ]
    assert {event["user"]["email"] for event in asked} == {"cashier@example.com"}
    assert await desk.broken_invariants() == []


async def test_what_is_held_is_charged_in_part_and_the_rest_released(api: Api, desk: Desk, cashier: str) -> None:
    _, payment = await paid_order(desk, flow="AUTHORIZATION")
    given = {"token": str(uuid.UUID(await desk.scalar("SELECT id::text FROM payment_transaction")))}
    done = (await api(ACT, given | {"action": "CHARGE", "amount": 20}, token=cashier)).data["transactionRequestAction"]
    assert done["errors"] == []
    assert done["transaction"]["id"] == payment
    assert amounts(done["transaction"]) == (0.0, 20.0, 0.0, 5.0)
    assert done["transaction"]["order"]["chargeStatus"] == "PARTIAL"
    assert done["transaction"]["order"]["authorizeStatus"] == "PARTIAL"
    assert await desk.broken_invariants() == []


async def test_what_is_held_is_charged_whole(api: Api, desk: Desk, cashier: str) -> None:
    _, payment = await paid_order(desk, flow="AUTHORIZATION")
    before = {"id": payment, "action": "REFUND"}
    (error,) = (await api(ACT, before, token=cashier)).data["transactionRequestAction"]["errors"]
    assert (error["field"], error["code"]) == ("amount", "INVALID")
    done = (await api(ACT, {"id": payment, "action": "CHARGE"}, token=cashier)).data["transactionRequestAction"]
    assert amounts(done["transaction"]) == (0.0, 25.0, 0.0, 0.0)
    assert done["transaction"]["order"]["chargeStatus"] == "FULL"


async def test_what_is_held_is_released(api: Api, desk: Desk, cashier: str) -> None:
    order, payment = await paid_order(desk, flow="AUTHORIZATION")
    done = (await api(ACT, {"id": payment, "action": "CANCEL"}, token=cashier)).data["transactionRequestAction"]
    assert done["errors"] == []
    assert amounts(done["transaction"]) == (0.0, 0.0, 0.0, 25.0)
    assert done["transaction"]["order"]["authorizeStatus"] == "NONE"
    events = (await api(HISTORY, {"id": order}, token=cashier)).data["order"]["events"]
    assert "TRANSACTION_CANCEL_REQUESTED" in [event["type"] for event in events]
    assert await desk.broken_invariants() == []


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"action": "REFUND", "amount": 25.01}, "amount", "INVALID"),
        ({"action": "REFUND", "amount": 0}, "amount", "INVALID"),
        ({"action": "REFUND", "amount": 1.001}, "amount", "INVALID"),
        ({"action": "CHARGE"}, "amount", "INVALID"),
        ({"action": "CHARGE", "amount": 1}, "amount", "INVALID"),
        ({"action": "CANCEL"}, None, "INVALID"),
        ({"action": "CANCEL", "amount": 1}, "amount", "INVALID"),
        ({"action": "CHARGE", "reason": "why"}, "refundReason", "INVALID"),
        ({"action": "REFUND", "reason": "x" * 1001}, "refundReason", "INVALID"),
        ({"action": "REFUND", "id": None}, "id", "GRAPHQL_ERROR"),
        ({"action": "REFUND", "id": ids.encode("Order", uuid.UUID(int=7))}, "id", "GRAPHQL_ERROR"),
        ({"action": "REFUND", "id": ids.encode("TransactionItem", uuid.UUID(int=7))}, "id", "NOT_FOUND"),
    ],
)
async def test_what_cannot_be_asked(
    api: Api, desk: Desk, cashier: str, given: dict[str, Any], field: str | None, code: str
) -> None:
    _, payment = await paid_order(desk)
    before = await desk.scalar("SELECT count(*) FROM payment_transaction_event")
    reply = await api(ACT, {"id": payment} | given, token=cashier)
    (error,) = reply.data["transactionRequestAction"]["errors"]
    assert (error["field"], error["code"]) == (field, code)
    assert await desk.scalar("SELECT count(*) FROM payment_transaction_event") == before
    assert await desk.scalar("SELECT count(*) FROM payment_provider_call WHERE action <> 'CREATE'") == 0


async def test_a_silent_provider_is_asked_again(api: Api, desk: Desk, cashier: str) -> None:
    _, payment = await paid_order(desk)
    desk.sandbox.fault("rate_limit", times=100, method="POST", path="/v1/refunds")
    done = (await api(ACT, {"id": payment, "action": "REFUND", "amount": 5}, token=cashier)).data
    item = done["transactionRequestAction"]["transaction"]
    assert done["transactionRequestAction"]["errors"] == []
    assert (item["chargedAmount"]["amount"], item["refundPendingAmount"]["amount"]) == (20.0, 5.0)
    desk.sandbox.http.delete("/_sandbox/faults")
    await desk.work()
    assert await desk.rows("SELECT charged_amount, refunded_amount FROM payment_transaction") == [(20, 5)]
    assert await desk.broken_invariants() == []


async def test_nobody_can_act_on_a_payment_that_was_taken_elsewhere(api: Api, desk: Desk, cashier: str) -> None:
    placed = await desk.database.run(unpaid_order)
    await api(f'mutation {{ orderMarkAsPaid(id: "{placed.id}") {{ errors {{ code }} }} }}', token=cashier)
    key = await desk.scalar("SELECT id FROM payment_transaction")
    given = {"id": ids.encode("TransactionItem", key), "action": "REFUND"}
    (error,) = (await api(ACT, given, token=cashier)).data["transactionRequestAction"]["errors"]
    assert (error["field"], error["code"]) == ("id", "MISSING_TRANSACTION_ACTION_REQUEST_WEBHOOK")
    assert await desk.scalar("SELECT charged_amount FROM payment_transaction") == 25


@pytest.mark.parametrize("caller", ["anonymous", "owner", "stranger", "staff", "orders"])
async def test_money_moves_only_for_who_handles_payments(api: Api, desk: Desk, caller: str) -> None:
    _, payment = await paid_order(desk, owner="owner@example.com")
    token = None
    if caller == "orders":
        token = await api.login("orders@example.com", "MANAGE_ORDERS")
    elif caller != "anonymous":
        token = await api.login(f"{caller}@example.com", is_staff=caller == "staff")
    (error,) = (await api(ACT, {"id": payment, "action": "REFUND"}, token=token)).errors
    assert error["extensions"]["exception"]["code"] == "PermissionDenied"
    assert "HANDLE_PAYMENTS" in error["message"]
    assert await desk.scalar("SELECT charged_amount FROM payment_transaction") == 25
    assert await desk.scalar("SELECT count(*) FROM payment_provider_call WHERE action <> 'CREATE'") == 0
