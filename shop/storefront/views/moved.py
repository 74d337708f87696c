"""Addresses that are none any more, or nearly one: links from elsewhere still lead to what is here now."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match

from shop.storefront.shopfront import shopfront


async def page(request: Request) -> Response | None:
    """Leads for good to the page that was at this address there; None where none was."""
    address = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    data = await shopfront(request).api.query_as_anyone(request, "PageByFormerAddress", address=address)
    found = data["pageByFormerAddress"]
    return RedirectResponse(f"/pages/{found['slug']}", status_code=301) if found else None


def without_slash(request: Request) -> Response | None:
    """Leads from `/products/`, as people type it, to `/products`."""
    # One slash in front: two of them would be the name of another site.
    path = f"/{request.url.path.strip('/')}"
    if not request.url.path.endswith("/") or not _is_known(request, path):
        return None
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{path}{query}", status_code=308)


def _is_known(request: Request, path: str) -> bool:
    asked = {**request.scope, "path": path}
    return any(route.matches(asked)[0] is Match.FULL for route in request.app.routes)


async def feed(request: Request) -> Response:
    """Leads readers that follow a WordPress site to the feed of the same here."""
    target = "/comments.xml" if request.url.path.startswith("/comments") else "/feed.xml"
    return RedirectResponse(target, status_code=301)
