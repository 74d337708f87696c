"""What search engines ask for: robots.txt and the sitemap."""

from collections.abc import AsyncIterator
from typing import Final
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from shop.storefront.api import nodes
from shop.storefront.origin import base_url
from shop.storefront.shopfront import shopfront

_MOST_PAGES: Final = 400  # a sitemap holds at most 50,000 addresses; Source: sitemaps.org, protocol


async def robots(request: Request) -> Response:
    """What is not worth indexing: carts, checkouts and orders belong to one person."""
    base = base_url(request, shopfront(request).settings.public_url)
    private = "".join(f"Disallow: {path}\n" for path in ("/cart", "/checkout", "/orders/", "/products?*before="))
    return PlainTextResponse(f"User-agent: *\n{private}\nSitemap: {base}/sitemap.xml\n")


async def sitemap(request: Request) -> Response:
    """Every public address of the channel."""
    base = base_url(request, shopfront(request).settings.public_url)
    entries = [
        f"<url><loc>{escape(base + path)}</loc>{f'<lastmod>{escape(changed)}</lastmod>' if changed else ''}</url>"
        async for path, changed in _addresses(request)
    ]
    body = "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
            *entries,
            "</urlset>\n",
        ]
    )
    return Response(body, media_type="application/xml", headers={"Cache-Control": "public, max-age=600"})


async def _addresses(request: Request) -> AsyncIterator[tuple[str, str | None]]:
    front = shopfront(request)
    market = await front.markets.default(request)
    yield "/", None
    yield "/products", None
    after: str | None = None
    for page in range(_MOST_PAGES):
        data = await front.api.query(request, "Sitemap", channel=market.slug, after=after)
        if page == 0:
            for kind in ("categories", "pages"):
                for node in nodes(data[kind]):
                    yield f"/{kind}/{node['slug']}", None
        for node in nodes(data["products"]):
            yield f"/products/{node['slug']}", node["updatedAt"]
        info = (data["products"] or {}).get("pageInfo")
        if not info or not info["hasNextPage"]:
            return
        after = info["endCursor"]
