"""What products and variants cost in a channel, as a shopper there sees it.

There are no reductions yet: undiscounted prices are the prices, and nothing is on sale.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, TypeVar

import strawberry

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
    """A function from an amount and its tax class to the price in the channel, taxed as in the country.

    Prices of one amount and rate are one object: a list has few different ones.
    """
    where = country or channel.default_country
    rates = await rates_in(context, where) if channel.charge_taxes else {}
    made: dict[tuple[Decimal, Decimal], TaxedMoney] = {}

    def price(amount: Decimal, tax_class_id: int | None) -> TaxedMoney:
        rate = rate_for(rates, tax_class_id, where, charge_taxes=channel.charge_taxes)
        key = amount, rate
        if key not in made:
            made[key] = taxed_money(
                taxed(
                    amount,
                    rate,
                    entered_with_tax=channel.prices_entered_with_tax,
                    currency=channel.currency,
                )
            )
        return made[key]

    return price


async def product_prices(
    context: Context, parents: list[Any], country: str | None, selection: Selection
) -> list[ProductPricingInfo | None]:
    """What products cost in the channels in which they were read; None without a channel or a listing there."""
    found: dict[tuple[int, int], ProductPricingInfo] = {}
    wants_prior = "priceRangePrior" in selection or "discountPrior" in selection
    for channel, group in by_channel(parents):
        price = await pricer(context, channel, country)
        params = {"ids": sorted({parent.pk for parent in group}), "channel_id": channel.id}
        priors = {}
        if wants_prior:
            priors = {row["product_id"]: row for row in await context.rows(queries.PRIOR_PRICES, **params)}
        for row in await context.rows(queries.PRODUCT_PRICES, **params):
            key = row["product_id"]
            found[key, channel.id] = _product_price(row, priors.get(key), price, channel)
    return [
        found.get((parent.pk, parent.scope.channel.id)) if parent.scope and parent.scope.channel else None
        for parent in parents
    ]


def _product_price(row: Any, prior: Any, price: Price, channel: TaxedChannel) -> ProductPricingInfo:
    lowest, highest, tax_class = row["minimum_price_amount"], row["maximum_price_amount"], row["tax_class_id"]
    range_ = before = difference = None
    if lowest is not None:
        range_ = TaxedMoneyRange(start=price(lowest, tax_class), stop=price(highest, tax_class))
        if prior is not None and prior["is_reduced"]:
            before = TaxedMoneyRange(start=price(prior["minimum"], tax_class), stop=price(prior["maximum"], tax_class))
            if prior["minimum"] > lowest:
                difference = price(prior["minimum"] - lowest, tax_class)
    return ProductPricingInfo(
        on_sale=False,
        discount=None,
        discount_prior=difference,
        display_gross_prices=channel.display_gross_prices,
        price_range=range_,
        price_range_undiscounted=range_,
        price_range_prior=before,
    )


async def variant_prices(context: Context, parents: list[Any], country: str | None) -> list[VariantPricingInfo | None]:
    """What variants cost in the channels in which they were read; None where they have no price."""
    found: dict[tuple[int, int], VariantPricingInfo] = {}
    for channel, group in by_channel(parents):
        price = await pricer(context, channel, country)
        ids = sorted({parent.pk for parent in group})
        for row in await context.rows(queries.VARIANT_PRICES, ids=ids, channel_id=channel.id):
            amount, prior, tax_class = row["price_amount"], row["prior_price_amount"], row["tax_class_id"]
            reduced = prior is not None and prior > amount
            current = price(amount, tax_class)
            found[row["variant_id"], channel.id] = VariantPricingInfo(
                on_sale=False,
                discount=None,
                discount_prior=price(prior - amount, tax_class) if reduced else None,
                price=current,
                price_undiscounted=current,
                price_prior=None if prior is None else price(prior, tax_class),
            )
    return [
        found.get((parent.pk, parent.scope.channel.id)) if parent.scope and parent.scope.channel else None
        for parent in parents
    ]
