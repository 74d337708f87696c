"""Which methods are offered."""

from dataclasses import replace
from decimal import Decimal

import pytest

from shop.shipping.rules import Terms, applies

BY_PRICE = Terms("Parcel", "PRICE", Decimal(5), Decimal(10), Decimal(100), None, None, reaches=True)
BY_WEIGHT = Terms("Freight", "WEIGHT", Decimal(5), None, None, Decimal(2), Decimal("2.5"), reaches=True)


@pytest.mark.parametrize(
    ("subtotal", "offered"), [("9.99", False), ("10", True), ("50", True), ("100.00", True), ("100.01", False)]
)
def test_limits_of_the_price_include_both_ends(subtotal: str, offered: bool) -> None:
    assert applies(BY_PRICE, subtotal=Decimal(subtotal), weight_kg=Decimal(1000)) is offered


@pytest.mark.parametrize(("weight", "offered"), [("1.9", False), ("2", True), ("2.5", True), ("2.501", False)])
def test_a_method_by_weight_does_not_ask_for_the_price(weight: str, offered: bool) -> None:
    assert applies(BY_WEIGHT, subtotal=Decimal(0), weight_kg=Decimal(weight)) is offered


def test_without_limits_everything_fits_where_the_zone_reaches() -> None:
    open_terms = replace(BY_PRICE, minimum_order_amount=None, maximum_order_amount=None)
    assert applies(open_terms, subtotal=Decimal(0), weight_kg=Decimal(0))
    assert not applies(replace(open_terms, reaches=False), subtotal=Decimal(0), weight_kg=Decimal(0))
