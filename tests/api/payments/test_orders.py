"""Unpaid orders are paid later, by who may see them."""

import uuid
from decimal import Decimal
from typing import Any

import pytest

from shop.kit import ids
from tests import factories as make
from tests.api.client import Api
from tests.factories.orders import Placed, unpaid_order
from tests.factories.payments import FORM, Desk

INITIALIZE = """
mutation ($id: ID!, $amount: PositiveDecimal) {
  transactionInitialize(
    id: $id, amount: $amount
    paymentGateway: {id: "saleor.app.payment.stripe", data: {paymentIntent: {paymentMethod: "card"}}}
  ) {
    errors { field code }
    data
    transaction { id order { id chargeStatus } }
    transactionEvent { type amount { amount } }
  }
}
"""
PROCESS = "mutation ($id: ID!) { transactionProcess(id: $id) { errors { code } transactionEvent { type } } }"


async def confirm(desk: Desk, data: dict[str, Any]) -> None:
    """The shopper's form has confirmed the payment."""
    key = data["paymentIntent"]["stripeClientSecret"].partition("_secret_")[0]
    desk.sandbox.stripe.v1.payment_intents.confirm(key, {"payment_method": "pm_card_visa"})


async def test_an_unpaid_order_is_paid_in_parts(api: Api, desk: Desk) -> None:
    placed = await desk.database.run(unpaid_order)
    for amount, charged, status in ((10, 10.0, "PARTIAL"), (None, 15.0, "FULL")):
        begun = (await api(INITIALIZE, {"id": placed.id, "amount": amount})).data["transactionInitialize"]
        assert begun["errors"] == []
        assert begun["transactionEvent"] == {"type": "CHARGE_ACTION_REQUIRED", "amount": {"amount": charged}}
        assert begun["transaction"]["order"]["id"] == placed.id
        await confirm(desk, begun["data"])
        done = await api(PROCESS, {"id": begun["transaction"]["id"]})
        assert done.data["transactionProcess"] == {"errors": [], "transactionEvent": {"type": "CHARGE_SUCCESS"}}
        seen = await api("query ($id: ID!) { order(id: $id) { chargeStatus } }", {"id": placed.id})
        assert seen.data["order"]["chargeStatus"] == status
    paid = (await api(INITIALIZE, {"id": placed.id})).data["transactionInitialize"]
    assert paid["transactionEvent"]["type"] == "CHARGE_SUCCESS"
    assert await desk.scalar("SELECT count(*) FROM payment_transaction") == 2
    assert await desk.broken_invariants() == []


async def test_a_payment_that_was_open_when_the_order_was_placed_pays_it(api: Api, desk: Desk) -> None:
    """A channel that takes unpaid orders does not end the payment that is to pay one."""

    async def fill(session: Any) -> uuid.UUID:
        placed = await unpaid_order(session)
        cart = await make.ready_checkout(session, placed.shop.channel, {placed.shop.cream: 1}, placed.shop.parcel)
        return cart.id

    key = await desk.database.run(fill)
    started = await desk.pay(key, FORM)
    order = await desk.complete(key)
    await desk.work()
    await desk.shopper_confirms(started)
    done = await api(PROCESS, {"id": ids.encode("TransactionItem", started.transaction_id)})
    assert done.data["transactionProcess"]["transactionEvent"] == {"type": "CHARGE_SUCCESS"}
    assert await desk.scalar("SELECT charge_status FROM order_order WHERE id = :id", id=order) == "FULL"
    assert await desk.broken_invariants() == []


async def test_a_payment_in_parts_makes_no_order_by_itself(desk: Desk) -> None:
    """Who pays in parts has not said that this is all, even where unpaid orders are taken."""

    async def fill(session: Any) -> uuid.UUID:
        placed = await unpaid_order(session)
        cart = await make.ready_checkout(session, placed.shop.channel, {placed.shop.cream: 1}, placed.shop.parcel)
        return cart.id

    key = await desk.database.run(fill)
    await desk.shopper_confirms(await desk.pay(key, FORM, amount=Decimal("5.00")))
    await desk.sweep_payments(await desk.scalar("SELECT now() + interval '1 hour'"))
    await desk.work()
    assert await desk.scalar("SELECT charged_amount FROM payment_transaction") == 5
    assert await desk.scalar("SELECT count(*) FROM order_order WHERE checkout_id = :key", key=key) == 0
    order = await desk.complete(key)
    assert await desk.scalar("SELECT charge_status FROM order_order WHERE id = :id", id=order) == "PARTIAL"


@pytest.mark.parametrize(
    ("caller", "allowed"),
    [("anonymous", False), ("stranger", False), ("staff", False), ("owner", True), ("cashier", True)],
)
async def test_who_may_pay_for_a_buyer_s_order(api: Api, desk: Desk, caller: str, allowed: bool) -> None:
    async def fill(session: Any) -> Placed:
        return await unpaid_order(session, user=await make.user(session, email="owner@example.com"))

    placed = await desk.database.run(fill)
    token = None
    if caller == "cashier":
        token = await api.login("cashier@example.com", "HANDLE_PAYMENTS")
    elif caller != "anonymous":
        token = await api.login(f"{caller}@example.com", is_staff=caller == "staff")
    reply = (await api(INITIALIZE, {"id": placed.id}, token=token)).data["transactionInitialize"]
    assert reply["errors"] == ([] if allowed else [{"field": "id", "code": "NOT_FOUND"}])
    assert await desk.scalar("SELECT count(*) FROM payment_transaction") == int(allowed)


async def test_orders_that_cannot_be_paid(api: Api, desk: Desk) -> None:
    placed = await desk.database.run(unpaid_order)
    unknown = (await api(INITIALIZE, {"id": ids.encode("Order", uuid.UUID(int=7))})).data["transactionInitialize"]
    assert unknown["errors"] == [{"field": "id", "code": "NOT_FOUND"}]
    await desk.rows("UPDATE order_order SET status = 'CANCELED' RETURNING 1")
    over = (await api(INITIALIZE, {"id": placed.id})).data["transactionInitialize"]
    assert over["errors"] == [{"field": "id", "code": "INVALID"}]
    assert await desk.scalar("SELECT count(*) FROM payment_transaction") == 0
