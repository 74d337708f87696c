"""Filter inputs that several lists share."""

from datetime import datetime

import strawberry

from shop.api.core.scalars import Decimal


@strawberry.input(description="A text to compare with.")
class StringFilterInput:
    eq: str | None = strawberry.field(default=None, description="Equal to this.")
    one_of: list[str] | None = strawberry.field(default=None, description="Equal to one of these.")


@strawberry.input(description="Numbers from and to; both ends belong to the range.")
class DecimalRangeInput:
    gte: Decimal | None = strawberry.field(default=None, description="At least.")
    lte: Decimal | None = strawberry.field(default=None, description="At most.")


@strawberry.input(description="A number to compare with.")
class DecimalFilterInput:
    eq: Decimal | None = strawberry.field(default=None, description="Equal to this.")
    one_of: list[Decimal] | None = strawberry.field(default=None, description="Equal to one of these.")
    range: DecimalRangeInput | None = strawberry.field(default=None, description="Within this range.")


@strawberry.input(description="Moments from and to; both ends belong to the range.")
class DateTimeRangeInput:
    gte: datetime | None = strawberry.field(default=None, description="Not before.")
    lte: datetime | None = strawberry.field(default=None, description="Not after.")


@strawberry.input(description="A global ID to compare with.")
class GlobalIDFilterInput:
    eq: strawberry.ID | None = strawberry.field(default=None, description="This one.")
    one_of: list[strawberry.ID] | None = strawberry.field(default=None, description="One of these.")


def wanted(value: StringFilterInput) -> list[str]:
    """The texts that satisfy the filter; none for an empty one, as Saleor answers."""
    if value.eq is not None:
        return [value.eq]
    return value.one_of or []
