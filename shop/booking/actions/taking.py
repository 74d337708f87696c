"""The one statement that writes holds, with the time or the seats that they take."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import DateTime, Integer, Table, Text, Uuid, bindparam, case, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.actions.sessions import Opened
from shop.booking.availability import Choice
from shop.booking.errors import SessionFull
from shop.booking.models import Allocation, Hold, Seat
from shop.booking.rules import HoldTime
from shop.kit.db import send

_moment: Final = DateTime(timezone=True)
_new: Final = (
    func.unnest(
        bindparam("ids", type_=ARRAY(Uuid())),
        bindparam("line_ids", type_=ARRAY(Uuid())),
        bindparam("waitlist_ids", type_=ARRAY(Uuid())),
        bindparam("service_ids", type_=ARRAY(Integer)),
        bindparam("lead_ids", type_=ARRAY(Integer)),
        bindparam("session_ids", type_=ARRAY(Uuid())),
        bindparam("starts", type_=ARRAY(_moment)),
        bindparam("ends", type_=ARRAY(_moment)),
        bindparam("timezones", type_=ARRAY(Text)),
        bindparam("seats", type_=ARRAY(Integer)),
        bindparam("entitlement_ids", type_=ARRAY(Uuid())),
        bindparam("attendees", type_=ARRAY(JSONB)),
    )
    .table_valued(
        "id",
        "line_id",
        "waitlist_entry_id",
        "service_id",
        "resource_id",
        "session_id",
        "starts_at",
        "ends_at",
        "timezone",
        "seats",
        "entitlement_id",
        "attendee",
        name="new",
    )
    .render_derived()
)
_holds: Final = (
    insert(cast("Table", Hold.__table__))
    .from_select(
        [
            "id",
            "line_id",
            "waitlist_entry_id",
            "service_id",
            "resource_id",
            "session_id",
            "during",
            "timezone",
            "seats",
            "entitlement_id",
            "attendee",
            "purchase_key",
            "client",
            "expires_at",
            "expires_at_latest",
            "created_at",
        ],
        select(
            _new.c.id,
            _new.c.line_id,
            _new.c.waitlist_entry_id,
            _new.c.service_id,
            _new.c.resource_id,
            _new.c.session_id,
            func.tstzrange(_new.c.starts_at, _new.c.ends_at),
            _new.c.timezone,
            _new.c.seats,
            _new.c.entitlement_id,
            _new.c.attendee,
            bindparam("purchase_key", type_=Uuid()),
            bindparam("client", type_=Text),
            bindparam("expires_at", type_=_moment),
            bindparam("latest", type_=_moment),
            bindparam("now", type_=_moment),
        ),
    )
    .returning(Hold.id)
    .cte("holds")
)
_times: Final = (
    func.unnest(
        bindparam("resources", type_=ARRAY(Integer)),
        bindparam("from", type_=ARRAY(_moment)),
        bindparam("to", type_=ARRAY(_moment)),
        bindparam("befores", type_=ARRAY(Integer)),
        bindparam("afters", type_=ARRAY(Integer)),
        bindparam("holders", type_=ARRAY(Uuid())),
        bindparam("sittings", type_=ARRAY(Uuid())),
    )
    .table_valued("resource_id", "starts_at", "ends_at", "before", "after", "hold_id", "session_id", name="times")
    .render_derived()
)
# In one order, resource by resource: carts that want the same times in different orders would deadlock. DO NOTHING
# waits for the rival and then takes no row; catching an error instead would deadlock as well.
_taken: Final = (
    insert(cast("Table", Allocation.__table__))
    .from_select(
        [
            "resource_id",
            "during",
            "buffer_before_min",
            "buffer_after_min",
            "hold_id",
            "session_id",
            "kind",
            "expires_at",
        ],
        select(
            _times.c.resource_id,
            func.tstzrange(_times.c.starts_at, _times.c.ends_at),
            _times.c.before,
            _times.c.after,
            _times.c.hold_id,
            _times.c.session_id,
            case((_times.c.session_id.is_not(None), "SESSION"), else_="HOLD"),
            case((_times.c.hold_id.is_not(None), bindparam("expires_at", type_=_moment))),
        ).order_by(_times.c.resource_id, _times.c.starts_at),
    )
    .on_conflict_do_nothing()
    .returning(Allocation.resource_id)
    .cte("taken")
)
_sitters: Final = (
    func.unnest(
        bindparam("sitters", type_=ARRAY(Uuid())),
        bindparam("sits_in", type_=ARRAY(Uuid())),
        bindparam("capacities", type_=ARRAY(Integer)),
        bindparam("first_places", type_=ARRAY(Integer)),
        bindparam("last_places", type_=ARRAY(Integer)),
    )
    .table_valued("hold_id", "session_id", "capacity", "first", "last", name="sitters")
    .render_derived()
)
_numbers: Final = func.generate_series(1, _sitters.c.capacity).table_valued("number", name="numbers").render_derived()
_free_seats: Final = (
    select(_numbers.c.number, func.row_number().over(order_by=_numbers.c.number).label("place"))
    .where(
        ~select(Seat.seat_no)
        .where(Seat.session_id == _sitters.c.session_id, Seat.seat_no == _numbers.c.number)
        .correlate(_sitters, _numbers)
        .exists()
    )
    .correlate(_sitters)
    .lateral("free_seats")
)
_seated: Final = (
    insert(cast("Table", Seat.__table__))
    .from_select(
        ["session_id", "capacity", "seat_no", "state", "hold_id", "expires_at", "purchase_key"],
        select(
            _sitters.c.session_id,
            _sitters.c.capacity,
            _free_seats.c.number,
            literal("HELD"),
            _sitters.c.hold_id,
            bindparam("expires_at", type_=_moment),
            bindparam("purchase_key", type_=Uuid()),
        )
        .select_from(_sitters)
        .join(_free_seats, _free_seats.c.place.between(_sitters.c.first, _sitters.c.last)),
    )
    .returning(Seat.hold_id)
    .cte("seated")
)
# The holds with their time, or with the lowest free seats of sessions that are locked.
_TAKE: Final = select(
    select(func.count()).select_from(_taken).scalar_subquery().label("times"),
    select(func.array_agg(_seated.c.hold_id, type_=ARRAY(Uuid()))).scalar_subquery().label("seats"),
).add_cte(_holds)


@dataclass(frozen=True, slots=True)
class Wish:
    """A slot for a cart's line, or to be offered to who waits. `resource_id` None: with anybody."""

    line_id: uuid.UUID | None
    service_id: int
    start: datetime
    resource_id: int | None = None
    seats: int = 1
    entitlement_id: uuid.UUID | None = None
    attendee: Mapping[str, Any] = field(default_factory=dict)
    waitlist_entry_id: uuid.UUID | None = None
    # What the line sells, where that is to be the service's own variant.
    variant_id: int | None = None
    # It has been paid for already: the notice that the service asks for was given when it was first held.
    is_paid: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """A wish with the hold that it becomes, and who serves it."""

    wish: Wish
    hold_id: uuid.UUID
    choice: Choice

    @property
    def place(self) -> tuple[int, datetime, int]:
        """In whose order locks are taken: who leads, when, and for which service."""
        return self.choice.lead_id, self.choice.start, self.choice.book.service.id


