"""Writes what the provider says into the ledger; the transaction's amounts and status follow from it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.events import publish
from shop.payments.actions.alerts import raise_alert
from shop.payments.events import PaymentDisputed, TransactionChanged
from shop.payments.models import Transaction, TransactionEvent
from shop.payments.provider import IntentState, PaymentState
from shop.payments.queries import TransactionRow, entries_of_transaction, event_id
from shop.payments.rules import LOST, Amounts, Entry, NewEvent, amounts_of, mismatch, read_state

# A payment's life only moves on: a state that was read earlier and written later takes nothing back.
_RANK: Final = {"OPEN": 0, "FAILED": 1, "CANCELLED": 1, "SUCCEEDED": 2}
_STAGES: Final = {("CHARGE_BACK", ""): "OPEN", ("REFUND_REVERSE", ""): "WON", ("INFO", LOST): "LOST"}


@dataclass(frozen=True, slots=True)
class Recorded:
    """The ledger after a look at the provider: the event that describes the payment now, and what it adds up to."""

    event_id: int
    event: NewEvent
    status: str
    amounts: Amounts
    failure_code: str = ""


async def record(session: AsyncSession, transaction: TransactionRow, state: PaymentState) -> Recorded:
    """The ledger holds everything that the state says, once; whoever listens has heard of any other amount or status.

    Locks: the caller holds the purchase's. A payment of another amount or currency than asked for raises an alert;
    one in another currency is noted, but counts for nothing here.
    """
    reading = read_state(state, transaction.flow)
    problem = mismatch(state, transaction.requested_amount, transaction.currency)
    events: Iterable[NewEvent] = reading.events
    current = reading.current
    if problem is not None:
        await raise_alert(
            session,
            kind="payment-mismatch",
            reference=state.id,
            purchase_key=transaction.purchase_key,
            detail=f"Held: {problem}.",
        )
        if state.currency != transaction.currency:
            current = NewEvent("INFO", reading.current.amount, state.id, reading.status, f"Not counted: {problem}.")
            events = (current,)
    intent = state if isinstance(state, IntentState) else state.intent
    references = {
        "session_id": state.id if not isinstance(state, IntentState) else transaction.session_id,
        "payment_intent_id": transaction.payment_intent_id if intent is None else intent.id,
    }
    # The session's id is the public reference until something succeeded.
    paid = reading.status == "SUCCEEDED"
    reference = references["payment_intent_id"] if paid else None
    references["psp_reference"] = (
        reference or transaction.psp_reference or references["session_id"] or references["payment_intent_id"]
    )
    written = await write_events(session, transaction, events, status=reading.status, references=references)
    await _tell_of_disputes(session, transaction, events, written)
    current = written.renamed.get(current.key, current)
    found = written.ids.get(current.key) or await event_id(session, transaction.id, current.key)
    assert found is not None
    return Recorded(found, current, written.status, written.amounts, reading.failure_code)


async def _tell_of_disputes(
    session: AsyncSession, transaction: TransactionRow, events: Iterable[NewEvent], written: "Written"
) -> None:
    """What became of disputes by these events, oldest first; what the ledger knew before is told to nobody."""
    disputes = {event.psp_reference for event in events if event.type == "CHARGE_BACK"}
    for event in events:
        stage = _STAGES.get((event.type, event.dedupe_key))
        if stage is not None and event.psp_reference in disputes and event.key in written.ids:
            await publish(
                session,
                PaymentDisputed(transaction.purchase_key, transaction.id, stage, event.amount, transaction.currency),
            )


@dataclass(frozen=True, slots=True)
class Written:
    """What `write_events` did: ids of the new events by their key, and what the transaction is now."""

    ids: dict[tuple[str, str, str], int]
    renamed: dict[tuple[str, str, str], NewEvent]
    status: str
    amounts: Amounts


async def write_events(
    session: AsyncSession,
    transaction: TransactionRow,
    events: Iterable[NewEvent],
    *,
    status: str | None = None,
    references: dict[str, str | None] | None = None,
) -> Written:
    """These events are in the ledger, each once, and the transaction's amounts and status are what they add up to."""
    entries = await entries_of_transaction(session, transaction.id)
    known = {(entry.type, entry.psp_reference, entry.dedupe_key) for entry in entries}
    succeeded = {entry.psp_reference for entry in entries if entry.type == "REFUND_SUCCESS"}
    renamed: dict[tuple[str, str, str], NewEvent] = {}
    new: list[NewEvent] = []
    for event in events:
        actual = event
        if event.type == "REFUND_FAILURE" and event.psp_reference in succeeded:
            # Done, told, and sent back by the bank days later.
            actual = renamed[event.key] = replace(event, type="REFUND_REVERSE")
        if actual.key not in known:
            known.add(actual.key)
            new.append(actual)
    ids = await _insert(session, transaction, new)
    amounts = amounts_of(
        [*entries, *(Entry(event.type, event.amount, event.psp_reference, event.dedupe_key) for event in new)]
    )
    ahead = status is not None and _RANK[status] > _RANK[transaction.status]
    final = status if ahead and status is not None else transaction.status
    values: dict[str, Any] = {
        name: value
        for name, value in (references or {}).items()
        if value is not None and value != getattr(transaction, name)
    }
    if ahead:
        values["status"] = final
    if new:
        values |= _columns(amounts) | {"message": new[-1].message}
    if transaction.reference is None and "email" in transaction.request:
        # The payment exists now, so its request is not repeated: what names a person in it is gone.
        values["request"] = {name: value for name, value in transaction.request.items() if name != "email"}
    if values:
        await session.execute(
            update(Transaction).where(Transaction.id == transaction.id).values(**values, updated_at=func.now())
        )
    if new:
        await _watch(session, transaction, amounts)
    if ahead or amounts != amounts_of(entries):
        await publish(session, TransactionChanged(transaction.purchase_key, transaction.id))
    return Written(ids, renamed, final, amounts)


