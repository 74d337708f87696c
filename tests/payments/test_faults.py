"""Stripe hangs, fails after its deed, or is away; carts change while they are paid; staff give money back."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from shop.checkout import actions as checkout_actions
from shop.checkout.actions import NewLine
from shop.checkout.errors import NotFullyPaid
from shop.checkout.rules import SYSTEM
from shop.jobs import JobContext, jobs
from shop.kit import clock
from shop.payments import flows as payment_flows
from shop.payments.errors import PaymentInProgress, ProviderNotAnswering
from shop.payments.provider import Kind, ProviderError
from shop.payments.rules import Requested
from tests.factories import payments
from tests.factories.payments import FORM, PAGE, Desk
from tests.payments.counter import fill, money_of, ordered

SLOW = {"stripe_timeout_seconds": 0.4}


@pytest.mark.parametrize("fault", ["error_before", "error_after", "hang_before", "hang_after", "rate_limit"])
async def test_a_payment_that_stripe_made_or_not_is_made_once(desk: Desk, fault: str) -> None:
    """The page asked for is the page that is found, whatever happened to the answer."""
    slow = Desk(desk.database, desk.settings.model_copy(update=SLOW), desk.sandbox)
    _, key = await fill(desk)
    # Enough to outlast the client's own repetition with the same key.
    desk.sandbox.fault(fault, times=2, method="POST", path="/v1/checkout/sessions", seconds=1)
    for _ in range(4):
        try:
            started = await slow.pay(key, PAGE)
            break
        except ProviderNotAnswering:
            await asyncio.sleep(0.3)
    assert await desk.shopper_pays(started) == 303
    await desk.complete(key)
    sessions = desk.sandbox.stripe.v1.checkout.sessions.list().data
    assert len(sessions) == 1
    assert await desk.broken_invariants() == []


async def test_a_process_that_died_before_its_call_is_finished_by_the_sweeper(desk: Desk) -> None:
    """The wish is written, nobody asked: a refund, and the very making of a payment."""
    transaction, _ = await ordered(desk)
    desk.sandbox.fault("rate_limit", times=100, method="POST")
    with pytest.raises(ProviderError):
        await payment_flows.refund(desk.database, desk.provider, transaction, Decimal(25), reason="staff:1")
    _, key = await fill(desk)
    with pytest.raises(ProviderNotAnswering):
        await desk.pay(key, PAGE)
    # Wished for, so it is no longer counted as charged.
    assert await desk.rows("SELECT charged_amount, refund_pending_amount FROM payment_transaction WHERE id = :id",
                           id=transaction) == [(0, 25)]  # fmt: skip
    desk.sandbox.http.delete("/_sandbox/faults")
    await desk.sweep(later=timedelta(minutes=2))
    assert [refund.amount for refund in desk.sandbox.stripe.v1.refunds.list().data] == [2500]
    assert await desk.rows("SELECT DISTINCT state FROM payment_provider_call") == [("DONE",)]
    assert await desk.scalar("SELECT count(*) FROM payment_transaction WHERE session_id IS NULL") == 0
    assert await desk.broken_invariants() == []


async def test_completion_goes_on_with_what_is_known_while_stripe_is_away(desk: Desk) -> None:
    _, key = await fill(desk)
    started = await desk.pay(key, PAGE)
    await desk.shopper_pays(started)
    desk.sandbox.fault("rate_limit", times=100)
    with pytest.raises(NotFullyPaid):
        await desk.complete(key)
    desk.sandbox.http.delete("/_sandbox/faults")
    await desk.complete(key)


async def test_a_cart_that_grew_while_it_was_paid_is_paid_back(desk: Desk) -> None:
    shop, key = await fill(desk)
    started = await desk.pay(key, PAGE)
    await desk.database.run(
        lambda session: checkout_actions.add_lines(
            session, key, [NewLine(shop.cream.id, 1)], actor=SYSTEM, now=clock.now()
        )
    )
    await desk.shopper_pays(started)
    with pytest.raises(NotFullyPaid):
        await desk.complete(key)
    await desk.work()
    assert await money_of(desk) == ("0.00", "25.00", "0.00", "0.00")
    assert await desk.rows("SELECT kind FROM payment_alert") == [("paid-not-completed",)]
    assert await desk.scalar("SELECT subject FROM mail_message") is not None
    # The shopper may still pay the new total.
    again = await desk.pay(key, PAGE)
    assert await desk.shopper_pays(again) == 303
    await desk.complete(key)
    assert await desk.scalar("SELECT total_charged_amount FROM order_order") == 35
    assert await desk.broken_invariants() == []


async def test_a_cart_that_shrank_while_it_was_paid_is_an_order_that_waits(desk: Desk) -> None:
    shop = await desk.database.run(payments.shop)
    key = await desk.database.run(lambda session: payments.cart(session, shop, {shop.shampoo: 1, shop.cream: 1}))
    started = await desk.pay(key, PAGE)
    line = await desk.scalar("SELECT id FROM checkout_line WHERE variant_id = :id", id=shop.cream.id)
    await desk.database.run(lambda session: checkout_actions.delete_lines(session, key, [line], actor=SYSTEM))
    await desk.shopper_pays(started)
    await desk.complete(key)
    assert await desk.rows("SELECT status, charge_status FROM order_order") == [("UNCONFIRMED", "OVERCHARGED")]
    assert await desk.rows("SELECT kind FROM payment_alert") == [("overcharged",)]
    assert await desk.broken_invariants() == []


async def test_on_the_client_s_path_the_money_waits_for_a_changed_cart_and_then_goes_back(desk: Desk) -> None:
    shop, key = await fill(desk)
    started = await desk.pay(key, FORM)
    await desk.database.run(
        lambda session: checkout_actions.add_lines(
            session, key, [NewLine(shop.cream.id, 1)], actor=SYSTEM, now=clock.now()
        )
    )
    await desk.shopper_confirms(started)
    with pytest.raises(NotFullyPaid):
        await desk.complete(key)
    await desk.work()
    await desk.sweep(later=timedelta(seconds=890))
    assert await money_of(desk) == ("25.00", "0.00", "0.00", "0.00")
    await desk.sweep(later=timedelta(seconds=910))
    assert await money_of(desk) == ("0.00", "25.00", "0.00", "0.00")
    assert await desk.scalar("SELECT count(*) FROM checkout_checkout") == 1
    assert await desk.broken_invariants() == []


async def test_money_that_was_days_on_its_way_goes_back_too(desk: Desk) -> None:
    """A bank debit begun last week and paid today, for a cart that has changed: its job waits for the shopper."""
    shop, key = await fill(desk)
    started = await desk.pay(key, FORM)
    await desk.database.run(
        lambda session: checkout_actions.add_lines(
            session, key, [NewLine(shop.cream.id, 1)], actor=SYSTEM, now=clock.now()
        )
    )
    await desk.rows("UPDATE payment_transaction SET created_at = now() - interval '7 days' RETURNING 1")
    await desk.shopper_confirms(started)
    await desk.sweep(later=timedelta(seconds=40))
    await desk.work()
    await desk.sweep(later=timedelta(seconds=910))
    assert await money_of(desk) == ("0.00", "25.00", "0.00", "0.00")
    assert await desk.broken_invariants() == []


async def test_a_payment_for_a_cart_that_is_gone_goes_back(desk: Desk) -> None:
    _, key = await fill(desk)
    started = await desk.pay(key, FORM)
    await desk.rows("DELETE FROM checkout_checkout RETURNING 1")
    await desk.shopper_confirms(started)
    await desk.sweep(later=timedelta(seconds=40))
    await desk.sweep(later=timedelta(seconds=80))
    assert await money_of(desk) == ("0.00", "25.00", "0.00", "0.00")
    assert await desk.scalar("SELECT count(*) FROM payment_alert") == 1


async def test_an_authorised_amount_that_makes_no_order_is_released(desk: Desk) -> None:
    _, key = await fill(desk, flow="AUTHORIZATION")
    started = await desk.pay(key, PAGE)
    await desk.shopper_pays(started)
    await desk.rows("UPDATE pricing_variant_listing SET price_amount = price_amount + 1 RETURNING 1")
    await desk.sweep(later=timedelta(seconds=40))
    await desk.work()
    assert await money_of(desk) == ("0.00", "0.00", "0.00", "25.00")
    assert desk.sandbox.stripe.v1.payment_intents.list().data[0].status == "canceled"
    assert await desk.broken_invariants() == []


async def test_a_page_that_expired_ends_and_another_begins(desk: Desk) -> None:
    _, key = await fill(desk)
    first = await desk.pay(key, PAGE)
    assert first.data is not None
    desk.sandbox.stripe.v1.checkout.sessions.expire(first.data["checkoutSession"]["id"])
    second = await desk.pay(key, PAGE)
    assert second.transaction_id != first.transaction_id
    assert await desk.rows("SELECT status FROM payment_transaction ORDER BY status") == [("CANCELLED",), ("OPEN",)]


async def test_what_is_still_open_when_the_order_is_placed_is_ended(desk: Desk) -> None:
    _, key = await fill(desk)
    first = await desk.pay(key, FORM, amount=Decimal(10))
    await desk.shopper_confirms(first)
    await desk.sweep(later=timedelta(seconds=40))
    second = await desk.pay(key, FORM, amount=Decimal(5))
    await desk.rows("UPDATE pricing_variant_listing SET price_amount = 5 RETURNING 1")
    await desk.complete(key)
    await desk.work()
    assert await desk.rows("SELECT status FROM payment_transaction WHERE id = :id", id=second.transaction_id) == [
        ("CANCELLED",)
    ]
    assert await desk.broken_invariants() == []


async def test_a_free_cart_completes_at_once(desk: Desk) -> None:
    shop = await desk.database.run(payments.shop)
    await desk.rows("UPDATE pricing_variant_listing SET price_amount = 0 RETURNING 1")
    await desk.rows("UPDATE shipping_method_listing SET price_amount = 0 RETURNING 1")
    key = await desk.database.run(lambda session: payments.cart(session, shop))
    await desk.complete(key)
    assert await desk.rows("SELECT charge_status, authorize_status FROM order_order") == [("FULL", "FULL")]


async def test_a_payment_that_settles_later_can_be_neither_ended_nor_doubled(desk: Desk) -> None:
    """A debit is under way: it counts neither as paid nor as open to change, and becomes an order when it settles."""
    _, key = await fill(desk, currency="EUR")
    started = await desk.pay(key, Requested(Kind.PAYMENT_INTENT, method="sepa_debit"))
    (intent,) = desk.sandbox.stripe.v1.payment_intents.list().data
    debit: Any = {
        "payment_method_data": {
            "type": "sepa_debit",
            "sepa_debit": {"iban": "DE89370400440532013000"},
            "billing_details": {"name": "Example shopper", "email": "shopper@example.com"},
        },
        "mandate_data": {"customer_acceptance": {"type": "offline"}},
    }
    desk.sandbox.stripe.v1.payment_intents.confirm(intent.id, debit)
    processed = await payment_flows.process(desk.database, desk.provider, started.transaction_id)
    assert await desk.rows("SELECT type FROM payment_transaction_event WHERE id = :id", id=processed.event_id) == [
        ("CHARGE_REQUEST",)
    ]
    assert await desk.rows("SELECT status, charge_pending_amount FROM payment_transaction") == [("OPEN", 25)]
    with pytest.raises(PaymentInProgress):
        await desk.pay(key, PAGE)
    with pytest.raises(NotFullyPaid):
        await desk.complete(key)
    desk.sandbox.tool("/clock", advance_seconds=60)
    await desk.complete(key)
    assert await money_of(desk) == ("25.00", "0.00", "0.00", "0.00")
    assert await desk.broken_invariants() == []


async def test_after_a_restart_everything_open_is_looked_at_at_once(desk: Desk) -> None:
    """The next look was a quarter of an hour away when the process died; the next one begins by looking."""
    _, key = await fill(desk)
    started = await desk.pay(key, PAGE)
    await desk.rows(
        "UPDATE payment_transaction SET next_check_at = now() + interval '15 minutes', checks = 9 RETURNING 1"
    )
    await desk.shopper_pays(started)
    for name in ("payments.wake", "payments.sweep"):
        await jobs()[name].handler(JobContext(desk.database, desk.settings))
    assert await money_of(desk) == ("25.00", "0.00", "0.00", "0.00")
    await desk.work()
    assert await desk.scalar("SELECT checkout_id FROM order_order") == key


async def test_a_payment_that_stripe_refused_is_told_again_for_the_same_key(desk: Desk) -> None:
    _, key = await fill(desk)
    first = await desk.pay(key, FORM, amount=Decimal("0.01"), client_key="once")
    again = await desk.pay(key, FORM, amount=Decimal("0.01"), client_key="once")
    assert (again.transaction_id, again.event_id) == (first.transaction_id, first.event_id)
    assert await desk.rows("SELECT status FROM payment_transaction") == [("FAILED",)]
    other = await desk.pay(key, FORM)
    assert other.transaction_id != first.transaction_id


async def test_a_form_that_nobody_filled_in_within_a_day_is_ended(desk: Desk) -> None:
    _, key = await fill(desk)
    await desk.pay(key, FORM)
    await payment_flows.audit(desk.database, desk.provider, clock.now() + timedelta(hours=23))
    assert await desk.scalar("SELECT status FROM payment_transaction") == "OPEN"
    await payment_flows.audit(desk.database, desk.provider, clock.now() + timedelta(hours=25))
    assert await desk.scalar("SELECT status FROM payment_transaction") == "CANCELLED"
    assert desk.sandbox.stripe.v1.payment_intents.list().data[0].status == "canceled"
    assert await desk.broken_invariants() == []


async def test_what_is_paid_after_the_order_was_placed_raises_an_alert(desk: Desk) -> None:
    """The second payment was open when the first one placed the order, and the shopper was faster than its end."""
    _, key = await fill(desk)
    first = await desk.pay(key, FORM, amount=Decimal(10))
    await desk.shopper_confirms(first)
    await desk.sweep(later=timedelta(seconds=40))
    second = await desk.pay(key, FORM, amount=Decimal(5))
    await desk.rows("UPDATE pricing_variant_listing SET price_amount = 5 RETURNING 1")
    await desk.complete(key)
    await desk.shopper_confirms(second)
    await desk.work()
    assert await desk.rows("SELECT charge_status, total_charged_amount FROM order_order") == [("OVERCHARGED", 15)]
    assert await desk.rows("SELECT kind FROM payment_alert") == [("overcharged",)]
    assert await desk.broken_invariants() == []
