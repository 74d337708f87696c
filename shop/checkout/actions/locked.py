"""The beginning and the end of every change of a checkout."""

import uuid
from dataclasses import replace
from functools import cache
from typing import Any, Final

from sqlalchemy import Update, Uuid, bindparam, func, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.checkout.errors import CheckoutNotFound
from shop.checkout.events import CheckoutUpdated
from shop.checkout.models import Checkout
from shop.checkout.queries import CARTS_FOR_UPDATE, carts, of, to_cart
from shop.checkout.rules import Actor, Cart, may_touch
from shop.kit.db import lock_purchase, new_values, send
from shop.kit.events import publish

_TOUCH: Final = (
    update(Checkout)
    .where(Checkout.id == bindparam("checkout_id", type_=Uuid()))
    .values(updated_at=func.clock_timestamp())
    .returning(Checkout.updated_at)
)


@cache
def _setting(*names: str) -> Update:
    """The statement that sets these attributes, one for each choice of them that actions make."""
    return (
        update(Checkout)
        .where(Checkout.id == bindparam("checkout_id", type_=Uuid()))
        .values(updated_at=func.clock_timestamp(), **new_values(Checkout, names))
    )


async def lock(session: AsyncSession, checkout_id: uuid.UUID, actor: Actor) -> Cart:
    """The checkout, which nobody else changes, pays for or completes until the unit ends.

    Locks: the purchase, then the checkout's row. Raises: CheckoutNotFound, also for somebody else's;
    the actor's refusal instead where there is one.
    """
    await lock_purchase(session, checkout_id)
    rows = await send(session, CARTS_FOR_UPDATE, ids=[checkout_id])
    cart = to_cart(rows[0]) if rows else None
    if cart is None or not may_touch(actor, cart.user_id):
        raise actor.refusal or CheckoutNotFound
    return cart


async def touch(session: AsyncSession, cart: Cart) -> Cart:
    """The checkout's lines or notes have changed, nothing of its own: it is as it was, but for `updated_at`."""
    [[moment]] = await send(session, _TOUCH, checkout_id=cart.id)
    await publish(session, CheckoutUpdated(cart.id))
    return replace(cart, updated_at=moment)


async def change(session: AsyncSession, cart: Cart, **values: Any) -> Cart:
    """The checkout has these values; it is read anew, with whatever follows from them."""
    given = {f"new_{name}": value for name, value in values.items()}
    await send(session, _setting(*sorted(values)), checkout_id=cart.id, **given)
    await publish(session, CheckoutUpdated(cart.id))
    return (await carts(of(session), [cart.id]))[cart.id]
