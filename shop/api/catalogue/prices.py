"""What products and variants cost in a channel, as a shopper there sees it.

Promotions lower prices and are told beside the undiscounted ones; prior prices, from before a permanent reduction, are
only shown.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Final, TypeVar

import strawberry

from shop.api.catalogue.ahead import read_ahead
from shop.api.channels.scope import Scope, rates_in
from shop.api.core.context import Context
from shop.api.core.money import TaxedMoney, TaxedMoneyRange, taxed_money
from shop.execution import Selection
from shop.pricing import queries
from shop.pricing.rules import taxed
from shop.tax.queries import TaxedChannel
from shop.tax.rules import rate_for

T = TypeVar("T")


@strawberry.type(description="What a product costs in a channel: from its cheapest variant to its dearest.")
class ProductPricingInfo:
    on_sale: bool | None = strawberry.field(description="Whether a promotion lowers the price.")
    discount: TaxedMoney | None = strawberry.field(description="By how much a promotion lowers the price.")
    discount_prior: TaxedMoney | None = strawberry.field(
        description="By how much the lowest price is below the lowest one from before a permanent reduction."
    )
    display_gross_prices: bool = strawberry.field(description="Whether shoppers of the channel are shown gross prices.")
    price_range: TaxedMoneyRange | None = strawberry.field(description="What the variants cost.")
    price_range_undiscounted: TaxedMoneyRange | None = strawberry.field(
        description="What the variants cost without promotions."
    )
    price_range_prior: TaxedMoneyRange | None = strawberry.field(
        description="What the variants cost before permanent reductions; null where nothing was reduced."
    )


@strawberry.type(description="What a variant costs in a channel.")
class VariantPricingInfo:
    on_sale: bool | None = strawberry.field(description="Whether a promotion lowers the price.")
    discount: TaxedMoney | None = strawberry.field(description="By how much a promotion lowers the price.")
    discount_prior: TaxedMoney | None = strawberry.field(
        description="By how much the price is below the one from before a permanent reduction."
    )
    price: TaxedMoney | None = strawberry.field(description="What a shopper pays for one.")
    price_undiscounted: TaxedMoney | None = strawberry.field(description="What one costs without promotions.")
    price_prior: TaxedMoney | None = strawberry.field(
        description="What one cost before a permanent reduction; null where it was not reduced."
    )


def by_channel(parents: Iterable[T]) -> list[tuple[TaxedChannel, list[T]]]:
    """The parents by the channel in which they were read (one, nearly always); those without one are left out."""
    parents = list(parents)
    first: Scope | None = getattr(parents[0], "scope", None) if parents else None
    if (
        first is not None
        and first.channel is not None
        and all(getattr(each, "scope", None) is first for each in parents)
    ):
        return [(first.channel, parents)]
    groups: dict[int, list[T]] = defaultdict(list)
    channels: dict[int, TaxedChannel] = {}
    for parent in parents:
        scope: Scope | None = getattr(parent, "scope", None)
        if scope is not None and scope.channel is not None:
            channels[scope.channel.id] = scope.channel
            groups[scope.channel.id].append(parent)
    return [(channels[key], group) for key, group in groups.items()]


Rate = Callable[[int | None], Decimal]


async def rates_of(context: Context, channel: TaxedChannel, country: str | None) -> Rate:
    """From a tax class to what it adds in the channel, taxed as in the country."""
    where = country or channel.default_country
    rates = await rates_in(context, where) if channel.charge_taxes else {}
    return cache(lambda tax_class_id: rate_for(rates, tax_class_id, where, charge_taxes=channel.charge_taxes))


# Prices of the same amounts and rate are one object for all requests, which nobody changes: a shop has few different
# ones, and looking one up costs a tenth of making it.
_shared: Final = lru_cache(maxsize=4096)


@_shared
def _priced(amount: Decimal, rate: Decimal, entered_with_tax: bool, currency: str) -> TaxedMoney:
    return taxed_money(taxed(amount, rate, entered_with_tax=entered_with_tax, currency=currency))


async def product_prices(
    context: Context, parents: list[Any], country: str | None, selection: Selection
) -> list[ProductPricingInfo | None]:
    """What products cost in the channels in which they were read; None without a channel or a listing there."""
    found: dict[int, ProductPricingInfo] = {}
    wants_prior = "priceRangePrior" in selection or "discountPrior" in selection
    for channel, group in by_channel(parents):
        rate = await rates_of(context, channel, country)
        params = {"ids": sorted({parent.pk for parent in group}), "channel_id": channel.id}
        priors: Mapping[int, Any] = {}
        if wants_prior:
            priors = {row["product_id"]: row for row in await context.rows(queries.PRIOR_PRICES, **params)}
        rows = read_ahead(group, "prices")
        if rows is None:
            rows = {row["product_id"]: row for row in await context.rows(queries.PRODUCT_PRICES, **params)}
        for parent in group:
            row, prior = rows.get(parent.pk), priors.get(parent.pk)
            if row is not None:
                found[id(parent)] = _product_price(
                    row["minimum_price_amount"],
                    row["maximum_price_amount"],
                    row["undiscounted_minimum_amount"],
                    row["undiscounted_maximum_amount"],
                    (prior["minimum"], prior["maximum"]) if prior is not None and prior["is_reduced"] else None,
                    rate(row["price_tax_class_id"]),
                    channel.prices_entered_with_tax,
                    channel.currency,
                    channel.display_gross_prices,
                )
    return [found.get(id(parent)) for parent in parents]


@_shared
def _product_price(
    lowest: Decimal | None,
    highest: Decimal,
    listed_lowest: Decimal | None,
    listed_highest: Decimal,
    prior: tuple[Decimal, Decimal] | None,
    rate: Decimal,
    entered_with_tax: bool,
    currency: str,
    display_gross: bool,
) -> ProductPricingInfo:
    """Without `lowest` it has no price, without `listed_lowest` no promotion; `prior`, where something was reduced."""

    def price(amount: Decimal) -> TaxedMoney:
        return _priced(amount, rate, entered_with_tax, currency)

    range_ = undiscounted = before = difference = discount = None
    if lowest is not None:
        range_ = undiscounted = TaxedMoneyRange(start=price(lowest), stop=price(highest))
        if listed_lowest is not None:
            undiscounted = TaxedMoneyRange(start=price(listed_lowest), stop=price(listed_highest))
            # Of the cheapest; nothing where only a dearer variant is on sale.
            discount = price(listed_lowest - lowest) if listed_lowest > lowest else None
        if prior is not None:
            before = TaxedMoneyRange(start=price(prior[0]), stop=price(prior[1]))
            difference = price(prior[0] - lowest) if prior[0] > lowest else None
    return ProductPricingInfo(
        on_sale=range_ is not undiscounted,
        discount=discount,
        discount_prior=difference,
        display_gross_prices=display_gross,
        price_range=range_,
        price_range_undiscounted=undiscounted,
        price_range_prior=before,
    )


async def variant_prices(context: Context, parents: list[Any], country: str | None) -> list[VariantPricingInfo | None]:
    """What variants cost in the channels in which they were read; None where they have no price."""
    found: dict[int, VariantPricingInfo] = {}
    for channel, group in by_channel(parents):
        rate = await rates_of(context, channel, country)
        rows = read_ahead(group, "prices")
        if rows is None:
            ids = sorted({parent.pk for parent in group})
            records = await context.rows(queries.VARIANT_PRICES, ids=ids, channel_id=channel.id)
            rows = {row["variant_id"]: row for row in records}
        for parent in group:
            row = rows.get(parent.pk)
            if row is not None and row["price_amount"] is not None:
                found[id(parent)] = _variant_price(
                    row["price_amount"],
                    row["sold_at_amount"],
                    row["prior_price_amount"],
                    rate(row["tax_class_id"]),
                    channel.prices_entered_with_tax,
                    channel.currency,
                )
    return [found.get(id(parent)) for parent in parents]


@_shared
def _variant_price(
    listed: Decimal, amount: Decimal, prior: Decimal | None, rate: Decimal, entered_with_tax: bool, currency: str
) -> VariantPricingInfo:
    def price(amount: Decimal) -> TaxedMoney:
        return _priced(amount, rate, entered_with_tax, currency)

    return VariantPricingInfo(
        on_sale=amount < listed,
        discount=price(listed - amount) if amount < listed else None,
        discount_prior=price(prior - amount) if prior is not None and prior > amount else None,
        price=price(amount),
        price_undiscounted=price(listed),
        price_prior=None if prior is None else price(prior),
    )
