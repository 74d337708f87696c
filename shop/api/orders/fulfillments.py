"""Parcels of orders: what left, from where, and how to follow it."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import ClassVar

import strawberry

from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.orders.lines import MANAGERS, OrderLine, lines_by_id
from shop.execution import batch_field
from shop.orders import queries


@strawberry.enum(description="What has become of a parcel.")
class FulfillmentStatus(Enum):
    FULFILLED = "FULFILLED"
    REFUNDED = "REFUNDED"
    RETURNED = "RETURNED"
    REPLACED = "REPLACED"
    REFUNDED_AND_RETURNED = "REFUNDED_AND_RETURNED"
    CANCELED = "CANCELED"
    WAITING_FOR_APPROVAL = "WAITING_FOR_APPROVAL"


@strawberry.type(description="So many of an order's line in a parcel.")
class FulfillmentLine:
    pk: strawberry.Private[int]
    fulfillment_id: strawberry.Private[int]
    order_line_id: strawberry.Private[uuid.UUID]
    quantity: int = strawberry.field(description="How many of them.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("FulfillmentLine", self.pk)

    @batch_field(description="The line of the order.")
    @staticmethod
    async def order_line(parents: list["FulfillmentLine"], context: Context) -> list[OrderLine | None]:
        found = await lines_by_id(context, [line.order_line_id for line in parents])
        return [found.get(line.order_line_id) for line in parents]


@strawberry.type(description="A parcel with goods of an order, out of one warehouse.")
class Fulfillment(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = MANAGERS

    pk: strawberry.Private[int]
    order_id: strawberry.Private[uuid.UUID]
    fulfillment_order: int = strawberry.field(description="Its number among the order's parcels, from one.")
    status_name: strawberry.Private[str]
    tracking_number: str = strawberry.field(description="The carrier's number of the parcel, or empty.")
    warehouse_id: strawberry.Private[uuid.UUID | None]
    created: datetime = strawberry.field(description="When it left.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("Fulfillment", self.pk)

    @computed(description="What has become of it.")
    def status(self) -> FulfillmentStatus:
        return FulfillmentStatus(self.status_name)

    @computed(description="What has become of it, for people.")
    def status_display(self) -> str | None:
        return self.status_name.replace("_", " ").capitalize()

    @batch_field(description="What is in it.")
    @staticmethod
    async def lines(parents: list["Fulfillment"], context: Context) -> list[list[FulfillmentLine] | None]:
        found = await lines_of(context, [parcel.pk for parcel in parents])
        return [found[parcel.pk] for parcel in parents]


async def lines_of(context: Context, fulfillment_ids: Sequence[int]) -> dict[int, list[FulfillmentLine]]:
    """What is in these parcels, in one statement; none for no keys."""
    packed: dict[int, list[FulfillmentLine]] = defaultdict(list)
    if fulfillment_ids:
        ids = sorted(set(fulfillment_ids))
        for line in await context.fetch(FulfillmentLine, queries.FULFILLMENT_LINES, ids=ids):
            packed[line.fulfillment_id].append(line)
    return packed


async def fulfillments_by_order(context: Context, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Fulfillment]]:
    """The parcels of orders, by number, in one statement."""
    parcels: dict[uuid.UUID, list[Fulfillment]] = defaultdict(list)
    for parcel in await context.fetch(Fulfillment, queries.FULFILLMENTS_BY_ORDER, ids=list(set(ids))):
        parcels[parcel.order_id].append(parcel)
    return parcels


async def fulfillments_by_id(context: Context, ids: Sequence[int]) -> list[Fulfillment]:
    """The parcels, by number, in one statement."""
    return await context.fetch(Fulfillment, queries.FULFILLMENTS_BY_ID, ids=list(ids))
