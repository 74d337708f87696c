"""Who finds no time may wait for one. An offer is a hold: nobody else gets the time while it stands."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import DateTime, Integer, Table, Text, Uuid, bindparam, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.events import MailboxProved
from shop.accounts.queries import shop_name
from shop.accounts.rules import is_email
from shop.booking.actions.hold import hold_slots
from shop.booking.actions.release import release
from shop.booking.actions.taking import Wish
from shop.booking.availability import Occupied, Slot, slots
from shop.booking.calendars import Book
from shop.booking.errors import BookingError, EntryNotFound, InvalidState, ServiceNotFound
from shop.booking.events import BookingChanged, HoldReleased
from shop.booking.models import Hold, WaitlistEntry
from shop.booking.queries import books, of, taken
from shop.booking.queries.bookings import booking_by_id
from shop.booking.queries.calendars import Days
from shop.booking.queries.holds import holds_of_purchase, is_live
from shop.booking.queries.waitlist import EntryRow, anybody_waits, entry_by_id, is_open, queue
from shop.booking.rules import local_of
from shop.booking.rules.holds import IN_ALL
from shop.jobs import enqueue
from shop.kit.db import lock_purchase, send
from shop.kit.errors import Invalid
from shop.mail.actions import queue_mail

# How many may wait for a service's next free time before one looks further: what does not fit them may fit a later one.
_LOOKED_AT: Final = 20
_LONGEST: Final = timedelta(days=92)
_MOST_ENTRIES: Final = 20

_moment: Final = DateTime(timezone=True)
_id: Final = bindparam("id", type_=Uuid())
_JOIN: Final = (
    insert(cast("Table", WaitlistEntry.__table__))
    .values(
        service_id=bindparam("service_id", type_=Integer),
        resource_id=bindparam("resource_id", type_=Integer),
        channel_id=bindparam("channel_id", type_=Integer),
        user_id=bindparam("user_id", type_=Integer),
        email=bindparam("email", type_=Text),
        wanted=func.tstzrange(bindparam("since", type_=_moment), bindparam("until", type_=_moment)),
        seats=bindparam("seats", type_=Integer),
        # The place in the queue: two of one transaction have two.
        created_at=func.clock_timestamp(),
    )
    .on_conflict_do_update(
        index_elements=["service_id", "email", "wanted"],
        index_where=literal_column("state IN ('WAITING', 'OFFERED')"),
        # Who asks twice waits once, at the old place in the queue.
        set_={"updated_at": func.now()},
    )
    .returning(literal_column("id", Uuid()))
)
_BECOME: Final = (
    update(WaitlistEntry)
    .where(WaitlistEntry.id == _id, WaitlistEntry.state == bindparam("old", type_=Text))
    .values(state=bindparam("new", type_=Text), updated_at=func.now())
    .returning(WaitlistEntry.id)
)
# Offers that nobody took in time.
_LAPSE: Final = (
    update(WaitlistEntry)
    .where(
        WaitlistEntry.service_id == bindparam("service_id", type_=Integer),
        WaitlistEntry.state == "OFFERED",
        ~select(Hold.id).where(Hold.waitlist_entry_id == WaitlistEntry.id, is_live).exists(),
    )
    .values(state="EXPIRED", updated_at=func.now())
    .returning(WaitlistEntry.id)
)
# A mail takes longer to be read than a cart to be paid: an offer stands as long as a hold can.
_LENGTHEN: Final = (
    update(Hold)
    .where(Hold.id == _id)
    .values(expires_at=Hold.expires_at_latest)
    .returning(Hold.expires_at)
    .execution_options(synchronize_session=False)
)
_WAITS_FOR: Final = select(func.count()).where(WaitlistEntry.email == bindparam("email", type_=Text), is_open)
_ATTACH: Final = (
    update(WaitlistEntry)
    .where(WaitlistEntry.email == bindparam("mailbox", type_=Text), WaitlistEntry.user_id.is_(None), is_open)
    .values(user_id=bindparam("owner", type_=Integer), updated_at=func.now())
    .execution_options(synchronize_session=False)
)


# Where who waits answers an offer; None where the shop does not know its own address.
Link = Callable[[uuid.UUID], str | None]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What somebody waits for: a start from `since` until before `until`, with a practitioner or with anybody."""

    service_id: int
    channel_id: int
    since: datetime
    until: datetime
    resource_id: int | None = None
    seats: int = 1


