"""Which changes of a booking are told to its visitor, in which words, and when the visitor is reminded."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why there is a mail: its subject, and the sentence that it begins with."""

    subject: str
    opening: str


_CONFIRMED: Final = Occasion("Your appointment", "Your appointment is booked.")
_OCCASIONS: Final = {
    ("BOOKED", "CONFIRMED"): _CONFIRMED,
    ("BOOKED", "PENDING_APPROVAL"): Occasion(
        "Your request for an appointment", "We have your request and hold the time for you until we have answered it."
    ),
    ("CONFIRMED", "CONFIRMED"): _CONFIRMED,
    ("RESCHEDULED", "CONFIRMED"): Occasion("Your appointment has moved", "Your appointment takes place at a new time."),
    ("CANCELLED", "CANCELLED"): Occasion("Your appointment is cancelled", "Your appointment does not take place."),
    ("EXPIRED", "EXPIRED"): Occasion(
        "Your appointment is cancelled", "Your appointment was not paid in time and does not take place."
    ),
    ("DECLINED", "DECLINED"): Occasion(
        "Your request for an appointment", "We are sorry: this time is not possible for us."
    ),
}
REMINDER: Final = Occasion("Your appointment is near", "We look forward to seeing you.")
# How long before the start; each kind once for every time that the appointment is given.
_REMINDERS: Final = {"DAY": timedelta(days=1), "HOURS": timedelta(hours=2)}


def occasion(event_type: str, to_status: str) -> Occasion | None:
    """What the visitor is told of such an event; None where it is no news to them."""
    return _OCCASIONS.get((event_type, to_status))


def reminders(start: datetime, now: datetime) -> Iterator[tuple[str, datetime]]:
    """The kinds of reminders that are still ahead, and when each is due."""
    for kind, ahead in _REMINDERS.items():
        if start - ahead > now:
            yield kind, start - ahead
