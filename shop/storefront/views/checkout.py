"""The checkout up to the payment: who buys, where it goes, how it gets there.

A form that was accepted answers 303. One that was not is shown again with status 422, its values and an explanation
beside each field, so that personal data never waits in a cookie.
"""

from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from shop.storefront import forms, visitor
from shop.storefront.countries import ALL_COUNTRIES
from shop.storefront.rendering import go
from shop.storefront.session import session_of
from shop.storefront.shopfront import shopfront
from shop.storefront.views.sign_in import private

_UNAVAILABLE: Final = visitor.Notice(
    "bad", "Something in your cart is sold out, or fewer are left. Change the line that says so, then check out again."
)
_LOST: Final = visitor.Notice(
    "bad",
    "The time in your cart was not paid for while it was held, and others may take it now. Nothing was charged. "
    "Remove it and choose a time anew.",
)
_DELIVERY_PROBLEMS: Final = {"CheckoutProblemDeliveryMethodStale", "CheckoutProblemDeliveryMethodInvalid"}
_LINE_PROBLEMS: Final = {"CheckoutLineProblemInsufficientStock", "CheckoutLineProblemVariantNotAvailable"}


async def checkout_of(request: Request) -> dict[str, Any] | None:
    """The visitor's checkout in the channel at hand; None when there is nothing to buy."""
    front = shopfront(request)
    market = await front.markets.chosen(request)
    checkout_id = visitor.cart_of(request, market.slug)
    if checkout_id is None:
        return None
    checkout: dict[str, Any] | None = (await front.api.query(request, "CheckoutDetails", id=checkout_id))["checkout"]
    return checkout if checkout and checkout["lines"] else None


def step_of(checkout: dict[str, Any]) -> str:
    """The first step that the checkout still needs; the cart, when something in it cannot be bought any more."""
    shipping = checkout["isShippingRequired"]
    if not checkout["email"] or not checkout["billingAddress"] or (shipping and not checkout["shippingAddress"]):
        return "/checkout/details"
    problems = {problem["__typename"] for problem in checkout["problems"] or []}
    if shipping and (not checkout["delivery"] or problems & _DELIVERY_PROBLEMS):
        return "/checkout/delivery"
    if problems & _LINE_PROBLEMS:
        return "/cart"
    return "/checkout/payment"


def lead(request: Request, checkout: dict[str, Any]) -> Response:
    """On to the step that the checkout needs."""
    target = step_of(checkout)
    if target != "/cart":
        return go(request, target)
    has_lost = any(line["booking"] and line["booking"]["state"] == "LOST" for line in checkout["lines"])
    return go(request, target, _LOST if has_lost else _UNAVAILABLE)


def empty_cart(request: Request) -> Response:
    """Back to the cart, which says why."""
    return go(request, "/cart", visitor.Notice("bad", "Your cart is empty. Choose something first."))


async def next_step(request: Request) -> Response:
    """Leads to the first step that is not done."""
    checkout = await checkout_of(request)
    return lead(request, checkout) if checkout else empty_cart(request)


async def details(request: Request) -> Response:
    """E-mail and name; an address only where something is delivered."""
    checkout = await checkout_of(request)
    if checkout is None:
        return empty_cart(request)
    if request.method != "POST":
        return await _show_details(request, checkout, await _known(request, checkout), {})
    form = await request.form()
    errors = await _save_details(request, checkout, form)
    if errors:
        return await _show_details(request, checkout, {key: str(value) for key, value in form.items()}, errors)
    return go(request, "/checkout")


async def delivery(request: Request) -> Response:
    """The ways of delivery that reach the address."""
    front = shopfront(request)
    checkout = await checkout_of(request)
    if checkout is None:
        return empty_cart(request)
    if not checkout["isShippingRequired"] or step_of(checkout) == "/checkout/details":
        return go(request, "/checkout")
    errors: dict[str, str] = {}
    if request.method == "POST":
        form = await request.form()
        payload = await front.api.mutate(
            request,
            "CheckoutDeliveryMethodUpdate",
            id=checkout["id"],
            deliveryMethodId=str(form.get("delivery") or ""),
        )
        if not payload["errors"]:
            return go(request, "/checkout/payment")
        errors = {"": "Please choose one of these ways of delivery."}
    options = await front.api.mutate(request, "DeliveryOptionsCalculate", id=checkout["id"])
    chosen = checkout["delivery"]["shippingMethod"] if checkout["delivery"] else None
    return private(
        await front.pages.show(
            request,
            "checkout/delivery.html",
            status=422 if errors else 200,
            checkout=checkout,
            options=options["deliveries"],
            chosen=chosen["id"] if chosen else None,
            errors=errors,
        )
    )


async def _save_details(request: Request, checkout: dict[str, Any], form: FormData) -> dict[str, str]:
    """The checkout knows what was typed; the errors are by form field, all of them at once."""
    api = shopfront(request).api
    key = checkout["id"]
    email = str(form.get("email") or "").strip()
    found = forms.errors(await api.mutate(request, "CheckoutEmailUpdate", id=key, email=email))
    if not checkout["isShippingRequired"]:
        # Nothing is delivered: a name and a country are enough for the receipt and the tax.
        person = forms.address(form, "billing", forms.PERSON_FIELDS)
        missing = {
            f"billing.{field}": "This field is required." for field in forms.PERSON_FIELDS if field not in person
        }
        if missing:
            return found | missing
        payload = await api.mutate(
            request, "CheckoutBillingAddressUpdate", id=key, address=person, rules={"checkRequiredFields": False}
        )
        return found | forms.errors(payload, "billing.")
    shipping = forms.address(form, "shipping", forms.ADDRESS_FIELDS)
    payload = await api.mutate(request, "CheckoutShippingAddressUpdate", id=key, address=shipping)
    found |= forms.errors(payload, "shipping.")
    if form.get("sameAddress"):
        if payload["errors"]:
            return found
        billing = shipping
    else:
        billing = forms.address(form, "billing", forms.ADDRESS_FIELDS)
    payload = await api.mutate(request, "CheckoutBillingAddressUpdate", id=key, address=billing)
    return found | forms.errors(payload, "billing.")


async def _show_details(
    request: Request, checkout: dict[str, Any], values: dict[str, str], errors: dict[str, str]
) -> Response:
    front = shopfront(request)
    market = await front.markets.chosen(request)
    return private(
        await front.pages.show(
            request,
            "checkout/details.html",
            status=422 if errors else 200,
            checkout=checkout,
            values=values,
            errors=errors,
            countries=market.countries,
            all_countries=ALL_COUNTRIES,
            labels=forms.LABELS,
        )
    )


async def _known(request: Request, checkout: dict[str, Any]) -> dict[str, str]:
    """What the form shows before anything is typed: the checkout's own, else the customer's."""
    mine: dict[str, Any] = {}
    if session_of(request).is_signed_in and checkout["billingAddress"] is None:
        mine = (await shopfront(request).api.query(request, "AccountAddresses"))["me"] or {}
    values = {"email": checkout["email"] or mine.get("email") or ""}
    for prefix, key, default in (
        ("shipping", "shippingAddress", "isDefaultShippingAddress"),
        ("billing", "billingAddress", "isDefaultBillingAddress"),
    ):
        preferred = next((address for address in mine.get("addresses", []) if address[default]), None)
        known = forms.prefill(checkout[key] or preferred, forms.ADDRESS_FIELDS)
        values |= {f"{prefix}.{field}": value for field, value in known.items()}
    same = checkout["billingAddress"] is None or checkout["billingAddress"] == checkout["shippingAddress"]
    return values | ({"sameAddress": "1"} if same else {})
