"""PaymentIntents: made, changed, confirmed, captured, cancelled. Source: https://docs.stripe.com/api/payment_intents"""

from typing import Any

from shop.sandbox import money, payments
from shop.sandbox.call import PAGE_PARAMS, Call, merged_metadata, operation, page, settable
from shop.sandbox.errors import invalid, unexpected_state
from shop.sandbox.events import emit
from shop.sandbox.resources import payment_methods
from shop.sandbox.store import Json, public, random_id

_PLAIN = ("description", "receipt_email", "setup_future_usage", "shipping", "statement_descriptor",
          "statement_descriptor_suffix")  # fmt: skip
_CHANGEABLE = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})
_CANCELLABLE = _CHANGEABLE | {"requires_capture"}


def make(call: Call, params: Json) -> Json:
    """A stored PaymentIntent that nobody has confirmed yet; an event says so.

    Raises: ApiError for its amount or currency.
    """
    currency = money.check_currency(params["currency"])
    money.check_charge(params["amount"], currency)
    customer = params.get("customer") or None
    if customer is not None:
        call.unit.get("customer", customer, "customer")
    key = random_id("pi_3")
    intent: Json = {
        "id": key,
        "object": "payment_intent",
        "amount": params["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": _automatic(params),
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": params.get("capture_method") or "automatic_async",
        "client_secret": random_id(f"{key}_secret_", 25),
        "confirmation_method": params.get("confirmation_method") or "automatic",
        "created": call.now,
        "currency": currency,
        "customer": customer,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": merged_metadata({}, params.get("metadata")),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {"installments": None, "network": None, "request_three_d_secure": "automatic"}
        },
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
    }
    intent.update(settable(params, *_PLAIN))
    _take_types(intent, params)
    call.unit.add(intent, "payment_intent")
    emit(call, "payment_intent.created", intent)
    return intent


def _automatic(params: Json) -> Json | None:
    given = params.get("automatic_payment_methods")
    if given is not None and not given["enabled"]:
        return None
    return {"allow_redirects": (given or {}).get("allow_redirects", "always"), "enabled": True}


def _take_types(intent: Json, params: Json) -> None:
    """Keeps the types that the sandbox knows. Raises: ApiError for an intent that could never be paid here."""
    if allowed := params.get("allowed_payment_method_types"):
        payment_methods.check_types(allowed, "allowed_payment_method_types")
        intent["payment_method_types"] = [kind for kind in ("card", "sepa_debit") if kind in allowed]


def _check_fit(intent: Json, method: Json, params: Json) -> None:
    kind = method["type"]
    if kind not in intent["payment_method_types"]:
        raise invalid(
            f"The PaymentMethod provided ({kind}) is not allowed for this PaymentIntent. Allowed are: "
            f"{', '.join(intent['payment_method_types'])}.",
            param="payment_method",
        )
    if kind == "sepa_debit":
        if intent["currency"] != "eur":
            raise invalid("The currency of a SEPA debit is eur.", param="currency")
        if intent["capture_method"] == "manual":
            raise invalid("A SEPA debit cannot be captured later.", param="capture_method")
        if "mandate_data" not in params:
            raise invalid("A SEPA debit needs the payer's mandate.", param="mandate_data", code="parameter_missing")


def _create(call: Call, path: dict[str, str], params: Json) -> Json:
    confirms = params.get("confirm", False)
    for name in ("off_session", "error_on_requires_action", "return_url"):
        if name in params and not confirms:
            raise invalid(f"The parameter {name} can only be used when confirm is true.", param=name)
    intent = make(call, params)
    method = _given_method(call, params)
    if method is not None:
        _use(call, intent, method)
    call.unit.save(intent)
    return _confirm(call, intent, method, params) if confirms else intent


def _given_method(call: Call, params: Json) -> Json | None:
    if "payment_method" in params and "payment_method_data" in params:
        raise invalid("You may only pass one of payment_method and payment_method_data.", param="payment_method")
    if params.get("payment_method"):
        return payment_methods.resolve(call, params["payment_method"])
    if "payment_method_data" in params:
        return payment_methods.from_data(call, params["payment_method_data"])
    return None


def _use(call: Call, intent: Json, method: Json) -> None:
    owner = method["customer"]
    if owner is not None and owner != intent["customer"]:
        raise invalid(
            f"The payment method supplied ({method['id']}) belongs to the Customer {owner}. Please include the "
            "Customer in the `customer` parameter on the PaymentIntent.",
            param="payment_method",
        )
    if method.get("_detached"):
        raise invalid(
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment or was "
            "detached from a Customer, and may not be used again.",
            param="payment_method",
        )
    intent["payment_method"] = method["id"]
    intent["status"] = "requires_confirmation"


def _retrieve(call: Call, path: dict[str, str], params: Json) -> Json:
    return call.unit.get("payment_intent", path["id"])


def _update(call: Call, path: dict[str, str], params: Json) -> Json:
    intent = call.unit.get("payment_intent", path["id"])
    _take_types(intent, params)
    frozen = {"amount", "currency", "customer", "capture_method", "payment_method", "payment_method_data"} & set(params)
    if frozen and intent["status"] not in _CHANGEABLE:
        name = min(frozen)
        raise unexpected_state(
            f"This PaymentIntent's {name} could not be updated because it has a status of {intent['status']}. You may "
            f"only update the {name} of a PaymentIntent with one of the following statuses: requires_payment_method, "
            "requires_confirmation, requires_action.",
            "payment_intent",
            public(intent),
        )
    if "currency" in params:
        intent["currency"] = money.check_currency(params["currency"])
    if "amount" in params:
        if params["amount"] == "":
            raise invalid("You passed an empty string for 'amount'.", param="amount", code="parameter_invalid_empty")
        intent["amount"] = params["amount"]
    if frozen & {"amount", "currency"}:
        money.check_charge(intent["amount"], intent["currency"])
        if intent["status"] == "requires_action":  # what the shopper was asked to approve is void
            intent["status"], intent["next_action"] = "requires_confirmation", None
    if "capture_method" in params:
        intent["capture_method"] = params["capture_method"]
    if params.get("customer"):
        intent["customer"] = call.unit.get("customer", params["customer"], "customer")["id"]
    intent.update(settable(params, *_PLAIN))
    intent["metadata"] = merged_metadata(intent["metadata"], params.get("metadata"))
    method = _given_method(call, params)
    if method is not None:
        _use(call, intent, method)
    return call.unit.save(intent)


