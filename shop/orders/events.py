"""What orders tell the rest of the shop."""

import uuid
from dataclasses import dataclass

from shop.kit.events import Event


@dataclass(frozen=True, slots=True)
class OrderPlaced(Event):
    """There is a new order."""

    order_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class OrderPaymentChanged(Event):
    """What was paid for the order is another amount than before."""

    order_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class OrderCanceled(Event):
    """The order is over before anything of it was with the buyer."""

    order_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class OrderConfirmed(Event):
    """A person has looked at an order that was held: it may be fulfilled."""

    order_id: uuid.UUID
