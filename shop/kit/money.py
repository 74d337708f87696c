"""Amounts of money. Decimal inside; minor units exist only in `payments/stripe`; rounding only in `pricing.rules`."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

ZERO: Final = Decimal(0)

# ISO 4217 currencies whose minor unit is not a hundredth. Source: ISO 4217, list one.
_EXPONENTS: Final = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"), 0
    ),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
_SIGNS: Final = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def exponent(currency: str) -> int:
    """How many decimal places the currency has."""
    return _EXPONENTS.get(currency, 2)


def quantum(currency: str) -> Decimal:
    """The smallest amount of the currency: 0.01 for USD, 1 for JPY, 0.001 for KWD."""
    return Decimal(1).scaleb(-exponent(currency))


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency. Arithmetic between currencies is an error; nothing rounds by itself."""

    amount: Decimal
    currency: str

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __mul__(self, factor: int) -> "Money":
        return Money(self.amount * factor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount < other.amount

    def __le__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount <= other.amount

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        return display(self.amount, self.currency)

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"cannot combine {self.currency} with {other.currency}")


@dataclass(frozen=True, slots=True)
class TaxedMoney:
    """A price without and with its tax."""

    net: Decimal
    gross: Decimal
    currency: str

    @property
    def tax(self) -> Decimal:
        """The tax inside the gross amount."""
        return self.gross - self.net

    def __add__(self, other: "TaxedMoney") -> "TaxedMoney":
        if self.currency != other.currency:
            raise ValueError(f"cannot combine {self.currency} with {other.currency}")
        return TaxedMoney(self.net + other.net, self.gross + other.gross, self.currency)


def zero(currency: str) -> Money:
    """No money, in a currency."""
    return Money(ZERO, currency)


def display(amount: Decimal | float, currency: str) -> str:
    """The amount as people in English read it: `$1,234.50`, `¥500`, `12.00 CHF`."""
    text = f"{Decimal(str(amount)):,.{exponent(currency)}f}"
    sign = _SIGNS.get(currency)
    if sign is None:
        return f"{text} {currency}"
    return f"-{sign}{text[1:]}" if text.startswith("-") else f"{sign}{text}"
