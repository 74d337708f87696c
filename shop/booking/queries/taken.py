"""What is taken in calendars: with its owners for those who may take it from them, and in bulk for lists."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import DateTime, Integer, and_, bindparam, case, exists, false, func, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from shop.booking.calendars import Sitting, Taken
from shop.booking.models import Allocation, Hold, Seat, Session
from shop.booking.queries.rows import Rows
from shop.booking.rules import Range

_now: Final = bindparam("now", type_=DateTime(timezone=True))
HAS_RUN_OUT: Final = and_(Hold.expires_at <= _now, Hold.state == "ACTIVE", ~Hold.payment_open)
_wanted: Final = (
    func.unnest(bindparam("resource_ids", type_=ARRAY(Integer))).table_valued("id", name="wanted").render_derived()
)
_seat_hold: Final = Hold.__table__.alias("seat_hold")
_live_seats: Final = (
    select(func.count())
    .select_from(Seat)
    .outerjoin(_seat_hold, _seat_hold.c.id == Seat.hold_id)
    .where(
        Seat.session_id == Allocation.session_id,
        or_(
            Seat.hold_id.is_(None),
            _seat_hold.c.expires_at > _now,
            _seat_hold.c.payment_open,
            _seat_hold.c.state != "ACTIVE",
        ),
    )
    .correlate(Allocation)
    .scalar_subquery()
    .cast(Integer)
)
_all_seats: Final = (
    select(func.count())
    .select_from(Seat)
    .where(Seat.session_id == Allocation.session_id)
    .correlate(Allocation)
    .scalar_subquery()
    .cast(Integer)
)
# The index is used because the column and the value are both int4: a driver that sent int2 would make the planner
# skip it. One look into it for each resource; `= ANY` would read every resource's time and then choose.
_meets: Final = and_(
    Allocation.resource_id == _wanted.c.id.cast(Integer),
    Allocation.busy.op("&&")(
        func.tstzrange(
            bindparam("since", type_=DateTime(timezone=True)), bindparam("until", type_=DateTime(timezone=True))
        )
    ),
)
_in_the_way: Final = (
    select(
        Allocation.resource_id,
        func.lower(Allocation.busy, type_=DateTime(timezone=True)).label("starts_at"),
        func.upper(Allocation.busy, type_=DateTime(timezone=True)).label("ends_at"),
        Allocation.hold_id,
        Allocation.booking_id,
        Allocation.session_id,
        case((Allocation.session_id.is_not(None), _live_seats)).label("live_seats"),
        case((Allocation.session_id.is_not(None), _all_seats)).label("all_seats"),
    )
    .where(_meets)
    .correlate(_wanted)
    .lateral("in_the_way")
)
TAKEN: Final = (
    select(
        _in_the_way.c.resource_id,
        _in_the_way.c.starts_at,
        _in_the_way.c.ends_at,
        _in_the_way.c.hold_id,
        _in_the_way.c.booking_id,
        case(
            (
                _in_the_way.c.hold_id.is_not(None),
                HAS_RUN_OUT,
            ),
            (_in_the_way.c.session_id.is_not(None), _in_the_way.c.live_seats == 0),
            else_=false(),
        ).label("is_over"),
        _in_the_way.c.session_id,
        Session.service_id,
        Session.resource_id.label("session_resource_id"),
        func.lower(Session.during, type_=DateTime(timezone=True)).label("session_starts_at"),
        Session.capacity,
        _in_the_way.c.live_seats,
        _in_the_way.c.all_seats,
    )
    .select_from(_wanted)
    .join(_in_the_way, true())
    .outerjoin(Hold, Hold.id == _in_the_way.c.hold_id)
    .outerjoin(Session, Session.id == _in_the_way.c.session_id)
)
# A row for each resource: a month of a thousand calendars is fifty thousand rows otherwise. What has run out is asked
# of the few holds that are past their time.
_counts: Final = case(
    (Allocation.session_id.is_not(None), _live_seats > 0),
    (Allocation.expires_at <= _now, ~exists().where(Hold.id == Allocation.hold_id, HAS_RUN_OUT).correlate(Allocation)),
    else_=true(),
)
_instants: Final = ARRAY(DateTime(timezone=True))
_joined_service: Final = (
    select(Session.service_id).where(Session.id == Allocation.session_id).correlate(Allocation).scalar_subquery()
)
_busy: Final = (
    select(
        func.array_agg(func.lower(Allocation.busy), type_=_instants).filter(_counts).label("starts"),
        func.array_agg(func.upper(Allocation.busy), type_=_instants).filter(_counts).label("ends"),
        func.bool_or(Allocation.session_id.is_not(None)).label("is_seated"),
        func.bool_or(
            case(
                (Allocation.session_id.is_not(None), _joined_service == bindparam("service_id", type_=Integer)),
                else_=false(),
            )
        ).label("has_sessions"),
    )
    .where(_meets)
    .correlate(_wanted)
    .lateral("busy")
)
BUSY: Final = (
    select(_wanted.c.id, _busy.c.starts, _busy.c.ends, _busy.c.is_seated, _busy.c.has_sessions)
    .select_from(_wanted.join(_busy, true()))
    .where(_busy.c.is_seated.is_not(None))
)


@dataclass(frozen=True, slots=True)
class Busy:
    """A resource's taken time, without what has run out.

    `is_seated`: some of it may be a session's; `has_sessions`: of the service that was asked about.
    """

    resource_id: int
    ranges: tuple[Range, ...]
    is_seated: bool
    has_sessions: bool


async def taken(
    rows: Rows, resource_ids: Collection[int], since: datetime, until: datetime, *, now: datetime
) -> list[Taken]:
    """All that takes the resources' time somewhere in `[since, until)`. One statement."""
    found = await rows(TAKEN, resource_ids=sorted(set(resource_ids)), since=since, until=until, now=now)
    return [_taken(*row) for row in found]


async def busy(
    rows: Rows, service_id: int, resource_ids: Collection[int], since: datetime, until: datetime, *, now: datetime
) -> dict[int, Busy]:
    """What of `taken` counts, by resource, without its owners. One statement."""
    found = await rows(
        BUSY, service_id=service_id, resource_ids=sorted(set(resource_ids)), since=since, until=until, now=now
    )
    return {
        key: Busy(key, tuple(zip(starts or (), ends or (), strict=True)), is_seated, has_sessions)
        for key, starts, ends, is_seated, has_sessions in found
    }


def _taken(
    resource_id: int,
    start: datetime,
    end: datetime,
    hold_id: uuid.UUID | None,
    booking_id: uuid.UUID | None,
    is_over: bool,
    session_id: uuid.UUID | None,
    service_id: int,
    session_resource_id: int,
    session_start: datetime,
    capacity: int,
    live_seats: int,
    all_seats: int,
) -> Taken:
    sitting = None
    if session_id is not None:
        sitting = Sitting(
            session_id,
            service_id,
            session_resource_id,
            session_start,
            capacity,
            free=max(0, capacity - live_seats),
            has_run_out=live_seats < all_seats,
        )
    return Taken(resource_id, start, end, hold_id, booking_id, is_over, sitting)
