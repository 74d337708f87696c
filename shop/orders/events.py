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
