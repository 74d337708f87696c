"""Moves within an order, as Saleor takes them."""

from collections.abc import Sequence

import strawberry

from shop.api.core.ids import required_int


@strawberry.input(description="Moves one of several things.")
class ReorderInput:
    id: strawberry.ID = strawberry.field(description="ID of what is moved.")
    sort_order: int | None = strawberry.field(
        default=None, description="How many places on, or back when negative; left out, it stays."
    )


def places(moves: Sequence[ReorderInput], type_name: str) -> list[tuple[int, int]]:
    """The moves as (key, places on). Raises: Invalid on `moves` for malformed IDs."""
    return [(required_int(each.id, type_name, field="moves"), each.sort_order or 0) for each in moves]
