"""Places on the storefront's pages that staff fills with widgets.

Revision ID: 0027
Revises: 0026
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_TARGETS = {
    "menu_id": "content_menu",
    "page_type_id": "content_page_type",
    "collection_id": "catalogue_collection",
    "category_id": "catalogue_category",
    "product_id": "catalogue_product",
}


def upgrade() -> None:
    op.create_table(
        "content_widget_area",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_widget_area")),
        sa.UniqueConstraint("slug", name=op.f("uq_content_widget_area_slug")),
    )
    op.create_table(
        "content_widget",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("sort_order", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("content", JSONB(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in _TARGETS),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["area_id"], ["content_widget_area.id"], name=op.f("fk_content_widget_area_id"), ondelete="CASCADE"
        ),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_content_widget_{name}"), ondelete="CASCADE")
            for name, table in _TARGETS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_widget")),
        sa.UniqueConstraint("area_id", "sort_order", name=op.f("uq_content_widget_area_id_sort_order")),
        sa.CheckConstraint(
            "kind IN ('text', 'menu', 'pages', 'products', 'booking', 'mini_cart')", name=op.f("ck_content_widget_kind")
        ),
        sa.CheckConstraint("size BETWEEN 1 AND 24", name=op.f("ck_content_widget_size_is_shown")),
        sa.CheckConstraint(
            "CASE kind"
            " WHEN 'text' THEN content IS NOT NULL"
            " AND num_nonnulls(menu_id, page_type_id, collection_id, category_id, product_id, size) = 0"
            " WHEN 'menu' THEN menu_id IS NOT NULL"
            " AND num_nonnulls(content, page_type_id, collection_id, category_id, product_id, size) = 0"
            " WHEN 'pages' THEN size IS NOT NULL"
            " AND num_nonnulls(content, menu_id, collection_id, category_id, product_id) = 0"
            " WHEN 'products' THEN size IS NOT NULL AND num_nonnulls(collection_id, category_id) = 1"
            " AND num_nonnulls(content, menu_id, page_type_id, product_id) = 0"
            " WHEN 'booking' THEN product_id IS NOT NULL"
            " AND num_nonnulls(content, menu_id, page_type_id, collection_id, category_id, size) = 0"
            " ELSE num_nonnulls(content, menu_id, page_type_id, collection_id, category_id, product_id, size) = 0 END",
            name=op.f("ck_content_widget_has_what_its_kind_shows"),
        ),
    )
    for name in _TARGETS:
        op.create_index(op.f(f"ix_content_widget_{name}"), "content_widget", [name])


def downgrade() -> None:
    op.drop_table("content_widget")
    op.drop_table("content_widget_area")
