"""Vouchers, promotions and what they took off orders.

Revision ID: 0012
Revises: 0011
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "discount_promotion",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("description", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_applied", sa.Boolean(), server_default="false", nullable=False),
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
        sa.CheckConstraint("type IN ('CATALOGUE', 'ORDER')", name=op.f("ck_discount_promotion_type")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_discount_promotion_ends_after_start")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_promotion")),
    )
    op.create_table(
        "discount_voucher",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), server_default="ENTIRE_ORDER", nullable=False),
        sa.Column("value_type", sa.Text(), server_default="FIXED", nullable=False),
        sa.Column("apply_once_per_order", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("apply_once_per_customer", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("single_use", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("only_for_staff", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("usage_limit", sa.Integer(), nullable=True),
        sa.Column("used", sa.Integer(), server_default="0", nullable=False),
        sa.Column("minimum_quantity", sa.Integer(), nullable=True),
        sa.Column("countries", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
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
        sa.CheckConstraint(
            "type IN ('ENTIRE_ORDER', 'SHIPPING', 'SPECIFIC_PRODUCT')", name=op.f("ck_discount_voucher_type")
        ),
        sa.CheckConstraint("value_type IN ('FIXED', 'PERCENTAGE')", name=op.f("ck_discount_voucher_value_type")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_discount_voucher_ends_after_start")),
        sa.CheckConstraint("minimum_quantity > 0", name=op.f("ck_discount_voucher_minimum_quantity_positive")),
        sa.CheckConstraint("usage_limit > 0", name=op.f("ck_discount_voucher_usage_limit_positive")),
        sa.CheckConstraint(
            "used >= 0 AND used <= coalesce(usage_limit, used)", name=op.f("ck_discount_voucher_used_within_limit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_voucher")),
    )
    op.create_table(
        "discount_promotion_rule",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("promotion_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("value_type", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("minimum_amount", sa.Numeric(precision=14, scale=3), nullable=True),
        sa.Column("maximum_amount", sa.Numeric(precision=14, scale=3), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("value_type = 'FIXED' OR value <= 100", name=op.f("ck_discount_promotion_rule_percentage")),
        sa.CheckConstraint("value_type IN ('FIXED', 'PERCENTAGE')", name=op.f("ck_discount_promotion_rule_value_type")),
        sa.CheckConstraint(
            "maximum_amount >= coalesce(minimum_amount, 0)", name=op.f("ck_discount_promotion_rule_maximum_amount")
        ),
        sa.CheckConstraint("minimum_amount >= 0", name=op.f("ck_discount_promotion_rule_minimum_amount_not_negative")),
        sa.CheckConstraint("value > 0", name=op.f("ck_discount_promotion_rule_value_positive")),
        sa.ForeignKeyConstraint(
            ["promotion_id"],
            ["discount_promotion.id"],
            name=op.f("fk_discount_promotion_rule_promotion_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_promotion_rule")),
    )
    op.create_index(
        "ix_discount_promotion_rule_promotion",
        "discount_promotion_rule",
        ["promotion_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "discount_voucher_code",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("voucher_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("used", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("code = btrim(code) AND code <> ''", name=op.f("ck_discount_voucher_code_code")),
        sa.CheckConstraint("used >= 0", name=op.f("ck_discount_voucher_code_used_not_negative")),
        sa.ForeignKeyConstraint(
            ["voucher_id"],
            ["discount_voucher.id"],
            name=op.f("fk_discount_voucher_code_voucher_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_voucher_code")),
    )
    op.create_index(
        "ix_discount_voucher_code_voucher", "discount_voucher_code", ["voucher_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "uq_discount_voucher_code_code", "discount_voucher_code", [sa.literal_column("lower(code)")], unique=True
    )
    op.create_table(
        "discount_voucher_listing",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("voucher_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("minimum_amount", sa.Numeric(precision=14, scale=3), nullable=True),
        sa.CheckConstraint("minimum_amount >= 0", name=op.f("ck_discount_voucher_listing_minimum_amount_not_negative")),
        sa.CheckConstraint("value > 0", name=op.f("ck_discount_voucher_listing_value_positive")),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel_channel.id"],
            name=op.f("fk_discount_voucher_listing_channel_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["voucher_id"],
            ["discount_voucher.id"],
            name=op.f("fk_discount_voucher_listing_voucher_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_voucher_listing")),
        sa.UniqueConstraint("voucher_id", "channel_id", name=op.f("uq_discount_voucher_listing_voucher_id_channel_id")),
    )
    op.create_index(
        op.f("ix_discount_voucher_listing_channel_id"), "discount_voucher_listing", ["channel_id"], unique=False
    )
    op.create_table(
        "discount_promotion_rule_channel",
        sa.Column("rule_id", sa.UUID(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel_channel.id"],
            name=op.f("fk_discount_promotion_rule_channel_channel_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"],
            ["discount_promotion_rule.id"],
            name=op.f("fk_discount_promotion_rule_channel_rule_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("rule_id", "channel_id", name=op.f("pk_discount_promotion_rule_channel")),
    )
    op.create_index(
        op.f("ix_discount_promotion_rule_channel_channel_id"),
        "discount_promotion_rule_channel",
        ["channel_id"],
        unique=False,
    )
    op.create_table(
        "discount_redemption",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("voucher_id", sa.Integer(), nullable=False),
        sa.Column("code_id", sa.UUID(), nullable=True),
        sa.Column("purchase_key", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("email_digest", sa.Text(), nullable=False),
        sa.Column("once_per_customer", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["code_id"], ["discount_voucher_code.id"], name=op.f("fk_discount_redemption_code_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["account_user.id"], name=op.f("fk_discount_redemption_user_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["voucher_id"], ["discount_voucher.id"], name=op.f("fk_discount_redemption_voucher_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_redemption")),
        sa.UniqueConstraint("purchase_key", name=op.f("uq_discount_redemption_purchase_key")),
    )
    op.create_index("ix_discount_redemption_code", "discount_redemption", ["code_id"], unique=False)
    op.create_index(
        "ix_discount_redemption_user",
        "discount_redemption",
        ["user_id"],
        unique=False,
        postgresql_where=sa.text("user_id IS NOT NULL"),
    )
    op.create_index(
        "ix_discount_redemption_voucher", "discount_redemption", ["voucher_id", "email_digest"], unique=False
    )
    op.create_index(
        "uq_discount_redemption_voucher_email",
        "discount_redemption",
        ["voucher_id", "email_digest"],
        unique=True,
        postgresql_where=sa.text("once_per_customer"),
    )
    op.create_index(
        "uq_discount_redemption_voucher_user",
        "discount_redemption",
        ["voucher_id", "user_id"],
        unique=True,
        postgresql_where=sa.text("once_per_customer"),
    )
    op.create_table(
        "discount_target",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("voucher_id", sa.Integer(), nullable=True),
        sa.Column("rule_id", sa.UUID(), nullable=True),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("variant_id", sa.Integer(), nullable=True),
        sa.Column("collection_id", sa.Integer(), nullable=True),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(product_id, variant_id, collection_id, category_id) = 1",
            name=op.f("ck_discount_target_one_target"),
        ),
        sa.CheckConstraint("num_nonnulls(voucher_id, rule_id) = 1", name=op.f("ck_discount_target_one_source")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["catalogue_category.id"], name=op.f("fk_discount_target_category_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["catalogue_collection.id"],
            name=op.f("fk_discount_target_collection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["catalogue_product.id"], name=op.f("fk_discount_target_product_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["discount_promotion_rule.id"], name=op.f("fk_discount_target_rule_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["catalogue_variant.id"], name=op.f("fk_discount_target_variant_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["voucher_id"], ["discount_voucher.id"], name=op.f("fk_discount_target_voucher_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_target")),
    )
    op.create_index(
        "ix_discount_target_category_id",
        "discount_target",
        ["category_id"],
        unique=False,
        postgresql_where=sa.text("category_id IS NOT NULL"),
    )
    op.create_index(
        "ix_discount_target_collection_id",
        "discount_target",
        ["collection_id"],
        unique=False,
        postgresql_where=sa.text("collection_id IS NOT NULL"),
    )
    op.create_index(
        "ix_discount_target_product_id",
        "discount_target",
        ["product_id"],
        unique=False,
        postgresql_where=sa.text("product_id IS NOT NULL"),
    )
    op.create_index(
        "ix_discount_target_rule_id",
        "discount_target",
        ["rule_id"],
        unique=False,
        postgresql_where=sa.text("rule_id IS NOT NULL"),
    )
    op.create_index(
        "ix_discount_target_variant_id",
        "discount_target",
        ["variant_id"],
        unique=False,
        postgresql_where=sa.text("variant_id IS NOT NULL"),
    )
    op.create_index(
        "uq_discount_target",
        "discount_target",
        ["voucher_id", "rule_id", "product_id", "variant_id", "collection_id", "category_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "order_discount",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("line_id", sa.UUID(), nullable=True),
        sa.Column("sort_order", sa.Integer(), server_default="0", nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("value_type", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "type IN ('SALE', 'VOUCHER', 'MANUAL', 'PROMOTION', 'ORDER_PROMOTION')", name=op.f("ck_order_discount_type")
        ),
        sa.CheckConstraint("value_type IN ('FIXED', 'PERCENTAGE')", name=op.f("ck_order_discount_value_type")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_order_discount_amount_positive")),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_line.id"], name=op.f("fk_order_discount_line_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order_order.id"], name=op.f("fk_order_discount_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_discount")),
    )
    op.create_index(
        "ix_order_discount_line",
        "order_discount",
        ["line_id"],
        unique=False,
        postgresql_where=sa.text("line_id IS NOT NULL"),
    )
    op.create_index("ix_order_discount_order", "order_discount", ["order_id"], unique=False)
    op.add_column("checkout_checkout", sa.Column("voucher_code", sa.Text(), nullable=True))
    op.add_column(
        "order_line", sa.Column("undiscounted_total_net_amount", sa.Numeric(precision=14, scale=3), nullable=True)
    )
    op.add_column(
        "order_line", sa.Column("undiscounted_total_gross_amount", sa.Numeric(precision=14, scale=3), nullable=True)
    )
    op.add_column(
        "order_order",
        sa.Column(
            "undiscounted_shipping_net_amount", sa.Numeric(precision=14, scale=3), server_default="0", nullable=False
        ),
    )
    op.add_column(
        "order_order",
        sa.Column(
            "undiscounted_shipping_gross_amount", sa.Numeric(precision=14, scale=3), server_default="0", nullable=False
        ),
    )
    op.add_column(
        "order_order", sa.Column("undiscounted_total_net_amount", sa.Numeric(precision=14, scale=3), nullable=True)
    )
    op.add_column(
        "order_order", sa.Column("undiscounted_total_gross_amount", sa.Numeric(precision=14, scale=3), nullable=True)
    )
    op.add_column("order_order", sa.Column("voucher_id", sa.Integer(), nullable=True))
    op.add_column("order_order", sa.Column("voucher_code", sa.Text(), nullable=True))
    op.create_index(
        "ix_order_order_voucher_id",
        "order_order",
        ["voucher_id"],
        unique=False,
        postgresql_where=sa.text("voucher_id IS NOT NULL"),
    )
    op.create_foreign_key(
        op.f("fk_order_order_voucher_id"),
        "order_order",
        "discount_voucher",
        ["voucher_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.add_column(
        "pricing_product_listing",
        sa.Column("undiscounted_minimum_amount", sa.Numeric(precision=14, scale=3), nullable=True),
    )
    op.add_column(
        "pricing_product_listing",
        sa.Column("undiscounted_maximum_amount", sa.Numeric(precision=14, scale=3), nullable=True),
    )
    op.add_column(
        "pricing_variant_listing",
        sa.Column("discounted_price_amount", sa.Numeric(precision=14, scale=3), nullable=True),
    )
    op.add_column("pricing_variant_listing", sa.Column("discount_rule_id", sa.UUID(), nullable=True))
    op.create_index(
        "ix_pricing_variant_listing_rule",
        "pricing_variant_listing",
        ["discount_rule_id"],
        unique=False,
        postgresql_where=sa.text("discount_rule_id IS NOT NULL"),
    )
    # What was sold so far had no discounts.
    op.execute(
        "UPDATE order_line SET undiscounted_total_net_amount = total_net_amount,"
        " undiscounted_total_gross_amount = total_gross_amount"
    )
    op.execute(
        "UPDATE order_order SET undiscounted_total_net_amount = total_net_amount,"
        " undiscounted_total_gross_amount = total_gross_amount,"
        " undiscounted_shipping_net_amount = shipping_net_amount,"
        " undiscounted_shipping_gross_amount = shipping_gross_amount"
    )
    for table in ("order_order", "order_line"):
        for column in ("undiscounted_total_net_amount", "undiscounted_total_gross_amount"):
            op.alter_column(table, column, nullable=False)
        op.create_check_constraint(
            op.f(f"ck_{table}_discount_not_negative"), table, "undiscounted_total_gross_amount >= total_gross_amount"
        )
    op.create_check_constraint(
        op.f("ck_order_line_total_net_amount_not_negative"), "order_line", "total_net_amount >= 0"
    )
    op.create_check_constraint(
        op.f("ck_pricing_variant_listing_discounted_price_amount_not_negative"),
        "pricing_variant_listing",
        "discounted_price_amount >= 0",
    )
    op.create_check_constraint(
        op.f("ck_pricing_variant_listing_discount_has_a_rule"),
        "pricing_variant_listing",
        "(discounted_price_amount IS NULL) = (discount_rule_id IS NULL)",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_pricing_variant_listing_discount_has_a_rule"), "pricing_variant_listing", type_="check")
    op.drop_constraint(
        op.f("ck_pricing_variant_listing_discounted_price_amount_not_negative"),
        "pricing_variant_listing",
        type_="check",
    )
    op.drop_index("ix_pricing_variant_listing_rule", table_name="pricing_variant_listing")
    op.drop_column("pricing_variant_listing", "discount_rule_id")
    op.drop_column("pricing_variant_listing", "discounted_price_amount")
    op.drop_column("pricing_product_listing", "undiscounted_maximum_amount")
    op.drop_column("pricing_product_listing", "undiscounted_minimum_amount")
    op.drop_constraint(op.f("ck_order_line_total_net_amount_not_negative"), "order_line", type_="check")
    for table in ("order_order", "order_line"):
        op.drop_constraint(op.f(f"ck_{table}_discount_not_negative"), table, type_="check")
        for column in ("undiscounted_total_net_amount", "undiscounted_total_gross_amount"):
            op.drop_column(table, column)
    op.drop_constraint(op.f("fk_order_order_voucher_id"), "order_order", type_="foreignkey")
    op.drop_index("ix_order_order_voucher_id", table_name="order_order")
    for column in (
        "voucher_id",
        "voucher_code",
        "undiscounted_shipping_net_amount",
        "undiscounted_shipping_gross_amount",
    ):
        op.drop_column("order_order", column)
    op.drop_column("checkout_checkout", "voucher_code")
    for table in (
        "order_discount",
        "discount_target",
        "discount_redemption",
        "discount_promotion_rule_channel",
        "discount_voucher_listing",
        "discount_voucher_code",
        "discount_promotion_rule",
        "discount_voucher",
        "discount_promotion",
    ):
        op.drop_table(table)
