"""What lists of pages take: filters in Saleor's two forms, and their order, as criteria of `browse`."""

from enum import Enum
from typing import Final

import strawberry

from shop.api.attributes.inputs import AssignedAttributeWhereInput, attribute_criteria
from shop.api.catalogue.inputs import MetadataFilter, chosen, keys, metadata_criteria
from shop.api.core.enums import OrderDirection
from shop.api.core.filters import GlobalIDFilterInput, MetadataFilterInput, StringFilterInput, nested, wanted
from shop.browse.criteria import Parts


@strawberry.enum(description="What pages are sorted by.")
class PageSortField(Enum):
    TITLE = "TITLE"
    SLUG = "SLUG"
    VISIBILITY = "VISIBILITY"
    CREATION_DATE = strawberry.enum_value("CREATION_DATE", deprecation_reason="Use `CREATED_AT` instead.")
    PUBLICATION_DATE = strawberry.enum_value("PUBLICATION_DATE", deprecation_reason="Use `PUBLISHED_AT` instead.")
    PUBLISHED_AT = "PUBLISHED_AT"
    CREATED_AT = "CREATED_AT"
    RANK = "RANK"


# The names of one order each; what is missing here has the same name in `browse`.
SORTS: Final = {PageSortField.CREATION_DATE: "CREATED_AT", PageSortField.PUBLICATION_DATE: "PUBLISHED_AT"}


@strawberry.input(description="How to sort pages.")
class PageSortingInput:
    direction: OrderDirection = strawberry.field(description="Upwards or downwards.")
    field: PageSortField = strawberry.field(description="What to sort by; RANK needs a search.")


@strawberry.input(description="Which pages to list; all that is given must hold.")
class PageFilterInput:
    search: str | None = strawberry.field(default=None, description="Words of the title or the content.")
    metadata: list[MetadataFilter] | None = strawberry.field(default=None, description="By public metadata.")
    page_types: list[strawberry.ID] | None = strawberry.field(default=None, description="Of one of these types.")
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="These pages.")
    slugs: list[str] | None = strawberry.field(default=None, description="By slug.")


@strawberry.input(description="Which pages to list; all that is given must hold.")
class PageWhereInput:
    metadata: MetadataFilterInput | None = strawberry.field(default=None, description="By public metadata.")
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="These pages.")
    slug: StringFilterInput | None = strawberry.field(default=None, description="By slug.")
    page_type: GlobalIDFilterInput | None = strawberry.field(default=None, description="By type.")
    attributes: list[AssignedAttributeWhereInput] | None = strawberry.field(
        default=None, description="With all of these attributes."
    )
    and_: list["PageWhereInput"] | None = strawberry.field(
        name="AND", default=None, description="All of these, beside the rest."
    )
    or_: list["PageWhereInput"] | None = strawberry.field(
        name="OR", default=None, description="At least one of these, beside the rest."
    )


def filter_criteria(value: PageFilterInput) -> Parts:
    """What the older form of filters asks for, its search left out; empty lists ask for nothing, as in Saleor."""
    parts: Parts = []
    if value.metadata is not None:
        parts += metadata_criteria(value.metadata)
    if value.page_types:
        parts.append(("page_types", keys(value.page_types, "PageType")))
    if value.ids:
        parts.append(("ids", keys(value.ids, "Page")))
    if value.slugs:
        parts.append(("slugs", value.slugs))
    return parts


def where_criteria(value: PageWhereInput, depth: int = 0) -> Parts:
    """What the newer form of filters asks for; an empty comparison finds nothing. Raises: GraphQLError."""
    parts: Parts = []
    if value.metadata is not None:
        parts.append(_metadata(value.metadata))
    if value.ids is not None:
        parts.append(("ids", keys(value.ids, "Page")))
    if value.slug is not None:
        parts.append(("slugs", wanted(value.slug)))
    if value.page_type is not None:
        parts.append(("page_types", chosen(value.page_type, "PageType")))
    if value.attributes is not None:
        parts += attribute_criteria(value.attributes)
    return parts + nested(value.and_, value.or_, where_criteria, depth)


def _metadata(value: MetadataFilterInput) -> tuple[str, list[str] | tuple[str, list[str]]]:
    if value.value is None:
        return "metadata_keys", [value.key]
    return "metadata_one_of", (value.key, [value.value.eq] if value.value.eq is not None else value.value.one_of or [])
