"""What follows from an order's values alone."""

from decimal import Decimal

from shop.kit.money import ZERO


def payment_status(
    total: Decimal, charged: Decimal, *, refunded: Decimal = ZERO, pending: Decimal = ZERO, authorized: Decimal = ZERO
) -> str:
    """The one word for how an order is paid. Source: Saleor `PaymentChargeStatusEnum`."""
    if charged >= total:
        return "FULLY_CHARGED"
    if charged > 0:
        return "PARTIALLY_REFUNDED" if refunded > 0 else "PARTIALLY_CHARGED"
    if refunded > 0:
        return "FULLY_REFUNDED"
    return "PENDING" if pending > 0 and authorized == 0 else "NOT_CHARGED"


def initial_status(*, overcharged: bool) -> str:
    """A new order's status. One that was paid too much is held: a person confirms it before anything is sent."""
    return "UNCONFIRMED" if overcharged else "UNFULFILLED"


def redacted(text: str) -> str:
    """A personal text as somebody reads it who only knows the order's id: its first letter, then dots."""
    return f"{text[0]}..." if text else ""


def redacted_email(email: str) -> str:
    """An address of which only its owner recognises the whole: `e...@example.com`."""
    name, _, domain = email.partition("@")
    return f"{redacted(name)}@{domain}" if domain else redacted(email)
