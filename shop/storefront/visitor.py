"""What a visitor's browser keeps for us: the channel, a cart per channel, the payment under way, one notice to show.

Cookies only: HttpOnly, Secure under https, SameSite=Lax (who returns from the payment page brings them along).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final, Literal
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response

from shop.storefront.origin import is_secure

_CHANNEL: Final = "shop_channel"
_CART: Final = "shop_cart_"
_PAYMENT: Final = "shop_payment"
_NOTICE: Final = "shop_notice"
_BOOKINGS: Final = "shop_bookings"
_CART_SECONDS: Final = 30 * 24 * 3600
_PAYMENT_SECONDS: Final = 24 * 3600
_CHANNEL_SECONDS: Final = 365 * 24 * 3600
_NOTICE_SECONDS: Final = 60
_NOTICE_LENGTH: Final = 300
# A cookie holds four kilobytes.
_MOST_BOOKINGS: Final = 20


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that was started here: its transaction, and the checkout that it pays."""

    transaction: str
    checkout: str
    channel: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence to show once, on the next page."""

    kind: Literal["good", "bad"]
    text: str


def channel_of(request: Request) -> str | None:
    """The channel that the visitor chose, if any; it may no longer exist."""
    return request.cookies.get(_CHANNEL)


def cart_of(request: Request, channel: str) -> str | None:
    """The id of the visitor's checkout in a channel."""
    value = request.cookies.get(_CART + channel)
    return unquote(value) if value else None


def payment_of(request: Request) -> Payment | None:
    """The payment that the visitor started last; None when the cookie is absent or was changed."""
    values = _load(request.cookies.get(_PAYMENT))
    try:
        return Payment(
            transaction=str(values["transaction"]), checkout=str(values["checkout"]), channel=str(values["channel"])
        )
    except KeyError:
        return None


def notice_of(request: Request) -> Notice | None:
    """The sentence left by the page before."""
    values = _load(request.cookies.get(_NOTICE))
    text = values.get("text")
    if not isinstance(text, str):
        return None
    return Notice(kind="good" if values.get("kind") == "good" else "bad", text=text[:_NOTICE_LENGTH])


def keep_channel(response: Response, request: Request, channel: str) -> None:
    """The visitor sees this channel from now on."""
    _set(response, request, _CHANNEL, channel, _CHANNEL_SECONDS)


def keep_cart(response: Response, request: Request, channel: str, checkout_id: str) -> None:
    """The visitor's cart in the channel is this checkout."""
    _set(response, request, _CART + channel, quote(checkout_id, safe=""), _CART_SECONDS)


def assume_cart(request: Request, channel: str, checkout_id: str) -> None:
    """The rest of this request sees the cart whose cookie only its answer will set."""
    request.cookies[_CART + channel] = quote(checkout_id, safe="")


def forget_cart(response: Response, channel: str) -> None:
    """The visitor's cart in the channel is empty again."""
    response.delete_cookie(_CART + channel, httponly=True, samesite="lax")


def keep_payment(response: Response, request: Request, payment: Payment) -> None:
    """The page that the shopper returns to will know which payment it is about."""
    _set(response, request, _PAYMENT, _dump(asdict(payment)), _PAYMENT_SECONDS)


def bookings_of(request: Request) -> dict[str, str]:
    """The keys of the visits that were bought here last, by booking."""
    return {key: token for key, token in _load(request.cookies.get(_BOOKINGS)).items() if isinstance(token, str)}


def keep_bookings(response: Response, request: Request, tokens: Mapping[str, str]) -> None:
    """The order's page can offer what only the buyer may do with these visits."""
    _set(response, request, _BOOKINGS, _dump(dict(list(tokens.items())[:_MOST_BOOKINGS])), _PAYMENT_SECONDS)


def keep_notice(response: Response, request: Request, notice: Notice) -> None:
    """The next page shows the sentence."""
    text = notice.text[:_NOTICE_LENGTH]
    _set(response, request, _NOTICE, _dump({"kind": notice.kind, "text": text}), _NOTICE_SECONDS)


def forget_notice(response: Response) -> None:
    """The sentence was shown."""
    response.delete_cookie(_NOTICE, httponly=True, samesite="lax")


def _set(response: Response, request: Request, name: str, value: str, seconds: int) -> None:
    public_url: str | None = request.app.state.shopfront.settings.public_url
    secure = is_secure(request, public_url)
    response.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=secure)


def _dump(values: dict[str, str]) -> str:
    return quote(json.dumps(values, separators=(",", ":")), safe="")


def _load(text: str | None) -> dict[str, object]:
    if not text:
        return {}
    try:
        values = json.loads(unquote(text))
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}
