"""The one place that rounds money, and how net and gross follow from a price and its tax rate."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Final

from shop.kit.money import TaxedMoney, quantum

_MOST: Final = Decimal(10) ** 11


def round_money(amount: Decimal, currency: str) -> Decimal:
    """The amount in whole minor units of the currency, half up."""
    return amount.quantize(quantum(currency), rounding=ROUND_HALF_UP)


def taxed(amount: Decimal, rate: Decimal, *, entered_with_tax: bool, currency: str) -> TaxedMoney:
    """Net and gross of a price as the owner entered it; the tax is the difference, so the three always add up.

    Units: `rate` in percent (19 for 19 %). A line's total is taxed as a whole, not unit by unit, as Saleor does with
    flat rates: three units of 0.33 at 10 % are 1.09, not 1.08.
    """
    factor = 1 + rate / 100
    if entered_with_tax:
        gross = round_money(amount, currency)
        return TaxedMoney(net=round_money(gross / factor, currency), gross=gross, currency=currency)
    net = round_money(amount, currency)
    return TaxedMoney(net=net, gross=round_money(net * factor, currency), currency=currency)


def total(parts: list[TaxedMoney], currency: str) -> TaxedMoney:
    """The sum of prices that are rounded already: nothing is rounded again."""
    result = TaxedMoney(Decimal(0), Decimal(0), currency)
    for part in parts:
        result += part
    return result


def percentage(amount: Decimal, percent: Decimal, currency: str) -> Decimal:
    """So many percent of the amount, rounded; never more than all of it."""
    return round_money(amount * min(percent, Decimal(100)) / 100, currency)


def share_out(amount: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """The amount in shares that are proportional to the weights and add up to it, to the minor unit.

    Each share is rounded down; what is left goes, one minor unit each, to where most was cut off, the earlier first. No
    share exceeds its weight as long as the amount does not exceed all of them. Units: amount and weights are rounded.
    """
    whole = sum(weights, Decimal(0))
    if whole <= 0:
        return [Decimal(0)] * len(weights)
    exact = [amount * weight / whole for weight in weights]
    unit = quantum(currency)
    shares = [share.quantize(unit, rounding=ROUND_DOWN) for share in exact]
    left = int((amount - sum(shares, Decimal(0))) / unit)
    most_cut = sorted(range(len(weights)), key=lambda place: shares[place] - exact[place])
    for place in most_cut[:left]:
        shares[place] += unit
    return shares


def fits(amount: Decimal, currency: str) -> bool:
    """Whether the amount is one of the currency, of whole minor units, and no more than a price can hold."""
    return 0 <= amount < _MOST and round_money(amount, currency) == amount
