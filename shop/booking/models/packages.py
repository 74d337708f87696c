"""Packages of sessions: what a variant grants, who has how many left, and each change of it."""

import uuid
from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.kit.db.models import Base, BigPk, IntPk, Timestamps, UuidPk, not_negative, one_of


class Package(Base):
    """A variant that grants sessions when it is bought."""

    __tablename__ = "booking_package"
    __table_args__ = (
        CheckConstraint("sessions BETWEEN 1 AND 1000", name="sessions"),
        CheckConstraint("valid_days > 0", name="valid_days"),
    )

    id: Mapped[IntPk]
    variant_id: Mapped[int] = mapped_column(ForeignKey("catalogue_variant.id", ondelete="CASCADE"), unique=True)
    sessions: Mapped[int]
    # Null: it never lapses.
    valid_days: Mapped[int | None]
    is_transferable: Mapped[bool] = mapped_column(server_default="false")
    is_active: Mapped[bool] = mapped_column(server_default="true")


class PackageService(Base):
    """A service that the package's sessions can be spent on."""

    __tablename__ = "booking_package_service"

    package_id: Mapped[int] = mapped_column(ForeignKey("booking_package.id", ondelete="CASCADE"), primary_key=True)
    service_id: Mapped[int] = mapped_column(
        ForeignKey("booking_service.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Entitlement(Base, Timestamps):
    """Sessions that a person has left of a package. `balance` and `seq` are those of its last entry.

    Without an entry it is sold, and waits for its order's payment.
    """

    __tablename__ = "booking_entitlement"
    __table_args__ = (
        not_negative("balance"),
        not_negative("seq"),
        not_negative("price_amount"),
        CheckConstraint("granted > 0", name="granted"),
        CheckConstraint("email = lower(email)", name="email_is_lower_case"),
        one_of("dispute", "OPEN", "WON", "LOST"),
        Index("ix_booking_entitlement_user_id", "user_id"),
        Index("ix_booking_entitlement_guest_email", "email", postgresql_where=text("user_id IS NULL")),
        Index("ix_booking_entitlement_expires_at", "expires_at", postgresql_where=text("balance > 0")),
    )

    id: Mapped[UuidPk]
    package_id: Mapped[int] = mapped_column(ForeignKey("booking_package.id", ondelete="RESTRICT"), index=True)
    # The order's line that was paid for it; none for a gift of the house or a transfer.
    order_line_id: Mapped[uuid.UUID | None] = mapped_column(unique=True)
    purchase_key: Mapped[uuid.UUID | None] = mapped_column(index=True)
    transferred_from_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("booking_entitlement.id", ondelete="RESTRICT"), index=True
    )
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account_user.id", ondelete="SET NULL"))
    email: Mapped[str]
    name: Mapped[str]
    granted: Mapped[int]
    balance: Mapped[int] = mapped_column(server_default="0")
    seq: Mapped[int] = mapped_column(server_default="0")
    is_transferable: Mapped[bool] = mapped_column(server_default="false")
    expires_at: Mapped[datetime | None]
    currency: Mapped[str]
    # What was paid for all granted sessions together.
    price_amount: Mapped[Decimal]
    # As of a booking; sessions are not spent while it is open.
    dispute: Mapped[str | None]


class EntitlementEntry(Base):
    """A change of a balance; append only. A booking redeems, frees or forfeits once for each of its versions."""

    __tablename__ = "booking_entitlement_entry"
    __table_args__ = (
        one_of(
            "kind",
            "GRANT",
            "REDEEM",
            "RELEASE",
            "FORFEIT",
            "TRANSFER_IN",
            "TRANSFER_OUT",
            "EXPIRE",
            "REFUND",
            "ADJUST",
        ),
        CheckConstraint(
            "CASE WHEN kind IN ('GRANT', 'RELEASE', 'TRANSFER_IN') THEN amount > 0"
            " WHEN kind IN ('REDEEM', 'TRANSFER_OUT', 'EXPIRE', 'REFUND') THEN amount < 0"
            " WHEN kind = 'FORFEIT' THEN amount = 0 ELSE amount <> 0 END",
            name="sign",
        ),
        CheckConstraint("(kind IN ('REDEEM', 'RELEASE', 'FORFEIT')) = (booking_id IS NOT NULL)", name="of_a_booking"),
        CheckConstraint("(booking_id IS NULL) = (booking_version IS NULL)", name="booking_has_version"),
        CheckConstraint(
            "(kind = 'REFUND') = (value_amount IS NOT NULL) AND (value_amount >= 0) IS NOT FALSE", name="value"
        ),
        CheckConstraint("seq > 0", name="seq"),
        not_negative("balance_after"),
        UniqueConstraint("entitlement_id", "seq"),
        UniqueConstraint("booking_id", "kind", "booking_version"),
    )

    id: Mapped[BigPk]
    entitlement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("booking_entitlement.id", ondelete="RESTRICT"))
    seq: Mapped[int]
    kind: Mapped[str]
    amount: Mapped[int]
    balance_after: Mapped[int]
    # What was to be paid back for sessions that were handed in.
    value_amount: Mapped[Decimal | None]
    booking_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("booking_booking.id", ondelete="RESTRICT"))
    booking_version: Mapped[int | None]
    reason: Mapped[str] = mapped_column(server_default="")
    # No foreign key: a removed user must not change history.
    user_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
