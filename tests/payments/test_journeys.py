"""Both paths from an open payment to an order, and what happens when shoppers, cards or processes do not."""

import uuid
from datetime import timedelta

import pytest
import stripe

from shop.checkout.errors import NotFullyPaid
from tests.factories import payments
from tests.factories.payments import FORM, PAGE, Desk, Shop

LEDGER = "SELECT type, amount, psp_reference LIKE 'cs_%', dedupe_key = '' FROM payment_transaction_event ORDER BY id"


async def fill(desk: Desk, **more: object) -> tuple[Shop, uuid.UUID]:
    """A shop and a cart of 25.00 in it."""
    shop = await desk.database.run(lambda session: payments.shop(session, **more))  # type: ignore[arg-type]
    return shop, await desk.database.run(lambda session: payments.cart(session, shop))


async def test_the_hosted_page_leads_to_an_order_without_a_webhook(desk: Desk) -> None:
    _, key = await fill(desk)
    started = await desk.pay(key, PAGE)
    assert started.data is not None
    assert started.data["checkoutSession"]["url"].startswith(desk.sandbox.url)
    session = desk.sandbox.stripe.v1.checkout.sessions.retrieve(started.data["checkoutSession"]["id"])
    assert session.client_reference_id == str(key)
    assert session.amount_total == 2500
    assert session.metadata is not None
    assert session.metadata.to_dict() == {"shop_transaction": str(started.transaction_id), "shop_purchase": str(key)}
    assert 30 * 60 < session.expires_at - session.created <= 31 * 60
    with pytest.raises(NotFullyPaid):
        await desk.complete(key)
    assert await desk.shopper_pays(started) == 303
    order = await desk.complete(key)
    assert await desk.rows("SELECT id, total_gross_amount, total_charged_amount, charge_status FROM order_order") == [
        (order, 25, 25, "FULL")
    ]
    assert await desk.complete(key) == order
    assert [tuple(map(str, row)) for row in await desk.rows(LEDGER)] == [
        ("CHARGE_ACTION_REQUIRED", "25.000", "True", "True"),
        ("CHARGE_SUCCESS", "25.000", "False", "True"),
    ]
    assert await desk.rows("SELECT dedupe_key FROM mail_message") == [(f"order-confirmation:{order}",)]
    await desk.work()
    assert await desk.scalar("SELECT count(*) FROM order_order") == 1
    assert await desk.broken_invariants() == []


async def test_the_payment_element_leads_to_an_order_without_a_webhook(desk: Desk) -> None:
    _, key = await fill(desk)
    started = await desk.pay(key, FORM)
    await desk.shopper_confirms(started)
    order = await desk.complete(key)
    assert await desk.rows("SELECT id, charge_status FROM order_order") == [(order, "FULL")]
    assert await desk.broken_invariants() == []


async def test_an_authorised_amount_is_enough_where_the_channel_says_so(desk: Desk) -> None:
    _, key = await fill(desk, flow="AUTHORIZATION")
    started = await desk.pay(key, PAGE)
    await desk.shopper_pays(started)
    await desk.complete(key)
    assert await desk.rows("SELECT charge_status, authorize_status, total_authorized_amount FROM order_order") == [
        ("NONE", "FULL", 25)
    ]
    assert await desk.broken_invariants() == []


async def test_a_declined_card_and_then_a_good_one_make_one_order(desk: Desk) -> None:
    _, key = await fill(desk)
    started = await desk.pay(key, PAGE)
    assert await desk.shopper_pays(started, "4000000000000002") == 402
    with pytest.raises(NotFullyPaid):
        await desk.complete(key)
    assert await desk.shopper_pays(started) == 303
    await desk.complete(key)
    assert [row[0] for row in await desk.rows(LEDGER)] == [
        "CHARGE_ACTION_REQUIRED",
        "CHARGE_FAILURE",
        "CHARGE_SUCCESS",
    ]
    assert await desk.scalar("SELECT count(*) FROM order_order") == 1
    assert await desk.broken_invariants() == []


async def test_a_declined_confirmation_leaves_the_same_payment_open(desk: Desk) -> None:
    _, key = await fill(desk)
    started = await desk.pay(key, FORM)
    with pytest.raises(stripe.CardError):
        await desk.shopper_confirms(started, "pm_card_visa_chargeDeclined")
    again = await desk.pay(key, FORM)
    # The open form takes another card: a client that reads failures as the end would never show it again.
    assert again == started
    await desk.shopper_confirms(again)
    await desk.complete(key)
    assert await desk.broken_invariants() == []


async def test_nobody_came_back_and_the_webhook_was_lost(desk: Desk) -> None:
    _, key = await fill(desk)
    await desk.shopper_pays(await desk.pay(key, PAGE))
    await desk.sweep(later=timedelta(seconds=31))
    assert await desk.work() == ["checkout.complete_paid", "mail.send"]
    assert await desk.scalar("SELECT checkout_id FROM order_order") == key
    assert await desk.rows("SELECT type FROM order_event ORDER BY id LIMIT 1") == [
        ("PLACED_AUTOMATICALLY_FROM_PAID_CHECKOUT",)
    ]
    assert await desk.broken_invariants() == []


async def test_killed_between_charge_and_order(desk: Desk) -> None:
    """The ledger knows of the charge, but neither completion nor its job ever ran."""
    _, key = await fill(desk)
    started = await desk.pay(key, PAGE)
    await desk.shopper_pays(started)
    await desk.sweep_payments((await desk.scalar("SELECT now()")) + timedelta(seconds=31))
    assert await desk.scalar("SELECT count(*) FROM order_order") == 0
    await desk.rows("DELETE FROM procrastinate_jobs RETURNING 1")
    await desk.sweep(later=timedelta(seconds=31))
    assert await desk.scalar("SELECT checkout_id FROM order_order") == key
    assert await desk.broken_invariants() == []
