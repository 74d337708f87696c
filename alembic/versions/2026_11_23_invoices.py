"""Invoices with numbers that have no gaps, and who the seller is.

Revision ID: 0019
Revises: 0018
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "order_invoice_counter",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("last > 0", name=op.f("ck_order_invoice_counter_last_positive")),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_order_invoice_counter")),
    )
    op.create_table(
        "order_invoice",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="PENDING", nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("path", sa.Text(), nullable=True),
        *(
            sa.Column(
                name, postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
            )
            for name in ("metadata", "private_metadata")
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status IN ('PENDING', 'SUCCESS', 'FAILED', 'DELETED')", name=op.f("ck_order_invoice_status")
        ),
        sa.CheckConstraint("(status = 'SUCCESS') <= (path IS NOT NULL)", name=op.f("ck_order_invoice_made_has_file")),
        # No order that has an invoice is ever removed: its number would be missing.
        sa.ForeignKeyConstraint(["order_id"], ["order_order.id"], name=op.f("fk_order_invoice_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_invoice")),
        sa.UniqueConstraint("number", name=op.f("uq_order_invoice_number")),
    )
    op.create_index("ix_order_invoice_order_id", "order_invoice", ["order_id"])
    op.add_column("site_settings", sa.Column("company_address_id", sa.Integer(), nullable=True))
    op.add_column("site_settings", sa.Column("company_vat_number", sa.Text(), server_default="", nullable=False))
    op.create_foreign_key(
        op.f("fk_site_settings_company_address_id"),
        "site_settings",
        "account_address",
        ["company_address_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_index("ix_site_settings_company_address_id", "site_settings", ["company_address_id"])


def downgrade() -> None:
    op.drop_index("ix_site_settings_company_address_id", table_name="site_settings")
    op.drop_constraint(op.f("fk_site_settings_company_address_id"), "site_settings", type_="foreignkey")
    op.drop_column("site_settings", "company_vat_number")
    op.drop_column("site_settings", "company_address_id")
    op.drop_table("order_invoice")
    op.drop_table("order_invoice_counter")
