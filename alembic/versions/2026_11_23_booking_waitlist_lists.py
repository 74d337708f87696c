"""Waiting lists are listed by their age and looked up by e-mail.

Revision ID: 0030
Revises: 0029
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_booking_waitlist_entry_created_at", "booking_waitlist_entry", ["created_at", "id"])
    op.create_index(
        "ix_booking_waitlist_entry_email",
        "booking_waitlist_entry",
        ["email"],
        postgresql_where=sa.text("state IN ('WAITING', 'OFFERED')"),
    )


def downgrade() -> None:
    op.drop_index("ix_booking_waitlist_entry_email", table_name="booking_waitlist_entry")
    op.drop_index("ix_booking_waitlist_entry_created_at", table_name="booking_waitlist_entry")
