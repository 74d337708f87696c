"""What can be booked: a service makes a variant of the catalogue bookable and says which resources it needs."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.kit.db.models import Base, HasMetadata, IntPk, Timestamps, not_negative, one_of


class Service(Base, HasMetadata, Timestamps):
    """How long a visit takes, when it may start, how many take part, and what is paid when."""

    __tablename__ = "booking_service"
    __table_args__ = (
        CheckConstraint("duration_min BETWEEN 1 AND 10080", name="duration"),
        CheckConstraint("step_min BETWEEN 1 AND 1440", name="step"),
        CheckConstraint("buffer_before_min BETWEEN 0 AND 1440", name="buffer_before"),
        CheckConstraint("buffer_after_min BETWEEN 0 AND 1440", name="buffer_after"),
        not_negative("lead_min"),
        CheckConstraint("horizon_days BETWEEN 1 AND 1100", name="horizon"),
        CheckConstraint("capacity BETWEEN 1 AND 1000", name="capacity"),
        one_of("align", "WINDOW_START", "LOCAL_CLOCK"),
        one_of("location_kind", "IN_PERSON", "TELEHEALTH"),
        one_of("confirmation", "AUTO", "STAFF"),
        one_of("deposit_kind", "NONE", "FIXED", "PERCENT"),
        CheckConstraint(
            "(deposit_kind = 'FIXED') = (deposit_amount IS NOT NULL) AND (deposit_amount > 0) IS NOT FALSE"
            " AND (deposit_amount IS NULL) = (deposit_currency IS NULL)",
            name="fixed_deposit",
        ),
        CheckConstraint(
            "(deposit_kind = 'PERCENT') = (deposit_percent IS NOT NULL)"
            " AND (deposit_percent > 0 AND deposit_percent < 100) IS NOT FALSE",
            name="percent_deposit",
        ),
    )

    id: Mapped[IntPk]
    variant_id: Mapped[int] = mapped_column(ForeignKey("catalogue_variant.id", ondelete="CASCADE"), unique=True)
    is_active: Mapped[bool] = mapped_column(server_default="true")
    duration_min: Mapped[int]
    step_min: Mapped[int] = mapped_column(server_default="15")
    align: Mapped[str] = mapped_column(server_default="WINDOW_START")
    buffer_before_min: Mapped[int] = mapped_column(server_default="0")
    buffer_after_min: Mapped[int] = mapped_column(server_default="0")
    # The least notice of a booking, and how many calendar days ahead the book is open.
    lead_min: Mapped[int] = mapped_column(server_default="0")
    horizon_days: Mapped[int] = mapped_column(server_default="90")
    # Above one: a session with as many seats, in which strangers sit together.
    capacity: Mapped[int] = mapped_column(server_default="1")
    location_kind: Mapped[str] = mapped_column(server_default="IN_PERSON")
    confirmation: Mapped[str] = mapped_column(server_default="AUTO")
    deposit_kind: Mapped[str] = mapped_column(server_default="NONE")
    deposit_amount: Mapped[Decimal | None]
    deposit_currency: Mapped[str | None]
    deposit_percent: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    policy_id: Mapped[int | None] = mapped_column(
        ForeignKey("booking_cancellation_policy.id", ondelete="RESTRICT"), index=True
    )
    intake_form_id: Mapped[int | None] = mapped_column(
        ForeignKey("booking_intake_form.id", ondelete="RESTRICT"), index=True
    )


class ServiceRole(Base):
    """Something that a visit needs one of. The role at position 0 leads: its resource is whom the visitor chooses."""

    __tablename__ = "booking_service_role"
    __table_args__ = (
        one_of("kind", "PRACTITIONER", "ROOM", "DEVICE"),
        not_negative("position"),
        UniqueConstraint("service_id", "position"),
        UniqueConstraint("service_id", "name"),
        UniqueConstraint("id", "kind"),
    )

    id: Mapped[IntPk]
    service_id: Mapped[int] = mapped_column(ForeignKey("booking_service.id", ondelete="CASCADE"))
    name: Mapped[str]
    kind: Mapped[str]
    position: Mapped[int] = mapped_column(server_default="0")


class RoleResource(Base):
    """A resource that can fill a role, of the role's own kind."""

    __tablename__ = "booking_role_resource"
    __table_args__ = (
        ForeignKeyConstraint(
            ["role_id", "kind"], ["booking_service_role.id", "booking_service_role.kind"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["resource_id", "kind"], ["booking_resource.id", "booking_resource.kind"], ondelete="CASCADE"
        ),
    )

    role_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    resource_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)
    kind: Mapped[str]
    sort_order: Mapped[int] = mapped_column(server_default="0")
