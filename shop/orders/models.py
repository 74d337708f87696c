"""Orders: what was bought, as it was when it was bought. Names, prices and addresses are copies."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Integer, Numeric, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.kit.db.models import (
    Base,
    BigPk,
    HasExternalReference,
    HasMetadata,
    IntPk,
    Timestamps,
    UuidPk,
    not_negative,
    one_of,
)


class Order(Base, HasMetadata, HasExternalReference, Timestamps):
    """A purchase. At most one comes of a checkout; its totals are those of its lines, checked by the database."""

    __tablename__ = "order_order"
    __table_args__ = (
        one_of(
            "status",
            "DRAFT",
            "UNCONFIRMED",
            "UNFULFILLED",
            "PARTIALLY_FULFILLED",
            "FULFILLED",
            "PARTIALLY_RETURNED",
            "RETURNED",
            "CANCELED",
            "EXPIRED",
        ),
        one_of("origin", "CHECKOUT", "DRAFT", "REISSUE", "BULK_CREATE"),
        one_of("charge_status", "NONE", "PARTIAL", "FULL", "OVERCHARGED"),
        one_of("authorize_status", "NONE", "PARTIAL", "FULL"),
        CheckConstraint("total_net_amount = subtotal_net_amount + shipping_net_amount", name="net_adds_up"),
        CheckConstraint("total_gross_amount = subtotal_gross_amount + shipping_gross_amount", name="gross_adds_up"),
        not_negative("total_net_amount"),
        CheckConstraint("total_gross_amount >= total_net_amount", name="tax_not_negative"),
        CheckConstraint("undiscounted_total_gross_amount >= total_gross_amount", name="discount_not_negative"),
        Index("ix_order_order_user_created", "user_id", "created_at"),
        Index("ix_order_order_created_at", "created_at", "id"),
        Index("ix_order_order_email", "email"),
        Index("ix_order_order_voucher_id", "voucher_id", postgresql_where=text("voucher_id IS NOT NULL")),
        # Removing an address asks who refers to it.
        Index(
            "ix_order_order_billing_address",
            "billing_address_id",
            postgresql_where=text("billing_address_id IS NOT NULL"),
        ),
        Index(
            "ix_order_order_shipping_address",
            "shipping_address_id",
            postgresql_where=text("shipping_address_id IS NOT NULL"),
        ),
        # Guests' orders, by the e-mail as accounts write it.
        Index("ix_order_order_guest_email", text("lower(email)"), postgresql_where=text("user_id IS NULL")),
    )

    id: Mapped[UuidPk]
    number: Mapped[int] = mapped_column(Integer, Identity(start=1001), unique=True)
    # The checkout is gone once it is an order; its key stays the key of the payments.
    checkout_id: Mapped[uuid.UUID | None] = mapped_column(unique=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel_channel.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account_user.id", ondelete="SET NULL"))
    email: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="UNFULFILLED")
    origin: Mapped[str] = mapped_column(server_default="CHECKOUT")
    currency: Mapped[str]
    language_code: Mapped[str] = mapped_column(server_default="EN")
    customer_note: Mapped[str] = mapped_column(server_default="")
    redirect_url: Mapped[str | None]
    display_gross_prices: Mapped[bool] = mapped_column(server_default=text("true"))
    billing_address_id: Mapped[int | None] = mapped_column(ForeignKey("account_address.id"))
    shipping_address_id: Mapped[int | None] = mapped_column(ForeignKey("account_address.id"))
    # The method's row may go; its name and price are kept.
    shipping_method_id: Mapped[int | None] = mapped_column(ForeignKey("shipping_method.id", ondelete="SET NULL"))
    shipping_method_name: Mapped[str | None]
    shipping_net_amount: Mapped[Decimal] = mapped_column(server_default="0")
    shipping_gross_amount: Mapped[Decimal] = mapped_column(server_default="0")
    shipping_tax_rate: Mapped[Decimal] = mapped_column(Numeric(6, 5), server_default="0")
    subtotal_net_amount: Mapped[Decimal]
    subtotal_gross_amount: Mapped[Decimal]
    total_net_amount: Mapped[Decimal]
    total_gross_amount: Mapped[Decimal]
    # Before all discounts; what each took off is in `order_discount`.
    undiscounted_shipping_net_amount: Mapped[Decimal] = mapped_column(server_default="0")
    undiscounted_shipping_gross_amount: Mapped[Decimal] = mapped_column(server_default="0")
    undiscounted_total_net_amount: Mapped[Decimal]
    undiscounted_total_gross_amount: Mapped[Decimal]
    # The voucher may go; what it was called is kept.
    voucher_id: Mapped[int | None] = mapped_column(ForeignKey("discount_voucher.id", ondelete="SET NULL"))
    voucher_code: Mapped[str | None]
    # Follow from the purchase's transactions; written by orders.actions alone.
    total_charged_amount: Mapped[Decimal] = mapped_column(server_default="0")
    total_authorized_amount: Mapped[Decimal] = mapped_column(server_default="0")
    charge_status: Mapped[str] = mapped_column(server_default="NONE")
    authorize_status: Mapped[str] = mapped_column(server_default="NONE")


class OrderLine(Base, HasMetadata):
    """A line as it was sold. Its totals are what is charged; a unit's price is a share of them, rounded."""

    __tablename__ = "order_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("0 <= quantity_fulfilled AND quantity_fulfilled <= quantity", name="fulfilled_within_quantity"),
        CheckConstraint("total_gross_amount >= total_net_amount", name="tax_not_negative"),
        not_negative("total_net_amount"),
        CheckConstraint("undiscounted_total_gross_amount >= total_gross_amount", name="discount_not_negative"),
        Index("ix_order_line_order_sort", "order_id", "sort_order", "id"),
        Index("ix_order_line_variant_id", "variant_id"),
    )

    id: Mapped[UuidPk]
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("order_order.id", ondelete="CASCADE"))
    sort_order: Mapped[int] = mapped_column(server_default="0")
    variant_id: Mapped[int | None] = mapped_column(ForeignKey("catalogue_variant.id", ondelete="SET NULL"))
    product_name: Mapped[str]
    variant_name: Mapped[str]
    product_sku: Mapped[str | None]
    # The picture's file, not the product's current picture.
    thumbnail_asset_id: Mapped[int | None] = mapped_column(ForeignKey("media_asset.id", ondelete="SET NULL"))
    thumbnail_alt: Mapped[str] = mapped_column(server_default="")
    is_shipping_required: Mapped[bool]
    quantity: Mapped[int]
    quantity_fulfilled: Mapped[int] = mapped_column(server_default="0")
    currency: Mapped[str]
    unit_price_net_amount: Mapped[Decimal]
    unit_price_gross_amount: Mapped[Decimal]
    undiscounted_unit_price_net_amount: Mapped[Decimal]
    undiscounted_unit_price_gross_amount: Mapped[Decimal]
    total_net_amount: Mapped[Decimal]
    total_gross_amount: Mapped[Decimal]
    undiscounted_total_net_amount: Mapped[Decimal]
    undiscounted_total_gross_amount: Mapped[Decimal]
    # A fraction: 0.19 for 19 %.
    tax_rate: Mapped[Decimal] = mapped_column(Numeric(6, 5), server_default="0")
    tax_class_name: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Fulfillment(Base, HasMetadata, Timestamps):
    """A parcel of an order, out of one warehouse; `number` counts the order's parcels from one."""

    __tablename__ = "order_fulfillment"
    __table_args__ = (
        one_of(
            "status",
            "FULFILLED",
            "REFUNDED",
            "RETURNED",
            "REPLACED",
            "REFUNDED_AND_RETURNED",
            "CANCELED",
            "WAITING_FOR_APPROVAL",
        ),
        CheckConstraint("number > 0", name="number_positive"),
        UniqueConstraint("order_id", "number"),
        # Removing a warehouse asks who refers to it.
        Index("ix_order_fulfillment_warehouse_id", "warehouse_id"),
    )

    id: Mapped[IntPk]
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("order_order.id", ondelete="CASCADE"))
    number: Mapped[int]
    status: Mapped[str] = mapped_column(server_default="FULFILLED")
    tracking_number: Mapped[str] = mapped_column(server_default="")
    warehouse_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("stock_warehouse.id", ondelete="SET NULL"))


