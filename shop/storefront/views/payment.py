"""Paying: the last look at the order, the way to the hosted payment page, and the way back from it."""

from typing import Any, Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from shop.storefront import prices, visitor
from shop.storefront.origin import base_url
from shop.storefront.rendering import go
from shop.storefront.shopfront import shopfront
from shop.storefront.views.checkout import checkout_of, empty_cart, lead, step_of
from shop.storefront.views.sign_in import private

_GATEWAY: Final = "saleor.app.payment.stripe"
_PAYMENT: Final = "/checkout/payment"
_RETURN: Final = "/checkout/return"
_PAID: Final = {"CHARGE_SUCCESS", "AUTHORIZATION_SUCCESS"}
_FAILED: Final = {"CHARGE_FAILURE", "AUTHORIZATION_FAILURE", "CANCEL_SUCCESS"}
_UNFINISHED: Final = {"CHARGE_ACTION_REQUIRED", "AUTHORIZATION_ACTION_REQUIRED"}
_CANCELLED: Final = visitor.Notice("bad", "The payment was cancelled and nothing was charged. Your cart is still here.")
_CHANGED: Final = visitor.Notice("bad", "The total has changed since you saw it. Please check it and pay again.")
_UNREACHABLE: Final = visitor.Notice("bad", "The payment could not be started. Nothing was charged; please try again.")


async def pay(request: Request) -> Response:
    """The whole order once more; its form leads to the payment page."""
    front = shopfront(request)
    checkout = await checkout_of(request)
    if checkout is None and request.method == "POST" and visitor.payment_of(request) is not None:
        # Paid in another tab since this page was opened: its order is what the shopper looks for.
        return go(request, _RETURN)
    if checkout is None:
        return empty_cart(request)
    if _is_paid(checkout):
        # Paid, but the shopper never came back from the payment page: nobody pays twice.
        return await _complete(request, checkout["id"])
    if step_of(checkout) != _PAYMENT:
        return lead(request, checkout)
    if request.method == "POST":
        form = await request.form()
        return await _start(request, checkout, str(form.get("total") or ""))
    return private(
        await front.pages.show(
            request,
            "checkout/payment.html",
            checkout=checkout,
            notice=_CANCELLED if "cancelled" in request.query_params else None,
            # Browsers apply form-action to where a form's answer leads, and the hosted page has an address of its own.
            csp=front.pages.policy(form_action="'self' https: http://127.0.0.1:* http://localhost:*")
            if front.settings.stripe_is_sandbox
            else front.pages.policy(form_action="'self' https:"),
        )
    )


async def come_back(request: Request) -> Response:
    """Where the payment page sends the shopper: the payment is looked up, the order made, and shown.

    Coming again, by reload or by the browser's back button, leads to the same order.
    """
    front = shopfront(request)
    payment = visitor.payment_of(request)
    if payment is None:
        return await front.pages.show(request, "checkout/unknown.html", status=404)
    processed = await front.api.mutate(request, "TransactionProcess", id=payment.transaction)
    kind = (processed["transactionEvent"] or {}).get("type")
    completed = None
    if kind in _PAID or processed["errors"]:
        # An error can mean that the order exists already: completing again returns it.
        completed = await front.api.mutate(request, "CheckoutComplete", id=payment.checkout)
        if completed["order"] is not None:
            return _thank(request, payment.channel, payment.checkout, completed["order"])
        if processed["errors"] and _only_unknown(completed):
            return await front.pages.show(request, "checkout/unknown.html", status=404)
    state = _state(kind, completed)
    response = await front.pages.show(
        request,
        "checkout/returned.html",
        state=state,
        reason=completed["errors"][0]["message"] if state == "refused" and completed else None,
    )
    return private(response)


async def _start(request: Request, checkout: dict[str, Any], seen_total: str) -> Response:
    """The shopper is on the way to the hosted page; nobody pays another sum than the one that was shown."""
    front = shopfront(request)
    total = checkout["totalPrice"]["gross"]
    if seen_total != prices.text(total):
        return go(request, _PAYMENT, _CHANGED)
    if prices.is_zero(total):
        return await _complete(request, checkout["id"])
    base = base_url(request, front.settings.public_url)
    addresses = {"successUrl": base + _RETURN, "cancelUrl": f"{base}{_PAYMENT}?cancelled"}
    payload = await front.api.mutate(
        request,
        "TransactionInitialize",
        id=checkout["id"],
        gateway={"id": _GATEWAY, "data": {"checkoutSession": addresses}},
    )
    session = (payload["data"] or {}).get("checkoutSession") or {}
    if (payload["transactionEvent"] or {}).get("type") in _PAID:
        # Paid in another tab since this page was opened.
        return await _complete(request, checkout["id"])
    if payload["errors"] or not payload["transaction"] or not session.get("url"):
        return go(request, _PAYMENT, _UNREACHABLE)
    market = await front.markets.chosen(request)
    response = go(request, session["url"])
    visitor.keep_payment(response, request, visitor.Payment(payload["transaction"]["id"], checkout["id"], market.slug))
    return response


async def _complete(request: Request, checkout_id: str) -> Response:
    """The checkout that has nothing left to pay is an order; or the cart says why not."""
    front = shopfront(request)
    completed = await front.api.mutate(request, "CheckoutComplete", id=checkout_id)
    if completed["order"] is None:
        return go(request, "/cart", visitor.Notice("bad", completed["errors"][0]["message"]))
    market = await front.markets.chosen(request)
    return _thank(request, market.slug, checkout_id, completed["order"])


def _is_paid(checkout: dict[str, Any]) -> bool:
    paid = checkout["chargeStatus"] in {"FULL", "OVERCHARGED"} or checkout["authorizeStatus"] == "FULL"
    # A checkout that costs nothing counts as paid from the start; its buyer has not agreed yet.
    return paid and not prices.is_zero(checkout["totalPrice"]["gross"])


def _thank(request: Request, channel: str, checkout_id: str, order: dict[str, Any]) -> Response:
    response = go(request, f"/orders/{quote(order['id'], safe='')}?new")
    if visitor.cart_of(request, channel) == checkout_id:
        visitor.forget_cart(response, channel)
    if tokens := {one["id"]: one["token"] for one in order["bookings"] if one["token"]}:
        visitor.keep_bookings(response, request, tokens)
    return response


def _only_unknown(completed: dict[str, Any]) -> bool:
    return all(error["code"] in {"NOT_FOUND", "GRAPHQL_ERROR"} for error in completed["errors"])


def _state(kind: str | None, completed: dict[str, Any] | None) -> str:
    """What the shopper is told: refused, failed, unfinished or pending."""
    if completed is not None and kind in _PAID:
        busy = any(error["code"] == "CHECKOUT_COMPLETION_IN_PROGRESS" for error in completed["errors"])
        return "pending" if busy else "refused"
    if kind in _FAILED:
        return "failed"
    return "unfinished" if kind in _UNFINISHED else "pending"
