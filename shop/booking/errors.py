"""What can be wrong with appointments, under the codes of `BookingErrorCode`."""

from datetime import datetime

from shop.kit.errors import Conflict, Invalid, NotFound


class UnknownTimezone(Invalid):
    """The IANA database has no zone of this name."""

    def __init__(self, name: str, *, field: str | None = "timezone") -> None:
        super().__init__(f"There is no time zone {name[:60]!r}; names look like 'Europe/Berlin'.", field=field)


class TooManyDays(Invalid):
    """Searching them all would keep a process busy for too long."""

    def __init__(self, *, field: str | None = "to") -> None:
        super().__init__("These are too many days for so many practitioners; ask for fewer of either.", field=field)


class NoSuchLocalTime(Invalid):
    """The clocks skip this time on that day."""

    def __init__(self, local: datetime, timezone: str, *, field: str | None = "start") -> None:
        shown = local.isoformat(sep=" ", timespec="minutes")
        super().__init__(f"In {timezone} the clocks skip {shown}.", field=field)


class InvalidHours(Invalid):
    """The text is no time of day, or its window ends before it starts."""

    def __init__(self, start: str, end: str, *, field: str | None = None) -> None:
        super().__init__(
            f"{start[:20]!r} to {end[:20]!r} are no opening hours: write '09:00' to '17:00', "
            "and '22:00' to '26:00' for a window that ends at two in the morning.",
            field=field,
        )


class BookingError(Conflict):
    """A slot or a booking cannot be had or changed as asked."""


class SlotUnavailable(BookingError):
    """Somebody else has the time."""

    def __init__(self, *, field: str | None = "slotToken") -> None:
        super().__init__("This time is not available any more.", code="SLOT_UNAVAILABLE", field=field)


class SessionFull(BookingError):
    """The session has fewer seats left."""

    def __init__(self, left: int, *, field: str | None = "seats") -> None:
        super().__init__(f"Only {left} seats are left.", code="CAPACITY", field=field, params={"left": left})


class OutsideAvailability(BookingError):
    """Nobody is there at that time, or it is no start that the service offers."""

    def __init__(self, *, field: str | None = "start") -> None:
        super().__init__("The service does not start at this time.", code="OUTSIDE_AVAILABILITY", field=field)


class LeadTime(BookingError):
    """It is too soon."""

    def __init__(self, lead_min: int, *, field: str | None = "start") -> None:
        super().__init__(f"The service is booked {lead_min} minutes ahead at least.", code="LEAD_TIME", field=field)


class BeyondHorizon(BookingError):
    """It is too far ahead."""

    def __init__(self, horizon_days: int, *, field: str | None = "start") -> None:
        super().__init__(f"The service is booked {horizon_days} days ahead at most.", code="HORIZON", field=field)


class HoldLimit(BookingError):
    """One client holds as many slots as it may."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"You can hold {limit} slots at a time; pay for some or let them go.", code="HOLD_LIMIT")


class HoldExpired(BookingError):
    """The slot is not held any more."""

    def __init__(self, *, field: str | None = None) -> None:
        super().__init__(
            "The slot was held for too long and is free again; choose one anew.", code="HOLD_EXPIRED", field=field
        )


class InvalidState(BookingError):
    """The booking's state does not allow it; somebody may have changed it meanwhile."""

    def __init__(self, status: str, *, field: str | None = "id") -> None:
        super().__init__(f"This is not possible for a booking that is {status}.", code="INVALID_STATE", field=field)


class PolicyChanged(BookingError):
    """What would be paid back is not what the caller was told."""

    def __init__(self) -> None:
        super().__init__(
            "What is paid back has changed; ask for a quote and cancel with its id.",
            code="POLICY_CHANGED",
            field="quoteId",
        )


class BadSlotToken(Invalid):
    """No token of ours, or one for something else."""

    def __init__(self, *, field: str | None = "slotToken") -> None:
        super().__init__("This is no slot of this service; ask for available slots again.", field=field)


class ServiceNotFound(NotFound):
    """Nothing that can be booked."""

    def __init__(self, *, field: str | None = "variantId") -> None:
        super().__init__("This cannot be booked.", field=field)


class BookingNotFound(NotFound):
    """There is no such booking, or it is somebody else's."""

    def __init__(self, *, field: str | None = "id") -> None:
        super().__init__("There is no such booking.", field=field)


class StillBooked(BookingError):
    """Somebody is booked at that time."""

    def __init__(self, *, field: str | None = None) -> None:
        super().__init__("Somebody is booked at that time; move or cancel it first.", code="STILL_BOOKED", field=field)


class EntitlementNotFound(NotFound):
    """There are no such sessions, or they are somebody else's."""

    def __init__(self, *, field: str | None = "id") -> None:
        super().__init__("There is no such entitlement.", field=field)


class PackageExhausted(Conflict):
    """Fewer sessions are left than are wanted."""

    code = "PACKAGE_EXHAUSTED"

    def __init__(self, *, field: str | None = "entitlementId") -> None:
        super().__init__("Not enough sessions of this package are left.", field=field)


class PackageExpired(Conflict):
    """The sessions lapse before the visit."""

    code = "PACKAGE_EXPIRED"

    def __init__(self, *, field: str | None = "entitlementId") -> None:
        super().__init__("The sessions of this package have lapsed, or will have by then.", field=field)


class PackageUnpaid(Conflict):
    """The order that the sessions were bought with is still to be paid."""

    code = "INVALID_STATE"

    def __init__(self, *, field: str | None = "entitlementId") -> None:
        super().__init__("The sessions of this package are there once its order is paid for.", field=field)


class PackageDisputed(Conflict):
    """The buyer's bank has taken back what was paid for the sessions."""

    code = "INVALID_STATE"

    def __init__(self, *, field: str | None = "entitlementId") -> None:
        super().__init__("The payment of this package is disputed.", field=field)


class PackageNotForThis(Invalid):
    """The package is for other services."""

    def __init__(self, *, field: str | None = "entitlementId") -> None:
        super().__init__("The sessions of this package cannot be spent on this service.", field=field)


class ResourceNotFound(NotFound):
    """There is no such practitioner, room or device, or it is not the caller's."""

    def __init__(self, *, field: str | None = "id") -> None:
        super().__init__("There is no such practitioner.", field=field)


class EntryNotFound(NotFound):
    """Nobody waits under this id, or it is somebody else's."""

    def __init__(self, *, field: str | None = "id") -> None:
        super().__init__("There is no such entry in the waiting list.", field=field)


class PractitionerNotFound(NotFound):
    """There is no such practitioner, room or device."""

    def __init__(self, *, field: str | None = "id") -> None:
        super().__init__("There is no such practitioner.", field=field)


class TimeOffNotFound(NotFound):
    """There is no such time off."""

    def __init__(self) -> None:
        super().__init__("There is no such time off.", field="id")


class FormNotFound(NotFound):
    """Nothing is asked before this visit."""

    def __init__(self, *, field: str | None = "id") -> None:
        super().__init__("Nothing is asked before this visit.", field=field)


class LocationNotFound(NotFound):
    """There is no such place."""

    def __init__(self, *, field: str | None = "id") -> None:
        super().__init__("There is no such location.", field=field)


class HolidayNotFound(NotFound):
    """That date is as every week."""

    def __init__(self) -> None:
        super().__init__("There is no such holiday.", field="id")
