"""Addresses where pages were found before they came here, so that old links still lead to them.

Revision ID: 0032
Revises: 0031
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "content_page_address",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "address ~ '^/[^/]' AND char_length(address) <= 500",
            name=op.f("ck_content_page_address_address_is_a_path"),
        ),
        sa.ForeignKeyConstraint(
            ["page_id"],
            ["content_page.id"],
            name=op.f("fk_content_page_address_page_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_content_page_address")),
    )
    op.create_index(op.f("ix_content_page_address_page_id"), "content_page_address", ["page_id"])


def downgrade() -> None:
    op.drop_table("content_page_address")
