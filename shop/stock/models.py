"""Warehouses and what lies in them. `quantity_allocated` is kept beside the quantity so that one CHECK guards both."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from shop.kit.db.models import Base, BigPk, HasExternalReference, HasMetadata, IntPk, UuidPk


class Warehouse(Base, HasMetadata, HasExternalReference):
    """A place that holds goods."""

    __tablename__ = "stock_warehouse"

    id: Mapped[UuidPk]
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str] = mapped_column(server_default="")
    address_id: Mapped[int | None] = mapped_column(ForeignKey("account_address.id"))


class WarehouseChannel(Base):
    """A warehouse supplies a channel."""

    __tablename__ = "stock_warehouse_channel"

    warehouse_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("stock_warehouse.id", ondelete="CASCADE"), primary_key=True
    )
    channel_id: Mapped[int] = mapped_column(
        ForeignKey("channel_channel.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    sort_order: Mapped[int] = mapped_column(server_default="0")


class WarehouseZone(Base):
    """A warehouse sends to a shipping zone."""

    __tablename__ = "stock_warehouse_zone"

    warehouse_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("stock_warehouse.id", ondelete="CASCADE"), primary_key=True
    )
    zone_id: Mapped[int] = mapped_column(
        ForeignKey("shipping_zone.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Stock(Base):
    """How many of a variant lie in a warehouse, and how many of these are promised to orders."""

    __tablename__ = "stock_stock"
    __table_args__ = (
        UniqueConstraint("variant_id", "warehouse_id"),
        CheckConstraint("0 <= quantity_allocated AND quantity_allocated <= quantity", name="allocated_within_quantity"),
    )

    id: Mapped[IntPk]
    warehouse_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stock_warehouse.id", ondelete="CASCADE"), index=True)
    variant_id: Mapped[int] = mapped_column(ForeignKey("catalogue_variant.id", ondelete="CASCADE"))
    quantity: Mapped[int] = mapped_column(server_default="0")
    quantity_allocated: Mapped[int] = mapped_column(server_default="0")


class Allocation(Base):
    """Units of a stock promised to an order's line. The line is known by its UUID alone: orders stand above stock."""

    __tablename__ = "stock_allocation"
    __table_args__ = (
        UniqueConstraint("order_line_id", "stock_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
    )

    id: Mapped[BigPk]
    stock_id: Mapped[int] = mapped_column(ForeignKey("stock_stock.id"), index=True)
    order_line_id: Mapped[uuid.UUID]
    quantity: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Reservation(Base):
    """Units of a stock kept for a checkout until a moment of the database's clock; they go with the checkout."""

    __tablename__ = "stock_reservation"
    __table_args__ = (
        UniqueConstraint("stock_id", "checkout_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
    )

    id: Mapped[BigPk]
    stock_id: Mapped[int] = mapped_column(ForeignKey("stock_stock.id", ondelete="CASCADE"))
    checkout_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("checkout_checkout.id", ondelete="CASCADE"), index=True)
    quantity: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(index=True)
