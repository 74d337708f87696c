"""Stock kept for checkouts for a while, and how long the shop keeps it.

Revision ID: 0013
Revises: 0012
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_SETTINGS = ("reserve_minutes_guest", "reserve_minutes_user")


def upgrade() -> None:
    for name in _SETTINGS:
        op.add_column("site_settings", sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False))
        op.create_check_constraint(op.f(f"ck_site_settings_{name}"), "site_settings", f"{name} BETWEEN 0 AND 10080")
    op.create_table(
        "stock_reservation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("stock_id", sa.Integer(), nullable=False),
        sa.Column("checkout_id", sa.UUID(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_stock_reservation_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["stock_id"], ["stock_stock.id"], name=op.f("fk_stock_reservation_stock_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["checkout_id"], ["checkout_checkout.id"], name=op.f("fk_stock_reservation_checkout_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_reservation")),
        sa.UniqueConstraint("stock_id", "checkout_id", name=op.f("uq_stock_reservation_stock_id_checkout_id")),
    )
    op.create_index(op.f("ix_stock_reservation_checkout_id"), "stock_reservation", ["checkout_id"])
    op.create_index(op.f("ix_stock_reservation_expires_at"), "stock_reservation", ["expires_at"])


def downgrade() -> None:
    op.drop_table("stock_reservation")
    for name in _SETTINGS:
        op.drop_constraint(op.f(f"ck_site_settings_{name}"), "site_settings", type_="check")
        op.drop_column("site_settings", name)
