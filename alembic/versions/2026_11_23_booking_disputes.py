"""Disputes mark bookings and sessions, and what is paid back for sessions is in their ledger.

Revision ID: 0023
Revises: 0022
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


STAGES = "dispute IN ('OPEN', 'WON', 'LOST')"


def upgrade() -> None:
    for table in ("booking_booking", "booking_entitlement"):
        op.add_column(table, sa.Column("dispute", sa.Text(), nullable=True))
        op.create_check_constraint(op.f(f"ck_{table}_dispute"), table, STAGES)
    op.create_index(
        "ix_booking_booking_disputed",
        "booking_booking",
        [sa.text("lower(during)"), "id"],
        postgresql_where=sa.text("dispute IS NOT NULL"),
    )
    op.add_column("booking_entitlement_entry", sa.Column("value_amount", sa.Numeric(14, 3), nullable=True))
    op.create_check_constraint(
        op.f("ck_booking_entitlement_entry_value"),
        "booking_entitlement_entry",
        "(kind = 'REFUND') = (value_amount IS NOT NULL) AND (value_amount >= 0) IS NOT FALSE",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_booking_entitlement_entry_value"), "booking_entitlement_entry", type_="check")
    op.drop_column("booking_entitlement_entry", "value_amount")
    op.drop_index("ix_booking_booking_disputed", table_name="booking_booking")
    for table in ("booking_entitlement", "booking_booking"):
        op.drop_constraint(op.f(f"ck_{table}_dispute"), table, type_="check")
        op.drop_column(table, "dispute")
