"""Warehouses, and how many of a variant lie in each. Only staff sees either."""

import uuid
from typing import ClassVar, Final

import strawberry

from shop.api.core.connections import CountableConnection, CountableEdge
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.metadata import ObjectWithMetadata
from shop.execution import batch_field
from shop.stock import queries

# Who sees warehouses and stocks.
COUNTERS: Final = ("MANAGE_PRODUCTS", "MANAGE_ORDERS")


@strawberry.type(description="A place that holds goods.")
class Warehouse(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = COUNTERS

    pk: strawberry.Private[uuid.UUID]
    name: str = strawberry.field(description="Name for staff.")
    slug: str = strawberry.field(description="Name that programs know it by.")
    email: str = strawberry.field(description="Where it is written to; may be empty.")
    external_reference: str | None = strawberry.field(description="Its name in another system.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("Warehouse", self.pk)


@strawberry.type(description="How many of a variant lie in a warehouse.")
class Stock:
    pk: strawberry.Private[int]
    variant_id: strawberry.Private[int]
    warehouse_id: strawberry.Private[uuid.UUID]
    quantity: int = strawberry.field(description="How many lie there, promised ones included.")
    quantity_allocated: int = strawberry.field(description="How many of them orders were promised.")
    quantity_reserved: int = strawberry.field(description="How many of them checkouts keep by now.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("Stock", self.pk)

    @batch_field(description="The warehouse.")
    @staticmethod
    async def warehouse(parents: list["Stock"], context: Context) -> list[Warehouse]:
        found = await warehouses_by_id(context, {each.warehouse_id for each in parents})
        return [found[each.warehouse_id] for each in parents]


@strawberry.type(description="A warehouse of a page.")
class WarehouseCountableEdge(CountableEdge[Warehouse]):
    pass


@strawberry.type(description="A page of warehouses.")
class WarehouseCountableConnection(CountableConnection[WarehouseCountableEdge]):
    pass


async def warehouses_by_id(context: Context, ids: set[uuid.UUID]) -> dict[uuid.UUID, Warehouse]:
    """The warehouses, by their keys."""
    rows = await context.fetch(Warehouse, queries.WAREHOUSES_BY_ID, ids=sorted(ids)) if ids else []
    return {row.pk: row for row in rows}


async def stocks_by_variant(context: Context, variant_ids: list[int]) -> dict[int, list[Stock]]:
    """What lies where of each of the variants. One statement."""
    found: dict[int, list[Stock]] = {pk: [] for pk in variant_ids}
    for row in await context.fetch(Stock, queries.STOCKS_BY_VARIANT, ids=sorted(found), now=context.now):
        found[row.variant_id].append(row)
    return found
