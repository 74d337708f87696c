"""Gift cards with the ledger of what was put on and taken off them, and which checkouts use them.

Revision ID: 0016
Revises: 0015
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "giftcard_card",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("code_digest", sa.Text(), nullable=False),
        sa.Column("last_characters", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("initial_amount", sa.Numeric(14, 3), nullable=False),
        sa.Column("current_amount", sa.Numeric(14, 3), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("tags", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("metadata", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("private_metadata", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("initial_amount > 0", name=op.f("ck_giftcard_card_initial_amount_positive")),
        sa.CheckConstraint(
            "0 <= current_amount AND current_amount <= initial_amount",
            name=op.f("ck_giftcard_card_balance_within_initial"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["account_user.id"], name=op.f("fk_giftcard_card_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_giftcard_card")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_giftcard_card_code_digest")),
    )
    op.create_index("ix_giftcard_card_created_at", "giftcard_card", ["created_at", "id"])
    op.create_index(
        "ix_giftcard_card_user_id", "giftcard_card", ["user_id"], postgresql_where=sa.text("user_id IS NOT NULL")
    )
    op.create_table(
        "giftcard_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("card_id", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(14, 3), server_default="0", nullable=False),
        sa.Column("balance_amount", sa.Numeric(14, 3), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "type IN ('ISSUED', 'ACTIVATED', 'DEACTIVATED', 'EXPIRY_DATE_UPDATED', 'TAGS_UPDATED', 'USED_IN_ORDER', "
            "'REFUNDED_IN_ORDER')",
            name=op.f("ck_giftcard_event_type"),
        ),
        sa.CheckConstraint("balance_amount >= 0", name=op.f("ck_giftcard_event_balance_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["card_id"], ["giftcard_card.id"], name=op.f("fk_giftcard_event_card_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["account_user.id"], name=op.f("fk_giftcard_event_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_giftcard_event")),
    )
    op.create_index("ix_giftcard_event_card", "giftcard_event", ["card_id", "id"])
    op.create_index(
        "ix_giftcard_event_order", "giftcard_event", ["order_id"], postgresql_where=sa.text("order_id IS NOT NULL")
    )
    op.create_index(
        "ix_giftcard_event_user_id", "giftcard_event", ["user_id"], postgresql_where=sa.text("user_id IS NOT NULL")
    )
    op.create_table(
        "checkout_gift_card",
        sa.Column("checkout_id", sa.UUID(), nullable=False),
        sa.Column("card_id", sa.Integer(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["checkout_id"],
            ["checkout_checkout.id"],
            name=op.f("fk_checkout_gift_card_checkout_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["card_id"], ["giftcard_card.id"], name=op.f("fk_checkout_gift_card_card_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("checkout_id", "card_id", name=op.f("pk_checkout_gift_card")),
    )
    op.create_index(op.f("ix_checkout_gift_card_card_id"), "checkout_gift_card", ["card_id"])


def downgrade() -> None:
    op.drop_table("checkout_gift_card")
    op.drop_table("giftcard_event")
    op.drop_table("giftcard_card")
