"""Drafts of pages hold what is to be said of attributes, revisions what was said of them.

Revision ID: 0036
Revises: 0035
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("content_page_revision", sa.Column("attributes", JSONB()))
    op.add_column("content_page_draft", sa.Column("attributes", JSONB(), server_default="{}", nullable=False))
    op.create_check_constraint(
        op.f("ck_content_page_draft_attributes_are_an_object"),
        "content_page_draft",
        "jsonb_typeof(attributes) = 'object'",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_content_page_draft_attributes_are_an_object"), "content_page_draft")
    op.drop_column("content_page_draft", "attributes")
    op.drop_column("content_page_revision", "attributes")
