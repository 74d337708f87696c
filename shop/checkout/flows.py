"""Paying and completing, which ask the payment provider between two units; and codes, which are counted before they are
tried.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.actions import count_attempt, forgive
from shop.accounts.attempts import trying_codes
from shop.checkout.actions import promo
from shop.checkout.actions.complete import Completion, complete, complete_or_give_back, paid_without_order
from shop.checkout.actions.quote import allow, quote
from shop.checkout.actions.slots import hold_while_paying
from shop.checkout.rules import SYSTEM, Actor, Cart, may_touch
from shop.kit import clock
from shop.kit.db import Units
from shop.kit.settings import Settings
from shop.orders.actions import due, purchase_key
from shop.payments import flows as payments
from shop.payments.actions import Due, Wish
from shop.payments.provider import Provider, ProviderError
from shop.payments.queries import open_transaction
from shop.payments.rules import Requested

_log = structlog.get_logger(__name__)
_BATCH: Final = 100
_SWEPT_DAYS: Final = 3
# A payment this young is somebody's who completes it right now.
_TOO_YOUNG: Final = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Pay:
    """A caller's wish to pay for a checkout, or for an order. `flow` None: the channel's own."""

    id: uuid.UUID
    actor: Actor
    requested: Requested
    flow: str | None = None
    amount: Decimal | None = None
    client_key: str | None = None


async def pay(units: Units, provider: Provider, wish: Pay) -> payments.Started:
    """The checkout has an open payment of its open balance, or of `amount`.

    Raises: CheckoutNotFound, and what `payments.initialize` raises.
    """

    async def due(session: AsyncSession) -> Due:
        owed = await quote(session, wish.id, wish.actor)
        await hold_while_paying(session, wish.id, now=clock.now())
        return owed

    async def allowed(session: AsyncSession) -> None:
        await allow(session, wish.id, wish.actor)

    return await payments.initialize(
        units,
        provider,
        Wish(wish.id, due, wish.requested, allowed, wish.flow, wish.amount, wish.client_key),
    )


async def try_promo_code(
    units: Units,
    settings: Settings,
    checkout_id: uuid.UUID,
    code: str,
    *,
    actor: Actor,
    address: str,
    now: datetime,
) -> Cart:
    """As `add_promo_code`; who has tried too many that did not apply must wait, so that nobody finds codes by trying.

    Raises: what `add_promo_code` raises, Delayed.
    """
    guards = trying_codes(
        str(checkout_id),
        address,
        per_cart=settings.promo_code_tries_per_checkout,
        per_address_hourly=settings.promo_code_tries_per_address_hourly,
    )
    # Before it is tried, and in a unit of its own: a hundred at once are no way around, and a refusal undoes nothing.
    await units.run(lambda session: count_attempt(session, guards, now=now, field="promoCode", code="INVALID"))

    async def add(session: AsyncSession) -> Cart:
        cart = await promo.add_promo_code(session, checkout_id, code, actor=actor, now=now)
        await forgive(session, guards)
        return cart

    return await units.run(add)


async def pay_order(units: Units, provider: Provider, wish: Pay) -> payments.Started:
    """The order has an open payment of what is still to pay for it, or of `amount`.

    Raises: OrderNotFound, and what `payments.initialize` raises.
    """
    key = await units.run(lambda session: purchase_key(session, wish.id))

    async def quoted(session: AsyncSession) -> Due:
        return await due(session, wish.id, partial(may_touch, wish.actor))

    async def allowed(session: AsyncSession) -> None:
        await quoted(session)

    return await payments.initialize(
        units, provider, Wish(key, quoted, wish.requested, allowed, wish.flow, wish.amount, wish.client_key)
    )


async def complete_checkout(
    units: Units, provider: Provider | None, checkout_id: uuid.UUID, how: Completion, *, now: datetime
) -> uuid.UUID:
    """`checkoutComplete`: the checkout's order. An open payment is looked up first, so that no webhook is waited for.

    Raises: what `complete` raises.
    """
    await _look(units, provider, checkout_id)
    return await units.run(lambda session: complete(session, checkout_id, how, now=now))


async def _look(units: Units, provider: Provider | None, checkout_id: uuid.UUID) -> None:
    """The open payment, if there is one, stands as the provider has it; a silent provider leaves it as we know it."""
    if provider is None:
        return
    opened = await units.run(lambda session: open_transaction(session, checkout_id))
    if opened is None:
        return
    try:
        await payments.refresh(units, provider, opened.id)
    except ProviderError as error:
        _log.warning("payment not looked up before completion", transaction=str(opened.id), error=error.message)


async def complete_paid(
    units: Units, provider: Provider, settings: Settings, checkout_id: uuid.UUID, *, now: datetime
) -> uuid.UUID | None:
    """A paid purchase has its order, or its payments are on their way back; None where no order could be made.

    Raises: ProviderError when a refund could not be asked for yet: it stays wished.
    """
    how = Completion(SYSTEM, automatic=True, order_url=order_url(settings))
    grace = timedelta(seconds=settings.paid_cart_grace_seconds)
    settled = await units.run(lambda session: complete_or_give_back(session, checkout_id, how, now=now, grace=grace))
    for call_id in settled.refunds:
        await payments.run_call(units, provider, call_id)
    return settled.order_id


async def sweep_paid(units: Units, provider: Provider, settings: Settings, now: datetime) -> None:
    """No purchase of the last days was paid and forgotten: each has its order, waits its grace, or is paid back."""
    since, until = now - timedelta(days=_SWEPT_DAYS), now - _TOO_YOUNG
    keys = await units.run(lambda session: paid_without_order(session, since=since, until=until, limit=_BATCH))
    for key in keys:
        try:
            await complete_paid(units, provider, settings, key, now=now)
        except Exception:  # noqa: BLE001 - one purchase must not keep the others waiting; its next turn comes by itself
            _log.exception("paid purchase not settled", purchase=str(key))


def order_url(settings: Settings) -> str | None:
    """Where the storefront shows an order, with `{id}` for its global ID."""
    return f"{settings.public_url}/orders/{{id}}" if settings.public_url else None
