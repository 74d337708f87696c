"""What lists of an attribute's choices are filtered and sorted by."""

from enum import Enum

import strawberry
from graphql import GraphQLError

from shop.api.core.enums import OrderDirection
from shop.api.core.filters import StringFilterInput, nested, wanted
from shop.api.core.ids import query_int
from shop.browse.criteria import Criteria, Parts


@strawberry.enum(description="What choices are sorted by.")
class AttributeChoicesSortField(Enum):
    NAME = "NAME"
    SLUG = "SLUG"


@strawberry.input(description="How to sort choices; without it they stand in the owner's order.")
class AttributeChoicesSortingInput:
    direction: OrderDirection = strawberry.field(description="Upwards or downwards.")
    field: AttributeChoicesSortField = strawberry.field(description="What to sort by.")


@strawberry.input(description="Which choices to list; all that is given must hold.")
class AttributeValueFilterInput:
    search: str | None = strawberry.field(default=None, description="Part of the name or of the slug.")
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="These choices.")
    slugs: list[str] | None = strawberry.field(default=None, description="By slug.")


@strawberry.input(description="Which choices to list; all that is given must hold.")
class AttributeValueWhereInput:
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="These choices.")
    name: StringFilterInput | None = strawberry.field(default=None, description="By name.")
    slug: StringFilterInput | None = strawberry.field(default=None, description="By slug.")
    and_: list["AttributeValueWhereInput"] | None = strawberry.field(
        default=None, name="AND", description="All of these must hold."
    )
    or_: list["AttributeValueWhereInput"] | None = strawberry.field(
        default=None, name="OR", description="One of these must hold."
    )


def _keys(ids: list[strawberry.ID]) -> list[int]:
    return [key for text in ids if (key := query_int(text, "AttributeValue")) is not None]


def _where(value: AttributeValueWhereInput, depth: int = 0) -> Parts:
    parts: Parts = []
    if value.ids is not None:
        parts.append(("ids", _keys(value.ids)))
    parts += [
        (name, wanted(given)) for name, given in (("names", value.name), ("slugs", value.slug)) if given is not None
    ]
    return parts + nested(value.and_, value.or_, _where, depth)


def choice_criteria(
    filter_: AttributeValueFilterInput | None, where: AttributeValueWhereInput | None, search: str | None
) -> Criteria:
    """What is asked for; empty lists of the older form ask for nothing. Raises: GraphQLError for both forms at once."""
    if filter_ is not None and where is not None:
        raise GraphQLError("Only one of the arguments `filter` and `where` can be used.")
    parts: Parts = [] if where is None else _where(where)
    if filter_ is not None:
        if filter_.ids:
            parts.append(("ids", _keys(filter_.ids)))
        if filter_.slugs:
            parts.append(("slugs", filter_.slugs))
    parts += [
        ("search", text.strip())
        for text in (search, filter_.search if filter_ is not None else None)
        if text is not None and text.strip()
    ]
    return Criteria(tuple(parts))
