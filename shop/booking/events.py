"""What bookings tell the slices above them."""

import uuid
from dataclasses import dataclass

from shop.kit.events import Event


@dataclass(frozen=True, slots=True)
class HoldExpiring(Event):
    """A slot's time to be paid has run out while a payment is open: it is released once that payment has ended."""

    purchase_key: uuid.UUID


@dataclass(frozen=True, slots=True)
class HoldReleased(Event):
    """Time is free again that a cart held: somebody who waits may want it."""

    service_id: int
    resource_id: int


@dataclass(frozen=True, slots=True)
class BookingChanged(Event):
    """A booking was made, or has a new version."""

    booking_id: uuid.UUID
    version: int
    status: str
