"""Keeps the lowest and highest price of a product beside its listing, so that lists sort and filter by one index.

And writes down what promotions make of prices, which the slice of discounts decides.
"""

import uuid
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Final

from sqlalchemy import Integer, Numeric, Uuid, and_, any_, bindparam, case, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from shop.catalogue.events import ProductsChanged
from shop.catalogue.models import Variant
from shop.kit.events import publish
from shop.pricing.events import PricesChanged
from shop.pricing.models import ProductListing, VariantListing

_IDS = bindparam("ids", type_=ARRAY(Integer))

_LOCK = (
    select(ProductListing.id)
    .where(ProductListing.product_id == any_(_IDS))
    .order_by(ProductListing.id)
    .with_for_update()
)
_kept = aliased(ProductListing)
# One pass over the prices for all products at once: a subquery a listing takes minutes where there are thousands.
_is_discounted = func.coalesce(func.bool_or(VariantListing.sold_at_amount < VariantListing.price_amount), False)
_prices = (
    select(
        _kept.id,
        func.min(VariantListing.sold_at_amount).label("minimum"),
        func.max(VariantListing.sold_at_amount).label("maximum"),
        case((_is_discounted, func.min(VariantListing.price_amount))).label("undiscounted_minimum"),
        case((_is_discounted, func.max(VariantListing.price_amount))).label("undiscounted_maximum"),
    )
    .outerjoin(Variant, Variant.product_id == _kept.product_id)
    .outerjoin(
        VariantListing,
        and_(VariantListing.variant_id == Variant.id, VariantListing.channel_id == _kept.channel_id),
    )
    .where(_kept.product_id == any_(_IDS))
    .group_by(_kept.id)
    .subquery()
)
_KEPT: Final = {
    ProductListing.minimum_price_amount: _prices.c.minimum,
    ProductListing.maximum_price_amount: _prices.c.maximum,
    ProductListing.undiscounted_minimum_amount: _prices.c.undiscounted_minimum,
    ProductListing.undiscounted_maximum_amount: _prices.c.undiscounted_maximum,
}
_REFRESH = (
    update(ProductListing)
    .where(
        ProductListing.id == _prices.c.id,
        or_(*(column.is_distinct_from(value) for column, value in _KEPT.items())),
    )
    .values(_KEPT)
    .execution_options(synchronize_session=False)
)

_new = (
    func.unnest(
        bindparam("listing_ids", type_=ARRAY(Integer)),
        bindparam("amounts", type_=ARRAY(Numeric(14, 3))),
        bindparam("rule_ids", type_=ARRAY(Uuid())),
    )
    .table_valued("id", "amount", "rule_id", name="new")
    .render_derived()
)
_priced = aliased(VariantListing)
# The listings of the products with what promotions make of them now, null where none does.
_now = (
    select(_priced.id, _new.c.amount, _new.c.rule_id)
    .outerjoin(_new, _new.c.id == _priced.id)
    .where(_priced.product_id == any_(_IDS))
    .subquery()
)
_DISCOUNT = (
    update(VariantListing)
    .where(
        VariantListing.id == _now.c.id,
        or_(
            VariantListing.discounted_price_amount.is_distinct_from(_now.c.amount),
            VariantListing.discount_rule_id.is_distinct_from(_now.c.rule_id),
        ),
    )
    .values(discounted_price_amount=_now.c.amount, discount_rule_id=_now.c.rule_id)
    .execution_options(synchronize_session=False)
)


async def lock_listings(session: AsyncSession, product_ids: Collection[int]) -> None:
    """Nobody else changes what these products' listings keep until the unit ends. Locks: the listings, by id."""
    await session.execute(_LOCK, {"ids": sorted(set(product_ids))})


async def refresh_listings(session: AsyncSession, product_ids: Collection[int]) -> None:
    """The listings of these products hold the lowest and highest price of their variants, null where none is sold.

    Call it last in every unit that changed prices or variants. Locks: the products' listings, by id.
    """
    ids = sorted(set(product_ids))
    # Before the prices are read: of two units that change prices of one product, the later one sees both.
    await lock_listings(session, ids)
    await publish(session, PricesChanged(tuple(ids)))
    await session.execute(_REFRESH, {"ids": ids})


async def discount_listings(
    session: AsyncSession, product_ids: Collection[int], discounted: Mapping[int, tuple[Decimal, uuid.UUID]]
) -> None:
    """Of these products' variants, those whose listing is given are sold at that amount by that rule, the others at
    their price; and the products are listed by it. The caller has locked the listings.
    """
    ids = sorted(set(product_ids))
    await session.execute(
        _DISCOUNT,
        {
            "ids": ids,
            "listing_ids": list(discounted),
            "amounts": [amount for amount, _ in discounted.values()],
            "rule_ids": [rule_id for _, rule_id in discounted.values()],
        },
    )
    await session.execute(_REFRESH, {"ids": ids})


async def products_changed(session: AsyncSession, event: ProductsChanged) -> None:
    """The products are listed by the prices of the variants that they have now, and by what promotions make of them."""
    await refresh_listings(session, event.product_ids)
