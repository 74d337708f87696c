"""The gateway that pretends to be paid, for development: what a wish leads to is decided here, and nobody is asked.

Its payments run through the same wishes and the same ledger as everybody else's.
"""

from typing import Any

from shop.payments.provider import Failure, IntentState, ProviderRefused, RefundState
from shop.payments.queries import CallRow, TransactionRow


def carried_out(transaction: TransactionRow, call: CallRow) -> IntentState:
    """The state after the wish. Raises: ProviderRefused, where the wished outcome is none of the payment's flow."""
    if call.action == "CREATE":
        return outcome_of(transaction, (transaction.request.get("data") or {}).get("outcome"), attempt=str(call.id))
    if call.action == "CANCEL":
        return _state(transaction, "canceled")
    if call.action == "CAPTURE":
        return _state(transaction, "succeeded", amount_received=call.amount, manual=True)
    refund = RefundState(f"dummy_refund_{call.id.hex}", call.amount, "succeeded", str(call.id))
    # The charge is in the ledger already: what it was is not said again.
    return _state(transaction, "succeeded", amount_received=transaction.requested_amount, refunds=(refund,))


def outcome_of(transaction: TransactionRow, outcome: str | None, *, attempt: str) -> IntentState:
    """The state that this outcome means, a success where none is wished. Raises: ProviderRefused."""
    flow, _, result = (outcome or f"{transaction.flow}_SUCCESS").partition("_")
    if flow != transaction.flow:
        raise ProviderRefused(f"a payment with {transaction.flow} cannot end as {outcome}", code="wrong_flow")
    if result == "FAILURE":
        declined = Failure(attempt, "declined", "Declined, as was asked for.")
        return _state(transaction, "requires_payment_method", failure=declined)
    if result == "ACTION_REQUIRED":
        return _state(transaction, "requires_action")
    if result == "REQUEST":
        return _state(transaction, "processing", attempt=attempt)
    if flow == "AUTHORIZATION":
        return _state(transaction, "requires_capture", manual=True)
    return _state(transaction, "succeeded", amount_received=transaction.requested_amount)


def _state(transaction: TransactionRow, status: Any, **more: Any) -> IntentState:
    return IntentState(
        id=f"dummy_{transaction.id.hex}",
        status=status,
        currency=transaction.currency,
        amount=transaction.requested_amount,
        transaction_id=transaction.id,
        **more,
    )
