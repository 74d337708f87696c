"""The start page, articles and other pages, and the choice of a channel."""

import re
from collections.abc import Mapping
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from shop.storefront import seo, visitor
from shop.storefront.api import ApiRefused, nodes
from shop.storefront.origin import base_url, local_path
from shop.storefront.rendering import LANGUAGE, go
from shop.storefront.shopfront import shopfront
from shop.storefront.views import comments, moved

# The tags of languages that the API may know.
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,2}")
# The level of headings that part an article.
_PART: Final = 2
# Parts of the slugs of page types: WordPress calls its articles posts.
_ARTICLES: Final = frozenset({"post", "posts", "news"})
# By which WordPress's short links name a post, at the start page's address.
_NUMBERED: Final = frozenset({"p", "page_id"})


async def home(request: Request) -> Response:
    """What the shop offers, and what there is to read."""
    if not _NUMBERED.isdisjoint(request.query_params) and (former := await moved.page(request)):
        return former
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
        booking=data["booking"],
        articles=[page for page in nodes(data["pages"]) if is_article(page["pageType"]["slug"])],
        structured=[seo.website(frame.shop_name, frame.shop_description, base_url(request, front.settings.public_url))],
    )


async def page(request: Request) -> Response:
    """An article with its sidebar, or a plain page such as the terms. A former address leads to the present one."""
    slug = request.path_params["slug"]
    preview = request.query_params.get("preview")
    data = await _read(request, slug, preview=preview)
    node = data["page"]
    if node is None:
        raise HTTPException(404)
    if node["slug"] != slug:
        return RedirectResponse(f"/pages/{node['slug']}", status_code=301)
    base = base_url(request, shopfront(request).settings.public_url)
    trail = [("Home", "/"), (node["title"], f"/pages/{slug}")]
    response = await _show(
        request, data, node, trail, [node["jsonLd"], seo.breadcrumbs(base, trail)], preview=preview is not None
    )
    if preview is not None:
        response.headers["Cache-Control"] = "no-store"
    return response


async def page_in_language(request: Request) -> Response:
    """The same in another language, where the page has an address in it; what stands around it is not translated.

    A former address of that language leads to the present one.
    """
    slug, tag = request.path_params["slug"], request.path_params["language"]
    code = tag.upper().replace("-", "_")
    if not _LANGUAGE.fullmatch(tag):
        raise HTTPException(404)
    try:
        data = await _read(request, slug, slugLanguage=code, language=code, translated=True)
    except ApiRefused:
        raise HTTPException(404) from None
    node = data["page"]
    if node is None or node["translation"] is None:
        raise HTTPException(404)
    if node["translation"]["slug"] != slug:
        present = node["translation"]["slug"]
        return RedirectResponse(f"/{tag}/pages/{present}" if present else f"/pages/{node['slug']}", status_code=301)
    base = base_url(request, shopfront(request).settings.public_url)
    path = f"/{tag}/pages/{slug}"
    texts = {name: value for name, value in node["translation"].items() if value is not None}
    if "seoTitle" not in texts:
        texts["seoTitle"] = texts.get("title")
    if "seoDescription" not in texts and "contentHtml" in texts:
        texts["seoDescription"] = seo.summary(texts["contentHtml"])
    shown = node | texts | {"canonicalUrl": base + path}
    trail = [("Home", "/"), (shown["title"], path)]
    return await _show(request, data, shown, trail, [seo.breadcrumbs(base, trail)], original=node, language=tag)


async def _read(request: Request, slug: str, **more: Any) -> dict[str, Any]:
    front = shopfront(request)
    frame = await front.pages.frame(request)
    return await front.api.query(request, "PageDetails", slug=slug, channel=frame.market.slug, **more)


async def _show(
    request: Request,
    data: Mapping[str, Any],
    node: Mapping[str, Any],
    trail: list[tuple[str, str]],
    structured: list[Any],
    *,
    original: Mapping[str, Any] | None = None,
    language: str = LANGUAGE,
    preview: bool = False,
) -> Response:
    featured = data["collection"]
    return await shopfront(request).pages.show(
        request,
        "article.html" if is_article(node["pageType"]["slug"]) else "page.html",
        page=node,
        original=original or node,
        text_language=language,
        preview=preview,
        description=node["seoDescription"] or node["openGraph"]["description"],
        headings=[heading for heading in node["toc"] if heading["level"] == _PART],
        featured=featured,
        products=nodes(featured["products"]) if featured else [],
        booking=data["booking"],
        # Nobody talks about what is not published yet.
        discussion=None if preview else await comments.discussion(request, (original or node)["slug"]),
        trail=trail,
        structured=structured,
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
    """Whether pages of this type are something to read at length, not terms and the like: as `openGraph` tells."""
    return "article" in page_type or "blog" in page_type or not _ARTICLES.isdisjoint(page_type.split("-"))
