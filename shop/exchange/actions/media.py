"""Pictures of other systems in the media folder, found again by the address they had there."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.exchange.actions.records import remember
from shop.exchange.models import Imported
from shop.media import actions
from shop.media.models import Asset
from shop.media.rules import media_url


async def known_pictures(session: AsyncSession, source: str, addresses: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What image blocks say of those of the pictures that were stored before, by their addresses elsewhere."""
    found = await session.execute(
        select(Imported.key, Asset.path, Asset.width, Asset.height)
        .join(Asset, Asset.id == Imported.media_id)
        .where(Imported.source == source, Imported.kind == "media", Imported.key.in_(set(addresses)))
    )
    return {row.key: {"url": media_url(row.path), "width": row.width, "height": row.height} for row in found}


async def store_picture(
    session: AsyncSession, source: str, address: str, content: bytes, *, folder: Path
) -> dict[str, Any]:
    """The picture is stored and on record under its address; what image blocks say of it. Raises: NotAnImage."""
    asset = await actions.store(session, content, address, folder=folder)
    await remember(session, source, "media", [(address, asset.id, None)])
    return {"url": media_url(asset.path), "width": asset.width, "height": asset.height}
