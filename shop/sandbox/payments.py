"""The charging machine: what becomes of a PaymentIntent when it is confirmed, authenticated, captured or called off.

Used by the API, by the hosted pages and by the clock; it knows no HTTP.
Source: https://docs.stripe.com/payments/paymentintents/lifecycle
"""

from typing import Any

from shop.sandbox.call import Call
from shop.sandbox.cards import Behaviour
from shop.sandbox.errors import ApiError, card_error
from shop.sandbox.events import emit
from shop.sandbox.resources import payment_methods
from shop.sandbox.store import Json, public, random_id

# An authorised card payment that nobody captures is released after seven days.
HOLD_SECONDS = 7 * 86_400
# A charge on the card made for it is disputed this long afterwards; with the clock's help, at once.
DISPUTE_AFTER_SECONDS = 5
# A bank debit is under way for days at a real bank.
SETTLES_AFTER_SECONDS = 5
_AUTHENTICATION_FAILED = (
    "We are unable to authenticate your payment method. Please choose a different payment method and try again."
)
_AUTHENTICATION_REQUIRED = "Your card was declined. This transaction requires authentication."


def confirm(call: Call, intent: Json, method: Json, *, may_ask_shopper: bool, return_url: str | None = None) -> Json:
    """The intent has moved on with this payment method: paid, authorised, or waiting for 3-D Secure.

    Raises: ApiError (402) when the card is declined; the failed charge and its events are kept.
    """
    intent["payment_method"] = method["id"]
    intent["last_payment_error"] = None
    card = payment_methods.behaviour(method)
    if not card.authenticates:
        return _charge(call, intent, method, card)
    if not may_ask_shopper:
        raise _fail(
            call,
            intent,
            method,
            Behaviour("authentication_required", "authentication_required", _AUTHENTICATION_REQUIRED),
        )
    intent["status"] = "requires_action"
    intent["next_action"] = next_action(call, intent["id"], return_url)
    intent["_return_url"] = return_url
    call.unit.save(intent)
    emit(call, "payment_intent.requires_action", intent)
    return intent


