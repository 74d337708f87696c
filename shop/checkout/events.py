"""What checkouts tell the rest of the shop."""

import uuid
from dataclasses import dataclass

from shop.kit.events import Event


@dataclass(frozen=True, slots=True)
class CheckoutCreated(Event):
    """There is a new checkout."""

    checkout_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class CheckoutUpdated(Event):
    """Something in the checkout is different."""

    checkout_id: uuid.UUID