async def join(session: AsyncSession, wish: Waiting, *, user_id: int | None, email: str, now: datetime) -> uuid.UUID:
    """Who reads that mailbox waits; who waits for this already keeps the place. A job looks at once for a time.

    Raises: ServiceNotFound, Invalid.
    """
    if not max(wish.since, now) < wish.until <= max(wish.since, now) + _LONGEST:
        raise Invalid(f"Wait for a time to come, within {_LONGEST.days} days.", field="to")
    rows = of(session)
    book = (await books(rows, [wish.service_id], Days.around(wish.since, wish.since))).get(wish.service_id)
    if book is None or not book.service.is_active:
        raise ServiceNotFound
    if wish.resource_id is not None and wish.resource_id not in {one.resource_id for one in book.lead}:
        raise Invalid("This practitioner does not offer the service.", field="practitionerId")
    if not 1 <= wish.seats <= book.service.capacity:
        raise Invalid(f"The service has {book.service.capacity} seats at most.", field="seats")
    mailbox = email.strip().lower()
    if not is_email(mailbox):
        raise Invalid("This is no e-mail address.", field="email")
    (waits,) = await send(session, _WAITS_FOR, email=mailbox)
    if waits[0] >= _MOST_ENTRIES:
        raise Invalid(f"Nobody waits for more than {_MOST_ENTRIES} times at once.", field="variantId")
    (row,) = await send(
        session,
        _JOIN,
        service_id=wish.service_id,
        resource_id=wish.resource_id,
        channel_id=wish.channel_id,
        user_id=user_id,
        email=mailbox,
        since=wish.since,
        until=wish.until,
        seats=wish.seats,
    )
    await _look_later(session, wish.service_id)
    entry_id: uuid.UUID = row[0]
    return entry_id


async def leave(session: AsyncSession, entry_id: uuid.UUID, *, user_id: int | None) -> None:
    """The entry waits no more, and what is offered to it is free. `user_id`: whose it must be; None for staff
    and for who has its token.

    Locks: the entry as a purchase. Raises: EntryNotFound, InvalidState.
    """
    found = await locked_entry(session, entry_id, user_id=user_id)
    if found.state not in {"WAITING", "OFFERED"}:
        raise InvalidState(found.state)
    await send(session, _BECOME, id=entry_id, old=found.state, new="LEFT")
    await release(session, await holds_of_purchase(of(session), entry_id))


async def accept(session: AsyncSession, entry_id: uuid.UUID, *, user_id: int | None) -> EntryRow:
    """The offered time is let go of for the caller, who takes it for a cart in this very unit: nobody can come between.

    `user_id`: whose it must be; None for who has its token.
    Locks: the entry as a purchase. Raises: EntryNotFound, InvalidState where nothing is offered (any more).
    """
    found = await locked_entry(session, entry_id, user_id=user_id)
    if found.state != "OFFERED" or found.hold_id is None:
        raise InvalidState("EXPIRED" if found.state == "OFFERED" else found.state)
    await send(session, _BECOME, id=entry_id, old="OFFERED", new="ACCEPTED")
    await release(session, await holds_of_purchase(of(session), entry_id))
    return found


async def locked_entry(session: AsyncSession, entry_id: uuid.UUID, *, user_id: int | None) -> EntryRow:
    """The entry while nobody changes it; `user_id`: whose it must be, if anybody's.

    Locks: it as a purchase. Raises: EntryNotFound.
    """
    await lock_purchase(session, entry_id)
    found = await entry_by_id(of(session), entry_id)
    if found is None or (user_id is not None and found.user_id != user_id):
        raise EntryNotFound
    return found


