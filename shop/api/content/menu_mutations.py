"""Writing menus; all of it needs MANAGE_MENUS."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Annotated, Any, Final

import strawberry

from shop.api.content.menus import Menu, MenuItem, whole_items
from shop.api.core.context import Context, Info
from shop.api.core.fields import computed
from shop.api.core.ids import required_int
from shop.api.core.mutation import mutation
from shop.api.core.payloads import DomainError, Payload
from shop.content import queries
from shop.content.actions import menus
from shop.content.errors import MenuItemNotFound, MenuNotFound
from shop.execution import batch_field
from shop.kit.errors import Invalid

WRITERS: Final = ("MANAGE_MENUS",)
_MOST_AT_ONCE: Final = 100

MenuId = Annotated[strawberry.ID, strawberry.argument(description="The menu's ID.")]
ItemId = Annotated[strawberry.ID, strawberry.argument(description="The entry's ID.")]


@strawberry.enum(description="What went wrong with a menu.")
class MenuErrorCode(Enum):
    CANNOT_ASSIGN_NODE = "cannot_assign_node"
    GRAPHQL_ERROR = "graphql_error"
    INVALID = "invalid"
    INVALID_MENU_ITEM = "invalid_menu_item"
    NO_MENU_ITEM_PROVIDED = "no_item_provided"
    NOT_FOUND = "not_found"
    REQUIRED = "required"
    TOO_MANY_MENU_ITEMS = "too_many_items"
    UNIQUE = "unique"


@strawberry.type(description="An expected error of a menu mutation.")
class MenuError(DomainError):
    code: MenuErrorCode = strawberry.field(description="What went wrong, for programs.")


@strawberry.input(description="An entry of a menu. What is left out stays.")
class MenuItemInput:
    name: str | None = strawberry.field(default=None, description="What the entry says.")
    url: str | None = strawberry.field(default=None, description="A path of the storefront, or a whole address.")
    category: strawberry.ID | None = strawberry.field(default=None, description="ID of the category it leads to.")
    collection: strawberry.ID | None = strawberry.field(default=None, description="ID of the collection it leads to.")
    page: strawberry.ID | None = strawberry.field(default=None, description="ID of the page it leads to.")


@strawberry.input(description="A new entry. One that leads nowhere is a heading over its children.")
class MenuItemCreateInput:
    name: str = strawberry.field(description="What the entry says.")
    menu: strawberry.ID = strawberry.field(description="ID of the menu.")
    parent: strawberry.ID | None = strawberry.field(default=None, description="ID of the entry above it, if any.")
    url: str | None = strawberry.field(default=None, description="A path of the storefront, or a whole address.")
    category: strawberry.ID | None = strawberry.field(default=None, description="ID of the category it leads to.")
    collection: strawberry.ID | None = strawberry.field(default=None, description="ID of the collection it leads to.")
    page: strawberry.ID | None = strawberry.field(default=None, description="ID of the page it leads to.")


@strawberry.input(description="A new menu.")
class MenuCreateInput:
    name: str = strawberry.field(description="Name for staff.")
    slug: str | None = strawberry.field(default=None, description="Name for storefronts; made of the name at first.")
    items: list[MenuItemInput] | None = strawberry.field(default=None, description="Its entries at the top, in order.")


@strawberry.input(description="What a menu is called. What is left out stays.")
class MenuInput:
    name: str | None = strawberry.field(default=None, description="Name for staff.")
    slug: str | None = strawberry.field(default=None, description="Name for storefronts.")


@strawberry.input(description="Where an entry of a menu goes.")
class MenuItemMoveInput:
    item_id: strawberry.ID = strawberry.field(description="ID of the entry.")
    parent_id: strawberry.ID | None = strawberry.field(
        default=None, description="ID of the entry above it; without one it goes to the top."
    )
    sort_order: int | None = strawberry.field(
        default=None, description="So many places down among its siblings; up, where negative."
    )


@strawberry.type
class _Written(Payload):
    errors: list[MenuError] = strawberry.field(default_factory=list, description="Expected errors.")

    @computed(description="Expected errors.", deprecation_reason="Use `errors`.")
    def menu_errors(self) -> list[MenuError]:
        return self.errors


@strawberry.type
class WrittenMenu(_Written):
    """What changes a menu answers with the menu."""

    menu_key: strawberry.Private[int | None] = None

    @batch_field(description="The menu as it is now; null where there are errors.")
    @staticmethod
    async def menu(parents: list["WrittenMenu"], context: Context) -> list[Menu | None]:
        return [None if parent.menu_key is None else await _menu(context, parent.menu_key) for parent in parents]


@strawberry.type
class _WrittenItem(_Written):
    item_key: strawberry.Private[int | None] = None

    @batch_field(description="The entry as it is now; null where there are errors.")
    @staticmethod
    async def menu_item(parents: list["_WrittenItem"], context: Context) -> list[MenuItem | None]:
        return [None if parent.item_key is None else await _item(context, parent.item_key) for parent in parents]


@strawberry.type(description="A new menu.")
class MenuCreate(WrittenMenu):
    pass


@strawberry.type(description="A changed menu.")
class MenuUpdate(WrittenMenu):
    pass


@strawberry.type(description="A menu whose entries were moved.")
class MenuItemMove(WrittenMenu):
    pass


@strawberry.type(description="A menu is gone, with its entries.")
class MenuDelete(_Written):
    menu: Menu | None = strawberry.field(default=None, description="As it was; its entries are gone.")


@strawberry.type(description="Menus are gone, with their entries.")
class MenuBulkDelete(_Written):
    count: int = strawberry.field(default=0, description="How many there were.")


@strawberry.type(description="A new entry of a menu.")
class MenuItemCreate(_WrittenItem):
    pass


@strawberry.type(description="A changed entry of a menu.")
class MenuItemUpdate(_WrittenItem):
    pass


@strawberry.type(description="An entry of a menu is gone, with those below it.")
class MenuItemDelete(_Written):
    menu_item: MenuItem | None = strawberry.field(default=None, description="As it was.")


@strawberry.type(description="Entries of menus are gone, with those below them.")
class MenuItemBulkDelete(_Written):
    count: int = strawberry.field(default=0, description="How many of the named ones there were.")


@strawberry.type
class MenuMutations:
    """Mutations of menus."""

    @mutation(description="Adds a menu. Needs MANAGE_MENUS.", permissions=WRITERS)
    async def menu_create(
        self, info: Info, input: Annotated[MenuCreateInput, strawberry.argument(description="The menu.")]
    ) -> MenuCreate | None:
        entries = [_given(entry, field="items") for entry in input.items or ()]
        key = await menus.create_menu(info.context.session, input.name, input.slug, entries)
        return MenuCreate(menu_key=key)

    @mutation(description="Renames a menu. Needs MANAGE_MENUS.", permissions=WRITERS)
    async def menu_update(
        self, info: Info, id: MenuId, input: Annotated[MenuInput, strawberry.argument(description="What to change.")]
    ) -> MenuUpdate | None:
        key = required_int(id, "Menu", field="id")
        values = {"name": input.name, "slug": input.slug}
        await menus.update_menu(info.context.session, key, _present(values))
        return MenuUpdate(menu_key=key)

    @mutation(description="Removes a menu with its entries. Needs MANAGE_MENUS.", permissions=WRITERS)
    async def menu_delete(self, info: Info, id: MenuId) -> MenuDelete | None:
        key = required_int(id, "Menu", field="id")
        before = await _menu(info.context, key)
        if before is None or not await menus.delete_menus(info.context.session, [key]):
            raise MenuNotFound
        return MenuDelete(menu=before)

    @mutation(description="Removes menus with their entries. Needs MANAGE_MENUS.", permissions=WRITERS)
    async def menu_bulk_delete(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="The menus' IDs.")],
    ) -> MenuBulkDelete | None:
        return MenuBulkDelete(count=await menus.delete_menus(info.context.session, _keys(ids, "Menu")))

    @mutation(description="Adds an entry, the last under its parent. Needs MANAGE_MENUS.", permissions=WRITERS)
    async def menu_item_create(
        self, info: Info, input: Annotated[MenuItemCreateInput, strawberry.argument(description="The entry.")]
    ) -> MenuItemCreate | None:
        menu = required_int(input.menu, "Menu", field="menu")
        parent = None if input.parent is None else required_int(input.parent, "MenuItem", field="parent")
        key = await menus.create_item(info.context.session, menu, parent, _given(input))
        return MenuItemCreate(item_key=key)

    @mutation(
        description="Changes what an entry says or where it leads; a new target takes the old one's place. "
        "Needs MANAGE_MENUS.",
        permissions=WRITERS,
    )
    async def menu_item_update(
        self,
        info: Info,
        id: ItemId,
        input: Annotated[MenuItemInput, strawberry.argument(description="What to change.")],
    ) -> MenuItemUpdate | None:
        key = required_int(id, "MenuItem", field="id")
        await menus.update_item(info.context.session, key, _given(input))
        return MenuItemUpdate(item_key=key)

    @mutation(description="Removes an entry with those below it. Needs MANAGE_MENUS.", permissions=WRITERS)
    async def menu_item_delete(self, info: Info, id: ItemId) -> MenuItemDelete | None:
        key = required_int(id, "MenuItem", field="id")
        before = await _item(info.context, key)
        if before is None or not await menus.delete_items(info.context.session, [key]):
            raise MenuItemNotFound
        return MenuItemDelete(menu_item=before)

    @mutation(description="Removes entries with those below them. Needs MANAGE_MENUS.", permissions=WRITERS)
    async def menu_item_bulk_delete(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="The entries' IDs.")],
    ) -> MenuItemBulkDelete | None:
        return MenuItemBulkDelete(count=await menus.delete_items(info.context.session, _keys(ids, "MenuItem")))

    @mutation(
        description="Moves entries of a menu, one after the other; all or none. Needs MANAGE_MENUS.",
        permissions=WRITERS,
    )
    async def menu_item_move(
        self,
        info: Info,
        menu: MenuId,
        moves: Annotated[list[MenuItemMoveInput], strawberry.argument(description="The moves, in order.")],
    ) -> MenuItemMove | None:
        key = required_int(menu, "Menu", field="menu")
        _check_number(moves, field="moves")
        await menus.move_items(info.context.session, key, [_move(move) for move in moves])
        return MenuItemMove(menu_key=key)


def _move(move: MenuItemMoveInput) -> menus.Move:
    parent = None if move.parent_id is None else required_int(move.parent_id, "MenuItem", field="parentId")
    return menus.Move(required_int(move.item_id, "MenuItem", field="item"), parent, move.sort_order or 0)


def _given(input: MenuItemInput | MenuItemCreateInput, field: str | None = None) -> dict[str, Any]:
    """The entry's values that were given. `field`: what errors name instead of the value's own field."""
    values: dict[str, Any] = {"name": input.name, "url": input.url}
    for name, kind in (("category", "Category"), ("collection", "Collection"), ("page", "Page")):
        text = getattr(input, name)
        values[f"{name}_id"] = None if text is None else required_int(text, kind, field=field or name)
    return _present(values)


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _keys(texts: Sequence[strawberry.ID], kind: str) -> list[int]:
    _check_number(texts, field="ids")
    return [required_int(text, kind, field="ids") for text in texts]


def _check_number(given: Sequence[Any], *, field: str) -> None:
    if len(given) > _MOST_AT_ONCE:
        raise Invalid(f"At most {_MOST_AT_ONCE} at once.", field=field)


async def _menu(context: Context, key: int) -> Menu | None:
    return next(iter(await context.fetch(Menu, queries.MENU_BY_ID, id=key)), None)


async def _item(context: Context, key: int) -> MenuItem | None:
    return (await whole_items(context, [key], None))[0]
