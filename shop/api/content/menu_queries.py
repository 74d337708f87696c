"""Root queries about menus."""

from typing import Annotated

import strawberry
from graphql import GraphQLError

from shop.api.catalogue.lists import Paging, Shown, list_all
from shop.api.content.menu_inputs import (
    MenuFilterInput,
    MenuItemFilterInput,
    MenuItemSortingInput,
    MenuItemsSortField,
    MenuSortField,
    MenuSortingInput,
    item_criteria,
    menu_criteria,
)
from shop.api.content.menus import (
    Menu,
    MenuCountableConnection,
    MenuCountableEdge,
    MenuItem,
    MenuItemCountableConnection,
    MenuItemCountableEdge,
    grow,
    whole_items,
)
from shop.api.core.context import Context, Info
from shop.api.core.enums import OrderDirection
from shop.api.core.fields import query
from shop.api.core.ids import query_int
from shop.browse.criteria import Criteria
from shop.browse.listing import Kind
from shop.browse.queries import MENU_ITEM_LIST, MENU_LIST
from shop.content import queries
from shop.execution import Selection

ChannelOfLinks = Annotated[
    str | None, strawberry.argument(description="Slug of the channel whose collections are linked.")
]


@strawberry.type
class MenuQueries:
    """Queries about menus."""

    @query(description="Menus by name.")
    async def menus(
        self,
        info: Info,
        channel: ChannelOfLinks = None,
        sort_by: MenuSortingInput | None = None,
        filter: MenuFilterInput | None = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> MenuCountableConnection | None:
        criteria = Criteria(tuple(menu_criteria(filter)))
        sort = MenuSortField(sort_by.field).value if sort_by is not None else "NAME"
        descending = sort_by is not None and sort_by.direction is OrderDirection.DESC

        def complete(menu: Menu, _ahead: object) -> None:
            menu.channel = channel

        made: MenuCountableConnection = await list_all(
            info.context,
            Kind(MENU_LIST, None, criteria.shape, sort, descending),
            criteria.params,
            Paging("menus", first, after, last, before),
            Selection.below(info),
            Shown(MenuCountableConnection, MenuCountableEdge, Menu, complete),
        )
        return made

    @query(description="A menu by its slug, name or ID.")
    async def menu(
        self,
        info: Info,
        channel: ChannelOfLinks = None,
        id: strawberry.ID | None = None,
        name: str | None = None,
        slug: str | None = None,
    ) -> Menu | None:
        if sum(value is not None for value in (id, name, slug)) != 1:
            raise GraphQLError("Exactly one of the arguments `id`, `name` and `slug` is required.")
        menus = await _menus(info.context, id, name, slug)
        for menu in menus:
            menu.channel = channel
        return menus[0] if menus else None

    @query(description="An entry of a menu by its ID, with those below it.")
    async def menu_item(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The entry's ID.")],
        channel: ChannelOfLinks = None,
    ) -> MenuItem | None:
        key = query_int(id, "MenuItem")
        return None if key is None else (await whole_items(info.context, [key], channel))[0]

    @query(description="The entries of all menus by what they say, those that stand below others too.")
    async def menu_items(
        self,
        info: Info,
        channel: ChannelOfLinks = None,
        sort_by: MenuItemSortingInput | None = None,
        filter: MenuItemFilterInput | None = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> MenuItemCountableConnection | None:
        criteria = Criteria(tuple(item_criteria(filter)))
        sort = MenuItemsSortField(sort_by.field).value if sort_by is not None else "NAME"
        descending = sort_by is not None and sort_by.direction is OrderDirection.DESC
        selection = Selection.below(info)

        def complete(item: MenuItem, _ahead: object) -> None:
            item.channel = channel

        made: MenuItemCountableConnection = await list_all(
            info.context,
            Kind(MENU_ITEM_LIST, None, criteria.shape, sort, descending),
            criteria.params,
            Paging("menuItems", first, after, last, before),
            selection,
            Shown(MenuItemCountableConnection, MenuItemCountableEdge, MenuItem, complete),
        )
        if selection.has("edges", "node", "children"):
            await grow(info.context, [edge.node for edge in made.edges], channel)
        return made


async def _menus(context: Context, text: str | None, name: str | None, slug: str | None) -> list[Menu]:
    if slug is not None:
        return await context.fetch(Menu, queries.MENU_BY_SLUG, slug=slug)
    if name is not None:
        return await context.fetch(Menu, queries.MENU_BY_NAME, name=name)
    pk = query_int(text, "Menu") if text is not None else None
    return [] if pk is None else await context.fetch(Menu, queries.MENU_BY_ID, id=pk)