class LostRaceError(Exception):
    """Somebody took what was free a moment ago."""


async def take(
    session: AsyncSession,
    purchase_key: uuid.UUID,
    planned: Sequence[Planned],
    opened: Mapping[Any, Opened],
    time: HoldTime,
    *,
    client: str,
    now: datetime,
) -> set[int]:
    """The holds are there, with their resources' time and their seats; the answer is the resources whose time it is.

    Shapes: `planned` in the order of places; `opened` their sessions, by place.
    Locks: allocations by resource and start; the sessions are locked. Raises: LostRaceError, SessionFull.
    """
    times = _times_of(planned, opened)
    ((times_taken, seats_taken),) = await send(
        session,
        _TAKE,
        **_holds_of(planned, opened),
        **times,
        **_seats_of(planned, opened),
        purchase_key=purchase_key,
        client=client,
        expires_at=time.expires_at,
        latest=time.expires_at_latest,
        now=now,
    )
    if times_taken < len(times["resources"]):
        raise LostRaceError
    seated = Counter(seats_taken or ())
    for one in planned:
        if one.place in opened and seated[one.hold_id] < one.wish.seats:
            raise SessionFull(seated[one.hold_id])
    return set(times["resources"])


def _holds_of(planned: Sequence[Planned], opened: Mapping[Any, Opened]) -> dict[str, list[Any]]:
    visits = [one.choice.book.service.visit(one.choice.start) for one in planned]
    return {
        "ids": [one.hold_id for one in planned],
        "line_ids": [one.wish.line_id for one in planned],
        "waitlist_ids": [one.wish.waitlist_entry_id for one in planned],
        "service_ids": [one.choice.book.service.id for one in planned],
        "lead_ids": [one.choice.lead_id for one in planned],
        "session_ids": [opened[one.place].id if one.place in opened else None for one in planned],
        "starts": [start for start, _ in visits],
        "ends": [end for _, end in visits],
        "timezones": [one.choice.timezone for one in planned],
        "seats": [one.wish.seats for one in planned],
        "entitlement_ids": [one.wish.entitlement_id for one in planned],
        "attendees": [dict(one.wish.attendee) for one in planned],
    }


def _times_of(planned: Sequence[Planned], opened: Mapping[Any, Opened]) -> dict[str, list[Any]]:
    times: dict[str, list[Any]] = {
        name: [] for name in ("resources", "from", "to", "befores", "afters", "holders", "sittings")
    }
    timed = set()
    for one in planned:
        sitting = opened.get(one.place)
        if sitting is not None:
            # Somebody's session that is joined has its time already; so has the one of another of our lines.
            if not sitting.is_new or sitting.id in timed:
                continue
            timed.add(sitting.id)
        service = one.choice.book.service
        start, end = service.visit(one.choice.start)
        for resource_id in one.choice.resource_ids:
            times["resources"].append(resource_id)
            times["from"].append(start)
            times["to"].append(end)
            times["befores"].append(service.buffer_before_min)
            times["afters"].append(service.buffer_after_min)
            times["holders"].append(one.hold_id if sitting is None else None)
            times["sittings"].append(None if sitting is None else sitting.id)
    return times


def _seats_of(planned: Sequence[Planned], opened: Mapping[Any, Opened]) -> dict[str, list[Any]]:
    """Whose seats are the first free ones of a session, and whose the next."""
    seats: dict[str, list[Any]] = {
        name: [] for name in ("sitters", "sits_in", "capacities", "first_places", "last_places")
    }
    given: Counter[uuid.UUID] = Counter()
    for one in planned:
        if (sitting := opened.get(one.place)) is None:
            continue
        seats["sitters"].append(one.hold_id)
        seats["sits_in"].append(sitting.id)
        seats["capacities"].append(sitting.capacity)
        seats["first_places"].append(given[sitting.id] + 1)
        given[sitting.id] += one.wish.seats
        seats["last_places"].append(given[sitting.id])
    return seats
