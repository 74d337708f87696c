"""The cart. Prices are never stored: they follow from the listings until the order freezes them."""

import uuid
from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.kit.db.models import Base, HasMetadata, Timestamps, UuidPk, not_negative


class Checkout(Base, HasMetadata, Timestamps):
    """A cart; its id is random and is a guest's only key to it. It is deleted when it becomes an order."""

    __tablename__ = "checkout_checkout"
    __table_args__ = (
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
        Index("ix_checkout_checkout_user_id", "user_id"),
        Index("ix_checkout_checkout_updated_at", "updated_at"),
        # Removing an address asks who refers to it.
        Index(
            "ix_checkout_checkout_billing_address",
            "billing_address_id",
            postgresql_where=text("billing_address_id IS NOT NULL"),
        ),
        Index(
            "ix_checkout_checkout_shipping_address",
            "shipping_address_id",
            postgresql_where=text("shipping_address_id IS NOT NULL"),
        ),
    )

    id: Mapped[UuidPk]
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel_channel.id"))
    currency: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account_user.id", ondelete="SET NULL"))
    email: Mapped[str | None]
    # Where it is taxed: the shipping address's country, else the billing address's, else the channel's.
    country: Mapped[str]
    language_code: Mapped[str] = mapped_column(server_default="EN")
    note: Mapped[str] = mapped_column(server_default="")
    redirect_url: Mapped[str | None]
    # As its voucher spells it. The voucher may end or go: the checkout keeps the code, and cannot be completed with it.
    voucher_code: Mapped[str | None]
    billing_address_id: Mapped[int | None] = mapped_column(ForeignKey("account_address.id"))
    shipping_address_id: Mapped[int | None] = mapped_column(ForeignKey("account_address.id"))
    save_billing_address: Mapped[bool] = mapped_column(server_default="true")
    save_shipping_address: Mapped[bool] = mapped_column(server_default="true")
    delivery_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("checkout_delivery.id", ondelete="SET NULL", use_alter=True)
    )


class CheckoutLine(Base, HasMetadata):
    """A variant and how many of it."""

    __tablename__ = "checkout_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        Index("ix_checkout_line_checkout", "checkout_id", "created_at", "id"),
        # Ordinary lines of one variant are merged; a line asked for by itself (forceNewLine, later a slot) is not.
        Index("uq_checkout_line_variant", "checkout_id", "variant_id", unique=True, postgresql_where="NOT separate"),
    )

    id: Mapped[UuidPk]
    checkout_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("checkout_checkout.id", ondelete="CASCADE"))
    variant_id: Mapped[int] = mapped_column(ForeignKey("catalogue_variant.id", ondelete="CASCADE"), index=True)
    quantity: Mapped[int]
    separate: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class CheckoutGiftCard(Base):
    """A gift card that pays for a part of a checkout, in the order they were given. It is spent only by the order."""

    __tablename__ = "checkout_gift_card"

    checkout_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("checkout_checkout.id", ondelete="CASCADE"), primary_key=True
    )
    card_id: Mapped[int] = mapped_column(
        ForeignKey("giftcard_card.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class Delivery(Base):
    """A way of delivery offered to a checkout, with the price it was offered for (Saleor's CheckoutDelivery)."""

    __tablename__ = "checkout_delivery"
    __table_args__ = (UniqueConstraint("checkout_id", "method_id"), not_negative("price_amount"))

    id: Mapped[UuidPk]
    checkout_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("checkout_checkout.id", ondelete="CASCADE"))
    method_id: Mapped[int] = mapped_column(ForeignKey("shipping_method.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    currency: Mapped[str]
    price_amount: Mapped[Decimal]
    # False once the address, the cart or the method changed so that it is no longer offered.
    is_valid: Mapped[bool] = mapped_column(server_default="true")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
