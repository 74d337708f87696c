"""Addresses of the site that the shop was before: links from elsewhere still lead to what is here now."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from shop.storefront.shopfront import shopfront


async def page(request: Request) -> Response | None:
    """Leads for good to the page that was at this address there; None where none was."""
    address = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    data = await shopfront(request).api.query_as_anyone(request, "PageByFormerAddress", address=address)
    found = data["pageByFormerAddress"]
    return RedirectResponse(f"/pages/{found['slug']}", status_code=301) if found else None


async def feed(request: Request) -> Response:
    """Leads readers that follow a WordPress site to the feed of the same here."""
    target = "/comments.xml" if request.url.path.startswith("/comments") else "/feed.xml"
    return RedirectResponse(target, status_code=301)
