"""How many of a variant one order may hold: the shop's own setting.

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-22
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "site_settings",
        sa.Column("limit_quantity_per_checkout", sa.Integer(), server_default=sa.text("50"), nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_site_settings_limit_quantity_per_checkout"),
        "site_settings",
        "limit_quantity_per_checkout BETWEEN 1 AND 1000000",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_site_settings_limit_quantity_per_checkout"), "site_settings", type_="check")
    op.drop_column("site_settings", "limit_quantity_per_checkout")
