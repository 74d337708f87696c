"""Keeps the lowest and highest price of a product beside its listing, so that lists sort and filter by one index."""

from collections.abc import Sequence

from sqlalchemy import Integer, and_, any_, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from shop.catalogue.models import Variant
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
_prices = (
    select(
        _kept.id,
        func.min(VariantListing.price_amount).label("minimum"),
        func.max(VariantListing.price_amount).label("maximum"),
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
_REFRESH = (
    update(ProductListing)
    .where(
        ProductListing.id == _prices.c.id,
        or_(
            ProductListing.minimum_price_amount.is_distinct_from(_prices.c.minimum),
            ProductListing.maximum_price_amount.is_distinct_from(_prices.c.maximum),
        ),
    )
    .values(minimum_price_amount=_prices.c.minimum, maximum_price_amount=_prices.c.maximum)
)


async def refresh_listings(session: AsyncSession, product_ids: Sequence[int]) -> None:
    """The listings of these products hold the lowest and highest price of their variants, null where none is sold.

    Call it last in every unit that changed prices or variants. Locks: the products' listings, by id.
    """
    ids = sorted(set(product_ids))
    # Before the prices are read: of two units that change prices of one product, the later one sees both.
    await session.execute(_LOCK, {"ids": ids})
    await session.execute(_REFRESH, {"ids": ids}, execution_options={"synchronize_session": False})
