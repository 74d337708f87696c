"""What visitors are told, once; what goes into their calendars; and when they are reminded."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.actions import messages
from shop.booking.events import BookingChanged
from shop.booking.models import Booking, BookingEvent, Location
from shop.booking.rules.messages import occasion, reminders
from shop.kit.db import Database
from tests import factories as make
from tests.factories import booking as clinic
from tests.factories import packages

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
START = datetime(2026, 6, 4, 7, 30, tzinfo=UTC)
LINK = "http://shop.test/bookings/{token}/appointment.ics"


@dataclass
class Desk:
    """A booking on 4 June, half past nine in Berlin, and its mails."""

    session: AsyncSession
    booking: Booking

    async def happens(self, type: str, status: str, **columns: Any) -> None:
        """The booking's next version."""
        version = self.booking.version + 1 if type != "BOOKED" else 1
        self.booking.status, self.booking.version = status, version
        self.booking.cancelled_by = "CUSTOMER" if status == "CANCELLED" else None
        for name, value in columns.items():
            setattr(self.booking, name, value)
        self.session.add(
            BookingEvent(
                booking_id=self.booking.id, booking_version=version, type=type, to_status=status, actor="CUSTOMER"
            )
        )
        await self.session.flush()

    async def tell(self, version: int | None = None) -> None:
        await messages.tell(
            self.session,
            self.booking.id,
            version or self.booking.version,
            organizer="clinic@example.com",
            manage_url=LINK,
            now=NOW,
        )

    async def remind(self, now: datetime) -> int:
        return await messages.remind(self.session, organizer="clinic@example.com", manage_url=LINK, now=now)

    async def mails(self) -> list[Any]:
        return list(await self.session.execute(text("SELECT * FROM mail_message ORDER BY created_at, dedupe_key")))

    async def reminders(self) -> list[tuple[int, str, datetime, bool, bool]]:
        rows = await self.session.execute(
            text(
                "SELECT booking_version, kind, due_at, sent_at IS NOT NULL AS sent, cancelled_at IS NOT NULL AS gone"
                " FROM booking_reminder ORDER BY booking_version, kind"
            )
        )
        return [tuple(row) for row in rows]


async def run(
    database: Database,
    test: Callable[[Desk], Awaitable[None]],
    *,
    service: str = "Consultation; first",
    person: str = "Example practitioner A",
    address: str = "Clinic, 1 Example Street",
) -> None:
    async def work(session: AsyncSession) -> None:
        place = Location(name=address, slug="clinic", timezone="Europe/Berlin")
        session.add(place)
        await session.flush()
        channel = await make.channel(session)
        booking = await packages.visit(
            session,
            await clinic.service(session, channel),
            await clinic.resource(session, location_id=place.id),
            START,
            minutes=45,
            timezone="Europe/Berlin",
            service_snapshot={
                "name": service,
                "resourceName": person,
                "locationKind": "IN_PERSON",
            },
        )
        await session.refresh(booking)
        await test(Desk(session, booking))

    await database.run(work)


async def test_a_booking_is_told_with_its_appointment(database: Database) -> None:
    async def test(desk: Desk) -> None:
        await desk.happens("BOOKED", "CONFIRMED")
        await desk.tell()
        await desk.tell()
        (mail,) = await desk.mails()
        assert (mail.recipient, mail.subject) == ("buyer@example.com", "Your appointment at Shop")
        assert "Thursday, 04 June 2026, 09:30 (Europe/Berlin)" in mail.text
        assert "With Example practitioner A" in mail.text
        assert LINK.replace("{token}", str(desk.booking.token)) in mail.text
        calendar: Any = Calendar.from_ical(mail.calendar)
        (event,) = calendar.walk("VEVENT")
        assert calendar["METHOD"] == "REQUEST"
        assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (desk.booking.ical_uid, 0, "CONFIRMED")
        assert (event["DTSTART"].dt, event["DTEND"].dt) == (START, START + timedelta(minutes=45))
        assert (event["SUMMARY"], event["LOCATION"]) == ("Consultation; first", "Clinic, 1 Example Street")
        assert await desk.reminders() == [
            (1, "DAY", START - timedelta(days=1), False, False),
            (1, "HOURS", START - timedelta(hours=2), False, False),
        ]

    await run(database, test)


async def test_no_name_reaches_beyond_its_place(database: Database) -> None:
    async def test(desk: Desk) -> None:
        await desk.happens("BOOKED", "CONFIRMED")
        await desk.tell()
        (mail,) = await desk.mails()
        assert mail.subject == "Your appointment at Shop"
        assert "<script>" not in mail.html
        calendar: Any = Calendar.from_ical(mail.calendar)
        assert [part.name for part in calendar.walk()] == ["VCALENDAR", "VEVENT"]
        (event,) = calendar.walk("VEVENT")
        assert event["STATUS"] == "CONFIRMED"
        assert len(mail.calendar.splitlines()) == mail.calendar.count("\r\n")

    name = "Hair\r\nSTATUS:CANCELLED\u2028BEGIN:VALARM\nEND:VEVENT<script>x</script>"
    await run(database, test, service=name, person=name, address=name)


