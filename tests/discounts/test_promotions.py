"""Promotions on prices: written when they are made, begin or end, when prices change, and by the sweep."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop import wiring
from shop.catalogue.models import CollectionProduct, Variant
from shop.channels.models import Channel
from shop.checkout.queries import of, priced
from shop.discounts import flows
from shop.discounts.actions import delete_promotion, reprice
from shop.discounts.queries import promotions_due
from shop.kit import clock
from shop.kit.db import Database
from shop.kit.errors import Invalid
from shop.pricing.actions import refresh_listings
from shop.pricing.models import VariantListing
from tests import factories as make

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def wired() -> None:
    """Prices that change are told to discounts, as in every process that works."""
    wiring.connect()


async def sold_at(session: AsyncSession, *variants: Variant) -> list[str]:
    rows = await session.execute(
        text("SELECT variant_id, sold_at_amount::text FROM pricing_variant_listing WHERE variant_id = ANY(:ids)"),
        {"ids": [variant.id for variant in variants]},
    )
    found = {row[0]: row[1] for row in rows}
    return [found[variant.id] for variant in variants]


async def listed(session: AsyncSession, variant: Variant) -> tuple[Any, ...]:
    rows = await session.execute(
        text(
            "SELECT minimum_price_amount::text, maximum_price_amount::text, undiscounted_minimum_amount::text, "
            "undiscounted_maximum_amount::text FROM pricing_product_listing WHERE product_id = :id"
        ),
        {"id": variant.product_id},
    )
    return tuple(rows.one())


async def test_a_promotion_lowers_prices_and_goes_without_a_trace(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        product = await make.product(session, channel)
        cheap = await make.variant(session, channel, product=product, price="20.00")
        dear = await make.variant(session, channel, product=product, price="33.33")
        other = await make.variant(session, channel, price="20.00")
        key = await make.promotion(session, channel, value="33.33", variant_ids=[dear.id])
        assert await sold_at(session, cheap, dear, other) == ["20.000", "22.220", "20.000"]
        assert await listed(session, cheap) == ("20.000", "22.220", "20.000", "33.330")
        assert await listed(session, other) == ("20.000", "20.000", None, None)
        await delete_promotion(session, key, now=clock.now())
        assert await sold_at(session, cheap, dear, other) == ["20.000", "33.330", "20.000"]
        assert await listed(session, cheap) == ("20.000", "33.330", None, None)

    await database.run(work)


async def test_the_rule_that_saves_most_wins_and_rules_never_add_up(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        above = await make.category(session)
        below = await make.category(session, parent=above)
        product = await make.product(session, channel, category=below)
        variant = await make.variant(session, channel, product=product, price="50.00")
        await make.collection(session, channel, products=(product,))
        await make.promotion(session, channel, value="10", category_ids=[above.id])
        assert await sold_at(session, variant) == ["45.000"]
        await make.promotion(session, channel, value="7.50", value_type="FIXED", product_ids=[product.id])
        assert await sold_at(session, variant) == ["42.500"]
        await make.promotion(session, channel, value="5", variant_ids=[variant.id])
        assert await sold_at(session, variant) == ["42.500"]
        # Cheaper than free there is nothing.
        await make.promotion(session, channel, value="80", value_type="FIXED", variant_ids=[variant.id])
        assert await sold_at(session, variant) == ["0.000"]

    await database.run(work)


async def test_each_channel_has_its_own_and_its_own_currency_s_rounding(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        yen = await make.channel(session, currency="JPY", country="JP")
        dinars = await make.channel(session, currency="KWD", country="KW")
        variant = await make.variant(session, yen, dinars, price="1.005")
        await session.execute(
            update(VariantListing).where(VariantListing.channel_id == yen.id).values(price_amount=Decimal(999))
        )
        await make.promotion(session, yen, value="33.33", variant_ids=[variant.id])
        rows = await session.execute(text("SELECT sold_at_amount::text FROM pricing_variant_listing ORDER BY currency"))
        assert list(rows.scalars()) == ["666.000", "1.005"]
        await make.promotion(session, dinars, value="50", variant_ids=[variant.id])
        rows = await session.execute(text("SELECT sold_at_amount::text FROM pricing_variant_listing ORDER BY currency"))
        assert list(rows.scalars()) == ["666.000", "0.502"]

    await database.run(work)


async def test_it_begins_and_ends_by_the_clock(committed: Database) -> None:
    async def fill(session: AsyncSession) -> Variant:
        channel = await make.channel(session)
        variant = await make.variant(session, channel, price="20.00")
        await make.promotion(
            session, channel, now=NOW, starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR, product_ids=[variant.product_id]
        )
        return variant

    variant = await committed.run(fill)

    async def price_after(moment: datetime) -> str:
        await flows.follow_clock(committed, now=moment)
        return (await committed.run(lambda session: sold_at(session, variant)))[0]

    assert await price_after(NOW) == "20.000"
    assert await price_after(NOW + HOUR) == "18.000"
    assert await price_after(NOW + 1.5 * HOUR) == "18.000"
    assert await price_after(NOW + 2 * HOUR) == "20.000"
    # Nothing is left to do.
    assert await committed.run(lambda session: promotions_due(session, now=NOW + 3 * HOUR)) == []


async def test_a_price_that_changes_takes_its_promotion_along(database: Database, wired: None) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        variant = await make.variant(session, channel, price="20.00")
        await make.promotion(session, channel, variant_ids=[variant.id])
        for price, after in (("40.00", "36.000"), ("10.00", "9.000")):
            listing = update(VariantListing).where(VariantListing.variant_id == variant.id)
            await session.execute(listing.values(price_amount=Decimal(price)))
            await refresh_listings(session, [variant.product_id])
            assert await sold_at(session, variant) == [after]
            assert (await listed(session, variant))[0] == after

    await database.run(work)


async def test_the_sweep_finds_what_came_into_a_collection_or_left_it(committed: Database) -> None:
    async def fill(session: AsyncSession) -> tuple[Variant, Variant, int]:
        channel = await make.channel(session)
        first, second = [await make.variant(session, channel, price="20.00") for _ in range(2)]
        collection = await make.collection(session, channel)
        session.add(CollectionProduct(collection_id=collection.id, product_id=first.product_id, sort_order=0))
        await session.flush()
        await make.promotion(session, channel, collection_ids=[collection.id])
        return first, second, collection.id

    first, second, collection_id = await committed.run(fill)
    assert await committed.run(lambda session: sold_at(session, first, second)) == ["18.000", "20.000"]
    await committed.run(
        lambda session: session.execute(
            update(CollectionProduct).values(product_id=second.product_id, collection_id=collection_id)
        )
    )
    await flows.reprice_all(committed, now=clock.now())
    assert await committed.run(lambda session: sold_at(session, first, second)) == ["20.000", "18.000"]


@pytest.mark.race
async def test_repricing_and_price_changes_at_once_agree(committed: Database, wired: None) -> None:
    """20 units at once; whichever is last, price and promotion belong together."""

    async def fill(session: AsyncSession) -> tuple[Variant, Channel]:
        channel = await make.channel(session)
        variant = await make.variant(session, channel, price="20.00")
        await make.promotion(session, channel, variant_ids=[variant.id])
        return variant, channel

    variant, _ = await committed.run(fill)

    async def change(session: AsyncSession, price: int) -> None:
        listing = update(VariantListing).where(VariantListing.variant_id == variant.id)
        await session.execute(listing.values(price_amount=Decimal(price)))
        await refresh_listings(session, [variant.product_id])

    work: list[Any] = [lambda session, price=price: change(session, price) for price in range(30, 40)]
    work += [lambda session: reprice(session, [variant.product_id], now=clock.now())] * 10
    await asyncio.gather(*(committed.run(one) for one in work))
    row = await committed.run(
        lambda session: session.execute(
            text(
                "SELECT v.price_amount, v.sold_at_amount, p.minimum_price_amount FROM pricing_variant_listing v "
                "JOIN pricing_product_listing p USING (product_id, channel_id)"
            )
        )
    )
    price, sold, minimum = row.one()
    assert sold == minimum == price * Decimal("0.9")


async def test_an_order_promotion_gives_what_no_voucher_took(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session, charge_taxes=False)
        variant = await make.variant(session, channel, price="60.00")
        await make.promotion(session, channel, value="15", minimum="100", name="Big carts")
        await make.promotion(session, channel, value="5", name="All carts")
        await make.voucher(session, channel, value="1")
        small, large, coded = [await make.checkout(session, channel, {variant: many}) for many in (1, 2, 2)]
        await session.execute(
            text("UPDATE checkout_checkout SET voucher_code = 'SAVE' WHERE id = :id"), {"id": coded.id}
        )
        found = await priced(of(session), [small.id, large.id, coded.id], now=clock.now())

        def told(key: uuid.UUID) -> tuple[Any, ...]:
            reduction = found[key].deal.reduction
            assert reduction is not None
            return reduction.type, reduction.name, found[key].totals.total.gross

        assert told(small.id) == ("ORDER_PROMOTION", "All carts", 57)
        assert told(large.id) == ("ORDER_PROMOTION", "Big carts", 102)
        assert told(coded.id) == ("VOUCHER", None, Decimal("118.80"))

    await database.run(work)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": " "}, "name"),
        ({"value": "0"}, "discountValue"),
        ({"value": "101"}, "discountValue"),
        ({"value": "0.001", "value_type": "FIXED"}, "discountValue"),
        ({"starts_at": NOW, "ends_at": NOW}, "endDate"),
        ({"minimum": "-1"}, "orderPredicate"),
        ({"minimum": "10", "maximum": "9"}, "orderPredicate"),
        ({"product_ids": [1], "minimum": "10"}, "orderPredicate"),
    ],
)
async def test_a_promotion_that_makes_no_sense_is_refused(database: Database, more: dict[str, Any], field: str) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        with pytest.raises(Invalid) as refused:
            await make.promotion(session, channel, **more)
        assert refused.value.field == field

    await database.run(work)


async def test_a_fixed_amount_is_of_one_currency(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channels = await make.channel(session), await make.channel(session, currency="EUR")
        with pytest.raises(Invalid, match="one currency"):
            await make.promotion(session, *channels, value_type="FIXED")
        with pytest.raises(Invalid) as without:
            await make.promotion(session)
        assert without.value.field == "channels"

    await database.run(work)
