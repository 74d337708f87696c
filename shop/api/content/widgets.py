"""Widget areas: places on the storefront's pages that staff fills. Each kind of widget is a type of its own."""

from collections.abc import Sequence
from typing import Any, Final

import strawberry

from shop.api.attributes.references import Refers, referred
from shop.api.catalogue.categories import Category, categories_by_id
from shop.api.catalogue.collections import Collection
from shop.api.catalogue.lists import Paging
from shop.api.catalogue.product_lists import ProductArguments, products_within
from shop.api.catalogue.products import Product, ProductCountableConnection
from shop.api.channels.scope import scope_of
from shop.api.content.html import html_of, lowered_of
from shop.api.content.menus import Menu
from shop.api.content.page_types import PageType, page_types_by_id
from shop.api.content.pages import Page
from shop.api.core.connections import nodes_of
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.scalars import JSON, JSONString
from shop.content import queries
from shop.content.rules.pictures import with_host
from shop.execution import Selection, batch_field

WRITERS: Final = ("MANAGE_PAGES",)
_HINT: Final = "Nothing is shown here. Give the area widgets with `widgetAreaSave`."


@strawberry.interface(description="A piece of a widget area; its type says what it shows.")
class Widget:
    pk: strawberry.Private[int]
    title: str | None = strawberry.field(description="What stands above it, or on it.")

    @computed(description="Global ID. It changes when the area is saved.")
    def id(self) -> strawberry.ID:
        return global_id("Widget", self.pk)


@strawberry.type(description="A text with headings, lists, pictures.")
class TextWidget(Widget):
    blocks: strawberry.Private[dict[str, Any]]

    @batch_field(description="EditorJS blocks, as a JSON text: those alone that every renderer knows.")
    @staticmethod
    async def content(parents: list["TextWidget"], context: Context) -> list[JSONString]:
        return [each or JSONString({}) for each in await lowered_of(context, [one.blocks for one in parents])]

    @batch_field(description="EditorJS blocks of all kinds, as staff wrote them.")
    @staticmethod
    async def content_blocks(parents: list["TextWidget"], context: Context) -> list[JSON]:
        return [JSON(with_host(each.blocks, context.base_url)) for each in parents]

    @batch_field(description="The blocks as HTML that is safe to show.")
    @staticmethod
    async def content_html(parents: list["TextWidget"], context: Context) -> list[str]:
        return [each or "" for each in await html_of(context, [one.blocks for one in parents])]


@strawberry.type(description="The entries of a menu.")
class MenuWidget(Widget):
    menu_id: strawberry.Private[int]
    channel: strawberry.Private[str | None]

    @batch_field(description="The menu.")
    @staticmethod
    async def menu(parents: list["MenuWidget"], context: Context) -> list[Menu]:
        found = {
            menu.pk: menu for menu in await context.fetch(Menu, queries.MENUS_BY_ID, ids=_keys(parents, "menu_id"))
        }
        for each in parents:
            found[each.menu_id].channel = each.channel
        return [found[each.menu_id] for each in parents]


@strawberry.type(description="The pages that were published last.")
class PagesWidget(Widget):
    page_type_id: strawberry.Private[int | None]
    limit: int = strawberry.field(description="How many there are at most.")

    @batch_field(description="The type of its pages; null: of all types.")
    @staticmethod
    async def page_type(parents: list["PagesWidget"], context: Context) -> list[PageType | None]:
        found = await page_types_by_id(context, {each.page_type_id for each in parents if each.page_type_id})
        return [None if each.page_type_id is None else found[each.page_type_id] for each in parents]

    @batch_field(description="The pages that visitors may read, the newest first.")
    @staticmethod
    async def pages(parents: list["PagesWidget"], context: Context) -> list[list[Page]]:
        kinds = sorted({each.page_type_id or 0 for each in parents})
        rows = await context.rows(
            queries.NEWEST_PAGES, ids=kinds, most=max(each.limit for each in parents), now=context.now
        )
        found: dict[int, list[Page]] = {kind: [] for kind in kinds}
        for row, page in zip(rows, nodes_of(Page, queries.NEWEST_PAGES, rows, extra=1), strict=True):
            found[row["kind"]].append(page)
        return [found[each.page_type_id or 0][: each.limit] for each in parents]


