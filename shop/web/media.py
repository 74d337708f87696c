"""Serves pictures and their thumbnails. Names are made of the content, so a browser may keep them for ever."""

from pathlib import Path
from typing import Final

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from shop.media.errors import NotAnImage
from shop.media.rules import MEDIA_TYPES, SIZES, ThumbnailFormat, is_path, path_of_name
from shop.media.thumbnails import Thumbnails

_log = structlog.get_logger(__name__)

_HEADERS: Final = {
    "cache-control": "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
    # Opened by itself, a file can do nothing; storefronts elsewhere may show it.
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "cross-origin",
}


def routes(folder: Path) -> list[Route]:
    """The routes of a media folder: `/media/{path}` and `/thumbnail/{name}/{size}/{format}`."""
    thumbnails = Thumbnails(folder)

    async def media(request: Request) -> Response:
        path = request.path_params["path"]
        if not is_path(path):
            raise HTTPException(404)
        return _answer(request, folder / path)

    async def thumbnail(request: Request) -> Response:
        path = path_of_name(request.path_params["name"])
        size: int = request.path_params["size"]
        if path is None or size not in SIZES or request.path_params["format"] not in set(ThumbnailFormat):
            raise HTTPException(404)
        try:
            file = await thumbnails.get(path, size, ThumbnailFormat(request.path_params["format"]))
        except FileNotFoundError:
            raise HTTPException(404) from None
        except NotAnImage as error:
            _log.error("no thumbnail", path=path, error=str(error.__cause__ or error))
            raise HTTPException(404) from None
        return _answer(request, file)

    return [Route("/media/{path:path}", media), Route("/thumbnail/{name}/{size:int}/{format}", thumbnail)]


def _answer(request: Request, file: Path) -> Response:
    # A name stands for one content, so it is all that a validator needs.
    headers = _HEADERS | {"etag": f'"{file.name}"'}
    wanted = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    try:
        stat = file.stat()
    except FileNotFoundError:
        raise HTTPException(404) from None
    if headers["etag"] in wanted or "*" in wanted:
        return Response(status_code=304, headers=headers)
    return FileResponse(file, media_type=MEDIA_TYPES[file.suffix[1:]], headers=headers, stat_result=stat)
