"""Pictures: a stored file's path becomes an absolute address of the size and format that a client asks for."""

from collections.abc import Sequence
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


def picture_url(context: Context, path: str, size: int | None, format_: ThumbnailFormatEnum | None) -> str:
    """The address of a stored picture. Units: the longest side in pixels; None: the largest offered, 0: as stored."""
    if size == 0:
        return context.base_url + media_url(path)
    wanted = SIZES[-1] if size is None else nearest_size(size)
    return context.base_url + thumbnail_url(path, wanted, _FORMATS[format_ or ThumbnailFormatEnum.ORIGINAL])


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
    return [
        Image(url=picture_url(context, paths[asset_id], size, format_), alt=alt) if asset_id in paths else None
        for asset_id, alt in pictures
    ]
