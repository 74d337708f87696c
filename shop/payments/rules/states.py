"""Which events a provider's state means. The whole state is read each time: a lost or late notice changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from shop.payments.provider import DisputeState, IntentState, PaymentState, RefundState, SessionState


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be in the ledger; (type, psp_reference, dedupe_key) make it the same one however often it is told."""

    type: str
    amount: Decimal
    psp_reference: str
    dedupe_key: str = ""
    message: str = ""
    external_url: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it unique within its transaction."""
        return (self.type, self.psp_reference, self.dedupe_key)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a state says: the events that have happened, the one that describes it now, and the payment's own life."""

    events: tuple[NewEvent, ...]
    current: NewEvent
    status: str
    failure_code: str = ""


# The ledger's key of the note that a dispute was lost.
LOST: Final = "lost"
_WAITS: Final = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})


def read_state(state: PaymentState, flow: str) -> Reading:
    """The events, oldest first, that must be in the ledger of a transaction whose payment looks like this.

    `flow` is CHARGE or AUTHORIZATION.
    """
    if isinstance(state, IntentState):
        return _read_intent(state, flow)
    return _read_session(state, flow)


def mismatch(state: PaymentState, requested: Decimal, currency: str) -> str | None:
    """Why this payment is not the one that was asked for; None when it is."""
    intent = state if isinstance(state, IntentState) else state.intent
    for part in (state, intent):
        if part is None:
            continue
        if part.currency != currency:
            return f"asked for {currency}, the provider has {part.currency}"
        if part.amount != requested:
            return f"asked for {requested} {currency}, the provider has {part.amount} {part.currency}"
    return None


def _read_session(state: SessionState, flow: str) -> Reading:
    if state.status == "open":
        waiting = NewEvent(f"{flow}_ACTION_REQUIRED", state.amount, state.id, external_url=state.url or "")
        failed = () if state.intent is None else _failures(state.intent, flow)
        return Reading((waiting, *failed), waiting, "OPEN")
    if state.status == "expired" or state.intent is None:
        ended = NewEvent("CANCEL_SUCCESS", state.amount, state.id, message="The payment page has expired.")
        return Reading((ended,), ended, "CANCELLED")
    reading = _read_intent(state.intent, flow)
    if state.intent.status in _WAITS:  # a payment that settles later has failed; its page takes no second attempt
        return Reading(reading.events, reading.current, "FAILED", reading.failure_code)
    return reading


def _read_intent(state: IntentState, flow: str) -> Reading:
    failed = _failures(state, flow)
    if state.status in _WAITS:
        if failed:
            assert state.failure is not None
            return Reading(failed, failed[-1], "OPEN", state.failure.code)
        waiting = NewEvent(f"{flow}_ACTION_REQUIRED", state.amount, state.id)
        return Reading((waiting,), waiting, "OPEN")
    if state.status == "processing":
        pending = NewEvent(f"{flow}_REQUEST", state.amount, state.id, state.attempt)
        return Reading((pending,), pending, "OPEN")
    if state.status == "canceled":
        ended = NewEvent("CANCEL_SUCCESS", state.amount, state.id)
        return Reading((ended,), ended, "CANCELLED")
    authorized = NewEvent("AUTHORIZATION_SUCCESS", state.amount, state.id, external_url=state.url)
    if state.status == "requires_capture":
        return Reading((authorized,), authorized, "SUCCEEDED")
    charged = NewEvent("CHARGE_SUCCESS", state.amount_received, state.id, external_url=state.url)
    events = [authorized, charged] if state.manual else [charged]
    if state.manual and state.amount_received < state.amount:
        rest = state.amount - state.amount_received
        events.append(NewEvent("CANCEL_SUCCESS", rest, state.id, "remainder", "Released, since less was captured."))
    events += [_refund(refund) for refund in state.refunds]
    for dispute in state.disputes:
        events += _dispute(dispute)
    return Reading(tuple(events), charged, "SUCCEEDED")


def _failures(state: IntentState, flow: str) -> tuple[NewEvent, ...]:
    if state.failure is None:
        return ()
    return (NewEvent(f"{flow}_FAILURE", state.amount, state.id, state.failure.attempt, state.failure.message),)


_REFUND_TYPES = {"pending": "REFUND_REQUEST", "succeeded": "REFUND_SUCCESS", "failed": "REFUND_FAILURE"}


def _refund(refund: RefundState) -> NewEvent:
    return NewEvent(_REFUND_TYPES[refund.status], refund.amount, refund.id, refund.call_id, refund.message)


def _dispute(dispute: DisputeState) -> Iterator[NewEvent]:
    if dispute.withdrawn:
        yield NewEvent("CHARGE_BACK", dispute.amount, dispute.id, message=dispute.message)
    if dispute.won:
        yield NewEvent("REFUND_REVERSE", dispute.amount, dispute.id, message=dispute.message)
    if dispute.lost:
        # No amount changes any more; that it is decided is news to whoever waits for it.
        yield NewEvent("INFO", dispute.amount, dispute.id, LOST, "The bank decided for the buyer.")
