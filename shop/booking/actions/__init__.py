"""Changes of bookings. Whoever calls them holds the lock of the purchase that they belong to."""

from shop.booking.actions.calendar import mark_changed
from shop.booking.actions.change import (
    cancel,
    check_in,
    complete,
    confirm,
    decline,
    lapse,
    locked,
    mark_no_show,
    reschedule,
)
from shop.booking.actions.convert import Booked, Buyer, Converted, Sold, convert
from shop.booking.actions.disputes import mark_disputed
from shop.booking.actions.hold import hold_slots
from shop.booking.actions.paying import payment_begins, payment_ended, renew
from shop.booking.actions.release import expire, release
from shop.booking.actions.taking import Wish
from shop.booking.actions.versions import SYSTEM, By

__all__ = [
    "SYSTEM",
    "Booked",
    "Buyer",
    "By",
    "Converted",
    "Sold",
    "Wish",
    "cancel",
    "check_in",
    "complete",
    "confirm",
    "convert",
    "decline",
    "expire",
    "hold_slots",
    "lapse",
    "locked",
    "mark_changed",
    "mark_disputed",
    "mark_no_show",
    "payment_begins",
    "payment_ended",
    "release",
    "renew",
    "reschedule",
]