async def attach_guest_entries(session: AsyncSession, event: MailboxProved) -> None:
    """Whoever waits under this e-mail without an account waits with it now."""
    await send(session, _ATTACH, mailbox=event.email, owner=event.user_id)


async def time_is_free(session: AsyncSession, event: HoldReleased | BookingChanged) -> None:
    """Where somebody waits for the service, a job will see whether the freed time is for them."""
    if isinstance(event, HoldReleased):
        service_id: int | None = event.service_id
    elif event.status in {"CANCELLED", "DECLINED", "EXPIRED"}:
        found = await booking_by_id(of(session), event.booking_id)
        service_id = None if found is None else found.service_id
    else:
        return
    if service_id is not None and await anybody_waits(of(session), service_id):
        await _look_later(session, service_id)


async def _look_later(session: AsyncSession, service_id: int) -> None:
    name = f"waitlist:{service_id}"
    await enqueue(session, "booking.offer", {"service_id": service_id}, lock=name, key=name)


async def lapse(session: AsyncSession, service_id: int) -> None:
    """Offers that nobody took in time are over."""
    await send(session, _LAPSE, service_id=service_id)


async def candidates(session: AsyncSession, service_id: int, *, now: datetime) -> list[uuid.UUID]:
    """Who is to be asked next, in this order."""
    return [entry.id for entry in await queue(of(session), service_id, now, limit=_LOOKED_AT)]


async def offer(session: AsyncSession, entry_id: uuid.UUID, *, link: Link, now: datetime) -> bool:
    """The first time that suits who waits is held for them, and a mail says so; False where there is none.

    Strangers may be faster: then there is none. Locks: the entry as a purchase, then as `hold_slots`.
    """
    entry = await locked_entry(session, entry_id, user_id=None)
    if entry.state != "WAITING":
        return False
    found = await _first_slot(session, entry, now=now)
    if found is None:
        return False
    book, slot = found
    wish = Wish(None, slot.service_id, slot.start, slot.resource_id, entry.seats, waitlist_entry_id=entry.id)
    try:
        async with session.begin_nested():
            (held,) = await hold_slots(session, entry.id, [wish], client=f"waitlist:{entry.id}", limit=1, now=now)
    except BookingError:
        return False
    await send(session, _BECOME, id=entry.id, old="WAITING", new="OFFERED")
    (row,) = await send(session, _LENGTHEN, id=held.id)
    await _tell(session, entry, book, slot, row["expires_at"], url=link(entry.id))
    return True


async def _first_slot(session: AsyncSession, entry: EntryRow, *, now: datetime) -> tuple[Book, Slot] | None:
    rows = of(session)
    since = max(entry.since, now)
    book = (await books(rows, [entry.service_id], Days.around(since, entry.until))).get(entry.service_id)
    if book is None:
        return None
    occupied = Occupied(
        await taken(
            rows,
            book.resource_ids,
            since - book.service.before,
            entry.until + book.service.duration + book.service.after,
            now=now,
        )
    )
    offered = [
        slot
        for calendar in book.lead
        if entry.resource_id in {None, calendar.resource_id}
        # Whoever takes it at the last moment must still keep the notice that the service asks for.
        for slot in slots(book, calendar, occupied, since, entry.until, now=now + IN_ALL, seats=entry.seats)[:1]
    ]
    return (book, min(offered, key=lambda slot: slot.start)) if offered else None


async def _tell(
    session: AsyncSession, entry: EntryRow, book: Book, slot: Slot, until: datetime, *, url: str | None
) -> None:
    context: dict[str, Any] = {
        "shop_name": await shop_name(session),
        "name": book.service.name,
        "when": f"{local_of(slot.start, slot.timezone):%A, %d %B %Y, %H:%M}",
        "until": f"{local_of(until, slot.timezone):%H:%M}",
        "timezone": slot.timezone.replace("_", " "),
        "url": url,
    }
    await queue_mail(
        session,
        dedupe_key=f"waitlist-offer:{entry.id}:{slot.start.isoformat()}",
        recipient=entry.email,
        template="waitlist-offer",
        context=context,
    )
