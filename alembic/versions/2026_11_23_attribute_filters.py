"""Values of variants know the product, and values are found by what has them in one index.

Revision ID: 0014
Revises: 0013
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


_FILL = """
CREATE FUNCTION attribute_fill_product_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT product_id INTO NEW.product_id FROM catalogue_variant WHERE id = NEW.variant_id FOR KEY SHARE;
    RETURN NEW;
END
$$;
CREATE TRIGGER attribute_fill_product_id BEFORE INSERT OR UPDATE OF variant_id ON attribute_variant_value
    FOR EACH ROW EXECUTE FUNCTION attribute_fill_product_id();
"""


def upgrade() -> None:
    op.add_column("attribute_variant_value", sa.Column("product_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE attribute_variant_value SET product_id = variant.product_id FROM catalogue_variant AS variant "
        "WHERE variant.id = variant_id"
    )
    op.alter_column("attribute_variant_value", "product_id", nullable=False)
    op.create_foreign_key(
        "fk_attribute_variant_value_variant_id_product_id",
        "attribute_variant_value",
        "catalogue_variant",
        ["variant_id", "product_id"],
        ["id", "product_id"],
        onupdate="CASCADE",
        ondelete="CASCADE",
    )
    op.execute(_FILL)
    op.drop_index("ix_attribute_variant_value_value_id", "attribute_variant_value")
    op.create_index(
        "ix_attribute_variant_value_value", "attribute_variant_value", ["value_id", "product_id", "variant_id"]
    )
    op.drop_index("ix_attribute_product_value_value_id", "attribute_product_value")
    op.create_index("ix_attribute_product_value_value", "attribute_product_value", ["value_id", "product_id"])


def downgrade() -> None:
    op.drop_index("ix_attribute_product_value_value", "attribute_product_value")
    op.create_index("ix_attribute_product_value_value_id", "attribute_product_value", ["value_id"])
    op.drop_index("ix_attribute_variant_value_value", "attribute_variant_value")
    op.create_index("ix_attribute_variant_value_value_id", "attribute_variant_value", ["value_id"])
    op.execute("DROP FUNCTION attribute_fill_product_id() CASCADE")
    op.drop_column("attribute_variant_value", "product_id")
