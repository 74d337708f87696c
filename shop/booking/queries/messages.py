"""Reads of what visitors are told: the booking, where it takes place, and its latest news."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ARRAY, DateTime, Integer, Text, Uuid, any_, bindparam, func, select

from shop.booking.models import Booking, BookingEvent, Location, Resource
from shop.booking.queries.rows import Rows
from shop.booking.rules.ical import CalendarEvent, ical_status


@dataclass(frozen=True, slots=True)
class Visit:
    """A booking as its visitor and calendars see it. Shapes: `_columns`, in their order."""

    id: uuid.UUID
    number: int
    token: uuid.UUID
    email: str
    snapshot: Mapping[str, Any]
    start: datetime
    end: datetime
    timezone: str
    status: str
    version: int
    ical_uid: str
    ical_sequence: int
    changed_at: datetime
    location: str | None

    @property
    def name(self) -> str:
        """The service's name as it was sold."""
        return str(self.snapshot.get("name", ""))

    @property
    def with_whom(self) -> str:
        """The practitioner's name as it was when booking."""
        return str(self.snapshot.get("resourceName", ""))

    @property
    def place(self) -> str:
        """Where it takes place, or empty."""
        return "Online" if self.snapshot.get("locationKind") == "TELEHEALTH" else self.location or ""

    def event(self, *, organizer: str = "", to_visitor: bool = True) -> CalendarEvent:
        """The appointment for a calendar; the visitor's address only for the visitor's own."""
        return CalendarEvent(
            uid=self.ical_uid,
            sequence=self.ical_sequence,
            status=ical_status(self.status),
            start=self.start,
            end=self.end,
            summary=self.name,
            changed_at=self.changed_at,
            location=self.place,
            description=f"Booking {self.number}",
            organizer=organizer,
            attendee=self.email if to_visitor and organizer else "",
        )


_start: Final = func.lower(Booking.during, type_=DateTime(timezone=True))
_columns: Final[tuple[Any, ...]] = (
    Booking.id,
    Booking.number,
    Booking.token,
    Booking.email,
    Booking.service_snapshot,
    _start.label("start"),
    func.upper(Booking.during, type_=DateTime(timezone=True)).label("end"),
    Booking.timezone,
    Booking.status,
    Booking.version,
    Booking.ical_uid,
    Booking.ical_sequence,
    Booking.updated_at,
    Location.name.label("location"),
)
_visits = (
    select(*_columns)
    .join(Resource, Resource.id == Booking.resource_id)
    .outerjoin(Location, Location.id == Resource.location_id)
)
_SHOWN: Final = ("PENDING_APPROVAL", "CONFIRMED", "CHECKED_IN", "COMPLETED", "NO_SHOW", "CANCELLED")
_in_time: Final = (
    Booking.status == any_(bindparam("shown", value=list(_SHOWN), type_=ARRAY(Text))),
    _start >= bindparam("since", type_=DateTime(timezone=True)),
)

VISITS_BY_ID: Final = _visits.where(Booking.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
VISITS_BY_TOKEN: Final = _visits.where(Booking.token == any_(bindparam("ids", type_=ARRAY(Uuid()))))
VISITS_OF_RESOURCE: Final = (
    _visits.where(Booking.resource_id == bindparam("id", type_=Integer), *_in_time).order_by(_start).limit(2000)
)
VISITS_OF_USER: Final = (
    _visits.where(Booking.user_id == bindparam("id", type_=Integer), *_in_time).order_by(_start).limit(2000)
)
_EVENTS_SINCE: Final = (
    select(BookingEvent.booking_version, BookingEvent.type, BookingEvent.to_status)
    .where(
        BookingEvent.booking_id == bindparam("booking_id", type_=Uuid()),
        BookingEvent.booking_version >= bindparam("version", type_=Integer),
    )
    .order_by(BookingEvent.booking_version)
)


async def visit(rows: Rows, booking_id: uuid.UUID) -> Visit | None:
    """The booking with its place, if there is one."""
    found = await rows(VISITS_BY_ID, ids=[booking_id])
    return Visit(*found[0]) if found else None


async def events_since(rows: Rows, booking_id: uuid.UUID, version: int) -> list[tuple[str, str]]:
    """Type and new status of each event from that version on."""
    found = await rows(_EVENTS_SINCE, booking_id=booking_id, version=version)
    return [(row["type"], row["to_status"]) for row in found]
