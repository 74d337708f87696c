"""Promises units of stock to the lines of orders, takes promises back, and lets units leave and come back."""

import uuid
from collections import Counter
from collections.abc import Collection
from typing import Final, cast

from sqlalchemy import (
    BigInteger,
    Integer,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.errors import Many
from shop.stock.errors import InsufficientStock, NotInWarehouse, WarehouseNotFound
from shop.stock.models import Allocation, Reservation, Stock, Warehouse, WarehouseChannel
from shop.stock.rules import Demand, Promise, Shelf, Take, remove, spread
from shop.stock.supply import free, supplies

_channel: Final = bindparam("channel_id", type_=Integer)
_country: Final = bindparam("country", type_=Text)

_supplying: Final = (
    Stock.variant_id == any_(bindparam("variant_ids", type_=ARRAY(Integer))),
    supplies(_channel, _country),
)
# Sorted, so that no two orders of the same variants wait for each other. A statement of its own: the next one sees what
# was promised and kept until the locks came.
_LOCK_SHELVES: Final = select(Stock.id).where(*_supplying).order_by(Stock.id).with_for_update(of=Stock)
_SHELVES: Final = (
    select(
        Stock.id,
        Stock.variant_id,
        free(bindparam("checkout_id", type_=Uuid())).label("free"),
        select(WarehouseChannel.sort_order)
        .where(WarehouseChannel.warehouse_id == Stock.warehouse_id, WarehouseChannel.channel_id == _channel)
        .correlate(Stock)
        .scalar_subquery()
        .label("position"),
    )
    .where(*_supplying)
    .order_by(Stock.id)
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
_promise: Final = (
    insert(cast("Table", Allocation.__table__))
    .from_select(
        ["order_line_id", "stock_id", "quantity"],
        select(_shares.c.order_line_id, _shares.c.stock_id, _shares.c.quantity),
    )
    .returning(Allocation.stock_id)
    .cte("promise")
)
_taken: Final = (
    select(_shares.c.stock_id, func.sum(_shares.c.quantity).cast(Integer).label("quantity"))
    .group_by(_shares.c.stock_id)
    .subquery("taken")
)
_PROMISE: Final = (
    update(Stock)
    .where(Stock.id == _taken.c.stock_id)
    .values(quantity_allocated=Stock.quantity_allocated + _taken.c.quantity)
    .add_cte(_promise)
    .execution_options(synchronize_session=False)
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

_places: Final = (
    func.unnest(bindparam("variant_ids", type_=ARRAY(Integer)), bindparam("warehouse_ids", type_=ARRAY(Uuid())))
    .table_valued("variant_id", "warehouse_id", name="place")
    .render_derived()
)
_TOUCHED: Final = (
    select(Stock.id, Stock.variant_id, Stock.warehouse_id, Stock.quantity, Stock.quantity_allocated)
    .where(
        or_(
            Stock.id.in_(select(Allocation.stock_id).where(Allocation.order_line_id == any_(_order_lines))),
            tuple_(Stock.variant_id, Stock.warehouse_id).in_(select(_places.c.variant_id, _places.c.warehouse_id)),
        )
    )
    .order_by(Stock.id)
    .with_for_update(of=Stock)
)
_PROMISES: Final = select(Allocation.id, Allocation.stock_id, Allocation.order_line_id, Allocation.quantity).where(
    Allocation.order_line_id == any_(_order_lines)
)
_both: Final = (
    func.unnest(_stock_ids, _quantities, bindparam("promised", type_=ARRAY(Integer)))
    .table_valued("stock_id", "quantity", "promised", name="change")
    .render_derived()
)
_MOVE: Final = (
    update(Stock)
    .where(Stock.id == _both.c.stock_id)
    .values(quantity=Stock.quantity + _both.c.quantity, quantity_allocated=Stock.quantity_allocated + _both.c.promised)
    .execution_options(synchronize_session=False)
)
_rest: Final = (
    func.unnest(bindparam("allocation_ids", type_=ARRAY(BigInteger)), _quantities)
    .table_valued("id", "quantity", name="rest")
    .render_derived()
)
_USE_UP: Final = (
    delete(Allocation)
    .where(Allocation.id == _rest.c.id, _rest.c.quantity == 0)
    .execution_options(synchronize_session=False)
)
_LESSEN: Final = (
    update(Allocation)
    .where(Allocation.id == _rest.c.id, _rest.c.quantity > 0)
    .values(quantity=_rest.c.quantity)
    .execution_options(synchronize_session=False)
)

_FORGET: Final = (
    delete(Reservation)
    .where(Reservation.expires_at <= func.now())
    .returning(Reservation.id)
    .execution_options(synchronize_session=False)
)


async def allocate(
    session: AsyncSession,
    demands: Collection[Demand],
    *,
    channel_id: int,
    country: str,
    checkout_id: uuid.UUID | None = None,
) -> None:
    """The units are promised to the lines, out of warehouses that supply the channel's country; or nothing is.

    Only variants whose inventory is tracked belong here. What other checkouts keep is left to them. Locks: the
    variants' stocks, by id. Raises: InsufficientStock, naming every variant that falls short.
    """
    if not demands:
        return
    where = {
        "variant_ids": sorted({demand.variant_id for demand in demands}),
        "channel_id": channel_id,
        "country": country,
    }
    await session.execute(_LOCK_SHELVES, where)
    rows = await session.execute(_SHELVES, where | {"checkout_id": checkout_id})
    shares, short = spread(demands, [Shelf(*row) for row in rows])
    if short:
        raise InsufficientStock(short)
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


async def take(session: AsyncSession, takes: Collection[Take], *, beyond: bool = False) -> None:
    """The units have left their warehouses, and what was promised of them to the lines is no promise any more.

    Only variants whose inventory is tracked belong here. `beyond`: what a warehouse lacks leaves uncounted.
    Locks: the purchase's is held; the stocks, by id. Raises: Many (a NotInWarehouse for each warehouse).
    """
    if not takes:
        return
    lines = sorted({one.line_id for one in takes})
    rows = await session.execute(
        _TOUCHED,
        {
            "line_ids": lines,
            "variant_ids": [one.variant_id for one in takes],
            "warehouse_ids": [one.warehouse_id for one in takes],
        },
    )
    shelves = {
        (row.variant_id, row.warehouse_id): Shelf(row.id, row.variant_id, row.quantity - row.quantity_allocated, 0)
        for row in rows
    }
    promises = [Promise(*row) for row in await session.execute(_PROMISES, {"line_ids": lines})]
    removal = remove(takes, shelves, promises, beyond=beyond)
    if removal.short:
        places = dict.fromkeys(one.warehouse_id for one in removal.short)
        raise Many(
            [NotInWarehouse([one.line_id for one in removal.short if one.warehouse_id == at], at) for at in places]
        )
    await _move(session, removal.quantities, {stock_id: -used for stock_id, used in removal.released.items()})
    if removal.promises:
        rest = {"allocation_ids": list(removal.promises), "quantities": list(removal.promises.values())}
        await session.execute(_USE_UP, rest)
        await session.execute(_LESSEN, rest)


async def put_back(session: AsyncSession, returned: Collection[Demand], warehouse_id: uuid.UUID) -> None:
    """The units lie in the warehouse and are promised to their lines again.

    Locks: the purchase's is held; the stocks, by id. Raises: WarehouseNotFound on `warehouseId`.
    """
    await require_warehouses(session, {warehouse_id}, "warehouseId")
    if not returned:
        return
    total: Counter[int] = Counter()
    for one in returned:
        total[one.variant_id] += one.quantity
    variant_ids = sorted(total)
    await session.execute(
        upsert(Stock)
        .values([{"warehouse_id": warehouse_id, "variant_id": variant_id} for variant_id in variant_ids])
        .on_conflict_do_nothing(index_elements=[Stock.variant_id, Stock.warehouse_id])
    )
    places = {"line_ids": [], "variant_ids": variant_ids, "warehouse_ids": [warehouse_id] * len(variant_ids)}
    stocks = {row.variant_id: row.id for row in await session.execute(_TOUCHED, places)}
    changes = {stocks[variant_id]: quantity for variant_id, quantity in total.items()}
    await _move(session, changes, changes)
    promise = upsert(Allocation).values(
        [
            {"order_line_id": one.line_id, "stock_id": stocks[one.variant_id], "quantity": one.quantity}
            for one in returned
        ]
    )
    await session.execute(
        promise.on_conflict_do_update(
            index_elements=[Allocation.order_line_id, Allocation.stock_id],
            set_={"quantity": Allocation.quantity + promise.excluded.quantity},
        )
    )


async def require_warehouses(session: AsyncSession, ids: Collection[uuid.UUID], field: str = "warehouse") -> None:
    """These warehouses exist. Raises: WarehouseNotFound on `field`."""
    statement = select(func.count()).where(Warehouse.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
    if await session.scalar(statement, {"ids": sorted(ids)}) != len(ids):
        raise WarehouseNotFound(field)


async def _move(session: AsyncSession, quantities: dict[int, int], promised: dict[int, int]) -> None:
    stock_ids = sorted(quantities.keys() | promised.keys())
    if stock_ids:
        await session.execute(
            _MOVE,
            {
                "stock_ids": stock_ids,
                "quantities": [quantities.get(stock_id, 0) for stock_id in stock_ids],
                "promised": [promised.get(stock_id, 0) for stock_id in stock_ids],
            },
        )


async def _change(session: AsyncSession, changes: list[tuple[int, int]]) -> None:
    total: Counter[int] = Counter()
    for stock_id, quantity in changes:
        total[stock_id] += quantity
    await session.execute(_CHANGE, {"stock_ids": list(total), "quantities": list(total.values())})


async def forget_reservations(session: AsyncSession) -> int:
    """Reservations whose time is up, which nobody counts any more, are gone. Returns how many."""
    return len((await session.execute(_FORGET)).all())
