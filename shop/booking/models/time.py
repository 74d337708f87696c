"""Time that is taken. `booking_allocation` is the one exclusion domain of holds, bookings, sessions and time off:
two rows of one resource whose busy ranges overlap cannot exist, whoever writes them.
"""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from shop.booking.models.ranges import During, half_open
from shop.kit.db.models import Base, BigPk, UuidPk, not_negative, one_of


class Hold(Base):
    """A slot taken by a cart's line, or offered to a waiting person, until it expires, is paid for or given up.

    While `payment_open`, money may be on its way for it: it can only become EXPIRING, and is released when the
    provider has confirmed that the payment is over.
    """

    __tablename__ = "booking_hold"
    __table_args__ = (
        one_of("state", "ACTIVE", "EXPIRING", "CONVERTED", "RELEASED"),
        half_open("during"),
        CheckConstraint("seats BETWEEN 1 AND 1000", name="seats"),
        CheckConstraint("renewals BETWEEN 0 AND 2", name="renewals"),
        CheckConstraint("expires_at <= expires_at_latest", name="expires_in_time"),
        CheckConstraint("num_nonnulls(line_id, waitlist_entry_id) > 0", name="is_for_somebody"),
        CheckConstraint("(state IN ('CONVERTED', 'RELEASED')) = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint("state <> 'EXPIRING' OR payment_open", name="expiring_awaits_a_payment"),
        CheckConstraint("state <> 'RELEASED' OR NOT payment_open", name="released_without_payment"),
        # What its allocations and seats refer to: they expire with it, and only with it.
        UniqueConstraint("id", "expires_at"),
        Index(
            "uq_booking_hold_live_line",
            "line_id",
            unique=True,
            postgresql_where=text("state IN ('ACTIVE', 'EXPIRING')"),
        ),
        Index("ix_booking_hold_line", "line_id", "created_at"),
        Index("ix_booking_hold_purchase_key", "purchase_key"),
        Index("ix_booking_hold_client", "client", postgresql_where=text("state IN ('ACTIVE', 'EXPIRING')")),
        Index("ix_booking_hold_expires_at", "expires_at", postgresql_where=text("state IN ('ACTIVE', 'EXPIRING')")),
        Index("ix_booking_hold_ended_at", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
    )

    id: Mapped[UuidPk]
    # The cart's line, known by its UUID alone: checkouts stand above bookings.
    line_id: Mapped[uuid.UUID | None]
    waitlist_entry_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("booking_waitlist_entry.id", ondelete="RESTRICT"), index=True
    )
    purchase_key: Mapped[uuid.UUID]
    service_id: Mapped[int] = mapped_column(ForeignKey("booking_service.id", ondelete="RESTRICT"), index=True)
    # Who leads: the resource in the service's role 0.
    resource_id: Mapped[int] = mapped_column(ForeignKey("booking_resource.id", ondelete="RESTRICT"), index=True)
    session_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("booking_session.id", ondelete="SET NULL"), index=True
    )
    during: Mapped[During]
    timezone: Mapped[str]
    seats: Mapped[int] = mapped_column(server_default="1")
    # Whoever takes it, for the cap on what one client may hold: `user:5`, or a keyed hash of an address.
    client: Mapped[str]
    entitlement_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("booking_entitlement.id", ondelete="RESTRICT"), index=True
    )
    attendee: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    state: Mapped[str] = mapped_column(server_default="ACTIVE")
    payment_open: Mapped[bool] = mapped_column(server_default="false")
    expires_at: Mapped[datetime]
    # No renewal goes beyond.
    expires_at_latest: Mapped[datetime]
    renewals: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]


