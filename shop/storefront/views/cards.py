"""The pictures that links to the shop's pages are shown with, where a page has none of its own."""

import asyncio
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from shop.media import cards
from shop.storefront.answers import shared
from shop.storefront.shopfront import shopfront

_KEPT_SECONDS: Final = 86_400


async def page_card(request: Request) -> Response:
    """The title of a page that anybody may read, drawn."""
    front = shopfront(request)
    data = await front.api.query_as_anyone(request, "PageCard", slug=request.path_params["slug"])
    if data["page"] is None:
        raise HTTPException(404)
    # Drawing takes a while the first time; other requests go on meanwhile.
    picture = await asyncio.to_thread(cards.draw, data["page"]["title"], data["shop"]["name"])
    return shared(request, picture, "image/png", seconds=_KEPT_SECONDS)
