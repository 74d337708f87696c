"""Wishes to the provider: written before the call, so that after a kill another process asks with the same key."""

import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.jobs import enqueue
from shop.kit.db import lock_purchase
from shop.kit.money import quantum
from shop.payments.actions.alerts import raise_alert
from shop.payments.actions.ledger import write_events
from shop.payments.actions.pauses import pause_after
from shop.payments.errors import ActionNotAvailable, NoProvider
from shop.payments.models import ProviderCall
from shop.payments.queries import (
    CallRow,
    TransactionRow,
    call_by_id,
    calls_of_transaction,
    ledger_amounts,
    transaction_by_id,
)
from shop.payments.rules import NewEvent

# The ledger's word for each wish.
_EVENT: Final = {"CAPTURE": "CHARGE", "REFUND": "REFUND", "CANCEL": "CANCEL"}


@dataclass(frozen=True, slots=True)
class Claimed:
    """A wish that is ours to carry out now, with its transaction and the wish that makes the payment, if still open."""

    call: CallRow
    transaction: TransactionRow
    key_serial: int
    creation: CallRow | None

    @property
    def key(self) -> str:
        """The idempotency key: one per wish, and another only where the provider is known to have done nothing."""
        return str(self.call.id) if self.key_serial == 1 else f"{self.call.id}/{self.key_serial}"


async def request(
    session: AsyncSession,
    transaction: TransactionRow,
    action: str,
    amount: Decimal,
    *,
    reason: str,
    message: str | None = None,
) -> uuid.UUID:
    """CAPTURE, REFUND or CANCEL is wished for, counted in the ledger and queued. The answer is the wish's id.

    `reason` makes the wish unique: the same one again returns the first. `message` says why to people.
    Raises: ActionNotAvailable, NoProvider.
    """
    if transaction.kind == "MANUAL":
        raise NoProvider
    existing = next(
        (
            call.id
            for call in await calls_of_transaction(session, transaction.id)
            if call.action == action and call.reason == reason
        ),
        None,
    )
    if existing is not None:
        return existing
    await _check(session, transaction, action, amount)
    statement = (
        insert(ProviderCall)
        .values(
            transaction_id=transaction.id,
            action=action,
            amount=amount,
            currency=transaction.currency,
            reason=reason,
            # The flow that asked carries it out at once, the queue right after it; the sweeper is the last resort.
            next_try_at=func.now() + text("interval '30 seconds'"),
        )
        .returning(ProviderCall.id)
    )
    call_id = (await session.execute(statement)).scalar_one()
    if transaction.status == "SUCCEEDED":
        event = NewEvent(
            f"{_EVENT[action]}_REQUEST",
            amount,
            transaction.payment_intent_id or "",
            str(call_id),
            message=message or reason,
        )
        await write_events(session, transaction, [event])
    await enqueue(session, "payments.run_call", {"call_id": str(call_id)})
    return call_id


async def _check(session: AsyncSession, transaction: TransactionRow, action: str, amount: Decimal) -> None:
    amounts = await ledger_amounts(session, transaction.id)
    if action == "CANCEL" and transaction.status != "OPEN" and amounts.authorized <= 0:
        raise ActionNotAvailable("There is no authorised amount to release.")
    if amount <= 0:
        raise ActionNotAvailable("The amount must be greater than zero.", "amount")
    if amount % quantum(transaction.currency):
        raise ActionNotAvailable(f"The amount has more decimals than {transaction.currency}.", "amount")
    if action == "REFUND" and amount > amounts.charged:
        raise ActionNotAvailable(f"Only {amounts.charged} {transaction.currency} can be refunded.", "amount")
    if action == "CAPTURE" and amount > amounts.authorized:
        raise ActionNotAvailable(f"Only {amounts.authorized} {transaction.currency} can be charged.", "amount")


