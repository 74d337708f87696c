"""Charges and their disputes. Source: https://docs.stripe.com/api/charges, https://docs.stripe.com/api/disputes"""

from typing import Any

from shop.sandbox.call import PAGE_PARAMS, Call, merged_metadata, operation, page
from shop.sandbox.errors import invalid
from shop.sandbox.events import emit
from shop.sandbox.store import Json, random_id

_EVIDENCE_DAYS = 9
_VERDICTS = {"winning_evidence": "won", "losing_evidence": "lost"}


def dispute(call: Call, charge: Json) -> Json | None:
    """The charge is disputed as fraudulent and an event says so; nothing happens when it was refunded before."""
    call.unit.set_due(charge["id"], None)
    if charge["disputed"] or charge["refunded"]:
        return None
    charge["disputed"] = True
    call.unit.save(charge)
    made: Json = {
        "id": random_id("du_1"),
        "object": "dispute",
        "amount": charge["amount_captured"] - charge["amount_refunded"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": call.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {},
        "evidence_details": {
            "due_by": call.now + _EVIDENCE_DAYS * 86_400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {"brand": charge["payment_method_details"]["card"]["brand"], "network_reason_code": "10.4"},
            "type": "card",
        },
        "reason": "fraudulent",
        "status": "needs_response",
    }
    call.unit.add(made, "dispute")
    emit(call, "charge.dispute.created", made)
    emit(call, "charge.dispute.funds_withdrawn", made)
    return made


def _close(call: Call, dispute: Json, status: str) -> Json:
    """The dispute is decided, and events say so. The charge stays marked as disputed, whoever won."""
    dispute["status"] = status
    if status == "won":
        dispute["is_charge_refundable"] = True
    call.unit.save(dispute)
    emit(call, "charge.dispute.closed", dispute)
    if status == "won":
        emit(call, "charge.dispute.funds_reinstated", dispute)
    return dispute


def _retrieve(call: Call, path: dict[str, str], params: Json) -> Json:
    return call.unit.get("charge", path["id"])


def _update(call: Call, path: dict[str, str], params: Json) -> Json:
    charge = call.unit.get("charge", path["id"])
    charge["metadata"] = merged_metadata(charge["metadata"], params.get("metadata"))
    if "description" in params:
        charge["description"] = params["description"]
    call.unit.save(charge)
    emit(call, "charge.updated", charge)
    return charge


def _list(call: Call, path: dict[str, str], params: Json) -> Json:
    wanted: dict[str, Any] = {name: params.get(name) for name in ("customer", "payment_intent")}
    return page(call, "charge", "/v1/charges", params, **wanted)


def _retrieve_dispute(call: Call, path: dict[str, str], params: Json) -> Json:
    return call.unit.get("dispute", path["id"])


def _answer_dispute(call: Call, path: dict[str, str], params: Json) -> Json:
    """Stores evidence. Once submitted, Stripe's words for tests decide: winning_evidence or losing_evidence."""
    dispute = call.unit.get("dispute", path["id"])
    dispute["metadata"] = merged_metadata(dispute["metadata"], params.get("metadata"))
    evidence = params.get("evidence")
    if evidence is None:
        return call.unit.save(dispute)
    _require_open(dispute)
    dispute["evidence"] |= evidence
    dispute["evidence_details"]["has_evidence"] = True
    if not params.get("submit", True):
        return call.unit.save(dispute)
    dispute["evidence_details"]["submission_count"] += 1
    dispute["status"] = "under_review"
    call.unit.save(dispute)
    emit(call, "charge.dispute.updated", dispute)
    verdict = _VERDICTS.get(dispute["evidence"].get("uncategorized_text", ""))
    return dispute if verdict is None else _close(call, dispute, verdict)


def _accept_dispute(call: Call, path: dict[str, str], params: Json) -> Json:
    dispute = call.unit.get("dispute", path["id"])
    _require_open(dispute)
    return _close(call, dispute, "lost")


def _require_open(dispute: Json) -> None:
    if dispute["status"] != "needs_response":
        raise invalid(f"This dispute is already {dispute['status'].replace('_', ' ')}.")


def _list_disputes(call: Call, path: dict[str, str], params: Json) -> Json:
    wanted: dict[str, Any] = {name: params.get(name) for name in ("charge", "payment_intent")}
    return page(call, "dispute", "/v1/disputes", params, **wanted)


OPERATIONS = (
    operation("GET", "/v1/charges", "ChargeListParams", PAGE_PARAMS + " customer payment_intent", _list),
    operation("GET", "/v1/charges/{id}", "ChargeRetrieveParams", "", _retrieve),
    operation("POST", "/v1/charges/{id}", "ChargeUpdateParams", "metadata description", _update),
    operation("GET", "/v1/disputes", "DisputeListParams", PAGE_PARAMS + " charge payment_intent", _list_disputes),
    operation("GET", "/v1/disputes/{id}", "DisputeRetrieveParams", "", _retrieve_dispute),
    operation("POST", "/v1/disputes/{id}", "DisputeUpdateParams", "evidence metadata submit", _answer_dispute),
    operation("POST", "/v1/disputes/{id}/close", "DisputeCloseParams", "", _accept_dispute),
)
