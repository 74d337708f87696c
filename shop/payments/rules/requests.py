"""What a client may send when it starts a payment: strict, because the addresses in it are followed by browsers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from shop.payments.errors import InvalidPaymentData
from shop.payments.provider import Kind

GATEWAY_ID: Final = "saleor.app.payment.stripe"
# Pretends to be paid, in development alone. Source: the id and the data of Saleor's public dummy payment app.
DUMMY_GATEWAY_ID: Final = "saleor.io.dummy-payment-app"
# What staff marked as paid; no client can ask for it.
MANUAL_GATEWAY_ID: Final = "shop.manual"
# What gift cards paid, with the order; no client can ask for it.
GIFT_CARD_GATEWAY_ID: Final = "shop.giftcards"
# Under this name such a payment remembers the card's key.
GIFT_CARD: Final = "gift_card"
# Source: the gateway data of Saleor's Stripe app.
PAYMENT_METHODS: Final = frozenset(
    {"card", "klarna", "google_pay", "apple_pay", "paypal", "us_bank_account", "sepa_debit", "link"}
)
DUMMY_OUTCOMES: Final = frozenset(
    f"{flow}_{result}"
    for flow in ("CHARGE", "AUTHORIZATION")
    for result in ("SUCCESS", "FAILURE", "REQUEST", "ACTION_REQUIRED")
)
_LONGEST_URL: Final = 2000


@dataclass(frozen=True, slots=True)
class Requested:
    """What the client wants to pay with."""

    kind: Kind
    method: str | None = None
    success_url: str | None = None
    cancel_url: str | None = None
    # What a payment that only pretends is to end as.
    outcome: str | None = None

    def as_json(self) -> dict[str, Any]:
        """What the transaction remembers of it, to compare with a second request."""
        if self.kind is Kind.PAYMENT_INTENT:
            return {"method": self.method}
        if self.kind is Kind.DUMMY:
            return {"outcome": self.outcome}
        return {"success_url": self.success_url, "cancel_url": self.cancel_url}


def parse_request(data: Any, allowed_origins: Collection[str]) -> Requested:
    """The request in `paymentGateway.data`.

    Shapes: exactly one of `{"paymentIntent": {"paymentMethod": …}}` and
    `{"checkoutSession": {"successUrl": …, "cancelUrl": …}}`, nothing else in them. Raises: InvalidPaymentData.
    """
    if not isinstance(data, dict) or len(data) != 1:
        raise InvalidPaymentData("The data must hold exactly one of paymentIntent and checkoutSession.")
    (name, value), *_ = data.items()
    if name == "paymentIntent":
        method = _texts(name, value, ("paymentMethod",))["paymentMethod"]
        if method not in PAYMENT_METHODS:
            raise InvalidPaymentData(f"paymentMethod must be one of {', '.join(sorted(PAYMENT_METHODS))}.")
        return Requested(Kind.PAYMENT_INTENT, method=method)
    if name == "checkoutSession":
        texts = _texts(name, value, ("successUrl", "cancelUrl"))
        for field, url in texts.items():
            if (problem := return_url_problem(url, allowed_origins)) is not None:
                raise InvalidPaymentData(f"{field} {problem}")
        return Requested(Kind.CHECKOUT_SESSION, success_url=texts["successUrl"], cancel_url=texts["cancelUrl"])
    raise InvalidPaymentData("The data must hold exactly one of paymentIntent and checkoutSession.")


def parse_dummy_request(data: Any) -> Requested:
    """The request for a payment that only pretends. Shapes and Raises: as `dummy_outcome`."""
    return Requested(Kind.DUMMY, outcome=dummy_outcome(data))


def dummy_outcome(data: Any) -> str | None:
    """What a payment that only pretends is to end as; None where the client leaves it open.

    Shapes: nothing, or `{"event": {"type": "CHARGE_SUCCESS" | …, "includePspReference": …}}`.
    Raises: InvalidPaymentData.
    """
    if not data:
        return None
    event = data.get("event") if isinstance(data, dict) and set(data) == {"event"} else None
    if not isinstance(event, dict) or not set(event) <= {"type", "includePspReference"}:
        raise InvalidPaymentData("The data must hold event, with type and includePspReference, and nothing else.")
    outcome = event.get("type")
    if outcome not in DUMMY_OUTCOMES:
        raise InvalidPaymentData(f"type must be one of {', '.join(sorted(DUMMY_OUTCOMES))}.")
    return str(outcome)


def return_url_problem(url: str, allowed_origins: Collection[str]) -> str | None:
    """What is wrong with an address that browsers are sent back to; None for http(s) with one of these origins."""
    try:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}".lower()
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid, origin = False, ""
    # Browsers and urlsplit disagree about control characters, blanks and backslashes: none of them has a place here.
    if not valid or len(url) > _LONGEST_URL or not url.isprintable() or " " in url or "\\" in url or "@" in origin:
        return "must be an http or https address."
    if origin not in {allowed.lower() for allowed in allowed_origins}:
        return f"leads to {origin}, which this shop does not send shoppers back to."
    return None


def _texts(name: str, value: Any, fields: Sequence[str]) -> dict[str, str]:
    if not isinstance(value, dict) or set(value) != set(fields) or not all(isinstance(v, str) for v in value.values()):
        raise InvalidPaymentData(f"{name} must hold {' and '.join(fields)} as text, and nothing else.")
    return {field: value[field] for field in fields}
