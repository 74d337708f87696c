"""The records of what came from where."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.exchange.models import Imported

# One import at a time: two of them would each find the other's pages missing.
_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtext('shop import'))")


async def begin(session: AsyncSession) -> None:
    """Until the unit ends, no other import writes. Locks: one advisory lock for all imports, before any row."""
    await session.execute(_LOCK)


async def known(session: AsyncSession, source: str, kind: str, keys: Iterable[str]) -> dict[str, Any]:
    """The records of these keys: `id` of the row (None once it was deleted) and `digest`, by key."""
    row_id = getattr(Imported, f"{kind}_id").label("id")
    found = await session.execute(
        select(Imported.key, row_id, Imported.digest).where(
            Imported.source == source, Imported.kind == kind, Imported.key.in_(set(keys))
        )
    )
    return {row.key: row for row in found}


async def remember(session: AsyncSession, source: str, kind: str, rows: Sequence[tuple[str, int, str | None]]) -> None:
    """Triples of key, row and digest are on record, in place of what was recorded of their keys."""
    if not rows:
        return
    column = f"{kind}_id"
    values = [
        {"source": source, "kind": kind, "key": key, column: row_id, "digest": digest} for key, row_id, digest in rows
    ]
    statement = insert(Imported).values(values)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["source", "kind", "key"],
            set_={column: statement.excluded[column], "digest": statement.excluded.digest, "updated_at": func.now()},
        )
    )
