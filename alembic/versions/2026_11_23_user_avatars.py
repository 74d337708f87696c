"""Users may have a picture.

Revision ID: 0015
Revises: 0014
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account_user", sa.Column("avatar_asset_id", sa.Integer(), nullable=True))
    op.create_foreign_key(
        op.f("fk_account_user_avatar_asset_id"),
        "account_user",
        "media_asset",
        ["avatar_asset_id"],
        ["id"],
        ondelete="SET NULL",
    )
    # Removing a picture asks who shows it.
    op.create_index(
        "ix_account_user_avatar",
        "account_user",
        ["avatar_asset_id"],
        postgresql_where=sa.text("avatar_asset_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_column("account_user", "avatar_asset_id")
