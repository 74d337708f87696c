"""A process that dies between asking Stripe and writing down the answer; another one finishes its work."""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import pytest

from shop.payments import flows as payment_flows
from shop.payments.provider import ProviderUnreachable
from shop.payments.stripe import StripeProvider
from tests.factories.payments import FORM, PAGE, Desk
from tests.payments.counter import fill, money_of, ordered


class Killed(BaseException):
    """The process is gone: nothing after this runs, as after kill -9."""


class Dying:
    """Asks Stripe and dies before anybody hears the answer."""

    def __init__(self, alive: StripeProvider) -> None:
        self._alive = alive

    def __getattr__(self, name: str) -> Any:
        async def ask(*args: Any, **kwargs: Any) -> None:
            # Whether Stripe did it or is away, nobody here will know.
            with suppress(ProviderUnreachable):
                await getattr(self._alive, name)(*args, **kwargs)
            raise Killed

        return ask


class DyingDesk(Desk):
    """A desk whose process dies at its next question to Stripe."""

    @property
    def provider(self) -> StripeProvider:
        return cast("StripeProvider", Dying(super().provider))


def dying(desk: Desk) -> Desk:
    return DyingDesk(desk.database, desk.settings, desk.sandbox)


@pytest.mark.parametrize("kind", [PAGE, FORM], ids=["page", "form"])
@pytest.mark.parametrize("sweeper_first", [True, False])
async def test_after_the_payment_was_made(desk: Desk, kind: Any, sweeper_first: bool) -> None:
    _, key = await fill(desk)
    with pytest.raises(Killed):
        await dying(desk).pay(key, kind)
    if sweeper_first:
        await desk.sweep(later=timedelta(seconds=40))
    started = await desk.pay(key, kind)
    assert await desk.scalar("SELECT count(*) FROM payment_transaction") == 1
    made = desk.sandbox.stripe.v1
    assert len(made.checkout.sessions.list().data) + len(made.payment_intents.list().data) == 1
    if kind is PAGE:
        await desk.shopper_pays(started)
    else:
        await desk.shopper_confirms(started)
    await desk.complete(key)
    assert await desk.broken_invariants() == []


async def test_after_the_charge_was_seen(desk: Desk) -> None:
    _, key = await fill(desk)
    await desk.shopper_pays(await desk.pay(key, PAGE))
    with pytest.raises(Killed):
        await dying(desk).complete(key)
    await desk.sweep(later=timedelta(seconds=40))
    await desk.work()
    assert await desk.scalar("SELECT checkout_id FROM order_order") == key
    assert await desk.broken_invariants() == []


async def test_after_the_refund_was_made(desk: Desk) -> None:
    transaction, _ = await ordered(desk)
    with pytest.raises(Killed):
        await payment_flows.refund(desk.database, dying(desk).provider, transaction, Decimal(25), reason="staff:1")
    await desk.sweep(later=timedelta(seconds=40))
    assert [refund.amount for refund in desk.sandbox.stripe.v1.refunds.list().data] == [2500]
    assert await money_of(desk) == ("0.00", "25.00", "0.00", "0.00")
    assert await desk.broken_invariants() == []


async def test_after_the_first_payment_was_ended_for_another(desk: Desk) -> None:
    _, key = await fill(desk)
    await desk.pay(key, PAGE)
    with pytest.raises(Killed):
        await dying(desk).pay(key, FORM)
    started = await desk.pay(key, FORM)
    await desk.shopper_confirms(started)
    await desk.complete(key)
    await desk.work()
    assert await desk.rows("SELECT kind, status FROM payment_transaction ORDER BY kind") == [
        ("CHECKOUT_SESSION", "CANCELLED"),
        ("PAYMENT_INTENT", "SUCCEEDED"),
    ]
    assert await desk.broken_invariants() == []


@pytest.mark.parametrize("step", range(3))
async def test_while_money_goes_back(desk: Desk, step: int) -> None:
    """Paid, out of stock; killed before the wish, after it, or after Stripe did it: one refund all the same."""
    _, key = await fill(desk)
    await desk.shopper_pays(await desk.pay(key, PAGE))
    await desk.rows("UPDATE stock_stock SET quantity = 0 RETURNING 1")
    await desk.sweep_payments(await desk.scalar("SELECT now()") + timedelta(seconds=40))
    await desk.rows("DELETE FROM procrastinate_jobs RETURNING 1")
    if step:
        if step == 1:
            desk.sandbox.fault("rate_limit", times=100, path="/v1/refunds")
        with pytest.raises(Killed):
            await dying(desk).sweep(later=timedelta(seconds=40))
        desk.sandbox.http.delete("/_sandbox/faults")
        await desk.rows("DELETE FROM procrastinate_jobs RETURNING 1")
    await desk.sweep(later=timedelta(seconds=60))
    await desk.sweep(later=timedelta(seconds=120))
    assert [refund.amount for refund in desk.sandbox.stripe.v1.refunds.list().data] == [2500]
    assert await money_of(desk) == ("0.00", "25.00", "0.00", "0.00")
    assert await desk.scalar("SELECT count(*) FROM order_order") == 0
    assert await desk.scalar("SELECT count(*) FROM mail_message") == 1
    assert await desk.broken_invariants() == []
