"""Quantities by channel and destination."""

from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit import clock
from shop.kit.db import Database
from shop.stock import queries
from tests import factories as make


async def test_only_warehouses_of_the_channel_that_send_there_count(database: Database) -> None:
    async def work(session: AsyncSession) -> tuple[int, int, int]:
        here, elsewhere = await make.channel(session), await make.channel(session, currency="EUR", country="DE")
        variant = await make.variant(session, here, stock=None)
        empty = await make.variant(session, here, stock=None)
        us = await make.shipping_zone(session, here, countries=("US",))
        america = await make.shipping_zone(session, here, countries=("US", "CA"))
        both = await make.warehouse(session, here, zones=(us, america))
        north = await make.warehouse(session, here, zones=(america,))
        foreign = await make.warehouse(session, elsewhere, countries=("US",))
        unconnected = await make.warehouse(session, here, countries=())
        await make.stock(session, variant.id, both, 5, allocated=2)
        await make.stock(session, variant.id, north, 4)
        await make.stock(session, variant.id, foreign, 100)
        await make.stock(session, variant.id, unconnected, 100)
        return here.id, variant.id, empty.id

    channel_id, variant_id, empty_id = await database.run(work)
    reader = database.reader()

    async def available(country: str | None) -> dict[int, int]:
        params = {"ids": [variant_id, empty_id], "channel_id": channel_id, "now": clock.now()}
        if country is None:
            rows = await reader.rows(queries.AVAILABLE, **params)
        else:
            rows = await reader.rows(queries.AVAILABLE_IN_COUNTRY, **params, country=country)
        return {row["variant_id"]: row["quantity"] for row in rows}

    # The warehouse that stands in two zones of the United States counts once.
    assert await available("US") == {variant_id: 7}
    assert await available("CA") == {variant_id: 7}
    assert await available("DE") == {}
    # The zone that offers most.
    assert await available(None) == {variant_id: 7}
