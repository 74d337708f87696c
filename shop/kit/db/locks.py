"""Locks that are no rows. Row locks stand with the statements that take them, in the order that house rules give."""

import uuid
from typing import Final

from sqlalchemy import Integer, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.db.unit import send

_LOCK: Final = select(func.pg_advisory_xact_lock(bindparam("high", type_=Integer), bindparam("low", type_=Integer)))


async def lock_purchase(session: AsyncSession, key: uuid.UUID) -> None:
    """One transaction at a time handles the purchase: every unit that touches its money takes this first.

    `key` is the checkout's UUID (an order keeps its checkout's; an order without one its own), so that a webhook, a
    reaper and `checkoutComplete` meet in one order.
    """
    # Two 32-bit halves of 64 random bits: the two-argument form has a key space of its own.
    bits = key.int >> 64
    await send(session, _LOCK, high=_signed(bits >> 32), low=_signed(bits & 0xFFFFFFFF))


def _signed(value: int) -> int:
    return value - 2**32 if value >= 2**31 else value
