"""Locks that are no rows. Row locks stand with the statements that take them, in the order that house rules give."""

import uuid

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_LOCK = text("SELECT pg_advisory_xact_lock(:high, :low)")


async def lock_purchase(session: AsyncSession, key: uuid.UUID) -> None:
    """One transaction at a time handles the purchase: every unit that touches its money takes this first.

    `key` is the checkout's UUID (an order keeps its checkout's; an order without one its own), so that a webhook, a
    reaper and `checkoutComplete` meet in one order.
    """
    # Two 32-bit halves of 64 random bits: the two-argument form has a key space of its own.
    bits = key.int >> 64
    await session.execute(_LOCK, {"high": _signed(bits >> 32), "low": _signed(bits & 0xFFFFFFFF)})


def _signed(value: int) -> int:
    return value - 2**32 if value >= 2**31 else value
