"""Which pictures are accepted, where they lie, and the addresses under which they are served."""

import re
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Final

# Pillow's name of each accepted format → extension and media type. No SVG: it can hold scripts.
FORMATS: Final = {
    "PNG": ("png", "image/png"),
    "JPEG": ("jpg", "image/jpeg"),
    "WEBP": ("webp", "image/webp"),
    "AVIF": ("avif", "image/avif"),
    "GIF": ("gif", "image/gif"),
}
MEDIA_TYPES: Final = dict(FORMATS.values())
PILLOW_FORMATS: Final = {extension: name for name, (extension, _) in FORMATS.items()}

MAX_BYTES: Final = 20 * 1024 * 1024
# Enough for a camera's picture; a bomb of a few kilobytes can claim a thousand times as much.
MAX_PIXELS: Final = 64_000_000

# Longest sides that are offered, so that visitors cannot fill the disk with one size after the other.
# Source: Saleor, Product.thumbnail(size).
SIZES: Final = (32, 64, 128, 256, 512, 1024, 2048, 4096)

_NAME: Final = re.compile(r"[0-9a-f]{64}\.(?:" + "|".join(MEDIA_TYPES) + r")")


class ThumbnailFormat(StrEnum):
    """What a thumbnail is stored as; `ORIGINAL` keeps the picture's own format."""

    ORIGINAL = "original"
    WEBP = "webp"
    AVIF = "avif"


@lru_cache(maxsize=1024)
def nearest_size(size: int) -> int:
    """The offered size that is closest to the wanted one."""
    return min(SIZES, key=lambda offered: abs(offered - size))


def path_of(content: bytes, extension: str) -> str:
    """Where a picture lies in the media folder: its name is its content, so equal pictures are one file."""
    digest = sha256(content).hexdigest()
    return f"{digest[:2]}/{digest}.{extension}"


def private_path_of(content: bytes, extension: str) -> str:
    """Where a file lies that is nobody's to find: below the media folder, outside of everything that is served."""
    digest = sha256(content).hexdigest()
    return f"private/{digest[:2]}/{digest}.{extension}"


def path_of_name(name: str) -> str | None:
    """The path of a picture by its file name; None for what can be no picture of ours."""
    return f"{name[:2]}/{name}" if _NAME.fullmatch(name) else None


def is_path(path: str) -> bool:
    """Whether the path can be one of our pictures; nothing else is ever opened."""
    return path_of_name(path.rpartition("/")[2]) == path


def media_url(path: str) -> str:
    """The address of the picture as it was stored, from the server's root."""
    return f"/media/{path}"


# The same few pictures are named in page after page.
@lru_cache(maxsize=4096)
def thumbnail_url(path: str, size: int, format_: ThumbnailFormat) -> str:
    """The address of a smaller copy, from the server's root."""
    return f"/thumbnail/{path.rpartition('/')[2]}/{size}/{format_}"