def next_action(call: Call, key: str, return_url: str | None) -> Json:
    """Where the shopper authenticates: the sandbox's own 3-D Secure page."""
    url = f"{call.settings.base_url}/3ds/{key}"
    if return_url is not None:
        return {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": url}}
    return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": url}}


def authenticated(call: Call, intent: Json, succeeded: bool) -> Json:
    """The shopper has answered the bank: the charge is made, or the attempt has failed.

    Raises: ApiError (402) when the shopper failed or the card is declined all the same.
    """
    method = call.unit.get("payment_method", intent["payment_method"])
    intent["next_action"] = None
    if succeeded:
        return _charge(call, intent, method, payment_methods.behaviour(method))
    intent["status"] = "requires_payment_method"
    intent["payment_method"] = None
    error = card_error(_AUTHENTICATION_FAILED, code="payment_intent_authentication_failure")
    error.type = "invalid_request_error"
    intent["last_payment_error"] = error.body()["error"] | {"payment_method": public(method)}
    call.unit.save(intent)
    emit(call, "payment_intent.payment_failed", intent)
    raise error


def _charge(call: Call, intent: Json, method: Json, card: Behaviour) -> Json:
    if card.slow:
        return _begin(call, intent, method, card)
    if card.code is not None:
        raise _fail(call, intent, method, card)
    captured = intent["capture_method"] != "manual"
    charge = _new_charge(call, intent, method, card, captured=captured)
    intent["latest_charge"] = charge["id"]
    intent["next_action"] = None
    if captured:
        intent["status"] = "succeeded"
        intent["amount_received"] = intent["amount"]
    else:
        intent["status"] = "requires_capture"
        intent["amount_capturable"] = intent["amount"]
        call.unit.set_due(intent["id"], call.unit.time + HOLD_SECONDS)
    call.unit.save(intent)
    emit(call, "charge.succeeded", charge)
    emit(call, "payment_intent.succeeded" if captured else "payment_intent.amount_capturable_updated", intent)
    if intent["setup_future_usage"] and intent["customer"] and method["customer"] is None:
        payment_methods.tie(call, method, intent["customer"])
    return intent


def _begin(call: Call, intent: Json, method: Json, card: Behaviour) -> Json:
    """The bank has been asked; its answer comes later, by `settle`."""
    charge = _new_charge(call, intent, method, Behaviour(slow=True), captured=True)
    intent["latest_charge"] = charge["id"]
    intent["status"] = "processing"
    intent["next_action"] = None
    call.unit.save(intent)
    call.unit.set_due(intent["id"], call.unit.time + SETTLES_AFTER_SECONDS)
    emit(call, "charge.pending", charge)
    emit(call, "payment_intent.processing", intent)
    return intent


def settle(call: Call, intent: Json) -> Json:
    """The bank has answered a debit that was under way: it is paid, or it has failed."""
    method = call.unit.get("payment_method", intent["payment_method"])
    card = payment_methods.behaviour(method)
    charge = call.unit.get("charge", intent["latest_charge"])
    call.unit.set_due(intent["id"], None)
    if card.code is None:
        charge |= {"status": "succeeded", "paid": True, "captured": True, "amount_captured": charge["amount"]}
        intent |= {"status": "succeeded", "amount_received": intent["amount"]}
        last = "payment_intent.succeeded"
    else:
        charge |= {"status": "failed", "failure_code": card.code, "failure_message": card.message}
        charge["outcome"] = _outcome(card)
        error = card_error(
            card.message, code=card.code, extra={"charge": charge["id"], "payment_method": public(method)}
        )
        intent |= {"status": "requires_payment_method", "payment_method": None}
        intent["last_payment_error"] = error.body()["error"]
        last = "payment_intent.payment_failed"
    call.unit.save(charge)
    call.unit.save(intent)
    emit(call, f"charge.{charge['status']}", charge)
    emit(call, last, intent)
    return intent


def _fail(call: Call, intent: Json, method: Json, card: Behaviour) -> ApiError:
    charge = _new_charge(call, intent, method, card, captured=False)
    intent["latest_charge"] = charge["id"]
    intent["status"] = "requires_payment_method"
    intent["payment_method"] = None
    intent["next_action"] = None
    error = card_error(
        card.message,
        code=str(card.code),
        decline_code=card.decline_code,
        extra={"charge": charge["id"], "payment_method": public(method)},
    )
    intent["last_payment_error"] = error.body()["error"]
    call.unit.save(intent)
    emit(call, "charge.failed", charge)
    emit(call, "payment_intent.payment_failed", intent)
    error.extra = {**error.extra, "payment_intent": public(intent)}
    return error


def _new_charge(call: Call, intent: Json, method: Json, card: Behaviour, *, captured: bool) -> Json:
    failed = card.code is not None
    amount = intent["amount"]
    taken = captured and not failed and not card.slow
    charge: Json = {
        "id": random_id("ch_3"),
        "object": "charge",
        "amount": amount,
        "amount_captured": amount if taken else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "SANDBOX",
        "captured": taken,
        "created": call.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": card.code,
        "failure_message": card.message or None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "on_behalf_of": None,
        "outcome": _outcome(card),
        "paid": not failed and not card.slow,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _method_details(call, method, card, amount, holds=not captured),
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": intent["shipping"],
        "source": None,
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "failed" if failed else "pending" if card.slow else "succeeded",
        "transfer_data": None,
        "transfer_group": None,
    }
    due = call.unit.time + DISPUTE_AFTER_SECONDS if card.disputed and captured else None
    return call.unit.add(charge, "charge", due)


def _method_details(call: Call, method: Json, card: Behaviour, amount: int, *, holds: bool) -> Json:
    if method["type"] == "sepa_debit":
        return {"sepa_debit": method["sepa_debit"] | {"mandate": None}, "type": "sepa_debit"}
    known = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
    failed = card.code is not None
    return {
        "card": {
            **{name: method["card"][name] for name in known},
            "amount_authorized": None if failed else amount,
            "capture_before": call.now + HOLD_SECONDS if holds and not failed else None,
            "network": method["card"]["brand"],
            "three_d_secure": _three_d_secure(card),
            "wallet": None,
        },
        "type": "card",
    }


def _outcome(card: Behaviour) -> dict[str, Any]:
    failed = card.code is not None
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "declined_by_network" if failed else "approved_by_network",
        "reason": (card.decline_code or card.code) if failed else None,
        "risk_level": "normal",
        "risk_score": 0,
        "seller_message": card.message if failed else "Payment complete.",
        "type": "issuer_declined" if failed else "authorized",
    }


def _three_d_secure(card: Behaviour) -> dict[str, Any] | None:
    if not card.authenticates or card.code == "authentication_required":
        return None
    return {"authentication_flow": "challenge", "result": "authenticated", "result_reason": None, "version": "2.2.0"}


def capture(call: Call, intent: Json, amount: int) -> Json:
    """That much of the authorised amount is taken, the rest is released. Units: minor units."""
    charge = call.unit.get("charge", intent["latest_charge"])
    charge["captured"] = True
    charge["amount_captured"] = amount
    call.unit.save(charge)
    intent["status"] = "succeeded"
    intent["amount_capturable"] = 0
    intent["amount_received"] = amount
    call.unit.save(intent)
    call.unit.set_due(intent["id"], None)
    for session in call.unit.where("checkout.session", payment_intent=intent["id"]):
        session["payment_status"] = "paid"
        call.unit.save(session)
    emit(call, "charge.captured", charge)
    emit(call, "payment_intent.succeeded", intent)
    return intent


def cancel(call: Call, intent: Json, reason: str | None) -> Json:
    """The intent can never be paid any more, and an authorised amount is released."""
    if intent["status"] == "requires_capture":
        charge = call.unit.get("charge", intent["latest_charge"])
        charge["refunded"] = True
        charge["amount_refunded"] = charge["amount"]
        call.unit.save(charge)
        emit(call, "charge.expired" if reason == "automatic" else "charge.refunded", charge)
    intent["status"] = "canceled"
    intent["canceled_at"] = call.now
    intent["cancellation_reason"] = reason
    intent["amount_capturable"] = 0
    intent["next_action"] = None
    call.unit.save(intent)
    call.unit.set_due(intent["id"], None)
    emit(call, "payment_intent.canceled", intent)
    return intent
