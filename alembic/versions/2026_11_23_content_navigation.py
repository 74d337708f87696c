"""The menus that staff chose as the main and the secondary navigation.

Revision ID: 0031
Revises: 0030
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "content_navigation",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("menu_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("place IN ('main', 'secondary')", name=op.f("ck_content_navigation_place")),
        sa.ForeignKeyConstraint(
            ["menu_id"], ["content_menu.id"], name=op.f("fk_content_navigation_menu_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_content_navigation")),
    )
    op.create_index(op.f("ix_content_navigation_menu_id"), "content_navigation", ["menu_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_content_navigation_menu_id"), table_name="content_navigation")
    op.drop_table("content_navigation")
