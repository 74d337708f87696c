"""What products are sorted by when a list is sorted by an attribute is kept beside them.

Revision ID: 0026
Revises: 0025
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

# Each index holds the products of an attribute in their order, and nothing else.
_COLUMNS = ("number", "moment", "place", "name")
_KEEP = """
-- Of the attributes that a product's type has, the least of the product's values, in the column that the kind of
-- attribute is sorted by. Who changes two things of a product waits for whoever changes another, and then looks.
CREATE FUNCTION browse_keep_sorts(products integer[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF products IS NULL THEN
        RETURN;
    END IF;
    PERFORM FROM catalogue_product WHERE id = ANY(products) ORDER BY id FOR NO KEY UPDATE;
    WITH held AS (
        SELECT attribute.id AS attribute_id, product.id AS product_id,
            min(value.number) FILTER (WHERE attribute.input_type = 'NUMERIC') AS number,
            min(value.moment) FILTER (WHERE attribute.input_type IN ('DATE', 'DATE_TIME')) AS moment,
            min(value.sort_order) FILTER (WHERE attribute.input_type IN ('DROPDOWN', 'MULTISELECT', 'SWATCH')) AS place,
            min(value.name) FILTER (WHERE attribute.input_type NOT IN
                ('NUMERIC', 'DATE', 'DATE_TIME', 'DROPDOWN', 'MULTISELECT', 'SWATCH')) AS name
        FROM catalogue_product AS product
        JOIN attribute_of_product_type AS assigned
            ON assigned.product_type_id = product.product_type_id AND NOT assigned.of_variants
        JOIN attribute_attribute AS attribute ON attribute.id = assigned.attribute_id
        LEFT JOIN (attribute_product_value AS had JOIN attribute_value AS value ON value.id = had.value_id)
            ON had.product_id = product.id AND value.attribute_id = attribute.id
        WHERE product.id = ANY(products)
        GROUP BY attribute.id, product.id
    ), gone AS (
        DELETE FROM browse_attribute_sort AS kept WHERE kept.product_id = ANY(products) AND NOT EXISTS (
            SELECT FROM held WHERE held.attribute_id = kept.attribute_id AND held.product_id = kept.product_id
        )
    )
    INSERT INTO browse_attribute_sort AS kept (attribute_id, product_id, number, moment, place, name)
    SELECT attribute_id, product_id, number, moment, place, name FROM held
    ON CONFLICT (attribute_id, product_id) DO UPDATE
        SET number = excluded.number, moment = excluded.moment, place = excluded.place, name = excluded.name
        WHERE (kept.number, kept.moment, kept.place, kept.name)
            IS DISTINCT FROM (excluded.number, excluded.moment, excluded.place, excluded.name);
END
$$;

-- Products that came, or now are of another type.
CREATE FUNCTION browse_sorts_of_products() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM browse_keep_sorts(array_agg(id)) FROM changed;
    RETURN NULL;
END
$$;
CREATE TRIGGER browse_sorts_insert AFTER INSERT ON catalogue_product REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION browse_sorts_of_products();

CREATE FUNCTION browse_sorts_of_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM browse_keep_sorts(ARRAY[NEW.id]);
    RETURN NULL;
END
$$;
CREATE TRIGGER browse_sorts_update AFTER UPDATE OF product_type_id ON catalogue_product FOR EACH ROW
    WHEN (OLD.product_type_id <> NEW.product_type_id) EXECUTE FUNCTION browse_sorts_of_product();

-- Values that products were given, or had. Whoever changes such a value meanwhile cannot see that the product has it:
-- he is waited for, or waits, before anything is read. Values are locked before products, as he does.
CREATE FUNCTION browse_sorts_of_given() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        PERFORM FROM attribute_value WHERE id IN (SELECT value_id FROM changed) ORDER BY id FOR SHARE;
    END IF;
    PERFORM browse_keep_sorts(array_agg(DISTINCT product_id)) FROM changed;
    IF TG_OP = 'UPDATE' THEN
        PERFORM browse_keep_sorts(array_agg(DISTINCT product_id)) FROM gone;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER browse_sorts_insert AFTER INSERT ON attribute_product_value REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION browse_sorts_of_given();
CREATE TRIGGER browse_sorts_delete AFTER DELETE ON attribute_product_value REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION browse_sorts_of_given();
CREATE TRIGGER browse_sorts_update AFTER UPDATE ON attribute_product_value
    REFERENCING OLD TABLE AS gone NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION browse_sorts_of_given();

CREATE FUNCTION browse_sorts_of_values() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM browse_keep_sorts(array_agg(DISTINCT had.product_id))
    FROM came JOIN gone ON gone.id = came.id JOIN attribute_product_value AS had ON had.value_id = came.id
    WHERE (came.attribute_id, came.number, came.moment, came.sort_order, came.name)
        IS DISTINCT FROM (gone.attribute_id, gone.number, gone.moment, gone.sort_order, gone.name);
    RETURN NULL;
END
$$;
CREATE TRIGGER browse_sorts_update AFTER UPDATE ON attribute_value REFERENCING OLD TABLE AS gone NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION browse_sorts_of_values();

-- Types that have an attribute now, or had it, or whose attribute is of another kind. A product that is being added
-- to such a type is waited for: its transaction holds the type.
CREATE FUNCTION browse_keep_sorts_of_types(types integer[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM catalogue_product_type WHERE id = ANY(types) ORDER BY id FOR UPDATE;
    PERFORM browse_keep_sorts(array_agg(id)) FROM catalogue_product WHERE product_type_id = ANY(types);
END
$$;

CREATE FUNCTION browse_sorts_of_assigned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM browse_keep_sorts_of_types(array_agg(DISTINCT product_type_id)) FROM changed;
    IF TG_OP = 'UPDATE' THEN
        PERFORM browse_keep_sorts_of_types(array_agg(DISTINCT product_type_id)) FROM gone;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER browse_sorts_insert AFTER INSERT ON attribute_of_product_type REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION browse_sorts_of_assigned();
CREATE TRIGGER browse_sorts_delete AFTER DELETE ON attribute_of_product_type REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION browse_sorts_of_assigned();
CREATE TRIGGER browse_sorts_update AFTER UPDATE ON attribute_of_product_type
    REFERENCING OLD TABLE AS gone NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION browse_sorts_of_assigned();

CREATE FUNCTION browse_sorts_of_attribute() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM browse_keep_sorts_of_types(array_agg(product_type_id))
    FROM attribute_of_product_type WHERE attribute_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER browse_sorts_update AFTER UPDATE OF input_type ON attribute_attribute FOR EACH ROW
    WHEN (OLD.input_type <> NEW.input_type) EXECUTE FUNCTION browse_sorts_of_attribute();
"""


def upgrade() -> None:
    op.create_table(
        "browse_attribute_sort",
        sa.Column("attribute_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Numeric(), nullable=True),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(number, moment, place, name) <= 1", name=op.f("ck_browse_attribute_sort_one_kind")
        ),
        sa.ForeignKeyConstraint(
            ["attribute_id"],
            ["attribute_attribute.id"],
            name=op.f("fk_browse_attribute_sort_attribute_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["catalogue_product.id"],
            name=op.f("fk_browse_attribute_sort_product_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("attribute_id", "product_id", name=op.f("pk_browse_attribute_sort")),
    )
    op.create_index(op.f("ix_browse_attribute_sort_product_id"), "browse_attribute_sort", ["product_id"])
    for column in _COLUMNS:
        op.create_index(
            f"ix_browse_attribute_sort_{column}",
            "browse_attribute_sort",
            ["attribute_id", column, "product_id"],
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )
    op.create_index(
        "ix_browse_attribute_sort_nothing",
        "browse_attribute_sort",
        ["attribute_id", "product_id"],
        postgresql_where=sa.text("num_nonnulls(number, moment, place, name) = 0"),
    )
    op.execute(_KEEP)
    op.execute("SELECT browse_keep_sorts(array_agg(id)) FROM catalogue_product")


def downgrade() -> None:
    for name in (
        "sorts_of_attribute()",
        "sorts_of_assigned()",
        "keep_sorts_of_types(integer[])",
        "sorts_of_values()",
        "sorts_of_given()",
        "sorts_of_product()",
        "sorts_of_products()",
        "keep_sorts(integer[])",
    ):
        op.execute(f"DROP FUNCTION browse_{name} CASCADE")
    op.drop_table("browse_attribute_sort")
