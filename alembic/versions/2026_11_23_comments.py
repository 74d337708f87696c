"""Comments under pages, who wants to be told of answers, and mails that can be unsubscribed from.

Revision ID: 0024
Revises: 0023
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "comment_comment",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("path", postgresql.ARRAY(sa.Integer()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("parent_id", sa.Integer(), sa.Computed("path[cardinality(path)]", persisted=True), nullable=True),
        sa.Column(
            "parent_path",
            postgresql.ARRAY(sa.Integer()),
            sa.Computed("path[1:cardinality(path) - 1]", persisted=True),
            nullable=False,
        ),
        sa.Column("root_id", sa.Integer(), sa.Computed("coalesce(path[1], id)", persisted=True), nullable=False),
        sa.Column("depth", sa.Integer(), sa.Computed("cardinality(path)", persisted=True), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reasons", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("is_staff", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moderated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moderated_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status IN ('PENDING', 'APPROVED', 'SPAM', 'REJECTED', 'DELETED')", name=op.f("ck_comment_comment_status")
        ),
        sa.CheckConstraint("cardinality(path) <= 4", name=op.f("ck_comment_comment_five_levels")),
        sa.CheckConstraint(
            "(cardinality(path) = 0) = (path[cardinality(path)] IS NULL)",
            name=op.f("ck_comment_comment_path_without_gaps"),
        ),
        sa.CheckConstraint("(status = 'DELETED') = (body = '')", name=op.f("ck_comment_comment_body")),
        sa.CheckConstraint("(status = 'DELETED') = (author_name = '')", name=op.f("ck_comment_comment_author_name")),
        sa.CheckConstraint(
            "status <> 'DELETED' OR num_nonnulls(user_id, email, website, address, agent, digest) = 0",
            name=op.f("ck_comment_comment_deleted_is_nobodys"),
        ),
        sa.CheckConstraint("char_length(author_name) <= 80", name=op.f("ck_comment_comment_author_name_length")),
        sa.CheckConstraint("char_length(body) <= 40000", name=op.f("ck_comment_comment_body_length")),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_comment_comment_email_is_lower_case")),
        sa.CheckConstraint("website ~ '^https?://'", name=op.f("ck_comment_comment_website_is_http")),
        sa.ForeignKeyConstraint(
            ["page_id"], ["content_page.id"], name=op.f("fk_comment_comment_page_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id", "page_id", "parent_path"],
            ["comment_comment.id", "comment_comment.page_id", "comment_comment.path"],
            name="fk_comment_comment_place",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["account_user.id"], name=op.f("fk_comment_comment_user_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["moderated_by_id"],
            ["account_user.id"],
            name=op.f("fk_comment_comment_moderated_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_comment")),
        sa.UniqueConstraint("id", "page_id", "path", name="uq_comment_comment_place"),
    )
    op.create_index(
        "uq_comment_comment_said_once",
        "comment_comment",
        ["page_id", "email", "parent_id", "digest"],
        unique=True,
        postgresql_where=sa.text("digest IS NOT NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("ix_comment_comment_page", "comment_comment", ["page_id", "created_at", "id"])
    op.create_index(
        "ix_comment_comment_parent_id",
        "comment_comment",
        ["parent_id"],
        postgresql_where=sa.text("parent_id IS NOT NULL"),
    )
    op.create_index("ix_comment_comment_root_id", "comment_comment", ["root_id"])
    op.create_index("ix_comment_comment_queue", "comment_comment", ["status", "created_at", "id"])
    for column in ("user_id", "moderated_by_id", "email", "digest"):
        op.create_index(
            f"ix_comment_comment_{column}",
            "comment_comment",
            [column],
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )
    op.create_index(
        "ix_comment_comment_traces",
        "comment_comment",
        ["created_at"],
        postgresql_where=sa.text("num_nonnulls(address, agent) > 0"),
    )
    op.create_table(
        "comment_subscription",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_comment_subscription_email_is_lower_case")),
        sa.ForeignKeyConstraint(
            ["page_id"], ["content_page.id"], name=op.f("fk_comment_subscription_page_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_subscription")),
        sa.UniqueConstraint("page_id", "email", name=op.f("uq_comment_subscription_page_id_email")),
    )
    op.create_index("ix_comment_subscription_email", "comment_subscription", ["email"])
    op.create_index(
        "ix_comment_subscription_waiting",
        "comment_subscription",
        ["asked_at"],
        postgresql_where=sa.text("confirmed_at IS NULL"),
    )
    op.add_column("mail_message", sa.Column("unsubscribe_url", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("mail_message", "unsubscribe_url")
    op.drop_table("comment_subscription")
    op.drop_table("comment_comment")
