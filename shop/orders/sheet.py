"""What stands on an invoice, as values; how it looks is the PDF's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """A line of the bill. Units: `tax_rate` is a fraction."""

    name: str
    quantity: int
    unit_net: Decimal
    tax_rate: Decimal
    net: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class TaxShare:
    """What is taxed at one rate. Units: `rate` is a fraction."""

    rate: Decimal
    net: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that stands on an invoice. Shapes: addresses are their lines, from the name downwards."""

    number: str
    issued: date
    order_number: int
    ordered: date
    currency: str
    shop_name: str
    seller: Sequence[str]
    vat_number: str
    buyer: Sequence[str]
    lines: Sequence[InvoiceLine]
    taxes: Sequence[TaxShare]
    net: Decimal
    gross: Decimal
    paid: Decimal
    refunded: Decimal