class Session(Base):
    """A group appointment: it takes its resources' time once, its seats are taken one by one."""

    __tablename__ = "booking_session"
    __table_args__ = (
        half_open("during"),
        CheckConstraint("capacity BETWEEN 2 AND 1000", name="capacity"),
        UniqueConstraint("service_id", "resource_id", "during"),
        UniqueConstraint("id", "capacity"),
        Index("ix_booking_session_resource", "resource_id"),
    )

    id: Mapped[UuidPk]
    service_id: Mapped[int] = mapped_column(ForeignKey("booking_service.id", ondelete="RESTRICT"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("booking_resource.id", ondelete="RESTRICT"))
    during: Mapped[During]
    timezone: Mapped[str]
    capacity: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Seat(Base):
    """A seat of a session, held or taken. Its number is within the session's capacity and its own."""

    __tablename__ = "booking_seat"
    __table_args__ = (
        PrimaryKeyConstraint("session_id", "seat_no"),
        ForeignKeyConstraint(
            ["session_id", "capacity"],
            ["booking_session.id", "booking_session.capacity"],
            ondelete="RESTRICT",
            onupdate="CASCADE",
        ),
        ForeignKeyConstraint(
            ["hold_id", "expires_at"],
            ["booking_hold.id", "booking_hold.expires_at"],
            ondelete="CASCADE",
            onupdate="CASCADE",
        ),
        one_of("state", "HELD", "TAKEN"),
        CheckConstraint("seat_no BETWEEN 1 AND capacity", name="within_capacity"),
        CheckConstraint(
            "(state = 'HELD') = (hold_id IS NOT NULL) AND (state = 'HELD') = (expires_at IS NOT NULL)"
            " AND (state = 'TAKEN') = (booking_id IS NOT NULL)",
            name="owner",
        ),
        Index("ix_booking_seat_hold", "hold_id", postgresql_where=text("hold_id IS NOT NULL")),
        Index("ix_booking_seat_booking", "booking_id", postgresql_where=text("booking_id IS NOT NULL")),
    )

    session_id: Mapped[uuid.UUID]
    capacity: Mapped[int]
    seat_no: Mapped[int]
    state: Mapped[str]
    expires_at: Mapped[datetime | None]
    purchase_key: Mapped[uuid.UUID]
    hold_id: Mapped[uuid.UUID | None]
    booking_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("booking_booking.id", ondelete="RESTRICT"))


class Allocation(Base):
    """A resource's time is taken. Its owner follows from its kind; when the owner lets go, the row goes."""

    __tablename__ = "booking_allocation"
    __table_args__ = (
        half_open("during"),
        one_of("kind", "HOLD", "BOOKING", "SESSION", "TIME_OFF", "EXTERNAL"),
        not_negative("buffer_before_min"),
        not_negative("buffer_after_min"),
        CheckConstraint(
            "num_nonnulls(hold_id, booking_id, session_id, time_off_id, external_uid) = 1"
            " AND CASE kind WHEN 'HOLD' THEN hold_id IS NOT NULL WHEN 'BOOKING' THEN booking_id IS NOT NULL"
            " WHEN 'SESSION' THEN session_id IS NOT NULL WHEN 'TIME_OFF' THEN time_off_id IS NOT NULL"
            " ELSE external_uid IS NOT NULL END",
            name="owner",
        ),
        CheckConstraint("(kind = 'HOLD') = (expires_at IS NOT NULL)", name="holds_expire"),
        ForeignKeyConstraint(
            ["hold_id", "expires_at"],
            ["booking_hold.id", "booking_hold.expires_at"],
            ondelete="CASCADE",
            onupdate="CASCADE",
        ),
        ExcludeConstraint(
            ("resource_id", "="), ("busy", "&&"), using="gist", name="ex_booking_allocation_resource_id_busy"
        ),
        Index("ix_booking_allocation_hold", "hold_id", postgresql_where=text("hold_id IS NOT NULL")),
        Index("ix_booking_allocation_booking", "booking_id", postgresql_where=text("booking_id IS NOT NULL")),
        Index("ix_booking_allocation_session", "session_id", postgresql_where=text("session_id IS NOT NULL")),
        Index("ix_booking_allocation_time_off", "time_off_id", postgresql_where=text("time_off_id IS NOT NULL")),
    )

    id: Mapped[BigPk]
    resource_id: Mapped[int] = mapped_column(ForeignKey("booking_resource.id", ondelete="RESTRICT"))
    during: Mapped[During]
    buffer_before_min: Mapped[int] = mapped_column(server_default="0")
    buffer_after_min: Mapped[int] = mapped_column(server_default="0")
    busy: Mapped[Range[datetime]] = mapped_column(
        TSTZRANGE, Computed("booking_busy(during, buffer_before_min, buffer_after_min)", persisted=True)
    )
    kind: Mapped[str]
    expires_at: Mapped[datetime | None]
    hold_id: Mapped[uuid.UUID | None]
    booking_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("booking_booking.id", ondelete="RESTRICT"))
    session_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("booking_session.id", ondelete="CASCADE"))
    time_off_id: Mapped[int | None] = mapped_column(ForeignKey("booking_time_off.id", ondelete="CASCADE"))
    # An event of a calendar elsewhere.
    external_uid: Mapped[str | None]
