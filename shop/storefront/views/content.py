"""The start page, articles and other pages, and the choice of a channel."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from shop.storefront import blocks, seo, visitor
from shop.storefront.api import nodes
from shop.storefront.origin import base_url, local_path
from shop.storefront.rendering import go
from shop.storefront.shopfront import shopfront
from shop.storefront.views import comments


async def home(request: Request) -> Response:
    """What the shop offers, and what there is to read."""
    front = shopfront(request)
    frame = await front.pages.frame(request)
    data = await front.api.query(request, "Home", channel=frame.market.slug)
    featured = data["collection"]
    return await front.pages.show(
        request,
        "home.html",
        featured=featured,
        products=nodes(featured["products"]) if featured else [],
        categories=nodes(data["categories"]),
        articles=[page for page in nodes(data["pages"]) if is_article(page["pageType"]["slug"])],
        structured=[seo.website(frame.shop_name, frame.shop_description, base_url(request, front.settings.public_url))],
    )


async def page(request: Request) -> Response:
    """An article with its sidebar, or a plain page such as the terms."""
    front = shopfront(request)
    frame = await front.pages.frame(request)
    slug = request.path_params["slug"]
    data = await front.api.query(request, "PageDetails", slug=slug, channel=frame.market.slug)
    node = data["page"]
    if node is None:
        raise HTTPException(404)
    base = base_url(request, front.settings.public_url)
    description = node["seoDescription"] or blocks.plain(node["content"])
    trail = [("Home", "/"), (node["title"], f"/pages/{slug}")]
    featured = data["collection"]
    return await front.pages.show(
        request,
        "article.html" if is_article(node["pageType"]["slug"]) else "page.html",
        page=node,
        description=description,
        headings=blocks.headings(node["contentHtml"]),
        featured=featured,
        products=nodes(featured["products"]) if featured else [],
        booking=data["booking"],
        discussion=await comments.discussion(request, slug),
        trail=trail,
        structured=[seo.article(base, node, description, frame.shop_name), seo.breadcrumbs(base, trail)],
    )


async def choose_channel(request: Request) -> Response:
    """The visitor sees another channel's prices from now on; each channel has a cart of its own."""
    form = await request.form()
    response = go(request, local_path(str(form.get("next") or ""), "/"))
    slugs = {market.slug for market in await shopfront(request).markets.all(request)}
    if form.get("channel") in slugs:
        visitor.keep_channel(response, request, str(form["channel"]))
    return response


def is_article(page_type: str) -> bool:
    """Whether pages of this type are something to read at length, rather than terms and the like."""
    return "article" in page_type or "blog" in page_type
