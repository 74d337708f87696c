"""Takes slots for a cart: all of them or none, in one order, against everybody who wants the same."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import BigInteger, DateTime, Integer, Table, Text, Uuid, bindparam, case, func, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.actions.calendar import mark_changed
from shop.booking.actions.release import clear, let_go
from shop.booking.actions.sessions import Opened, hold_seats, open_session
from shop.booking.availability import Choice, Occupied, choose
from shop.booking.errors import BadSlotToken, HoldLimit, ServiceNotFound, SlotUnavailable
from shop.booking.models import Allocation, Hold
from shop.booking.queries import books, of, taken
from shop.booking.queries.calendars import Days
from shop.booking.queries.holds import HoldRow, live_holds
from shop.booking.rules import new_hold
from shop.kit.db import send

# Others may be faster while we look for a room or a device; then we look again.
_ATTEMPTS: Final = 3


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


class _LostRaceError(Exception):
    """Somebody took what was free a moment ago."""


_ONE_BY_ONE: Final = select(
    func.pg_advisory_xact_lock(
        func.hashtextextended(bindparam("client", type_=Text), bindparam("seed", type_=BigInteger))
    )
)
# Any number: locks of clients are no locks of something else.
_SEED: Final = 7_236_104

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
_TAKE: Final = (
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
    .add_cte(_holds)
)


@dataclass(frozen=True, slots=True)
class _Planned:
    """A wish with the hold that it becomes, and who serves it."""

    wish: Wish
    hold_id: uuid.UUID
    choice: Choice


async def hold_slots(
    session: AsyncSession,
    purchase_key: uuid.UUID,
    wishes: Sequence[Wish],
    *,
    client: str,
    limit: int,
    now: datetime,
) -> list[HoldRow]:
    """Each line holds the slot it wants until a quarter of an hour from now; or, if one cannot be had, none is taken.

    A line that held another slot has let it go; one that holds this very slot keeps it as it is. `client` holds no
    more than `limit` in all. The answer: the lines' holds, in the order of the wishes.
    Locks: the caller holds the purchase's; then the client's, sessions, allocations by resource and start.
    Raises: ServiceNotFound, HoldLimit, and whatever keeps a slot from being had (`availability.choose`).
    """
    await send(session, _ONE_BY_ONE, client=client, seed=_SEED)
    rows = of(session)
    found = await live_holds(rows, client, [wish.line_id for wish in wishes if wish.line_id is not None])
    present = {hold.line_id: hold for hold in found if hold.line_id is not None}
    before = [None if wish.line_id is None else present.get(wish.line_id) for wish in wishes]
    kept = [hold if _is_same(hold, wish, now) else None for hold, wish in zip(before, wishes, strict=True)]
    new = [wish for wish, hold in zip(wishes, kept, strict=True) if hold is None]
    if not new:
        return [hold for hold in kept if hold is not None]
    moved = [hold for hold, same in zip(before, kept, strict=True) if hold is not None and same is None]
    others = [hold for hold in found if hold not in moved and (hold.expires_at > now or hold.payment_open)]
    if sum(hold.client == client for hold in others) + len(new) > limit:
        raise HoldLimit(limit)
    for _ in range(_ATTEMPTS):
        try:
            async with session.begin_nested():
                freed = await let_go(session, moved)
                taken_now = iter(await _take(session, purchase_key, new, freed, client=client, now=now))
        except _LostRaceError:
            continue
        return [hold or next(taken_now) for hold in kept]
    raise SlotUnavailable


def _is_same(hold: HoldRow | None, wish: Wish, now: datetime) -> bool:
    return (
        hold is not None
        and hold.service_id == wish.service_id
        and hold.start == wish.start
        and wish.resource_id in {None, hold.resource_id}
        and hold.seats == wish.seats
        and hold.entitlement_id == wish.entitlement_id
        and (hold.expires_at > now or hold.payment_open)
    )


async def _take(
    session: AsyncSession,
    purchase_key: uuid.UUID,
    wishes: Sequence[Wish],
    freed: set[int],
    *,
    client: str,
    now: datetime,
) -> list[HoldRow]:
    choices, cleared = await plan(session, wishes, now=now)
    time = new_hold(now)
    planned = [_Planned(wish, uuid.uuid4(), choice) for wish, choice in zip(wishes, choices, strict=True)]
    in_order = sorted(planned, key=_place)
    opened: dict[tuple[int, datetime, int], Opened] = {}
    for one in in_order:
        if one.choice.book.service.capacity > 1 and _place(one) not in opened:
            opened[_place(one)] = await open_session(session, one.choice)
    times = _times_of(in_order, opened)
    got = await send(
        session,
        _TAKE,
        **_holds_of(in_order, opened),
        **times,
        purchase_key=purchase_key,
        client=client,
        expires_at=time.expires_at,
        latest=time.expires_at_latest,
        now=now,
    )
    if len(got) < len(times["resources"]):
        raise _LostRaceError
    for one in in_order:
        if (sitting := opened.get(_place(one))) is not None:
            await hold_seats(
                session,
                sitting,
                one.wish.seats,
                hold_id=one.hold_id,
                purchase_key=purchase_key,
                expires_at=time.expires_at,
            )
    await mark_changed(session, freed | cleared | {one.choice.lead_id for one in planned} | set(times["resources"]))
    return [
        HoldRow(
            id=one.hold_id,
            line_id=one.wish.line_id,
            waitlist_entry_id=one.wish.waitlist_entry_id,
            purchase_key=purchase_key,
            service_id=one.choice.book.service.id,
            resource_id=one.choice.lead_id,
            session_id=opened[_place(one)].id if _place(one) in opened else None,
            start=one.choice.start,
            end=one.choice.start + one.choice.book.service.duration,
            timezone=one.choice.timezone,
            seats=one.wish.seats,
            client=client,
            entitlement_id=one.wish.entitlement_id,
            attendee=one.wish.attendee,
            state="ACTIVE",
            payment_open=False,
            expires_at=time.expires_at,
            expires_at_latest=time.expires_at_latest,
            renewals=0,
            created_at=now,
        )
        for one in planned
    ]


async def plan(session: AsyncSession, wishes: Sequence[Wish], *, now: datetime) -> tuple[list[Choice], set[int]]:
    """Who can serve each of the wishes, all of them together; what ran out and stands in their way is gone.

    The second part of the answer: the resources to mark at the end of the change.
    Raises: ServiceNotFound, and as `availability.choose`.
    """
    rows = of(session)
    since, until = min(wish.start for wish in wishes), max(wish.start for wish in wishes)
    known = await books(rows, {wish.service_id for wish in wishes}, Days.around(since, until))
    resources: set[int] = set()
    spans = []
    for wish in wishes:
        book = known.get(wish.service_id)
        if book is None or not book.service.is_active or not book.roles:
            raise ServiceNotFound
        if wish.variant_id not in {None, book.service.variant_id}:
            raise BadSlotToken
        resources |= book.resource_ids
        spans.append(book.service.occupied(wish.start))
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    found = await taken(rows, resources, first, last, now=now)
    occupied = Occupied(found)
    choices: dict[int, Choice] = {}
    over = []
    for number, wish in sorted(enumerate(wishes), key=lambda one: (one[1].start, one[1].service_id)):
        book = known[wish.service_id]
        choice = choose(
            book,
            occupied,
            wish.start,
            resource_id=wish.resource_id,
            now=now,
            seats=wish.seats,
            lead=not wish.is_paid,
        )
        choices[number] = choice
        over += occupied.over(choice.resource_ids, book.service.occupied(wish.start))
        if choice.sitting is not None:
            over += [one for one in found if one.sitting == choice.sitting]
        if book.service.capacity == 1:
            occupied.take(choice.resource_ids, book.service.occupied(wish.start))
    cleared = await clear(session, over, now=now)
    return [choices[number] for number in range(len(wishes))], cleared


def _place(one: _Planned) -> tuple[int, datetime, int]:
    return one.choice.lead_id, one.choice.start, one.choice.book.service.id


def _holds_of(planned: Sequence[_Planned], opened: Mapping[Any, Opened]) -> dict[str, list[Any]]:
    visits = [one.choice.book.service.visit(one.choice.start) for one in planned]
    return {
        "ids": [one.hold_id for one in planned],
        "line_ids": [one.wish.line_id for one in planned],
        "waitlist_ids": [one.wish.waitlist_entry_id for one in planned],
        "service_ids": [one.choice.book.service.id for one in planned],
        "lead_ids": [one.choice.lead_id for one in planned],
        "session_ids": [opened[_place(one)].id if _place(one) in opened else None for one in planned],
        "starts": [start for start, _ in visits],
        "ends": [end for _, end in visits],
        "timezones": [one.choice.timezone for one in planned],
        "seats": [one.wish.seats for one in planned],
        "entitlement_ids": [one.wish.entitlement_id for one in planned],
        "attendees": [dict(one.wish.attendee) for one in planned],
    }


def _times_of(planned: Sequence[_Planned], opened: Mapping[Any, Opened]) -> dict[str, list[Any]]:
    times: dict[str, list[Any]] = {
        name: [] for name in ("resources", "from", "to", "befores", "afters", "holders", "sittings")
    }
    timed = set()
    for one in planned:
        sitting = opened.get(_place(one))
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
