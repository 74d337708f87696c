"""SetupIntents: a card saved for later, with the shopper's consent. Source: https://docs.stripe.com/api/setup_intents"""

from typing import Any

from shop.sandbox import payments
from shop.sandbox.call import PAGE_PARAMS, Call, merged_metadata, operation, page
from shop.sandbox.errors import ApiError, card_error, unexpected_state
from shop.sandbox.events import emit
from shop.sandbox.resources import payment_methods
from shop.sandbox.store import Json, public, random_id

_CHANGEABLE = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})
_AUTHENTICATION_FAILED = "The provided PaymentMethod has failed authentication. Provide a different one and try again."


def _make(call: Call, params: Json) -> Json:
    customer = params.get("customer")
    if customer is not None:
        call.unit.get("customer", customer, "customer")
    key = random_id("seti_1")
    intent: Json = {
        "id": key,
        "object": "setup_intent",
        "application": None,
        "automatic_payment_methods": {"allow_redirects": "always", "enabled": True},
        "cancellation_reason": None,
        "client_secret": random_id(f"{key}_secret_", 25),
        "created": call.now,
        "customer": customer,
        "customer_account": None,
        "description": params.get("description"),
        "excluded_payment_method_types": None,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": merged_metadata({}, params.get("metadata")),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
        },
        "payment_method_types": ["card"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": params.get("usage") or "off_session",
    }
    call.unit.add(intent, "setup_intent")
    emit(call, "setup_intent.created", intent)
    return intent


def _take_method(call: Call, intent: Json, params: Json) -> None:
    method = None
    if params.get("payment_method"):
        method = payment_methods.resolve(call, params["payment_method"])
    elif "payment_method_data" in params:
        method = payment_methods.from_data(call, params["payment_method_data"])
    if method is not None:
        intent["payment_method"] = method["id"]
        intent["status"] = "requires_confirmation"


def _create(call: Call, path: dict[str, str], params: Json) -> Json:
    intent = _make(call, params)
    _take_method(call, intent, params)
    call.unit.save(intent)
    return _confirm(call, intent, params) if params.get("confirm") else intent


def _confirm(call: Call, intent: Json, params: Json) -> Json:
    if intent["payment_method"] is None:
        raise unexpected_state(
            "You cannot confirm this SetupIntent because it's missing a payment method.", "setup_intent", public(intent)
        )
    method = call.unit.get("payment_method", intent["payment_method"])
    if payment_methods.behaviour(method).authenticates:
        intent["status"] = "requires_action"
        intent["next_action"] = payments.next_action(call, intent["id"], params.get("return_url"))
        intent["_return_url"] = params.get("return_url")
        call.unit.save(intent)
        emit(call, "setup_intent.requires_action", intent)
        return intent
    return _succeed(call, intent, method)


def _succeed(call: Call, intent: Json, method: Json) -> Json:
    card = payment_methods.behaviour(method)
    intent["next_action"] = None
    if card.code is not None and not card.attaches:
        error = card_error(
            card.message, code=card.code, decline_code=card.decline_code, extra={"payment_method": public(method)}
        )
        raise _fail(call, intent, error)
    intent["status"] = "succeeded"
    call.unit.save(intent)
    if intent["customer"] is not None:
        payment_methods.tie(call, method, intent["customer"])
    emit(call, "setup_intent.succeeded", intent)
    return intent


def _fail(call: Call, intent: Json, error: ApiError) -> ApiError:
    intent["status"] = "requires_payment_method"
    intent["payment_method"] = None
    intent["last_setup_error"] = error.body()["error"]
    call.unit.save(intent)
    emit(call, "setup_intent.setup_failed", intent)
    error.extra = {**error.extra, "setup_intent": public(intent)}
    return error


def authenticated(call: Call, intent: Json, succeeded: bool) -> Json:
    """The shopper has answered the bank: the card is saved, or the attempt has failed.

    Raises: ApiError (402) when the shopper failed or the card refuses.
    """
    method = call.unit.get("payment_method", intent["payment_method"])
    if succeeded:
        return _succeed(call, intent, method)
    intent["next_action"] = None
    error = card_error(
        _AUTHENTICATION_FAILED, code="setup_intent_authentication_failure", extra={"payment_method": public(method)}
    )
    error.type = "invalid_request_error"
    raise _fail(call, intent, error)


def _retrieve(call: Call, path: dict[str, str], params: Json) -> Json:
    return call.unit.get("setup_intent", path["id"])


def _require_open(intent: Json, verb: str) -> None:
    if intent["status"] not in _CHANGEABLE:
        raise unexpected_state(
            f"You cannot {verb} this SetupIntent because it has a status of {intent['status']}.",
            "setup_intent",
            public(intent),
        )


def _update(call: Call, path: dict[str, str], params: Json) -> Json:
    intent = call.unit.get("setup_intent", path["id"])
    if {"payment_method", "payment_method_data", "customer"} & set(params):
        _require_open(intent, "update")
    if "customer" in params:
        intent["customer"] = call.unit.get("customer", params["customer"], "customer")["id"]
    if "description" in params:
        intent["description"] = params["description"]
    intent["metadata"] = merged_metadata(intent["metadata"], params.get("metadata"))
    _take_method(call, intent, params)
    return call.unit.save(intent)


def _confirm_by_id(call: Call, path: dict[str, str], params: Json) -> Json:
    intent = call.unit.get("setup_intent", path["id"])
    _require_open(intent, "confirm")
    _take_method(call, intent, params)
    return _confirm(call, intent, params)


def _cancel(call: Call, path: dict[str, str], params: Json) -> Json:
    intent = call.unit.get("setup_intent", path["id"])
    _require_open(intent, "cancel")
    intent["status"] = "canceled"
    intent["next_action"] = None
    intent["cancellation_reason"] = params.get("cancellation_reason")
    call.unit.save(intent)
    emit(call, "setup_intent.canceled", intent)
    return intent


def _list(call: Call, path: dict[str, str], params: Json) -> Json:
    wanted: dict[str, Any] = {name: params.get(name) for name in ("customer", "payment_method")}
    return page(call, "setup_intent", "/v1/setup_intents", params, **wanted)


_FIELDS = "customer description metadata payment_method payment_method_data"
_CONFIRM = "payment_method payment_method_data return_url use_stripe_sdk"
_CREATE = f"{_FIELDS} confirm return_url use_stripe_sdk usage automatic_payment_methods"
_ROOT, _ONE = "/v1/setup_intents", "/v1/setup_intents/{id}"
OPERATIONS = (
    operation("POST", _ROOT, "SetupIntentCreateParams", _CREATE, _create),
    operation("GET", _ROOT, "SetupIntentListParams", PAGE_PARAMS + " customer payment_method", _list),
    operation("GET", _ONE, "SetupIntentRetrieveParams", "", _retrieve),
    operation("POST", _ONE, "SetupIntentUpdateParams", _FIELDS, _update),
    operation("POST", _ONE + "/confirm", "SetupIntentConfirmParams", _CONFIRM, _confirm_by_id),
    operation("POST", _ONE + "/cancel", "SetupIntentCancelParams", "cancellation_reason", _cancel),
)
