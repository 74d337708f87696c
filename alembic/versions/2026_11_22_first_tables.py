"""The first tables: the shop, its catalogue, carts, orders and payments.

Revision ID: 0001
Revises:
Create Date: 2026-11-22 21:07:53.639831
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_user",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("first_name", sa.Text(), server_default="", nullable=False),
        sa.Column("last_name", sa.Text(), server_default="", nullable=False),
        sa.Column("is_staff", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("language_code", sa.Text(), server_default="EN", nullable=False),
        sa.Column(
            "token_key", sa.Text(), server_default=sa.text("replace(gen_random_uuid()::text, '-', '')"), nullable=False
        ),
        sa.Column("last_login", sa.DateTime(timezone=True), nullable=True),
        sa.Column("default_shipping_address_id", sa.Integer(), nullable=True),
        sa.Column("default_billing_address_id", sa.Integer(), nullable=True),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("external_reference", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_account_user_email_is_lower_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_user")),
        sa.UniqueConstraint("email", name=op.f("uq_account_user_email")),
        sa.UniqueConstraint("external_reference", name=op.f("uq_account_user_external_reference")),
    )
    op.create_table(
        "channel_channel",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("default_country", sa.Text(), nullable=False),
        sa.Column("transaction_flow_strategy", sa.Text(), server_default="CHARGE", nullable=False),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_channel_channel_currency")),
        sa.CheckConstraint("default_country ~ '^[A-Z]{2}$'", name=op.f("ck_channel_channel_default_country")),
        sa.CheckConstraint(
            "transaction_flow_strategy IN ('CHARGE', 'AUTHORIZATION')",
            name=op.f("ck_channel_channel_transaction_flow_strategy"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_channel")),
        sa.UniqueConstraint("slug", name=op.f("uq_channel_channel_slug")),
    )
    op.create_table(
        "content_menu",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_menu")),
        sa.UniqueConstraint("slug", name=op.f("uq_content_menu_slug")),
    )
    op.create_table(
        "content_page_type",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_page_type")),
        sa.UniqueConstraint("slug", name=op.f("uq_content_page_type_slug")),
    )
    op.create_table(
        "mail_message",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_message")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_mail_message_dedupe_key")),
    )
    op.create_index("ix_mail_message_created_at", "mail_message", ["created_at"], unique=False)
    op.create_table(
        "media_asset",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("mime_type", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("ck_media_asset_size")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_asset")),
        sa.UniqueConstraint("path", name=op.f("uq_media_asset_path")),
    )
    op.create_table(
        "payment_alert",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("purchase_key", sa.UUID(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_alert")),
        sa.UniqueConstraint("kind", "reference", name=op.f("uq_payment_alert_kind_reference")),
    )
    op.create_table(
        "payment_provider_secret",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_payment_provider_secret")),
    )
    op.create_table(
        "payment_transaction",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("purchase_key", sa.UUID(), nullable=False),
        sa.Column("gateway_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="OPEN", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("psp_reference", sa.Text(), nullable=True),
        sa.Column("session_id", sa.Text(), nullable=True),
        sa.Column("payment_intent_id", sa.Text(), nullable=True),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("requested_amount", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("authorized_amount", sa.Numeric(precision=14, scale=3), server_default="0", nullable=False),
        sa.Column("charged_amount", sa.Numeric(precision=14, scale=3), server_default="0", nullable=False),
        sa.Column("refunded_amount", sa.Numeric(precision=14, scale=3), server_default="0", nullable=False),
        sa.Column("cancelled_amount", sa.Numeric(precision=14, scale=3), server_default="0", nullable=False),
        sa.Column("authorize_pending_amount", sa.Numeric(precision=14, scale=3), server_default="0", nullable=False),
        sa.Column("charge_pending_amount", sa.Numeric(precision=14, scale=3), server_default="0", nullable=False),
        sa.Column("refund_pending_amount", sa.Numeric(precision=14, scale=3), server_default="0", nullable=False),
        sa.Column("cancel_pending_amount", sa.Numeric(precision=14, scale=3), server_default="0", nullable=False),
        sa.Column(
            "request", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "next_check_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now() + interval '30 seconds'"),
            nullable=False,
        ),
        sa.Column("checks", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("flow IN ('CHARGE', 'AUTHORIZATION')", name=op.f("ck_payment_transaction_flow")),
        sa.CheckConstraint("kind IN ('CHECKOUT_SESSION', 'PAYMENT_INTENT')", name=op.f("ck_payment_transaction_kind")),
        sa.CheckConstraint(
            "status IN ('OPEN', 'SUCCEEDED', 'FAILED', 'CANCELLED')", name=op.f("ck_payment_transaction_status")
        ),
        sa.CheckConstraint(
            "authorize_pending_amount >= 0", name=op.f("ck_payment_transaction_authorize_pending_amount_not_negative")
        ),
        sa.CheckConstraint(
            "authorized_amount >= 0", name=op.f("ck_payment_transaction_authorized_amount_not_negative")
        ),
        sa.CheckConstraint(
            "cancel_pending_amount >= 0", name=op.f("ck_payment_transaction_cancel_pending_amount_not_negative")
        ),
        sa.CheckConstraint("cancelled_amount >= 0", name=op.f("ck_payment_transaction_cancelled_amount_not_negative")),
        sa.CheckConstraint(
            "charge_pending_amount >= 0", name=op.f("ck_payment_transaction_charge_pending_amount_not_negative")
        ),
        sa.CheckConstraint("charged_amount >= 0", name=op.f("ck_payment_transaction_charged_amount_not_negative")),
        sa.CheckConstraint(
            "refund_pending_amount >= 0", name=op.f("ck_payment_transaction_refund_pending_amount_not_negative")
        ),
        sa.CheckConstraint("refunded_amount >= 0", name=op.f("ck_payment_transaction_refunded_amount_not_negative")),
        sa.CheckConstraint("requested_amount >= 0", name=op.f("ck_payment_transaction_requested_amount_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_transaction")),
        sa.UniqueConstraint("payment_intent_id", name=op.f("uq_payment_transaction_payment_intent_id")),
        sa.UniqueConstraint("psp_reference", name=op.f("uq_payment_transaction_psp_reference")),
        sa.UniqueConstraint("session_id", name=op.f("uq_payment_transaction_session_id")),
    )
    op.create_index("ix_payment_transaction_created_at", "payment_transaction", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_payment_transaction_due",
        "payment_transaction",
        ["next_check_at"],
        unique=False,
        postgresql_where=sa.text("status = 'OPEN'"),
    )
    op.create_index(
        "ix_payment_transaction_purchase_key", "payment_transaction", ["purchase_key", "created_at"], unique=False
    )
    op.create_index(
        "uq_payment_transaction_one_open",
        "payment_transaction",
        ["purchase_key"],
        unique=True,
        postgresql_where=sa.text("status = 'OPEN'"),
    )
    op.create_table(
        "payment_webhook_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_webhook_event")),
        sa.UniqueConstraint("source", "event_id", name=op.f("uq_payment_webhook_event_source_event_id")),
    )
    op.create_index(
        "ix_payment_webhook_event_unhandled",
        "payment_webhook_event",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("handled_at IS NULL"),
    )
    op.create_table(
        "shipping_zone",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("countries", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipping_zone")),
        sa.UniqueConstraint("name", name=op.f("uq_shipping_zone_name")),
    )
    op.create_index("ix_shipping_zone_countries", "shipping_zone", ["countries"], unique=False, postgresql_using="gin")
    op.create_table(
        "site_settings",
        sa.Column("id", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("name", sa.Text(), server_default="Shop", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("header_text", sa.Text(), server_default="", nullable=False),
        sa.Column("contact_email", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_site_settings_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_settings")),
    )
    op.create_table(
        "tax_class",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_class")),
        sa.UniqueConstraint("name", name=op.f("uq_tax_class_name")),
    )
    op.create_table(
        "account_address",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("first_name", sa.Text(), server_default="", nullable=False),
        sa.Column("last_name", sa.Text(), server_default="", nullable=False),
        sa.Column("company_name", sa.Text(), server_default="", nullable=False),
        sa.Column("street_address_1", sa.Text(), server_default="", nullable=False),
        sa.Column("street_address_2", sa.Text(), server_default="", nullable=False),
        sa.Column("city", sa.Text(), server_default="", nullable=False),
        sa.Column("city_area", sa.Text(), server_default="", nullable=False),
        sa.Column("postal_code", sa.Text(), server_default="", nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("country_area", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("ck_account_address_country")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["account_user.id"], name=op.f("fk_account_address_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_address")),
    )
    op.create_index(op.f("ix_account_address_user_id"), "account_address", ["user_id"], unique=False)
    op.create_table(
        "account_refresh_token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("family", sa.UUID(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["account_user.id"], name=op.f("fk_account_refresh_token_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_refresh_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_account_refresh_token_token_hash")),
    )
    op.create_index("ix_account_refresh_token_expires_at", "account_refresh_token", ["expires_at"], unique=False)
    op.create_index(op.f("ix_account_refresh_token_user_id"), "account_refresh_token", ["user_id"], unique=False)
    op.create_table(
        "account_user_permission",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["account_user.id"], name=op.f("fk_account_user_permission_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "code", name=op.f("pk_account_user_permission")),
    )
    op.create_table(
        "catalogue_category",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("description", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("path", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("sort_order", sa.Integer(), server_default="0", nullable=False),
        sa.Column("background_image_id", sa.Integer(), nullable=True),
        sa.Column("background_image_alt", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("seo_title", sa.Text(), nullable=True),
        sa.Column("seo_description", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("path[cardinality(path)] = id", name=op.f("ck_catalogue_category_path_ends_in_itself")),
        sa.ForeignKeyConstraint(
            ["background_image_id"],
            ["media_asset.id"],
            name=op.f("fk_catalogue_category_background_image_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["catalogue_category.id"], name=op.f("fk_catalogue_category_parent_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_category")),
        sa.UniqueConstraint("slug", name=op.f("uq_catalogue_category_slug")),
    )
    op.create_index(op.f("ix_catalogue_category_parent_id"), "catalogue_category", ["parent_id"], unique=False)
    op.create_index("ix_catalogue_category_path", "catalogue_category", ["path"], unique=False, postgresql_using="gin")
    op.create_table(
        "catalogue_collection",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("description", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("background_image_id", sa.Integer(), nullable=True),
        sa.Column("background_image_alt", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("seo_title", sa.Text(), nullable=True),
        sa.Column("seo_description", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["background_image_id"],
            ["media_asset.id"],
            name=op.f("fk_catalogue_collection_background_image_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_collection")),
        sa.UniqueConstraint("slug", name=op.f("uq_catalogue_collection_slug")),
    )
    op.create_table(
        "catalogue_product_type",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="NORMAL", nullable=False),
        sa.Column("has_variants", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("is_shipping_required", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("is_digital", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("tax_class_id", sa.Integer(), nullable=True),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.CheckConstraint("kind IN ('NORMAL', 'GIFT_CARD')", name=op.f("ck_catalogue_product_type_kind")),
        sa.ForeignKeyConstraint(
            ["tax_class_id"], ["tax_class.id"], name=op.f("fk_catalogue_product_type_tax_class_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_product_type")),
        sa.UniqueConstraint("slug", name=op.f("uq_catalogue_product_type_slug")),
    )
    op.create_table(
        "content_page",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("page_type_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("seo_title", sa.Text(), nullable=True),
        sa.Column("seo_description", sa.Text(), nullable=True),
        sa.Column("is_published", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["page_type_id"], ["content_page_type.id"], name=op.f("fk_content_page_page_type_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_page")),
        sa.UniqueConstraint("slug", name=op.f("uq_content_page_slug")),
    )
    op.create_index(op.f("ix_content_page_page_type_id"), "content_page", ["page_type_id"], unique=False)
    op.create_table(
        "payment_provider_call",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("transaction_id", sa.UUID(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="PENDING", nullable=False),
        sa.Column("psp_reference", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("key_serial", sa.Integer(), server_default="1", nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "action IN ('CREATE', 'CAPTURE', 'REFUND', 'CANCEL')", name=op.f("ck_payment_provider_call_action")
        ),
        sa.CheckConstraint("state IN ('PENDING', 'DONE', 'FAILED')", name=op.f("ck_payment_provider_call_state")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_provider_call_amount_positive")),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["payment_transaction.id"], name=op.f("fk_payment_provider_call_transaction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_provider_call")),
        sa.UniqueConstraint(
            "transaction_id", "action", "reason", name=op.f("uq_payment_provider_call_transaction_id_action_reason")
        ),
    )
    op.create_index(
        "ix_payment_provider_call_pending",
        "payment_provider_call",
        ["next_try_at"],
        unique=False,
        postgresql_where=sa.text("state = 'PENDING'"),
    )
    op.create_index(
        op.f("ix_payment_provider_call_transaction_id"), "payment_provider_call", ["transaction_id"], unique=False
    )
    op.create_table(
        "payment_transaction_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("transaction_id", sa.UUID(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("psp_reference", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), server_default="", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("external_url", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "type IN ('AUTHORIZATION_SUCCESS', 'AUTHORIZATION_FAILURE', 'AUTHORIZATION_ADJUSTMENT', 'AUTHORIZATION_REQUEST', 'AUTHORIZATION_ACTION_REQUIRED', 'CANCEL_SUCCESS', 'CANCEL_FAILURE', 'CANCEL_REQUEST', 'CHARGE_SUCCESS', 'CHARGE_FAILURE', 'CHARGE_BACK', 'CHARGE_ACTION_REQUIRED', 'CHARGE_REQUEST', 'REFUND_SUCCESS', 'REFUND_FAILURE', 'REFUND_REVERSE', 'REFUND_REQUEST', 'INFO')",
            name=op.f("ck_payment_transaction_event_type"),
        ),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_payment_transaction_event_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["payment_transaction.id"], name=op.f("fk_payment_transaction_event_transaction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_transaction_event")),
        sa.UniqueConstraint(
            "transaction_id",
            "type",
            "psp_reference",
            "dedupe_key",
            name=op.f("uq_payment_transaction_event_transaction_id_type_psp_reference_dedupe_key"),
        ),
    )
    op.create_index(
        op.f("ix_payment_transaction_event_transaction_id"),
        "payment_transaction_event",
        ["transaction_id"],
        unique=False,
    )
    op.create_table(
        "shipping_method",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("zone_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("type", sa.Text(), server_default="PRICE", nullable=False),
        sa.Column("minimum_weight_kg", sa.Numeric(precision=10, scale=4), nullable=True),
        sa.Column("maximum_weight_kg", sa.Numeric(precision=10, scale=4), nullable=True),
        sa.Column("minimum_delivery_days", sa.Integer(), nullable=True),
        sa.Column("maximum_delivery_days", sa.Integer(), nullable=True),
        sa.Column("sort_order", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tax_class_id", sa.Integer(), nullable=True),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.CheckConstraint("type IN ('PRICE', 'WEIGHT')", name=op.f("ck_shipping_method_type")),
        sa.CheckConstraint(
            "minimum_delivery_days <= maximum_delivery_days", name=op.f("ck_shipping_method_delivery_days")
        ),
        sa.ForeignKeyConstraint(
            ["tax_class_id"], ["tax_class.id"], name=op.f("fk_shipping_method_tax_class_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["zone_id"], ["shipping_zone.id"], name=op.f("fk_shipping_method_zone_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipping_method")),
        sa.UniqueConstraint("zone_id", "name", name=op.f("uq_shipping_method_zone_id_name")),
    )
    op.create_table(
        "shipping_zone_channel",
        sa.Column("zone_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel_channel.id"], name=op.f("fk_shipping_zone_channel_channel_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["zone_id"], ["shipping_zone.id"], name=op.f("fk_shipping_zone_channel_zone_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("zone_id", "channel_id", name=op.f("pk_shipping_zone_channel")),
    )
    op.create_index(op.f("ix_shipping_zone_channel_channel_id"), "shipping_zone_channel", ["channel_id"], unique=False)
    op.create_table(
        "tax_configuration",
        sa.Column("channel_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("charge_taxes", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("prices_entered_with_tax", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("display_gross_prices", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel_channel.id"], name=op.f("fk_tax_configuration_channel_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_tax_configuration")),
    )
    op.create_table(
        "tax_rate",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("tax_class_id", sa.Integer(), nullable=True),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=6, scale=3), nullable=False),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("ck_tax_rate_country")),
        sa.CheckConstraint("rate >= 0 AND rate <= 100", name=op.f("ck_tax_rate_rate")),
        sa.ForeignKeyConstraint(
            ["tax_class_id"], ["tax_class.id"], name=op.f("fk_tax_rate_tax_class_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_rate")),
    )
    op.create_index(
        "uq_tax_rate_class_country",
        "tax_rate",
        ["tax_class_id", "country"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "catalogue_collection_listing",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("is_published", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel_channel.id"],
            name=op.f("fk_catalogue_collection_listing_channel_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["catalogue_collection.id"],
            name=op.f("fk_catalogue_collection_listing_collection_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_collection_listing")),
        sa.UniqueConstraint(
            "collection_id", "channel_id", name=op.f("uq_catalogue_collection_listing_collection_id_channel_id")
        ),
    )
    op.create_index(
        op.f("ix_catalogue_collection_listing_channel_id"), "catalogue_collection_listing", ["channel_id"], unique=False
    )
    op.create_table(
        "catalogue_product",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("product_type_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("description", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("description_text", sa.Text(), server_default="", nullable=False),
        sa.Column("tax_class_id", sa.Integer(), nullable=True),
        sa.Column("default_variant_id", sa.Integer(), nullable=True),
        sa.Column("weight_kg", sa.Numeric(precision=10, scale=4), nullable=True),
        sa.Column("rating", sa.Float(), nullable=True),
        sa.Column(
            "search_document",
            postgresql.TSVECTOR(),
            sa.Computed(
                "setweight(to_tsvector('english', name), 'A') || setweight(to_tsvector('english', description_text), 'C')",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("seo_title", sa.Text(), nullable=True),
        sa.Column("seo_description", sa.Text(), nullable=True),
        sa.Column("external_reference", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("weight_kg >= 0", name=op.f("ck_catalogue_product_weight_not_negative")),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["catalogue_category.id"],
            name=op.f("fk_catalogue_product_category_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["product_type_id"], ["catalogue_product_type.id"], name=op.f("fk_catalogue_product_product_type_id")
        ),
        sa.ForeignKeyConstraint(
            ["tax_class_id"], ["tax_class.id"], name=op.f("fk_catalogue_product_tax_class_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_product")),
        sa.UniqueConstraint("external_reference", name=op.f("uq_catalogue_product_external_reference")),
        sa.UniqueConstraint("slug", name=op.f("uq_catalogue_product_slug")),
    )
    op.create_index(op.f("ix_catalogue_product_category_id"), "catalogue_product", ["category_id"], unique=False)
    op.create_index("ix_catalogue_product_created_at_id", "catalogue_product", ["created_at", "id"], unique=False)
    op.create_index("ix_catalogue_product_name_id", "catalogue_product", ["name", "id"], unique=False)
    op.create_index(
        op.f("ix_catalogue_product_product_type_id"), "catalogue_product", ["product_type_id"], unique=False
    )
    op.create_index(
        "ix_catalogue_product_search", "catalogue_product", ["search_document"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "checkout_checkout",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("language_code", sa.Text(), server_default="EN", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("redirect_url", sa.Text(), nullable=True),
        sa.Column("billing_address_id", sa.Integer(), nullable=True),
        sa.Column("shipping_address_id", sa.Integer(), nullable=True),
        sa.Column("save_billing_address", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("save_shipping_address", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("delivery_id", sa.UUID(), nullable=True),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("ck_checkout_checkout_country")),
        sa.ForeignKeyConstraint(
            ["billing_address_id"], ["account_address.id"], name=op.f("fk_checkout_checkout_billing_address_id")
        ),
        sa.ForeignKeyConstraint(["channel_id"], ["channel_channel.id"], name=op.f("fk_checkout_checkout_channel_id")),
        sa.ForeignKeyConstraint(
            ["shipping_address_id"], ["account_address.id"], name=op.f("fk_checkout_checkout_shipping_address_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["account_user.id"], name=op.f("fk_checkout_checkout_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkout_checkout")),
    )
    op.create_index("ix_checkout_checkout_updated_at", "checkout_checkout", ["updated_at"], unique=False)
    op.create_index("ix_checkout_checkout_user_id", "checkout_checkout", ["user_id"], unique=False)
    op.create_table(
        "content_menu_item",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("menu_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("sort_order", sa.Integer(), server_default="0", nullable=False),
        sa.Column("level", sa.Integer(), server_default="0", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("collection_id", sa.Integer(), nullable=True),
        sa.Column("page_id", sa.Integer(), nullable=True),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "num_nonnulls(url, category_id, collection_id, page_id) <= 1", name=op.f("ck_content_menu_item_one_target")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["catalogue_category.id"],
            name=op.f("fk_content_menu_item_category_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["catalogue_collection.id"],
            name=op.f("fk_content_menu_item_collection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["menu_id"], ["content_menu.id"], name=op.f("fk_content_menu_item_menu_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["page_id"], ["content_page.id"], name=op.f("fk_content_menu_item_page_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["content_menu_item.id"], name=op.f("fk_content_menu_item_parent_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_menu_item")),
    )
    op.create_index(
        "ix_content_menu_item_menu_sort", "content_menu_item", ["menu_id", "parent_id", "sort_order"], unique=False
    )
    op.create_index(op.f("ix_content_menu_item_parent_id"), "content_menu_item", ["parent_id"], unique=False)
    op.create_table(
        "order_order",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("number", sa.Integer(), sa.Identity(always=False, start=1001), nullable=False),
        sa.Column("checkout_id", sa.UUID(), nullable=True),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="UNFULFILLED", nullable=False),
        sa.Column("origin", sa.Text(), server_default="CHECKOUT", nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("language_code", sa.Text(), server_default="EN", nullable=False),
        sa.Column("customer_note", sa.Text(), server_default="", nullable=False),
        sa.Column("redirect_url", sa.Text(), nullable=True),
        sa.Column("display_gross_prices", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("billing_address_id", sa.Integer(), nullable=True),
        sa.Column("shipping_address_id", sa.Integer(), nullable=True),
        sa.Column("shipping_method_id", sa.Integer(), nullable=True),
        sa.Column("shipping_method_name", sa.Text(), nullable=True),
        sa.Column("shipping_net_amount", sa.Numeric(precision=14, scale=3), server_default="0", nullable=False),
        sa.Column("shipping_gross_amount", sa.Numeric(precision=14, scale=3), server_default="0", nullable=False),
        sa.Column("shipping_tax_rate", sa.Numeric(precision=6, scale=5), server_default="0", nullable=False),
        sa.Column("subtotal_net_amount", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("subtotal_gross_amount", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("total_net_amount", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("total_gross_amount", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("total_charged_amount", sa.Numeric(precision=14, scale=3), server_default="0", nullable=False),
        sa.Column("total_authorized_amount", sa.Numeric(precision=14, scale=3), server_default="0", nullable=False),
        sa.Column("charge_status", sa.Text(), server_default="NONE", nullable=False),
        sa.Column("authorize_status", sa.Text(), server_default="NONE", nullable=False),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("external_reference", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "authorize_status IN ('NONE', 'PARTIAL', 'FULL')", name=op.f("ck_order_order_authorize_status")
        ),
        sa.CheckConstraint(
            "charge_status IN ('NONE', 'PARTIAL', 'FULL', 'OVERCHARGED')", name=op.f("ck_order_order_charge_status")
        ),
        sa.CheckConstraint(
            "origin IN ('CHECKOUT', 'DRAFT', 'REISSUE', 'BULK_CREATE')", name=op.f("ck_order_order_origin")
        ),
        sa.CheckConstraint(
            "status IN ('DRAFT', 'UNCONFIRMED', 'UNFULFILLED', 'PARTIALLY_FULFILLED', 'FULFILLED', 'PARTIALLY_RETURNED', 'RETURNED', 'CANCELED', 'EXPIRED')",
            name=op.f("ck_order_order_status"),
        ),
        sa.CheckConstraint(
            "total_gross_amount = subtotal_gross_amount + shipping_gross_amount",
            name=op.f("ck_order_order_gross_adds_up"),
        ),
        sa.CheckConstraint("total_gross_amount >= total_net_amount", name=op.f("ck_order_order_tax_not_negative")),
        sa.CheckConstraint(
            "total_net_amount = subtotal_net_amount + shipping_net_amount", name=op.f("ck_order_order_net_adds_up")
        ),
        sa.CheckConstraint("total_net_amount >= 0", name=op.f("ck_order_order_total_net_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["billing_address_id"], ["account_address.id"], name=op.f("fk_order_order_billing_address_id")
        ),
        sa.ForeignKeyConstraint(["channel_id"], ["channel_channel.id"], name=op.f("fk_order_order_channel_id")),
        sa.ForeignKeyConstraint(
            ["shipping_address_id"], ["account_address.id"], name=op.f("fk_order_order_shipping_address_id")
        ),
        sa.ForeignKeyConstraint(
            ["shipping_method_id"],
            ["shipping_method.id"],
            name=op.f("fk_order_order_shipping_method_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["account_user.id"], name=op.f("fk_order_order_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_order")),
        sa.UniqueConstraint("checkout_id", name=op.f("uq_order_order_checkout_id")),
        sa.UniqueConstraint("external_reference", name=op.f("uq_order_order_external_reference")),
        sa.UniqueConstraint("number", name=op.f("uq_order_order_number")),
    )
    op.create_index(op.f("ix_order_order_channel_id"), "order_order", ["channel_id"], unique=False)
    op.create_index("ix_order_order_created_at", "order_order", ["created_at", "id"], unique=False)
    op.create_index("ix_order_order_email", "order_order", ["email"], unique=False)
    op.create_index("ix_order_order_user_created", "order_order", ["user_id", "created_at"], unique=False)
    op.create_table(
        "shipping_method_listing",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("method_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("price_amount", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("minimum_order_amount", sa.Numeric(precision=14, scale=3), nullable=True),
        sa.Column("maximum_order_amount", sa.Numeric(precision=14, scale=3), nullable=True),
        sa.CheckConstraint("price_amount >= 0", name=op.f("ck_shipping_method_listing_price_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel_channel.id"],
            name=op.f("fk_shipping_method_listing_channel_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["method_id"], ["shipping_method.id"], name=op.f("fk_shipping_method_listing_method_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipping_method_listing")),
        sa.UniqueConstraint("method_id", "channel_id", name=op.f("uq_shipping_method_listing_method_id_channel_id")),
    )
    op.create_index(
        op.f("ix_shipping_method_listing_channel_id"), "shipping_method_listing", ["channel_id"], unique=False
    )
    op.create_table(
        "stock_warehouse",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=True),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("external_reference", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["address_id"], ["account_address.id"], name=op.f("fk_stock_warehouse_address_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_warehouse")),
        sa.UniqueConstraint("external_reference", name=op.f("uq_stock_warehouse_external_reference")),
        sa.UniqueConstraint("slug", name=op.f("uq_stock_warehouse_slug")),
    )
    op.create_table(
        "catalogue_collection_product",
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("sort_order", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["catalogue_collection.id"],
            name=op.f("fk_catalogue_collection_product_collection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["catalogue_product.id"],
            name=op.f("fk_catalogue_collection_product_product_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("collection_id", "product_id", name=op.f("pk_catalogue_collection_product")),
    )
    op.create_index(
        op.f("ix_catalogue_collection_product_product_id"), "catalogue_collection_product", ["product_id"], unique=False
    )
    op.create_index(
        "ix_catalogue_collection_product_sort",
        "catalogue_collection_product",
        ["collection_id", "sort_order", "product_id"],
        unique=False,
    )
    op.create_table(
        "catalogue_product_media",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), server_default="IMAGE", nullable=False),
        sa.Column("asset_id", sa.Integer(), nullable=True),
        sa.Column("external_url", sa.Text(), nullable=True),
        sa.Column("oembed_data", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("alt", sa.Text(), server_default="", nullable=False),
        sa.Column("sort_order", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(type = 'IMAGE') = (asset_id IS NOT NULL)", name=op.f("ck_catalogue_product_media_image_has_asset")
        ),
        sa.CheckConstraint(
            "(type = 'VIDEO') = (external_url IS NOT NULL)", name=op.f("ck_catalogue_product_media_video_has_url")
        ),
        sa.CheckConstraint("type IN ('IMAGE', 'VIDEO')", name=op.f("ck_catalogue_product_media_type")),
        sa.ForeignKeyConstraint(["asset_id"], ["media_asset.id"], name=op.f("fk_catalogue_product_media_asset_id")),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["catalogue_product.id"],
            name=op.f("fk_catalogue_product_media_product_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_product_media")),
    )
    op.create_index(
        "ix_catalogue_product_media_product_sort",
        "catalogue_product_media",
        ["product_id", "sort_order", "id"],
        unique=False,
    )
    op.create_table(
        "catalogue_variant",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("sort_order", sa.Integer(), server_default="0", nullable=False),
        sa.Column("track_inventory", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("quantity_limit_per_customer", sa.Integer(), nullable=True),
        sa.Column("weight_kg", sa.Numeric(precision=10, scale=4), nullable=True),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("external_reference", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("quantity_limit_per_customer > 0", name=op.f("ck_catalogue_variant_limit_positive")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["catalogue_product.id"], name=op.f("fk_catalogue_variant_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_variant")),
        sa.UniqueConstraint("external_reference", name=op.f("uq_catalogue_variant_external_reference")),
        sa.UniqueConstraint("sku", name=op.f("uq_catalogue_variant_sku")),
    )
    op.create_index(
        "ix_catalogue_variant_product_sort", "catalogue_variant", ["product_id", "sort_order", "id"], unique=False
    )
    op.create_table(
        "checkout_delivery",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("checkout_id", sa.UUID(), nullable=False),
        sa.Column("method_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("price_amount", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("is_valid", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("price_amount >= 0", name=op.f("ck_checkout_delivery_price_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["checkout_id"], ["checkout_checkout.id"], name=op.f("fk_checkout_delivery_checkout_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["method_id"], ["shipping_method.id"], name=op.f("fk_checkout_delivery_method_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkout_delivery")),
        sa.UniqueConstraint("checkout_id", "method_id", name=op.f("uq_checkout_delivery_checkout_id_method_id")),
    )
    op.create_index(op.f("ix_checkout_delivery_method_id"), "checkout_delivery", ["method_id"], unique=False)
    op.create_table(
        "order_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column(
            "parameters", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order_order.id"], name=op.f("fk_order_event_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["account_user.id"], name=op.f("fk_order_event_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_event")),
    )
    op.create_index(op.f("ix_order_event_order_id"), "order_event", ["order_id"], unique=False)
    op.create_table(
        "pricing_product_listing",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("is_published", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("visible_in_listings", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("available_for_purchase_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("minimum_price_amount", sa.Numeric(precision=14, scale=3), nullable=True),
        sa.Column("maximum_price_amount", sa.Numeric(precision=14, scale=3), nullable=True),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel_channel.id"],
            name=op.f("fk_pricing_product_listing_channel_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["catalogue_product.id"],
            name=op.f("fk_pricing_product_listing_product_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pricing_product_listing")),
        sa.UniqueConstraint("product_id", "channel_id", name=op.f("uq_pricing_product_listing_product_id_channel_id")),
    )
    op.create_index(
        "ix_pricing_product_listing_price",
        "pricing_product_listing",
        ["channel_id", "minimum_price_amount", "product_id"],
        unique=False,
    )
    op.create_table(
        "stock_warehouse_channel",
        sa.Column("warehouse_id", sa.UUID(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("sort_order", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel_channel.id"],
            name=op.f("fk_stock_warehouse_channel_channel_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["warehouse_id"],
            ["stock_warehouse.id"],
            name=op.f("fk_stock_warehouse_channel_warehouse_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("warehouse_id", "channel_id", name=op.f("pk_stock_warehouse_channel")),
    )
    op.create_index(
        op.f("ix_stock_warehouse_channel_channel_id"), "stock_warehouse_channel", ["channel_id"], unique=False
    )
    op.create_table(
        "stock_warehouse_zone",
        sa.Column("warehouse_id", sa.UUID(), nullable=False),
        sa.Column("zone_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["warehouse_id"],
            ["stock_warehouse.id"],
            name=op.f("fk_stock_warehouse_zone_warehouse_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["zone_id"], ["shipping_zone.id"], name=op.f("fk_stock_warehouse_zone_zone_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("warehouse_id", "zone_id", name=op.f("pk_stock_warehouse_zone")),
    )
    op.create_index(op.f("ix_stock_warehouse_zone_zone_id"), "stock_warehouse_zone", ["zone_id"], unique=False)
    op.create_table(
        "catalogue_variant_media",
        sa.Column("variant_id", sa.Integer(), nullable=False),
        sa.Column("media_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["media_id"],
            ["catalogue_product_media.id"],
            name=op.f("fk_catalogue_variant_media_media_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["catalogue_variant.id"],
            name=op.f("fk_catalogue_variant_media_variant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("variant_id", "media_id", name=op.f("pk_catalogue_variant_media")),
    )
    op.create_index(op.f("ix_catalogue_variant_media_media_id"), "catalogue_variant_media", ["media_id"], unique=False)
    op.create_table(
        "checkout_line",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("checkout_id", sa.UUID(), nullable=False),
        sa.Column("variant_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("separate", sa.Boolean(), server_default="false", nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_checkout_line_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["checkout_id"], ["checkout_checkout.id"], name=op.f("fk_checkout_line_checkout_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["catalogue_variant.id"], name=op.f("fk_checkout_line_variant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkout_line")),
    )
    op.create_index("ix_checkout_line_checkout", "checkout_line", ["checkout_id", "created_at", "id"], unique=False)
    op.create_index(op.f("ix_checkout_line_variant_id"), "checkout_line", ["variant_id"], unique=False)
    op.create_index(
        "uq_checkout_line_variant",
        "checkout_line",
        ["checkout_id", "variant_id"],
        unique=True,
        postgresql_where="NOT separate",
    )
    op.create_table(
        "order_line",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("sort_order", sa.Integer(), server_default="0", nullable=False),
        sa.Column("variant_id", sa.Integer(), nullable=True),
        sa.Column("product_name", sa.Text(), nullable=False),
        sa.Column("variant_name", sa.Text(), nullable=False),
        sa.Column("product_sku", sa.Text(), nullable=True),
        sa.Column("thumbnail_asset_id", sa.Integer(), nullable=True),
        sa.Column("thumbnail_alt", sa.Text(), server_default="", nullable=False),
        sa.Column("is_shipping_required", sa.Boolean(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("quantity_fulfilled", sa.Integer(), server_default="0", nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("unit_price_net_amount", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("unit_price_gross_amount", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("undiscounted_unit_price_net_amount", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("undiscounted_unit_price_gross_amount", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("total_net_amount", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("total_gross_amount", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("tax_rate", sa.Numeric(precision=6, scale=5), server_default="0", nullable=False),
        sa.Column("tax_class_name", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "metadata", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "private_metadata",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "0 <= quantity_fulfilled AND quantity_fulfilled <= quantity",
            name=op.f("ck_order_line_fulfilled_within_quantity"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_line_quantity_positive")),
        sa.CheckConstraint("total_gross_amount >= total_net_amount", name=op.f("ck_order_line_tax_not_negative")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order_order.id"], name=op.f("fk_order_line_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["thumbnail_asset_id"],
            ["media_asset.id"],
            name=op.f("fk_order_line_thumbnail_asset_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["catalogue_variant.id"], name=op.f("fk_order_line_variant_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
    )
    op.create_index("ix_order_line_order_sort", "order_line", ["order_id", "sort_order", "id"], unique=False)
    op.create_index("ix_order_line_variant_id", "order_line", ["variant_id"], unique=False)
    op.create_table(
        "pricing_variant_listing",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("variant_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("price_amount", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("prior_price_amount", sa.Numeric(precision=14, scale=3), nullable=True),
        sa.Column("cost_price_amount", sa.Numeric(precision=14, scale=3), nullable=True),
        sa.CheckConstraint("price_amount >= 0", name=op.f("ck_pricing_variant_listing_price_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel_channel.id"],
            name=op.f("fk_pricing_variant_listing_channel_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["catalogue_variant.id"],
            name=op.f("fk_pricing_variant_listing_variant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pricing_variant_listing")),
        sa.UniqueConstraint("variant_id", "channel_id", name=op.f("uq_pricing_variant_listing_variant_id_channel_id")),
    )
    op.create_index(
        op.f("ix_pricing_variant_listing_channel_id"), "pricing_variant_listing", ["channel_id"], unique=False
    )
    op.create_table(
        "stock_stock",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("warehouse_id", sa.UUID(), nullable=False),
        sa.Column("variant_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), server_default="0", nullable=False),
        sa.Column("quantity_allocated", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "0 <= quantity_allocated AND quantity_allocated <= quantity",
            name=op.f("ck_stock_stock_allocated_within_quantity"),
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["catalogue_variant.id"], name=op.f("fk_stock_stock_variant_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["warehouse_id"], ["stock_warehouse.id"], name=op.f("fk_stock_stock_warehouse_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_stock")),
        sa.UniqueConstraint("variant_id", "warehouse_id", name=op.f("uq_stock_stock_variant_id_warehouse_id")),
    )
    op.create_index(op.f("ix_stock_stock_warehouse_id"), "stock_stock", ["warehouse_id"], unique=False)
    op.create_table(
        "stock_allocation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("stock_id", sa.Integer(), nullable=False),
        sa.Column("order_line_id", sa.UUID(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_stock_allocation_quantity_positive")),
        sa.ForeignKeyConstraint(["stock_id"], ["stock_stock.id"], name=op.f("fk_stock_allocation_stock_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_allocation")),
        sa.UniqueConstraint("order_line_id", "stock_id", name=op.f("uq_stock_allocation_order_line_id_stock_id")),
    )
    op.create_index(op.f("ix_stock_allocation_stock_id"), "stock_allocation", ["stock_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_account_user_default_billing_address_id"),
        "account_user",
        "account_address",
        ["default_billing_address_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_foreign_key(
        op.f("fk_account_user_default_shipping_address_id"),
        "account_user",
        "account_address",
        ["default_shipping_address_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_foreign_key(
        op.f("fk_catalogue_product_default_variant_id"),
        "catalogue_product",
        "catalogue_variant",
        ["default_variant_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_foreign_key(
        op.f("fk_checkout_checkout_delivery_id"),
        "checkout_checkout",
        "checkout_delivery",
        ["delivery_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.execute("INSERT INTO site_settings (id) VALUES (1)")


def downgrade() -> None:
    op.drop_constraint(op.f("fk_account_user_default_billing_address_id"), "account_user", type_="foreignkey")
    op.drop_constraint(op.f("fk_account_user_default_shipping_address_id"), "account_user", type_="foreignkey")
    op.drop_constraint(op.f("fk_catalogue_product_default_variant_id"), "catalogue_product", type_="foreignkey")
    op.drop_constraint(op.f("fk_checkout_checkout_delivery_id"), "checkout_checkout", type_="foreignkey")
    op.drop_index(op.f("ix_stock_allocation_stock_id"), table_name="stock_allocation")
    op.drop_table("stock_allocation")
    op.drop_index(op.f("ix_stock_stock_warehouse_id"), table_name="stock_stock")
    op.drop_table("stock_stock")
    op.drop_index(op.f("ix_pricing_variant_listing_channel_id"), table_name="pricing_variant_listing")
    op.drop_table("pricing_variant_listing")
    op.drop_index("ix_order_line_variant_id", table_name="order_line")
    op.drop_index("ix_order_line_order_sort", table_name="order_line")
    op.drop_table("order_line")
    op.drop_index("uq_checkout_line_variant", table_name="checkout_line", postgresql_where="NOT separate")
    op.drop_index(op.f("ix_checkout_line_variant_id"), table_name="checkout_line")
    op.drop_index("ix_checkout_line_checkout", table_name="checkout_line")
    op.drop_table("checkout_line")
    op.drop_index(op.f("ix_catalogue_variant_media_media_id"), table_name="catalogue_variant_media")
    op.drop_table("catalogue_variant_media")
    op.drop_index(op.f("ix_stock_warehouse_zone_zone_id"), table_name="stock_warehouse_zone")
    op.drop_table("stock_warehouse_zone")
    op.drop_index(op.f("ix_stock_warehouse_channel_channel_id"), table_name="stock_warehouse_channel")
    op.drop_table("stock_warehouse_channel")
    op.drop_index("ix_pricing_product_listing_price", table_name="pricing_product_listing")
    op.drop_table("pricing_product_listing")
    op.drop_index(op.f("ix_order_event_order_id"), table_name="order_event")
    op.drop_table("order_event")
    op.drop_index(op.f("ix_checkout_delivery_method_id"), table_name="checkout_delivery")
    op.drop_table("checkout_delivery")
    op.drop_index("ix_catalogue_variant_product_sort", table_name="catalogue_variant")
    op.drop_table("catalogue_variant")
    op.drop_index("ix_catalogue_product_media_product_sort", table_name="catalogue_product_media")
    op.drop_table("catalogue_product_media")
    op.drop_index("ix_catalogue_collection_product_sort", table_name="catalogue_collection_product")
    op.drop_index(op.f("ix_catalogue_collection_product_product_id"), table_name="catalogue_collection_product")
    op.drop_table("catalogue_collection_product")
    op.drop_table("stock_warehouse")
    op.drop_index(op.f("ix_shipping_method_listing_channel_id"), table_name="shipping_method_listing")
    op.drop_table("shipping_method_listing")
    op.drop_index("ix_order_order_user_created", table_name="order_order")
    op.drop_index("ix_order_order_email", table_name="order_order")
    op.drop_index("ix_order_order_created_at", table_name="order_order")
    op.drop_index(op.f("ix_order_order_channel_id"), table_name="order_order")
    op.drop_table("order_order")
    op.drop_index(op.f("ix_content_menu_item_parent_id"), table_name="content_menu_item")
    op.drop_index("ix_content_menu_item_menu_sort", table_name="content_menu_item")
    op.drop_table("content_menu_item")
    op.drop_index("ix_checkout_checkout_user_id", table_name="checkout_checkout")
    op.drop_index("ix_checkout_checkout_updated_at", table_name="checkout_checkout")
    op.drop_table("checkout_checkout")
    op.drop_index("ix_catalogue_product_search", table_name="catalogue_product", postgresql_using="gin")
    op.drop_index(op.f("ix_catalogue_product_product_type_id"), table_name="catalogue_product")
    op.drop_index("ix_catalogue_product_name_id", table_name="catalogue_product")
    op.drop_index("ix_catalogue_product_created_at_id", table_name="catalogue_product")
    op.drop_index(op.f("ix_catalogue_product_category_id"), table_name="catalogue_product")
    op.drop_table("catalogue_product")
    op.drop_index(op.f("ix_catalogue_collection_listing_channel_id"), table_name="catalogue_collection_listing")
    op.drop_table("catalogue_collection_listing")
    op.drop_index("uq_tax_rate_class_country", table_name="tax_rate", postgresql_nulls_not_distinct=True)
    op.drop_table("tax_rate")
    op.drop_table("tax_configuration")
    op.drop_index(op.f("ix_shipping_zone_channel_channel_id"), table_name="shipping_zone_channel")
    op.drop_table("shipping_zone_channel")
    op.drop_table("shipping_method")
    op.drop_index(op.f("ix_payment_transaction_event_transaction_id"), table_name="payment_transaction_event")
    op.drop_table("payment_transaction_event")
    op.drop_index(op.f("ix_payment_provider_call_transaction_id"), table_name="payment_provider_call")
    op.drop_index(
        "ix_payment_provider_call_pending",
        table_name="payment_provider_call",
        postgresql_where=sa.text("state = 'PENDING'"),
    )
    op.drop_table("payment_provider_call")
    op.drop_index(op.f("ix_content_page_page_type_id"), table_name="content_page")
    op.drop_table("content_page")
    op.drop_table("catalogue_product_type")
    op.drop_table("catalogue_collection")
    op.drop_index("ix_catalogue_category_path", table_name="catalogue_category", postgresql_using="gin")
    op.drop_index(op.f("ix_catalogue_category_parent_id"), table_name="catalogue_category")
    op.drop_table("catalogue_category")
    op.drop_table("account_user_permission")
    op.drop_index(op.f("ix_account_refresh_token_user_id"), table_name="account_refresh_token")
    op.drop_index("ix_account_refresh_token_expires_at", table_name="account_refresh_token")
    op.drop_table("account_refresh_token")
    op.drop_index(op.f("ix_account_address_user_id"), table_name="account_address")
    op.drop_table("account_address")
    op.drop_table("tax_class")
    op.drop_table("site_settings")
    op.drop_index("ix_shipping_zone_countries", table_name="shipping_zone", postgresql_using="gin")
    op.drop_table("shipping_zone")
    op.drop_index(
        "ix_payment_webhook_event_unhandled",
        table_name="payment_webhook_event",
        postgresql_where=sa.text("handled_at IS NULL"),
    )
    op.drop_table("payment_webhook_event")
    op.drop_index(
        "uq_payment_transaction_one_open", table_name="payment_transaction", postgresql_where=sa.text("status = 'OPEN'")
    )
    op.drop_index("ix_payment_transaction_purchase_key", table_name="payment_transaction")
    op.drop_index(
        "ix_payment_transaction_due", table_name="payment_transaction", postgresql_where=sa.text("status = 'OPEN'")
    )
    op.drop_index("ix_payment_transaction_created_at", table_name="payment_transaction")
    op.drop_table("payment_transaction")
    op.drop_table("payment_provider_secret")
    op.drop_table("payment_alert")
    op.drop_table("media_asset")
    op.drop_index("ix_mail_message_created_at", table_name="mail_message")
    op.drop_table("mail_message")
    op.drop_table("content_page_type")
    op.drop_table("content_menu")
    op.drop_table("channel_channel")
    op.drop_table("account_user")
