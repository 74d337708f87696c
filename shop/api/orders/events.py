"""An order's history, for staff."""

import uuid
from datetime import datetime
from enum import Enum
from typing import Any

import strawberry

from shop.api.core.fields import computed
from shop.api.core.ids import global_id


@strawberry.enum(description="What happened to an order.")
class OrderEventsEnum(Enum):
    PLACED = "PLACED"
    PLACED_AUTOMATICALLY_FROM_PAID_CHECKOUT = "PLACED_AUTOMATICALLY_FROM_PAID_CHECKOUT"
    ORDER_FULLY_PAID = "ORDER_FULLY_PAID"
    EMAIL_SENT = "EMAIL_SENT"
    PAYMENT_AUTHORIZED = "PAYMENT_AUTHORIZED"
    PAYMENT_CAPTURED = "PAYMENT_CAPTURED"
    PAYMENT_REFUNDED = "PAYMENT_REFUNDED"
    TRANSACTION_EVENT = "TRANSACTION_EVENT"


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
