"""Attributes with their values, and one table for translations.

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-22
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# A translation belongs to a row of one of many tables, which no foreign key can say: when rows go, so do theirs.
_TRANSLATED = {
    "catalogue_product": "product",
    "catalogue_variant": "variant",
    "catalogue_category": "category",
    "catalogue_collection": "collection",
    "content_page": "page",
    "content_menu_item": "menu_item",
    "attribute_attribute": "attribute",
    "attribute_value": "attribute_value",
    "shipping_method": "shipping_method",
}
_FORGET = """
CREATE FUNCTION translation_forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM translation_translation WHERE kind = TG_ARGV[0] AND row_id IN (SELECT id FROM gone);
    RETURN NULL;
END
$$
"""


def upgrade() -> None:
    op.create_table(
        "attribute_attribute",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), server_default="PRODUCT_TYPE", nullable=False),
        sa.Column("input_type", sa.Text(), server_default="DROPDOWN", nullable=False),
        sa.Column("entity_type", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("value_required", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("visible_in_storefront", sa.Boolean(), server_default="true", nullable=False),
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
        sa.CheckConstraint(
            "(entity_type IS NOT NULL) = (input_type IN ('REFERENCE', 'SINGLE_REFERENCE'))",
            name=op.f("ck_attribute_attribute_refers_to_something"),
        ),
        sa.CheckConstraint(
            "entity_type IN ('PAGE', 'PRODUCT', 'PRODUCT_VARIANT', 'CATEGORY', 'COLLECTION')",
            name=op.f("ck_attribute_attribute_entity_type"),
        ),
        sa.CheckConstraint(
            "input_type IN ('DROPDOWN', 'MULTISELECT', 'FILE', 'REFERENCE', 'SINGLE_REFERENCE', 'NUMERIC', 'RICH_TEXT', 'PLAIN_TEXT', 'SWATCH', 'BOOLEAN', 'DATE', 'DATE_TIME')",
            name=op.f("ck_attribute_attribute_input_type"),
        ),
        sa.CheckConstraint("type IN ('PRODUCT_TYPE', 'PAGE_TYPE')", name=op.f("ck_attribute_attribute_type")),
        sa.CheckConstraint(
            "unit IN ('MM', 'CM', 'DM', 'M', 'KM', 'FT', 'YD', 'INCH', 'SQ_MM', 'SQ_CM', 'SQ_DM', 'SQ_M', 'SQ_KM', 'SQ_FT', 'SQ_YD', 'SQ_INCH', 'CUBIC_MILLIMETER', 'CUBIC_CENTIMETER', 'CUBIC_DECIMETER', 'CUBIC_METER', 'LITER', 'CUBIC_FOOT', 'CUBIC_INCH', 'CUBIC_YARD', 'QT', 'PINT', 'FL_OZ', 'ACRE_IN', 'ACRE_FT', 'G', 'LB', 'OZ', 'KG', 'TONNE')",
            name=op.f("ck_attribute_attribute_unit"),
        ),
        sa.CheckConstraint(
            "unit IS NULL OR input_type = 'NUMERIC'", name=op.f("ck_attribute_attribute_numbers_have_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribute_attribute")),
        sa.UniqueConstraint("external_reference", name=op.f("uq_attribute_attribute_external_reference")),
        sa.UniqueConstraint("slug", name=op.f("uq_attribute_attribute_slug")),
    )
    op.create_table(
        "translation_translation",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=True),
        sa.Column("texts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "kind IN ('product', 'variant', 'category', 'collection', 'page', 'menu_item', 'attribute', 'attribute_value', 'shipping_method')",
            name=op.f("ck_translation_translation_kind"),
        ),
        sa.CheckConstraint(
            "language = lower(language) AND language <> ''", name=op.f("ck_translation_translation_language_is_a_tag")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_translation_translation")),
        sa.UniqueConstraint("kind", "language", "slug", name=op.f("uq_translation_translation_kind_language_slug")),
        sa.UniqueConstraint("kind", "row_id", "language", name=op.f("uq_translation_translation_kind_row_id_language")),
    )
    op.create_table(
        "attribute_of_page_type",
        sa.Column("page_type_id", sa.Integer(), nullable=False),
        sa.Column("attribute_id", sa.Integer(), nullable=False),
        sa.Column("sort_order", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["attribute_id"],
            ["attribute_attribute.id"],
            name=op.f("fk_attribute_of_page_type_attribute_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["page_type_id"],
            ["content_page_type.id"],
            name=op.f("fk_attribute_of_page_type_page_type_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("page_type_id", "attribute_id", name=op.f("pk_attribute_of_page_type")),
    )
    op.create_index(
        op.f("ix_attribute_of_page_type_attribute_id"), "attribute_of_page_type", ["attribute_id"], unique=False
    )
    op.create_table(
        "attribute_of_product_type",
        sa.Column("product_type_id", sa.Integer(), nullable=False),
        sa.Column("attribute_id", sa.Integer(), nullable=False),
        sa.Column("of_variants", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("variant_selection", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("sort_order", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "of_variants OR NOT variant_selection", name=op.f("ck_attribute_of_product_type_selection_of_variants")
        ),
        sa.ForeignKeyConstraint(
            ["attribute_id"],
            ["attribute_attribute.id"],
            name=op.f("fk_attribute_of_product_type_attribute_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_type_id"],
            ["catalogue_product_type.id"],
            name=op.f("fk_attribute_of_product_type_product_type_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("product_type_id", "attribute_id", name=op.f("pk_attribute_of_product_type")),
    )
    op.create_index(
        op.f("ix_attribute_of_product_type_attribute_id"), "attribute_of_product_type", ["attribute_id"], unique=False
    )
    op.create_index(
        "ix_attribute_of_product_type_sort",
        "attribute_of_product_type",
        ["product_type_id", "of_variants", "sort_order", "attribute_id"],
        unique=False,
    )
    op.create_table(
        "attribute_value",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("attribute_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_order", sa.Integer(), server_default="0", nullable=False),
        sa.Column("value", sa.Text(), server_default="", nullable=False),
        sa.Column("rich_text", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("plain_text", sa.Text(), nullable=True),
        sa.Column("boolean", sa.Boolean(), nullable=True),
        sa.Column("number", sa.Numeric(), nullable=True),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asset_id", sa.Integer(), nullable=True),
        sa.Column("page_id", sa.Integer(), nullable=True),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("variant_id", sa.Integer(), nullable=True),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("collection_id", sa.Integer(), nullable=True),
        sa.Column("external_reference", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(page_id, product_id, variant_id, category_id, collection_id) <= 1",
            name=op.f("ck_attribute_value_one_reference"),
        ),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["media_asset.id"], name=op.f("fk_attribute_value_asset_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["attribute_id"],
            ["attribute_attribute.id"],
            name=op.f("fk_attribute_value_attribute_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["catalogue_category.id"], name=op.f("fk_attribute_value_category_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["catalogue_collection.id"],
            name=op.f("fk_attribute_value_collection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["page_id"], ["content_page.id"], name=op.f("fk_attribute_value_page_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["catalogue_product.id"], name=op.f("fk_attribute_value_product_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["catalogue_variant.id"], name=op.f("fk_attribute_value_variant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribute_value")),
        sa.UniqueConstraint("attribute_id", "slug", name=op.f("uq_attribute_value_attribute_id_slug")),
        sa.UniqueConstraint("external_reference", name=op.f("uq_attribute_value_external_reference")),
    )
    op.create_index(op.f("ix_attribute_value_asset_id"), "attribute_value", ["asset_id"], unique=False)
    op.create_index("ix_attribute_value_attribute_moment", "attribute_value", ["attribute_id", "moment"], unique=False)
    op.create_index("ix_attribute_value_attribute_number", "attribute_value", ["attribute_id", "number"], unique=False)
    op.create_index(
        "ix_attribute_value_attribute_sort", "attribute_value", ["attribute_id", "sort_order", "id"], unique=False
    )
    op.create_index(op.f("ix_attribute_value_category_id"), "attribute_value", ["category_id"], unique=False)
    op.create_index(op.f("ix_attribute_value_collection_id"), "attribute_value", ["collection_id"], unique=False)
    op.create_index(op.f("ix_attribute_value_page_id"), "attribute_value", ["page_id"], unique=False)
    op.create_index(op.f("ix_attribute_value_product_id"), "attribute_value", ["product_id"], unique=False)
    op.create_index(op.f("ix_attribute_value_variant_id"), "attribute_value", ["variant_id"], unique=False)
    op.create_table(
        "attribute_page_value",
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("value_id", sa.Integer(), nullable=False),
        sa.Column("sort_order", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["page_id"], ["content_page.id"], name=op.f("fk_attribute_page_value_page_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["value_id"], ["attribute_value.id"], name=op.f("fk_attribute_page_value_value_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("page_id", "value_id", name=op.f("pk_attribute_page_value")),
    )
    op.create_index(op.f("ix_attribute_page_value_value_id"), "attribute_page_value", ["value_id"], unique=False)
    op.create_table(
        "attribute_product_value",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("value_id", sa.Integer(), nullable=False),
        sa.Column("sort_order", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["catalogue_product.id"],
            name=op.f("fk_attribute_product_value_product_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["value_id"], ["attribute_value.id"], name=op.f("fk_attribute_product_value_value_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", "value_id", name=op.f("pk_attribute_product_value")),
    )
    op.create_index(op.f("ix_attribute_product_value_value_id"), "attribute_product_value", ["value_id"], unique=False)
    op.create_table(
        "attribute_variant_value",
        sa.Column("variant_id", sa.Integer(), nullable=False),
        sa.Column("value_id", sa.Integer(), nullable=False),
        sa.Column("sort_order", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["value_id"], ["attribute_value.id"], name=op.f("fk_attribute_variant_value_value_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["catalogue_variant.id"],
            name=op.f("fk_attribute_variant_value_variant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("variant_id", "value_id", name=op.f("pk_attribute_variant_value")),
    )
    op.create_index(op.f("ix_attribute_variant_value_value_id"), "attribute_variant_value", ["value_id"], unique=False)
    op.execute(_FORGET)
    for table, kind in _TRANSLATED.items():
        op.execute(
            f"CREATE TRIGGER translation_forget AFTER DELETE ON {table} REFERENCING OLD TABLE AS gone "
            f"FOR EACH STATEMENT EXECUTE FUNCTION translation_forget('{kind}')"
        )


def downgrade() -> None:
    for table in _TRANSLATED:
        op.execute(f"DROP TRIGGER translation_forget ON {table}")
    op.execute("DROP FUNCTION translation_forget()")
    op.drop_index(op.f("ix_attribute_variant_value_value_id"), table_name="attribute_variant_value")
    op.drop_table("attribute_variant_value")
    op.drop_index(op.f("ix_attribute_product_value_value_id"), table_name="attribute_product_value")
    op.drop_table("attribute_product_value")
    op.drop_index(op.f("ix_attribute_page_value_value_id"), table_name="attribute_page_value")
    op.drop_table("attribute_page_value")
    op.drop_index(op.f("ix_attribute_value_variant_id"), table_name="attribute_value")
    op.drop_index(op.f("ix_attribute_value_product_id"), table_name="attribute_value")
    op.drop_index(op.f("ix_attribute_value_page_id"), table_name="attribute_value")
    op.drop_index(op.f("ix_attribute_value_collection_id"), table_name="attribute_value")
    op.drop_index(op.f("ix_attribute_value_category_id"), table_name="attribute_value")
    op.drop_index("ix_attribute_value_attribute_sort", table_name="attribute_value")
    op.drop_index("ix_attribute_value_attribute_number", table_name="attribute_value")
    op.drop_index("ix_attribute_value_attribute_moment", table_name="attribute_value")
    op.drop_index(op.f("ix_attribute_value_asset_id"), table_name="attribute_value")
    op.drop_table("attribute_value")
    op.drop_index("ix_attribute_of_product_type_sort", table_name="attribute_of_product_type")
    op.drop_index(op.f("ix_attribute_of_product_type_attribute_id"), table_name="attribute_of_product_type")
    op.drop_table("attribute_of_product_type")
    op.drop_index(op.f("ix_attribute_of_page_type_attribute_id"), table_name="attribute_of_page_type")
    op.drop_table("attribute_of_page_type")
    op.drop_table("translation_translation")
    op.drop_table("attribute_attribute")