class FulfillmentLine(Base):
    """So many of an order's line in a parcel. `from_stock`: they were counted out of the warehouse's stock."""

    __tablename__ = "order_fulfillment_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        UniqueConstraint("fulfillment_id", "order_line_id"),
        Index("ix_order_fulfillment_line_order_line_id", "order_line_id"),
    )

    id: Mapped[IntPk]
    fulfillment_id: Mapped[int] = mapped_column(ForeignKey("order_fulfillment.id", ondelete="CASCADE"))
    order_line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("order_line.id", ondelete="CASCADE"))
    quantity: Mapped[int]
    from_stock: Mapped[bool]


class OrderDiscount(Base):
    """What something took off an order's price: off one line, or off the whole of it (`line_id` null).

    Amounts are as prices are entered in the channel; undiscounted prices less all of them are the order's total.
    """

    __tablename__ = "order_discount"
    __table_args__ = (
        one_of("type", "SALE", "VOUCHER", "MANUAL", "PROMOTION", "ORDER_PROMOTION"),
        one_of("value_type", "FIXED", "PERCENTAGE"),
        CheckConstraint("amount > 0", name="amount_positive"),
        Index("ix_order_discount_order", "order_id"),
        Index("ix_order_discount_line", "line_id", postgresql_where=text("line_id IS NOT NULL")),
    )

    id: Mapped[UuidPk]
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("order_order.id", ondelete="CASCADE"))
    line_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("order_line.id", ondelete="CASCADE"))
    sort_order: Mapped[int] = mapped_column(server_default="0")
    type: Mapped[str]
    name: Mapped[str | None]
    value_type: Mapped[str]
    # Percent, or an amount of the order's currency.
    value: Mapped[Decimal]
    reason: Mapped[str | None]
    currency: Mapped[str]
    amount: Mapped[Decimal]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Invoice(Base, HasMetadata, Timestamps):
    """A bill for an order. Its number is taken when it is asked for, its file made right after."""

    __tablename__ = "order_invoice"
    __table_args__ = (
        one_of("status", "PENDING", "SUCCESS", "FAILED", "DELETED"),
        CheckConstraint("(status = 'SUCCESS') <= (path IS NOT NULL)", name="made_has_file"),
        Index("ix_order_invoice_order_id", "order_id"),
    )

    id: Mapped[IntPk]
    # No order that has an invoice is ever removed: its number would be missing.
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("order_order.id"))
    number: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(server_default="PENDING")
    message: Mapped[str | None]
    # Below the media folder, where nothing is served from.
    path: Mapped[str | None]


class InvoiceCounter(Base):
    """The last number that was taken in a year; whoever takes the next one holds the row until the end of its unit."""

    __tablename__ = "order_invoice_counter"
    __table_args__ = (CheckConstraint("last > 0", name="last_positive"),)

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class OrderEvent(Base):
    """What happened to an order, for its history; append only."""

    __tablename__ = "order_event"

    id: Mapped[BigPk]
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("order_order.id", ondelete="CASCADE"), index=True)
    type: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account_user.id", ondelete="SET NULL"))
    parameters: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
