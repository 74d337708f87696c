"""A gift card is a user's or a guest's, and guests' cards are found by their e-mail.

Revision ID: 0022
Revises: 0021
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What a user spent of is known by the user: the e-mail is theirs to change, and to take along.
    op.execute("UPDATE giftcard_card SET email = NULL WHERE user_id IS NOT NULL")
    op.create_check_constraint(op.f("ck_giftcard_card_one_owner"), "giftcard_card", "user_id IS NULL OR email IS NULL")
    op.create_index(
        "ix_giftcard_card_guest_email",
        "giftcard_card",
        [sa.text("lower(email)")],
        postgresql_where=sa.text("email IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_giftcard_card_guest_email", table_name="giftcard_card")
    op.drop_constraint(op.f("ck_giftcard_card_one_owner"), "giftcard_card", type_="check")
