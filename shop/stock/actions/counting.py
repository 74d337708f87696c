"""Counts what lies in warehouses, as staff say it."""

import uuid
from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.errors import Many, ShopError
from shop.stock.errors import InvalidStock, StillPromised
from shop.stock.models import Stock, Warehouse

# As much as the column holds.
_MOST_OF_ONE: Final = 2_147_483_647


async def add_stocks(session: AsyncSession, variant_id: int, quantities: Sequence[tuple[uuid.UUID, int]]) -> None:
    """So many of the variant lie in warehouses where none was counted yet. Raises: Many of InvalidStock."""
    rows = await session.execute(select(Stock.warehouse_id).where(Stock.variant_id == variant_id))
    has = set(rows.scalars())
    await _check_stocks(session, quantities, has)
    if quantities:
        rows_ = [{"variant_id": variant_id, "warehouse_id": at, "quantity": quantity} for at, quantity in quantities]
        await session.execute(insert(Stock), rows_)


async def set_stocks(session: AsyncSession, variant_id: int, quantities: Sequence[tuple[uuid.UUID, int]]) -> None:
    """So many of the variant lie in these warehouses, whether it was counted there before or not.

    Raises: Many of InvalidStock and StillPromised. Locks: the variant's stocks, by id.
    """
    await _check_stocks(session, quantities, set())
    promised = await _held_stocks(session, variant_id)
    short = [at for at, (key, quantity) in enumerate(quantities) if quantity < promised.get(key, 0)]
    if short:
        raise Many([StillPromised(field="quantity", index=at) for at in short])
    for key, quantity in quantities:
        stock = upsert(Stock).values(variant_id=variant_id, warehouse_id=key, quantity=quantity)
        await session.execute(
            stock.on_conflict_do_update(
                index_elements=[Stock.variant_id, Stock.warehouse_id], set_={"quantity": quantity}
            )
        )


async def drop_stocks(session: AsyncSession, variant_id: int, warehouse_ids: Collection[uuid.UUID]) -> None:
    """The variant is counted in none of these warehouses. Raises: StillPromised. Locks: the variant's stocks, by id."""
    promised = await _held_stocks(session, variant_id)
    if any(promised.get(key) for key in warehouse_ids):
        raise StillPromised(field="warehouseIds")
    await session.execute(delete(Stock).where(Stock.variant_id == variant_id, Stock.warehouse_id.in_(warehouse_ids)))


async def _held_stocks(session: AsyncSession, variant_id: int) -> dict[uuid.UUID, int]:
    """How many are promised to orders, by warehouse."""
    rows = await session.execute(
        select(Stock.warehouse_id, Stock.quantity_allocated)
        .where(Stock.variant_id == variant_id)
        .order_by(Stock.id)
        .with_for_update()
    )
    return {row.warehouse_id: row.quantity_allocated for row in rows}


async def _check_stocks(
    session: AsyncSession, quantities: Sequence[tuple[uuid.UUID, int]], counted: Collection[uuid.UUID]
) -> None:
    rows = await session.execute(select(Warehouse.id).where(Warehouse.id.in_([key for key, _ in quantities])))
    known = set(rows.scalars())
    errors: list[ShopError] = []
    for at, (key, quantity) in enumerate(quantities):
        if key not in known:
            errors.append(InvalidStock("There is no such warehouse.", field="warehouse", index=at, code="NOT_FOUND"))
        elif key in counted or key in {before for before, _ in quantities[:at]}:
            message = "The variant is counted in this warehouse already."
            errors.append(InvalidStock(message, field="warehouse", index=at, code="UNIQUE"))
        if not 0 <= quantity <= _MOST_OF_ONE:
            message = f"A quantity is between 0 and {_MOST_OF_ONE}."
            errors.append(InvalidStock(message, field="quantity", index=at))
    if errors:
        raise Many(errors)
