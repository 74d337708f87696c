"""Documents that were stored before the sanitiser knew what it knows today."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from shop.content.rules.cleaning import cleaned


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A batch of rows: how many were read, the keys of those that are changed, and the key of the last one."""

    read: int
    changed: tuple[Any, ...]
    last: Any


async def clean(
    session: AsyncSession, column: InstrumentedAttribute[Any], *, after: Any, size: int, dry_run: bool = False
) -> Cleaned:
    """The documents of the column's next rows are as they would be stored today; a second time changes nothing.

    `after`: the key of the last row of the batch before, None for the first batch. Nothing is written by a dry run.
    Locks: the rows, by key.
    """
    model = column.parent.class_
    key = inspect(model).primary_key[0]
    rows = await session.execute(
        select(key.label("key"), column.label("value"))
        .where(column.is_not(None), *(() if after is None else (key > after,)))
        .order_by(key)
        .limit(size)
        .with_for_update()
    )
    last, read, changed = after, 0, []
    for row in rows.all():
        last, read = row.key, read + 1
        value = cleaned(row.value)
        if value == row.value:
            continue
        changed.append(row.key)
        if not dry_run:
            await session.execute(update(model).where(key == row.key).values({column.key: value}))
    return Cleaned(read, tuple(changed), last)
