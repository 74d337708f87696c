"""Menus and widget areas, from the API's answer to what the templates show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shop.storefront.api import nodes

# What a widget has to show, by its type: one without it is left out. The drawer shows the cart in any case.
_SHOWN: Final = {
    "TextWidget": "contentHtml",
    "MenuWidget": "menu",
    "PagesWidget": "pages",
    "ProductsWidget": "products",
    "BookingWidget": "product",
}


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of a menu; without an address it is the title of its children."""

    name: str
    url: str
    children: tuple["Link", ...] = ()


@dataclass(frozen=True, slots=True)
class Widget:
    """A widget with something to show: `html`, `links` or `products`, and `more`, where there is more of it."""

    kind: str
    title: str
    html: str = ""
    links: tuple[Link, ...] = ()
    products: Sequence[Mapping[str, Any]] = ()
    more: str = ""


@dataclass(frozen=True, slots=True)
class Drawer:
    """What staff put into the drawer above and below the cart, and what they read there while it is empty."""

    above: tuple[Widget, ...] = ()
    below: tuple[Widget, ...] = ()
    hint: str = ""


def links_of(menu: Mapping[str, Any] | None) -> tuple[Link, ...]:
    """A menu's entries at the top, each with those below it."""
    return tuple(_link(item) for item in (menu or {}).get("items") or [])


def drawer_of(area: Mapping[str, Any] | None) -> Drawer:
    """The area around the cart: widgets that have nothing to show are left out, the cart never is."""
    made = [_widget(each) for each in (area or {}).get("widgets") or []]
    at = next((at for at, each in enumerate(made) if each.kind == "MiniCartWidget"), -1)
    above, below = (
        tuple(each for each in part if each.html or each.links or each.products)
        for part in (made[: max(at, 0)], made[at + 1 :])
    )
    return Drawer(above, below, (area or {}).get("hint") or "")


def _widget(given: Mapping[str, Any]) -> Widget:
    kind, title = given["__typename"], given["title"] or ""
    shown = given.get(_SHOWN.get(kind, ""))
    if not shown:
        return Widget(kind, title)
    if kind == "TextWidget":
        return Widget(kind, title, html=shown)
    if kind == "MenuWidget":
        return Widget(kind, title, links=links_of(shown))
    if kind == "PagesWidget":
        return Widget(kind, title, links=tuple(Link(page["title"], f"/pages/{page['slug']}") for page in shown))
    if kind == "BookingWidget":
        return Widget(kind, "", links=(Link(title or shown["name"], f"/products/{shown['slug']}"),))
    collection, category = given["collection"], given["category"]
    more = f"/collections/{collection['slug']}" if collection else f"/categories/{category['slug']}" if category else ""
    return Widget(kind, title, products=nodes(shown), more=more)


def _link(item: Mapping[str, Any]) -> Link:
    children = tuple(_link(child) for child in item.get("children") or [])
    for kind, path in (("category", "categories"), ("collection", "collections"), ("page", "pages")):
        if item[kind]:
            return Link(item["name"], f"/{path}/{item[kind]['slug']}", children)
    return Link(item["name"], item["url"] or "", children)
