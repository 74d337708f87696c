"""What order mutations return. Orders and parcels are read after the commit, and only where they are asked for."""

import uuid

import strawberry

from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.payloads import Payload
from shop.api.orders.errors import OrderError, OrderNoteAddError
from shop.api.orders.events import OrderEvent, events_by_id
from shop.api.orders.fulfillments import Fulfillment, fulfillments_by_id
from shop.api.orders.types import Order, orders_by_id
from shop.execution import batch_field


@strawberry.type
class _Changed(Payload):
    """With the order that was changed, and errors under both of their names."""

    order_key: strawberry.Private[uuid.UUID | None] = None
    errors: list[OrderError] = strawberry.field(default_factory=list, description="Expected errors.")

    @computed(description="Expected errors.", deprecation_reason="Use `errors`.")
    def order_errors(self) -> list[OrderError]:
        return self.errors

    @batch_field(description="The order, as things stand now.")
    @staticmethod
    async def order(parents: list["_Changed"], context: Context) -> list[Order | None]:
        found = await orders_by_id(context, [one.order_key for one in parents if one.order_key is not None])
        return [None if one.order_key is None else found.get(one.order_key) for one in parents]


@strawberry.type(description="The parcels that left.")
class OrderFulfill(_Changed):
    parcel_keys: strawberry.Private[tuple[int, ...]] = ()

    @batch_field(description="One for each warehouse that goods left.")
    @staticmethod
    async def fulfillments(parents: list["OrderFulfill"], context: Context) -> list[list[Fulfillment] | None]:
        return [await _parcels(context, one.parcel_keys) for one in parents]


@strawberry.type
class _ChangedParcel(_Changed):
    """With the parcel that was changed."""

    parcel_key: strawberry.Private[int | None] = None

    @batch_field(description="The parcel, as things stand now.")
    @staticmethod
    async def fulfillment(parents: list["_ChangedParcel"], context: Context) -> list[Fulfillment | None]:
        found = [await _parcels(context, () if one.parcel_key is None else (one.parcel_key,)) for one in parents]
        return [parcels[0] if parcels else None for parcels in found]


@strawberry.type(description="A parcel that was called back.")
class FulfillmentCancel(_ChangedParcel):
    pass


@strawberry.type(description="A parcel that can be followed by another number.")
class FulfillmentUpdateTracking(_ChangedParcel):
    pass


@strawberry.type(description="An order that is over.")
class OrderCancel(_Changed):
    pass


@strawberry.type(description="An order that may be fulfilled now.")
class OrderConfirm(_Changed):
    pass


@strawberry.type(description="An order that was paid outside of the shop.")
class OrderMarkAsPaid(_Changed):
    pass


@strawberry.type(description="An order with other data.")
class OrderUpdate(_Changed):
    pass


@strawberry.type(description="A note in an order's history.")
class OrderNoteAdd(Payload):
    order_key: strawberry.Private[uuid.UUID | None] = None
    event_key: strawberry.Private[int | None] = None
    errors: list[OrderNoteAddError] = strawberry.field(default_factory=list, description="Expected errors.")

    @batch_field(description="The order, as things stand now.")
    @staticmethod
    async def order(parents: list["OrderNoteAdd"], context: Context) -> list[Order | None]:
        found = await orders_by_id(context, [one.order_key for one in parents if one.order_key is not None])
        return [None if one.order_key is None else found.get(one.order_key) for one in parents]

    @batch_field(description="The note in the order's history.")
    @staticmethod
    async def event(parents: list["OrderNoteAdd"], context: Context) -> list[OrderEvent | None]:
        found = await events_by_id(context, [one.event_key for one in parents if one.event_key is not None])
        return [None if one.event_key is None else found.get(one.event_key) for one in parents]


async def _parcels(context: Context, keys: tuple[int, ...]) -> list[Fulfillment] | None:
    return await fulfillments_by_id(context, keys) if keys else None
