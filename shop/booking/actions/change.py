"""What becomes of a booking: confirmed, moved, cancelled, attended. Each change is a new version with its event.

A change is a compare-and-swap on status and version: of two that meet, one finds another booking than it read.
"""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import DateTime, Integer, Text, Uuid, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.actions.calendar import mark_changed
from shop.booking.actions.release import clear
from shop.booking.actions.sessions import open_session, remove_empty, take_seats, take_time
from shop.booking.actions.versions import SYSTEM, By, changing, swap
from shop.booking.availability import Choice, Occupied, choose
from shop.booking.errors import BookingNotFound, InvalidState, ServiceNotFound, SlotUnavailable
from shop.booking.models import Allocation, Booking, Seat
from shop.booking.queries import books, of, taken
from shop.booking.queries.bookings import BookingRow, booking_by_id
from shop.booking.queries.calendars import Days
from shop.booking.rules import (
    OCCUPYING,
    can_cancel,
    can_check_in,
    can_complete,
    can_confirm,
    can_decline,
    can_mark_no_show,
    can_reschedule,
    has_lapsed,
    local_of,
    tzdata_version,
)
from shop.kit.db import lock_purchase, send
from shop.kit.db.database import sqlstate

_EXCLUDED: Final = "23P01"
_moment: Final = DateTime(timezone=True)
_id: Final = bindparam("booking", type_=Uuid())

_CHANGE: Final = changing({})
_CANCEL: Final = changing(
    {"cancelled_by": bindparam("cancelled_by", type_=Text), "ical_sequence": Booking.ical_sequence + 1}
)
_MOVE: Final = changing(
    {
        "ical_sequence": Booking.ical_sequence + 1,
        "during": func.tstzrange(bindparam("starts", type_=_moment), bindparam("ends", type_=_moment)),
        "local_start": bindparam("local", type_=DateTime()),
        "timezone": bindparam("zone", type_=Text),
        "tzdata_version": bindparam("tzdata", type_=Text),
        "resource_id": bindparam("resource", type_=Integer),
        "session_id": bindparam("sitting", type_=Uuid()),
    }
)
_FREE: Final = delete(Allocation).where(Allocation.booking_id == _id).returning(Allocation.resource_id)
_STAND_UP: Final = delete(Seat).where(Seat.booking_id == _id).returning(Seat.session_id)
_ALLOCATIONS: Final = (
    select(Allocation.id, Allocation.resource_id)
    .where(Allocation.booking_id == _id)
    .order_by(Allocation.resource_id)
    .with_for_update()
)
_places: Final = (
    func.unnest(bindparam("ids", type_=ARRAY(Integer)), bindparam("resources", type_=ARRAY(Integer)))
    .table_valued("id", "resource_id", name="places")
    .render_derived()
)
_MOVE_TIME: Final = (
    update(Allocation)
    .where(Allocation.id == _places.c.id)
    .values(
        resource_id=_places.c.resource_id,
        during=func.tstzrange(bindparam("starts", type_=_moment), bindparam("ends", type_=_moment)),
        buffer_before_min=bindparam("before", type_=Integer),
        buffer_after_min=bindparam("after", type_=Integer),
    )
    .execution_options(synchronize_session=False)
)


async def locked(session: AsyncSession, booking_id: uuid.UUID) -> BookingRow:
    """The booking as it is while nobody else changes it or its purchase. Locks: purchase. Raises: BookingNotFound."""
    found = await booking_by_id(of(session), booking_id)
    if found is None:
        raise BookingNotFound
    await lock_purchase(session, found.purchase_key)
    # Read again behind the lock.
    found = await booking_by_id(of(session), booking_id)
    assert found is not None
    return found


async def confirm(session: AsyncSession, booking: BookingRow, *, by: By, now: datetime) -> BookingRow:
    """Staff has agreed, or the payment has come. The caller has it `locked`. Raises: InvalidState."""
    if not can_confirm(booking.status):
        raise InvalidState(booking.status)
    return await _change(session, booking, "CONFIRMED", "CONFIRMED", by=by, now=now)


