"""Stripe's amounts are whole numbers of the currency's smallest unit, with exceptions of its own.

Source: https://docs.stripe.com/currencies#zero-decimal
"""

from decimal import Decimal
from typing import Final

_ZERO_DECIMAL: Final = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
)
_THREE_DECIMAL: Final = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})


class NotRepresentable(ValueError):
    """The amount has more decimals than Stripe takes for its currency."""


def decimals(currency: str) -> int:
    """How many decimals Stripe's whole number covers: two for ISK and UGX, which have none in life."""
    if currency in _ZERO_DECIMAL:
        return 0
    return 3 if currency in _THREE_DECIMAL else 2


def to_minor(amount: Decimal, currency: str) -> int:
    """The amount as Stripe takes it, exactly. Raises: NotRepresentable; nothing is ever rounded here."""
    scaled = amount.scaleb(decimals(currency))
    minor = int(scaled)
    if minor != scaled:
        raise NotRepresentable(f"{amount} {currency} is no whole number of minor units")
    if currency in _THREE_DECIMAL and minor % 10:
        raise NotRepresentable(f"{amount} {currency}: Stripe takes two of the three decimals")
    return minor


def from_minor(minor: int, currency: str) -> Decimal:
    """The amount that Stripe's whole number means."""
    return Decimal(minor).scaleb(-decimals(currency))
