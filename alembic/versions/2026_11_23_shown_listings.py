"""What a channel shows in its lists is counted in an index alone.

Revision ID: 0029
Revises: 0028
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_pricing_product_listing_shown",
        "pricing_product_listing",
        ["channel_id", "product_id"],
        postgresql_include=["published_at"],
        postgresql_where=sa.text("is_published AND visible_in_listings AND minimum_price_amount IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_pricing_product_listing_shown", "pricing_product_listing")
