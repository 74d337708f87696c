"""Keeps the lowest and highest price of a product beside its listing, so that lists sort and filter by one index."""

from collections.abc import Sequence

from sqlalchemy import Integer, any_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from shop.catalogue.models import Variant
from shop.pricing.models import ProductListing, VariantListing

_IDS = bindparam("ids", type_=ARRAY(Integer))

_LOCK = (
    select(ProductListing.id)
    .where(ProductListing.product_id == any_(_IDS))
    .order_by(ProductListing.id)
    .with_for_update()
)
_prices = (
    select(
        func.min(VariantListing.price_amount).label("minimum"), func.max(VariantListing.price_amount).label("maximum")
    )
    .join(Variant, Variant.id == VariantListing.variant_id)
    .where(
        Variant.product_id == ProductListing.product_id,
        VariantListing.channel_id == ProductListing.channel_id,
    )
    .correlate(ProductListing)
)
_minimum = _prices.with_only_columns(func.min(VariantListing.price_amount)).scalar_subquery()
_maximum = _prices.with_only_columns(func.max(VariantListing.price_amount)).scalar_subquery()
_REFRESH = (
    update(ProductListing)
    .where(ProductListing.product_id == any_(_IDS))
    .values(minimum_price_amount=_minimum, maximum_price_amount=_maximum)
)


async def refresh_listings(session: AsyncSession, product_ids: Sequence[int]) -> None:
    """The listings of these products hold the lowest and highest price of their variants, null where none is sold.

    Call it last in every unit that changed prices or variants. Locks: the products' listings, by id.
    """
    ids = sorted(set(product_ids))
    # Before the prices are read: of two units that change prices of one product, the later one sees both.
    await session.execute(_LOCK, {"ids": ids})
    await session.execute(_REFRESH, {"ids": ids}, execution_options={"synchronize_session": False})
