"""What was imported from elsewhere is remembered by its id there.

Revision ID: 0028
Revises: 0027
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exchange_imported",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=True),
        sa.Column("menu_id", sa.Integer(), nullable=True),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("media_id", sa.Integer(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('page', 'menu', 'comment', 'media')", name=op.f("ck_exchange_imported_kind")),
        sa.CheckConstraint("kind = 'page' OR page_id IS NULL", name=op.f("ck_exchange_imported_page_only")),
        sa.CheckConstraint("kind = 'menu' OR menu_id IS NULL", name=op.f("ck_exchange_imported_menu_only")),
        sa.CheckConstraint("kind = 'comment' OR comment_id IS NULL", name=op.f("ck_exchange_imported_comment_only")),
        sa.CheckConstraint("kind = 'media' OR media_id IS NULL", name=op.f("ck_exchange_imported_media_only")),
        sa.ForeignKeyConstraint(
            ["page_id"], ["content_page.id"], name=op.f("fk_exchange_imported_page_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["menu_id"], ["content_menu.id"], name=op.f("fk_exchange_imported_menu_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment_comment.id"], name=op.f("fk_exchange_imported_comment_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["media_id"], ["media_asset.id"], name=op.f("fk_exchange_imported_media_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_imported")),
        sa.UniqueConstraint("source", "kind", "key", name=op.f("uq_exchange_imported_source_kind_key")),
    )
    op.create_index(
        "ix_exchange_imported_page_id",
        "exchange_imported",
        ["page_id"],
        postgresql_where=sa.text("page_id IS NOT NULL"),
    )
    op.create_index(
        "ix_exchange_imported_menu_id",
        "exchange_imported",
        ["menu_id"],
        postgresql_where=sa.text("menu_id IS NOT NULL"),
    )
    op.create_index(
        "ix_exchange_imported_comment_id",
        "exchange_imported",
        ["comment_id"],
        postgresql_where=sa.text("comment_id IS NOT NULL"),
    )
    op.create_index(
        "ix_exchange_imported_media_id",
        "exchange_imported",
        ["media_id"],
        postgresql_where=sa.text("media_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("exchange_imported")
