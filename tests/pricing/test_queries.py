"""What a cart and a product page read of prices, and the range that is kept beside a product's listing."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.db import Database
from shop.pricing import queries
from shop.pricing.actions import refresh_listings
from shop.pricing.models import ProductListing, VariantListing
from tests import factories as make

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = datetime(2027, 1, 1, tzinfo=UTC)


async def test_the_price_range_of_a_product_follows_its_variants(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        usd, eur = await make.channel(session), await make.channel(session, currency="EUR", country="DE")
        product = await make.product(session, usd, eur)
        cheap = await make.variant(session, usd, product=product, price="9.50")
        await make.variant(session, usd, product=product, price="12.00")

        async def ranges() -> dict[int, tuple[Decimal | None, Decimal | None]]:
            rows = await session.execute(
                select(
                    ProductListing.channel_id, ProductListing.minimum_price_amount, ProductListing.maximum_price_amount
                ).where(ProductListing.product_id == product.id)
            )
            return {row[0]: (row[1], row[2]) for row in rows}

        assert await ranges() == {usd.id: (Decimal("9.5"), Decimal(12)), eur.id: (None, None)}
        await session.execute(
            update(VariantListing).where(VariantListing.variant_id == cheap.id).values(price_amount=Decimal("99.99"))
        )
        await refresh_listings(session, [product.id, product.id])
        assert await ranges() == {usd.id: (Decimal(12), Decimal("99.99")), eur.id: (None, None)}

    await database.run(work)


@pytest.mark.parametrize(
    ("columns", "is_published", "is_for_sale"),
    [
        ({}, True, True),
        ({"is_published": False}, False, True),
        ({"published_at": LATER}, False, True),
        ({"published_at": None}, True, True),
        ({"available_for_purchase_at": None}, True, False),
        ({"available_for_purchase_at": LATER}, True, False),
    ],
)
async def test_a_cart_knows_whether_a_variant_may_be_bought(
    database: Database, columns: dict[str, object], is_published: bool, is_for_sale: bool
) -> None:
    async def work(session: AsyncSession) -> tuple[int, int]:
        channel = await make.channel(session)
        other = await make.channel(session, currency="EUR")
        tax_class = await make.tax_class(session)
        kind = await make.product_type(session, tax_class=tax_class, is_shipping_required=False)
        product = await make.product(session, channel, type=kind, **columns)  # type: ignore[arg-type]
        variant = await make.variant(session, channel, product=product, price="20.00", prior_price="25.00")
        rows = (
            await session.execute(
                queries.CART_VARIANTS, {"ids": [variant.id, 10**6], "channel_id": channel.id, "now": NOW}
            )
        ).all()
        assert [(row.variant_id, row.price_amount, row.prior_price_amount) for row in rows] == [
            (variant.id, Decimal(20), Decimal(25))
        ]
        assert (rows[0].is_published, rows[0].is_for_sale) == (is_published, is_for_sale)
        assert (rows[0].tax_class_id, rows[0].is_shipping_required) == (tax_class.id, False)
        return variant.id, other.id

    variant_id, other_id = await database.run(work)
    # The same statement through the reader; the product is not listed in the other channel.
    rows = await database.reader().rows(queries.CART_VARIANTS, ids=[variant_id], channel_id=other_id, now=NOW)
    assert [(row["price_amount"], row["is_published"], row["is_for_sale"]) for row in rows] == [(None, False, False)]
