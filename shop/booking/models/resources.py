"""Who and what is booked, and when it is there: locations, resources, weekly hours, overrides, holidays, time off."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from shop.booking.models.ranges import During, half_open, wall_clock
from shop.kit.db.models import Base, BigPk, HasExternalReference, HasMetadata, IntPk, Timestamps, one_of


class Location(Base, HasMetadata):
    """Where visits take place."""

    __tablename__ = "booking_location"
    __table_args__ = (
        CheckConstraint("timezone <> ''", name="timezone"),
        Index("ix_booking_location_address", "address_id", postgresql_where=text("address_id IS NOT NULL")),
    )

    id: Mapped[IntPk]
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    # IANA name, checked by actions against the pinned tzdata.
    timezone: Mapped[str]
    address_id: Mapped[int | None] = mapped_column(ForeignKey("account_address.id"))


class Resource(Base, HasMetadata, HasExternalReference, Timestamps):
    """A practitioner, a room or a device: somebody or something that is in one place at a time."""

    __tablename__ = "booking_resource"
    __table_args__ = (
        one_of("kind", "PRACTITIONER", "ROOM", "DEVICE"),
        CheckConstraint("timezone <> ''", name="timezone"),
        CheckConstraint("user_id IS NULL OR kind = 'PRACTITIONER'", name="only_people_log_in"),
        # What a role's resources refer to: a room can never stand in for a practitioner.
        UniqueConstraint("id", "kind"),
        Index("ix_booking_resource_kind_sort", "kind", "sort_order", "id"),
    )

    id: Mapped[IntPk]
    kind: Mapped[str]
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str] = mapped_column(server_default="")
    # The zone of its weekly hours.
    timezone: Mapped[str]
    location_id: Mapped[int | None] = mapped_column(ForeignKey("booking_location.id", ondelete="SET NULL"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account_user.id", ondelete="SET NULL"), unique=True)
    is_active: Mapped[bool] = mapped_column(server_default="true")
    sort_order: Mapped[int] = mapped_column(server_default="0")
    # Moves with every change of its hours or allocations, in that change's transaction: what was computed is stale.
    calendar_version: Mapped[int] = mapped_column(BigInteger, server_default="0")


class WeeklyWindow(Base):
    """Hours of a weekday, as the clock on the resource's wall shows them."""

    __tablename__ = "booking_weekly_window"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 1 AND 7", name="iso_weekday"),
        wall_clock(),
        UniqueConstraint("resource_id", "weekday", "opens"),
    )

    id: Mapped[IntPk]
    resource_id: Mapped[int] = mapped_column(ForeignKey("booking_resource.id", ondelete="CASCADE"))
    weekday: Mapped[int]
    opens: Mapped[str]
    closes: Mapped[str]


class Override(Base):
    """A date whose hours are not the week's. Without windows the day is closed."""

    __tablename__ = "booking_override"

    resource_id: Mapped[int] = mapped_column(ForeignKey("booking_resource.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    note: Mapped[str] = mapped_column(server_default="")


class OverrideWindow(Base):
    """Hours of an overridden date."""

    __tablename__ = "booking_override_window"
    __table_args__ = (
        ForeignKeyConstraint(
            ["resource_id", "day"], ["booking_override.resource_id", "booking_override.day"], ondelete="CASCADE"
        ),
        wall_clock(),
    )

    resource_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    opens: Mapped[str] = mapped_column(primary_key=True)
    closes: Mapped[str]


class Holiday(Base):
    """A date on which a location is closed, or all of them; a resource's own override of the date wins."""

    __tablename__ = "booking_holiday"
    __table_args__ = (
        UniqueConstraint("location_id", "day", postgresql_nulls_not_distinct=True),
        Index("ix_booking_holiday_day", "day"),
    )

    id: Mapped[IntPk]
    location_id: Mapped[int | None] = mapped_column(ForeignKey("booking_location.id", ondelete="CASCADE"))
    day: Mapped[date]
    name: Mapped[str]


class TimeOff(Base):
    """A resource is away. Its allocation takes the time, so nothing can be booked into it, nor it over a booking."""

    __tablename__ = "booking_time_off"
    __table_args__ = (half_open("during"), Index("ix_booking_time_off_resource", "resource_id", "during"))

    id: Mapped[IntPk]
    resource_id: Mapped[int] = mapped_column(ForeignKey("booking_resource.id", ondelete="CASCADE"))
    during: Mapped[During]
    reason: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class CalendarFeed(Base):
    """A secret address at which a resource's or a person's calendar is read; only its token's hash is kept."""

    __tablename__ = "booking_calendar_feed"
    __table_args__ = (CheckConstraint("num_nonnulls(resource_id, user_id) = 1", name="one_owner"),)

    id: Mapped[BigPk]
    token_hash: Mapped[str] = mapped_column(unique=True)
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("booking_resource.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account_user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_read_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
