"""Promises of stock: spread over warehouses, all or nothing, and exact when many want the last unit."""

import asyncio
import uuid

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit import ids
from shop.kit.db import Database
from shop.stock.actions import allocate, deallocate
from shop.stock.errors import InsufficientStock
from shop.stock.models import Allocation, Stock, WarehouseChannel
from shop.stock.rules import Demand, Share, Shelf, spread
from tests import factories as make

LINE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


async def allocated(session: AsyncSession) -> dict[int, int]:
    rows = await session.execute(select(Stock.id, Stock.quantity_allocated))
    return {row[0]: row[1] for row in rows}


def test_a_line_takes_from_the_next_warehouse_only_what_the_first_lacks() -> None:
    shelves = [Shelf(7, 1, 5, position=1), Shelf(9, 1, 2, position=0), Shelf(8, 2, 1, position=0)]
    shares, short = spread([Demand(LINE, 1, 3), Demand(OTHER, 2, 1)], shelves)
    assert shares == [Share(LINE, 9, 2), Share(LINE, 7, 1), Share(OTHER, 8, 1)]
    assert short == {}


def test_lines_of_one_variant_share_what_there_is() -> None:
    shares, short = spread([Demand(LINE, 1, 3), Demand(OTHER, 1, 3)], [Shelf(7, 1, 5, position=0)])
    assert shares == [Share(LINE, 7, 3), Share(OTHER, 7, 2)]
    assert short == {1: 5}
    assert spread([Demand(LINE, 3, 1)], []) == ([], {3: 0})


async def test_units_come_from_warehouses_that_supply_the_country(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        variant = await make.variant(session, channel, stock=None)
        first = await make.warehouse(session, channel)
        second = await make.warehouse(session, channel)
        abroad = await make.warehouse(session, channel, countries=("DE",))
        order = await session.get(WarehouseChannel, (second.id, channel.id))
        assert order is not None
        order.sort_order = -1
        await session.flush()
        one = await make.stock(session, variant.id, first, 3)
        two = await make.stock(session, variant.id, second, 2, allocated=1)
        await make.stock(session, variant.id, abroad, 50)
        await allocate(session, [Demand(LINE, variant.id, 2)], channel_id=channel.id, country="US")
        stocks = await allocated(session)
        assert (stocks[one.id], stocks[two.id]) == (1, 2)
        rows = await session.execute(select(Allocation.stock_id, Allocation.order_line_id, Allocation.quantity))
        assert sorted(tuple(row) for row in rows) == sorted([(one.id, LINE, 1), (two.id, LINE, 1)])

        with pytest.raises(InsufficientStock) as refused:
            await allocate(
                session,
                [Demand(OTHER, variant.id, 3)],
                channel_id=channel.id,
                country="US",
            )
        assert refused.value.code == "INSUFFICIENT_STOCK"
        assert refused.value.params["variants"] == [ids.encode("ProductVariant", variant.id)]
        assert refused.value.available == {variant.id: 2}
        assert await allocated(session) == stocks

        await deallocate(session, [LINE, OTHER])
        stocks = await allocated(session)
        assert (stocks[one.id], stocks[two.id]) == (0, 1)
        assert (await session.execute(select(Allocation))).first() is None

    await database.run(work)


@pytest.mark.race
async def test_the_last_units_go_to_as_many_buyers_as_there_are_units(committed: Database) -> None:
    """50 buyers over 20 connections want two variants each, named in both orders; three units are left of one."""

    async def prepare(session: AsyncSession) -> tuple[int, int, int]:
        channel = await make.channel(session)
        scarce = await make.variant(session, channel, stock=3)
        plenty = await make.variant(session, channel, stock=1000)
        return channel.id, scarce.id, plenty.id

    channel_id, scarce_id, plenty_id = await committed.run(prepare)

    async def buy(number: int) -> bool:
        variants = [scarce_id, plenty_id] if number % 2 else [plenty_id, scarce_id]
        demands = [Demand(uuid.uuid4(), variant_id, 1) for variant_id in variants]
        try:
            await committed.run(lambda session: allocate(session, demands, channel_id=channel_id, country="US"))
        except InsufficientStock:
            return False
        return True

    won = await asyncio.gather(*(buy(number) for number in range(50)))
    assert sum(won) == 3
    async with committed.unit() as session:
        rows = await session.execute(select(Stock.variant_id, Stock.quantity_allocated))
        assert {row[0]: row[1] for row in rows} == {scarce_id: 3, plenty_id: 3}
