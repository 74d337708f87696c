"""Appointments as iCalendar text, for mails and for people's own calendars. Source: RFC 5545, RFC 5546.

Written here and not by a library: it takes a tenth of a second to import, in every process, for what is a page of text.
The tests have the library read it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

_LONGEST: Final = 75
_STATUS: Final = {
    "PENDING_PAYMENT": "TENTATIVE",
    "PENDING_APPROVAL": "TENTATIVE",
    "CANCELLED": "CANCELLED",
    "DECLINED": "CANCELLED",
    "EXPIRED": "CANCELLED",
}


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """An appointment. A calendar that has the same `uid` takes the one with the higher `sequence`."""

    uid: str
    sequence: int
    status: str
    start: datetime
    end: datetime
    summary: str
    changed_at: datetime
    location: str = ""
    description: str = ""
    organizer: str = ""
    attendee: str = ""


def ical_status(booking_status: str) -> str:
    """The word that calendars have for a booking's state: TENTATIVE, CONFIRMED or CANCELLED."""
    return _STATUS.get(booking_status, "CONFIRMED")


def ical_method(booking_status: str) -> str:
    """What a mail asks of the calendar that gets it: REQUEST puts the appointment there, CANCEL takes it away."""
    return "CANCEL" if ical_status(booking_status) == "CANCELLED" else "REQUEST"


def calendar_text(events: Iterable[CalendarEvent], *, method: str = "PUBLISH", name: str = "") -> str:
    """The calendar with these events. Times are in UTC: the reader's calendar shows them in its own zone."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//shop//appointments//EN", f"METHOD:{method}"]
    if name:
        lines.append(f"X-WR-CALNAME:{_escaped(name)}")
    for event in events:
        lines += _lines(event)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _lines(event: CalendarEvent) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_escaped(event.uid)}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"STATUS:{event.status}"
    yield f"DTSTAMP:{_instant(event.changed_at)}"
    yield f"DTSTART:{_instant(event.start)}"
    yield f"DTEND:{_instant(event.end)}"
    yield f"SUMMARY:{_escaped(event.summary)}"
    if event.location:
        yield f"LOCATION:{_escaped(event.location)}"
    if event.description:
        yield f"DESCRIPTION:{_escaped(event.description)}"
    if event.organizer:
        yield f"ORGANIZER:mailto:{_address(event.organizer)}"
    if event.attendee:
        yield f"ATTENDEE;RSVP=FALSE:mailto:{_address(event.attendee)}"
    yield "END:VEVENT"


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    """As a property's value: what has a meaning in the format has none any more, control characters are gone."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    # Whatever some reader of the format takes for the end of a line: Unicode has more of them than the format.
    text = "\\n".join(text.splitlines())
    return "".join(character for character in text if character >= " " and character != "\x7f")


def _address(mail: str) -> str:
    return "".join(character for character in mail if character.isprintable() and character != " ")


def _folded(line: str) -> Iterator[str]:
    """The line in parts of 75 octets at most, none of which cuts a character in two."""
    part, length = "", 0
    for character in line:
        size = len(character.encode())
        if length + size > _LONGEST:
            yield part
            part, length = " ", 1
        part += character
        length += size
    yield part
