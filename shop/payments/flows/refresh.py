"""Looks at the provider and writes down what it says."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.db import Units
from shop.payments import actions
from shop.payments.actions import Recorded
from shop.payments.actions.calls import pending_creation
from shop.payments.errors import InvalidPaymentData, ProviderNotAnswering, UnknownTransaction
from shop.payments.flows import dummy
from shop.payments.flows.calls import locked, run_call
from shop.payments.provider import Kind, Provider, ProviderError, ProviderRefused
from shop.payments.queries import last_event_id, transaction_by_id
from shop.payments.rules import dummy_outcome

_log = structlog.get_logger(__name__)
Also = Callable[[AsyncSession], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Processed:
    """A transaction after a look at the provider. `data` is what the gateway has to say to the client."""

    transaction_id: uuid.UUID
    event_id: int
    data: dict[str, Any] | None


async def refresh(
    units: Units, provider: Provider, transaction_id: uuid.UUID, *, also: Also | None = None
) -> Recorded | None:
    """The ledger says what the provider says now; None when the payment was never made there, or has no provider.

    `also` runs in the same unit. Raises: UnknownTransaction, ProviderError.
    """

    async def find(session: AsyncSession) -> tuple[Any, uuid.UUID | None]:
        transaction = await transaction_by_id(session, transaction_id)
        if transaction is None:
            raise UnknownTransaction
        creation = await pending_creation(session, transaction_id) if transaction.reference is None else None
        return transaction, creation

    transaction, creation = await units.run(find)
    if creation is not None:
        made = await run_call(units, provider, creation)
        if made is not None and made.recorded is not None:
            if also is not None:
                await units.run(also)
            return made.recorded
        transaction, _ = await units.run(find)
    reference = transaction.reference
    if reference is None or transaction.kind == Kind.DUMMY:
        if also is not None:
            await units.run(also)
        return None
    state = await provider.state(Kind(transaction.kind), reference)

    async def write(session: AsyncSession) -> Recorded:
        recorded = await actions.record(session, await locked(session, transaction), state)
        if also is not None:
            await also(session)
        return recorded

    return await units.run(write)


async def process(units: Units, provider: Provider, transaction_id: uuid.UUID, data: Any = None) -> Processed:
    """`transactionProcess`: the payment is looked up and its event returned.

    `data` says what becomes of a payment that only pretends; no other needs it.
    Raises: UnknownTransaction; ProviderNotAnswering, after which the same call may be made again.
    """
    try:
        recorded = await pretend(units, transaction_id, data) if data else None
        recorded = recorded or await refresh(units, provider, transaction_id)
    except ProviderError as error:
        _log.warning("payment not looked up", transaction=str(transaction_id), code=error.code, error=error.message)
        raise ProviderNotAnswering from error
    if recorded is None:
        # The provider never took it; what the ledger says about that is the answer.
        event_id = await units.run(lambda session: last_event_id(session, transaction_id))
        if event_id is None:
            raise ProviderNotAnswering
        return Processed(transaction_id, event_id, None)
    return Processed(transaction_id, recorded.event_id, failure_data(recorded))


async def pretend(units: Units, transaction_id: uuid.UUID, data: Any) -> Recorded | None:
    """An open payment that only pretends goes on as `data` says; None for any other, and where it says nothing.

    Raises: InvalidPaymentData.
    """

    async def write(session: AsyncSession) -> Recorded | None:
        transaction = await transaction_by_id(session, transaction_id)
        if transaction is None or transaction.kind != Kind.DUMMY:
            return None
        outcome = dummy_outcome(data)
        transaction = await locked(session, transaction)
        if outcome is None or transaction.status != "OPEN":
            return None
        try:
            state = dummy.outcome_of(transaction, outcome, attempt=uuid.uuid4().hex)
        except ProviderRefused as error:
            raise InvalidPaymentData(error.message, "data") from error
        return await actions.record(session, transaction, state)

    return await units.run(write)


def failure_data(recorded: Recorded) -> dict[str, Any] | None:
    """The gateway's words about a refused attempt, in the form of Saleor's Stripe app; None for any other event."""
    if not recorded.event.type.endswith("_FAILURE"):
        return None
    return {"paymentIntent": {"errors": [{"code": recorded.failure_code, "message": recorded.event.message}]}}
