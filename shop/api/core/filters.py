"""Filter inputs that several lists share."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TypeVar

import strawberry
from graphql import GraphQLError

from shop.api.core.scalars import Decimal
from shop.browse.criteria import Criteria, Parts

T = TypeVar("T")
_DEEPEST = 10


@strawberry.input(description="A text to compare with.")
class StringFilterInput:
    eq: str | None = strawberry.field(default=None, description="Equal to this.")
    one_of: list[str] | None = strawberry.field(default=None, description="Equal to one of these.")


@strawberry.input(description="Numbers from and to; both ends belong to the range.")
class DecimalRangeInput:
    gte: Decimal | None = strawberry.field(default=None, description="At least.")
    lte: Decimal | None = strawberry.field(default=None, description="At most.")


@strawberry.input(description="Whole numbers from and to; both ends belong to the range.")
class IntRangeInput:
    gte: int | None = strawberry.field(default=None, description="At least.")
    lte: int | None = strawberry.field(default=None, description="At most.")


@strawberry.input(description="A number to compare with.")
class DecimalFilterInput:
    eq: Decimal | None = strawberry.field(default=None, description="Equal to this.")
    one_of: list[Decimal] | None = strawberry.field(default=None, description="Equal to one of these.")
    range: DecimalRangeInput | None = strawberry.field(default=None, description="Within this range.")


@strawberry.input(description="Moments from and to; both ends belong to the range.")
class DateTimeRangeInput:
    gte: datetime | None = strawberry.field(default=None, description="Not before.")
    lte: datetime | None = strawberry.field(default=None, description="Not after.")


@strawberry.input(description="Days from and to; both ends belong to the range.")
class DateRangeInput:
    gte: date | None = strawberry.field(default=None, description="Not before.")
    lte: date | None = strawberry.field(default=None, description="Not after.")


@strawberry.input(description="What several texts must have in common with some given ones.")
class ContainsFilterInput:
    contains_any: list[str] | None = strawberry.field(default=None, description="At least one of these is among them.")
    contains_all: list[str] | None = strawberry.field(default=None, description="Every one of these is among them.")


@strawberry.input(description="A metadata value to compare with.")
class MetadataValueFilterInput:
    eq: str | None = strawberry.field(default=None, description="Equal to this.")
    one_of: list[str] | None = strawberry.field(default=None, description="Equal to one of these.")


@strawberry.input(description="Public metadata that something must carry.")
class MetadataFilterInput:
    key: str = strawberry.field(description="This key;")
    value: MetadataValueFilterInput | None = strawberry.field(
        default=None, description="with such a value, or with any."
    )


@strawberry.input(description="A global ID to compare with.")
class GlobalIDFilterInput:
    eq: strawberry.ID | None = strawberry.field(default=None, description="This one.")
    one_of: list[strawberry.ID] | None = strawberry.field(default=None, description="One of these.")


def wanted(value: StringFilterInput) -> list[str]:
    """The texts that satisfy the filter; none for an empty one, as Saleor answers."""
    if value.eq is not None:
        return [value.eq]
    return value.one_of or []


def nested(
    all_of: Sequence[T] | None, any_of: Sequence[T] | None, read: Callable[[T, int], Parts], depth: int
) -> Parts:
    """What the `AND` and the `OR` of a filter ask for; `read` reads one of theirs, which lies one level deeper.

    Raises: GraphQLError where they are nested more deeply than anybody needs.
    """
    if depth > _DEEPEST:
        raise GraphQLError("`AND` and `OR` are nested too deeply.")
    parts: Parts = []
    for inner, either in ((all_of, False), (any_of, True)):
        if inner:
            parts.append(Criteria(tuple(Criteria(tuple(read(each, depth + 1))) for each in inner), any_of=either))
    return parts