async def test_a_move_and_a_cancellation_reach_the_same_entry_of_the_calendar(database: Database) -> None:
    async def test(desk: Desk) -> None:
        await desk.happens("BOOKED", "CONFIRMED")
        await desk.tell()
        later = START + timedelta(days=1)
        moved = Range(later, later + timedelta(minutes=45), bounds="[)")
        await desk.happens("RESCHEDULED", "CONFIRMED", during=moved, ical_sequence=1)
        await desk.tell()
        await desk.happens("CANCELLED", "CANCELLED", ical_sequence=2)
        await desk.tell()
        mails = await desk.mails()
        assert {mail.subject for mail in mails} == {
            "Your appointment at Shop",
            "Your appointment has moved at Shop",
            "Your appointment is cancelled at Shop",
        }
        told = {}
        for mail in mails:
            calendar: Any = Calendar.from_ical(mail.calendar)
            (event,) = calendar.walk("VEVENT")
            assert event["UID"] == desk.booking.ical_uid
            told[event["SEQUENCE"]] = (calendar["METHOD"], event["STATUS"], event["DTSTART"].dt)
        assert told == {
            0: ("REQUEST", "CONFIRMED", START),
            1: ("REQUEST", "CONFIRMED", later),
            2: ("CANCEL", "CANCELLED", later),
        }
        assert await desk.reminders() == [
            (1, "DAY", START - timedelta(days=1), False, True),
            (1, "HOURS", START - timedelta(hours=2), False, True),
            (2, "DAY", later - timedelta(days=1), False, True),
            (2, "HOURS", later - timedelta(hours=2), False, True),
        ]
        assert await desk.remind(later) == 0

    await run(database, test)


async def test_old_news_is_no_news(database: Database) -> None:
    async def test(desk: Desk) -> None:
        await desk.happens("BOOKED", "CONFIRMED")
        await desk.happens("CANCELLED", "CANCELLED")
        await desk.tell(1)
        assert await desk.mails() == []
        await desk.tell(2)
        assert [mail.subject for mail in await desk.mails()] == ["Your appointment is cancelled at Shop"]

    await run(database, test)


async def test_arriving_is_no_news_and_hides_none(database: Database) -> None:
    async def test(desk: Desk) -> None:
        await desk.happens("BOOKED", "CONFIRMED")
        await desk.happens("CHECKED_IN", "CHECKED_IN")
        await desk.tell(2)
        assert await desk.mails() == []
        await desk.tell(1)
        assert [mail.subject for mail in await desk.mails()] == ["Your appointment at Shop"]
        assert await desk.reminders() == []

    await run(database, test)


async def test_each_reminder_is_sent_once_when_it_is_due(database: Database) -> None:
    async def test(desk: Desk) -> None:
        await desk.happens("BOOKED", "CONFIRMED")
        await desk.tell()
        day, hours = START - timedelta(days=1), START - timedelta(hours=2)
        assert await desk.remind(day - timedelta(seconds=1)) == 0
        assert [await desk.remind(at) for at in (day, day, hours, hours)] == [1, 0, 1, 0]
        subjects = [mail.subject for mail in await desk.mails()]
        assert sorted(subjects) == ["Your appointment at Shop", *["Your appointment is near at Shop"] * 2]
        assert [sent for *_, sent, _ in await desk.reminders()] == [True, True]

    await run(database, test)


@pytest.mark.parametrize("status", ["CANCELLED", "CHECKED_IN", "NO_SHOW"])
async def test_nobody_is_reminded_of_what_does_not_take_place(database: Database, status: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.happens("BOOKED", "CONFIRMED")
        await desk.tell()
        # Before the job that tells of it has run.
        await desk.happens(status, status)
        assert await desk.remind(START - timedelta(hours=1)) == 2
        assert len(await desk.mails()) == 1
        assert [gone for *_, gone in await desk.reminders()] == [True, True]

    await run(database, test)


async def test_nobody_is_reminded_after_the_start(database: Database) -> None:
    async def test(desk: Desk) -> None:
        await desk.happens("BOOKED", "CONFIRMED")
        await desk.tell()
        assert await desk.remind(START) == 2
        assert len(await desk.mails()) == 1

    await run(database, test)


async def test_a_change_queues_one_job(database: Database) -> None:
    async def test(desk: Desk) -> None:
        await messages.tell_later(desk.session, BookingChanged(desk.booking.id, 3, "CONFIRMED"))
        rows = await desk.session.execute(text("SELECT task_name, args FROM procrastinate_jobs"))
        ((name, args),) = rows.all()
        assert (name, args) == ("booking.tell", {"booking_id": str(desk.booking.id), "version": 3})

    await run(database, test)


@pytest.mark.parametrize(
    ("event", "status", "told"),
    [
        ("BOOKED", "CONFIRMED", True),
        ("BOOKED", "PENDING_APPROVAL", True),
        ("BOOKED", "PENDING_PAYMENT", False),
        ("CONFIRMED", "CONFIRMED", True),
        ("RESCHEDULED", "CONFIRMED", True),
        ("CANCELLED", "CANCELLED", True),
        ("DECLINED", "DECLINED", True),
        ("EXPIRED", "EXPIRED", True),
        ("CHECKED_IN", "CHECKED_IN", False),
        ("COMPLETED", "COMPLETED", False),
        ("NO_SHOW", "NO_SHOW", False),
    ],
)
def test_which_events_are_news(event: str, status: str, told: bool) -> None:
    assert (occasion(event, status) is not None) is told


@pytest.mark.parametrize(
    ("ahead", "kinds"),
    [
        (timedelta(days=3), ["DAY", "HOURS"]),
        (timedelta(days=1), ["HOURS"]),
        (timedelta(hours=2, seconds=1), ["HOURS"]),
        (timedelta(hours=2), []),
        (-timedelta(hours=1), []),
    ],
)
def test_which_reminders_are_ahead(ahead: timedelta, kinds: list[str]) -> None:
    assert [kind for kind, _ in reminders(NOW + ahead, NOW)] == kinds