@strawberry.type(description="The first products of a collection or of a category.")
class ProductsWidget(Widget):
    collection_id: strawberry.Private[int | None]
    category_id: strawberry.Private[int | None]
    channel: strawberry.Private[str | None]
    limit: int = strawberry.field(description="How many there are at most.")

    @batch_field(description="The collection that they are of, if it is one, and shown in the area's channel.")
    @staticmethod
    async def collection(parents: list["ProductsWidget"], context: Context) -> list[Collection | None]:
        return await _seen(context, "COLLECTION", parents, "collection_id")

    @batch_field(description="The category that they are of, if it is one.")
    @staticmethod
    async def category(parents: list["ProductsWidget"], context: Context) -> list[Category | None]:
        found = await categories_by_id(context, _keys(parents, "category_id"))
        return [None if each.category_id is None else found.get(each.category_id) for each in parents]

    @batch_field(description="The products, in the owner's order, as far as they are shown in the area's channel.")
    @staticmethod
    async def products(
        parents: list["ProductsWidget"], context: Context, selection: Selection
    ) -> list[ProductCountableConnection | None]:
        collections = await _seen(context, "COLLECTION", parents, "collection_id")
        made: dict[int, ProductCountableConnection] = {}
        groups: dict[tuple[str, str | None, int], list[ProductsWidget]] = {}
        for each, collection in zip(parents, collections, strict=True):
            if each.category_id is not None or collection is not None:
                within = "collection" if each.category_id is None else "category"
                groups.setdefault((within, each.channel, each.limit), []).append(each)
        for (within, channel, limit), group in groups.items():
            keys = [getattr(each, f"{within}_id") for each in group]
            asked = ProductArguments(None, None, None, None, channel)
            pages = await products_within(context, within, keys, asked, Paging("products", first=limit), selection)
            made |= {each.pk: page for each, page in zip(group, pages, strict=True)}
        return [made.get(each.pk) for each in parents]


@strawberry.type(description="A button that leads to booking something.")
class BookingWidget(Widget):
    product_id: strawberry.Private[int]
    channel: strawberry.Private[str | None]

    @batch_field(description="What is booked; null where the area's channel does not show it.")
    @staticmethod
    async def product(parents: list["BookingWidget"], context: Context) -> list[Product | None]:
        return await _seen(context, "PRODUCT", parents, "product_id")


@strawberry.type(description="The cart: its lines, subtotal, and the ways to the cart and to the checkout.")
class MiniCartWidget(Widget):
    pass


# The schema finds these behind the interface only when it is told of them.
WIDGET_TYPES: Final = [TextWidget, MenuWidget, PagesWidget, ProductsWidget, BookingWidget, MiniCartWidget]


@strawberry.type(description="A place on the storefront's pages that staff fills with widgets.")
class WidgetArea:
    pk: strawberry.Private[int]
    slug: str = strawberry.field(description="Name for storefronts.")
    name: str = strawberry.field(description="Name for staff.")
    note: strawberry.Private[str | None]
    channel: strawberry.Private[str | None] = None

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("WidgetArea", self.pk)

    @batch_field(description="Its widgets, in order. Empty: there is nothing to show, not even a word about it.")
    @staticmethod
    async def widgets(parents: list["WidgetArea"], context: Context) -> list[list[Widget]]:
        found = await _widgets(context, parents)
        return [[_made(row, area.channel) for row in found[area.pk]] for area in parents]

    @batch_field(description="For staff who may fill it: what to read in its place while it is empty; else null.")
    @staticmethod
    async def hint(parents: list["WidgetArea"], context: Context) -> list[str | None]:
        if not context.caller.may(*WRITERS):
            return [None for _ in parents]
        context.is_private = True
        found = await _widgets(context, parents)
        return [None if found[area.pk] else area.note or _HINT for area in parents]


def _rows_by_area() -> dict[int, list[Any]]:
    """The widgets of the areas that the request has asked for."""
    return {}


async def _widgets(context: Context, areas: Sequence[WidgetArea]) -> dict[int, list[Any]]:
    known = context.remember(_rows_by_area)
    if missing := sorted({area.pk for area in areas} - known.keys()):
        known.update((pk, []) for pk in missing)
        for row in await context.rows(queries.WIDGETS_BY_AREA, ids=missing):
            known[row["area_id"]].append(row)
    return known


def _made(row: Any, channel: str | None) -> Widget:
    kind, pk, title = row["kind"], row["pk"], row["title"]
    if kind == "text":
        return TextWidget(pk=pk, title=title, blocks=row["blocks"])
    if kind == "menu":
        return MenuWidget(pk=pk, title=title, menu_id=row["menu_id"], channel=channel)
    if kind == "pages":
        return PagesWidget(pk=pk, title=title, page_type_id=row["page_type_id"], limit=row["size"])
    if kind == "products":
        of = {name: row[name] for name in ("collection_id", "category_id")}
        return ProductsWidget(pk=pk, title=title, limit=row["size"], channel=channel, **of)
    if kind == "booking":
        return BookingWidget(pk=pk, title=title, product_id=row["product_id"], channel=channel)
    return MiniCartWidget(pk=pk, title=title)


def _keys(parents: Sequence[Any], name: str) -> list[int]:
    return sorted({key for each in parents if (key := getattr(each, name)) is not None})


async def _seen(context: Context, entity: str, parents: Sequence[Any], name: str) -> list[Any]:
    """What the widgets' keys mean, as far as the caller may see it in their channel; all are of one area."""
    if not _keys(parents, name):
        return [None for _ in parents]
    scope = await scope_of(context, parents[0].channel)
    if scope is None:
        return [None for _ in parents]
    keys = [getattr(each, name) for each in parents]
    found = await referred(context, entity, [Refers(() if key is None else (key,), scope) for key in keys])
    return [next(iter(each), None) for each in found]


async def area_by_slug(context: Context, slug: str, channel: str | None) -> WidgetArea | None:
    """The area of this slug, seen in a channel."""
    for area in await context.fetch(WidgetArea, queries.AREA_BY_SLUG, slug=slug):
        area.channel = channel
        return area
    return None
