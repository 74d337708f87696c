"""Attempts that must not be made too often (guessing a password, having mails sent), and guests' orders by e-mail.

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-22
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_attempt",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_account_attempt")),
    )
    op.create_index("ix_account_attempt_last_at", "account_attempt", ["last_at"], unique=False)
    op.create_index(
        "ix_order_order_guest_email",
        "order_order",
        [sa.text("lower(email)")],
        unique=False,
        postgresql_where=sa.text("user_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_order_order_guest_email", table_name="order_order")
    op.drop_index("ix_account_attempt_last_at", table_name="account_attempt")
    op.drop_table("account_attempt")
