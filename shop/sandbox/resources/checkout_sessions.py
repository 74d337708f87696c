"""Checkout Sessions in payment mode: made with line items, paid on the hosted page, completed or expired.

Source: https://docs.stripe.com/api/checkout/sessions
"""

from typing import Any
from urllib.parse import urlsplit

from shop.sandbox import money, payments
from shop.sandbox.call import PAGE_PARAMS, Call, merged_metadata, operation, page, page_limit
from shop.sandbox.errors import ApiError, invalid
from shop.sandbox.events import emit
from shop.sandbox.resources import customers, line_items, payment_intents, payment_methods
from shop.sandbox.store import Json, random_id

_SHORTEST_SECONDS, _LONGEST_SECONDS = 30 * 60, 24 * 3600
_INTENT_DATA = frozenset(
    {
        "capture_method",
        "description",
        "metadata",
        "receipt_email",
        "setup_future_usage",
        "shipping",
        "statement_descriptor",
        "statement_descriptor_suffix",
    }
)


def _create(call: Call, path: dict[str, str], params: Json) -> Json:
    _check_form(params)
    expires_at = params.get("expires_at", call.now + _LONGEST_SECONDS)
    # Stripe measures from its own arrival time; a minute's grace forgives the way there, as it does.
    if not _SHORTEST_SECONDS - 60 <= expires_at - call.now <= _LONGEST_SECONDS + 60:
        raise invalid(
            "The `expires_at` timestamp must be at least 30 minutes and less than 24 hours from Checkout Session "
            "creation.",
            param="expires_at",
        )
    lines = line_items.from_params(call, params)
    currency = lines[0]["currency"]
    total = sum(line["amount_total"] for line in lines)
    if total:
        subject = "The Checkout Session's total amount due"
        money.check_charge(total, currency, "line_items", subject)
    key = random_id("cs_test_", 58)
    customer, email = _who(call, params)
    session: Json = {
        "id": key,
        "object": "checkout.session",
        "adaptive_pricing": None,
        "after_expiration": None,
        "allow_promotion_codes": None,
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": params.get("billing_address_collection"),
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": call.now,
        "currency": currency,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "customer": customer,
        "customer_account": None,
        "customer_creation": None if customer else params.get("customer_creation") or "if_required",
        "customer_details": None if email is None else _details(email, None),
        "customer_email": params.get("customer_email"),
        "discounts": [],
        "expires_at": expires_at,
        "invoice": None,
        "invoice_creation": {
            "enabled": False,
            "invoice_data": {
                "account_tax_ids": None,
                "custom_fields": None,
                "description": None,
                "footer": None,
                "issuer": None,
                "metadata": {},
                "rendering_options": None,
            },
        },
        "livemode": False,
        "locale": params.get("locale"),
        "metadata": merged_metadata({}, params.get("metadata")),
        "mode": "payment",
        "origin_context": params.get("origin_context"),
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": _method_types(params, currency),
        "payment_status": "unpaid" if total else "no_payment_required",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": params.get("submit_type"),
        "subscription": None,
        "success_url": params["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{call.settings.base_url}/pay/{key}",
        "wallet_options": None,
        "_lines": lines,
        "_intent_data": params.get("payment_intent_data") or {},
    }
    return call.unit.add(session, "checkout.session", float(expires_at))


def _check_form(params: Json) -> None:
    for name, wanted in (("mode", "payment"), ("ui_mode", "hosted_page")):
        if params.get(name, "hosted_page" if name == "ui_mode" else None) != wanted:
            given = params.get(name)
            if given is None:
                raise ApiError(
                    400, f"Missing required param: {name}.", code="parameter_missing", param=name, executed=False
                )
            raise ApiError(
                400, f"The sandbox knows {name}={wanted} only.", code="sandbox_unsupported_parameter", param=name,
                executed=False,
            )  # fmt: skip
    if "success_url" not in params:
        raise ApiError(
            400, "Missing required param: success_url.", code="parameter_missing", param="success_url", executed=False
        )
    for name in ("success_url", "cancel_url"):
        if name in params and not is_url(params[name]):
            raise invalid("Not a valid URL", param=name, code="url_invalid")
    if len(params.get("client_reference_id") or "") > 200:
        raise invalid(
            "Invalid string: client_reference_id must be at most 200 characters.", param="client_reference_id"
        )
    for name in params.get("payment_intent_data") or {}:
        if name not in _INTENT_DATA:
            raise ApiError(
                400,
                f"The sandbox does not act on the parameter payment_intent_data[{name}].",
                code="sandbox_unsupported_parameter",
                param=f"payment_intent_data[{name}]",
                executed=False,
            )


def is_url(text: str) -> bool:
    """Whether this is an absolute http or https address that a shopper can be sent to."""
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and len(text) <= 5000
    except ValueError:
        return False


def _method_types(params: Json, currency: str) -> list[str]:
    """The types the page offers. Bank debits are offered where the caller names them and the currency allows."""
    allowed = params.get("allowed_payment_method_types") or ["card"]
    payment_methods.check_types(allowed, "allowed_payment_method_types")
    holds = (params.get("payment_intent_data") or {}).get("capture_method") == "manual"
    debits = currency == "eur" and not holds
    types = [kind for kind in ("card", "sepa_debit") if kind in allowed and (kind == "card" or debits)]
    if not types:
        raise invalid("None of these payment method types fits the session.", param="allowed_payment_method_types")
    return types


def _who(call: Call, params: Json) -> tuple[str | None, str | None]:
    if params.get("customer"):
        for name in ("customer_email", "customer_creation"):
            if name in params:
                raise invalid(f"You may only specify one of these parameters: customer, {name}.", param=name)
        customer = call.unit.get("customer", params["customer"], "customer")
        return customer["id"], customer["email"]
    email = params.get("customer_email")
    if email is not None and "@" not in email:
        raise invalid(f"Invalid email address: {email}", param="customer_email", code="email_invalid")
    return None, email


def _details(email: str | None, name: str | None) -> Json:
    return {
        "address": None,
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": name,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": None,
    }


def success_address(session: Json) -> str:
    """Where the shopper goes after paying, with the session's id in the place kept for it."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def attempt(call: Call, session: Json, method: Json, email: str | None, name: str | None) -> Json:
    """The session after a try to pay with this method: complete, or still open and waiting for 3-D Secure.

    The PaymentIntent is made by the first try; a further try after a decline uses the same one.
    Raises: ApiError (402) when the card is refused; the session stays open.
    """
    session["customer_details"] = _details(email or (session["customer_details"] or {}).get("email"), name)
    if session["amount_total"] == 0:
        return complete(call, session)
    made = payment_methods.from_data(call, method | {"billing_details": {"email": email, "name": name}})
    intent = _intent(call, session)
    call.unit.save(session)
    result = payments.confirm(call, intent, made, may_ask_shopper=True, return_url=f"{session['url']}/return")
    return complete(call, session) if result["status"] in {"succeeded", "requires_capture", "processing"} else session


def _intent(call: Call, session: Json) -> Json:
    if session["payment_intent"]:
        return call.unit.get("payment_intent", session["payment_intent"])
    data = session["_intent_data"]
    wants_customer = session["customer_creation"] == "always" or data.get("setup_future_usage")
    if session["customer"] is None and wants_customer:
        details = session["customer_details"]
        made = customers.make(call, {"email": details["email"], "name": details["name"]})
        session["customer"] = made["id"]
    intent = payment_intents.make(
        call,
        {
            "amount": session["amount_total"],
            "currency": session["currency"],
            "customer": session["customer"],
            "allowed_payment_method_types": session["payment_method_types"],
            **data,
        },
    )
    intent["_session"] = session["id"]
    session["payment_intent"] = intent["id"]
    return call.unit.save(intent)


def complete(call: Call, session: Json) -> Json:
    """The session is paid for, or its amount is authorised, and can be used no more; an event says so."""
    if session["payment_intent"]:
        intent = call.unit.get("payment_intent", session["payment_intent"])
        session["payment_status"] = "paid" if intent["status"] == "succeeded" else "unpaid"
    session["status"] = "complete"
    session["url"] = None
    call.unit.save(session)
    call.unit.set_due(session["id"], None)
    emit(call, "checkout.session.completed", session)
    return session


def settled(call: Call, session: Json, intent: Json) -> Json:
    """A complete session whose payment was under way is paid, or stays unpaid for good; an event says so."""
    paid = intent["status"] == "succeeded"
    session["payment_status"] = "paid" if paid else "unpaid"
    call.unit.save(session)
    emit(call, f"checkout.session.async_payment_{'succeeded' if paid else 'failed'}", session)
    return session


def expire(call: Call, session: Json) -> Json:
    """The session can never be paid any more, nor can a PaymentIntent that it began; events say so."""
    session["status"] = "expired"
    session["url"] = None
    call.unit.save(session)
    call.unit.set_due(session["id"], None)
    if session["payment_intent"]:
        intent = call.unit.get("payment_intent", session["payment_intent"])
        if intent["status"] not in {"succeeded", "canceled", "requires_capture", "processing"}:
            payments.cancel(call, intent, None)
    emit(call, "checkout.session.expired", session)
    return session


def _retrieve(call: Call, path: dict[str, str], params: Json) -> Json:
    return call.unit.get("checkout.session", path["id"])


def _update(call: Call, path: dict[str, str], params: Json) -> Json:
    session = call.unit.get("checkout.session", path["id"])
    session["metadata"] = merged_metadata(session["metadata"], params.get("metadata"))
    return call.unit.save(session)


def _expire(call: Call, path: dict[str, str], params: Json) -> Json:
    session = call.unit.get("checkout.session", path["id"])
    if session["status"] != "open":
        raise invalid(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of '
            f"`{session['status']}`."
        )
    return expire(call, session)


def _list(call: Call, path: dict[str, str], params: Json) -> Json:
    wanted: dict[str, Any] = {name: params.get(name) for name in ("customer", "payment_intent", "status")}
    return page(call, "checkout.session", "/v1/checkout/sessions", params, **wanted)


def _list_lines(call: Call, path: dict[str, str], params: Json) -> Json:
    lines = line_items.shown(call.unit.get("checkout.session", path["id"]))
    ids = [line["id"] for line in lines]
    limit, start, end = page_limit(params), 0, len(lines)
    if after := params.get("starting_after"):
        start = ids.index(after) + 1 if after in ids else end
    elif before := params.get("ending_before"):
        end = ids.index(before) if before in ids else 0
        start = max(0, end - limit)
    stop = min(end, start + limit)
    more = start > 0 if "ending_before" in params else stop < end
    url = f"/v1/checkout/sessions/{path['id']}/line_items"
    return {"object": "list", "data": lines[start:stop], "has_more": more, "url": url}


_FIELDS = (
    "allowed_payment_method_types billing_address_collection cancel_url client_reference_id currency customer "
    "customer_creation customer_email expires_at line_items locale metadata mode origin_context payment_intent_data "
    "submit_type success_url ui_mode"
)
_ROOT, _ONE = "/v1/checkout/sessions", "/v1/checkout/sessions/{id}"
_LINES_PAGE = "limit starting_after ending_before"
OPERATIONS = (
    operation("POST", _ROOT, "checkout.SessionCreateParams", _FIELDS, _create),
    operation("GET", _ROOT, "checkout.SessionListParams", PAGE_PARAMS + " customer payment_intent status", _list),
    operation("GET", _ONE, "checkout.SessionRetrieveParams", "", _retrieve),
    operation("POST", _ONE, "checkout.SessionUpdateParams", "metadata", _update),
    operation("POST", _ONE + "/expire", "checkout.SessionExpireParams", "", _expire),
    operation("GET", _ONE + "/line_items", "checkout.SessionLineItemListParams", _LINES_PAGE, _list_lines),
)
