"""Appointments as iCalendar text, read back by the library that many calendars use."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from shop.booking.rules import BOOKING_CHANGES
from shop.booking.rules.ical import CalendarEvent, calendar_text, ical_method, ical_status

START = datetime(2026, 6, 1, 12, 30, tzinfo=UTC)
VISIT = CalendarEvent(
    uid="5f0c@booking.invalid",
    sequence=2,
    status="CONFIRMED",
    start=START,
    end=START + timedelta(minutes=45),
    summary="Consultation",
    changed_at=START - timedelta(days=3),
)


def test_a_calendar_reads_what_was_booked() -> None:
    full = calendar_text(
        [
            CalendarEvent(
                uid=VISIT.uid,
                sequence=2,
                status="CONFIRMED",
                start=VISIT.start,
                end=VISIT.end,
                summary="Consultation; first, long",
                changed_at=VISIT.changed_at,
                location="1 Example Street\nExample City",
                description="Number 1001",
                organizer="clinic@example.com",
                attendee="visitor@example.com",
            )
        ],
        method="REQUEST",
        name="Clinic north",
    )
    calendar: Any = Calendar.from_ical(full)
    (event,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], str(calendar["X-WR-CALNAME"])) == ("REQUEST", "Clinic north")
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (VISIT.uid, 2, "CONFIRMED")
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (START, START + timedelta(minutes=45))
    assert event["DTSTAMP"].dt == START - timedelta(days=3)
    assert event["SUMMARY"] == "Consultation; first, long"
    assert event["LOCATION"] == "1 Example Street\nExample City"
    assert (event["ORGANIZER"], event["ATTENDEE"]) == ("mailto:clinic@example.com", "mailto:visitor@example.com")
    assert not event.errors


def test_an_empty_calendar_is_one() -> None:
    assert Calendar.from_ical(calendar_text([], name="Clinic")).walk("VEVENT") == []


@pytest.mark.parametrize(
    ("status", "expected", "method"),
    [
        ("PENDING_PAYMENT", "TENTATIVE", "REQUEST"),
        ("PENDING_APPROVAL", "TENTATIVE", "REQUEST"),
        ("CONFIRMED", "CONFIRMED", "REQUEST"),
        ("CHECKED_IN", "CONFIRMED", "REQUEST"),
        ("COMPLETED", "CONFIRMED", "REQUEST"),
        ("NO_SHOW", "CONFIRMED", "REQUEST"),
        ("CANCELLED", "CANCELLED", "CANCEL"),
        ("DECLINED", "CANCELLED", "CANCEL"),
        ("EXPIRED", "CANCELLED", "CANCEL"),
    ],
)
def test_every_state_has_a_word(status: str, expected: str, method: str) -> None:
    assert status in BOOKING_CHANGES
    assert (ical_status(status), ical_method(status)) == (expected, method)


@settings(deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_no_text_breaks_out_of_its_line(summary: str, location: str) -> None:
    text = calendar_text(
        [
            CalendarEvent(
                uid="1",
                sequence=0,
                status="CONFIRMED",
                start=START,
                end=START + timedelta(minutes=1),
                summary=summary,
                changed_at=START,
                location=location,
                attendee="a@b.c\r\nSTATUS:CANCELLED\u2028STATUS:CANCELLED",
            )
        ]
    )
    # Nor where a reader ends lines as Unicode does.
    assert text.splitlines(keepends=True) == [f"{line}\r\n" for line in text.split("\r\n")[:-1]]
    lines = text.encode("utf-8", "surrogatepass").split(b"\r\n")
    assert lines.pop() == b""
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
    assert sum(line.startswith((b"BEGIN:", b"END:", b"STATUS:", b"ATTENDEE")) for line in lines) == 6


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8", min_codepoint=32, exclude_characters="\x7f\x85\u2028\u2029"), max_size=300))
def test_what_is_printable_comes_back_as_it_was(summary: str) -> None:
    text = calendar_text(
        [
            CalendarEvent(
                uid="1",
                sequence=0,
                status="CONFIRMED",
                start=START,
                end=START + timedelta(minutes=1),
                summary=summary,
                changed_at=START,
            )
        ]
    )
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert str(event["SUMMARY"]) == summary
