"""Many at once: callers, webhooks and sweepers meet under the purchase's lock and leave one order or a refund."""

import asyncio
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from shop.checkout import flows
from shop.kit import clock
from shop.kit.errors import ShopError
from shop.payments import flows as payment_flows
from shop.stock.errors import InsufficientStock
from tests.factories import payments
from tests.factories.payments import FORM, PAGE, Desk

pytestmark = pytest.mark.race


async def fill(desk: Desk, carts: int = 1, **more: Any) -> list[uuid.UUID]:
    """A shop, and carts of one shampoo each."""
    shop = await desk.database.run(lambda session: payments.shop(session, **more))
    return [await desk.database.run(lambda session: payments.cart(session, shop)) for _ in range(carts)]


async def test_twenty_completions_at_once_make_one_order(busy_desk: Desk) -> None:
    """20 callers on 20 connections."""
    (key,) = await fill(busy_desk)
    await busy_desk.shopper_pays(await busy_desk.pay(key, PAGE))
    orders = await asyncio.gather(*(busy_desk.complete(key) for _ in range(20)))
    assert len(set(orders)) == 1
    assert await busy_desk.scalar("SELECT count(*) FROM order_order") == 1
    assert await busy_desk.scalar("SELECT count(*) FROM mail_message") == 1
    assert await busy_desk.scalar("SELECT sum(quantity) FROM stock_allocation") == 1
    assert await busy_desk.broken_invariants() == []


async def test_completion_races_the_job_and_the_sweeper(busy_desk: Desk, rounds: Callable[[int, int], int]) -> None:
    for key in await fill(busy_desk, rounds(4, 25)):
        await busy_desk.shopper_pays(await busy_desk.pay(key, PAGE))
        now = clock.now()
        results = await asyncio.gather(
            busy_desk.complete(key),
            flows.complete_paid(busy_desk.database, busy_desk.provider, busy_desk.settings, key, now=now),
            busy_desk.complete(key),
            busy_desk.sweep(),
            flows.complete_paid(busy_desk.database, busy_desk.provider, busy_desk.settings, key, now=now),
        )
        order = results[0]
        assert order is not None
        assert results[2] == order
        # A job that ran before the payment was looked up found nothing to do, and gave nothing back.
        assert {results[1], results[4]} <= {order, None}
    await busy_desk.work()
    assert await busy_desk.scalar("SELECT count(*) FROM payment_provider_call WHERE action <> 'CREATE'") == 0
    assert await busy_desk.broken_invariants() == []


async def test_ten_initialisations_at_once_open_one_payment(busy_desk: Desk) -> None:
    (key,) = await fill(busy_desk)
    started = await asyncio.gather(*(busy_desk.pay(key, PAGE) for _ in range(10)))
    assert len({one.transaction_id for one in started}) == 1
    assert len({one.data["checkoutSession"]["id"] for one in started if one.data}) == 1
    assert await busy_desk.scalar("SELECT count(*) FROM payment_transaction") == 1
    assert len(busy_desk.sandbox.stripe.v1.checkout.sessions.list().data) == 1


async def test_two_kinds_of_payment_at_once_leave_one_open(busy_desk: Desk, rounds: Callable[[int, int], int]) -> None:
    for key in await fill(busy_desk, rounds(3, 20)):
        results = await asyncio.gather(
            *(busy_desk.pay(key, kind) for kind in (PAGE, FORM, PAGE, FORM)), return_exceptions=True
        )
        assert all(not isinstance(result, BaseException) or isinstance(result, ShopError) for result in results)
        (open_,) = await busy_desk.rows(
            "SELECT count(*) FROM payment_transaction WHERE status = 'OPEN' AND purchase_key = :key", key=key
        )
        assert open_ == (1,)


async def test_the_last_unit_for_fifty_paid_buyers(busy_desk: Desk, rounds: Callable[[int, int], int]) -> None:
    """One order, all others their money back. 50 buyers on 20 connections."""
    buyers = rounds(12, 50)
    keys = await fill(busy_desk, buyers, stock=100)
    for key in keys:
        await busy_desk.shopper_pays(await busy_desk.pay(key, PAGE))
    await busy_desk.rows("UPDATE stock_stock SET quantity = 1 RETURNING 1")
    results = await asyncio.gather(*(busy_desk.complete(key) for key in keys), return_exceptions=True)
    orders = [result for result in results if isinstance(result, uuid.UUID)]
    assert len(orders) == 1
    assert [result for result in results if not isinstance(result, uuid.UUID | InsufficientStock)] == []
    await busy_desk.work()
    assert await busy_desk.scalar("SELECT count(*) FROM order_order") == 1
    assert await busy_desk.scalar("SELECT count(*) FROM payment_transaction WHERE refunded_amount = 25") == buyers - 1
    assert await busy_desk.scalar("SELECT count(*) FROM payment_transaction WHERE charged_amount = 25") == 1
    refunds = busy_desk.sandbox.stripe.v1.refunds.list({"limit": 100}).data
    assert sorted({refund.amount for refund in refunds}) == [2500]
    assert len(refunds) == buyers - 1
    assert await busy_desk.scalar("SELECT count(*) FROM payment_alert WHERE kind = 'paid-not-completed'") == buyers - 1
    assert (
        await busy_desk.scalar("SELECT count(*) FROM mail_message WHERE dedupe_key LIKE 'payment-returned:%'")
        == buyers - 1
    )
    # Their carts are still there.
    assert await busy_desk.scalar("SELECT count(*) FROM checkout_checkout") == buyers - 1
    assert await busy_desk.broken_invariants() == []


async def test_the_same_refund_wished_ten_times_at_once_is_one(busy_desk: Desk) -> None:
    (key,) = await fill(busy_desk)
    await busy_desk.shopper_pays(await busy_desk.pay(key, PAGE))
    await busy_desk.complete(key)
    (transaction_id,) = (await busy_desk.rows("SELECT id FROM payment_transaction"))[0]
    await asyncio.gather(
        *(
            payment_flows.refund(busy_desk.database, busy_desk.provider, transaction_id, Decimal(10), reason="staff:1")
            for _ in range(10)
        )
    )
    assert [refund.amount for refund in busy_desk.sandbox.stripe.v1.refunds.list().data] == [1000]
    assert await busy_desk.rows("SELECT charged_amount, refunded_amount FROM payment_transaction") == [(15, 10)]
    assert await busy_desk.rows("SELECT charge_status, total_charged_amount FROM order_order") == [("PARTIAL", 15)]
    assert await busy_desk.broken_invariants() == []
