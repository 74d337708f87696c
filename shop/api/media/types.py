"""Pictures: a stored file's path becomes an absolute address of the size and format that a client asks for."""

from collections.abc import Callable, Sequence
from typing import Final

import strawberry

from shop.api.core.context import Context
from shop.api.core.enums import ThumbnailFormatEnum
from shop.media import queries
from shop.media.rules import SIZES, ThumbnailFormat, media_url, nearest_size, thumbnail_url

_FORMATS: Final = {member: ThumbnailFormat(member.value.lower()) for member in ThumbnailFormatEnum}


@strawberry.type(description="A picture.")
class Image:
    url: str = strawberry.field(description="Address of the picture in the size and format that were asked for.")
    alt: str | None = strawberry.field(description="What the picture shows, for those who do not see it.")


@strawberry.type(description="A file.")
class File:
    url: str = strawberry.field(description="Address of the file.")
    content_type: str | None = strawberry.field(description="Its media type.")


def picture_urls(context: Context, size: int | None, format_: ThumbnailFormatEnum | None) -> Callable[[str], str]:
    """From the path of a stored picture to its address.

    Units: the longest side in pixels; None: the largest offered, 0: as stored.
    """
    base = context.base_url
    if size == 0:
        return lambda path: base + media_url(path)
    wanted = SIZES[-1] if size is None else nearest_size(size)
    kind = _FORMATS[format_ or ThumbnailFormatEnum.ORIGINAL]
    return lambda path: base + thumbnail_url(path, wanted, kind)


async def images(
    context: Context,
    pictures: Sequence[tuple[int | None, str]],
    size: int | None,
    format_: ThumbnailFormatEnum | None,
) -> list[Image | None]:
    """An image for each (asset id, alternative text), None where there is no asset. One statement."""
    ids = sorted({asset_id for asset_id, _ in pictures if asset_id is not None})
    rows = await context.rows(queries.ASSETS_BY_ID, ids=ids) if ids else []
    paths = {row["id"]: row["path"] for row in rows}
    url_of = picture_urls(context, size, format_)
    return [Image(url=url_of(paths[asset_id]), alt=alt) if asset_id in paths else None for asset_id, alt in pictures]
