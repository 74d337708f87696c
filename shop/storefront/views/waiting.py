"""Waiting for a time: who finds none leaves a word, and takes what is offered by the link of a mail."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from shop.kit import clock
from shop.storefront import clocks, forms, visitor
from shop.storefront.api import nodes
from shop.storefront.rendering import go
from shop.storefront.session import session_of
from shop.storefront.shopfront import shopfront
from shop.storefront.views.sign_in import private

_DAY: Final = timedelta(days=1)
_USUAL: Final = timedelta(days=30)
_TROUBLE: Final = "That did not work. Please try again."
_LABELS: Final = forms.LABELS | {"from": "First day", "to": "Last day", "variantId": "The visit"}
STATES: Final = {
    "WAITING": "Nothing is free yet. We write to you as soon as something is.",
    "ACCEPTED": "You have taken the time that was offered.",
    "EXPIRED": "The time that was offered to you was not taken in time, and is offered to others now.",
    "LEFT": "You do not wait any more.",
}


async def join(request: Request) -> Response:
    """The days that suit, and where the offer goes; who is signed in has it sent to the account's e-mail."""
    front = shopfront(request)
    zone = clocks.zone_of(request) or "UTC"
    today = clock.now().astimezone(clocks.rules(zone)).date()
    usual = {"from": str(today + _DAY), "to": str(today + _USUAL), "email": ""}
    source = await request.form() if request.method == "POST" else request.query_params
    variant = await _variant(request, str(source.get("variant") or ""))
    values, errors = usual, {}
    if request.method == "POST":
        values = forms.texts(source, "from", "to", "email")
        errors = _unreadable(values)
        if not errors:
            market = await front.markets.chosen(request)
            payload = await front.api.mutate(
                request,
                "WaitlistJoin",
                variantId=variant["id"],
                channel=market.slug,
                email=None if session_of(request).is_signed_in else values["email"],
                **{"from": _midnight(values["from"], zone), "to": _midnight(values["to"], zone, later=_DAY)},
            )
            if not payload["errors"]:
                notice = visitor.Notice("good", "We write to you as soon as a time is free. It is held for you then.")
                return go(request, f"/products/{variant['product']['slug']}", notice)
            errors = forms.errors(payload)
    return private(
        await front.pages.show(
            request,
            "booking/wait.html",
            status=422 if errors else 200,
            variant=variant,
            values=values,
            errors=errors,
            labels=_LABELS,
            zone=zone,
            signed_in=session_of(request).is_signed_in,
        )
    )


async def _variant(request: Request, key: str) -> dict[str, Any]:
    """What is waited for."""
    front = shopfront(request)
    market = await front.markets.chosen(request)
    found = await front.api.query(request, "VariantsByIds", ids=[key], channel=market.slug)
    for variant in nodes(found["productVariants"]):
        return variant
    raise HTTPException(404)


async def offer(request: Request) -> Response:
    """What is offered, for whoever has the link of the mail."""
    found = await _found(request)
    zone = clocks.zone_of(request) or found["offeredTimezone"] or "UTC"
    shown = await shopfront(request).pages.show(
        request,
        "booking/offer.html",
        entry=found,
        token=request.path_params["token"],
        zone=zone,
        told=STATES.get(found["state"], ""),
    )
    return private(shown)


async def take(request: Request) -> Response:
    """The offered time is in the cart, and held there; the first line makes the cart."""
    front = shopfront(request)
    token = request.path_params["token"]
    await _found(request)
    market = await front.markets.chosen(request)
    checkout = visitor.cart_of(request, market.slug)
    payload = None
    if checkout is not None:
        payload = await front.api.mutate(request, "WaitlistAccept", token=token, checkoutId=checkout)
    if payload is None or _has_no_cart(payload):
        made = await front.api.mutate(
            request, "CheckoutCreate", input={"channel": market.slug, "lines": [], "languageCode": "EN"}
        )
        checkout = made["checkout"]["id"]
        payload = await front.api.mutate(request, "WaitlistAccept", token=token, checkoutId=checkout)
    if payload["errors"]:
        notice = visitor.Notice("bad", payload["errors"][0]["message"] or _TROUBLE)
        return go(request, f"/waitlist/{token}", notice)
    response = go(
        request, "/cart", visitor.Notice("good", "This time is held for you. Please check out before it runs out.")
    )
    visitor.keep_cart(response, request, market.slug, payload["checkout"]["id"])
    return response


async def leave(request: Request) -> Response:
    """Who waited does not any more."""
    token = request.path_params["token"]
    payload = await shopfront(request).api.mutate(request, "WaitlistLeave", token=token)
    if payload["errors"]:
        notice = visitor.Notice("bad", payload["errors"][0]["message"] or _TROUBLE)
    else:
        notice = visitor.Notice("good", "You do not wait any more.")
    return go(request, f"/waitlist/{token}", notice)


async def _found(request: Request) -> dict[str, Any]:
    token = request.path_params["token"]
    found: dict[str, Any] | None = (await shopfront(request).api.query(request, "WaitlistEntry", token=token))[
        "waitlistEntry"
    ]
    if found is None:
        raise HTTPException(404)
    return found


def _unreadable(values: dict[str, str]) -> dict[str, str]:
    errors = {}
    for name in ("from", "to"):
        try:
            date.fromisoformat(values[name])
        except ValueError:
            errors[name] = "Please choose a day."
    return errors


def _midnight(day: str, zone: str, *, later: timedelta = timedelta()) -> str:
    return datetime.combine(date.fromisoformat(day) + later, time(), clocks.rules(zone)).astimezone(UTC).isoformat()


def _has_no_cart(payload: dict[str, Any]) -> bool:
    """Whether the cart is gone: it was bought or cleared away, and a new one begins."""
    return any(error["field"] == "checkoutId" for error in payload["errors"])
