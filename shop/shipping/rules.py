"""Which ways of sending an order may be offered; decided from values alone."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """When a method is offered in a channel, and for how much.

    Shapes: the fields are the columns that `queries.TERMS_COLUMNS` selects, in their order.
    """

    name: str
    type: str
    price_amount: Decimal
    minimum_order_amount: Decimal | None
    maximum_order_amount: Decimal | None
    minimum_weight_kg: Decimal | None
    maximum_weight_kg: Decimal | None
    # Its zone serves the channel and holds the country.
    reaches: bool


def applies(terms: Terms, *, subtotal: Decimal, weight_kg: Decimal) -> bool:
    """Whether the method is offered for goods of this price and weight; both ends of a limit are included.

    Units: `subtotal` as prices are entered in the channel, with or without tax; `weight_kg` of what is sent.
    """
    if not terms.reaches:
        return False
    if terms.type == "WEIGHT":
        return _within(weight_kg, terms.minimum_weight_kg, terms.maximum_weight_kg)
    return _within(subtotal, terms.minimum_order_amount, terms.maximum_order_amount)


def _within(value: Decimal, low: Decimal | None, high: Decimal | None) -> bool:
    return (low is None or low <= value) and (high is None or value <= high)
