"""Tells visitors what becomes of their bookings, and reminds them. Whatever is told is a mail in the outbox."""

import uuid
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import BigInteger, DateTime, Integer, Table, Text, Uuid, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.queries import shop_name
from shop.booking.events import BookingChanged
from shop.booking.models import Reminder
from shop.booking.queries import of
from shop.booking.queries.messages import Visit, events_since, visit
from shop.booking.rules import local_of
from shop.booking.rules.ical import calendar_text, ical_method
from shop.booking.rules.messages import REMINDER, Occasion, occasion, reminders
from shop.jobs import enqueue
from shop.kit.db import send
from shop.mail.actions import queue_mail

_moment: Final = DateTime(timezone=True)
_booking: Final = bindparam("booking_id", type_=Uuid())
_version: Final = bindparam("version", type_=Integer)
_new: Final = (
    func.unnest(bindparam("kinds", type_=ARRAY(Text)), bindparam("times", type_=ARRAY(_moment)))
    .table_valued("kind", "due_at", name="new")
    .render_derived()
)
_PLAN: Final = (
    insert(cast("Table", Reminder.__table__))
    .from_select(
        ["booking_id", "booking_version", "channel", "kind", "due_at"],
        select(_booking, _version, bindparam("channel", value="EMAIL", type_=Text), _new.c.kind, _new.c.due_at),
    )
    .on_conflict_do_nothing()
)
_DROP: Final = (
    update(Reminder)
    .where(
        Reminder.booking_id == _booking,
        Reminder.booking_version < _version,
        Reminder.sent_at.is_(None),
        Reminder.cancelled_at.is_(None),
    )
    .values(cancelled_at=bindparam("now", type_=_moment))
    .execution_options(synchronize_session=False)
)
_DUE: Final = (
    select(Reminder.id, Reminder.booking_id)
    .where(
        Reminder.due_at <= bindparam("now", type_=_moment), Reminder.sent_at.is_(None), Reminder.cancelled_at.is_(None)
    )
    .order_by(Reminder.due_at, Reminder.id)
    .limit(bindparam("limit", type_=BigInteger))
    .with_for_update(skip_locked=True)
)
_MARK: Final = {
    sent: update(Reminder)
    .where(Reminder.id == bindparam("id", type_=BigInteger))
    .values({Reminder.sent_at if sent else Reminder.cancelled_at: bindparam("now", type_=_moment)})
    .execution_options(synchronize_session=False)
    for sent in (True, False)
}


async def tell_later(session: AsyncSession, event: BookingChanged) -> None:
    """A job tells the visitor; it is queued in the unit of the change, which it costs one statement."""
    await enqueue(session, "booking.tell", {"booking_id": str(event.booking_id), "version": event.version})


async def tell(
    session: AsyncSession, booking_id: uuid.UUID, version: int, *, organizer: str, manage_url: str | None, now: datetime
) -> None:
    """The visitor knows what this version of the booking is about, unless a later one says something newer.

    The mail brings the appointment for the visitor's calendar; reminders are planned, those of older versions dropped.
    """
    rows = of(session)
    found = await visit(rows, booking_id)
    if found is None:
        return
    news, *later = await events_since(rows, booking_id, version)
    why = occasion(*news)
    if why is None or any(occasion(*one) is not None for one in later):
        return
    await _mail(session, found, why, f"booking:{booking_id}:{version}", organizer=organizer, manage_url=manage_url)
    await send(session, _DROP, booking_id=booking_id, version=version, now=now)
    if found.status == "CONFIRMED":
        ahead = dict(reminders(found.start, now))
        await send(
            session, _PLAN, booking_id=booking_id, version=version, kinds=list(ahead), times=list(ahead.values())
        )


async def remind(
    session: AsyncSession, *, organizer: str, manage_url: str | None, now: datetime, limit: int = 50
) -> int:
    """Whoever is due is reminded, once; the answer says how many reminders were looked at, `limit` at most.

    One of a booking that is not to take place, or is under way, is dropped. Locks: the reminders, passing over those
    that another worker has.
    """
    due = await send(session, _DUE, now=now, limit=limit)
    for row in due:
        found = await visit(of(session), row["booking_id"])
        wanted = found is not None and found.status == "CONFIRMED" and found.start > now
        if found is not None and wanted:
            key = f"booking-reminder:{row['id']}"
            await _mail(session, found, REMINDER, key, organizer=organizer, manage_url=manage_url)
        await send(session, _MARK[wanted], id=row["id"], now=now)
    return len(due)


async def _mail(
    session: AsyncSession, found: Visit, why: Occasion, dedupe_key: str, *, organizer: str, manage_url: str | None
) -> None:
    context: dict[str, Any] = {
        "shop_name": await shop_name(session),
        "occasion": why.subject,
        "opening": why.opening,
        "number": found.number,
        "name": found.name,
        "with_whom": found.with_whom,
        "place": found.place,
        "when": f"{local_of(found.start, found.timezone):%A, %d %B %Y, %H:%M}",
        "timezone": found.timezone.replace("_", " "),
        "url": manage_url.replace("{token}", str(found.token)) if manage_url else None,
    }
    await queue_mail(
        session,
        dedupe_key=dedupe_key,
        recipient=found.email,
        template="booking",
        context=context,
        calendar=calendar_text([found.event(organizer=organizer)], method=ical_method(found.status)),
    )
