"""Units that leave warehouses in parcels, and come back: promises are used up, and nobody else's is touched."""

import uuid
from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit import ids
from shop.kit.db import Database
from shop.kit.errors import Many
from shop.stock.actions import allocate, put_back, require_warehouses, take
from shop.stock.errors import WarehouseNotFound
from shop.stock.models import Allocation, Stock
from shop.stock.rules import Demand, Promise, Shelf, Take, remove
from tests import factories as make

LINE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
HERE, THERE = uuid.UUID(int=11), uuid.UUID(int=12)


def test_a_promise_is_used_up_where_the_units_leave_and_then_elsewhere() -> None:
    shelves = {(1, HERE): Shelf(7, 1, 0, 0), (1, THERE): Shelf(8, 1, 1, 0)}
    promises = [Promise(70, 8, LINE, 1), Promise(71, 7, LINE, 2), Promise(72, 7, OTHER, 5)]
    removal = remove([Take(LINE, 1, HERE, 2), Take(LINE, 1, THERE, 1)], shelves, promises, beyond=False)
    assert removal.quantities == {7: -2, 8: -1}
    assert removal.released == {7: 2, 8: 1}
    assert removal.promises == {71: 0, 70: 0}
    assert removal.short == []


def test_units_promised_to_others_stay() -> None:
    shelves = {(1, HERE): Shelf(7, 1, 1, 0)}
    one = Take(LINE, 1, HERE, 2)
    assert remove([one], shelves, [Promise(70, 8, LINE, 2)], beyond=False).short == [one]
    beyond = remove([one], shelves, [Promise(70, 8, LINE, 2)], beyond=True)
    assert (beyond.quantities, beyond.released, beyond.short) == ({7: -1}, {8: 2}, [])
    assert remove([one], {}, [], beyond=False).short == [one]
    assert remove([one], {}, [], beyond=True).quantities == {}


@dataclass(frozen=True)
class Warehouses:
    variant_id: int
    here: uuid.UUID
    there: uuid.UUID

    async def stands(self, session: AsyncSession) -> dict[uuid.UUID, tuple[int, int]]:
        rows = await session.execute(
            select(Stock.warehouse_id, Stock.quantity, Stock.quantity_allocated).execution_options(
                populate_existing=True
            )
        )
        return {row[0]: (row[1], row[2]) for row in rows}


async def warehouses(session: AsyncSession, here: int, promised: int) -> Warehouses:
    """Two warehouses of one channel: so many of a variant in the first, so many of them promised to LINE."""
    channel = await make.channel(session)
    variant = await make.variant(session, channel, stock=None)
    first = await make.warehouse(session, channel)
    second = await make.warehouse(session, channel, countries=("DE",))
    await make.stock(session, variant.id, first, here)
    await allocate(session, [Demand(LINE, variant.id, promised)], channel_id=channel.id, country="US")
    return Warehouses(variant.id, first.id, second.id)


async def promises(session: AsyncSession) -> list[tuple[uuid.UUID, int]]:
    rows = await session.execute(select(Allocation.order_line_id, Allocation.quantity).order_by(Allocation.id))
    return [(row[0], row[1]) for row in rows]


async def test_units_leave_and_come_back(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        of = await warehouses(session, here=5, promised=3)
        await take(session, [Take(LINE, of.variant_id, of.here, 2)])
        assert await of.stands(session) == {of.here: (3, 1)}
        assert await promises(session) == [(LINE, 1)]

        await put_back(session, [Demand(LINE, of.variant_id, 1)], of.here)
        assert await of.stands(session) == {of.here: (4, 2)}
        assert await promises(session) == [(LINE, 2)]

        await put_back(session, [Demand(LINE, of.variant_id, 1)], of.there)
        assert await of.stands(session) == {of.here: (4, 2), of.there: (1, 1)}
        await take(session, [Take(LINE, of.variant_id, of.here, 3)])
        assert await of.stands(session) == {of.here: (1, 0), of.there: (1, 0)}
        assert await promises(session) == []

    await database.run(work)


async def test_a_warehouse_keeps_what_it_promised_to_others(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        of = await warehouses(session, here=3, promised=2)
        wanted = [Take(OTHER, of.variant_id, of.here, 2)]
        with pytest.raises(Many) as refused:
            await take(session, wanted)
        (error,) = refused.value.errors
        assert (error.code, error.field) == ("INSUFFICIENT_STOCK", "stocks")
        assert error.params == {
            "order_lines": [ids.encode("OrderLine", OTHER)],
            "warehouse": ids.encode("Warehouse", of.here),
        }
        assert await of.stands(session) == {of.here: (3, 2)}
        await take(session, wanted, beyond=True)
        assert await of.stands(session) == {of.here: (2, 2)}

    await database.run(work)


async def test_an_unknown_warehouse_is_refused(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        of = await warehouses(session, here=1, promised=1)
        with pytest.raises(WarehouseNotFound) as refused:
            await require_warehouses(session, {of.here, THERE})
        assert refused.value.field == "warehouse"
        with pytest.raises(WarehouseNotFound) as refused:
            await put_back(session, [Demand(LINE, of.variant_id, 1)], THERE)
        assert refused.value.field == "warehouseId"
        assert await of.stands(session) == {of.here: (1, 1)}

    await database.run(work)
