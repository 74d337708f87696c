"""Slugs that pages had in other languages, so that old addresses still lead to them.

Revision ID: 0033
Revises: 0032
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "content_page_language_slug",
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "language = lower(language) AND language <> ''",
            name=op.f("ck_content_page_language_slug_language_is_a_tag"),
        ),
        sa.ForeignKeyConstraint(
            ["page_id"],
            ["content_page.id"],
            name=op.f("fk_content_page_language_slug_page_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("language", "slug", name=op.f("pk_content_page_language_slug")),
    )
    op.create_index(op.f("ix_content_page_language_slug_page_id"), "content_page_language_slug", ["page_id"])


def downgrade() -> None:
    op.drop_table("content_page_language_slug")
