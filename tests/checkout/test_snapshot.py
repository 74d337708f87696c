"""What an order gets of a checkout, why there is none, and that the last unit is sold once."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.models import Address
from shop.catalogue.models import VariantMedia
from shop.channels.models import Channel
from shop.checkout.actions import Snapshot, remove, snapshot
from shop.checkout.models import Checkout, CheckoutLine, Delivery
from shop.kit.db import Database
from shop.kit.db.statements import counting
from shop.kit.errors import ShopError
from shop.pricing.models import ProductListing, VariantListing
from shop.shipping.models import ShippingMethodListing
from shop.stock.actions import allocate
from shop.stock.models import Stock
from shop.stock.rules import Demand
from tests import factories as make

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
Spoil = Callable[[AsyncSession, uuid.UUID], Awaitable[object]]


async def sale(session: AsyncSession) -> uuid.UUID:
    channel = await make.channel(session, currency="EUR", country="DE", slug="europe")
    taxed = await make.tax_class(session, name="Standard", rates={"DE": "19"})
    product = await make.product(session, channel, name="Shampoo", tax_class=taxed)
    goods = await make.variant(session, channel, product=product, sku="SH-1", name="250 ml", price="11.90", stock=5)
    zone = await make.shipping_zone(session, channel, countries=("DE",))
    parcel = await make.shipping_method(session, zone, channel, name="Parcel", price="5.95", tax_class=taxed)
    plain = await make.picture(session, product, alt="The bottle")
    own = await make.picture(session, product, alt="250 ml", sort_order=1)
    assert plain.asset_id != own.asset_id
    session.add(VariantMedia(variant_id=goods.id, media_id=own.id))
    await session.flush()
    cart = await make.ready_checkout(session, channel, {goods: 2}, parcel)
    return cart.id


async def test_a_snapshot_holds_everything_that_an_order_needs(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        checkout_id = await sale(session)
        with counting() as log:
            taken = await snapshot(session, checkout_id, now=NOW)
        assert log.count == 5
        (line,) = taken.lines
        assert (line.product_name, line.variant_name, line.sku) == ("Shampoo", "250 ml", "SH-1")
        assert (line.tax_class_name, line.price.tax_rate) == ("Standard", Decimal(19))
        assert line.thumbnail_alt == "250 ml"
        assert line.thumbnail_asset_id is not None
        assert (line.price.unit.net, line.price.total.net, line.price.total.gross) == (
            Decimal("10.00"),
            Decimal("20.00"),
            Decimal("23.80"),
        )
        assert (taken.totals.shipping.net, taken.totals.total.gross) == (Decimal("5.00"), Decimal("29.75"))
        assert (taken.email, taken.method_name) == ("buyer@example.com", "Parcel")
        assert taken.billing_address == make.postal_address(country="DE")
        assert taken.shipping_address == taken.billing_address
        await remove(session, checkout_id)
        for table in (Checkout, CheckoutLine, Delivery):
            assert (await session.execute(select(func.count()).select_from(table))).scalar_one() == 0
        # The warehouse's address is all that is left.
        assert (await session.execute(select(func.count()).select_from(Address))).scalar_one() == 1

    await database.run(work)


async def test_where_nothing_is_sent_a_name_and_a_country_are_enough(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        kind = await make.product_type(session, is_shipping_required=False)
        product = await make.product(session, channel, type=kind)
        visit = await make.variant(session, channel, product=product, track_inventory=False, price="200")
        bill = make.postal_address(street_address_1="", city="", postal_code="")
        cart = await make.checkout(session, channel, {visit: 3}, email="a@example.com", billing_address=bill)
        taken: Snapshot = await snapshot(session, cart.id, now=NOW)
        assert (taken.shipping_address, taken.method_id, taken.method_name) == (None, None, None)
        assert taken.totals.total.gross == 600

    await database.run(work)


async def _set(session: AsyncSession, checkout_id: uuid.UUID, **values: object) -> None:
    await session.execute(update(Checkout).where(Checkout.id == checkout_id).values(**values))


async def _listing(session: AsyncSession, **values: object) -> None:
    await session.execute(update(ProductListing).values(**values))


async def _no_lines(session: AsyncSession, _: uuid.UUID) -> None:
    await session.execute(delete(CheckoutLine))


async def _no_price(session: AsyncSession, _: uuid.UUID) -> None:
    await session.execute(delete(VariantListing))


async def _no_stock(session: AsyncSession, _: uuid.UUID) -> None:
    await session.execute(update(Stock).values(quantity=1))


async def _dearer(session: AsyncSession, _: uuid.UUID) -> None:
    await session.execute(update(ShippingMethodListing).values(price_amount=Decimal(7)))


async def _gone(session: AsyncSession, _: uuid.UUID) -> None:
    await session.execute(delete(ShippingMethodListing))


async def _closed(session: AsyncSession, _: uuid.UUID) -> None:
    await session.execute(update(Channel).values(is_active=False))


async def _half(session: AsyncSession, _: uuid.UUID) -> None:
    await session.execute(update(Address).values(postal_code=""))


async def _many(session: AsyncSession, _: uuid.UUID) -> None:
    await session.execute(update(CheckoutLine).values(quantity=51))


@pytest.mark.parametrize(
    ("spoil", "code", "field"),
    [
        (_no_lines, "NO_LINES", "lines"),
        (_no_price, "UNAVAILABLE_VARIANT_IN_CHANNEL", "lines"),
        (lambda s, _: _listing(s, is_published=False), "PRODUCT_NOT_PUBLISHED", "lines"),
        (lambda s, _: _listing(s, published_at=NOW + timedelta(days=1)), "PRODUCT_NOT_PUBLISHED", "lines"),
        (lambda s, _: _listing(s, available_for_purchase_at=None), "PRODUCT_UNAVAILABLE_FOR_PURCHASE", "lines"),
        (_no_stock, "INSUFFICIENT_STOCK", None),
        (_many, "QUANTITY_GREATER_THAN_LIMIT", "quantity"),
        (lambda s, key: _set(s, key, email=None), "EMAIL_NOT_SET", None),
        (lambda s, key: _set(s, key, shipping_address_id=None), "SHIPPING_ADDRESS_NOT_SET", "shippingAddress"),
        (lambda s, key: _set(s, key, billing_address_id=None), "BILLING_ADDRESS_NOT_SET", "billingAddress"),
        (lambda s, key: _set(s, key, delivery_id=None), "SHIPPING_METHOD_NOT_SET", "shippingMethod"),
        (_dearer, "INVALID_SHIPPING_METHOD", "shippingMethod"),
        (_gone, "INVALID_SHIPPING_METHOD", "shippingMethod"),
        (_closed, "CHANNEL_INACTIVE", "channel"),
        (_half, "MISSING_ADDRESS_DATA", "shippingAddress"),
    ],
)
async def test_what_keeps_a_checkout_from_becoming_an_order(
    database: Database, spoil: Spoil, code: str, field: str | None
) -> None:
    async def work(session: AsyncSession) -> None:
        checkout_id = await sale(session)
        await spoil(session, checkout_id)
        with pytest.raises(ShopError) as caught:
            await snapshot(session, checkout_id, now=NOW)
        assert (caught.value.code, caught.value.field) == (code, field)

    await database.run(work)


@pytest.mark.race
async def test_of_fifty_buyers_of_the_last_unit_one_gets_it(committed: Database) -> None:
    """50 checkouts over 20 connections; each takes its snapshot, promises the stock and removes the checkout."""

    async def prepare(session: AsyncSession) -> tuple[int, list[uuid.UUID]]:
        channel = await make.channel(session)
        goods = await make.variant(session, channel, stock=1)
        zone = await make.shipping_zone(session, channel)
        parcel = await make.shipping_method(session, zone, channel)
        return channel.id, [(await make.ready_checkout(session, channel, {goods: 1}, parcel)).id for _ in range(50)]

    channel_id, checkouts = await committed.run(prepare)

    async def buy(checkout_id: uuid.UUID) -> str:
        async def work(session: AsyncSession) -> None:
            taken = await snapshot(session, checkout_id, now=NOW)
            demands = [
                Demand(sold.line.id, sold.line.offer.variant_id, sold.line.quantity)
                for sold in taken.lines
                if sold.line.offer.track_inventory
            ]
            await allocate(session, demands, channel_id=channel_id, country=taken.cart.country)
            await remove(session, checkout_id)

        try:
            await committed.run(work)
        except ShopError as error:
            return error.code
        return "BOUGHT"

    outcomes = await asyncio.gather(*(buy(checkout_id) for checkout_id in checkouts))
    assert sorted(outcomes) == ["BOUGHT"] + ["INSUFFICIENT_STOCK"] * 49
    async with committed.unit() as session:
        assert (await session.execute(select(Stock.quantity, Stock.quantity_allocated))).one() == (1, 1)
        assert (await session.execute(select(func.count()).select_from(Checkout))).scalar_one() == 49
