"""What a variant is sold at: its price or, where a promotion makes it lower, that; lists filter by it.

Revision ID: 0018
Revises: 0017
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "pricing_variant_listing",
        sa.Column(
            "sold_at_amount",
            sa.Numeric(precision=14, scale=3),
            sa.Computed("LEAST(price_amount, discounted_price_amount)", persisted=True),
            nullable=False,
        ),
    )
    op.drop_index("ix_pricing_variant_listing_price", "pricing_variant_listing")
    op.create_index(
        "ix_pricing_variant_listing_sold_at", "pricing_variant_listing", ["channel_id", "sold_at_amount", "product_id"]
    )


def downgrade() -> None:
    op.drop_index("ix_pricing_variant_listing_sold_at", "pricing_variant_listing")
    op.create_index(
        "ix_pricing_variant_listing_price", "pricing_variant_listing", ["channel_id", "price_amount", "product_id"]
    )
    op.drop_column("pricing_variant_listing", "sold_at_amount")
