"""Two owners change prices of one product at once: the listing ends with what both of them left."""

import asyncio
from decimal import Decimal

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.db import Database
from shop.pricing.actions import refresh_listings
from shop.pricing.models import ProductListing, VariantListing
from tests import factories as make


@pytest.mark.race
async def test_the_range_holds_after_changes_at_once(committed: Database) -> None:
    async def rows(session: AsyncSession) -> tuple[int, list[int]]:
        channel = await make.channel(session)
        product = await make.product(session, channel)
        variants = [await make.variant(session, channel, product=product, price="10", stock=None) for _ in range(8)]
        return product.id, [variant.id for variant in variants]

    product_id, variants = await committed.run(rows)

    async def change(variant_id: int, price: int) -> None:
        async def work(session: AsyncSession) -> None:
            await session.execute(
                update(VariantListing)
                .where(VariantListing.variant_id == variant_id)
                .values(price_amount=Decimal(price))
            )
            await refresh_listings(session, [product_id])

        await committed.run(work)

    # Eight owners on twenty connections.
    await asyncio.gather(*(change(variant_id, 20 + n) for n, variant_id in enumerate(variants)))

    async def read(session: AsyncSession) -> tuple[Decimal | None, Decimal | None]:
        row = (await session.execute(select(ProductListing))).scalar_one()
        return row.minimum_price_amount, row.maximum_price_amount

    assert await committed.run(read) == (Decimal(20), Decimal(27))
