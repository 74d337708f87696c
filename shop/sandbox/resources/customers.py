"""Customers. Source: https://docs.stripe.com/api/customers/object"""

from shop.sandbox.call import PAGE_PARAMS, Call, merged_metadata, operation, page, settable
from shop.sandbox.errors import invalid
from shop.sandbox.events import emit
from shop.sandbox.resources import payment_methods
from shop.sandbox.store import Json, random_id

_PLAIN = ("address", "description", "email", "name", "phone", "preferred_locales", "shipping")
_FIELDS = "address description email name phone preferred_locales shipping metadata invoice_settings tax_exempt"


def make(call: Call, params: Json) -> Json:
    """A stored customer with those fields; an event says so. Raises: ApiError for a malformed e-mail address."""
    customer: Json = {
        "id": random_id("cus_", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": call.now,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": random_id("", 8).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": merged_metadata({}, params.get("metadata")),
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": params.get("tax_exempt") or "none",
        "test_clock": None,
    }
    _apply(customer, params)
    call.unit.add(customer, "customer")
    emit(call, "customer.created", customer)
    if key := params.get("payment_method"):
        payment_methods.tie(call, payment_methods.resolve(call, key), customer["id"])
    _default_method(call, customer, params)
    return call.unit.save(customer)


def _apply(customer: Json, params: Json) -> None:
    customer.update(settable(params, *_PLAIN))
    if customer["email"] is not None and "@" not in customer["email"]:
        raise invalid(f"Invalid email address: {customer['email']}", param="email", code="email_invalid")


def _default_method(call: Call, customer: Json, params: Json) -> None:
    settings = params.get("invoice_settings") or {}
    if "default_payment_method" not in settings:
        return
    key = settings["default_payment_method"] or None
    if key is not None and call.unit.get("payment_method", key, "payment_method")["customer"] != customer["id"]:
        raise invalid(
            f"The customer does not have a payment method with the ID {key}.",
            param="invoice_settings[default_payment_method]",
        )
    customer["invoice_settings"]["default_payment_method"] = key


def _create(call: Call, path: dict[str, str], params: Json) -> Json:
    return make(call, params)


def _retrieve(call: Call, path: dict[str, str], params: Json) -> Json:
    # A deleted customer is still found, as a stub that says so.
    gone = call.unit.find("customer.deleted", path["id"])
    return gone or call.unit.get("customer", path["id"])


def _update(call: Call, path: dict[str, str], params: Json) -> Json:
    customer = call.unit.get("customer", path["id"])
    _apply(customer, params)
    customer["metadata"] = merged_metadata(customer["metadata"], params.get("metadata"))
    if params.get("tax_exempt"):
        customer["tax_exempt"] = params["tax_exempt"]
    _default_method(call, customer, params)
    call.unit.save(customer)
    emit(call, "customer.updated", customer)
    return customer


def _delete(call: Call, path: dict[str, str], params: Json) -> Json:
    customer = call.unit.get("customer", path["id"])
    for method in call.unit.where("payment_method", customer=customer["id"]):
        method["customer"] = None
        call.unit.save(method)
    emit(call, "customer.deleted", customer)
    call.unit.remove(customer["id"])
    gone: Json = {"id": customer["id"], "object": "customer", "deleted": True}
    call.unit.add({**gone, "created": customer["created"]}, "customer.deleted")
    return gone


def _list(call: Call, path: dict[str, str], params: Json) -> Json:
    return page(call, "customer", "/v1/customers", params, email=params.get("email"))


OPERATIONS = (
    operation("POST", "/v1/customers", "CustomerCreateParams", _FIELDS + " payment_method", _create),
    operation("GET", "/v1/customers", "CustomerListParams", PAGE_PARAMS + " email", _list),
    operation("GET", "/v1/customers/{id}", "CustomerRetrieveParams", "", _retrieve),
    operation("POST", "/v1/customers/{id}", "CustomerUpdateParams", _FIELDS, _update),
    operation("DELETE", "/v1/customers/{id}", "CustomerDeleteParams", "", _delete),
)
