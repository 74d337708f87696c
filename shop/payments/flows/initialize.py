"""`paymentGatewayInitialize` and `transactionInitialize`: both paths, one open payment a purchase."""

import uuid
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.db import Units
from shop.kit.settings import Settings
from shop.payments import actions
from shop.payments.actions import Ending, Open, Paid, Plan, Recorded, Wish
from shop.payments.errors import PaymentInProgress, ProviderNotAnswering
from shop.payments.flows.calls import Outcome, locked, run_call, run_claimed
from shop.payments.flows.refresh import failure_data
from shop.payments.provider import IntentState, Kind, PaymentState, Provider, ProviderError, ProviderRefused
from shop.payments.queries import TransactionRow, last_event_id, offer_event_id, transaction_by_id

_log = structlog.get_logger(__name__)
# An open payment may end, be paid or expire while we look: each time the plan is made anew.
_ROUNDS: Final = 4


@dataclass(frozen=True, slots=True)
class Started:
    """A payment that waits for the shopper, or one that is further already. `data` is the gateway's answer."""

    transaction_id: uuid.UUID
    event_id: int
    data: dict[str, Any] | None


def gateway_data(settings: Settings) -> dict[str, Any]:
    """What a client needs before it can show a payment form."""
    return {"stripePublishableKey": settings.stripe_publishable_key or ""}


async def initialize(units: Units, provider: Provider, wish: Wish) -> Started:
    """The purchase has one open payment, of this amount and kind.

    The same wish again returns the same payment; another one ends the first at the provider before it begins.
    Raises: InvalidAmount, PaymentInProgress, ProviderNotAnswering, and what the wish's quote raises.
    """
    try:
        for _ in range(_ROUNDS):
            plan: Plan = await units.run(lambda session: actions.plan_payment(session, wish))
            if isinstance(plan, Ending):
                await _end(units, provider, plan.transaction)
                continue
            if isinstance(plan, Paid):
                started = await _as_it_is(units, provider, plan.transaction_id)
            else:
                started = await _begin(units, provider, plan)
            if started is not None:
                return started
    except ProviderError as error:
        _log.warning("payment not begun", purchase=str(wish.purchase_key), code=error.code, error=error.message)
        raise ProviderNotAnswering from error
    raise PaymentInProgress


async def _begin(units: Units, provider: Provider, plan: Open) -> Started | None:
    """The payment that serves; None when it has ended meanwhile and another must be begun."""
    if plan.claimed is not None:
        return await _started(units, plan.transaction_id, await run_claimed(units, provider, plan.claimed))
    if plan.creation is not None:
        outcome = await run_call(units, provider, plan.creation)
        if outcome is not None:
            return await _started(units, plan.transaction_id, outcome)
    return await _as_it_is(units, provider, plan.transaction_id, ended_is_none=not plan.by_key)


async def _started(units: Units, transaction_id: uuid.UUID, outcome: Outcome) -> Started:
    if outcome.refusal is not None:
        event_id = outcome.failure_event_id
        if event_id is None:
            raise PaymentInProgress
        transaction = await units.run(lambda session: transaction_by_id(session, transaction_id))
        assert transaction is not None
        return Started(transaction_id, event_id, _refusal_data(transaction, outcome.refusal))
    assert outcome.state is not None
    assert outcome.recorded is not None
    return Started(transaction_id, outcome.recorded.event_id, _data(outcome.state, outcome.recorded))


async def _as_it_is(
    units: Units, provider: Provider, transaction_id: uuid.UUID, *, ended_is_none: bool = False
) -> Started | None:
    transaction = await units.run(lambda session: transaction_by_id(session, transaction_id))
    assert transaction is not None
    pretends = transaction.kind == Kind.DUMMY
    if transaction.reference is None or pretends:
        if ended_is_none and not (pretends and transaction.status == "OPEN"):
            return None
        # The provider never took it, or there is none; what the ledger says about that is the answer.
        event_id = await units.run(lambda session: last_event_id(session, transaction_id))
        if event_id is None:
            raise PaymentInProgress
        return Started(transaction_id, event_id, None)
    state = await provider.state(Kind(transaction.kind), transaction.reference)

    async def write(session: AsyncSession) -> tuple[Recorded, int | None]:
        recorded = await actions.record(session, await locked(session, transaction), state)
        # An open form is there to try another card: a storefront that was told of the card before would not show it.
        may_try_again = recorded.status == "OPEN" and recorded.event.type.endswith("_FAILURE")
        return recorded, await offer_event_id(session, transaction_id) if may_try_again else None

    recorded, offer = await units.run(write)
    if ended_is_none and recorded.status in {"FAILED", "CANCELLED"}:
        return None
    return Started(transaction_id, offer or recorded.event_id, _data(state, recorded))


async def _end(units: Units, provider: Provider, transaction: TransactionRow) -> None:
    """The payment is over: ended, or paid where the shopper was faster. Raises: PaymentInProgress, ProviderError."""

    async def wish(session: AsyncSession) -> uuid.UUID | None:
        current = await locked(session, transaction)
        if current.status != "OPEN":
            return None
        # A payment that was being settled once and still is open may be ended on a later try: a reason of its own.
        return await actions.request(
            session, current, "CANCEL", current.requested_amount, reason=f"replaced:{uuid.uuid4()}"
        )

    call_id = await units.run(wish)
    if call_id is None:
        return
    outcome = await run_call(units, provider, call_id)
    if outcome is not None and outcome.recorded is not None and outcome.recorded.status == "OPEN":
        raise PaymentInProgress


def _data(state: PaymentState, recorded: Recorded) -> dict[str, Any] | None:
    failed = failure_data(recorded)
    if isinstance(state, IntentState):
        if state.client_secret is None:
            # The gateway that only pretends has no form to open.
            return {"event": {"type": recorded.event.type}}
        answer: dict[str, Any] = {"stripeClientSecret": state.client_secret}
        if failed is not None and recorded.status != "OPEN":
            answer |= failed["paymentIntent"]
        return {"paymentIntent": answer}
    return {"checkoutSession": {"id": state.id, "url": state.url}}


def _refusal_data(transaction: TransactionRow, error: ProviderRefused) -> dict[str, Any]:
    errors = {"errors": [{"code": error.code or "invalid_request", "message": error.message}]}
    return {"paymentIntent" if transaction.kind == Kind.PAYMENT_INTENT else "checkoutSession": errors}
