"""The search: what there is to buy and what there is to read on some words."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from shop.storefront.api import nodes
from shop.storefront.shopfront import shopfront

_LONGEST: Final = 100


async def search(request: Request) -> Response:
    """The best products and pages, with links to the rest of the products; without words, only the form."""
    front = shopfront(request)
    words = request.query_params.get("q", "").strip()[:_LONGEST]
    found: dict[str, Any] = {"products": None, "pages": None}
    if words:
        frame = await front.pages.frame(request)
        found = await front.api.query(request, "Search", channel=frame.market.slug, words=words)
    products, pages = found["products"] or {}, found["pages"] or {}
    return await front.pages.show(
        request,
        "search.html",
        search=words,
        products=nodes(products),
        product_count=products.get("totalCount") or 0,
        articles=nodes(pages),
        article_count=pages.get("totalCount") or 0,
    )