async def claim_call(session: AsyncSession, call_id: uuid.UUID) -> Claimed | None:
    """The wish is ours to try now; None when it is settled. Who crashes with it is followed by the sweeper.

    Two who hold the same wish do no harm: they send the same key. Locks: the purchase's.
    """
    call = await call_by_id(session, call_id)
    if call is None:
        return None
    transaction = await transaction_by_id(session, call.transaction_id)
    assert transaction is not None
    await lock_purchase(session, transaction.purchase_key)
    claim = (
        update(ProviderCall)
        .where(ProviderCall.id == call_id, ProviderCall.state == "PENDING")
        .values(attempts=ProviderCall.attempts + 1, next_try_at=func.now() + pause_after(ProviderCall.attempts))
        .returning(ProviderCall.key_serial)
    )
    serial = (await session.execute(claim)).scalar_one_or_none()
    if serial is None:
        return None
    transaction = await transaction_by_id(session, call.transaction_id)
    assert transaction is not None
    creation = None
    if transaction.reference is None and call.action != "CREATE":
        creation = next(
            (
                other
                for other in await calls_of_transaction(session, transaction.id)
                if other.action == "CREATE" and other.state == "PENDING"
            ),
            None,
        )
    return Claimed(call, transaction, serial, creation)


async def finish_call(session: AsyncSession, call_id: uuid.UUID, psp_reference: str | None) -> None:
    """The wish is fulfilled; a second report changes nothing."""
    await session.execute(
        update(ProviderCall)
        .where(ProviderCall.id == call_id, ProviderCall.state == "PENDING")
        .values(state="DONE", psp_reference=psp_reference, finished_at=func.now(), last_error=None)
    )


async def defer_call(session: AsyncSession, call_id: uuid.UUID, error: str, *, new_key: bool = False) -> None:
    """The wish waits for its next attempt. `new_key`: the provider did nothing and would repeat its fault."""
    await session.execute(
        update(ProviderCall)
        .where(ProviderCall.id == call_id, ProviderCall.state == "PENDING")
        .values(last_error=error[:500], key_serial=ProviderCall.key_serial + int(new_key))
    )


async def refuse_call(session: AsyncSession, claimed: Claimed, *, code: str, message: str) -> int | None:
    """The provider will not do it: the wish has failed and the ledger says so. The answer is the failure's event.

    A failed creation ends the transaction. A refund or release that the provider refuses is somebody's to look at.
    """
    call = claimed.call
    failed = await session.scalar(
        update(ProviderCall)
        .where(ProviderCall.id == call.id, ProviderCall.state == "PENDING")
        .values(state="FAILED", last_error=f"{code}: {message}"[:500], finished_at=func.now())
        .returning(ProviderCall.id)
    )
    if failed is None:
        return None
    # As it is now: the failure may have come after somebody else's success.
    transaction = await transaction_by_id(session, call.transaction_id)
    assert transaction is not None
    if call.action == "CREATE":
        event = NewEvent(f"{transaction.flow}_FAILURE", call.amount, "", str(call.id), message)
        written = await write_events(session, transaction, [event], status="FAILED")
        return written.ids.get(event.key)
    if transaction.status == "OPEN":
        return None
    reference = transaction.payment_intent_id or ""
    event = NewEvent(f"{_EVENT[call.action]}_FAILURE", call.amount, reference, str(call.id), message)
    written = await write_events(session, transaction, [event])
    await raise_alert(
        session,
        kind=f"{call.action.lower()}-refused",
        reference=str(call.id),
        purchase_key=transaction.purchase_key,
        detail=f"{call.action} of {call.amount} {call.currency} ({call.reason}) was refused: {message}",
    )
    return written.ids.get(event.key)


_PENDING_CREATION = select(ProviderCall.id).where(ProviderCall.action == "CREATE", ProviderCall.state == "PENDING")


async def pending_creation(session: AsyncSession, transaction_id: uuid.UUID) -> uuid.UUID | None:
    """The wish that has yet to make this payment at the provider, or None."""
    found: uuid.UUID | None = await session.scalar(
        _PENDING_CREATION.where(ProviderCall.transaction_id == transaction_id)
    )
    return found
