"""Takes slots for a cart: all of them or none, in one order, against everybody who wants the same."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Text, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.actions.calendar import mark_changed
from shop.booking.actions.release import clear, let_go
from shop.booking.actions.sessions import Opened, open_session
from shop.booking.actions.taking import LostRaceError, Planned, Wish, take
from shop.booking.availability import Choice, Occupied, choose
from shop.booking.errors import BadSlotToken, HoldLimit, ServiceNotFound, SlotUnavailable
from shop.booking.queries import books, of, taken
from shop.booking.queries.calendars import Days
from shop.booking.queries.holds import HoldRow, live_holds
from shop.booking.rules import new_hold
from shop.kit.db import send

# Others may be faster while we look for a room or a device; then we look again.
_ATTEMPTS: Final = 3

_ONE_BY_ONE: Final = select(
    func.pg_advisory_xact_lock(
        func.hashtextextended(bindparam("client", type_=Text), bindparam("seed", type_=BigInteger))
    )
)
# Any number: locks of clients are no locks of something else.
_SEED: Final = 7_236_104


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
        except LostRaceError:
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
    planned = [Planned(wish, uuid.uuid4(), choice) for wish, choice in zip(wishes, choices, strict=True)]
    in_order = sorted(planned, key=lambda one: one.place)
    opened: dict[tuple[int, datetime, int], Opened] = {}
    for one in in_order:
        if one.choice.book.service.capacity > 1 and one.place not in opened:
            opened[one.place] = await open_session(session, one.choice)
    taken_too = await take(session, purchase_key, in_order, opened, time, client=client, now=now)
    await mark_changed(session, freed | cleared | {one.choice.lead_id for one in planned} | taken_too)
    return [
        HoldRow(
            id=one.hold_id,
            line_id=one.wish.line_id,
            waitlist_entry_id=one.wish.waitlist_entry_id,
            purchase_key=purchase_key,
            service_id=one.choice.book.service.id,
            resource_id=one.choice.lead_id,
            session_id=opened[one.place].id if one.place in opened else None,
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
        if choice.sitting is not None and choice.sitting.has_run_out:
            over += [one for one in found if one.sitting == choice.sitting]
        if book.service.capacity == 1:
            occupied.take(choice.resource_ids, book.service.occupied(wish.start))
    cleared = await clear(session, over, now=now)
    return [choices[number] for number in range(len(wishes))], cleared
