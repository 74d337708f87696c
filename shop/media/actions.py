"""Stores pictures: what is stored was opened once and is what its name says."""

import asyncio
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.media.errors import NotAnImage
from shop.media.models import Asset
from shop.media.rules import FORMATS, MAX_BYTES, MAX_PIXELS, path_of, private_path_of
from shop.media.thumbnails import write_atomically


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture whose file lies in the media folder. Units: pixels, bytes."""

    path: str
    mime_type: str
    width: int
    height: int
    size_bytes: int


async def keep(content: bytes, filename: str, *, folder: Path) -> Picture:
    """The picture lies in the media folder. `filename` is for messages alone. Raises: NotAnImage.

    Outside of a transaction where that can be: decoding takes up to a second.
    """
    # In a thread: other requests go on.
    extension, mime_type, (width, height) = await asyncio.to_thread(_inspect, content, filename)
    path = path_of(content, extension)
    await asyncio.to_thread(_write, folder / path, content)
    return Picture(path, mime_type, width, height, len(content))


async def record(session: AsyncSession, picture: Picture) -> Asset:
    """The picture has its row; the same content again is the same row."""
    await session.execute(insert(Asset).values(asdict(picture)).on_conflict_do_nothing(index_elements=[Asset.path]))
    return (await session.execute(select(Asset).where(Asset.path == picture.path))).scalar_one()


async def store(session: AsyncSession, content: bytes, filename: str, *, folder: Path) -> Asset:
    """The picture lies in the media folder and has its row. Raises: NotAnImage.

    The file is written first: a row without its file would show a broken picture, a file without a row costs only
    room. `folder` is the shop's media folder; `filename` is for messages alone.
    """
    return await record(session, await keep(content, filename, folder=folder))


async def store_private(content: bytes, extension: str, *, folder: Path) -> str:
    """The file lies in the media folder's private part, from which nothing is served by its name. The answer: its path.

    It has no row here: who stored it keeps the path.
    """
    path = private_path_of(content, extension)
    await asyncio.to_thread(_write, folder / path, content)
    return path


def _write(target: Path, content: bytes) -> None:
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, lambda file: file.write(content))


def _inspect(content: bytes, filename: str) -> tuple[str, str, tuple[int, int]]:
    """Extension, media type and size of a picture, by its content; what it is called does not matter."""
    if len(content) > MAX_BYTES:
        raise NotAnImage(f"{filename}: larger than {MAX_BYTES // 1024**2} MB.")
    try:
        # The size is known before a pixel is decoded.
        with Image.open(BytesIO(content), formats=list(FORMATS)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise NotAnImage(f"{filename}: more than {MAX_PIXELS // 10**6} million pixels.")
            image.load()
            extension, mime_type = FORMATS[image.format or ""]
            return extension, mime_type, image.size
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NotAnImage(f"{filename}: more than {MAX_PIXELS // 10**6} million pixels.") from error
    except (OSError, SyntaxError, ValueError, KeyError) as error:
        accepted = ", ".join(extension for extension, _ in FORMATS.values())
        raise NotAnImage(f"{filename}: no readable picture. Accepted: {accepted}.") from error
