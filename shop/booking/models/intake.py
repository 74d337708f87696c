"""What a visitor is asked before the visit. Answers are sealed, and each look at them is written down."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.kit.db.models import Base, BigPk, IntPk, not_negative, one_of


class IntakeForm(Base):
    """Questions that belong together."""

    __tablename__ = "booking_intake_form"

    id: Mapped[IntPk]
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)


class IntakeQuestion(Base):
    """One question. It is retired, not removed, once it was answered."""

    __tablename__ = "booking_intake_question"
    __table_args__ = (
        one_of("kind", "TEXT", "CHOICE", "MULTIPLE_CHOICE", "BOOLEAN", "DATE"),
        CheckConstraint("(kind IN ('CHOICE', 'MULTIPLE_CHOICE')) = (cardinality(choices) > 0)", name="choices"),
        not_negative("position"),
        UniqueConstraint("form_id", "key"),
        Index("ix_booking_intake_question_form_position", "form_id", "position", "id"),
    )

    id: Mapped[IntPk]
    form_id: Mapped[int] = mapped_column(ForeignKey("booking_intake_form.id", ondelete="CASCADE"))
    key: Mapped[str]
    label: Mapped[str]
    kind: Mapped[str]
    choices: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))
    is_required: Mapped[bool] = mapped_column(server_default="false")
    position: Mapped[int] = mapped_column(server_default="0")
    retired_at: Mapped[datetime | None]


class IntakeAnswer(Base):
    """An answer, encrypted and bound to its booking and question."""

    __tablename__ = "booking_intake_answer"

    booking_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("booking_booking.id", ondelete="CASCADE"), primary_key=True
    )
    question_id: Mapped[int] = mapped_column(
        ForeignKey("booking_intake_question.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    sealed: Mapped[str]
    answered_at: Mapped[datetime] = mapped_column(server_default=func.now())


class IntakeAccess(Base):
    """Somebody read a booking's answers; append only."""

    __tablename__ = "booking_intake_access"
    __table_args__ = (CheckConstraint("num_nonnulls(user_id, app) > 0", name="somebody"),)

    id: Mapped[BigPk]
    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("booking_booking.id", ondelete="CASCADE"), index=True)
    # No foreign key: a removed user must not change history.
    user_id: Mapped[int | None]
    app: Mapped[str | None]
    purpose: Mapped[str] = mapped_column(server_default="")
    read_at: Mapped[datetime] = mapped_column(server_default=func.now())
