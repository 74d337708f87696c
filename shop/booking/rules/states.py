"""Which states follow on which, for bookings and for holds; the same tables serve the actions and the auditor's SQL."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

BOOKING_CHANGES: Final[Mapping[str, frozenset[str]]] = {
    "PENDING_PAYMENT": frozenset({"CONFIRMED", "EXPIRED", "CANCELLED"}),
    "PENDING_APPROVAL": frozenset({"CONFIRMED", "DECLINED", "CANCELLED"}),
    "CONFIRMED": frozenset({"CHECKED_IN", "CANCELLED", "NO_SHOW"}),
    "CHECKED_IN": frozenset({"COMPLETED"}),
    "COMPLETED": frozenset(),
    "CANCELLED": frozenset(),
    "DECLINED": frozenset(),
    "EXPIRED": frozenset(),
    "NO_SHOW": frozenset(),
}
HOLD_CHANGES: Final[Mapping[str, frozenset[str]]] = {
    "ACTIVE": frozenset({"CONVERTED", "RELEASED", "EXPIRING"}),
    "EXPIRING": frozenset({"RELEASED", "CONVERTED"}),
    "CONVERTED": frozenset(),
    "RELEASED": frozenset(),
}

# States in which somebody's time is taken; in the others it is free again.
OCCUPYING: Final = frozenset({"PENDING_PAYMENT", "PENDING_APPROVAL", "CONFIRMED", "CHECKED_IN", "COMPLETED", "NO_SHOW"})
# How long the time of an order that is not paid for is kept.
UNPAID_FOR: Final = timedelta(days=1)
HOLDING: Final = frozenset({"ACTIVE", "EXPIRING"})


def can_become(status: str, following: str) -> bool:
    """Whether a booking of this status may get the other one."""
    return following in BOOKING_CHANGES[status]


def can_hold_become(status: str, following: str) -> bool:
    """Whether a hold of this status may get the other one."""
    return following in HOLD_CHANGES[status]


def can_confirm(status: str) -> bool:
    """Whether payment or staff can still make it certain."""
    return can_become(status, "CONFIRMED")


def has_lapsed(status: str, start: datetime, created_at: datetime, now: datetime) -> bool:
    """Whether its time is kept no longer for who has ordered and not paid: after a day, and once it begins."""
    return can_become(status, "EXPIRED") and now >= min(start, created_at + UNPAID_FOR)


def can_decline(status: str) -> bool:
    """Whether staff may still say no."""
    return can_become(status, "DECLINED")


def can_cancel(status: str, start: datetime, now: datetime, *, by_staff: bool = False) -> bool:
    """Whether it can be called off: by the customer before its start, by staff also later."""
    return can_become(status, "CANCELLED") and (by_staff or now < start)


def can_reschedule(status: str, start: datetime, now: datetime, *, by_staff: bool = False) -> bool:
    """Whether it can move to another time: what is certain can, as long as it can be cancelled."""
    return status == "CONFIRMED" and can_cancel(status, start, now, by_staff=by_staff)


def is_ahead(status: str, start: datetime, now: datetime) -> bool:
    """Whether the visit is still to come, and nobody has called it off."""
    return can_become(status, "CANCELLED") and now < start


def can_check_in(status: str) -> bool:
    """Whether the customer may be marked as arrived, early or late."""
    return can_become(status, "CHECKED_IN")


def can_complete(status: str) -> bool:
    """Whether the appointment may be marked as done."""
    return can_become(status, "COMPLETED")


def can_mark_no_show(status: str, start: datetime, now: datetime) -> bool:
    """Whether the customer may be marked as absent: from the start on, never before."""
    return can_become(status, "NO_SHOW") and now >= start
