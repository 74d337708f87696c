"""Payment methods: test cards as stored objects, and their ties to customers.

Source: https://docs.stripe.com/api/payment_methods/object
"""

import hashlib
from datetime import UTC, datetime
from typing import Any

from shop.sandbox import cards
from shop.sandbox.call import PAGE_PARAMS, Call, merged_metadata, operation, page, settable
from shop.sandbox.errors import ApiError, card_error, invalid
from shop.sandbox.events import emit
from shop.sandbox.store import Json, random_id

_EMPTY_ADDRESS: Json = {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}


def billing_details(given: Json | None) -> Json:
    """The complete billing details from the parts that were given; empty parts are unset."""
    given = given or {}
    address = given.get("address") or {}
    return {
        "address": _EMPTY_ADDRESS | {name: value or None for name, value in address.items()},
        "email": given.get("email") or None,
        "name": given.get("name") or None,
        "phone": given.get("phone") or None,
        "tax_id": given.get("tax_id") or None,
    }


def make(call: Call, card: Json, details: Json | None = None, metadata: dict[str, str] | None = None) -> Json:
    """A stored payment method for a card.

    Shapes: `card` holds number, exp_month, exp_year, cvc or a test token. Raises: ApiError for an impossible card.
    """
    today = datetime.fromtimestamp(call.now, UTC)
    if token := card.get("token"):
        named = cards.NAMED.get("pm_card_" + token.removeprefix("tok_"))
        if named is None:
            raise invalid(f"No such token: '{token}'", param="card[token]", code="resource_missing")
        card = {"number": named, "exp_month": 12, "exp_year": today.year + 1, "cvc": None}
    if "number" not in card:
        raise ApiError(
            400, "Missing required param: card[number].", code="parameter_missing", param="card[number]", executed=False
        )
    checked = cards.check(
        card["number"], card.get("exp_month"), card.get("exp_year"), card.get("cvc"), (today.year, today.month)
    )
    number = checked["number"]
    return call.unit.add(
        _common(call, details, metadata)
        | {
            "card": {
                "brand": cards.brand(number),
                "checks": {
                    "address_line1_check": None,
                    "address_postal_code_check": None,
                    "cvc_check": "pass" if checked["cvc_given"] else "unchecked",
                },
                "country": "US",
                "display_brand": cards.brand(number),
                "exp_month": checked["exp_month"],
                "exp_year": checked["exp_year"],
                "fingerprint": hashlib.sha256(number.encode()).hexdigest()[:16],
                "funding": "credit",
                "generated_from": None,
                "last4": number[-4:],
                "networks": {"available": [cards.brand(number)], "preferred": None},
                "regulated_status": "unregulated",
                "three_d_secure_usage": {"supported": True},
                "wallet": None,
            },
            "type": "card",
            "_number": number,
        },
        "payment_method",
    )


def make_debit(call: Call, iban: str, details: Json | None = None, metadata: dict[str, str] | None = None) -> Json:
    """A stored payment method for a SEPA debit from a test account.

    Raises: ApiError for another account, or without the payer's name and e-mail address, which the scheme asks for.
    """
    number = cards.check_iban(iban)
    for name in ("name", "email"):
        if not (details or {}).get(name):
            param = f"billing_details[{name}]"
            raise ApiError(400, f"Missing required param: {param}.", code="parameter_missing", param=param)
    return call.unit.add(
        _common(call, details, metadata)
        | {
            "sepa_debit": {
                "bank_code": number[4:12],
                "branch_code": "",
                "country": number[:2],
                "fingerprint": hashlib.sha256(number.encode()).hexdigest()[:16],
                "generated_from": {"charge": None, "setup_attempt": None},
                "last4": number[-4:],
            },
            "type": "sepa_debit",
            "_number": number,
        },
        "payment_method",
    )


