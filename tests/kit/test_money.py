"""Amounts."""

from decimal import Decimal

import pytest

from shop.kit.money import Money, TaxedMoney, display, exponent, quantum, zero


@pytest.mark.parametrize(
    ("currency", "places"), [("USD", 2), ("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLP", 0), ("TND", 3), ("XXX", 2)]
)
def test_exponent_is_the_currency_s(currency: str, places: int) -> None:
    assert exponent(currency) == places
    assert quantum(currency) == Decimal(10) ** -places


def test_arithmetic_stays_in_one_currency() -> None:
    assert Money(Decimal("1.10"), "USD") + Money(Decimal("2.20"), "USD") == Money(Decimal("3.30"), "USD")
    assert Money(Decimal("1.10"), "USD") * 3 == Money(Decimal("3.30"), "USD")
    assert -Money(Decimal(1), "USD") < zero("USD") <= zero("USD")
    with pytest.raises(ValueError, match="cannot combine USD with EUR"):
        Money(Decimal(1), "USD") + Money(Decimal(1), "EUR")
    with pytest.raises(ValueError, match="cannot combine USD with EUR"):
        TaxedMoney(Decimal(1), Decimal(1), "USD") + TaxedMoney(Decimal(1), Decimal(1), "EUR")


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1234.5", "USD", "$1,234.50"),
        ("-3", "EUR", "-€3.00"),
        ("500", "JPY", "¥500"),
        ("1.5", "KWD", "1.500 KWD"),
        ("0", "USD", "$0.00"),
    ],
)
def test_display_is_what_people_read(amount: str, currency: str, text: str) -> None:
    assert display(Decimal(amount), currency) == text
