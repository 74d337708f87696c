"""Amounts as the API shows them. They are built from decimals that pricing rounded; nothing is computed here."""

from decimal import Decimal

import strawberry

from shop.api.core.fields import computed
from shop.kit import money as kit


@strawberry.type(description="An amount of money in a currency.")
class Money:
    currency: str = strawberry.field(description="ISO 4217 code.")
    amount: float = strawberry.field(description="The amount, in whole units of the currency with its decimals.")

    @computed(description="The amount in the currency's smallest unit, such as cents.")
    def fractional_amount(self) -> int:
        return round(self.amount / float(kit.quantum(self.currency)))

    @computed(description="How many decimal places the currency has.")
    def fraction_digits(self) -> int:
        return kit.exponent(self.currency)


@strawberry.type(description="A price without and with its tax.")
class TaxedMoney:
    currency: str = strawberry.field(description="ISO 4217 code.")
    gross: Money = strawberry.field(description="With tax.")
    net: Money = strawberry.field(description="Without tax.")
    tax: Money = strawberry.field(description="The difference of the two.")


@strawberry.type(description="The lowest and the highest of several amounts.")
class MoneyRange:
    start: Money | None = strawberry.field(description="The lowest.")
    stop: Money | None = strawberry.field(description="The highest.")


@strawberry.type(description="The lowest and the highest of several prices.")
class TaxedMoneyRange:
    start: TaxedMoney | None = strawberry.field(description="The lowest.")
    stop: TaxedMoney | None = strawberry.field(description="The highest.")


def money(amount: Decimal, currency: str) -> Money:
    """The amount as the API shows it: a JSON number."""
    return Money(currency=currency, amount=float(amount))


def taxed_money(price: kit.TaxedMoney) -> TaxedMoney:
    """The price as the API shows it."""
    currency = price.currency
    return TaxedMoney(
        currency=currency,
        gross=money(price.gross, currency),
        net=money(price.net, currency),
        tax=money(price.tax, currency),
    )