def _common(call: Call, details: Json | None, metadata: dict[str, str] | None) -> Json:
    return {
        "id": random_id("pm_1"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": billing_details(details),
        "created": call.now,
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": metadata or {},
    }


def behaviour(method: Json) -> cards.Behaviour:
    """What a charge on this payment method does."""
    return cards.behaviour(method["_number"])


def resolve(call: Call, key: str, param: str = "payment_method") -> Json:
    """The stored payment method of that id; a test name such as `pm_card_visa` becomes a new one.

    Raises: ApiError for an unknown id.
    """
    number = cards.NAMED.get(key)
    if number is not None:
        year = datetime.fromtimestamp(call.now, UTC).year
        return make(call, {"number": number, "exp_month": 12, "exp_year": year + 1})
    return call.unit.get("payment_method", key, param)


def from_data(call: Call, data: Json, param: str = "payment_method_data") -> Json:
    """The payment method described inline. Raises: ApiError for a type other than card and sepa_debit."""
    if data.get("type") == "sepa_debit":
        iban = (data.get("sepa_debit") or {}).get("iban", "")
        return make_debit(call, iban, data.get("billing_details"), data.get("metadata"))
    check_types([str(data.get("type"))], f"{param}[type]")
    return make(call, data.get("card") or {}, data.get("billing_details"), data.get("metadata"))


def check_types(types: list[str], param: str) -> None:
    """Raises: ApiError when the sandbox knows none of these types of payment method."""
    if not set(types) & {"card", "sepa_debit"}:
        raise ApiError(
            400,
            f"The sandbox knows payment methods of type card and sepa_debit only, not {', '.join(types)}.",
            code="sandbox_unsupported_payment_method",
            param=param,
            executed=False,
        )


def tie(call: Call, method: Json, customer: str) -> Json:
    """The payment method belongs to the customer, and an event says so.

    Raises: ApiError when the card refuses (402) or belongs to somebody else (400).
    """
    call.unit.get("customer", customer, "customer")
    if method["customer"] == customer:
        return method
    if method["customer"] is not None:
        raise invalid("The payment method you provided has already been attached to a customer.")
    card = behaviour(method)
    if card.code is not None and not card.attaches:
        raise card_error(card.message, code=card.code, decline_code=card.decline_code)
    method["customer"] = customer
    call.unit.save(method)
    emit(call, "payment_method.attached", method)
    return method


def _create(call: Call, path: dict[str, str], params: Json) -> Json:
    return from_data(call, {"type": "card"} | params)


def _retrieve(call: Call, path: dict[str, str], params: Json) -> Json:
    return resolve(call, path["id"], "id")


def _update(call: Call, path: dict[str, str], params: Json) -> Json:
    method = call.unit.get("payment_method", path["id"])
    if method["customer"] is None:
        raise invalid("You must save this PaymentMethod to a customer before you can update it.")
    method["metadata"] = merged_metadata(method["metadata"], params.get("metadata"))
    if details := params.get("billing_details"):
        method["billing_details"] = method["billing_details"] | settable(details, "email", "name", "phone")
        if address := details.get("address"):
            method["billing_details"]["address"] = method["billing_details"]["address"] | address
    call.unit.save(method)
    emit(call, "payment_method.updated", method)
    return method


def _attach(call: Call, path: dict[str, str], params: Json) -> Json:
    if "customer" not in params:
        raise ApiError(
            400, "Missing required param: customer.", code="parameter_missing", param="customer", executed=False
        )
    return tie(call, resolve(call, path["id"], "id"), params["customer"])


def _detach(call: Call, path: dict[str, str], params: Json) -> Json:
    method = call.unit.get("payment_method", path["id"])
    if method["customer"] is None:
        raise invalid("The payment method you provided is not attached to a customer so detachment is impossible.")
    previous = {"customer": method["customer"]}
    method["customer"] = None
    method["_detached"] = True
    call.unit.save(method)
    emit(call, "payment_method.detached", method, previous)
    return method


def _of_customer(call: Call, customer: str, url: str, params: Json) -> Json:
    call.unit.get("customer", customer, "customer")
    wanted: dict[str, Any] = {"customer": customer, "type": params.get("type")}
    return page(call, "payment_method", url, params, **wanted)


def _list(call: Call, path: dict[str, str], params: Json) -> Json:
    if "customer" not in params:
        raise invalid("Listing payment methods needs a customer.", param="customer", code="parameter_missing")
    return _of_customer(call, params["customer"], "/v1/payment_methods", params)


def _list_of_customer(call: Call, path: dict[str, str], params: Json) -> Json:
    return _of_customer(call, path["id"], f"/v1/customers/{path['id']}/payment_methods", params)


def _retrieve_of_customer(call: Call, path: dict[str, str], params: Json) -> Json:
    method = call.unit.get("payment_method", path["method"])
    if method["customer"] != path["id"]:
        raise invalid("The payment method you provided is not attached to the customer.")
    return method


_PAGE = PAGE_PARAMS + " customer type"
OPERATIONS = (
    operation(
        "POST",
        "/v1/payment_methods",
        "PaymentMethodCreateParams",
        "type card sepa_debit billing_details metadata",
        _create,
    ),
    operation("GET", "/v1/payment_methods", "PaymentMethodListParams", _PAGE, _list),
    operation("GET", "/v1/payment_methods/{id}", "PaymentMethodRetrieveParams", "", _retrieve),
    operation("POST", "/v1/payment_methods/{id}", "PaymentMethodUpdateParams", "metadata billing_details", _update),
    operation("POST", "/v1/payment_methods/{id}/attach", "PaymentMethodAttachParams", "customer", _attach),
    operation("POST", "/v1/payment_methods/{id}/detach", "PaymentMethodDetachParams", "", _detach),
    operation("GET", "/v1/customers/{id}/payment_methods", "CustomerPaymentMethodListParams", _PAGE, _list_of_customer),
    operation(
        "GET",
        "/v1/customers/{id}/payment_methods/{method}",
        "CustomerPaymentMethodRetrieveParams",
        "",
        _retrieve_of_customer,
    ),
)