async def lapse(session: AsyncSession, booking: BookingRow, *, now: datetime) -> BookingRow:
    """It was not paid in time; its time is free. The caller has it `locked`. Raises: InvalidState before that."""
    if not has_lapsed(booking.status, booking.start, booking.created_at, now):
        raise InvalidState(booking.status)
    return await _change(session, booking, "EXPIRED", "EXPIRED", by=SYSTEM, now=now)


async def decline(session: AsyncSession, booking: BookingRow, *, by: By, now: datetime) -> BookingRow:
    """Staff will not have it; its time is free. The caller has it `locked`. Raises: InvalidState."""
    if not can_decline(booking.status):
        raise InvalidState(booking.status)
    return await _change(session, booking, "DECLINED", "DECLINED", by=by, now=now)


async def check_in(session: AsyncSession, booking: BookingRow, *, by: By, now: datetime) -> BookingRow:
    """The visitor is there. The caller has it `locked`. Raises: InvalidState."""
    if not can_check_in(booking.status):
        raise InvalidState(booking.status)
    return await _change(session, booking, "CHECKED_IN", "CHECKED_IN", by=by, now=now)


async def complete(session: AsyncSession, booking: BookingRow, *, by: By, now: datetime) -> BookingRow:
    """The visit is over. The caller has it `locked`. Raises: InvalidState."""
    if not can_complete(booking.status):
        raise InvalidState(booking.status)
    return await _change(session, booking, "COMPLETED", "COMPLETED", by=by, now=now)


async def mark_no_show(
    session: AsyncSession, booking: BookingRow, *, by: By, now: datetime, details: Mapping[str, Any] | None = None
) -> BookingRow:
    """Nobody came; what is paid back is the order's. `details` go into the event.

    The caller has it `locked`. Raises: InvalidState, also before its start.
    """
    if not can_mark_no_show(booking.status, booking.start, now):
        raise InvalidState(booking.status)
    return await _change(session, booking, "NO_SHOW", "NO_SHOW", by=by, now=now, parameters=details or {})


async def cancel(
    session: AsyncSession, booking: BookingRow, *, by: By, now: datetime, details: Mapping[str, Any] | None = None
) -> BookingRow:
    """It is called off and its time is free; what is paid back is the order's. `details` go into the event.

    The caller has it `locked`. Locks: its session. Raises: InvalidState, for its customer also after its start.
    """
    if not can_cancel(booking.status, booking.start, now, by_staff=by.is_staff):
        raise InvalidState(booking.status)
    return await _change(session, booking, "CANCELLED", "CANCELLED", by=by, now=now, parameters=details or {})


async def reschedule(
    session: AsyncSession,
    booking: BookingRow,
    start: datetime,
    *,
    by: By,
    now: datetime,
    resource_id: int | None = None,
) -> BookingRow:
    """It takes place then, with whoever is named, else with the same resource where that is free, else with another.

    The same rule as for a new slot decides, as if the booking had let go of its time; staff need no notice.
    The caller has it `locked`. Locks: sessions, allocations. Raises: InvalidState, and as `availability.choose`.
    """
    if not can_reschedule(booking.status, booking.start, now, by_staff=by.is_staff):
        raise InvalidState(booking.status)
    if booking.session_id is not None:
        left = await send(session, _STAND_UP, booking=booking.id)
        await remove_empty(session, {row["session_id"] for row in left})
    choice, cleared = await _choose(session, booking, start, resource_id, by=by, now=now)
    service = choice.book.service
    before: set[int] = set()
    sitting = None
    if booking.session_id is not None:
        opened = await open_session(session, choice)
        if opened.is_new:
            await take_time(session, choice, session_id=opened.id)
        await take_seats(session, opened, booking.seats, booking_id=booking.id, purchase_key=booking.purchase_key)
        sitting = opened.id
    else:
        before = await _move_time(session, booking, choice)
    moved = await swap(
        session,
        _MOVE,
        booking,
        booking.status,
        "RESCHEDULED",
        by=by,
        now=now,
        parameters={
            "from": booking.start.isoformat(),
            "to": start.isoformat(),
            "fromResource": booking.resource_id,
            "toResource": choice.lead_id,
        },
        starts=start,
        ends=start + service.duration,
        local=local_of(start, choice.timezone),
        zone=choice.timezone,
        tzdata=tzdata_version(),
        resource=choice.lead_id,
        sitting=sitting,
    )
    await mark_changed(session, {booking.resource_id, *choice.resource_ids} | before | cleared)
    return replace(
        moved,
        start=start,
        end=start + service.duration,
        timezone=choice.timezone,
        resource_id=choice.lead_id,
        session_id=sitting,
        ical_sequence=booking.ical_sequence + 1,
    )


