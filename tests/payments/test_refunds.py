"""Money that goes back, comes late, or is not what was asked for."""

import asyncio
from decimal import Decimal

import pytest

from shop.checkout.errors import NotFullyPaid
from shop.kit import clock
from shop.payments import flows as payment_flows
from shop.payments.errors import ActionNotAvailable
from shop.payments.provider import ProviderError
from tests.factories.payments import FORM, PAGE, Desk
from tests.payments.counter import fill, money_of, ordered

SLOW = {"stripe_timeout_seconds": 0.4}


@pytest.mark.parametrize("fault", ["error_before", "error_after", "hang_before", "hang_after", "rate_limit"])
async def test_a_refund_is_made_once(desk: Desk, fault: str) -> None:
    slow = Desk(desk.database, desk.settings.model_copy(update=SLOW), desk.sandbox)
    transaction, _ = await ordered(desk)
    desk.sandbox.fault(fault, times=2, method="POST", path="/v1/refunds", seconds=1)
    for _ in range(4):
        try:
            await payment_flows.refund(desk.database, slow.provider, transaction, Decimal(10), reason="staff:1")
            break
        except ProviderError:
            await asyncio.sleep(0.3)
    await asyncio.sleep(0.8)
    assert [refund.amount for refund in desk.sandbox.stripe.v1.refunds.list().data] == [1000]
    assert await money_of(desk) == ("15.00", "10.00", "0.00", "0.00")
    assert await desk.scalar("SELECT state FROM payment_provider_call WHERE action = 'REFUND'") == "DONE"
    assert await desk.broken_invariants() == []


async def test_staff_capture_a_part_and_the_rest_is_released(desk: Desk) -> None:
    transaction, _ = await ordered(desk, flow="AUTHORIZATION")
    with pytest.raises(ActionNotAvailable):
        await payment_flows.capture(desk.database, desk.provider, transaction, Decimal("25.01"), reason="staff:1")
    await payment_flows.capture(desk.database, desk.provider, transaction, Decimal(20), reason="staff:2")
    assert await money_of(desk) == ("20.00", "0.00", "0.00", "5.00")
    assert await desk.rows("SELECT charge_status, authorize_status FROM order_order") == [("PARTIAL", "PARTIAL")]
    # Asked again for the same reason: nothing more happens.
    await payment_flows.capture(desk.database, desk.provider, transaction, Decimal(20), reason="staff:2")
    with pytest.raises(ActionNotAvailable):
        await payment_flows.refund(desk.database, desk.provider, transaction, Decimal("20.01"), reason="staff:3")
    await payment_flows.refund(desk.database, desk.provider, transaction, Decimal(20), reason="staff:4")
    assert await money_of(desk) == ("0.00", "20.00", "0.00", "5.00")
    assert await desk.broken_invariants() == []


async def test_staff_release_an_authorised_amount(desk: Desk) -> None:
    transaction, _ = await ordered(desk, flow="AUTHORIZATION")
    await payment_flows.cancel(desk.database, desk.provider, transaction, reason="staff:1")
    assert await money_of(desk) == ("0.00", "0.00", "0.00", "25.00")
    assert await desk.rows("SELECT authorize_status FROM order_order") == [("NONE",)]
    assert await desk.broken_invariants() == []


async def test_a_refund_made_in_stripe_s_dashboard_is_found_by_the_audit(desk: Desk) -> None:
    await ordered(desk)
    intent = desk.sandbox.stripe.v1.payment_intents.list().data[0]
    desk.sandbox.stripe.v1.refunds.create({"payment_intent": intent.id, "amount": 700})
    await payment_flows.audit(desk.database, desk.provider, clock.now())
    assert await money_of(desk) == ("18.00", "7.00", "0.00", "0.00")
    assert await desk.rows("SELECT charge_status, total_charged_amount FROM order_order") == [("PARTIAL", 18)]
    assert await desk.broken_invariants() == []


