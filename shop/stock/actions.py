"""Promises units of stock to the lines of orders, and takes promises back."""

import uuid
from collections import Counter
from collections.abc import Collection
from typing import Final, cast

from sqlalchemy import Integer, Table, Text, Uuid, any_, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from shop.stock.errors import InsufficientStock
from shop.stock.models import Allocation, Stock, WarehouseChannel
from shop.stock.rules import Demand, Shelf, spread
from shop.stock.supply import supplies

_channel: Final = bindparam("channel_id", type_=Integer)
_country: Final = bindparam("country", type_=Text)

_SHELVES: Final = (
    select(
        Stock.id,
        Stock.variant_id,
        (Stock.quantity - Stock.quantity_allocated).label("free"),
        select(WarehouseChannel.sort_order)
        .where(WarehouseChannel.warehouse_id == Stock.warehouse_id, WarehouseChannel.channel_id == _channel)
        .correlate(Stock)
        .scalar_subquery()
        .label("position"),
    )
    .where(Stock.variant_id == any_(bindparam("variant_ids", type_=ARRAY(Integer))), supplies(_channel, _country))
    .order_by(Stock.id)
    # Sorted, so that no two orders of the same variants wait for each other.
    .with_for_update(of=Stock)
)

_stock_ids: Final = bindparam("stock_ids", type_=ARRAY(Integer))
_quantities: Final = bindparam("quantities", type_=ARRAY(Integer))
_changes: Final = (
    func.unnest(_stock_ids, _quantities).table_valued("stock_id", "quantity", name="change").render_derived()
)

_CHANGE: Final = (
    update(Stock)
    .where(Stock.id == _changes.c.stock_id)
    .values(quantity_allocated=Stock.quantity_allocated + _changes.c.quantity)
    .execution_options(synchronize_session=False)
)

_shares: Final = (
    func.unnest(bindparam("line_ids", type_=ARRAY(Uuid())), _stock_ids, _quantities)
    .table_valued("order_line_id", "stock_id", "quantity", name="share")
    .render_derived()
)
_PROMISE: Final = insert(cast("Table", Allocation.__table__)).from_select(
    ["order_line_id", "stock_id", "quantity"], select(_shares.c.order_line_id, _shares.c.stock_id, _shares.c.quantity)
)

_order_lines: Final = bindparam("line_ids", type_=ARRAY(Uuid()))
_PROMISED_STOCKS: Final = (
    select(Stock.id)
    .where(Stock.id.in_(select(Allocation.stock_id).where(Allocation.order_line_id == any_(_order_lines))))
    .order_by(Stock.id)
    .with_for_update(of=Stock)
)
_TAKE_BACK: Final = (
    delete(Allocation)
    .where(Allocation.order_line_id == any_(_order_lines))
    .returning(Allocation.stock_id, Allocation.quantity)
    .execution_options(synchronize_session=False)
)


async def allocate(session: AsyncSession, demands: Collection[Demand], *, channel_id: int, country: str) -> None:
    """The units are promised to the lines, out of warehouses that supply the channel's country; or nothing is.

    Only variants whose inventory is tracked belong here. Locks: the variants' stocks, by id.
    Raises: InsufficientStock, naming every variant that falls short.
    """
    if not demands:
        return
    rows = await session.execute(
        _SHELVES,
        {
            "variant_ids": sorted({demand.variant_id for demand in demands}),
            "channel_id": channel_id,
            "country": country,
        },
    )
    shares, short = spread(demands, [Shelf(*row) for row in rows])
    if short:
        raise InsufficientStock(short)
    await _change(session, [(share.stock_id, share.quantity) for share in shares])
    await session.execute(
        _PROMISE,
        {
            "line_ids": [share.line_id for share in shares],
            "stock_ids": [share.stock_id for share in shares],
            "quantities": [share.quantity for share in shares],
        },
    )


async def deallocate(session: AsyncSession, line_ids: Collection[uuid.UUID]) -> None:
    """What was promised to these lines of orders is free again; lines without a promise are passed over.

    Locks: the stocks, by id.
    """
    if not line_ids:
        return
    lines = {"line_ids": sorted(line_ids)}
    await session.execute(_PROMISED_STOCKS, lines)
    back = (await session.execute(_TAKE_BACK, lines)).all()
    if back:
        await _change(session, [(stock_id, -quantity) for stock_id, quantity in back])


async def _change(session: AsyncSession, changes: list[tuple[int, int]]) -> None:
    total: Counter[int] = Counter()
    for stock_id, quantity in changes:
        total[stock_id] += quantity
    await session.execute(_CHANGE, {"stock_ids": list(total), "quantities": list(total.values())})
