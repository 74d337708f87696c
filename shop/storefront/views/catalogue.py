"""The catalogue: all products, those of a category or collection, a search, one product."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from shop.kit import clock
from shop.storefront import seo, slots
from shop.storefront.api import nodes
from shop.storefront.origin import base_url
from shop.storefront.session import session_of
from shop.storefront.shopfront import shopfront

_PAGE_SIZE: Final = 12
_FEW: Final = 5
_PACKAGES: Final = 20
_SEARCH_LENGTH: Final = 100


@dataclass(frozen=True, slots=True)
class _Order:
    title: str
    field: str
    direction: str


_ORDERS: Final = {
    "name": _Order("Name", "NAME", "ASC"),
    "price": _Order("Price, low to high", "MINIMAL_PRICE", "ASC"),
    "price-desc": _Order("Price, high to low", "MINIMAL_PRICE", "DESC"),
    "newest": _Order("Newest first", "CREATED_AT", "DESC"),
}


async def product_list(request: Request) -> Response:
    """Every product of the channel, or those that match a search."""
    text = request.query_params.get("q", "").strip()[:_SEARCH_LENGTH]
    title = f"Results for “{text}”" if text else "All products"
    return await _list(request, title=title, search=text)


async def category(request: Request) -> Response:
    """The products of a category and of those below it."""
    slug = request.path_params["slug"]
    node = (await shopfront(request).api.query(request, "CategoryDetails", slug=slug))["category"]
    if node is None:
        raise HTTPException(404)
    return await _list(request, title=node["name"], about=node, extra={"categories": [node["id"]]})


async def collection(request: Request) -> Response:
    """The products of a collection."""
    front = shopfront(request)
    slug = request.path_params["slug"]
    market = await front.markets.chosen(request)
    node = (await front.api.query(request, "CollectionDetails", slug=slug, channel=market.slug))["collection"]
    if node is None:
        raise HTTPException(404)
    return await _list(request, title=node["name"], about=node, extra={"collections": [node["id"]]})


async def product(request: Request) -> Response:
    """A product: pictures, what it is, its variants with their prices, and the form that puts it into the cart."""
    front = shopfront(request)
    frame = await front.pages.frame(request)
    slug = request.path_params["slug"]
    node = (await front.api.query(request, "ProductDetails", slug=slug, channel=frame.market.slug))["product"]
    if node is None:
        raise HTTPException(404)
    base = base_url(request, front.settings.public_url)
    variants = nodes(node["productVariants"])
    offers = [_offer(variant) for variant in variants if variant["pricing"] and variant["pricing"]["price"]]
    description = node["seoDescription"] or seo.summary(node["descriptionHtml"])
    trail = [("Home", "/"), ("Products", "/products")]
    if node["category"]:
        trail.append((node["category"]["name"], f"/categories/{node['category']['slug']}"))
    trail.append((node["name"], f"/products/{slug}"))
    buyable = [offer for offer in offers if offer["buyable"]]
    wanted = request.query_params.get("variant")
    chosen = next((offer for offer in buyable if offer["id"] == wanted), buyable[0] if buyable else None)
    return await front.pages.show(
        request,
        "product.html",
        product=node,
        offers=offers,
        chosen=chosen["id"] if chosen else None,
        **await _times(request, slug, chosen),
        description=description,
        trail=trail,
        structured=[
            seo.product(base, node, variants, description, frame.shop_name),
            seo.breadcrumbs(base, trail),
        ],
    )


async def _times(request: Request, slug: str, offer: dict[str, Any] | None) -> dict[str, Any]:
    """What the page shows of a variant that takes place at a time; no `service` for one that does not."""
    service = offer["bookableService"] if offer else None
    if offer is None or service is None:
        return {"service": None}
    front = shopfront(request)
    packages: list[dict[str, Any]] = []
    if session_of(request).is_signed_in:
        found = (await front.api.query(request, "AccountPackages", first=_PACKAGES))["me"] or {}
        packages = [
            one
            for one in nodes(found.get("entitlements"))
            if one["balance"] and offer["id"] in one["variantIds"] and not has_ended(one)
        ]
    picker = await slots.picker(
        request, {"variantId": offer["id"]}, service["practitioners"], {"variant": offer["id"]}, clock.now()
    )
    # Where the form leads back to, with the day that was open.
    day = f"&day={picker.day}" if picker.day else ""
    fields = [("variantId", offer["id"]), ("next", f"/products/{slug}?variant={quote(offer['id'])}{day}")]
    if service["capacity"] == 1:
        fields.append(("quantity", "1"))
    return {
        "service": service,
        "picker": picker,
        "packages": packages,
        "fields": fields,
        "seats": service["capacity"],
        "action": "/cart/lines",
        "script": True,
        "wait": f"/waitlist?variant={quote(offer['id'])}",
    }


def has_ended(package: dict[str, Any]) -> bool:
    """Whether the sessions of a package may no longer be used."""
    return package["expiresAt"] is not None and datetime.fromisoformat(package["expiresAt"]) <= clock.now()


async def _list(
    request: Request,
    *,
    title: str,
    search: str = "",
    about: dict[str, Any] | None = None,
    extra: dict[str, Any] | None = None,
) -> Response:
    front = shopfront(request)
    market = await front.markets.chosen(request)
    sort = request.query_params.get("sort", "")
    order = _ORDERS.get(sort)
    filters = (extra or {}) | ({"search": search} if search else {})
    data = await front.api.query(
        request,
        "ProductList",
        channel=market.slug,
        filter=filters or None,
        sortBy=_sort(order, searching=bool(search)),
        **_span(request),
    )
    connection = data["products"]
    if connection is None:
        # An old or edited cursor: the list starts again.
        raise HTTPException(404)
    kept = {key: value for key, value in (("q", search), ("sort", sort)) if value}
    info = connection["pageInfo"]
    trail = [("Home", "/"), ("Products", "/products")]
    if about is not None:
        trail.append((title, request.url.path))
    return await front.pages.show(
        request,
        "products.html",
        title=title,
        about=about,
        products=nodes(connection),
        total=connection["totalCount"],
        categories=nodes(data["categories"]),
        orders=_ORDERS,
        sort=sort if order else "",
        search=search,
        previous=f"?{urlencode(kept | {'before': info['startCursor']})}" if info["hasPreviousPage"] else None,
        following=f"?{urlencode(kept | {'after': info['endCursor']})}" if info["hasNextPage"] else None,
        trail=trail,
        structured=[seo.breadcrumbs(base_url(request, front.settings.public_url), trail)],
    )


def _sort(order: _Order | None, *, searching: bool) -> dict[str, str] | None:
    if order is not None:
        return {"field": order.field, "direction": order.direction}
    # The best match first needs a search; without one the catalogue reads by name.
    return None if searching else {"field": "NAME", "direction": "ASC"}


def _span(request: Request) -> dict[str, Any]:
    if before := request.query_params.get("before"):
        return {"last": _PAGE_SIZE, "before": before}
    return {"first": _PAGE_SIZE, "after": request.query_params.get("after")}


def _offer(variant: dict[str, Any]) -> dict[str, Any]:
    left = variant["quantityAvailable"]
    if left == 0:
        state = "Sold out"
    elif left is not None and left <= _FEW:
        state = f"Only {left} left"
    else:
        state = "Available"
    return variant | {"state": state, "buyable": left != 0}
