"""Slots whose time to be paid has run out."""

import uuid
from datetime import datetime
from functools import partial
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking import actions
from shop.booking.queries import of
from shop.booking.queries.holds import due_purchases
from shop.kit.db import Units, lock_purchase

_log = structlog.get_logger(__name__)
_BATCH: Final = 200


async def expire_due(units: Units, now: datetime) -> None:
    """Every hold that has run out is released, or on its end where a payment is open; a purchase is a unit."""
    for key in await units.run(lambda session: due_purchases(of(session), now, limit=_BATCH)):
        try:
            await units.run(partial(_expire, key=key, now=now))
        except Exception:  # noqa: BLE001 - one purchase must not keep the others waiting; its next turn comes by itself
            _log.exception("slots not released", purchase=str(key))


async def _expire(session: AsyncSession, *, key: uuid.UUID, now: datetime) -> None:
    await lock_purchase(session, key)
    await actions.expire(session, key, now=now)
