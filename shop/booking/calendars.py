"""Services and calendars as values: what the reads bring and the rules of `availability` work on."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from shop.booking.rules import Range

Hours = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """A service with the names of what is sold. Shapes: the columns of `queries.SERVICES`, in their order."""

    id: int
    variant_id: int
    product_name: str
    variant_name: str
    is_active: bool
    duration_min: int
    step_min: int
    align: str
    buffer_before_min: int
    buffer_after_min: int
    lead_min: int
    horizon_days: int
    capacity: int
    location_kind: str
    confirmation: str
    deposit_kind: str
    deposit_amount: Decimal | None
    deposit_currency: str | None
    deposit_percent: Decimal | None
    policy_id: int | None
    intake_form_id: int | None

    @property
    def name(self) -> str:
        """What a visitor reads."""
        return ", ".join(part for part in (self.product_name, self.variant_name) if part)

    @property
    def duration(self) -> timedelta:
        """From the start of a visit to its end, without buffers."""
        return timedelta(minutes=self.duration_min)

    @property
    def before(self) -> timedelta:
        """The time that is kept free before a visit."""
        return timedelta(minutes=self.buffer_before_min)

    @property
    def after(self) -> timedelta:
        """The time that is kept free after a visit."""
        return timedelta(minutes=self.buffer_after_min)

    def visit(self, start: datetime) -> Range:
        """The visit that begins then."""
        return start, start + self.duration

    def occupied(self, start: datetime) -> Range:
        """The visit with the service's buffers."""
        return start - self.before, start + self.duration + self.after


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a resource is there. Shapes: `overrides` hold dates whose hours are not the week's; `()` is closed.

    Who has no hours of the week has no holidays either: they close nothing.
    """

    resource_id: int
    name: str
    kind: str
    timezone: str
    version: int
    weekly: Mapping[int, Hours]
    overrides: Mapping[date, Hours]

    @property
    def is_always_there(self) -> bool:
        """A room or device without hours, but on dates of its own, can be used at any time."""
        return not self.weekly and self.kind != "PRACTITIONER"


# Thousands are compared for one list: a tuple is, without a line of Python.
class Standing(NamedTuple):
    """What tells that nothing has changed in a resource's calendar: its version, and which of its holds have run out.

    All other changes mark the calendar; that time passes, or a payment ends, marks nothing.
    """

    resource_id: int
    timezone: str
    version: int
    run_out: tuple[uuid.UUID, ...]


@dataclass(frozen=True, slots=True)
class Role:
    """Something that a visit needs one of, and who can be it, in the order of preference."""

    id: int
    name: str
    kind: str
    calendars: tuple[Calendar, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """A service with its roles; the first one leads. Without one the service cannot be booked."""

    service: ServiceFacts
    roles: tuple[Role, ...]

    @property
    def lead(self) -> tuple[Calendar, ...]:
        """Whom or what the visitor chooses."""
        return self.roles[0].calendars if self.roles else ()

    @property
    def resource_ids(self) -> set[int]:
        """All that may be needed."""
        return {calendar.resource_id for role in self.roles for calendar in role.calendars}


@dataclass(frozen=True, slots=True)
class Sitting:
    """A session that takes time, and how many seats nobody has."""

    session_id: uuid.UUID
    service_id: int
    resource_id: int
    start: datetime
    capacity: int
    # Seats that are held and could be had, because their holds have run out, are free.
    free: int
    has_run_out: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """Time that an allocation takes, its buffers included.

    `hold_id`, `booking_id`: whose it is. `is_over`: the hold has run out and no payment is open for it, or the session
    has only such holds; who wants the time may have it.
    """

    resource_id: int
    start: datetime
    end: datetime
    hold_id: uuid.UUID | None
    booking_id: uuid.UUID | None
    is_over: bool
    sitting: Sitting | None
