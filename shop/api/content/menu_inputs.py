"""What lists of menus and of their entries take: filters and orders, as criteria of `browse`."""

from enum import Enum

import strawberry

from shop.api.catalogue.inputs import MetadataFilter, metadata_criteria
from shop.api.core.enums import OrderDirection
from shop.browse.criteria import Parts


@strawberry.enum(description="What menus are sorted by.")
class MenuSortField(Enum):
    NAME = "NAME"
    ITEMS_COUNT = "ITEMS_COUNT"


@strawberry.input(description="How to sort menus.")
class MenuSortingInput:
    direction: OrderDirection = strawberry.field(description="Upwards or downwards.")
    field: MenuSortField = strawberry.field(description="What to sort by.")


@strawberry.input(description="Which menus to list; all that is given must hold.")
class MenuFilterInput:
    search: str | None = strawberry.field(default=None, description="A part of the name.")
    slug: list[str] | None = strawberry.field(default=None, description="By slug.")
    metadata: list[MetadataFilter] | None = strawberry.field(default=None, description="By public metadata.")
    slugs: list[str] | None = strawberry.field(default=None, description="By slug.")


@strawberry.enum(description="What entries of menus are sorted by.")
class MenuItemsSortField(Enum):
    NAME = "NAME"


@strawberry.input(description="How to sort entries of menus.")
class MenuItemSortingInput:
    direction: OrderDirection = strawberry.field(description="Upwards or downwards.")
    field: MenuItemsSortField = strawberry.field(description="What to sort by.")


@strawberry.input(description="Which entries of menus to list; all that is given must hold.")
class MenuItemFilterInput:
    search: str | None = strawberry.field(default=None, description="A part of what the entry says.")
    metadata: list[MetadataFilter] | None = strawberry.field(default=None, description="By public metadata.")


def menu_criteria(value: MenuFilterInput | None) -> Parts:
    """What a filter of menus asks for; empty lists ask for nothing, as in Saleor."""
    if value is None:
        return []
    slugs: Parts = [("slugs", given) for given in (value.slug, value.slugs) if given]
    return _shared(value) + slugs


def item_criteria(value: MenuItemFilterInput | None) -> Parts:
    """What a filter of entries asks for."""
    return [] if value is None else _shared(value)


def _shared(value: MenuFilterInput | MenuItemFilterInput) -> Parts:
    words = (value.search or "").strip()
    parts: Parts = [("search", words)] if words else []
    return parts if value.metadata is None else parts + metadata_criteria(value.metadata)
