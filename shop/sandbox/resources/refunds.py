"""Refunds, whole and in part. Source: https://docs.stripe.com/api/refunds/object"""

from typing import Any

from shop.sandbox import money
from shop.sandbox.call import PAGE_PARAMS, Call, merged_metadata, operation, page
from shop.sandbox.cards import Behaviour
from shop.sandbox.errors import ApiError, invalid
from shop.sandbox.events import emit
from shop.sandbox.resources import payment_methods
from shop.sandbox.store import Json, random_id

# On the cards made for it, a refund is settled or fails this long afterwards.
_SETTLES_AFTER_SECONDS = 5


def _create(call: Call, path: dict[str, str], params: Json) -> Json:
    charge = _charge(call, params)
    left = charge["amount_captured"] - charge["amount_refunded"]
    if any(not dispute["is_charge_refundable"] for dispute in call.unit.where("dispute", charge=charge["id"])):
        raise invalid(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    if left <= 0:
        raise invalid(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = params.get("amount", left)
    currency = charge["currency"]
    if amount < 1:
        raise invalid("Invalid positive integer", param="amount", code="parameter_invalid_integer")
    if amount > left:
        raise invalid(
            f"Refund amount ({money.show(amount, currency)}) is greater than unrefunded amount on charge "
            f"({money.show(left, currency)})",
            param="amount",
        )
    money.check_granularity(amount, currency, "amount")
    card = payment_methods.behaviour(call.unit.get("payment_method", charge["payment_method"]))
    refund = _new(call, charge, amount, params, card)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    call.unit.save(charge)
    emit(call, "refund.created", refund)
    emit(call, "charge.refunded", charge, {"amount_refunded": charge["amount_refunded"] - amount})
    if refund["status"] == "succeeded":
        # The bank's reference follows; Stripe tells it by an update of its own.
        previous = {"destination_details": dict(refund["destination_details"]["card"])}
        refund["destination_details"]["card"] |= {"reference": random_id("", 23), "reference_status": "available"}
        call.unit.save(refund)
        emit(call, "refund.updated", refund, previous)
    return refund


def _new(call: Call, charge: Json, amount: int, params: Json, card: Behaviour) -> Json:
    pending = card.refund == "pending"
    refund: Json = {
        "id": random_id("re_3"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": call.now,
        "currency": charge["currency"],
        "destination_details": {
            "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"},
            "type": "card",
        },
        "metadata": merged_metadata({}, params.get("metadata")),
        "payment_intent": charge["payment_intent"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if pending else "succeeded",
        "transfer_reversal": None,
    }
    if pending:
        refund["pending_reason"] = "processing"
    due = call.unit.time + _SETTLES_AFTER_SECONDS if card.refund != "succeeded" else None
    return call.unit.add(refund, "refund", due)


def settle(call: Call, refund: Json) -> Json:
    """A refund that was left open has reached its end; an event says so. A failed one gives the amount back."""
    charge = call.unit.get("charge", refund["charge"])
    card = payment_methods.behaviour(call.unit.get("payment_method", charge["payment_method"]))
    call.unit.set_due(refund["id"], None)
    previous = {"status": refund["status"]}
    refund.pop("pending_reason", None)
    if card.refund == "failed":
        refund |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
        _give_back(call, charge, refund["amount"])
    else:
        refund["status"] = "succeeded"
    call.unit.save(refund)
    emit(call, "refund.updated", refund, previous)
    if refund["status"] == "failed":
        emit(call, "refund.failed", refund)
    return refund


def _give_back(call: Call, charge: Json, amount: int) -> None:
    charge["amount_refunded"] -= amount
    charge["refunded"] = False
    call.unit.save(charge)


def _charge(call: Call, params: Json) -> Json:
    if ("charge" in params) == ("payment_intent" in params):
        raise invalid("One of the following params should be provided for this request: payment_intent or charge.")
    if "charge" in params:
        charge = call.unit.get("charge", params["charge"], "charge")
        if not charge["captured"]:
            raise invalid(
                f"Charge {charge['id']} has not been captured and cannot be refunded. Cancel its "
                "PaymentIntent instead.",
                param="charge",
            )
        return charge
    intent = call.unit.get("payment_intent", params["payment_intent"], "payment_intent")
    if intent["status"] != "succeeded":
        raise ApiError(
            400,
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            code="payment_intent_unexpected_state",
            param="payment_intent",
        )
    return call.unit.get("charge", intent["latest_charge"])


def _retrieve(call: Call, path: dict[str, str], params: Json) -> Json:
    return call.unit.get("refund", path["id"])


def _update(call: Call, path: dict[str, str], params: Json) -> Json:
    refund = call.unit.get("refund", path["id"])
    refund["metadata"] = merged_metadata(refund["metadata"], params.get("metadata"))
    call.unit.save(refund)
    emit(call, "refund.updated", refund)
    return refund


def _cancel(call: Call, path: dict[str, str], params: Json) -> Json:
    refund = call.unit.get("refund", path["id"])
    raise invalid(f"You cannot cancel this refund because it has a status of {refund['status']}.")


def _list(call: Call, path: dict[str, str], params: Json) -> Json:
    wanted: dict[str, Any] = {name: params.get(name) for name in ("charge", "payment_intent")}
    return page(call, "refund", "/v1/refunds", params, **wanted)


_ONE = "/v1/refunds/{id}"
OPERATIONS = (
    operation("POST", "/v1/refunds", "RefundCreateParams", "amount charge payment_intent metadata reason", _create),
    operation("GET", "/v1/refunds", "RefundListParams", PAGE_PARAMS + " charge payment_intent", _list),
    operation("GET", _ONE, "RefundRetrieveParams", "", _retrieve),
    operation("POST", _ONE, "RefundUpdateParams", "metadata", _update),
    operation("POST", _ONE + "/cancel", "RefundCancelParams", "", _cancel),
)
