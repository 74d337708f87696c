"""Root queries about warehouses, and what lists of them take."""

from enum import Enum
from typing import Annotated

import strawberry

from shop.api.catalogue.lists import Paging, Shown, list_all
from shop.api.core.context import Info
from shop.api.core.enums import OrderDirection
from shop.api.core.fields import query
from shop.api.core.ids import query_uuid
from shop.api.core.permissions import require
from shop.api.stock.types import (
    COUNTERS,
    Warehouse,
    WarehouseCountableConnection,
    WarehouseCountableEdge,
    warehouses_by_id,
)
from shop.browse.criteria import Criteria, Parts
from shop.browse.listing import Kind
from shop.browse.queries import WAREHOUSE_LIST
from shop.execution import Selection


@strawberry.enum(description="What warehouses are sorted by.")
class WarehouseSortField(Enum):
    NAME = "NAME"


@strawberry.input(description="How to sort warehouses.")
class WarehouseSortingInput:
    direction: OrderDirection = strawberry.field(description="Upwards or downwards.")
    field: WarehouseSortField = strawberry.field(description="What to sort by.")


@strawberry.input(description="Which warehouses to list; all that is given must hold.")
class WarehouseFilterInput:
    search: str | None = strawberry.field(default=None, description="A part of the name or the slug.")
    slugs: list[str] | None = strawberry.field(default=None, description="By slug.")


@strawberry.type
class StockQueries:
    """Queries about warehouses."""

    @query(description="A warehouse by its ID. Needs MANAGE_PRODUCTS or MANAGE_ORDERS.")
    async def warehouse(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The warehouse's ID.")]
    ) -> Warehouse | None:
        require(info.context, *COUNTERS)
        key = query_uuid(id, "Warehouse")
        return None if key is None else (await warehouses_by_id(info.context, {key})).get(key)

    @query(description="Warehouses by name. Needs MANAGE_PRODUCTS or MANAGE_ORDERS.")
    async def warehouses(
        self,
        info: Info,
        filter: WarehouseFilterInput | None = None,
        sort_by: WarehouseSortingInput | None = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> WarehouseCountableConnection | None:
        require(info.context, *COUNTERS)
        criteria = Criteria(tuple(_criteria(filter)))
        descending = sort_by is not None and sort_by.direction is OrderDirection.DESC
        made: WarehouseCountableConnection = await list_all(
            info.context,
            Kind(WAREHOUSE_LIST, None, criteria.shape, "NAME", descending),
            criteria.params,
            Paging("warehouses", first, after, last, before),
            Selection.below(info),
            Shown(WarehouseCountableConnection, WarehouseCountableEdge, Warehouse),
        )
        return made


def _criteria(value: WarehouseFilterInput | None) -> Parts:
    if value is None:
        return []
    words = (value.search or "").strip()
    parts: Parts = [("search", words)] if words else []
    return [*parts, ("slugs", value.slugs)] if value.slugs is not None else parts
