"""Which rate applies."""

from collections.abc import Mapping
from decimal import Decimal

# (tax class or None for the country's default, country) → percent.
Rates = Mapping[tuple[int | None, str], Decimal]


def rate_for(rates: Rates, tax_class_id: int | None, country: str, *, charge_taxes: bool = True) -> Decimal:
    """The percent for a class in a country: the class's own rate, else the country's default, else nothing."""
    if not charge_taxes:
        return Decimal(0)
    if tax_class_id is not None and (rate := rates.get((tax_class_id, country))) is not None:
        return rate
    return rates.get((None, country), Decimal(0))
