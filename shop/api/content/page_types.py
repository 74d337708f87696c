"""Kinds of pages."""

from typing import Annotated, ClassVar, Final

import strawberry

from shop.api.attributes.lists import (
    AttributeArguments,
    AttributeCountableConnection,
    AttributeFilterInput,
    AttributeWhereInput,
    available_attributes,
)
from shop.api.attributes.owners import PAGES, attributes_of_types
from shop.api.attributes.types import Attribute
from shop.api.catalogue.lists import Paging
from shop.api.content.parts import PagePolicy
from shop.api.core.connections import CountableConnection, CountableEdge
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.permissions import staff_with
from shop.content import queries
from shop.execution import Selection, batch_field

_WRITERS: Final = ("MANAGE_PAGES", "MANAGE_PAGE_TYPES_AND_ATTRIBUTES")


@strawberry.type(description="A kind of page, such as an article.")
class PageType(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = ("MANAGE_PAGE_TYPES_AND_ATTRIBUTES",)

    pk: strawberry.Private[int]
    name: str = strawberry.field(description="Name for staff.")
    slug: str = strawberry.field(description="Name in addresses.")
    policy_name: strawberry.Private[str | None]

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("PageType", self.pk)

    @computed(description="What its pages must hold to be published; null: nothing in particular.")
    def policy(self) -> PagePolicy | None:
        return None if self.policy_name is None else PagePolicy(self.policy_name)

    @batch_field(description="Whether there are pages of this type. Staff only.", guard=staff_with(*_WRITERS))
    @staticmethod
    async def has_pages(parents: list["PageType"], context: Context) -> list[bool | None]:
        rows = await context.rows(queries.TYPES_WITH_PAGES, ids=sorted({each.pk for each in parents}))
        found = {row["pk"] for row in rows}
        return [each.pk in found for each in parents]

    @batch_field(description="The attributes of its pages, in order.")
    @staticmethod
    async def attributes(parents: list["PageType"], context: Context) -> list[list[Attribute] | None]:
        found = await attributes_of_types(context, PAGES, sorted({each.pk for each in parents}))
        return [found[each.pk] for each in parents]

    @batch_field(
        description="Attributes that its pages could have beside those that they have, by name. "
        "Needs MANAGE_PAGES or MANAGE_PAGE_TYPES_AND_ATTRIBUTES.",
        guard=staff_with(*_WRITERS),
    )
    @staticmethod
    async def available_attributes(
        parents: list["PageType"],
        context: Context,
        selection: Selection,
        filter: Annotated[AttributeFilterInput | None, strawberry.argument(deprecation_reason="Use `where`.")] = None,
        where: AttributeWhereInput | None = None,
        search: str | None = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> list[AttributeCountableConnection | None]:
        arguments = AttributeArguments(filter, where, search)
        paging = Paging("availableAttributes", first, after, last, before)
        return await available_attributes(
            context, "page type", [each.pk for each in parents], arguments, paging, selection
        )


@strawberry.type(description="A page type of a list of them.")
class PageTypeCountableEdge(CountableEdge[PageType]): ...


@strawberry.type(description="A list of page types.")
class PageTypeCountableConnection(CountableConnection[PageTypeCountableEdge]): ...


async def page_types_by_id(context: Context, ids: set[int]) -> dict[int, PageType]:
    """The page types by their keys: those that the request knows already are not read again."""
    known = context.remember(_seen_types)
    if missing := ids - known.keys():
        found = await context.fetch(PageType, queries.PAGE_TYPES_BY_ID, ids=sorted(missing))
        known.update((kind.pk, kind) for kind in found)
    return known


def _seen_types() -> dict[int, PageType]:
    """The page types that the request has asked for."""
    return {}
