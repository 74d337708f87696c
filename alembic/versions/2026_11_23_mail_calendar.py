"""Mails may bring an appointment for the recipient's calendar.

Revision ID: 0017
Revises: 0016
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mail_message", sa.Column("calendar", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("mail_message", "calendar")