async def _insert(
    session: AsyncSession, transaction: TransactionRow, events: list[NewEvent]
) -> dict[tuple[str, str, str], int]:
    if not events:
        return {}
    statement = (
        insert(TransactionEvent)
        .values(
            [
                {
                    "transaction_id": transaction.id,
                    "type": event.type,
                    "amount": event.amount,
                    "currency": transaction.currency,
                    "psp_reference": event.psp_reference,
                    "dedupe_key": event.dedupe_key,
                    "message": event.message,
                    "external_url": event.external_url,
                }
                for event in events
            ]
        )
        .on_conflict_do_nothing()
        .returning(
            TransactionEvent.type, TransactionEvent.psp_reference, TransactionEvent.dedupe_key, TransactionEvent.id
        )
    )
    return {(row[0], row[1], row[2]): row[3] for row in await session.execute(statement)}


def _columns(amounts: Amounts) -> dict[str, Any]:
    return {
        "authorized_amount": amounts.authorized,
        "charged_amount": amounts.charged,
        "refunded_amount": amounts.refunded,
        "cancelled_amount": amounts.cancelled,
        "authorize_pending_amount": amounts.authorize_pending,
        "charge_pending_amount": amounts.charge_pending,
        "refund_pending_amount": amounts.refund_pending,
        "cancel_pending_amount": amounts.cancel_pending,
    }


async def _watch(session: AsyncSession, transaction: TransactionRow, amounts: Amounts) -> None:
    """What no rule may settle alone is a person's to look at."""
    if amounts.refunded + amounts.charged_back > amounts.captured:
        await raise_alert(
            session,
            kind="refunded-too-much",
            reference=str(transaction.id),
            purchase_key=transaction.purchase_key,
            detail=f"{amounts.captured} {transaction.currency} was charged, "
            f"{amounts.refunded + amounts.charged_back} went back.",
        )
    if amounts.charged_back > 0:
        await raise_alert(
            session,
            kind="dispute",
            reference=str(transaction.id),
            purchase_key=transaction.purchase_key,
            detail=f"The buyer's bank has taken back {amounts.charged_back} {transaction.currency}.",
        )
