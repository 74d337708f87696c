"""Smaller copies of pictures, made when they are first asked for and kept in the media folder."""

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Any, Final
from weakref import WeakValueDictionary

from PIL import Image, ImageOps

from shop.media.errors import NotAnImage
from shop.media.rules import MAX_PIXELS, PILLOW_FORMATS, ThumbnailFormat

_FOLDER: Final = "thumbnails"
# Visually close to the original at a fraction of its size; AVIF's scale differs from the others'.
_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "JPEG": {"quality": 82, "optimize": True, "progressive": True},
    "WEBP": {"quality": 80, "method": 4},
    "AVIF": {"quality": 63, "speed": 7},
    "PNG": {"optimize": True},
    "GIF": {},
}


class Thumbnails:
    """The thumbnails of one media folder. Made once, however many visitors ask at the same time."""

    def __init__(self, folder: Path, *, at_once: int = 2) -> None:
        self._folder = folder
        self._locks: WeakValueDictionary[Path, asyncio.Lock] = WeakValueDictionary()
        # Decoding takes memory and CPU: a page full of new pictures must not take all of it.
        self._slots = asyncio.Semaphore(at_once)

    async def get(self, path: str, size: int, format_: ThumbnailFormat) -> Path:
        """The file of a thumbnail whose longest side is at most `size`; a smaller picture is not enlarged.

        Raises: FileNotFoundError when there is no such picture; NotAnImage when it cannot be read (any more).
        """
        source = self._folder / path
        suffix = source.suffix if format_ is ThumbnailFormat.ORIGINAL else f".{format_.value}"
        target = self._folder / _FOLDER / source.parent.name / f"{source.stem}-{size}{suffix}"
        if target.exists():
            return target
        lock = self._locks.setdefault(target, asyncio.Lock())
        async with lock:
            if not target.exists():
                async with self._slots:
                    await asyncio.to_thread(_make, source, target, size)
        return target


def _make(source: Path, target: Path, size: int) -> None:
    """The thumbnail is stored: whole or, after any failure, not at all."""
    name = PILLOW_FORMATS[target.suffix[1:]]
    try:
        with Image.open(source, formats=list(PILLOW_FORMATS.values())) as image:
            if image.width * image.height > MAX_PIXELS:
                raise NotAnImage("The picture is too large.")
            # JPEG decodes at a fraction of its size when told early.
            image.draft(None, (size, size))
            upright = ImageOps.exif_transpose(image)
            small = _for_format(upright, name)
            small.thumbnail((size, size), Image.Resampling.LANCZOS)
            profile = image.info.get("icc_profile")
    except FileNotFoundError:
        raise
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NotAnImage("The picture cannot be read.") from error
    target.parent.mkdir(parents=True, exist_ok=True)
    options = _OPTIONS[name] | ({"icc_profile": profile} if profile and name != "GIF" else {})
    write_atomically(target, lambda file: small.save(file, name, **options))


def _for_format(image: Image.Image, name: str) -> Image.Image:
    """The picture in a mode that the format can hold and that scales smoothly (palettes do not)."""
    transparent = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    if transparent and name != "JPEG":
        return image.convert("RGBA")
    return image.convert("RGB")


def write_atomically(target: Path, write: Any) -> None:
    """The file is there with its whole content; a reader never meets half of it, a crash leaves none."""
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
