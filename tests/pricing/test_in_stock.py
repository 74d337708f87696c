"""Lists say of a product whether it is in stock: true after every change of what decides it, and of two at once."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

import shop
from shop.kit.db import Database
from tests import factories as make

INVARIANT = (Path(shop.__file__).parent / "pricing" / "invariants.sql").read_text()


async def wrong(session: AsyncSession) -> list[Any]:
    """The listings that `shop doctor --verify` would name."""
    return list(await session.execute(text(INVARIANT)))


async def shown(session: AsyncSession) -> dict[str, bool]:
    """Whether the products are in stock, by channel."""
    rows = await session.execute(
        text("SELECT c.slug, l.in_stock FROM pricing_product_listing l JOIN channel_channel c ON c.id = l.channel_id")
    )
    return {row[0]: row[1] for row in rows}


async def test_every_change_is_followed(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        here, there = await make.channel(session, slug="here"), await make.channel(session, slug="there")
        product = await make.product(session, here)
        variant = await make.variant(session, here, product=product, stock=None)
        zone = await make.shipping_zone(session, here)
        warehouse = await make.warehouse(session, here, zones=(zone,))
        names: dict[str, object] = {
            "here": here.id,
            "there": there.id,
            "product": product.id,
            "variant": variant.id,
            "zone": zone.id,
            "warehouse": warehouse.id,
        }

        async def then(change: str, **expected: bool) -> None:
            statement = text(change)
            used = {name: names[name] for name in statement.compile().params}
            await session.execute(statement, used)
            assert await shown(session) == expected, change
            assert await wrong(session) == [], change

        supply = "stock_warehouse_channel (warehouse_id, channel_id) VALUES (:warehouse, :here)"
        listing = "pricing_product_listing (product_id, channel_id, currency) VALUES (:product, :there, 'USD')"
        price = (
            "pricing_variant_listing (variant_id, channel_id, currency, price_amount) VALUES (:variant, :{}, 'USD', 10)"
        )
        stock = "stock_stock (variant_id, warehouse_id, quantity) VALUES (:variant, :warehouse, {})"
        await then("SELECT 1", here=False)
        await then(f"INSERT INTO {stock.format(0)}", here=False)
        await then("UPDATE stock_stock SET quantity = 5", here=True)
        await then("UPDATE stock_stock SET quantity_allocated = 4", here=True)
        await then("UPDATE stock_stock SET quantity_allocated = 5", here=False)
        await then("UPDATE stock_stock SET quantity = 6", here=True)
        await then("DELETE FROM stock_stock", here=False)
        await then(f"INSERT INTO {stock.format(1)}", here=True)
        await then("DELETE FROM stock_warehouse_channel WHERE warehouse_id = :warehouse", here=False)
        await then(f"INSERT INTO {supply}", here=True)
        await then("DELETE FROM shipping_zone_channel WHERE zone_id = :zone AND channel_id = :here", here=False)
        await then("INSERT INTO shipping_zone_channel (zone_id, channel_id) VALUES (:zone, :here)", here=True)
        await then("DELETE FROM stock_warehouse_zone WHERE warehouse_id = :warehouse", here=False)
        await then("INSERT INTO stock_warehouse_zone (warehouse_id, zone_id) VALUES (:warehouse, :zone)", here=True)
        await then("DELETE FROM pricing_variant_listing", here=False)
        await then(f"INSERT INTO {price.format('here')}", here=True)
        await then(f"INSERT INTO {listing}", here=True, there=False)
        await then(f"INSERT INTO {price.format('there')}", here=True, there=False)
        await then("UPDATE catalogue_variant SET track_inventory = false", here=True, there=True)
        await then("DELETE FROM pricing_product_listing WHERE channel_id = :there", here=True)
        await then(f"INSERT INTO {listing}", here=True, there=True)
        await then("UPDATE catalogue_variant SET track_inventory = true", here=True, there=False)
        await then("DELETE FROM shipping_zone WHERE id = :zone", here=False, there=False)
        await then("UPDATE catalogue_variant SET track_inventory = false", here=True, there=True)
        await then("DELETE FROM catalogue_variant WHERE id = :variant", here=False, there=False)

    await database.run(work)


async def test_a_variant_takes_its_stock_and_its_prices_along_to_another_product(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        old, new = await make.product(session, channel), await make.product(session, channel)
        variant = await make.variant(session, channel, product=old, stock=1)
        variant.product_id = new.id
        await session.flush()
        rows = await session.execute(text("SELECT product_id, in_stock FROM pricing_product_listing"))
        assert {row[0]: row[1] for row in rows} == {old.id: False, new.id: True}
        assert await session.scalar(text("SELECT product_id FROM pricing_variant_listing")) == new.id

    await database.run(work)


async def test_a_type_takes_its_products_along_to_another_name(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        soaps, oils = await make.product_type(session, slug="soaps"), await make.product_type(session, slug="oils")
        product = await make.product(session, type=soaps)
        soaps.name = "Fine soaps"
        await session.flush()
        await session.refresh(product)
        assert product.product_type_name == "Fine soaps"
        product.product_type_id = oils.id
        await session.flush()
        await session.refresh(product)
        assert product.product_type_name == "Oils"

    await database.run(work)


_CHANGES: Sequence[str] = (
    "UPDATE stock_stock SET quantity_allocated = quantity WHERE variant_id % 3 = :n",
    "UPDATE stock_stock SET quantity_allocated = 0 WHERE variant_id % 3 = :n",
    "UPDATE stock_stock SET quantity = quantity + 1 WHERE variant_id % 3 = :n",
    "DELETE FROM stock_stock WHERE id % 3 = :n",
    (
        "INSERT INTO stock_stock (variant_id, warehouse_id, quantity) SELECT v.id, w.id, :n FROM catalogue_variant v, "
        "stock_warehouse w ON CONFLICT DO NOTHING"
    ),
    "UPDATE catalogue_variant SET track_inventory = NOT track_inventory WHERE id % 3 = :n",
    "UPDATE catalogue_variant SET product_id = (SELECT max(id) FROM catalogue_product) WHERE id % 3 = :n",
    "DELETE FROM pricing_variant_listing WHERE id % 3 = :n",
    (
        "INSERT INTO pricing_variant_listing (variant_id, channel_id, currency, price_amount) SELECT v.id, "
        "c.id, 'USD', 1 "
        "FROM catalogue_variant v, channel_channel c WHERE c.id % 3 <> :n ON CONFLICT DO NOTHING"
    ),
    "DELETE FROM pricing_product_listing WHERE id % 3 = :n",
    (
        "INSERT INTO pricing_product_listing (product_id, channel_id, currency) SELECT p.id, c.id, 'USD' "
        "FROM catalogue_product p, channel_channel c WHERE c.id % 3 <> :n ON CONFLICT DO NOTHING"
    ),
    "DELETE FROM stock_warehouse_channel WHERE channel_id % 3 = :n",
    (
        "INSERT INTO stock_warehouse_channel (warehouse_id, channel_id) SELECT w.id, c.id FROM stock_warehouse w, "
        "channel_channel c WHERE c.id % 3 <> :n ON CONFLICT DO NOTHING"
    ),
    "DELETE FROM stock_warehouse_zone WHERE zone_id % 3 = :n",
    (
        "INSERT INTO stock_warehouse_zone (warehouse_id, zone_id) SELECT w.id, z.id FROM stock_warehouse w, "
        "shipping_zone z WHERE z.id % 3 <> :n ON CONFLICT DO NOTHING"
    ),
    "DELETE FROM shipping_zone_channel WHERE channel_id % 3 = :n",
    (
        "INSERT INTO shipping_zone_channel (zone_id, channel_id) SELECT z.id, c.id FROM shipping_zone z, "
        "channel_channel c "
        "WHERE c.id % 3 <> :n ON CONFLICT DO NOTHING"
    ),
    "DELETE FROM shipping_zone WHERE id % 7 = :n",
    "DELETE FROM catalogue_variant WHERE id % 7 = :n",
)


def test_no_sequence_of_changes_makes_a_list_wrong(committed_url: Any, rounds: Callable[[int, int], int]) -> None:
    """Whole tables change at once, in every order that hypothesis thinks of."""

    async def run(changes: list[tuple[int, int]]) -> None:
        database = Database(committed_url, pool_size=1)
        try:
            async with database.unit() as session:
                channels = [await make.channel(session) for _ in range(2)]
                for _ in range(2):
                    await make.warehouse(session, *channels)
                for _ in range(3):
                    await make.variant(session, *channels)
                for number, n in changes:
                    await session.execute(text(_CHANGES[number]), {"n": n})
                    assert await wrong(session) == [], (_CHANGES[number], n)
                await session.rollback()
        finally:
            await database.close()

    @settings(max_examples=rounds(6, 500), deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.tuples(st.integers(0, len(_CHANGES) - 1), st.integers(0, 2)), max_size=15))
    def check(changes: list[tuple[int, int]]) -> None:
        asyncio.run(run(changes))

    check()


_RACES = {
    # Each of the two takes the last unit of one warehouse.
    "two sell the last units": (
        "UPDATE stock_stock SET quantity_allocated = quantity WHERE id = (SELECT min(id) FROM stock_stock)",
        "UPDATE stock_stock SET quantity_allocated = quantity WHERE id = (SELECT max(id) FROM stock_stock)",
    ),
    "one lists while the other's stock arrives": (
        (
            "INSERT INTO pricing_product_listing (product_id, channel_id, currency) "
            "SELECT id, (SELECT max(id) FROM channel_channel), 'USD' FROM catalogue_product"
        ),
        (
            "INSERT INTO stock_stock (variant_id, warehouse_id, quantity) SELECT v.id, w.id, 1 FROM "
            "catalogue_variant v, "
            "stock_warehouse w WHERE w.slug = 'empty'"
        ),
    ),
    "one supplies while the other's stock arrives": (
        (
            "INSERT INTO stock_warehouse_channel (warehouse_id, channel_id) SELECT w.id, (SELECT min(id) FROM "
            "channel_channel) FROM stock_warehouse w WHERE w.slug = 'unconnected'"
        ),
        (
            "INSERT INTO stock_stock (variant_id, warehouse_id, quantity) SELECT v.id, w.id, 1 FROM "
            "catalogue_variant v, "
            "stock_warehouse w WHERE w.slug = 'unconnected'"
        ),
    ),
    "one reaches a zone that the other begins to serve": (
        (
            "INSERT INTO stock_warehouse_zone (warehouse_id, zone_id) SELECT w.id, z.id FROM stock_warehouse w, "
            "shipping_zone z WHERE w.slug = 'unconnected' AND z.name = 'new'"
        ),
        (
            "INSERT INTO shipping_zone_channel (zone_id, channel_id) SELECT z.id, c.id FROM shipping_zone z, "
            "channel_channel c WHERE z.name = 'new'"
        ),
    ),
}


@pytest.mark.race
@pytest.mark.parametrize("changes", _RACES.values(), ids=_RACES.keys())
async def test_two_at_once_leave_what_is_true(committed: Database, changes: tuple[str, str]) -> None:
    async def prepare(session: AsyncSession) -> None:
        channel, other = await make.channel(session), await make.channel(session)
        variant = await make.variant(session, channel, stock=None)
        for _ in range(2):
            await make.stock(session, variant.id, await make.warehouse(session, channel), 1)
        await make.warehouse(session, channel, other, slug="empty")
        await make.warehouse(session, countries=("US",), slug="unconnected")
        zone = await make.shipping_zone(session)
        zone.name = "new"
        await session.flush()

    await committed.run(prepare)
    both_changed = asyncio.Barrier(2)

    async def change(statement: str) -> None:
        async def work(session: AsyncSession) -> None:
            await session.execute(text(statement))
            # Who waits for the other's locks does not come here before the other has committed.
            with_both = asyncio.ensure_future(both_changed.wait())
            await asyncio.wait([with_both], timeout=0.2)
            with_both.cancel()

        await committed.run(work)

    await asyncio.gather(*(change(statement) for statement in changes))
    async with committed.unit() as session:
        assert await wrong(session) == []
