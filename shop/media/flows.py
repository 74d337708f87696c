"""Storing a picture that somebody sent: it is decoded before the unit, so that no transaction waits for it."""

from pathlib import Path

from shop.kit.db import Units
from shop.media import actions
from shop.media.models import Asset


async def store(units: Units, content: bytes, filename: str, *, folder: Path) -> Asset:
    """The picture lies in the media folder and has its row. Raises: NotAnImage."""
    picture = await actions.keep(content, filename, folder=folder)
    return await units.run(lambda session: actions.record(session, picture))
