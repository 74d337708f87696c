"""Pages are published and unpublished by the clock, keep their revisions and former slugs, and say who reviewed them.

Revision ID: 0025
Revises: 0024
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_TEXTS = (
    "author_name",
    "reviewer_name",
    "reviewer_credentials",
    "review_note",
    "regulatory_status",
    "conflict_of_interest",
)
_DATES = ("last_reviewed", "review_due")
_CHECKS = {
    "published_before_unpublished": "unpublished_at > published_at",
    "credentials_are_a_reviewer_s": "reviewer_credentials IS NULL OR reviewer_name IS NOT NULL",
    "reviewed_before_due": "review_due > last_reviewed",
}


def upgrade() -> None:
    op.add_column("content_page_type", sa.Column("policy", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("ck_content_page_type_policy"), "content_page_type", "policy IN ('MEDICAL_DUTY')")
    op.execute("UPDATE content_page_type SET policy = 'MEDICAL_DUTY' WHERE slug = 'medical-article'")
    op.add_column("content_page", sa.Column("unpublished_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "content_page", sa.Column("author_is_organization", sa.Boolean(), server_default="false", nullable=False)
    )
    for name in _TEXTS:
        op.add_column("content_page", sa.Column(name, sa.Text(), nullable=True))
    for name in _DATES:
        op.add_column("content_page", sa.Column(name, sa.Date(), nullable=True))
    for name, condition in _CHECKS.items():
        op.create_check_constraint(op.f(f"ck_content_page_{name}"), "content_page", condition)
    op.create_table(
        "content_page_slug",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["page_id"], ["content_page.id"], name=op.f("fk_content_page_slug_page_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_content_page_slug")),
    )
    op.create_index(op.f("ix_content_page_slug_page_id"), "content_page_slug", ["page_id"])
    op.create_table(
        "content_page_revision",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("is_published", sa.Boolean(), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("findings", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("override_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "override_reason IS NULL OR (is_published AND jsonb_array_length(findings) > 0)",
            name=op.f("ck_content_page_revision_overrides_let_something_pass"),
        ),
        sa.ForeignKeyConstraint(
            ["page_id"], ["content_page.id"], name=op.f("fk_content_page_revision_page_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["account_user.id"], name=op.f("fk_content_page_revision_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_page_revision")),
        sa.UniqueConstraint("page_id", "number", name=op.f("uq_content_page_revision_page_id_number")),
    )
    op.create_index(op.f("ix_content_page_revision_user_id"), "content_page_revision", ["user_id"])


def downgrade() -> None:
    op.drop_table("content_page_revision")
    op.drop_table("content_page_slug")
    for name in _CHECKS:
        op.drop_constraint(op.f(f"ck_content_page_{name}"), "content_page", type_="check")
    for name in (*_DATES, *_TEXTS, "author_is_organization", "unpublished_at"):
        op.drop_column("content_page", name)
    op.drop_constraint(op.f("ck_content_page_type_policy"), "content_page_type", type_="check")
    op.drop_column("content_page_type", "policy")
