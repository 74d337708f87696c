"""Drafts of changes beside published pages.

Revision ID: 0035
Revises: 0034
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "content_page_draft",
        sa.Column("page_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("base_number", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("jsonb_typeof(fields) = 'object'", name=op.f("ck_content_page_draft_fields_are_an_object")),
        sa.ForeignKeyConstraint(
            ["page_id", "base_number"],
            ["content_page_revision.page_id", "content_page_revision.number"],
            name=op.f("fk_content_page_draft_page_id_base_number"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["account_user.id"], name=op.f("fk_content_page_draft_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("page_id", name=op.f("pk_content_page_draft")),
    )
    op.create_index(op.f("ix_content_page_draft_user_id"), "content_page_draft", ["user_id"])


def downgrade() -> None:
    op.drop_table("content_page_draft")
