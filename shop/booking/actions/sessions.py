"""Sessions and their seats. A session's row is locked before its seats are counted, so that none is given twice."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, cast

from sqlalchemy import DateTime, Integer, Table, Text, Uuid, any_, bindparam, delete, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.availability import Choice
from shop.booking.errors import SessionFull, SlotUnavailable
from shop.booking.models import Allocation, Seat, Session
from shop.kit.db import send

_moment: Final = DateTime(timezone=True)
_OPEN: Final = (
    insert(cast("Table", Session.__table__))
    .values(
        id=bindparam("new_id", type_=Uuid()),
        service_id=bindparam("service", type_=Integer),
        resource_id=bindparam("resource", type_=Integer),
        during=func.tstzrange(bindparam("starts", type_=_moment), bindparam("ends", type_=_moment)),
        timezone=bindparam("zone", type_=Text),
        capacity=bindparam("seats", type_=Integer),
    )
    # Whoever comes second waits for the first, and then has the same row, locked; a plain DO NOTHING would not see it.
    .on_conflict_do_update(
        index_elements=["service_id", "resource_id", "during"], set_={"timezone": Session.__table__.c.timezone}
    )
    .returning(Session.id, Session.capacity)
)
_series: Final = (
    func.generate_series(1, bindparam("capacity_", type_=Integer))
    .table_valued("number", name="series")
    .render_derived()
)
_SIT: Final = (
    insert(cast("Table", Seat.__table__))
    .from_select(
        ["session_id", "capacity", "seat_no", "state", "purchase_key", "booking_id"],
        select(
            bindparam("session_", type_=Uuid()),
            bindparam("capacity_", type_=Integer),
            _series.c.number,
            literal("TAKEN"),
            bindparam("key", type_=Uuid()),
            bindparam("booking", type_=Uuid()),
        )
        .where(
            ~select(Seat.seat_no)
            .where(Seat.session_id == bindparam("session_", type_=Uuid()), Seat.seat_no == _series.c.number)
            .correlate(_series)
            .exists()
        )
        .order_by(_series.c.number)
        .limit(bindparam("seats", type_=Integer)),
    )
    .returning(Seat.seat_no)
)
_needed: Final = func.unnest(bindparam("resources", type_=ARRAY(Integer))).column_valued("needed")
_TAKE_TIME: Final = (
    insert(cast("Table", Allocation.__table__))
    .from_select(
        ["resource_id", "during", "buffer_before_min", "buffer_after_min", "kind", "session_id", "booking_id"],
        select(
            _needed,
            func.tstzrange(bindparam("starts", type_=_moment), bindparam("ends", type_=_moment)),
            bindparam("before", type_=Integer),
            bindparam("after", type_=Integer),
            bindparam("kind", type_=Text),
            bindparam("session_", type_=Uuid()),
            bindparam("booking", type_=Uuid()),
        ).order_by(_needed),
    )
    .on_conflict_do_nothing()
    .returning(Allocation.resource_id)
)
_LOCK: Final = (
    select(Session.id)
    .where(Session.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
    .order_by(Session.id)
    .with_for_update()
)
_REMOVE_EMPTY: Final = (
    delete(Session)
    .where(
        Session.id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
        ~select(Seat.seat_no).where(Seat.session_id == Session.id).correlate(Session).exists(),
    )
    .returning(Session.id)
    .execution_options(synchronize_session=False)
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that is locked, so that its seats can be counted. One that `is_new` has not yet its resources' time."""

    id: uuid.UUID
    capacity: int
    is_new: bool


async def open_session(session: AsyncSession, choice: Choice) -> Opened:
    """The session of that service, resource and time is there and locked."""
    service = choice.book.service
    start, end = service.visit(choice.start)
    new_id = uuid.uuid4()
    ((session_id, capacity),) = await send(
        session,
        _OPEN,
        new_id=new_id,
        service=service.id,
        resource=choice.lead_id,
        starts=start,
        ends=end,
        zone=choice.timezone,
        seats=service.capacity,
    )
    return Opened(session_id, capacity, is_new=session_id == new_id)


async def take_time(
    session: AsyncSession, choice: Choice, *, session_id: uuid.UUID | None = None, booking_id: uuid.UUID | None = None
) -> None:
    """A new session, or a booking, takes its resources' time. Raises: SlotUnavailable."""
    service = choice.book.service
    start, end = service.visit(choice.start)
    got = await send(
        session,
        _TAKE_TIME,
        kind="BOOKING" if session_id is None else "SESSION",
        session_=session_id,
        booking=booking_id,
        resources=sorted(choice.resource_ids),
        starts=start,
        ends=end,
        before=service.buffer_before_min,
        after=service.buffer_after_min,
    )
    if len(got) < len(choice.resource_ids):
        raise SlotUnavailable


async def take_seats(
    session: AsyncSession, sitting: Opened, seats: int, *, booking_id: uuid.UUID, purchase_key: uuid.UUID
) -> None:
    """So many of the lowest free seats are the booking's. The caller has the session locked. Raises: SessionFull."""
    got = await send(
        session,
        _SIT,
        session_=sitting.id,
        capacity_=sitting.capacity,
        seats=seats,
        key=purchase_key,
        booking=booking_id,
    )
    if len(got) < seats:
        raise SessionFull(len(got))


async def remove_empty(session: AsyncSession, session_ids: Collection[uuid.UUID]) -> None:
    """Those of the sessions in which nobody sits are gone, and their time is free. Locks: the sessions, by id."""
    if not session_ids:
        return
    # Two statements: behind the lock a new one sees the seats of whoever had it before.
    await send(session, _LOCK, ids=sorted(session_ids))
    await send(session, _REMOVE_EMPTY, ids=sorted(session_ids))
