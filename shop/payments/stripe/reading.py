"""Stripe's objects as the shop's own values. Input: plain dicts, as `to_dict()` or a webhook's JSON gives them."""

import uuid
from typing import Any, Final, cast

from shop.payments.provider import DisputeState, Failure, IntentState, RefundState, SessionState
from shop.payments.stripe.minor import from_minor

Json = dict[str, Any]

# Our keys in the metadata of every object that we make; an object without them is not ours.
TRANSACTION: Final = "shop_transaction"
PURCHASE: Final = "shop_purchase"
CALL: Final = "shop_call"

_DASHBOARD: Final = "https://dashboard.stripe.com"


def transaction_of(obj: Json) -> uuid.UUID | None:
    """The transaction that the object's metadata names; None when it is not ours."""
    try:
        return uuid.UUID((obj.get("metadata") or {}).get(TRANSACTION, ""))
    except ValueError:
        return None


def intent_state(obj: Json, disputes: list[Json] | None = None) -> IntentState:
    """A PaymentIntent with its latest charge and that charge's refunds expanded."""
    currency = obj["currency"].upper()
    charge = obj.get("latest_charge")
    if not isinstance(charge, dict):
        charge = {"id": charge or ""}
    refunds = (charge.get("refunds") or {}).get("data") or []
    live = "" if obj.get("livemode") else "/test"
    return IntentState(
        id=obj["id"],
        status=obj["status"],
        currency=currency,
        amount=from_minor(obj["amount"], currency),
        amount_received=from_minor(obj.get("amount_received") or 0, currency),
        manual=obj.get("capture_method") == "manual",
        attempt=charge["id"],
        failure=_failure(obj.get("last_payment_error"), charge["id"], obj["id"]),
        refunds=tuple(_refund(refund, currency) for refund in refunds),
        disputes=tuple(_dispute(dispute, currency) for dispute in disputes or ()),
        url=f"{_DASHBOARD}{live}/payments/{obj['id']}",
        transaction_id=transaction_of(obj),
        client_secret=obj.get("client_secret"),
    )


def session_state(obj: Json, intent: IntentState | None) -> SessionState:
    """A Checkout Session; `intent` is its PaymentIntent where it has one."""
    currency = obj["currency"].upper()
    return SessionState(
        id=obj["id"],
        status=obj["status"],
        currency=currency,
        amount=from_minor(obj["amount_total"], currency),
        payment_status=obj["payment_status"],
        intent=intent,
        url=obj.get("url"),
        transaction_id=transaction_of(obj),
    )


def _failure(error: Json | None, charge: str, intent: str) -> Failure | None:
    if not error:
        return None
    # An attempt that failed before a charge was made (3-D Secure) is told apart by the card that was tried.
    method = error.get("payment_method") or {}
    attempt = error.get("charge") or (method.get("id") if isinstance(method, dict) else method) or charge or intent
    code = error.get("decline_code") or error.get("code") or error.get("type") or "unknown"
    return Failure(attempt=attempt, code=code, message=error.get("message") or "The payment was refused.")


# Source: https://docs.stripe.com/api/refunds/object#refund_object-status
_REFUND_STATUS: Final = {
    "succeeded": "succeeded",
    "failed": "failed",
    "canceled": "failed",
    "pending": "pending",
    "requires_action": "pending",
}


def _refund(obj: Json, currency: str) -> RefundState:
    return RefundState(
        id=obj["id"],
        amount=from_minor(obj["amount"], currency),
        status=cast("Any", _REFUND_STATUS.get(obj["status"], "pending")),
        call_id=(obj.get("metadata") or {}).get(CALL, ""),
        message=obj.get("failure_reason") or "",
    )


def _dispute(obj: Json, currency: str) -> DisputeState:
    # An inquiry (`warning_…`) and a dispute that was prevented take no money.
    withdrawn = not obj["status"].startswith("warning_") and obj["status"] != "prevented"
    return DisputeState(
        id=obj["id"],
        amount=from_minor(obj["amount"], currency),
        withdrawn=withdrawn,
        won=obj["status"] == "won",
        lost=obj["status"] == "lost",
        message=obj.get("reason") or "",
    )
