"""What products and variants cost in a channel, as a shopper there sees it.

Promotions lower prices and are told beside the undiscounted ones; prior prices, from before a permanent reduction, are
only shown.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

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


Price = Callable[[Decimal, int | None], TaxedMoney]


async def pricer(context: Context, channel: TaxedChannel, country: str | None) -> Price:
    """A function from an amount and its tax class to the price in the channel, taxed as in the country."""
    where = country or channel.default_country
    rates = await rates_in(context, where) if channel.charge_taxes else {}
    known: dict[int | None, Decimal] = {}

    def price(amount: Decimal, tax_class_id: int | None) -> TaxedMoney:
        rate = known.get(tax_class_id)
        if rate is None:
            rate = known[tax_class_id] = rate_for(rates, tax_class_id, where, charge_taxes=channel.charge_taxes)
        return _priced(amount, rate, channel.prices_entered_with_tax, channel.currency)

    return price


@lru_cache(maxsize=4096)
def _priced(amount: Decimal, rate: Decimal, entered_with_tax: bool, currency: str) -> TaxedMoney:
    """Prices of one amount and rate are one object, which nobody changes: a shop has few different ones."""
    return taxed_money(taxed(amount, rate, entered_with_tax=entered_with_tax, currency=currency))


async def product_prices(
    context: Context, parents: list[Any], country: str | None, selection: Selection
) -> list[ProductPricingInfo | None]:
    """What products cost in the channels in which they were read; None without a channel or a listing there."""
    found: dict[tuple[int, int], ProductPricingInfo] = {}
    wants_prior = "priceRangePrior" in selection or "discountPrior" in selection
    for channel, group in by_channel(parents):
        price = await pricer(context, channel, country)
        params = {"ids": sorted({parent.pk for parent in group}), "channel_id": channel.id}
        priors: Mapping[int, Any] = {}
        if wants_prior:
            priors = {row["product_id"]: row for row in await context.rows(queries.PRIOR_PRICES, **params)}
        rows = read_ahead(group, "prices")
        if rows is None:
            rows = {row["product_id"]: row for row in await context.rows(queries.PRODUCT_PRICES, **params)}
        # Products that cost the same share one object, which nobody changes.
        shared: dict[tuple[Decimal | int | None, ...], ProductPricingInfo] = {}
        for key, row in rows.items():
            prior = priors.get(key)
            if prior is not None:
                found[key, channel.id] = _product_price(row, prior, price, channel)
                continue
            same = (
                row["minimum_price_amount"],
                row["maximum_price_amount"],
                row["undiscounted_minimum_amount"],
                row["undiscounted_maximum_amount"],
                row["price_tax_class_id"],
            )
            info = shared.get(same)
            if info is None:
                info = shared[same] = _product_price(row, None, price, channel)
            found[key, channel.id] = info
    return [
        found.get((parent.pk, parent.scope.channel.id)) if parent.scope and parent.scope.channel else None
        for parent in parents
    ]


def _product_price(row: Any, prior: Any, price: Price, channel: TaxedChannel) -> ProductPricingInfo:
    lowest, highest, tax_class = row["minimum_price_amount"], row["maximum_price_amount"], row["price_tax_class_id"]
    range_ = undiscounted = before = difference = discount = None
    if lowest is not None:
        range_ = undiscounted = TaxedMoneyRange(start=price(lowest, tax_class), stop=price(highest, tax_class))
        listed = row["undiscounted_minimum_amount"]
        if listed is not None:
            undiscounted = TaxedMoneyRange(
                start=price(listed, tax_class), stop=price(row["undiscounted_maximum_amount"], tax_class)
            )
            # Of the cheapest; nothing where only a dearer variant is on sale.
            discount = price(listed - lowest, tax_class) if listed > lowest else None
        if prior is not None and prior["is_reduced"]:
            before = TaxedMoneyRange(start=price(prior["minimum"], tax_class), stop=price(prior["maximum"], tax_class))
            if prior["minimum"] > lowest:
                difference = price(prior["minimum"] - lowest, tax_class)
    return ProductPricingInfo(
        on_sale=range_ is not undiscounted,
        discount=discount,
        discount_prior=difference,
        display_gross_prices=channel.display_gross_prices,
        price_range=range_,
        price_range_undiscounted=undiscounted,
        price_range_prior=before,
    )


def _variant_price(row: Any, price: Price) -> VariantPricingInfo:
    listed, amount, prior, tax_class = (
        row["price_amount"],
        row["sold_at_amount"],
        row["prior_price_amount"],
        row["tax_class_id"],
    )
    return VariantPricingInfo(
        on_sale=amount < listed,
        discount=price(listed - amount, tax_class) if amount < listed else None,
        discount_prior=price(prior - amount, tax_class) if prior is not None and prior > amount else None,
        price=price(amount, tax_class),
        price_undiscounted=price(listed, tax_class),
        price_prior=None if prior is None else price(prior, tax_class),
    )


async def variant_prices(context: Context, parents: list[Any], country: str | None) -> list[VariantPricingInfo | None]:
    """What variants cost in the channels in which they were read; None where they have no price."""
    found: dict[tuple[int, int], VariantPricingInfo] = {}
    for channel, group in by_channel(parents):
        price = await pricer(context, channel, country)
        rows = read_ahead(group, "prices")
        if rows is None:
            ids = sorted({parent.pk for parent in group})
            records = await context.rows(queries.VARIANT_PRICES, ids=ids, channel_id=channel.id)
            rows = {row["variant_id"]: row for row in records}
        shared: dict[tuple[Decimal, Decimal, Decimal | None, int | None], VariantPricingInfo] = {}
        for key, row in rows.items():
            if row["price_amount"] is None:
                continue
            same = row["price_amount"], row["sold_at_amount"], row["prior_price_amount"], row["tax_class_id"]
            info = shared.get(same)
            if info is None:
                info = shared[same] = _variant_price(row, price)
            found[key, channel.id] = info
    return [
        found.get((parent.pk, parent.scope.channel.id)) if parent.scope and parent.scope.channel else None
        for parent in parents
    ]
