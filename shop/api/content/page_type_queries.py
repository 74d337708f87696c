"""Root queries about kinds of pages, and what lists of them take."""

from enum import Enum
from typing import Annotated

import strawberry

from shop.api.catalogue.lists import Paging, Shown, list_all
from shop.api.content.page_types import PageType, PageTypeCountableConnection, PageTypeCountableEdge, page_types_by_id
from shop.api.core.context import Info
from shop.api.core.enums import OrderDirection
from shop.api.core.fields import query
from shop.api.core.ids import query_int
from shop.browse.criteria import Criteria, Parts
from shop.browse.listing import Kind
from shop.browse.queries import PAGE_TYPE_LIST
from shop.execution import Selection


@strawberry.enum(description="What page types are sorted by.")
class PageTypeSortField(Enum):
    NAME = "NAME"
    SLUG = "SLUG"


@strawberry.input(description="How to sort page types.")
class PageTypeSortingInput:
    direction: OrderDirection = strawberry.field(description="Upwards or downwards.")
    field: PageTypeSortField = strawberry.field(description="What to sort by.")


@strawberry.input(description="Which page types to list; all that is given must hold.")
class PageTypeFilterInput:
    search: str | None = strawberry.field(default=None, description="A part of the name or the slug.")
    slugs: list[str] | None = strawberry.field(default=None, description="By slug.")


@strawberry.type
class PageTypeQueries:
    """Queries about page types."""

    @query(description="A page type by its ID.")
    async def page_type(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The page type's ID.")]
    ) -> PageType | None:
        key = query_int(id, "PageType")
        return None if key is None else (await page_types_by_id(info.context, {key})).get(key)

    @query(description="Page types by name.")
    async def page_types(
        self,
        info: Info,
        sort_by: PageTypeSortingInput | None = None,
        filter: PageTypeFilterInput | None = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> PageTypeCountableConnection | None:
        criteria = Criteria(tuple(_criteria(filter)))
        sort = sort_by.field.value if sort_by is not None else "NAME"
        descending = sort_by is not None and sort_by.direction is OrderDirection.DESC
        made: PageTypeCountableConnection = await list_all(
            info.context,
            Kind(PAGE_TYPE_LIST, None, criteria.shape, sort, descending),
            criteria.params,
            Paging("pageTypes", first, after, last, before),
            Selection.below(info),
            Shown(PageTypeCountableConnection, PageTypeCountableEdge, PageType),
        )
        return made


def _criteria(value: PageTypeFilterInput | None) -> Parts:
    if value is None:
        return []
    words = (value.search or "").strip()
    parts: Parts = [("search", words)] if words else []
    return [*parts, ("slugs", value.slugs)] if value.slugs else parts
