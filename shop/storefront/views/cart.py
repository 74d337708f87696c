"""The cart: shown whole, shown as a drawer's contents, and changed.

Each change is a form that works without a script (303 back to where the shopper was). The script sends the same form
with `X-Requested-With: fetch` and gets the drawer's new contents instead.
"""

from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from shop.storefront import visitor
from shop.storefront.origin import local_path
from shop.storefront.rendering import go
from shop.storefront.shopfront import shopfront

_MOST: Final = 1_000_000
_LONGEST_CODE: Final = 200
_TAKEN: Final = "Somebody was faster: this time is taken now. The times below are free."
_TROUBLE: Final = "That did not work. Please try again."


async def show(request: Request) -> Response:
    """The cart as a page."""
    return await shopfront(request).pages.show(request, "cart.html")


async def contents(request: Request) -> Response:
    """What stands in the drawer."""
    return await shopfront(request).pages.part(request, "cart/contents.html", error=None)


async def add(request: Request) -> Response:
    """The variant is in the cart; the first one makes the cart."""
    front = shopfront(request)
    form = await request.form()
    quantity = _quantity(form)
    if quantity is None or quantity < 1:
        return await _answer(request, form, error="Please give a quantity of 1 or more.")
    market = await front.markets.chosen(request)
    line: dict[str, Any] = {"variantId": str(form.get("variantId") or ""), "quantity": quantity}
    slot = str(form.get("slotToken") or "")
    if slot:
        line["booking"] = {"slotToken": slot, "entitlementId": str(form.get("entitlementId") or "") or None}
    payload = None
    if checkout := visitor.cart_of(request, market.slug):
        payload = await front.api.mutate(request, "CheckoutLinesAdd", id=checkout, lines=[line])
    if payload is None or _lost(payload):
        payload = await front.api.mutate(
            request, "CheckoutCreate", input={"channel": market.slug, "lines": [line], "languageCode": "EN"}
        )
    error = _TAKEN if slot and _is_taken(payload) else None
    done = "This time is held for you. Please check out before it runs out." if slot else "Added to your cart."
    return await _answer(request, form, payload, error=error, done=done, drawer=True)


async def extend(request: Request) -> Response:
    """The line's time is held for longer, if it may."""
    front = shopfront(request)
    form = await request.form()
    payload = await front.api.mutate(request, "BookingHoldExtend", lineId=str(form.get("lineId") or ""))
    error = (payload["errors"][0]["message"] or _TROUBLE) if payload["errors"] else None
    return await _answer(request, form, error=error, done="The time is held for longer.")


async def update(request: Request) -> Response:
    """The line has the quantity that the shopper gave; 0 removes it."""
    form = await request.form()
    quantity = _quantity(form)
    if quantity is None or quantity < 0:
        return await _answer(request, form, error="Please give a quantity of 0 or more.")
    line = {"lineId": str(form.get("lineId") or ""), "quantity": quantity}
    return await _change(request, form, "CheckoutLinesUpdate", lines=[line])


async def remove(request: Request) -> Response:
    """The line is gone."""
    form = await request.form()
    return await _change(request, form, "CheckoutLineDelete", lineId=str(form.get("lineId") or ""))


async def add_code(request: Request) -> Response:
    """The cart has the code that the shopper typed, or they read what it needs."""
    form = await request.form()
    code = str(form.get("promoCode") or "").strip()
    if not code:
        return await _answer(request, form, error="Please enter a code.")
    return await _change(request, form, "CheckoutAddPromoCode", promoCode=code[:_LONGEST_CODE])


async def remove_code(request: Request) -> Response:
    """The cart has no such code, or no such gift card."""
    form = await request.form()
    card = str(form.get("giftCard") or "")
    meant = {"promoCodeId": card} if card else {"promoCode": str(form.get("promoCode") or "")}
    return await _change(request, form, "CheckoutRemovePromoCode", **meant)


async def _change(request: Request, form: FormData, document: str, **variables: Any) -> Response:
    front = shopfront(request)
    market = await front.markets.chosen(request)
    checkout = visitor.cart_of(request, market.slug)
    if checkout is None:
        return await _answer(request, form, error="Your cart is empty.")
    payload = await front.api.mutate(request, document, id=checkout, **variables)
    return await _answer(request, form, payload, done="Your cart is up to date.")


async def _answer(
    request: Request,
    form: FormData,
    payload: dict[str, Any] | None = None,
    *,
    error: str | None = None,
    done: str = "",
    drawer: bool = False,
) -> Response:
    """The drawer's contents for the script; for a plain form the way back, with a sentence about what happened."""
    front = shopfront(request)
    if payload is not None and payload["errors"] and error is None:
        error = payload["errors"][0]["message"] or _TROUBLE
    checkout = payload["checkout"] if payload is not None and not error else None
    market = await front.markets.chosen(request)
    if request.headers.get("x-requested-with") == "fetch":
        if checkout is not None:
            visitor.assume_cart(request, market.slug, checkout["id"])
        response = await front.pages.part(request, "cart/contents.html", status=422 if error else 200, error=error)
    else:
        target = local_path(str(form.get("next") or ""), "/cart")
        notice = visitor.Notice("bad", error) if error else visitor.Notice("good", done)
        response = go(request, f"{target}#cart" if drawer and not error else target, notice)
    if checkout is not None:
        visitor.keep_cart(response, request, market.slug, checkout["id"])
    return response


def _is_taken(payload: dict[str, Any]) -> bool:
    return any(error["code"] == "INSUFFICIENT_STOCK" for error in payload["errors"])


def _lost(payload: dict[str, Any]) -> bool:
    """Whether the cart no longer exists: it was bought or cleared away, and a new one begins."""
    codes = {"NOT_FOUND", "GRAPHQL_ERROR"}
    return any(error["code"] in codes and error["field"] in {"id", "checkoutId"} for error in payload["errors"])


def _quantity(form: FormData) -> int | None:
    text = str(form.get("quantity") or "").strip()
    if not (text.isascii() and text.isdigit()):
        return None
    return min(int(text[:9]), _MOST)
