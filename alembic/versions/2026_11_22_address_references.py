"""Indexes on what refers to addresses: removing one looked through all users, carts and orders.

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-22
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_INDEXES = (
    ("ix_account_user_default_shipping", "account_user", "default_shipping_address_id"),
    ("ix_account_user_default_billing", "account_user", "default_billing_address_id"),
    ("ix_checkout_checkout_billing_address", "checkout_checkout", "billing_address_id"),
    ("ix_checkout_checkout_shipping_address", "checkout_checkout", "shipping_address_id"),
    ("ix_order_order_billing_address", "order_order", "billing_address_id"),
    ("ix_order_order_shipping_address", "order_order", "shipping_address_id"),
)


def upgrade() -> None:
    # No shop runs on these tables yet, so they may be locked: concurrent indexes need transactions of their own.
    for name, table, column in _INDEXES:
        op.create_index(name, table, [column], postgresql_where=sa.text(f"{column} IS NOT NULL"))


def downgrade() -> None:
    for name, table, _ in reversed(_INDEXES):
        op.drop_index(name, table_name=table)
