"""Answers that a client may ask for again by its Idempotency-Key.

Revision ID: 0021
Revises: 0020
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "idempotency_request",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("attempt", sa.UUID(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'RUNNING'"), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("status IN ('RUNNING', 'DONE')", name=op.f("ck_idempotency_request_status")),
        sa.CheckConstraint("sealed IS NULL OR status = 'DONE'", name=op.f("ck_idempotency_request_answer_when_done")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_request")),
    )
    op.create_index("ix_idempotency_request_claimed_at", "idempotency_request", ["claimed_at"])


def downgrade() -> None:
    op.drop_table("idempotency_request")
