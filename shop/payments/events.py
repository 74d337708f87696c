"""What payments tell the slices above."""

import uuid
from dataclasses import dataclass
from decimal import Decimal

from shop.kit.events import Event


@dataclass(frozen=True, slots=True)
class TransactionChanged(Event):
    """A transaction's amounts or its status are other ones than before. Whoever hears it reads what it needs."""

    purchase_key: uuid.UUID
    transaction_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class PaymentDisputed(Event):
    """A buyer's bank has taken a payment back, or has decided who keeps it. Whoever hears it reads how it stands.

    `stage`: OPEN, WON or LOST; each is told once. The transaction's amounts are up to date by then.
    """

    purchase_key: uuid.UUID
    transaction_id: uuid.UUID
    stage: str
    amount: Decimal
    currency: str
