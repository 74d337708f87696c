"""Root queries about pages and menus."""

from typing import Annotated, Any, Final

import strawberry
from graphql import GraphQLError

from shop.api.attributes.inputs import looked_up
from shop.api.catalogue.lists import Paging, Shown, list_all
from shop.api.content.inputs import (
    SORTS,
    MenuFilterInput,
    MenuSortField,
    MenuSortingInput,
    PageFilterInput,
    PageSortField,
    PageSortingInput,
    PageWhereInput,
    filter_criteria,
    menu_criteria,
    where_criteria,
)
from shop.api.content.menus import Menu, MenuCountableConnection, MenuCountableEdge, MenuItem, whole_items
from shop.api.content.pages import Page, PageCountableConnection, PageCountableEdge, may_read, preview_secret
from shop.api.content.widgets import WidgetArea, area_by_slug
from shop.api.core.context import Context, Info
from shop.api.core.enums import OrderDirection
from shop.api.core.fields import query
from shop.api.core.ids import query_int
from shop.api.core.languages import LanguageCodeEnum
from shop.api.translations.texts import id_by_slug
from shop.browse.criteria import Criteria
from shop.browse.listing import Kind
from shop.browse.queries import MENU_LIST, PAGE_LIST
from shop.browse.search import query as search_query
from shop.browse.search import words
from shop.content import queries
from shop.content.tokens import previewed
from shop.execution import Selection

_SHOWN: Final = Shown(PageCountableConnection, PageCountableEdge, Page)


@strawberry.type
class ContentQueries:
    """Queries about pages and menus."""

    @query(description="A page by its slug or ID; null when there is none that the caller may read.")
    async def page(
        self,
        info: Info,
        id: strawberry.ID | None = None,
        slug: str | None = None,
        slug_language_code: LanguageCodeEnum | None = None,
        channel: Annotated[str | None, strawberry.argument(description="Pages are the same in all channels.")] = None,
        moved: Annotated[
            bool,
            strawberry.argument(
                description="Whether a page is also found under a slug that it had before. Its `slug` is another one "
                "then, and a storefront answers with a permanent redirect to it."
            ),
        ] = False,
        preview_token: Annotated[
            str | None,
            strawberry.argument(
                description="A token of `pagePreviewTokenCreate`: shows its page before it is published."
            ),
        ] = None,
    ) -> Page | None:
        context = info.context
        if (id is None) == (slug is None):
            raise GraphQLError("Exactly one of the arguments `id` and `slug` is required.")
        pages: list[Page] = []
        if slug is not None and slug_language_code is not None:
            found = await id_by_slug(context, "page", slug, slug_language_code)
            pages = await context.fetch(Page, queries.PAGES_BY_ID, ids=[found]) if found is not None else []
        elif slug is not None:
            pages = await context.fetch(Page, queries.PAGES_BY_SLUG, slugs=[slug])
            if moved and not pages:
                pages = await context.fetch(Page, queries.PAGE_BY_FORMER_SLUG, slug=slug)
        elif id is not None and (pk := query_int(id, "Page")) is not None:
            pages = await context.fetch(Page, queries.PAGES_BY_ID, ids=[pk])
        if preview_token is not None:
            context.is_private = True
            shown = previewed(preview_secret(context), preview_token, context.now)
            if pages and pages[0].pk == shown:
                return pages[0]
        return pages[0] if pages and may_read(context, pages[0]) else None

    @query(
        description="Pages by title, those that are searched for by how well they fit: the published ones, and all for "
        "who writes pages."
    )
    async def pages(
        self,
        info: Info,
        sort_by: PageSortingInput | None = None,
        filter: PageFilterInput | None = None,
        search: str | None = None,
        where: PageWhereInput | None = None,
        channel: Annotated[str | None, strawberry.argument(description="Pages are the same in all channels.")] = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> PageCountableConnection | None:
        context = info.context
        if filter is not None and where is not None:
            raise GraphQLError("Only one of the arguments `filter` and `where` can be used.")
        parts = [] if filter is None else filter_criteria(filter)
        parts += [] if where is None else where_criteria(where)
        asked = [text for text in (search, filter.search if filter is not None else None) if text and text.strip()]
        parts += [("search", search_query(words(text))) for text in asked]
        sort, descending = _sort(sort_by, searched=bool(asked))
        criteria = await looked_up(context, Criteria(tuple(parts)))
        params: dict[str, Any] = {**criteria.params, "now": context.now}
        if sort == "RANK":
            params["search"] = search_query(words(asked[0]))
        everything = context.caller.may("MANAGE_PAGES")
        if everything:
            context.is_private = True
        made: PageCountableConnection = await list_all(
            context,
            Kind(PAGE_LIST, everything, criteria.shape, sort, descending),
            params,
            Paging("pages", first, after, last, before),
            Selection.below(info),
            _SHOWN,
        )
        return made

    @query(description="Menus by name.")
    async def menus(
        self,
        info: Info,
        channel: Annotated[
            str | None, strawberry.argument(description="Slug of the channel whose collections are linked.")
        ] = None,
        sort_by: MenuSortingInput | None = None,
        filter: MenuFilterInput | None = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> MenuCountableConnection | None:
        criteria = Criteria(tuple(menu_criteria(filter)) if filter is not None else ())
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
        channel: Annotated[
            str | None, strawberry.argument(description="Slug of the channel whose collections are linked.")
        ] = None,
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

    @query(description="A place on the storefront's pages with the widgets that staff gave it; null: there is none.")
    async def widget_area(
        self,
        info: Info,
        slug: Annotated[str, strawberry.argument(description="The area's slug, such as `offcanvas-sidebar`.")],
        channel: Annotated[
            str | None, strawberry.argument(description="Slug of the channel whose products are shown.")
        ] = None,
    ) -> WidgetArea | None:
        return await area_by_slug(info.context, slug, channel)

    @query(description="An entry of a menu by its ID, with those below it.")
    async def menu_item(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The entry's ID.")],
        channel: Annotated[
            str | None, strawberry.argument(description="Slug of the channel whose collections are linked.")
        ] = None,
    ) -> MenuItem | None:
        key = query_int(id, "MenuItem")
        return None if key is None else (await whole_items(info.context, [key], channel))[0]


def _sort(sort_by: PageSortingInput | None, *, searched: bool) -> tuple[str, bool]:
    if sort_by is None:
        return ("RANK", True) if searched else ("TITLE", False)
    name = SORTS.get(sort_by.field, PageSortField(sort_by.field).value)
    if name == "RANK" and not searched:
        raise GraphQLError("Sorting by RANK needs a search: pass `search`.")
    return name, sort_by.direction is OrderDirection.DESC


async def _menus(context: Context, text: str | None, name: str | None, slug: str | None) -> list[Menu]:
    if slug is not None:
        return await context.fetch(Menu, queries.MENU_BY_SLUG, slug=slug)
    if name is not None:
        return await context.fetch(Menu, queries.MENU_BY_NAME, name=name)
    pk = query_int(text, "Menu") if text is not None else None
    return [] if pk is None else await context.fetch(Menu, queries.MENU_BY_ID, id=pk)
