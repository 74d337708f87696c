"""What lists filter and sort by is kept beside their rows: whether a product is in stock, its type's name, a price's product.

Revision ID: 0011
Revises: 0010
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# What a foreign key keeps true, a trigger fills in: nobody who inserts a row needs to know of these columns.
_FILL = """
CREATE FUNCTION catalogue_fill_product_type_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Locked, so that the type keeps this name until the foreign key has seen the row.
    SELECT name INTO NEW.product_type_name FROM catalogue_product_type WHERE id = NEW.product_type_id FOR KEY SHARE;
    RETURN NEW;
END
$$;
CREATE TRIGGER catalogue_fill_product_type_name BEFORE INSERT OR UPDATE OF product_type_id ON catalogue_product
    FOR EACH ROW EXECUTE FUNCTION catalogue_fill_product_type_name();

CREATE FUNCTION pricing_fill_product_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT product_id INTO NEW.product_id FROM catalogue_variant WHERE id = NEW.variant_id FOR KEY SHARE;
    RETURN NEW;
END
$$;
CREATE TRIGGER pricing_fill_product_id BEFORE INSERT OR UPDATE OF variant_id ON pricing_variant_listing
    FOR EACH ROW EXECUTE FUNCTION pricing_fill_product_id();
"""

# Many things decide whether a product is in stock, so the tables themselves tell when one of them changed.
# Who changes the supply of channels waits for those who sell, and they for him (an advisory lock, shared by sellers);
# sellers of one product wait for each other at its row. Each then reads what the others left: a function that is
# volatile takes a new look at the database for each of its statements.
_REFRESH = """
CREATE FUNCTION pricing_refresh_in_stock(products integer[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF products IS NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock_shared(7236104);
    PERFORM FROM catalogue_product WHERE id = ANY(products) ORDER BY id FOR NO KEY UPDATE;
    WITH offered AS (
        SELECT price.product_id, price.channel_id
        FROM catalogue_variant AS variant JOIN pricing_variant_listing AS price ON price.variant_id = variant.id
        WHERE variant.product_id = ANY(products) AND NOT variant.track_inventory
        UNION
        SELECT price.product_id, price.channel_id
        FROM catalogue_variant AS variant
        JOIN pricing_variant_listing AS price ON price.variant_id = variant.id
        JOIN stock_stock AS stock ON stock.variant_id = variant.id AND stock.quantity > stock.quantity_allocated
        JOIN stock_warehouse_channel AS supply
            ON supply.warehouse_id = stock.warehouse_id AND supply.channel_id = price.channel_id
        JOIN stock_warehouse_zone AS reach ON reach.warehouse_id = stock.warehouse_id
        JOIN shipping_zone_channel AS served
            ON served.zone_id = reach.zone_id AND served.channel_id = price.channel_id
        WHERE variant.product_id = ANY(products)
    )
    UPDATE pricing_product_listing AS listing SET in_stock = NOT listing.in_stock
    FROM pricing_product_listing AS looked
    LEFT JOIN offered ON offered.product_id = looked.product_id AND offered.channel_id = looked.channel_id
    WHERE looked.product_id = ANY(products) AND listing.id = looked.id
        AND listing.in_stock <> (offered.product_id IS NOT NULL);
END
$$;

CREATE FUNCTION pricing_stock_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Only where stock comes or ends: most sales leave some.
    IF TG_OP = 'UPDATE' THEN
        PERFORM pricing_refresh_in_stock(array_agg(DISTINCT variant.product_id))
        FROM came JOIN gone ON gone.id = came.id
        JOIN catalogue_variant AS variant ON variant.id IN (came.variant_id, gone.variant_id)
        WHERE (came.quantity > came.quantity_allocated) <> (gone.quantity > gone.quantity_allocated)
            OR came.variant_id <> gone.variant_id OR came.warehouse_id <> gone.warehouse_id;
    ELSE
        PERFORM pricing_refresh_in_stock(array_agg(DISTINCT variant.product_id))
        FROM changed JOIN catalogue_variant AS variant ON variant.id = changed.variant_id
        WHERE changed.quantity > changed.quantity_allocated;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER pricing_stock_came AFTER INSERT ON stock_stock REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION pricing_stock_changed();
CREATE TRIGGER pricing_stock_went AFTER DELETE ON stock_stock REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION pricing_stock_changed();
CREATE TRIGGER pricing_stock_changed AFTER UPDATE ON stock_stock REFERENCING OLD TABLE AS gone NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION pricing_stock_changed();

CREATE FUNCTION pricing_products_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pricing_refresh_in_stock(array_agg(DISTINCT product_id)) FROM changed;
    RETURN NULL;
END
$$;
CREATE TRIGGER pricing_listing_came AFTER INSERT ON pricing_product_listing REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION pricing_products_changed();
CREATE TRIGGER pricing_price_came AFTER INSERT ON pricing_variant_listing REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION pricing_products_changed();
CREATE TRIGGER pricing_price_went AFTER DELETE ON pricing_variant_listing REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION pricing_products_changed();
CREATE TRIGGER pricing_variant_went AFTER DELETE ON catalogue_variant REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION pricing_products_changed();

CREATE FUNCTION pricing_variant_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pricing_refresh_in_stock(ARRAY[OLD.product_id, NEW.product_id]);
    RETURN NULL;
END
$$;
CREATE TRIGGER pricing_variant_changed AFTER UPDATE OF track_inventory, product_id ON catalogue_variant FOR EACH ROW
    WHEN (OLD.track_inventory <> NEW.track_inventory OR OLD.product_id <> NEW.product_id)
    EXECUTE FUNCTION pricing_variant_changed();

CREATE FUNCTION pricing_supply_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    warehouses uuid[];
BEGIN
    PERFORM pg_advisory_xact_lock(7236104);
    IF TG_ARGV[0] = 'zone' THEN
        SELECT array_agg(DISTINCT reach.warehouse_id) INTO warehouses
        FROM changed JOIN stock_warehouse_zone AS reach ON reach.zone_id = changed.zone_id;
    ELSE
        SELECT array_agg(DISTINCT warehouse_id) INTO warehouses FROM changed;
    END IF;
    PERFORM pricing_refresh_in_stock(array_agg(DISTINCT variant.product_id))
    FROM stock_stock AS stock JOIN catalogue_variant AS variant ON variant.id = stock.variant_id
    WHERE stock.warehouse_id = ANY(warehouses) AND stock.quantity > stock.quantity_allocated;
    RETURN NULL;
END
$$;
"""
_SUPPLY = {"stock_warehouse_channel": "warehouse", "stock_warehouse_zone": "warehouse", "shipping_zone_channel": "zone"}


def upgrade() -> None:
    op.create_unique_constraint("uq_catalogue_product_type_id_name", "catalogue_product_type", ["id", "name"])
    op.add_column("catalogue_product", sa.Column("product_type_name", sa.Text(), nullable=True))
    op.execute(
        "UPDATE catalogue_product SET product_type_name = kind.name FROM catalogue_product_type AS kind "
        "WHERE kind.id = product_type_id"
    )
    op.alter_column("catalogue_product", "product_type_name", nullable=False)
    op.create_foreign_key(
        "fk_catalogue_product_product_type_id_product_type_name",
        "catalogue_product",
        "catalogue_product_type",
        ["product_type_id", "product_type_name"],
        ["id", "name"],
        onupdate="CASCADE",
    )
    op.create_index("ix_catalogue_product_product_type_name_id", "catalogue_product", ["product_type_name", "id"])

    op.create_unique_constraint("uq_catalogue_variant_id_product_id", "catalogue_variant", ["id", "product_id"])
    op.add_column("pricing_variant_listing", sa.Column("product_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE pricing_variant_listing SET product_id = variant.product_id FROM catalogue_variant AS variant "
        "WHERE variant.id = variant_id"
    )
    op.alter_column("pricing_variant_listing", "product_id", nullable=False)
    op.create_foreign_key(
        "fk_pricing_variant_listing_variant_id_product_id",
        "pricing_variant_listing",
        "catalogue_variant",
        ["variant_id", "product_id"],
        ["id", "product_id"],
        onupdate="CASCADE",
        ondelete="CASCADE",
    )
    op.drop_index("ix_pricing_variant_listing_price", "pricing_variant_listing")
    op.create_index(
        "ix_pricing_variant_listing_price", "pricing_variant_listing", ["channel_id", "price_amount", "product_id"]
    )
    op.execute(_FILL)

    op.add_column(
        "pricing_product_listing", sa.Column("in_stock", sa.Boolean(), server_default="false", nullable=False)
    )
    op.create_index(
        "ix_pricing_product_listing_in_stock", "pricing_product_listing", ["channel_id", "in_stock", "product_id"]
    )
    op.execute(_REFRESH)
    for table, kind in _SUPPLY.items():
        for event, rows in (("INSERT", "NEW"), ("DELETE", "OLD")):
            op.execute(
                f"CREATE TRIGGER pricing_supply_{event.lower()} AFTER {event} ON {table} "
                f"REFERENCING {rows} TABLE AS changed "
                f"FOR EACH STATEMENT EXECUTE FUNCTION pricing_supply_changed('{kind}')"
            )
    op.execute("SELECT pricing_refresh_in_stock(array_agg(id)) FROM catalogue_product")


def downgrade() -> None:
    for table in _SUPPLY:
        op.execute(f"DROP TRIGGER pricing_supply_insert ON {table}")
        op.execute(f"DROP TRIGGER pricing_supply_delete ON {table}")
    for name in (
        "supply_changed()",
        "variant_changed()",
        "products_changed()",
        "stock_changed()",
        "refresh_in_stock(integer[])",
        "fill_product_id()",
    ):
        op.execute(f"DROP FUNCTION pricing_{name} CASCADE")
    op.execute("DROP FUNCTION catalogue_fill_product_type_name() CASCADE")
    op.drop_index("ix_pricing_product_listing_in_stock", "pricing_product_listing")
    op.drop_column("pricing_product_listing", "in_stock")
    op.drop_index("ix_pricing_variant_listing_price", "pricing_variant_listing")
    op.create_index(
        "ix_pricing_variant_listing_price", "pricing_variant_listing", ["channel_id", "price_amount", "variant_id"]
    )
    op.drop_column("pricing_variant_listing", "product_id")
    op.drop_constraint("uq_catalogue_variant_id_product_id", "catalogue_variant")
    op.drop_column("catalogue_product", "product_type_name")
    op.drop_constraint("uq_catalogue_product_type_id_name", "catalogue_product_type")
