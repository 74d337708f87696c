"""Payments that a buyer's bank takes back: bookings and sessions say how that stands. What follows is the order's."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Text, Uuid, any_, bindparam, func, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.actions.entitlements.entries import enter, locked
from shop.booking.actions.versions import SYSTEM, changing, swap
from shop.booking.models import Entitlement
from shop.booking.queries.bookings import BookingRow
from shop.kit.db import send

_stage: Final = bindparam("stage", type_=Text)
_MARK: Final = changing({"dispute": _stage})
_MARK_SESSIONS: Final = (
    update(Entitlement)
    # What waits for its payment is paid, once it is, with other money.
    .where(Entitlement.id == any_(bindparam("ids", type_=ARRAY(Uuid()))), Entitlement.seq > 0)
    .values(dispute=_stage, updated_at=func.now())
    .execution_options(synchronize_session=False)
)
_EVENTS: Final = {"OPEN": "DISPUTE_OPENED", "WON": "DISPUTE_WON", "LOST": "DISPUTE_LOST"}


async def mark_disputed(session: AsyncSession, booking: BookingRow, stage: str, *, now: datetime) -> BookingRow:
    """The booking says how the dispute of its payment stands: OPEN, WON or LOST; it keeps its time.

    The caller has it `locked`. Raises: InvalidState for another version.
    """
    parameters = {"from": booking.dispute, "to": stage}
    marked = await swap(
        session, _MARK, booking, booking.status, _EVENTS[stage], by=SYSTEM, now=now, parameters=parameters, stage=stage
    )
    return replace(marked, dispute=stage)


async def mark_sessions_disputed(session: AsyncSession, entitlement_ids: Sequence[uuid.UUID], stage: str) -> None:
    """While it is OPEN none of the sessions is spent; once it is LOST those that are left are gone.

    Locks: the entitlements, by id.
    """
    if not entitlement_ids:
        return
    found = [await locked(session, key) for key in sorted(entitlement_ids)]
    await send(session, _MARK_SESSIONS, ids=list(entitlement_ids), stage=stage)
    for one in found if stage == "LOST" else ():
        if one.balance:
            await enter(session, one.id, "ADJUST", -one.balance, reason="The payment was lost to a dispute.")
