"""Gift cards and the ledger of what was put on and taken off them. Codes are stored as digests."""

import uuid
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.kit.db.models import Base, BigPk, HasMetadata, IntPk, Timestamps, not_negative, one_of


class GiftCard(Base, HasMetadata, Timestamps):
    """A card with a balance in one currency. What was first spent makes it one customer's."""

    __tablename__ = "giftcard_card"
    __table_args__ = (
        CheckConstraint("initial_amount > 0", name="initial_amount_positive"),
        CheckConstraint("0 <= current_amount AND current_amount <= initial_amount", name="balance_within_initial"),
        CheckConstraint("user_id IS NULL OR email IS NULL", name="one_owner"),
        # Guests' cards, by the e-mail as accounts write it.
        Index("ix_giftcard_card_guest_email", text("lower(email)"), postgresql_where=text("email IS NOT NULL")),
        Index("ix_giftcard_card_created_at", "created_at", "id"),
        Index("ix_giftcard_card_user_id", "user_id", postgresql_where=text("user_id IS NOT NULL")),
    )

    id: Mapped[IntPk]
    # Who reads the table cannot spend the cards.
    code_digest: Mapped[str] = mapped_column(unique=True)
    last_characters: Mapped[str]
    currency: Mapped[str]
    initial_amount: Mapped[Decimal]
    current_amount: Mapped[Decimal]
    # The last day on which it can be spent.
    expires_on: Mapped[date | None]
    is_active: Mapped[bool] = mapped_column(server_default="true")
    tags: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))
    # Whose it is: nobody's, until somebody spends of it; then a user's, or a guest's by their e-mail. When the user's
    # account goes it is nobody's again: no money is lost, and no name is kept.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account_user.id", ondelete="SET NULL"))
    email: Mapped[str | None]
    last_used_at: Mapped[datetime | None]


class GiftCardEvent(Base):
    """What happened to a card; append only. The amounts of its events add up to its balance."""

    __tablename__ = "giftcard_event"
    __table_args__ = (
        one_of(
            "type",
            "ISSUED",
            "ACTIVATED",
            "DEACTIVATED",
            "EXPIRY_DATE_UPDATED",
            "TAGS_UPDATED",
            "USED_IN_ORDER",
            "REFUNDED_IN_ORDER",
        ),
        not_negative("balance_amount"),
        Index("ix_giftcard_event_card", "card_id", "id"),
        Index("ix_giftcard_event_order", "order_id", postgresql_where=text("order_id IS NOT NULL")),
        Index("ix_giftcard_event_user_id", "user_id", postgresql_where=text("user_id IS NOT NULL")),
    )

    id: Mapped[BigPk]
    card_id: Mapped[int] = mapped_column(ForeignKey("giftcard_card.id", ondelete="CASCADE"))
    type: Mapped[str]
    # What it put on the card, or took off it; and what was left then.
    amount: Mapped[Decimal] = mapped_column(server_default="0")
    balance_amount: Mapped[Decimal]
    # Orders stand above gift cards.
    order_id: Mapped[uuid.UUID | None]
    # Who did it.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account_user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
