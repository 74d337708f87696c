"""Metadata as clients send it."""

from collections.abc import Sequence

import strawberry

from shop.kit.metadata import checked


@strawberry.input(description="A key and its value.")
class MetadataInput:
    key: str = strawberry.field(description="The key; it may not be empty.")
    value: str = strawberry.field(description="The value; an earlier one of the same key is replaced.")


def entries(given: Sequence[MetadataInput] | None, *, field: str = "metadata") -> dict[str, str]:
    """The entries as they may be stored. Raises: Invalid (REQUIRED, INVALID) on `field`."""
    return checked(((item.key, item.value) for item in given or ()), field=field)
