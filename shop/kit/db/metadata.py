"""Changes of a row's metadata, whatever the row is. Who may make them is for the caller to say."""

import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.db.models import HasMetadata
from shop.kit.metadata import within_limit

Change = Callable[[dict[str, str]], dict[str, str]]


async def change_metadata(
    session: AsyncSession, model: type[HasMetadata], key: int | uuid.UUID, change: Change, *, private: bool = False
) -> bool:
    """The row holds its metadata as changed; False where there is no such row.

    `change` is a function from the entries to the new ones. Locks: the row. Raises: Invalid for too many keys.
    """
    row: Any = model
    column = row.metadata_private if private else row.metadata_public
    held = (await session.execute(select(column).where(row.id == key).with_for_update())).scalar_one_or_none()
    if held is None:
        return False
    changed = within_limit(change(held), field="input")
    if changed != held:
        await session.execute(update(row).where(row.id == key).values({column: changed}))
    return True
