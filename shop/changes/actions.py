"""Forgetting what everybody has seen."""

from datetime import timedelta
from typing import Final

from sqlalchemy import delete, func, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.changes.models import Change

KEPT: Final = timedelta(hours=1)
"""How long a change is kept after the sweeper met it."""

_FORGET: Final = delete(Change).where(Change.met_at < func.now() - KEPT)
_MEET: Final = update(Change).where(Change.met_at.is_(None)).values(met_at=func.now())


async def sweep(session: AsyncSession) -> None:
    """Changes that were met an hour ago are gone; the hour of those that came since begins.

    By when a change was met, not by when it was made: nobody sees it before its transaction commits, however long
    that takes.
    """
    await session.execute(_FORGET)
    await session.execute(_MEET)
