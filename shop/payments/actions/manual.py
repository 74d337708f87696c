"""Payments that no provider carries: cash, a bank transfer, an invoice, a gift card."""

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.money import quantum
from shop.payments.actions.ledger import write_events
from shop.payments.errors import ActionNotAvailable, ReferenceTaken
from shop.payments.models import Transaction
from shop.payments.queries import TransactionRow, entries_of_transaction
from shop.payments.rules import MANUAL_GATEWAY_ID, NewEvent


async def record_manual(
    session: AsyncSession,
    purchase_key: uuid.UUID,
    amount: Decimal,
    currency: str,
    *,
    reference: str | None = None,
    gateway_id: str = MANUAL_GATEWAY_ID,
    name: str = "Manual payment",
    remembered: Mapping[str, Any] | None = None,
) -> uuid.UUID:
    """The ledger says that so much was charged; whoever listens has heard of it. The answer: the transaction.

    `remembered`: what whoever gives it back needs to know.

    Locks: the caller holds the purchase's. Raises: ReferenceTaken.
    """
    if reference and await session.scalar(select(Transaction.id).where(Transaction.psp_reference == reference)):
        raise ReferenceTaken
    begun = (
        insert(Transaction)
        .values(
            id=uuid.uuid4(),
            purchase_key=purchase_key,
            gateway_id=gateway_id,
            kind="MANUAL",
            flow="CHARGE",
            status="SUCCEEDED",
            name=name,
            psp_reference=reference,
            currency=currency,
            requested_amount=amount,
            request=dict(remembered or {}),
        )
        .returning(*(getattr(Transaction, name) for name in TransactionRow.__dataclass_fields__))
    )
    transaction = TransactionRow(*(await session.execute(begun)).one())
    await write_events(session, transaction, [NewEvent("CHARGE_SUCCESS", amount, reference or "")])
    return transaction.id


async def refund_manual(
    session: AsyncSession,
    transaction: TransactionRow,
    amount: Decimal,
    *,
    message: str | None = None,
    reason: str | None = None,
) -> bool:
    """The ledger says that so much went back; whoever listens has heard of it.

    `reason` makes it once, as it does for `request`; False: it went back for this reason before, and nothing is new.
    Locks: the caller holds the purchase's. Raises: ActionNotAvailable.
    """
    # Without a reason each refund is one of its own, though it is of the same amount.
    event = NewEvent("REFUND_SUCCESS", amount, "", reason or str(uuid.uuid4()), message=message or "")
    known = await entries_of_transaction(session, transaction.id)
    if event.key in {(entry.type, entry.psp_reference, entry.dedupe_key) for entry in known}:
        return False
    if amount <= 0 or amount % quantum(transaction.currency):
        raise ActionNotAvailable(f"This is no amount of {transaction.currency}.", "amount")
    if amount > transaction.charged_amount:
        raise ActionNotAvailable(f"Only {transaction.charged_amount} {transaction.currency} can be refunded.", "amount")
    await write_events(session, transaction, [event])
    return True
