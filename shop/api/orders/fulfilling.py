"""Mutations of parcels: goods leave, can be followed, and are called back. For staff that manages orders."""

from typing import Annotated

import strawberry

from shop.api.core.context import Context, Info
from shop.api.core.ids import required_int, required_uuid
from shop.api.core.mutation import mutation
from shop.api.orders.lines import MANAGERS
from shop.api.orders.payloads import FulfillmentCancel, FulfillmentUpdateTracking, OrderFulfill
from shop.checkout.flows import order_url
from shop.kit.errors import Invalid
from shop.orders import actions
from shop.orders.rules import Wanted

_TRACKING_LIMIT = 255

FulfillmentId = Annotated[strawberry.ID, strawberry.argument(description="The parcel.")]


@strawberry.input(description="How many leave which warehouse.")
class OrderFulfillStockInput:
    quantity: int = strawberry.field(description="How many; those of 0 are passed over.")
    warehouse: strawberry.ID = strawberry.field(description="The warehouse that they leave.")


@strawberry.input(description="What of a line leaves.")
class OrderFulfillLineInput:
    order_line_id: strawberry.ID | None = strawberry.field(default=None, description="The line; needed.")
    stocks: list[OrderFulfillStockInput] = strawberry.field(description="Where how many of it leave.")


@strawberry.input(description="What of an order leaves, and how.")
class OrderFulfillInput:
    lines: list[OrderFulfillLineInput] = strawberry.field(description="What leaves.")
    notify_customer: bool | None = strawberry.field(
        default=None, description="Whether the buyer is told; yes, if null."
    )
    allow_stock_to_be_exceeded: bool | None = strawberry.field(
        default=False,
        description="Whether units may leave that the warehouse does not have by its count. They leave uncounted: "
        "a stock never falls below what it promises to other orders.",
    )
    tracking_number: str | None = strawberry.field(default=None, description="The carrier's number of the parcel.")


@strawberry.input(description="Where the goods of a parcel go that is called back.")
class FulfillmentCancelInput:
    warehouse_id: strawberry.ID | None = strawberry.field(
        default=None, description="The warehouse that takes them in again; needed for a parcel that has left."
    )


@strawberry.input(description="How a parcel can be followed.")
class FulfillmentUpdateTrackingInput:
    tracking_number: str | None = strawberry.field(default=None, description="The carrier's number; null: none.")
    notify_customer: bool | None = strawberry.field(default=False, description="Whether the buyer is told.")


@strawberry.type
class FulfillmentMutations:
    """Mutations of parcels."""

    @mutation(
        description="Lets goods of an order leave: a parcel for each warehouse. Stock and what was promised to the "
        "order are lessened, and the buyer is told. Needs MANAGE_ORDERS.",
        permissions=MANAGERS,
    )
    async def order_fulfill(
        self,
        info: Info,
        input: Annotated[OrderFulfillInput, strawberry.argument(description="What leaves, and how.")],
        order: Annotated[strawberry.ID | None, strawberry.argument(description="The order; needed.")] = None,
    ) -> OrderFulfill | None:
        context = info.context
        if order is None:
            raise Invalid("The order is needed.", field="order", code="REQUIRED")
        key = required_uuid(order, "Order", field="order")
        how = _dispatch(
            context,
            input.tracking_number,
            notify=input.notify_customer is not False,
            beyond_stock=bool(input.allow_stock_to_be_exceeded),
        )
        parcels = await actions.fulfil(context.session, key, _wanted(input.lines), how)
        return OrderFulfill(order_key=key, parcel_keys=tuple(parcels))

    @mutation(
        description="Calls a parcel back: its goods lie in the warehouse again, promised to the order as before. "
        "Needs MANAGE_ORDERS.",
        permissions=MANAGERS,
    )
    async def order_fulfillment_cancel(
        self,
        info: Info,
        id: FulfillmentId,
        input: Annotated[FulfillmentCancelInput | None, strawberry.argument(description="Where its goods go.")] = None,
    ) -> FulfillmentCancel | None:
        context = info.context
        key = required_int(id, "Fulfillment", field="id")
        to = None if input is None else input.warehouse_id
        order_key = await actions.cancel_fulfillment(
            context.session,
            key,
            warehouse_id=None if to is None else required_uuid(to, "Warehouse", field="warehouseId"),
            by_user_id=context.caller.user_id,
        )
        return FulfillmentCancel(order_key=order_key, parcel_key=key)

    @mutation(description="Says how a parcel can be followed. Needs MANAGE_ORDERS.", permissions=MANAGERS)
    async def order_fulfillment_update_tracking(
        self,
        info: Info,
        id: FulfillmentId,
        input: Annotated[FulfillmentUpdateTrackingInput, strawberry.argument(description="The carrier's number.")],
    ) -> FulfillmentUpdateTracking | None:
        context = info.context
        key = required_int(id, "Fulfillment", field="id")
        how = _dispatch(context, input.tracking_number, notify=bool(input.notify_customer))
        order_key = await actions.update_tracking(context.session, key, how)
        return FulfillmentUpdateTracking(order_key=order_key, parcel_key=key)


def _dispatch(
    context: Context, tracking_number: str | None, *, notify: bool, beyond_stock: bool = False
) -> actions.Dispatch:
    number = (tracking_number or "").strip()
    if len(number) > _TRACKING_LIMIT:
        raise Invalid(f"A tracking number holds at most {_TRACKING_LIMIT} characters.", field="trackingNumber")
    return actions.Dispatch(
        context.caller.user_id,
        notify=notify,
        beyond_stock=beyond_stock,
        tracking_number=number,
        order_url=order_url(context.settings),
    )


def _wanted(lines: list[OrderFulfillLineInput]) -> list[Wanted]:
    wanted = []
    for line in lines:
        if line.order_line_id is None:
            raise Invalid("The line is needed.", field="orderLineId", code="REQUIRED")
        line_id = required_uuid(line.order_line_id, "OrderLine", field="orderLineId")
        wanted += [
            Wanted(line_id, required_uuid(stock.warehouse, "Warehouse", field="warehouse"), stock.quantity)
            for stock in line.stocks
        ]
    return wanted