async def _choose(
    session: AsyncSession, booking: BookingRow, start: datetime, resource_id: int | None, *, by: By, now: datetime
) -> tuple[Choice, set[int]]:
    rows = of(session)
    known = await books(rows, [booking.service_id or 0], Days.around(start, start))
    book = known.get(booking.service_id or 0)
    if book is None or not book.roles:
        raise ServiceNotFound(field="id")
    span = book.service.occupied(start)
    found = await taken(rows, book.resource_ids, *span, now=now)
    occupied = Occupied(found, without={booking.id})
    wanted = resource_id if resource_id is not None else booking.resource_id
    options: dict[str, Any] = {"now": now, "seats": booking.seats, "lead": not by.is_staff}
    try:
        choice = choose(book, occupied, start, resource_id=wanted, **options)
    except (SlotUnavailable, ServiceNotFound):
        if resource_id is not None:
            raise
        choice = choose(book, occupied, start, resource_id=None, **options)
    return choice, await clear(session, occupied.over(choice.resource_ids, span), now=now)


async def _move_time(session: AsyncSession, booking: BookingRow, choice: Choice) -> set[int]:
    """The booking's time is another one, in one statement: onto its own old time as well. Raises: SlotUnavailable."""
    rows = await send(session, _ALLOCATIONS, booking=booking.id)
    service = choice.book.service
    start, end = service.visit(choice.start)
    before = {row["id"]: row["resource_id"] for row in rows}
    # Whoever stays keeps the row; the others take what is left.
    staying = {key for key, resource_id in before.items() if resource_id in choice.resource_ids}
    new = [one for one in choice.resource_ids if one not in {before[key] for key in staying}]
    places = {key: before[key] for key in staying} | dict(zip(sorted(before.keys() - staying), new, strict=False))
    if len(places) != len(choice.resource_ids) or len(before) != len(places):
        # The service needs more, or less, than when it was booked.
        await send(session, _FREE, booking=booking.id)
        await take_time(session, choice, booking_id=booking.id)
        return set(before.values())
    try:
        async with session.begin_nested():
            await send(
                session,
                _MOVE_TIME,
                ids=list(places),
                resources=list(places.values()),
                starts=start,
                ends=end,
                before=service.buffer_before_min,
                after=service.buffer_after_min,
            )
    except Exception as error:
        if sqlstate(error) == _EXCLUDED:
            raise SlotUnavailable from None
        raise
    return set(before.values())


async def _change(
    session: AsyncSession,
    booking: BookingRow,
    status: str,
    kind: str,
    *,
    by: By,
    now: datetime,
    parameters: Mapping[str, Any] = {},
) -> BookingRow:
    if status == "CANCELLED":
        who = "STAFF" if by.is_staff else "CUSTOMER"
        changed = await swap(
            session, _CANCEL, booking, status, kind, by=by, now=now, parameters=parameters, cancelled_by=who
        )
        changed = replace(changed, cancelled_by=who, ical_sequence=booking.ical_sequence + 1)
    else:
        changed = await swap(session, _CHANGE, booking, status, kind, by=by, now=now, parameters=parameters)
    if status not in OCCUPYING:
        left = await send(session, _STAND_UP, booking=booking.id)
        await remove_empty(session, {row["session_id"] for row in left})
        freed = await send(session, _FREE, booking=booking.id)
        await mark_changed(session, {booking.resource_id} | {row["resource_id"] for row in freed})
    return changed
