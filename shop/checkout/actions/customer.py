"""Whose checkout it is, which language they read, and what they wish to say."""

import uuid
from typing import Final

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.models import User
from shop.checkout.actions.locked import change, lock
from shop.checkout.errors import AlreadyOwned, CustomerNotFound
from shop.checkout.rules import Actor, Cart, clean_note
from shop.kit.db import send

_EMAIL: Final = select(User.email).where(User.id == bindparam("user_id", type_=Integer), User.is_active)


async def attach(session: AsyncSession, checkout_id: uuid.UUID, user_id: int, *, actor: Actor) -> Cart:
    """The guest's checkout is the user's, and so is its e-mail; one that is theirs already stays as it is.

    Whoever knows a guest's checkout may take it: its UUID is the proof. Locks: purchase, checkout.
    Raises: CheckoutNotFound, CustomerNotFound, AlreadyOwned.
    """
    cart = await lock(session, checkout_id, actor)
    if cart.user_id == user_id:
        return cart
    if cart.user_id is not None:
        raise AlreadyOwned
    found = await send(session, _EMAIL, user_id=user_id)
    if not found:
        raise CustomerNotFound
    return await change(session, cart, user_id=user_id, email=found[0]["email"])


async def detach(session: AsyncSession, checkout_id: uuid.UUID, *, actor: Actor) -> Cart:
    """The checkout is a guest's: whoever knows its UUID may go on with it. E-mail and addresses stay.

    Locks: purchase, checkout. Raises: CheckoutNotFound.
    """
    cart = await lock(session, checkout_id, actor)
    return cart if cart.user_id is None else await change(session, cart, user_id=None)


async def set_language(session: AsyncSession, checkout_id: uuid.UUID, code: str, *, actor: Actor) -> Cart:
    """The buyer reads this language. Locks: purchase, checkout. Raises: CheckoutNotFound."""
    return await change(session, await lock(session, checkout_id, actor), language_code=code)


async def set_note(session: AsyncSession, checkout_id: uuid.UUID, note: str, *, actor: Actor) -> Cart:
    """The order will carry this note. Locks: purchase, checkout. Raises: CheckoutNotFound, Invalid."""
    cart = await lock(session, checkout_id, actor)
    return await change(session, cart, note=clean_note(note))
