"""An order's history, for staff."""

import uuid
from datetime import datetime
from enum import Enum
from typing import Any

import strawberry

from shop.api.accounts.users import User, users_by_id
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.orders.fulfillments import FulfillmentLine, lines_of
from shop.execution import batch_field
from shop.orders import queries


@strawberry.enum(description="What happened to an order.")
class OrderEventsEnum(Enum):
    DRAFT_CREATED = "DRAFT_CREATED"
    DRAFT_CREATED_FROM_REPLACE = "DRAFT_CREATED_FROM_REPLACE"
    ADDED_PRODUCTS = "ADDED_PRODUCTS"
    REMOVED_PRODUCTS = "REMOVED_PRODUCTS"
    PLACED = "PLACED"
    PLACED_FROM_DRAFT = "PLACED_FROM_DRAFT"
    PLACED_AUTOMATICALLY_FROM_PAID_CHECKOUT = "PLACED_AUTOMATICALLY_FROM_PAID_CHECKOUT"
    OVERSOLD_ITEMS = "OVERSOLD_ITEMS"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    ORDER_MARKED_AS_PAID = "ORDER_MARKED_AS_PAID"
    ORDER_FULLY_PAID = "ORDER_FULLY_PAID"
    ORDER_REPLACEMENT_CREATED = "ORDER_REPLACEMENT_CREATED"
    ORDER_DISCOUNT_ADDED = "ORDER_DISCOUNT_ADDED"
    ORDER_DISCOUNT_AUTOMATICALLY_UPDATED = "ORDER_DISCOUNT_AUTOMATICALLY_UPDATED"
    ORDER_DISCOUNT_UPDATED = "ORDER_DISCOUNT_UPDATED"
    ORDER_DISCOUNT_DELETED = "ORDER_DISCOUNT_DELETED"
    ORDER_LINE_DISCOUNT_UPDATED = "ORDER_LINE_DISCOUNT_UPDATED"
    ORDER_LINE_DISCOUNT_REMOVED = "ORDER_LINE_DISCOUNT_REMOVED"
    ORDER_LINE_PRODUCT_DELETED = "ORDER_LINE_PRODUCT_DELETED"
    ORDER_LINE_VARIANT_DELETED = "ORDER_LINE_VARIANT_DELETED"
    UPDATED_ADDRESS = "UPDATED_ADDRESS"
    EMAIL_SENT = "EMAIL_SENT"
    CONFIRMED = "CONFIRMED"
    PAYMENT_AUTHORIZED = "PAYMENT_AUTHORIZED"
    PAYMENT_CAPTURED = "PAYMENT_CAPTURED"
    EXTERNAL_SERVICE_NOTIFICATION = "EXTERNAL_SERVICE_NOTIFICATION"
    PAYMENT_REFUNDED = "PAYMENT_REFUNDED"
    PAYMENT_VOIDED = "PAYMENT_VOIDED"
    PAYMENT_FAILED = "PAYMENT_FAILED"
    TRANSACTION_EVENT = "TRANSACTION_EVENT"
    TRANSACTION_CHARGE_REQUESTED = "TRANSACTION_CHARGE_REQUESTED"
    TRANSACTION_REFUND_REQUESTED = "TRANSACTION_REFUND_REQUESTED"
    TRANSACTION_CANCEL_REQUESTED = "TRANSACTION_CANCEL_REQUESTED"
    TRANSACTION_MARK_AS_PAID_FAILED = "TRANSACTION_MARK_AS_PAID_FAILED"
    INVOICE_REQUESTED = "INVOICE_REQUESTED"
    INVOICE_GENERATED = "INVOICE_GENERATED"
    INVOICE_UPDATED = "INVOICE_UPDATED"
    INVOICE_SENT = "INVOICE_SENT"
    FULFILLMENT_CANCELED = "FULFILLMENT_CANCELED"
    FULFILLMENT_RESTOCKED_ITEMS = "FULFILLMENT_RESTOCKED_ITEMS"
    FULFILLMENT_FULFILLED_ITEMS = "FULFILLMENT_FULFILLED_ITEMS"
    FULFILLMENT_REFUNDED = "FULFILLMENT_REFUNDED"
    FULFILLMENT_RETURNED = "FULFILLMENT_RETURNED"
    FULFILLMENT_REPLACED = "FULFILLMENT_REPLACED"
    FULFILLMENT_AWAITS_APPROVAL = "FULFILLMENT_AWAITS_APPROVAL"
    TRACKING_UPDATED = "TRACKING_UPDATED"
    NOTE_ADDED = "NOTE_ADDED"
    NOTE_UPDATED = "NOTE_UPDATED"
    OTHER = "OTHER"


