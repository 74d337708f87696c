"""What payments tell the slices above."""

import uuid
from dataclasses import dataclass

from shop.kit.events import Event


@dataclass(frozen=True, slots=True)
class TransactionChanged(Event):
    """A transaction's amounts or its status are other ones than before. Whoever hears it reads what it needs."""

    purchase_key: uuid.UUID
    transaction_id: uuid.UUID
