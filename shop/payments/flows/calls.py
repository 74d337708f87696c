"""Carries out one wish to the provider, whoever left it behind."""

import uuid
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit import clock
from shop.kit.db import Units, lock_purchase
from shop.payments import actions
from shop.payments.actions import Claimed, Recorded
from shop.payments.errors import UnknownTransaction
from shop.payments.flows import dummy
from shop.payments.provider import (
    IntentState,
    Kind,
    NewPayment,
    PaymentLine,
    PaymentState,
    Provider,
    ProviderError,
    ProviderFaulted,
    ProviderRefused,
    SessionState,
)
from shop.payments.queries import CallRow, TransactionRow, transaction_by_id

# The provider forgets a key after a day: from then on look first, ask afterwards.
_KEY_LIFETIME: Final = timedelta(hours=23)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a wish: the state it led to, or why it was refused."""

    state: PaymentState | None
    recorded: Recorded | None
    refusal: ProviderRefused | None = None
    failure_event_id: int | None = None


async def run_call(units: Units, provider: Provider, call_id: uuid.UUID) -> Outcome | None:
    """The wish is fulfilled, refused, or waits for its next attempt; None when it was settled before.

    At least once here, at most once at the provider: the same key is sent until the answer is known.
    Raises: ProviderError when the provider does not answer.
    """
    claimed = await units.run(lambda session: actions.claim_call(session, call_id))
    return None if claimed is None else await run_claimed(units, provider, claimed)


async def run_claimed(units: Units, provider: Provider, claimed: Claimed) -> Outcome:
    """As `run_call`, for who holds the wish already."""
    call_id = claimed.call.id
    if claimed.creation is not None:
        # The payment itself was not made yet, or nobody heard that it was.
        made = await run_call(units, provider, claimed.creation.id)
        if made is None or made.state is None:
            return await _refused(units, claimed, ProviderRefused("the payment was never made", code="no_payment"))
        claimed = replace(claimed, transaction=await _reread(units, claimed.transaction.id), creation=None)
    try:
        state = await _carry_out(units, provider, claimed)
    except ProviderRefused as error:
        return await _refused(units, claimed, error)
    except ProviderError as error:
        message = f"{type(error).__name__}: {error.message}"
        await units.run(lambda session: actions.defer_call(session, call_id, message))
        raise

    async def finish(session: AsyncSession) -> Recorded:
        transaction = await locked(session, claimed.transaction)
        await actions.finish_call(session, call_id, _object_of(claimed.call, state))
        return await actions.record(session, transaction, state)

    return Outcome(state, await units.run(finish))


async def locked(session: AsyncSession, transaction: TransactionRow) -> TransactionRow:
    """The transaction as it is now, with its purchase locked."""
    await lock_purchase(session, transaction.purchase_key)
    found = await transaction_by_id(session, transaction.id)
    if found is None:
        raise UnknownTransaction
    return found


async def _refused(units: Units, claimed: Claimed, error: ProviderRefused) -> Outcome:
    async def fail(session: AsyncSession) -> int | None:
        await lock_purchase(session, claimed.transaction.purchase_key)
        return await actions.refuse_call(session, claimed, code=error.code, message=error.message)

    return Outcome(None, None, error, await units.run(fail))


async def _reread(units: Units, transaction_id: uuid.UUID) -> TransactionRow:
    found = await units.run(lambda session: transaction_by_id(session, transaction_id))
    assert found is not None
    return found


async def _carry_out(units: Units, provider: Provider, claimed: Claimed) -> PaymentState:
    """The state after the wish. Raises: ProviderError."""
    if claimed.transaction.kind == Kind.DUMMY:
        return dummy.carried_out(claimed.transaction, claimed.call)
    if clock.now() - claimed.call.created_at > _KEY_LIFETIME:
        done = await _look(provider, claimed)
        if done is not None:
            return done
    try:
        return await _ask(provider, claimed)
    except ProviderFaulted as error:
        done = await _look(provider, claimed)
        if done is not None:
            return done
        fault = error.message
        await units.run(lambda session: actions.defer_call(session, claimed.call.id, fault, new_key=True))
        return await _ask(provider, replace(claimed, key_serial=claimed.key_serial + 1))


async def _ask(provider: Provider, claimed: Claimed) -> PaymentState:
    call, transaction = claimed.call, claimed.transaction
    if call.action == "CREATE":
        return await provider.create(new_payment(transaction, claimed.key))
    if call.action == "CANCEL":
        if transaction.reference is None:
            raise ProviderRefused("the payment was never made", code="no_payment")
        return await provider.end(Kind(transaction.kind), transaction.reference, key=claimed.key)
    intent = transaction.payment_intent_id
    if intent is None:
        raise ProviderRefused("the payment has no charge", code="no_charge")
    if call.action == "CAPTURE":
        return await provider.capture(intent, call.amount, call.currency, key=claimed.key)
    return await provider.refund(intent, call.amount, call.currency, key=claimed.key, call_id=str(call.id))


async def _look(provider: Provider, claimed: Claimed) -> PaymentState | None:
    """The state, if it shows that an earlier attempt did what we wish. Raises: ProviderError."""
    call, transaction = claimed.call, claimed.transaction
    if call.action == "CREATE":
        return await provider.find(new_payment(transaction, claimed.key))
    if transaction.reference is None:
        return None
    state = await provider.state(Kind(transaction.kind), transaction.reference)
    intent = _intent(state)
    if call.action == "REFUND":
        done = intent is not None and any(refund.call_id == str(call.id) for refund in intent.refunds)
    elif call.action == "CAPTURE":
        done = intent is not None and intent.status == "succeeded"
    else:
        ended = isinstance(state, SessionState) and state.status == "expired"
        done = ended or (intent is not None and intent.status == "canceled")
    return state if done else None


def _intent(state: PaymentState) -> IntentState | None:
    return state if isinstance(state, IntentState) else state.intent


def _object_of(call: CallRow, state: PaymentState) -> str:
    """The provider's object that came of the wish."""
    intent = _intent(state)
    if call.action == "REFUND" and intent is not None:
        return next((refund.id for refund in intent.refunds if refund.call_id == str(call.id)), intent.id)
    return state.id


def new_payment(transaction: TransactionRow, key: str) -> NewPayment:
    """What the provider is asked to make; the same row always gives the same values, as its key demands."""
    data = transaction.request.get("data") or {}
    return NewPayment(
        key=key,
        kind=Kind(transaction.kind),
        transaction_id=transaction.id,
        purchase_key=transaction.purchase_key,
        amount=transaction.requested_amount,
        currency=transaction.currency,
        manual=transaction.flow == "AUTHORIZATION",
        created_at=transaction.created_at,
        success_url=data.get("success_url"),
        cancel_url=data.get("cancel_url"),
        method=data.get("method"),
        email=transaction.request.get("email"),
        lines=tuple(
            PaymentLine(name, quantity, Decimal(amount))
            for name, quantity, amount in transaction.request.get("lines") or ()
        ),
    )
