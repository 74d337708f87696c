"""Enums of orders."""

from enum import Enum

import strawberry


@strawberry.enum(description="How far an order is.")
class OrderStatus(Enum):
    DRAFT = "DRAFT"
    UNCONFIRMED = "UNCONFIRMED"
    UNFULFILLED = "UNFULFILLED"
    PARTIALLY_FULFILLED = "PARTIALLY_FULFILLED"
    PARTIALLY_RETURNED = "PARTIALLY_RETURNED"
    RETURNED = "RETURNED"
    FULFILLED = "FULFILLED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"


@strawberry.enum(description="Where an order came from.")
class OrderOriginEnum(Enum):
    CHECKOUT = "CHECKOUT"
    DRAFT = "DRAFT"
    REISSUE = "REISSUE"
    BULK_CREATE = "BULK_CREATE"


@strawberry.enum(description="How much of an order was charged.")
class OrderChargeStatusEnum(Enum):
    NONE = "NONE"
    PARTIAL = "PARTIAL"
    FULL = "FULL"
    OVERCHARGED = "OVERCHARGED"


@strawberry.enum(description="How much of an order was charged or is held.")
class OrderAuthorizeStatusEnum(Enum):
    NONE = "NONE"
    PARTIAL = "PARTIAL"
    FULL = "FULL"


@strawberry.enum(description="How an order is paid, in one word.")
class PaymentChargeStatusEnum(Enum):
    NOT_CHARGED = "NOT_CHARGED"
    PENDING = "PENDING"
    PARTIALLY_CHARGED = "PARTIALLY_CHARGED"
    FULLY_CHARGED = "FULLY_CHARGED"
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"
    FULLY_REFUNDED = "FULLY_REFUNDED"
    REFUSED = "REFUSED"
    CANCELLED = "CANCELLED"


@strawberry.enum(description="What staff may do about an order's payment by hand.")
class OrderAction(Enum):
    CAPTURE = strawberry.enum_value("CAPTURE", deprecation_reason="Ask the payment: `transactionRequestAction`.")
    MARK_AS_PAID = "MARK_AS_PAID"
    REFUND = strawberry.enum_value("REFUND", deprecation_reason="Ask the payment: `transactionRequestAction`.")
    VOID = strawberry.enum_value("VOID", deprecation_reason="Ask the payment: `transactionRequestAction`.")
