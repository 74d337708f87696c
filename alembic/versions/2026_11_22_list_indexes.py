"""Indexes for the orders and filters of product lists, so that none of them reads a whole large catalogue.

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-22
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_catalogue_product_updated_at_id", "catalogue_product", ["updated_at", "id"], "btree"),
    ("ix_catalogue_product_rating_id", "catalogue_product", ["rating", "id"], "btree"),
    ("ix_catalogue_product_metadata", "catalogue_product", ["metadata"], "gin"),
    (
        "ix_pricing_product_listing_published_at",
        "pricing_product_listing",
        ["channel_id", "published_at", "product_id"],
        "btree",
    ),
    (
        "ix_pricing_product_listing_is_published",
        "pricing_product_listing",
        ["channel_id", "is_published", "product_id"],
        "btree",
    ),
    (
        "ix_pricing_variant_listing_price",
        "pricing_variant_listing",
        ["channel_id", "price_amount", "variant_id"],
        "btree",
    ),
)


def upgrade() -> None:
    # No shop runs on these tables yet, so they may be locked: concurrent indexes need transactions of their own.
    for name, table, columns, method in _INDEXES:
        op.create_index(name, table, columns, postgresql_using=method)


def downgrade() -> None:
    for name, table, _, _ in reversed(_INDEXES):
        op.drop_index(name, table_name=table)
