"""Parcels of orders and what is in them; payments without a provider.

Revision ID: 0009
Revises: 0008
Create Date: 2026-11-22
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


_BEFORE = "kind IN ('CHECKOUT_SESSION', 'PAYMENT_INTENT')"
_AFTER = "kind IN ('CHECKOUT_SESSION', 'PAYMENT_INTENT', 'MANUAL', 'DUMMY')"


def upgrade() -> None:
    op.create_table(
        "order_fulfillment",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), server_default="FULFILLED", nullable=False),
        sa.Column("tracking_number", sa.Text(), server_default="", nullable=False),
        sa.Column("warehouse_id", sa.UUID(), nullable=True),
        *(
            sa.Column(
                name, postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
            )
            for name in ("metadata", "private_metadata")
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_order_fulfillment_number_positive")),
        sa.CheckConstraint(
            "status IN ('FULFILLED', 'REFUNDED', 'RETURNED', 'REPLACED', 'REFUNDED_AND_RETURNED', 'CANCELED', "
            "'WAITING_FOR_APPROVAL')",
            name=op.f("ck_order_fulfillment_status"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order_order.id"], name=op.f("fk_order_fulfillment_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["warehouse_id"],
            ["stock_warehouse.id"],
            name=op.f("fk_order_fulfillment_warehouse_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_fulfillment")),
        sa.UniqueConstraint("order_id", "number", name=op.f("uq_order_fulfillment_order_id_number")),
    )
    op.create_index("ix_order_fulfillment_warehouse_id", "order_fulfillment", ["warehouse_id"])
    op.create_table(
        "order_fulfillment_line",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("fulfillment_id", sa.Integer(), nullable=False),
        sa.Column("order_line_id", sa.UUID(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("from_stock", sa.Boolean(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_fulfillment_line_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["fulfillment_id"],
            ["order_fulfillment.id"],
            name=op.f("fk_order_fulfillment_line_fulfillment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["order_line.id"],
            name=op.f("fk_order_fulfillment_line_order_line_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_fulfillment_line")),
        sa.UniqueConstraint(
            "fulfillment_id", "order_line_id", name=op.f("uq_order_fulfillment_line_fulfillment_id_order_line_id")
        ),
    )
    op.create_index("ix_order_fulfillment_line_order_line_id", "order_fulfillment_line", ["order_line_id"])
    op.add_column(
        "channel_channel", sa.Column("allow_unpaid_orders", sa.Boolean(), server_default="false", nullable=False)
    )
    op.add_column(
        "channel_channel",
        sa.Column("automatically_confirm_new_orders", sa.Boolean(), server_default="true", nullable=False),
    )
    op.add_column(
        "site_settings", sa.Column("fulfillment_allow_unpaid", sa.Boolean(), server_default="true", nullable=False)
    )
    op.drop_constraint(op.f("ck_payment_transaction_kind"), "payment_transaction", type_="check")
    op.create_check_constraint(op.f("ck_payment_transaction_kind"), "payment_transaction", _AFTER)


def downgrade() -> None:
    op.drop_constraint(op.f("ck_payment_transaction_kind"), "payment_transaction", type_="check")
    op.create_check_constraint(op.f("ck_payment_transaction_kind"), "payment_transaction", _BEFORE)
    op.drop_column("site_settings", "fulfillment_allow_unpaid")
    op.drop_column("channel_channel", "automatically_confirm_new_orders")
    op.drop_column("channel_channel", "allow_unpaid_orders")
    op.drop_table("order_fulfillment_line")
    op.drop_table("order_fulfillment")