@pytest.mark.parametrize(
    ("card", "before", "after"),
    [
        ("4000000000007726", ("15.00", "0.00"), ("15.00", "10.00")),
        ("4000000000005126", ("15.00", "10.00"), ("25.00", "0.00")),
    ],
)
async def test_refunds_that_wait_or_come_back(
    desk: Desk, card: str, before: tuple[str, str], after: tuple[str, str]
) -> None:
    _, key = await fill(desk)
    started = await desk.pay(key, PAGE)
    await desk.shopper_pays(started, card)
    await desk.complete(key)
    await payment_flows.refund(desk.database, desk.provider, started.transaction_id, Decimal(10), reason="staff:1")
    assert (await money_of(desk))[:2] == before
    desk.sandbox.tool("/clock", advance_seconds=10)
    await payment_flows.audit(desk.database, desk.provider, clock.now())
    assert (await money_of(desk))[:2] == after
    assert await desk.broken_invariants() == []


async def test_a_dispute_takes_the_money_and_tells_somebody(desk: Desk) -> None:
    _, key = await fill(desk)
    started = await desk.pay(key, PAGE)
    await desk.shopper_pays(started, "4000000000000259")
    await desk.complete(key)
    desk.sandbox.tool("/clock", advance_seconds=10)
    await payment_flows.audit(desk.database, desk.provider, clock.now())
    assert await money_of(desk) == ("0.00", "0.00", "0.00", "0.00")
    assert await desk.rows("SELECT kind FROM payment_alert") == [("dispute",)]
    assert await desk.rows("SELECT charge_status FROM order_order") == [("NONE",)]
    assert await desk.broken_invariants() == []


async def test_a_payment_of_another_amount_is_held_with_an_alert(desk: Desk) -> None:
    """Somebody changed the PaymentIntent at Stripe: the ledger tells the truth, and a person is told."""
    _, key = await fill(desk)
    started = await desk.pay(key, FORM)
    assert started.data is not None
    intent = started.data["paymentIntent"]["stripeClientSecret"].partition("_secret_")[0]
    desk.sandbox.stripe.v1.payment_intents.update(intent, {"amount": 3000})
    await desk.shopper_confirms(started)
    await desk.complete(key)
    assert await desk.rows("SELECT status, charge_status FROM order_order") == [("UNCONFIRMED", "OVERCHARGED")]
    assert sorted(kind for (kind,) in await desk.rows("SELECT kind FROM payment_alert")) == [
        "overcharged",
        "payment-mismatch",
    ]
    assert await desk.broken_invariants() == []


async def test_a_payment_in_another_currency_counts_for_nothing(desk: Desk) -> None:
    _, key = await fill(desk)
    started = await desk.pay(key, FORM)
    assert started.data is not None
    intent = started.data["paymentIntent"]["stripeClientSecret"].partition("_secret_")[0]
    desk.sandbox.stripe.v1.payment_intents.update(intent, {"currency": "eur"})
    await desk.shopper_confirms(started)
    with pytest.raises(NotFullyPaid):
        await desk.complete(key)
    assert await money_of(desk) == ("0.00", "0.00", "0.00", "0.00")
    assert await desk.rows("SELECT kind FROM payment_alert") == [("payment-mismatch",)]
    assert await desk.broken_invariants() == []


@pytest.mark.parametrize(("currency", "minor"), [("JPY", 25), ("KWD", 25000), ("EUR", 2500)])
async def test_minor_units_are_right(desk: Desk, currency: str, minor: int) -> None:
    _, key = await fill(desk, currency=currency)
    if currency == "JPY":
        await desk.rows("UPDATE pricing_variant_listing SET price_amount = 95 RETURNING 1")
    started = await desk.pay(key, PAGE)
    assert await desk.shopper_pays(started) == 303
    intent = desk.sandbox.stripe.v1.payment_intents.list().data[0]
    assert (intent.amount, intent.currency) == (100 if currency == "JPY" else minor, currency.lower())
    await desk.complete(key)
    assert await desk.rows("SELECT charge_status, currency FROM order_order") == [("FULL", currency)]
