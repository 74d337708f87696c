"""The beginning and the end of every change of a checkout."""

import uuid
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Uuid, bindparam, func, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.checkout.errors import CheckoutNotFound
from shop.checkout.events import CheckoutUpdated
from shop.checkout.models import Checkout
from shop.checkout.queries import CARTS_FOR_UPDATE, carts, of, to_cart
from shop.checkout.rules import Actor, Cart, may_touch
from shop.kit.db import lock_purchase
from shop.kit.events import publish

_TOUCH: Final = (
    update(Checkout)
    .where(Checkout.id == bindparam("checkout_id", type_=Uuid()))
    .values(updated_at=func.clock_timestamp())
    .returning(Checkout.updated_at)
    .execution_options(synchronize_session=False)
)


async def lock(session: AsyncSession, checkout_id: uuid.UUID, actor: Actor) -> Cart:
    """The checkout, which nobody else changes, pays for or completes until the unit ends.

    Locks: the purchase, then the checkout's row. Raises: CheckoutNotFound, also for somebody else's;
    the actor's refusal instead where there is one.
    """
    await lock_purchase(session, checkout_id)
    row = (await session.execute(CARTS_FOR_UPDATE, {"ids": [checkout_id]})).first()
    cart = to_cart(row) if row is not None else None
    if cart is None or not may_touch(actor, cart.user_id):
        raise actor.refusal or CheckoutNotFound
    return cart


async def touch(session: AsyncSession, cart: Cart) -> Cart:
    """The checkout's lines or notes have changed, nothing of its own: it is as it was, but for `updated_at`."""
    moment = (await session.execute(_TOUCH, {"checkout_id": cart.id})).scalar_one()
    await publish(session, CheckoutUpdated(cart.id))
    return replace(cart, updated_at=moment)


async def change(session: AsyncSession, cart: Cart, **values: Any) -> Cart:
    """The checkout has these values; it is read anew, with whatever follows from them."""
    await session.execute(
        update(Checkout)
        .where(Checkout.id == cart.id)
        .values(updated_at=func.clock_timestamp(), **values)
        .execution_options(synchronize_session=False)
    )
    await publish(session, CheckoutUpdated(cart.id))
    return (await carts(of(session), [cart.id]))[cart.id]
