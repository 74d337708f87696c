"""What products and pages are searched by: a document for each, and the words that typing errors are measured against.

Revision ID: 0020
Revises: 0019
Create Date: 2026-11-23
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


_DOCUMENTS = """
-- Words and numbers alone: what is typed is taken apart in the same way.
CREATE FUNCTION browse_plain(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(coalesce(given, ''), '[^[:alnum:]]+', ' ', 'g')
$$;

-- The texts of EditorJS blocks.
CREATE FUNCTION content_block_texts(blocks jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT string_agg(found #>> '{}', ' ')
    FROM jsonb_path_query(blocks, '$.blocks[*]') AS block,
        jsonb_path_query(block, 'strict $.data.** ? (@.type() == "string")', silent => true) AS found
$$;

-- As words stand, and as they are reduced to their stems: the beginning of a word need not be that of its stem.
CREATE FUNCTION browse_vector(given text, weight "char") RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT setweight(to_tsvector('english', given) || to_tsvector('simple', given), weight)
$$;

CREATE FUNCTION browse_write_texts(products integer[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Who writes thousands of rows into several tables says `SET LOCAL shop.texts = 'later'`, and calls this at the end.
    IF products IS NULL OR current_setting('shop.texts', true) = 'later' THEN
        RETURN;
    END IF;
    -- Who changes another text of the same product is waited for, and then seen.
    PERFORM FROM catalogue_product WHERE id = ANY(products) ORDER BY id FOR NO KEY UPDATE;
    WITH variant AS (
        SELECT variant.product_id, string_agg(concat_ws(' ', variant.name, variant.sku, translated.names), ' ') AS texts
        FROM catalogue_variant AS variant
        LEFT JOIN LATERAL (
            SELECT string_agg(texts ->> 'name', ' ') AS names FROM translation_translation
            WHERE kind = 'variant' AND row_id = variant.id
        ) AS translated ON true
        WHERE variant.product_id = ANY(products) GROUP BY variant.product_id
    ), held AS (
        SELECT product_id, value_id FROM attribute_product_value WHERE product_id = ANY(products)
        UNION
        SELECT had.product_id, had.value_id FROM catalogue_variant AS variant
        JOIN attribute_variant_value AS had ON had.variant_id = variant.id
        WHERE variant.product_id = ANY(products)
    ), value AS (
        SELECT held.product_id, string_agg(concat_ws(' ', value.name, value.plain_text, translated.names), ' ') AS texts
        FROM held
        JOIN attribute_value AS value ON value.id = held.value_id
        JOIN attribute_attribute AS attribute ON attribute.id = value.attribute_id
        LEFT JOIN LATERAL (
            SELECT string_agg(concat_ws(' ', texts ->> 'name', texts ->> 'plain_text'), ' ') AS names
            FROM translation_translation WHERE kind = 'attribute_value' AND row_id = value.id
        ) AS translated ON true
        WHERE attribute.visible_in_storefront
            AND attribute.input_type IN ('DROPDOWN', 'MULTISELECT', 'SWATCH', 'PLAIN_TEXT')
        GROUP BY held.product_id
    ), plain AS (
        SELECT product.id,
            browse_plain(concat_ws(' ', product.name, translated.names)) AS names,
            browse_plain(concat_ws(' ', variant.texts, value.texts)) AS details,
            left(browse_plain(concat_ws(' ', product.description_text, translated.descriptions)), 100000) AS descriptions
        FROM catalogue_product AS product
        LEFT JOIN variant ON variant.product_id = product.id
        LEFT JOIN value ON value.product_id = product.id
        LEFT JOIN LATERAL (
            SELECT string_agg(texts ->> 'name', ' ') AS names,
                string_agg(content_block_texts(texts -> 'description'), ' ') AS descriptions
            FROM translation_translation WHERE kind = 'product' AND row_id = product.id
        ) AS translated ON true
        WHERE product.id = ANY(products)
    ), written AS (
        INSERT INTO browse_product_text AS kept (product_id, document)
        SELECT id, browse_vector(names, 'A') || browse_vector(details, 'B')
            || setweight(to_tsvector('english', descriptions), 'C')
        FROM plain
        ON CONFLICT (product_id) DO UPDATE SET document = excluded.document WHERE kept.document <> excluded.document
    )
    -- In one order, so that no two who write the same new words wait for each other.
    INSERT INTO browse_word (word)
    SELECT DISTINCT word FROM plain,
        unnest(tsvector_to_array(to_tsvector('simple', concat_ws(' ', names, details, descriptions)))) AS word
    WHERE length(word) BETWEEN 4 AND 40 AND word !~ '[0-9]'
    ORDER BY word ON CONFLICT DO NOTHING;
END
$$;

CREATE FUNCTION browse_products_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_ARGV[0] = 'id' THEN
        PERFORM browse_write_texts(array_agg(DISTINCT id)) FROM changed;
    ELSE
        PERFORM browse_write_texts(array_agg(DISTINCT product_id)) FROM changed;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION browse_product_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM browse_write_texts(ARRAY[NEW.id]);
    RETURN NULL;
END
$$;
CREATE TRIGGER browse_product_changed AFTER UPDATE OF name, description_text ON catalogue_product FOR EACH ROW
    WHEN (OLD.name <> NEW.name OR OLD.description_text <> NEW.description_text)
    EXECUTE FUNCTION browse_product_changed();

CREATE FUNCTION browse_variant_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM browse_write_texts(ARRAY[OLD.product_id, NEW.product_id]);
    RETURN NULL;
END
$$;
CREATE TRIGGER browse_variant_changed AFTER UPDATE OF name, sku, product_id ON catalogue_variant FOR EACH ROW
    WHEN (OLD.name <> NEW.name OR OLD.sku IS DISTINCT FROM NEW.sku OR OLD.product_id <> NEW.product_id)
    EXECUTE FUNCTION browse_variant_changed();

CREATE FUNCTION browse_products_with(value_ids integer[]) RETURNS integer[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(product_id) FROM (
        SELECT product_id FROM attribute_product_value WHERE value_id = ANY(value_ids)
        UNION
        SELECT product_id FROM attribute_variant_value WHERE value_id = ANY(value_ids)
    ) AS held
$$;

CREATE FUNCTION browse_value_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM browse_write_texts(browse_products_with(ARRAY[NEW.id]));
    RETURN NULL;
END
$$;
CREATE TRIGGER browse_value_changed AFTER UPDATE OF name, plain_text ON attribute_value FOR EACH ROW
    WHEN (OLD.name <> NEW.name OR OLD.plain_text IS DISTINCT FROM NEW.plain_text)
    EXECUTE FUNCTION browse_value_changed();

CREATE FUNCTION browse_translations_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM browse_write_texts(array_agg(DISTINCT id)) FROM (
        SELECT row_id AS id FROM changed WHERE kind = 'product'
        UNION
        SELECT variant.product_id FROM changed JOIN catalogue_variant AS variant ON variant.id = changed.row_id
        WHERE changed.kind = 'variant'
    ) AS told;
    PERFORM browse_write_texts(browse_products_with(array_agg(row_id))) FROM changed WHERE kind = 'attribute_value';
    RETURN NULL;
END
$$;
"""
# Rows that come and go: of which column the product is.
_ROWS = {
    "catalogue_product": ("products", "id", ("INSERT",)),
    "catalogue_variant": ("products", "product_id", ("INSERT", "DELETE")),
    "attribute_product_value": ("products", "product_id", ("INSERT", "DELETE")),
    "attribute_variant_value": ("products", "product_id", ("INSERT", "DELETE")),
    "translation_translation": ("translations", "", ("INSERT", "UPDATE", "DELETE")),
}
_PAGE = (
    "setweight(to_tsvector('english', title), 'A') || "
    "setweight(to_tsvector('english', left(coalesce(content_block_texts(content), ''), 100000)), 'C')"
)


def _need_pg_trgm() -> None:
    """Words that are alike are found by the three-letter pieces that they share."""
    made = sa.text("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
    if op.get_bind().execute(made).first() is not None:
        return
    try:
        with op.get_bind().begin_nested():
            op.execute("CREATE EXTENSION pg_trgm")
    except sa.exc.DBAPIError as error:
        raise RuntimeError(
            "Search needs PostgreSQL's extension pg_trgm, and this user may not create it. "
            "Let the database's owner run: CREATE EXTENSION pg_trgm;"
        ) from error


def upgrade() -> None:
    _need_pg_trgm()
    op.drop_index("ix_catalogue_product_search", "catalogue_product")
    op.drop_column("catalogue_product", "search_document")
    op.create_table(
        "browse_product_text",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("document", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["catalogue_product.id"],
            name=op.f("fk_browse_product_text_product_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_browse_product_text")),
    )
    op.create_index("ix_browse_product_text_document", "browse_product_text", ["document"], postgresql_using="gin")
    op.create_table(
        "browse_word",
        sa.Column("word", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_browse_word")),
    )
    op.create_index(
        "ix_browse_word_alike", "browse_word", ["word"], postgresql_using="gin", postgresql_ops={"word": "gin_trgm_ops"}
    )
    op.execute(_DOCUMENTS)
    for table, (kind, column, events) in _ROWS.items():
        for event in events:
            rows = "OLD" if event == "DELETE" else "NEW"
            op.execute(
                f"CREATE TRIGGER browse_texts_{event.lower()} AFTER {event} ON {table} "
                f"REFERENCING {rows} TABLE AS changed "
                f"FOR EACH STATEMENT EXECUTE FUNCTION browse_{kind}_changed('{column}')"
            )
    op.execute("SELECT browse_write_texts(array_agg(id)) FROM catalogue_product")
    op.add_column(
        "content_page",
        sa.Column("search_document", postgresql.TSVECTOR(), sa.Computed(_PAGE, persisted=True), nullable=False),
    )
    op.create_index("ix_content_page_search", "content_page", ["search_document"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_index("ix_content_page_search", "content_page")
    op.drop_column("content_page", "search_document")
    for name in (
        "translations_changed()",
        "value_changed()",
        "products_with(integer[])",
        "variant_changed()",
        "product_changed()",
        "products_changed()",
        "write_texts(integer[])",
        'vector(text, "char")',
        "plain(text)",
    ):
        op.execute(f"DROP FUNCTION browse_{name} CASCADE")
    op.execute("DROP FUNCTION content_block_texts(jsonb)")
    op.drop_table("browse_word")
    op.drop_table("browse_product_text")
    op.add_column(
        "catalogue_product",
        sa.Column(
            "search_document",
            postgresql.TSVECTOR(),
            sa.Computed(
                "setweight(to_tsvector('english', name), 'A') || "
                "setweight(to_tsvector('english', description_text), 'C')",
                persisted=True,
            ),
            nullable=False,
        ),
    )
    op.create_index("ix_catalogue_product_search", "catalogue_product", ["search_document"], postgresql_using="gin")
