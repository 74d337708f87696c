"""Notes of clients on a checkout and its lines."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Uuid, bindparam, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from shop.checkout.actions.locked import change, lock, touch
from shop.checkout.errors import CheckoutNotFound, LineNotFound
from shop.checkout.models import CheckoutLine
from shop.checkout.queries import lines, of
from shop.checkout.rules import Actor, Cart, Line
from shop.kit.db import send
from shop.kit.metadata import within_limit

_CHECKOUT_OF_LINE: Final = select(CheckoutLine.checkout_id).where(CheckoutLine.id == bindparam("line_id", type_=Uuid()))
_SET_LINE: Final = (
    update(CheckoutLine)
    .where(CheckoutLine.id == bindparam("line_id", type_=Uuid()))
    .values({CheckoutLine.metadata_public: bindparam("values", type_=JSONB)})
)


async def update_metadata(
    session: AsyncSession, checkout_id: uuid.UUID, entries: Mapping[str, str], *, actor: Actor
) -> Cart:
    """The checkout carries the entries beside those of other keys. Locks: purchase, checkout.

    Raises: CheckoutNotFound, Invalid.
    """
    cart = await lock(session, checkout_id, actor)
    values = within_limit({**cart.metadata_public, **entries}, field="input")
    return await change(session, cart, metadata_public=values)


async def delete_metadata(
    session: AsyncSession, checkout_id: uuid.UUID, keys: Collection[str], *, actor: Actor
) -> Cart:
    """The checkout carries none of the keys. Locks: purchase, checkout. Raises: CheckoutNotFound."""
    cart = await lock(session, checkout_id, actor)
    values = {key: value for key, value in cart.metadata_public.items() if key not in keys}
    return await change(session, cart, metadata_public=values)


async def update_line_metadata(
    session: AsyncSession, line_id: uuid.UUID, entries: Mapping[str, str], *, actor: Actor
) -> tuple[Cart, Line]:
    """The line carries the entries beside those of other keys. Locks: purchase, checkout.

    Raises: LineNotFound, also for a line of somebody else's checkout; Invalid.
    """
    cart, line = await _line(session, line_id, actor)
    return await _set_line(session, cart, line, within_limit({**line.metadata_public, **entries}, field="input"))


async def delete_line_metadata(
    session: AsyncSession, line_id: uuid.UUID, keys: Collection[str], *, actor: Actor
) -> tuple[Cart, Line]:
    """The line carries none of the keys. Locks: purchase, checkout. Raises: LineNotFound."""
    cart, line = await _line(session, line_id, actor)
    kept = {key: value for key, value in line.metadata_public.items() if key not in keys}
    return await _set_line(session, cart, line, kept)


async def _line(session: AsyncSession, line_id: uuid.UUID, actor: Actor) -> tuple[Cart, Line]:
    found = await send(session, _CHECKOUT_OF_LINE, line_id=line_id)
    if not found:
        raise LineNotFound([line_id], field="id")
    checkout_id: uuid.UUID = found[0]["checkout_id"]
    try:
        cart = await lock(session, checkout_id, actor)
    except CheckoutNotFound:
        raise LineNotFound([line_id], field="id") from None
    # Read again behind the lock: the line may be gone by now.
    for line in (await lines(of(session), [checkout_id])).get(checkout_id, []):
        if line.id == line_id:
            return cart, line
    raise LineNotFound([line_id], field="id")


async def _set_line(session: AsyncSession, cart: Cart, line: Line, values: dict[str, Any]) -> tuple[Cart, Line]:
    await send(session, _SET_LINE, line_id=line.id, values=values)
    return await touch(session, cart), replace(line, metadata_public=values)
