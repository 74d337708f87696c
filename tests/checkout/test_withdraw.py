"""What can be deleted, what stays because somebody needs it, and that what was sold stays as it was sold."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop import wiring
from shop.attributes.models import Value
from shop.catalogue.errors import ProductNotFound, ProductTypeNotFound, VariantNotFound
from shop.catalogue.models import Product, ProductType, Variant
from shop.checkout.actions.complete import Completion, complete
from shop.checkout.actions.withdraw import delete_product, delete_product_type, delete_variant
from shop.checkout.models import CheckoutLine
from shop.checkout.rules import SYSTEM
from shop.kit import clock
from shop.kit.db import Database
from shop.kit.errors import Many, ShopError
from shop.orders.actions.fulfil import Dispatch, fulfil
from shop.orders.models import Order, OrderLine
from shop.orders.rules import Wanted
from shop.pricing.models import ProductListing
from shop.stock.models import Stock
from tests import factories as make
from tests.factories.booking import resource, service
from tests.factories.orders import unpaid_order
from tests.factories.packages import entitlement, package, visit
from tests.factories.payments import transaction

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
# Makes something for sale that somebody needs; the key is the variant's.
Needed = Callable[[AsyncSession], Awaitable[int]]


@pytest.fixture(autouse=True)
def _wired() -> None:
    wiring.connect()


async def _ordered(session: AsyncSession) -> int:
    await unpaid_order(session)
    return (await session.scalars(select(OrderLine.variant_id))).one() or 0


async def _being_paid(session: AsyncSession) -> int:
    channel = await make.channel(session)
    variant = await make.variant(session, channel)
    cart = await make.ready_checkout(session, channel, {variant: 1})
    await transaction(session, cart.id)
    return variant.id


async def _visited(session: AsyncSession) -> int:
    channel = await make.channel(session)
    somebody = await resource(session)
    treatment = await service(session, channel, [somebody])
    await visit(session, treatment, somebody, NOW)
    return treatment.variant_id


async def _spendable(session: AsyncSession) -> int:
    channel = await make.channel(session)
    treatment = await service(session, channel)
    await entitlement(session, await package(session, channel, treatment), now=NOW)
    return treatment.variant_id


async def _bought_sessions(session: AsyncSession) -> int:
    channel = await make.channel(session)
    sold = await package(session, channel, await service(session, channel))
    await entitlement(session, sold, now=NOW)
    return sold.variant_id


@pytest.mark.parametrize(
    ("make_it", "why"),
    [
        (_ordered, "Orders wait for it: fulfil or cancel them first."),
        (_being_paid, "Somebody is paying for it."),
        (_visited, "Visits of it were booked, are being booked or are waited for: take it from sale instead."),
        (_spendable, "Sessions of it were bought: take it from sale instead."),
        (_bought_sessions, "Sessions of it were bought: take it from sale instead."),
    ],
)
async def test_what_somebody_needs_stays(database: Database, make_it: Needed, why: str) -> None:
    async def work(session: AsyncSession) -> None:
        variant_id = await make_it(session)
        variant = await session.get_one(Variant, variant_id)
        kind = (await session.get_one(Product, variant.product_id)).product_type_id
        for delete, key in (
            (delete_variant, variant_id),
            (delete_product, variant.product_id),
            (delete_product_type, kind),
        ):
            with pytest.raises(Many) as refused:
                await delete(session, key)
            assert [(error.code, error.field, error.message) for error in refused.value.errors] == [
                ("INVALID", "id", why)
            ]
        rows = await session.execute(select(Variant.id, Variant.product_id).where(Variant.id == variant_id))
        assert [tuple(row) for row in rows] == [(variant_id, variant.product_id)]

    await database.run(work)


async def test_an_order_keeps_what_was_sold(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        placed = await unpaid_order(session)
        columns = (
            OrderLine.product_name,
            OrderLine.variant_name,
            OrderLine.product_sku,
            OrderLine.total_gross_amount,
            OrderLine.quantity,
        )
        sold = (await session.execute(select(*columns))).one()
        total = await session.scalar(select(Order.total_gross_amount))
        variant_id = (await session.scalars(select(OrderLine.variant_id))).one()
        assert variant_id is not None
        product_id = (await session.get_one(Variant, variant_id)).product_id
        placed.shop.channel.allow_unpaid_orders = True
        await session.execute(update(Order).values(total_charged_amount=total, charge_status="FULL"))
        wanted = Wanted(placed.line_keys[0], placed.warehouse_key, 2)
        await fulfil(session, placed.key, [wanted], Dispatch(notify=False))
        await delete_product(session, product_id)
        session.expire_all()
        assert (await session.execute(select(*columns))).one() == sold
        assert await session.scalar(select(Order.total_gross_amount)) == total
        assert (await session.scalars(select(OrderLine.variant_id))).one() is None
        assert (await session.scalars(select(Product.id).where(Product.id == product_id))).all() == []

    await database.run(work)


async def test_a_product_goes_with_all_that_is_its_own(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        kind = await make.product_type(session)
        text = await make.attribute(session, kind, input_type="PLAIN_TEXT")
        size = await make.attribute(session, kind, of_variants=True)
        product = await make.product(session, channel, type=kind)
        variant = await make.variant(session, channel, product=product, stock=3)
        other = await make.variant(session, channel, stock=3)
        await make.attribute_value(session, text, product, slug="said")
        await make.attribute_value(session, size, variant, slug="large")
        await make.ready_checkout(session, channel, {variant: 1, other: 1})
        await delete_product_type(session, kind.id)
        assert list(await session.scalars(select(Variant.id))) == [other.id]
        assert list(await session.scalars(select(Stock.variant_id))) == [other.id]
        assert list(await session.scalars(select(ProductListing.product_id))) == [other.product_id]
        assert list(await session.scalars(select(CheckoutLine.variant_id))) == [other.id]
        assert list(await session.scalars(select(Value.slug))) == ["large"]
        assert list(await session.scalars(select(ProductType.id).where(ProductType.id == kind.id))) == []

    await database.run(work)


async def test_another_variant_stands_for_its_product(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        product = await make.product(session, channel)
        cheap = await make.variant(session, channel, product=product, price="5.00")
        dear = await make.variant(session, channel, product=product, price="9.00")
        product.default_variant_id = cheap.id
        await session.flush()
        kept = select(Product.default_variant_id, ProductListing.minimum_price_amount).join(
            ProductListing, ProductListing.product_id == Product.id
        )
        await delete_variant(session, cheap.id)
        default, price = (await session.execute(kept)).one()
        assert (default, str(price)) == (dear.id, "9.000")
        await delete_variant(session, dear.id)
        assert tuple((await session.execute(kept)).one()) == (None, None)

    await database.run(work)


async def test_what_is_not_there(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        for delete, error in (
            (delete_product, ProductNotFound),
            (delete_variant, VariantNotFound),
            (delete_product_type, ProductTypeNotFound),
        ):
            with pytest.raises(error):
                await delete(session, 2_000_000_000)

    await database.run(work)


@pytest.mark.race
@pytest.mark.parametrize("tracked", [True, False])
async def test_a_variant_is_sold_or_deleted_not_both(
    committed: Database, rounds: Callable[[int, int], int], tracked: bool
) -> None:
    """Two rivals on two connections: whoever is first, the order keeps its line and nobody meets an unknown error."""

    async def rows(session: AsyncSession) -> tuple[uuid.UUID, int]:
        channel = await make.channel(session)
        channel.allow_unpaid_orders = True
        kind = await make.product_type(session, is_shipping_required=False)
        product = await make.product(session, channel, type=kind)
        variant = await make.variant(session, channel, product=product, track_inventory=tracked)
        return (await make.ready_checkout(session, channel, {variant: 1})).id, variant.id

    for _ in range(rounds(3, 100)):
        cart, variant_id = await committed.run(rows)
        sold, deleted = await asyncio.gather(
            committed.run(partial(_complete, cart)),
            committed.run(partial(_delete_variant, variant_id)),
            return_exceptions=True,
        )
        assert isinstance(sold, uuid.UUID | ShopError), repr(sold)
        assert deleted is None or isinstance(deleted, ShopError), repr(deleted)
        is_sold, is_deleted = isinstance(sold, uuid.UUID), deleted is None
        # Goods that an order waits for stay.
        assert not (tracked and is_sold and is_deleted)
        async with committed.unit() as session:
            kept = (await session.scalars(select(Variant.id).where(Variant.id == variant_id))).all()
            lines = select(OrderLine.variant_id, OrderLine.quantity).where(OrderLine.order_id == sold)
            found = [tuple(line) for line in await session.execute(lines)] if is_sold else []
        assert kept == ([] if is_deleted else [variant_id])
        assert found == ([(None if is_deleted else variant_id, 1)] if is_sold else [])


async def _complete(cart: uuid.UUID, session: AsyncSession) -> uuid.UUID:
    return await complete(session, cart, Completion(SYSTEM), now=clock.now())


async def _delete_variant(variant_id: int, session: AsyncSession) -> None:
    await delete_variant(session, variant_id)
