"""Pages of products stay where they are while products come and go, and read by an index."""

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.browse.listing import Kind, page
from shop.browse.queries import PRODUCT_LIST, Sight
from shop.catalogue.models import Product
from shop.channels.models import Channel
from shop.kit.db import Database
from shop.kit.pagination import Window
from shop.pricing.actions import refresh_listings
from tests import factories as make
from tests.factories.catalogue import LONG_AGO

PUBLIC = Sight(in_channel=True, public=True, listed=True)


async def test_a_page_is_stable_while_products_come_and_go(database: Database) -> None:
    async def rows(session: AsyncSession) -> int:
        channel = await make.channel(session)
        for price in ("10", "20", "30", "40"):
            product = await make.product(session, channel, slug=f"p{price}")
            await make.variant(session, channel, product=product, price=price)
        return channel.id

    channel_id = await database.run(rows)
    kind = Kind(PRODUCT_LIST, PUBLIC, ("and",), "PRICE")

    async def read(window: Window) -> tuple[list[str], str]:
        records = await database.reader().rows(
            page(kind, window.shape), channel_id=channel_id, now=LONG_AGO, **window.params
        )
        found = kind.keyset.page(records, window)
        return [record["slug"] for record in found.items], found.cursors[-1]

    first, cursor = await read(Window(2))
    assert first == ["p10", "p20"]

    async def change(session: AsyncSession) -> None:
        channel = await session.get_one(Channel, channel_id)
        for price in ("5", "25"):
            product = await make.product(session, channel, slug=f"p{price}")
            await make.variant(session, channel, product=product, price=price)
            await refresh_listings(session, [product.id])
        await session.execute(delete(Product).where(Product.slug == "p20"))

    await database.run(change)
    second, _ = await read(Window(2, cursor=kind.keyset.decode(cursor)))
    assert second == ["p25", "p30"]


async def test_the_cheapest_products_of_many_are_read_by_an_index(database: Database) -> None:
    async def work(session: AsyncSession) -> str:
        channel = await make.channel(session)
        kind = await make.product_type(session)
        for statement in (
            (
                "INSERT INTO catalogue_product (name, slug, product_type_id) "
                "SELECT 'P' || n, 'many-' || n, :kind FROM generate_series(1, 3000) AS n"
            ),
            "INSERT INTO catalogue_variant (product_id) SELECT id FROM catalogue_product",
            (
                "INSERT INTO pricing_variant_listing (variant_id, channel_id, currency, price_amount) "
                "SELECT id, :channel, 'USD', id % 100 FROM catalogue_variant"
            ),
            (
                "INSERT INTO pricing_product_listing (product_id, channel_id, currency, is_published, "
                "minimum_price_amount) SELECT id, :channel, 'USD', true, id % 100 FROM catalogue_product"
            ),
        ):
            made = text(statement)
            names = {"kind": kind.id, "channel": channel.id}
            await session.execute(made, {name: names[name] for name in made.compile().params})
        for table in ("catalogue_product", "catalogue_variant", "pricing_variant_listing", "pricing_product_listing"):
            await session.execute(text(f"ANALYZE {table}"))
        window = Window(12)
        statement = page(Kind(PRODUCT_LIST, PUBLIC, ("and",), "PRICE"), window.shape)
        compiled = statement.compile(dialect=session.get_bind().dialect)
        parameters = {"channel_id": channel.id, "now": LONG_AGO, **window.params}
        connection = await session.connection()
        rows = await connection.exec_driver_sql(
            f"EXPLAIN {compiled}", tuple(parameters[name] for name in compiled.positiontup or ())
        )
        return "\n".join(row[0] for row in rows)

    plan = await database.run(work)
    assert "ix_pricing_product_listing_price" in plan
    assert "Seq Scan on catalogue_product" not in plan
