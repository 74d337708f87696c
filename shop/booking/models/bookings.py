"""Bookings, their history, the terms they were made on, and who waits or is reminded."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from shop.booking.models.ranges import During, half_open
from shop.kit.db.models import Base, BigPk, HasMetadata, IntPk, Timestamps, UuidPk, not_negative, one_of


class CancellationPolicy(Base):
    """What is paid back on a cancellation. A booking keeps a snapshot: a change is for later sales."""

    __tablename__ = "booking_cancellation_policy"
    __table_args__ = (
        CheckConstraint("(fee_amount IS NULL) = (fee_currency IS NULL)", name="fee_is_money"),
        not_negative("fee_amount"),
        CheckConstraint("no_show_percent BETWEEN 0 AND 100", name="no_show_percent"),
    )

    id: Mapped[IntPk]
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    fee_amount: Mapped[Decimal | None]
    fee_currency: Mapped[str | None]
    # What is kept of the price of a visit that the visitor did not come to.
    no_show_percent: Mapped[Decimal] = mapped_column(Numeric(5, 2), server_default="0")


class CancellationTier(Base):
    """With at least this notice, this part of what was paid goes back."""

    __tablename__ = "booking_cancellation_tier"
    __table_args__ = (
        not_negative("min_notice_min"),
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
    )

    policy_id: Mapped[int] = mapped_column(
        ForeignKey("booking_cancellation_policy.id", ondelete="CASCADE"), primary_key=True
    )
    min_notice_min: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    percent: Mapped[Decimal] = mapped_column(Numeric(5, 2))


class Booking(Base, HasMetadata, Timestamps):
    """A visit that was sold. What was agreed (service, price, policy) is a copy that the database keeps unchanged;
    when and with whom it takes place moves with `version`, and each version has its event.
    """

    __tablename__ = "booking_booking"
    __table_args__ = (
        one_of(
            "status",
            "PENDING_PAYMENT",
            "PENDING_APPROVAL",
            "CONFIRMED",
            "CHECKED_IN",
            "COMPLETED",
            "CANCELLED",
            "NO_SHOW",
            "EXPIRED",
            "DECLINED",
        ),
        CheckConstraint("(status = 'CANCELLED') = (cancelled_by IS NOT NULL)", name="cancelled_by_somebody"),
        one_of("cancelled_by", "CUSTOMER", "STAFF"),
        half_open("during"),
        CheckConstraint("version > 0", name="version_positive"),
        not_negative("ical_sequence"),
        CheckConstraint("seats BETWEEN 1 AND 1000", name="seats"),
        CheckConstraint("0 <= deposit_amount AND deposit_amount <= price_amount", name="deposit_within_price"),
        Index("ix_booking_booking_purchase_key", "purchase_key"),
        Index("ix_booking_booking_user_created", "user_id", "created_at"),
        Index("ix_booking_booking_guest_email", text("lower(email)"), postgresql_where=text("user_id IS NULL")),
        Index("ix_booking_booking_resource_start", "resource_id", text("lower(during)")),
        Index("ix_booking_booking_start", text("lower(during)"), "id"),
        Index("ix_booking_booking_created_at", "created_at", "id"),
        one_of("dispute", "OPEN", "WON", "LOST"),
        Index("ix_booking_booking_disputed", text("lower(during)"), "id", postgresql_where=text("dispute IS NOT NULL")),
    )

    id: Mapped[UuidPk]
    number: Mapped[int] = mapped_column(Integer, Identity(start=1001), unique=True)
    # A guest's key to it, as a checkout's id is to the checkout.
    token: Mapped[uuid.UUID] = mapped_column(unique=True, server_default=text("gen_random_uuid()"))
    purchase_key: Mapped[uuid.UUID]
    # The order's line, known by its UUID alone: orders stand above bookings.
    order_line_id: Mapped[uuid.UUID | None] = mapped_column(unique=True)
    hold_id: Mapped[uuid.UUID | None] = mapped_column(unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account_user.id", ondelete="SET NULL"))
    email: Mapped[str]
    language_code: Mapped[str] = mapped_column(server_default="EN")
    attendee: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("booking_service.id", ondelete="SET NULL"), index=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("booking_resource.id", ondelete="RESTRICT"))
    session_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("booking_session.id", ondelete="SET NULL"), index=True
    )
    # Name, duration, buffers, place and resources as they were sold.
    service_snapshot: Mapped[dict[str, Any]]
    policy_snapshot: Mapped[dict[str, Any]]
    during: Mapped[During]
    # What the visitor was told, and by which edition of the zones: an instant alone cannot say it again.
    local_start: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    timezone: Mapped[str]
    tzdata_version: Mapped[str]
    status: Mapped[str]
    cancelled_by: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default="1")
    seats: Mapped[int] = mapped_column(server_default="1")
    currency: Mapped[str]
    price_amount: Mapped[Decimal]
    deposit_amount: Mapped[Decimal]
    entitlement_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("booking_entitlement.id", ondelete="RESTRICT"), index=True
    )
    ical_uid: Mapped[str] = mapped_column(
        unique=True, server_default=text("gen_random_uuid()::text || '@booking.invalid'")
    )
    ical_sequence: Mapped[int] = mapped_column(server_default="0")
    # How the buyer's bank and the shop stand about its payment; null: nobody disputes it.
    dispute: Mapped[str | None]


class BookingEvent(Base):
    """What happened to a booking; append only, one row a version. Keys and times, never what a person typed."""

    __tablename__ = "booking_event"
    __table_args__ = (
        UniqueConstraint("booking_id", "booking_version"),
        one_of("actor", "CUSTOMER", "STAFF", "SYSTEM"),
    )

    id: Mapped[BigPk]
    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("booking_booking.id", ondelete="RESTRICT"))
    booking_version: Mapped[int]
    type: Mapped[str]
    from_status: Mapped[str | None]
    to_status: Mapped[str]
    actor: Mapped[str]
    # No foreign key: a removed user must not change history.
    user_id: Mapped[int | None]
    parameters: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class WaitlistEntry(Base):
    """Somebody waits for a place. An offer is a hold that carries the entry's id."""

    __tablename__ = "booking_waitlist_entry"
    __table_args__ = (
        one_of("state", "WAITING", "OFFERED", "ACCEPTED", "EXPIRED", "LEFT"),
        half_open("wanted"),
        CheckConstraint("seats BETWEEN 1 AND 1000", name="seats"),
        CheckConstraint("email = lower(email)", name="email_is_lower_case"),
        Index(
            "ix_booking_waitlist_entry_queue", "service_id", "created_at", postgresql_where=text("state = 'WAITING'")
        ),
        Index(
            "uq_booking_waitlist_entry_once",
            "service_id",
            "email",
            "wanted",
            unique=True,
            postgresql_where=text("state IN ('WAITING', 'OFFERED')"),
        ),
        Index("ix_booking_waitlist_entry_created_at", "created_at", "id"),
        Index("ix_booking_waitlist_entry_email", "email", postgresql_where=text("state IN ('WAITING', 'OFFERED')")),
        Index("ix_booking_waitlist_entry_user_id", "user_id"),
        Index("ix_booking_waitlist_entry_resource_id", "resource_id"),
    )

    id: Mapped[UuidPk]
    service_id: Mapped[int] = mapped_column(ForeignKey("booking_service.id", ondelete="RESTRICT"))
    # Null: with anybody.
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("booking_resource.id", ondelete="RESTRICT"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channel_channel.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account_user.id", ondelete="SET NULL"))
    email: Mapped[str]
    wanted: Mapped[During]
    seats: Mapped[int] = mapped_column(server_default="1")
    state: Mapped[str] = mapped_column(server_default="WAITING")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Reminder(Base):
    """A message about a booking, sent once for each of its versions."""

    __tablename__ = "booking_reminder"
    __table_args__ = (
        one_of("channel", "EMAIL", "SMS"),
        UniqueConstraint("booking_id", "channel", "kind", "booking_version"),
        Index("ix_booking_reminder_due", "due_at", postgresql_where=text("sent_at IS NULL AND cancelled_at IS NULL")),
        CheckConstraint("num_nonnulls(sent_at, cancelled_at) < 2", name="sent_or_cancelled"),
    )

    id: Mapped[BigPk]
    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("booking_booking.id", ondelete="RESTRICT"))
    booking_version: Mapped[int]
    channel: Mapped[str]
    kind: Mapped[str]
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