@strawberry.enum(description="Which mail was sent.")
class OrderEventsEmailsEnum(Enum):
    PAYMENT_CONFIRMATION = "PAYMENT_CONFIRMATION"
    CONFIRMED = "CONFIRMED"
    SHIPPING_CONFIRMATION = "SHIPPING_CONFIRMATION"
    TRACKING_UPDATED = "TRACKING_UPDATED"
    ORDER_CONFIRMATION = "ORDER_CONFIRMATION"
    ORDER_CANCEL = "ORDER_CANCEL"
    ORDER_REFUND = "ORDER_REFUND"
    FULFILLMENT_CONFIRMATION = "FULFILLMENT_CONFIRMATION"
    DIGITAL_LINKS = "DIGITAL_LINKS"


@strawberry.type(description="Something that happened to an order.")
class OrderEvent:
    pk: strawberry.Private[int]
    order_id: strawberry.Private[uuid.UUID]
    date: datetime | None = strawberry.field(description="When it happened.")
    number_value: strawberry.Private[int]
    kind: strawberry.Private[str]
    user_id: strawberry.Private[int | None]
    parameters: strawberry.Private[dict[str, Any]]

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("OrderEvent", self.pk)

    @computed(description="What happened.")
    def type(self) -> OrderEventsEnum | None:
        return OrderEventsEnum(self.kind)

    @computed(description="Whom a mail went to.")
    def email(self) -> str | None:
        return self.parameters.get("email")

    @computed(description="Which mail was sent.")
    def email_type(self) -> OrderEventsEmailsEnum | None:
        given = self.parameters.get("email_type")
        return None if given is None else OrderEventsEmailsEnum(given)

    @computed(description="The amount that it is about.")
    def amount(self) -> float | None:
        given = self.parameters.get("amount")
        return None if given is None else float(given)

    @computed(description="The payment that it is about, by its UUID.")
    def transaction_reference(self) -> str | None:
        return self.parameters.get("transaction")

    @computed(description="The order's number, as people say it.")
    def order_number(self) -> str | None:
        return str(self.number_value)

    @computed(description="What somebody wrote, or the number of a parcel.")
    def message(self) -> str | None:
        return self.parameters.get("message")

    @computed(description="How many units it is about.")
    def quantity(self) -> int | None:
        return self.parameters.get("quantity")

    @computed(description="The parcel that it is about: the order's number and the parcel's.")
    def composed_id(self) -> str | None:
        return self.parameters.get("composed_id")

    @computed(description="The number of the invoice that it is about.")
    def invoice_number(self) -> str | None:
        return self.parameters.get("invoice_number")

    @batch_field(description="Who did it; null for the shop itself and for guests.")
    @staticmethod
    async def user(parents: list["OrderEvent"], context: Context) -> list[User | None]:
        found = await users_by_id(context, [event.user_id for event in parents if event.user_id is not None])
        return [None if event.user_id is None else found.get(event.user_id) for event in parents]

    @batch_field(description="What left in the parcel that it is about.")
    @staticmethod
    async def fulfilled_items(parents: list["OrderEvent"], context: Context) -> list[list[FulfillmentLine] | None]:
        parcels = [
            event.parameters.get("fulfillment") if event.kind == "FULFILLMENT_FULFILLED_ITEMS" else None
            for event in parents
        ]
        found = await lines_of(context, [key for key in parcels if key is not None])
        return [None if key is None else found[key] for key in parcels]


async def events_by_id(context: Context, ids: list[int]) -> dict[int, OrderEvent]:
    """The events by their keys, in one statement."""
    return {event.pk: event for event in await context.fetch(OrderEvent, queries.EVENTS_BY_ID, ids=ids)}
