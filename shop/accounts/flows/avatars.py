"""The picture that a user is shown with: it is decoded before the unit, so that no transaction waits for it."""

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts import actions
from shop.kit.db import Units
from shop.media.actions import keep, record


async def show_with(units: Units, email: str, content: bytes, filename: str, *, folder: Path) -> None:
    """The user is shown with the picture. Raises: NotAnImage, NotFound."""
    picture = await keep(content, filename, folder=folder)

    async def show(session: AsyncSession) -> None:
        asset = await record(session, picture)
        await actions.set_avatar(session, email=email, asset_id=asset.id)

    await units.run(show)
