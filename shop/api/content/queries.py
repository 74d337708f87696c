"""Root queries about pages and widget areas."""

from typing import Annotated, Any, Final

import strawberry
from graphql import GraphQLError

from shop.api.attributes.inputs import looked_up
from shop.api.catalogue.lists import Paging, Shown, list_all
from shop.api.content.inputs import (
    SORTS,
    PageFilterInput,
    PageSortField,
    PageSortingInput,
    PageWhereInput,
    filter_criteria,
    where_criteria,
)
from shop.api.content.page_drafts import drafts_of
from shop.api.content.pages import Page, PageCountableConnection, PageCountableEdge, may_read, preview_secret
from shop.api.content.widgets import WidgetArea, area_by_slug
from shop.api.core.context import Info
from shop.api.core.enums import OrderDirection
from shop.api.core.fields import query
from shop.api.core.ids import query_int
from shop.api.core.languages import LanguageCodeEnum
from shop.api.translations.texts import id_by_slug
from shop.browse.criteria import Criteria
from shop.browse.listing import Kind
from shop.browse.queries import PAGE_LIST
from shop.browse.search import query as search_query
from shop.browse.search import words
from shop.content import queries
from shop.content.tokens import previewed
from shop.execution import Selection

_SHOWN: Final = Shown(PageCountableConnection, PageCountableEdge, Page)


@strawberry.type
class ContentQueries:
    """Queries about pages and widget areas."""

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
                description="Whether a page is also found under a slug that it had before, in the language of "
                "`slugLanguageCode` where one is given. Its `slug`, or that of its translation, is another one then, "
                "and a storefront answers with a permanent redirect to it."
            ),
        ] = False,
        preview_token: Annotated[
            str | None,
            strawberry.argument(
                description="A token of `pagePreviewTokenCreate`: shows its page before it is published, and what its "
                "draft says."
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
            if moved and not pages:
                language = slug_language_code.value
                pages = await context.fetch(Page, queries.PAGE_BY_FORMER_SLUG_IN_LANGUAGE, slug=slug, language=language)
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
                draft = (await drafts_of(context, pages))[0]
                return pages[0] if draft is None else draft.page
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


def _sort(sort_by: PageSortingInput | None, *, searched: bool) -> tuple[str, bool]:
    if sort_by is None:
        return ("RANK", True) if searched else ("TITLE", False)
    name = SORTS.get(sort_by.field, PageSortField(sort_by.field).value)
    if name == "RANK" and not searched:
        raise GraphQLError("Sorting by RANK needs a search: pass `search`.")
    return name, sort_by.direction is OrderDirection.DESC
