"""Root queries about pages and menus."""

from functools import lru_cache
from typing import Annotated, Any

import strawberry
from graphql import GraphQLError
from sqlalchemy import ARRAY, Integer, Select, String, any_, bindparam, func, select

from shop.api.content.menus import Menu
from shop.api.content.pages import Page, PageCountableConnection, PageCountableEdge, may_read
from shop.api.core.connections import connect, nodes_of, window_of
from shop.api.core.context import Context, Info
from shop.api.core.fields import query
from shop.api.core.filters import StringFilterInput, wanted
from shop.api.core.ids import query_int
from shop.api.core.languages import LanguageCodeEnum
from shop.api.translations.texts import id_by_slug
from shop.content import queries
from shop.content.models import Page as Row
from shop.execution import Selection
from shop.kit.pagination import Key, Keyset, Shape

_KEYSET = Keyset(Key(Row.title), Key(Row.id))


@strawberry.input(description="Which pages to list.")
class PageWhereInput:
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="These pages.")
    slug: StringFilterInput | None = strawberry.field(default=None, description="By slug.")


@lru_cache(maxsize=64)
def _list(shape: Shape | None, *, everything: bool, by_id: bool, by_slug: bool) -> Select[Any]:
    statement: Select[Any] = select(*queries.PAGE_COLUMNS) if shape is not None else select(func.count())
    if not everything:
        statement = statement.where(queries.PAGE_IS_VISIBLE)
    if by_id:
        statement = statement.where(Row.id == any_(bindparam("ids", type_=ARRAY(Integer))))
    if by_slug:
        statement = statement.where(Row.slug == any_(bindparam("slugs", type_=ARRAY(String))))
    if shape is None:
        return statement.select_from(Row)
    return _KEYSET.window(statement, shape)


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
        elif id is not None and (pk := query_int(id, "Page")) is not None:
            pages = await context.fetch(Page, queries.PAGES_BY_ID, ids=[pk])
        return pages[0] if pages and may_read(context, pages[0]) else None

    @query(description="Pages by title: the published ones, and all for who writes pages.")
    async def pages(
        self,
        info: Info,
        where: PageWhereInput | None = None,
        channel: Annotated[str | None, strawberry.argument(description="Pages are the same in all channels.")] = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> PageCountableConnection | None:
        context = info.context
        selection = Selection.below(info)
        window = window_of(_KEYSET, "pages", selection, first=first, after=after, last=last, before=before)
        everything = context.caller.may("MANAGE_PAGES")
        params: dict[str, Any] = {} if everything else {"now": context.now}
        if where is not None and where.ids is not None:
            params["ids"] = [pk for text in where.ids if (pk := query_int(text, "Page")) is not None]
        if where is not None and where.slug is not None:
            params["slugs"] = wanted(where.slug)
        shape = {"everything": everything, "by_id": "ids" in params, "by_slug": "slugs" in params}
        statement = _list(window.shape, **shape)
        page = _KEYSET.page(await context.rows(statement, **params, **window.params), window)
        nodes = nodes_of(Page, statement, page.items, extra=len(_KEYSET.keys))
        total = None
        if "totalCount" in selection:
            total = (await context.rows(_list(None, **shape), **params))[0][0]
        connection: PageCountableConnection = connect(
            PageCountableConnection, PageCountableEdge, page, nodes, total_count=total
        )
        return connection

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


async def _menus(context: Context, text: str | None, name: str | None, slug: str | None) -> list[Menu]:
    if slug is not None:
        return await context.fetch(Menu, queries.MENU_BY_SLUG, slug=slug)
    if name is not None:
        return await context.fetch(Menu, queries.MENU_BY_NAME, name=name)
    pk = query_int(text, "Menu") if text is not None else None
    return [] if pk is None else await context.fetch(Menu, queries.MENU_BY_ID, id=pk)
