"""Menus. The whole tree of a menu is read at once; its targets are batches across all levels."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

import strawberry

from shop.api.catalogue.categories import Category, categories_by_id
from shop.api.catalogue.collections import Collection, collections_by_id
from shop.api.content.pages import Page, visible_pages
from shop.api.core.connections import CountableConnection, CountableEdge
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.languages import LanguageCodeEnum, LanguageDisplay
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.translations.texts import translated
from shop.content import queries
from shop.execution import batch_field


@strawberry.type(description="A menu's entry in another language.")
class MenuItemTranslation:
    id: strawberry.ID = strawberry.field(description="Global ID.")
    language: LanguageDisplay = strawberry.field(description="The language.")
    name: str = strawberry.field(description="What the entry says.")
    item_key: strawberry.Private[int] = 0

    @batch_field(description="What was translated: the entry in the shop's own language.")
    @staticmethod
    async def translatable_content(
        parents: list["MenuItemTranslation"], context: Context
    ) -> list[Annotated["MenuItemTranslatableContent", strawberry.lazy("shop.api.content.menus")] | None]:
        found = await whole_items(context, [each.item_key for each in parents], None)
        return [None if item is None else MenuItemTranslatableContent(shown=item) for item in found]


@strawberry.type(description="An entry of a menu: a link, or a heading over its children.")
class MenuItem(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = ("MANAGE_MENUS",)

    pk: strawberry.Private[int]
    menu_id: strawberry.Private[int]
    parent_id: strawberry.Private[int | None]
    level: int = strawberry.field(description="Depth in the tree; 0 at the top.")
    name: str = strawberry.field(description="What the entry says.")
    url: str | None = strawberry.field(description="An address of its own, or null for another target.")
    category_id: strawberry.Private[int | None]
    collection_id: strawberry.Private[int | None]
    page_id: strawberry.Private[int | None]
    below: strawberry.Private[list["MenuItem"]] = dataclasses.field(default_factory=list)
    channel: strawberry.Private[str | None] = None

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("MenuItem", self.pk)

    @computed(description="The entries under this one, in order.")
    def children(self) -> list[Annotated["MenuItem", strawberry.lazy("shop.api.content.menus")]] | None:
        return self.below

    @batch_field(description="The category that the entry leads to.")
    @staticmethod
    async def category(parents: list["MenuItem"], context: Context) -> list[Category | None]:
        ids = [item.category_id for item in parents]
        found = await categories_by_id(context, [pk for pk in ids if pk is not None])
        return [found.get(pk) if pk is not None else None for pk in ids]

    @batch_field(description="The collection that the entry leads to, if it is shown in the menu's channel.")
    @staticmethod
    async def collection(parents: list["MenuItem"], context: Context) -> list[Collection | None]:
        ids = [item.collection_id for item in parents]
        wanted = [pk for pk in ids if pk is not None]
        found = await collections_by_id(context, wanted, parents[0].channel) if wanted else {}
        return [found.get(pk) if pk is not None else None for pk in ids]

    @batch_field(description="The page that the entry leads to, if it can be read.")
    @staticmethod
    async def page(parents: list["MenuItem"], context: Context) -> list[Page | None]:
        ids = [item.page_id for item in parents]
        found = await visible_pages(context, ids)
        return [found.get(pk) if pk is not None else None for pk in ids]

    @batch_field(description="The menu that the entry belongs to.")
    @staticmethod
    async def menu(
        parents: list["MenuItem"], context: Context
    ) -> list[Annotated["Menu", strawberry.lazy("shop.api.content.menus")]]:
        found = await context.fetch(Menu, queries.MENUS_BY_ID, ids=sorted({item.menu_id for item in parents}))
        by_id = {menu.pk: menu for menu in found}
        return [dataclasses.replace(by_id[item.menu_id], channel=item.channel) for item in parents]

    @batch_field(description="The entry above this one; null at the top.")
    @staticmethod
    async def parent(
        parents: list["MenuItem"], context: Context
    ) -> list[Annotated["MenuItem", strawberry.lazy("shop.api.content.menus")] | None]:
        return await whole_items(context, [item.parent_id for item in parents], parents[0].channel)

    @batch_field(description="The entry in another language, or null where it is not translated.")
    @staticmethod
    async def translation(
        parents: list["MenuItem"], context: Context, language_code: LanguageCodeEnum
    ) -> list[MenuItemTranslation | None]:
        return await _translations(context, [each.pk for each in parents], language_code)


@strawberry.type(description="An entry of a menu as translators see it: its own name, and those in other languages.")
class MenuItemTranslatableContent:
    shown: strawberry.Private[MenuItem]

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("MenuItemTranslatableContent", self.shown.pk)

    @computed(description="The entry's ID.")
    def menu_item_id(self) -> strawberry.ID:
        return global_id("MenuItem", self.shown.pk)

    @computed(description="What the entry says in the shop's own language.")
    def name(self) -> str:
        return self.shown.name

    @computed(description="The entry itself.", deprecation_reason="Use `menuItemId`.")
    def menu_item(self) -> MenuItem | None:
        return self.shown

    @batch_field(description="The entry in another language, or null where it is not translated.")
    @staticmethod
    async def translation(
        parents: list["MenuItemTranslatableContent"], context: Context, language_code: LanguageCodeEnum
    ) -> list[MenuItemTranslation | None]:
        return await _translations(context, [each.shown.pk for each in parents], language_code)


async def _translations(
    context: Context, keys: Sequence[int], language: LanguageCodeEnum
) -> list[MenuItemTranslation | None]:
    found = await translated(context, MenuItemTranslation, "menu_item", keys, language)
    for key, translation in zip(keys, found, strict=True):
        if translation is not None:
            translation.item_key = key
    return found


@strawberry.type(description="A named tree of links, such as the one at the top of every page.")
class Menu(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = ("MANAGE_MENUS",)

    pk: strawberry.Private[int]
    name: str = strawberry.field(description="Name for staff.")
    slug: str = strawberry.field(description="Name for storefronts.")
    channel: strawberry.Private[str | None] = None

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("Menu", self.pk)

    @batch_field(description="The entries at the top, in order.")
    @staticmethod
    async def items(parents: list["Menu"], context: Context) -> list[list[MenuItem] | None]:
        items = await _trees(context, {menu.pk: menu.channel for menu in parents})
        return [[item for item in items if item.menu_id == menu.pk and item.parent_id is None] for menu in parents]


async def whole_items(context: Context, keys: Sequence[int | None], channel: str | None) -> list[MenuItem | None]:
    """The entries with these keys and all that is below them, in the order of the keys."""
    wanted = sorted({key for key in keys if key is not None})
    menus = await context.rows(queries.MENUS_OF_ITEMS, ids=wanted) if wanted else []
    found = {item.pk: item for item in await _trees(context, {row["menu_id"]: channel for row in menus})}
    return [None if key is None else found.get(key) for key in keys]


async def grow(context: Context, items: Sequence[MenuItem], channel: str | None) -> None:
    """The entries, which were read alone, have what is below them."""
    found = {item.pk: item for item in await _trees(context, {item.menu_id: channel for item in items})}
    for item in items:
        item.below = found[item.pk].below


async def _trees(context: Context, channels: Mapping[int, str | None]) -> list[MenuItem]:
    """Every entry of the menus, each with those below it. Shapes: `channels` by the menus' keys."""
    items = await context.fetch(MenuItem, queries.ITEMS_BY_MENU, ids=sorted(channels)) if channels else []
    by_id = {item.pk: item for item in items}
    for item in items:
        item.channel = channels[item.menu_id]
        if item.parent_id is not None:
            by_id[item.parent_id].below.append(item)
    return items


@strawberry.type(description="A menu of a page.")
class MenuCountableEdge(CountableEdge[Menu]): ...


@strawberry.type(description="A page of menus.")
class MenuCountableConnection(CountableConnection[MenuCountableEdge]): ...


@strawberry.type(description="An entry of a menu of a page.")
class MenuItemCountableEdge(CountableEdge[MenuItem]): ...


@strawberry.type(description="A page of entries of menus.")
class MenuItemCountableConnection(CountableConnection[MenuItemCountableEdge]): ...
