"""What payments tell the slices above."""

import uuid
from dataclasses import dataclass

from shop.kit.events import Event


@dataclass(frozen=True, slots=True)
class TransactionChanged(Event):
    """The ledger of a transaction has a new event, or its status changed. Whoever hears it reads what it needs."""

    purchase_key: uuid.UUID
    transaction_id: uuid.UUID
