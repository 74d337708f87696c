"""Shipping zones, their methods, and what a method costs in a channel."""

from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.kit.db.models import Base, HasMetadata, IntPk, not_negative, one_of


class ShippingZone(Base, HasMetadata):
    """Countries that are served alike."""

    __tablename__ = "shipping_zone"
    __table_args__ = (Index("ix_shipping_zone_countries", "countries", postgresql_using="gin"),)

    id: Mapped[IntPk]
    name: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str] = mapped_column(server_default="")
    countries: Mapped[list[str]]


class ShippingZoneChannel(Base):
    """A zone serves a channel."""

    __tablename__ = "shipping_zone_channel"

    zone_id: Mapped[int] = mapped_column(ForeignKey("shipping_zone.id", ondelete="CASCADE"), primary_key=True)
    channel_id: Mapped[int] = mapped_column(
        ForeignKey("channel_channel.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class ShippingMethod(Base, HasMetadata):
    """A way to send goods to a zone, offered by the order's price or weight."""

    __tablename__ = "shipping_method"
    __table_args__ = (
        UniqueConstraint("zone_id", "name"),
        one_of("type", "PRICE", "WEIGHT"),
        CheckConstraint("minimum_delivery_days <= maximum_delivery_days", name="delivery_days"),
    )

    id: Mapped[IntPk]
    zone_id: Mapped[int] = mapped_column(ForeignKey("shipping_zone.id", ondelete="CASCADE"))
    name: Mapped[str]
    description: Mapped[dict[str, Any] | None]
    type: Mapped[str] = mapped_column(server_default="PRICE")
    minimum_weight_kg: Mapped[Decimal | None] = mapped_column(Numeric(10, 4))
    maximum_weight_kg: Mapped[Decimal | None] = mapped_column(Numeric(10, 4))
    minimum_delivery_days: Mapped[int | None]
    maximum_delivery_days: Mapped[int | None]
    sort_order: Mapped[int] = mapped_column(server_default="0")
    tax_class_id: Mapped[int | None] = mapped_column(ForeignKey("tax_class.id", ondelete="SET NULL"))


class ShippingMethodListing(Base):
    """What a method costs in a channel, and for which order prices it is offered. Both ends are included."""

    __tablename__ = "shipping_method_listing"
    __table_args__ = (
        UniqueConstraint("method_id", "channel_id"),
        not_negative("price_amount"),
    )

    id: Mapped[IntPk]
    method_id: Mapped[int] = mapped_column(ForeignKey("shipping_method.id", ondelete="CASCADE"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel_channel.id", ondelete="CASCADE"), index=True)
    currency: Mapped[str]
    price_amount: Mapped[Decimal]
    minimum_order_amount: Mapped[Decimal | None]
    maximum_order_amount: Mapped[Decimal | None]
