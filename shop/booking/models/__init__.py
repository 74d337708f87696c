"""What may be stored of bookings, a file a subject; `time` holds the one table in which a resource is taken."""

from shop.booking.models.bookings import (
    Booking,
    BookingEvent,
    CancellationPolicy,
    CancellationTier,
    Reminder,
    WaitlistEntry,
)
from shop.booking.models.intake import IntakeAccess, IntakeAnswer, IntakeForm, IntakeQuestion
from shop.booking.models.packages import Entitlement, EntitlementEntry, Package, PackageService
from shop.booking.models.resources import (
    CalendarFeed,
    Holiday,
    Location,
    Override,
    OverrideWindow,
    Resource,
    TimeOff,
    WeeklyWindow,
)
from shop.booking.models.services import RoleResource, Service, ServiceRole
from shop.booking.models.time import Allocation, Hold, Seat, Session

__all__ = [
    "Allocation",
    "Booking",
    "BookingEvent",
    "CalendarFeed",
    "CancellationPolicy",
    "CancellationTier",
    "Entitlement",
    "EntitlementEntry",
    "Hold",
    "Holiday",
    "IntakeAccess",
    "IntakeAnswer",
    "IntakeForm",
    "IntakeQuestion",
    "Location",
    "Override",
    "OverrideWindow",
    "Package",
    "PackageService",
    "Reminder",
    "Resource",
    "RoleResource",
    "Seat",
    "Service",
    "ServiceRole",
    "Session",
    "TimeOff",
    "WaitlistEntry",
    "WeeklyWindow",
]
