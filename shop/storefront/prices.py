"""How sums are shown: with or without tax as the channel says, in the currency's own decimals."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shop.kit import money


def text(amount: Mapping[str, Any]) -> str:
    """A GraphQL `Money` as people read it: `$1,234.50`."""
    return money.display(Decimal(str(amount["amount"])), amount["currency"])


def number(amount: Mapping[str, Any]) -> str:
    """A GraphQL `Money` as machines read it, with the currency's decimals: `1234.50`."""
    return f"{Decimal(str(amount['amount'])):.{money.exponent(amount['currency'])}f}"


def shown(price: Mapping[str, Any], gross: bool) -> str:
    """A GraphQL `TaxedMoney`, with its tax when the channel shows gross prices."""
    return text(price["gross" if gross else "net"])


def saved(before: Mapping[str, Any], after: Mapping[str, Any], gross: bool) -> str | None:
    """By how much one `TaxedMoney` is below another; None where it is not."""
    side = "gross" if gross else "net"
    off = Decimal(str(before[side]["amount"])) - Decimal(str(after[side]["amount"]))
    return money.display(off, before[side]["currency"]) if off > 0 else None


def is_zero(amount: Mapping[str, Any]) -> bool:
    """Whether nothing is to be paid."""
    return Decimal(str(amount["amount"])) == 0


def zero(currency: str) -> str:
    """An empty cart's sum: `$0.00`."""
    return money.display(Decimal(0), currency)


def tax_note(gross: bool) -> str:
    """What a listed price means."""
    return "incl. tax" if gross else "excl. tax"


def listed(pricing: Mapping[str, Any] | None) -> str | None:
    """A product's price in a list: one price, or `from` the lowest; None when it has no price in the channel."""
    span = (pricing or {}).get("priceRange")
    if pricing is None or not span or not span["start"]:
        return None
    side = "gross" if pricing["displayGrossPrices"] else "net"
    start, stop = span["start"][side], (span["stop"] or span["start"])[side]
    return text(start) if start["amount"] == stop["amount"] else f"from {text(start)}"