def _confirm_by_id(call: Call, path: dict[str, str], params: Json) -> Json:
    intent = call.unit.get("payment_intent", path["id"])
    _take_types(intent, params)
    _refuse_checkout(intent, "confirm")
    if intent["status"] not in _CHANGEABLE:
        done = "it has already succeeded after being previously confirmed"
        reason = done if intent["status"] == "succeeded" else f"it has a status of {intent['status']}"
        raise unexpected_state(
            f"You cannot confirm this PaymentIntent because {reason}.", "payment_intent", public(intent)
        )
    intent.update(settable(params, "receipt_email", "setup_future_usage", "shipping"))
    if "capture_method" in params:
        intent["capture_method"] = params["capture_method"]
    method = _given_method(call, params)
    if method is not None:
        _use(call, intent, method)
    return _confirm(call, intent, method, params)


def _confirm(call: Call, intent: Json, method: Json | None, params: Json) -> Json:
    if method is None and intent["payment_method"] is not None:
        method = call.unit.get("payment_method", intent["payment_method"])
    if method is None:
        raise unexpected_state(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
            "payment method.",
            "payment_intent",
            public(intent),
        )
    _check_fit(intent, method, params)
    asks = not params.get("off_session") and not params.get("error_on_requires_action")
    return payments.confirm(call, intent, method, may_ask_shopper=asks, return_url=params.get("return_url"))


def _capture(call: Call, path: dict[str, str], params: Json) -> Json:
    intent = call.unit.get("payment_intent", path["id"])
    if intent["status"] != "requires_capture":
        raise unexpected_state(
            f"This PaymentIntent could not be captured because it has a status of {intent['status']}. Only a "
            "PaymentIntent with one of the following statuses may be captured: requires_capture.",
            "payment_intent",
            public(intent),
        )
    amount = params["amount_to_capture"] if "amount_to_capture" in params else intent["amount_capturable"]
    if not 1 <= amount <= intent["amount_capturable"]:
        raise invalid(
            "The requested capture amount is greater than the authorized amount."
            if amount > 0
            else "This value must be greater than or equal to 1.",
            param="amount_to_capture",
            code="amount_too_large" if amount > 0 else "parameter_invalid_integer",
        )
    intent["metadata"] = merged_metadata(intent["metadata"], params.get("metadata"))
    return payments.capture(call, intent, amount)


def _cancel(call: Call, path: dict[str, str], params: Json) -> Json:
    intent = call.unit.get("payment_intent", path["id"])
    if intent["status"] != "requires_capture":  # an authorised one may be released, whoever made it
        _refuse_checkout(intent, "cancel")
    if intent["status"] not in _CANCELLABLE:
        raise unexpected_state(
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}. Only a PaymentIntent "
            "with one of the following statuses may be canceled: requires_payment_method, requires_capture, "
            "requires_confirmation, requires_action, processing.",
            "payment_intent",
            public(intent),
        )
    return payments.cancel(call, intent, params.get("cancellation_reason"))


def _refuse_checkout(intent: Json, verb: str) -> None:
    if intent.get("_session"):
        raise unexpected_state(
            f"You cannot {verb} this PaymentIntent because it was created by a Checkout Session. Expire the Checkout "
            "Session instead.",
            "payment_intent",
            public(intent),
        )


def _list(call: Call, path: dict[str, str], params: Json) -> Json:
    wanted: dict[str, Any] = {"customer": params.get("customer")}
    return page(call, "payment_intent", "/v1/payment_intents", params, **wanted)


_FIELDS = (
    "amount currency customer description metadata payment_method payment_method_data receipt_email capture_method "
    "setup_future_usage shipping statement_descriptor statement_descriptor_suffix allowed_payment_method_types"
)
_CREATE = (
    f"{_FIELDS} automatic_payment_methods confirm confirmation_method error_on_requires_action mandate_data "
    "off_session return_url use_stripe_sdk"
)
_CONFIRM = (
    "allowed_payment_method_types capture_method error_on_requires_action mandate_data off_session payment_method "
    "payment_method_data receipt_email return_url setup_future_usage shipping use_stripe_sdk"
)
_ROOT, _ONE = "/v1/payment_intents", "/v1/payment_intents/{id}"
OPERATIONS = (
    operation("POST", _ROOT, "PaymentIntentCreateParams", _CREATE, _create),
    operation("GET", _ROOT, "PaymentIntentListParams", PAGE_PARAMS + " customer", _list),
    operation("GET", _ONE, "PaymentIntentRetrieveParams", "", _retrieve),
    operation("POST", _ONE, "PaymentIntentUpdateParams", _FIELDS, _update),
    operation("POST", _ONE + "/confirm", "PaymentIntentConfirmParams", _CONFIRM, _confirm_by_id),
    operation("POST", _ONE + "/capture", "PaymentIntentCaptureParams", "amount_to_capture metadata", _capture),
    operation("POST", _ONE + "/cancel", "PaymentIntentCancelParams", "cancellation_reason", _cancel),
)
