"""What machines ask for: robots.txt, the sitemap, and feeds of what was published last."""

from typing import Any, Final

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from shop.storefront import atom, sitemap
from shop.storefront.answers import shared
from shop.storefront.api import nodes
from shop.storefront.origin import base_url
from shop.storefront.shopfront import shopfront
from shop.storefront.views.content import is_article

_IN_FEED: Final = 20
_MOST_ROUNDS: Final = 10
_FEED_SECONDS: Final = 300
# What belongs to one person, and lists that only repeat what other pages show.
_PRIVATE: Final = (
    *("/cart", "/checkout", "/orders/", "/bookings/", "/waitlist", "/account", "/search"),
    *("/products?*before=", "/products?*after="),
)


async def robots(request: Request) -> Response:
    """What is not worth indexing: carts, checkouts and orders belong to one person."""
    base = base_url(request, shopfront(request).settings.public_url)
    private = "".join(f"Disallow: {path}\n" for path in _PRIVATE)
    return shared(
        request, f"User-agent: *\n{private}\nSitemap: {base}/sitemap.xml\n", "text/plain", seconds=_FEED_SECONDS
    )


async def whole_sitemap(request: Request) -> Response:
    """Every public address of the first channel; beyond 50,000, the files that hold them."""
    front = shopfront(request)
    base = base_url(request, front.settings.public_url)
    places = await front.sitemap.places(request, (await front.markets.default(request)).slug)
    files = -(-len(places) // sitemap.MOST_IN_A_FILE)
    body = sitemap.file(base, places) if files == 1 else sitemap.index(base, files)
    return shared(request, body, "application/xml", seconds=sitemap.KEPT_SECONDS)


async def part_of_sitemap(request: Request) -> Response:
    """One of the files that the sitemap names."""
    front = shopfront(request)
    places = await front.sitemap.places(request, (await front.markets.default(request)).slug)
    first = (request.path_params["number"] - 1) * sitemap.MOST_IN_A_FILE
    if not 0 <= first < len(places):
        raise HTTPException(404)
    base = base_url(request, front.settings.public_url)
    body = sitemap.file(base, places[first : first + sitemap.MOST_IN_A_FILE])
    return shared(request, body, "application/xml", seconds=sitemap.KEPT_SECONDS)


async def articles_atom(request: Request) -> Response:
    """The articles that were published last, whole, as Atom."""
    base, shop, pages = await _articles(request)
    entries = [
        atom.Entry(
            url=f"{base}/pages/{page['slug']}",
            title=page["title"],
            author=page["author"]["name"] if page["author"] else shop["name"],
            updated=page["updatedAt"],
            published=page["publishedAt"],
            html=_whole(base, page),
        )
        for page in pages
    ]
    body = atom.feed(base + request.url.path, base, shop["name"], entries)
    return shared(request, body, "application/atom+xml", seconds=_FEED_SECONDS)


async def articles_json(request: Request) -> Response:
    """The articles that were published last, whole, as JSON Feed. Source: jsonfeed.org, version 1.1."""
    base, shop, pages = await _articles(request)
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": shop["name"],
        "description": shop["description"] or "",
        "home_page_url": f"{base}/",
        "feed_url": base + request.url.path,
        "items": [
            {
                "id": f"{base}/pages/{page['slug']}",
                "url": f"{base}/pages/{page['slug']}",
                "title": page["title"],
                "summary": page["seoDescription"] or "",
                "content_html": _whole(base, page),
                "date_modified": page["updatedAt"],
                **({"date_published": page["publishedAt"]} if page["publishedAt"] else {}),
                "authors": [{"name": page["author"]["name"] if page["author"] else shop["name"]}],
            }
            for page in pages
        ],
    }
    return shared(request, orjson.dumps(feed), "application/feed+json", seconds=_FEED_SECONDS)


async def _articles(request: Request) -> tuple[str, dict[str, Any], list[dict[str, Any]]]:
    front = shopfront(request)
    pages: list[dict[str, Any]] = []
    after: str | None = None
    # Between the articles may lie many pages of other types.
    for _ in range(_MOST_ROUNDS):
        data = await front.api.query_as_anyone(request, "LatestPages", first=_IN_FEED, after=after)
        pages += [page for page in nodes(data["pages"]) if is_article(page["pageType"]["slug"])]
        following = data["pages"]["pageInfo"]
        if len(pages) >= _IN_FEED or not following["hasNextPage"]:
            break
        after = following["endCursor"]
    return base_url(request, front.settings.public_url), data["shop"], pages[:_IN_FEED]


def _whole(base: str, page: dict[str, Any]) -> str:
    """The article's HTML with the shop's address in its links: a reader shows it elsewhere."""
    html: str = page["contentHtml"] or ""
    return html.replace(' href="/', f' href="{base}/').replace(' src="/', f' src="{base}/')
