"""The sweeper of paid purchases reads an index instead of every payment there ever was.

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-22
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # No shop runs on this table yet, so it may be locked: a concurrent index needs a transaction of its own.
    op.create_index(
        "ix_payment_transaction_paid",
        "payment_transaction",
        ["updated_at"],
        postgresql_where=sa.text("status = 'SUCCEEDED'"),
    )


def downgrade() -> None:
    op.drop_index("ix_payment_transaction_paid", table_name="payment_transaction")
