"""Tables that hold what every visitor may read tell which transaction changed them.

Revision ID: 0034
Revises: 0033
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

# One row for each transaction and table, which nobody else writes: writers do not wait for each other, as they would
# for a counter, nor do their commits, as they would for a NOTIFY.
_FUNCTIONS = """
CREATE FUNCTION change_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A statement that found no row to change is no change.
    IF EXISTS (SELECT FROM changed) THEN
        INSERT INTO change_change (transaction_id, table_name)
        VALUES (pg_current_xact_id()::text::bigint, TG_TABLE_NAME) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION change_tell_of_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO change_change (transaction_id, table_name)
    VALUES (pg_current_xact_id()::text::bigint, TG_TABLE_NAME) ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

CREATE FUNCTION change_follow(followed regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER change_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS changed '
        'FOR EACH STATEMENT EXECUTE FUNCTION change_tell()', followed);
    EXECUTE format('CREATE TRIGGER change_update AFTER UPDATE ON %s REFERENCING NEW TABLE AS changed '
        'FOR EACH STATEMENT EXECUTE FUNCTION change_tell()', followed);
    EXECUTE format('CREATE TRIGGER change_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS changed '
        'FOR EACH STATEMENT EXECUTE FUNCTION change_tell()', followed);
    EXECUTE format('CREATE TRIGGER change_truncate AFTER TRUNCATE ON %s '
        'FOR EACH STATEMENT EXECUTE FUNCTION change_tell_of_truncate()', followed);
END
$$;
"""
_FOLLOWED = (
    "attribute_attribute",
    "attribute_of_page_type",
    "attribute_of_product_type",
    "attribute_page_value",
    "attribute_product_value",
    "attribute_value",
    "attribute_variant_value",
    "booking_cancellation_policy",
    "booking_cancellation_tier",
    "booking_intake_form",
    "booking_intake_question",
    "booking_location",
    "booking_package",
    "booking_package_service",
    "booking_resource",
    "booking_role_resource",
    "booking_service",
    "booking_service_role",
    "browse_attribute_sort",
    "browse_product_text",
    "browse_word",
    "catalogue_category",
    "catalogue_collection",
    "catalogue_collection_listing",
    "catalogue_collection_product",
    "catalogue_product",
    "catalogue_product_media",
    "catalogue_product_type",
    "catalogue_variant",
    "catalogue_variant_media",
    "channel_channel",
    "comment_comment",
    "content_menu",
    "content_menu_item",
    "content_navigation",
    "content_page",
    "content_page_address",
    "content_page_language_slug",
    "content_page_slug",
    "content_page_type",
    "content_widget",
    "content_widget_area",
    "media_asset",
    "pricing_product_listing",
    "pricing_variant_listing",
    "shipping_method",
    "shipping_method_listing",
    "shipping_zone",
    "shipping_zone_channel",
    "site_settings",
    "tax_class",
    "tax_configuration",
    "tax_rate",
    "translation_translation",
)


def upgrade() -> None:
    op.create_table(
        "change_change",
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("met_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("transaction_id", "table_name", name="pk_change_change"),
    )
    op.execute(_FUNCTIONS)
    for table in _FOLLOWED:
        op.execute(f"SELECT change_follow('{table}')")


def downgrade() -> None:
    for table in _FOLLOWED:
        for event in ("insert", "update", "delete", "truncate"):
            op.execute(f"DROP TRIGGER change_{event} ON {table}")
    op.execute("DROP FUNCTION change_follow(regclass)")
    op.execute("DROP FUNCTION change_tell()")
    op.execute("DROP FUNCTION change_tell_of_truncate()")
    op.drop_table("change_change")
