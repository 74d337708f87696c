"""Lists of many products read an index: the database's own plans say so, for every order and for most filters.

The plans are made with the statistics of the rows below, by the planner as it is; nothing is timed.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.browse.listing import Kind, count, page
from shop.browse.queries import PRODUCT_LIST, Sight
from shop.browse.search import ALIKE
from shop.kit.db import Database
from shop.kit.db.reader import prepare
from shop.kit.pagination import Window
from tests import factories as make

PUBLIC: Final = Sight(in_channel=True, public=True, listed=True)
WINDOW: Final = Window(12)
SIZE: Final = 3000
NOW: Final = datetime(2030, 1, 1, tzinfo=UTC)

# Every table at once: written one by one, the texts of all products would be made again for each.
_ROWS: Final = """
SET LOCAL shop.texts = 'later';
SET LOCAL statement_timeout = '60s';
INSERT INTO catalogue_product_type (name, slug) SELECT 'Kind ' || n, 'kind-' || n FROM generate_series(1, 8) AS n;
INSERT INTO catalogue_product (name, slug, product_type_id, created_at, updated_at, rating, metadata)
    SELECT 'Product ' || n, 'many-' || n, (SELECT id FROM catalogue_product_type WHERE slug = 'kind-' || (n % 8 + 1)),
        timestamptz '2020-01-01' + n * interval '1 hour', timestamptz '2020-01-01' + n * interval '1 hour', n % 50,
        jsonb_build_object('batch', (n % 500)::text)
    FROM generate_series(1, {size}) AS n;
INSERT INTO catalogue_variant (product_id, track_inventory) SELECT id, id % 100 = 0 FROM catalogue_product;
INSERT INTO pricing_variant_listing (variant_id, channel_id, currency, price_amount)
    SELECT variant.id, channel.id, 'USD', variant.id % 1000
    FROM catalogue_variant AS variant, channel_channel AS channel;
INSERT INTO pricing_product_listing (product_id, channel_id, currency, is_published, published_at,
    minimum_price_amount)
    SELECT product.id, channel.id, 'USD', true, product.created_at, product.id % 1000
    FROM catalogue_product AS product, channel_channel AS channel;
INSERT INTO attribute_attribute (name, slug) VALUES ('Choice', 'choice');
INSERT INTO attribute_attribute (name, slug, input_type) VALUES ('Number', 'number', 'NUMERIC');
INSERT INTO attribute_of_product_type (product_type_id, attribute_id)
    SELECT kind.id, attribute.id FROM catalogue_product_type AS kind, attribute_attribute AS attribute
    WHERE kind.slug <> 'kind-1';
INSERT INTO attribute_value (attribute_id, slug, name)
    SELECT id, n::text, 'Value ' || n FROM attribute_attribute, generate_series(1, 200) AS n WHERE slug = 'choice';
INSERT INTO attribute_value (attribute_id, slug, name, number)
    SELECT attribute.id, product.id::text, product.id::text, product.id % 1000
    FROM attribute_attribute AS attribute, catalogue_product AS product WHERE attribute.slug = 'number';
INSERT INTO attribute_product_value (product_id, value_id)
    SELECT product.id, value.id FROM catalogue_product AS product
    JOIN attribute_value AS value ON value.slug = (product.id % 200 + 1)::text AND value.number IS NULL
    UNION SELECT value.slug::int, value.id FROM attribute_value AS value WHERE value.number IS NOT NULL;
INSERT INTO attribute_variant_value (variant_id, value_id)
    SELECT variant.id, value.id FROM catalogue_variant AS variant
    JOIN attribute_value AS value ON value.slug = (variant.id % 200 + 1)::text AND value.number IS NULL;
SET LOCAL shop.texts = '';
SELECT browse_write_texts(array_agg(id)) FROM catalogue_product
"""
# What autovacuum would do within a minute.
_KNOWN: Final = """
VACUUM ANALYZE catalogue_product, catalogue_variant, pricing_variant_listing, pricing_product_listing, attribute_value,
    attribute_product_value, attribute_variant_value, browse_product_text, browse_attribute_sort
"""


async def fill(database: Database) -> int:
    """A channel with thousands of products, which the planner knows."""

    async def work(session: AsyncSession) -> int:
        # One of several, as most rows of a table of listings are another channel's.
        channel, *_ = [await make.channel(session) for _ in range(3)]
        for statement in _ROWS.format(size=SIZE).split(";"):
            await session.execute(text(statement))
        return channel.id

    channel_id = await database.run(work)
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text(_KNOWN))
    return channel_id


async def plan(database: Database, statement: Any, params: dict[str, Any]) -> str:
    """How the database would run the statement."""
    prepared = prepare(statement)
    async with database.unit() as session:
        driver = (await (await session.connection()).get_raw_connection()).driver_connection
        assert driver is not None
        wanted = {name: value for name, value in params.items() if name in prepared.defaults}
        rows = await driver.fetch(f"EXPLAIN {prepared.sql}", *prepared.arguments(wanted))
    return "\n".join(row[0] for row in rows)


_SORTS: Final = {
    "NAME": "ix_catalogue_product_name_id",
    "SLUG": "uq_catalogue_product_slug",
    "PRICE": "ix_pricing_product_listing_price",
    "CREATED_AT": "ix_catalogue_product_created_at_id",
    "LAST_MODIFIED_AT": "ix_catalogue_product_updated_at_id",
    "PUBLISHED_AT": "ix_pricing_product_listing_published_at",
    "PUBLISHED": "ix_pricing_product_listing_is_published",
    "RATING": "ix_catalogue_product_rating_id",
    "TYPE": "ix_catalogue_product_product_type_name_id",
}


# A value in the middle of each order; the id decides between equal ones.
_MIDDLES: Final[dict[str, Any]] = {
    "NAME": "Product 2000",
    "SLUG": "many-2000",
    "PRICE": Decimal(500),
    "CREATED_AT": NOW,
    "LAST_MODIFIED_AT": NOW,
    "PUBLISHED_AT": NOW,
    "PUBLISHED": True,
    "RATING": 25.0,
    "TYPE": "Kind 4",
}


def reads_on(found: str, index: str) -> bool:
    """Whether the plan begins to read that index behind the cursor."""
    return re.search(rf"Scan (Backward )?using {index} .*\n +Index Cond: .*(ROW\(|[<>])", found) is not None


async def orders(database: Database, channel_id: int) -> None:
    """Every order reads the beginning of an index, and a later page what follows its cursor there."""
    for sort, index in _SORTS.items():
        for descending in (False, True):
            kind = Kind(PRODUCT_LIST, PUBLIC, ("and",), sort, descending)
            for backward in (False, True):
                for cursor in (None, (_MIDDLES[sort], 1500)):
                    window = Window(12, backward=backward, cursor=cursor)
                    params = {"channel_id": channel_id, "now": NOW, **window.params}
                    found = await plan(database, page(kind, window.shape), params)
                    assert index in found, (sort, window, found)
                    assert cursor is None or reads_on(found, index), (sort, window, found)
                    assert "Seq Scan on catalogue_product" not in found, (sort, window, found)


async def attribute_orders(database: Database, channel_id: int) -> None:
    """An order by an attribute reads those with a value by one index, those without by another."""
    async with database.unit() as session:
        lacking = await session.scalar(text("SELECT id FROM catalogue_product_type WHERE slug = 'kind-1'"))
        rows = await session.execute(text("SELECT slug, id FROM attribute_attribute"))
        ids = {row.slug: row.id for row in rows}
    known = {"channel_id": channel_id, "now": NOW, "other_types": [lacking]}
    for slug, sort, middle in (("number", "ATTRIBUTE_NUMBER", Decimal(500)), ("choice", "ATTRIBUTE_PLACE", 0)):
        index = f"ix_browse_attribute_sort_{sort[10:].lower()}"
        for descending in (False, True):
            kind = Kind(PRODUCT_LIST, PUBLIC, ("and",), sort, descending)
            for cursor in (None, (middle, 1500), (None, 1500)):
                for backward in (False, True):
                    window = Window(12, backward=backward, cursor=cursor)
                    params = known | {"attribute_id": ids[slug]} | window.params
                    found = await plan(database, page(kind, window.shape), params)
                    with_value = cursor is None or cursor[0] is not None or descending is not backward
                    without = cursor is None or cursor[0] is None or descending is backward
                    assert (index in found) is with_value, (window, found)
                    assert ("ix_browse_attribute_sort_nothing" in found) is without, (window, found)
                    assert "Seq Scan" not in found, (window, found)


# A criterion, a value that few products satisfy, and what finds them.
_FILTERS: Final[dict[str, tuple[Any, str]]] = {
    "slugs": (["many-7"], "uq_catalogue_product_slug"),
    "metadata": ({"batch": "7"}, "ix_catalogue_product_metadata"),
    "in_stock": (False, "ix_pricing_product_listing_in_stock"),
    "price_range": ("[7,7.5]", "ix_pricing_variant_listing_sold_at"),
    "minimum_prices": ([7], "ix_pricing_product_listing_price"),
    "search": ("1234:*", "ix_browse_product_text_document"),
    "own_values": ([7], "ix_attribute_product_value_value"),
    "values": ([7], "ix_attribute_variant_value_value"),
}


async def ranks(database: Database, channel_id: int) -> None:
    """What a search finds is sorted on its own: the rest of a product is looked up for the rows of the page alone."""
    words = {"search": "product:*", "value_0": "product:*"}
    for descending in (False, True):
        kind = Kind(PRODUCT_LIST, PUBLIC, ("and", "search"), "RANK", descending)
        for window in (WINDOW, Window(12, backward=True), Window(12, cursor=(0.5, 7))):
            params = {"channel_id": channel_id, "now": NOW, **words, **window.params}
            found = await plan(database, page(kind, window.shape), params)
            assert "Index Scan using pk_catalogue_product" in found, (descending, window, found)
            assert "Index Only Scan using ix_pricing_product_listing_shown" in found, (descending, window, found)
            assert found.count("Sort Key") == 1, (descending, window, found)


async def filters(database: Database, channel_id: int) -> None:
    """A filter that few products pass finds them by an index."""
    for criterion, (value, index) in _FILTERS.items():
        kind = Kind(PRODUCT_LIST, PUBLIC, ("and", criterion), "NAME")
        params = {"channel_id": channel_id, "now": NOW, "value_0": value}
        for statement in (page(kind, WINDOW.shape), count(kind)):
            found = await plan(database, statement, params | WINDOW.params)
            assert index in found, (criterion, found)


async def ranges(database: Database, channel_id: int) -> None:
    """A range of numbers is found by an index."""
    async with database.unit() as session:
        number = await session.scalar(text("SELECT id FROM attribute_attribute WHERE slug = 'number'"))
    kind = Kind(PRODUCT_LIST, PUBLIC, ("and", "own_of_number_range"), "NAME")
    values = {"value_0_0": number, "value_0_1": 7, "value_0_2": 8}
    found = await plan(
        database, page(kind, WINDOW.shape), {"channel_id": channel_id, "now": NOW, **values, **WINDOW.params}
    )
    assert "ix_attribute_value_attribute_number" in found, found
    assert "Seq Scan" not in found, found


async def counts(database: Database, channel_id: int) -> None:
    """A channel's products are counted without looking at them."""
    for criteria in (("and",), ("and", "in_stock", "is_for_sale"), ("and", "search"), ("and", "own_of_number_range")):
        statement = count(Kind(PRODUCT_LIST, PUBLIC, criteria, "NAME"))
        params: dict[str, Any] = {"value_0": "product:*" if "search" in criteria else True, "value_1": True}
        params |= {"value_0_0": 1, "value_0_1": 7, "value_0_2": 900}
        params = {name: value for name, value in params.items() if name in prepare(statement).defaults}
        found = await plan(database, statement, {"channel_id": channel_id, "now": NOW, **params})
        assert "catalogue_product" not in found, found
        if "in_stock" not in criteria:
            assert "Index Only Scan using ix_pricing_product_listing_shown" in found, (criteria, found)


async def errors(database: Database) -> None:
    """Words that are alike are found by their pieces."""
    async with database.unit() as session:
        await session.execute(
            text(
                "INSERT INTO browse_word SELECT md5(n::text) FROM generate_series(1, 20000) AS n ON CONFLICT DO NOTHING"
            )
        )
        await session.execute(text("ANALYZE browse_word"))
    found = await plan(database, ALIKE, {"words": ["rozemary"]})
    assert "ix_browse_word_alike" in found, found


async def test_no_list_reads_more_than_it_shows(committed: Database) -> None:
    # A database of its own: pages that other tests leave behind, empty but counted, would move the planner.
    channel_id = await fill(committed)
    for check in (orders, attribute_orders, ranks, filters, ranges, counts):
        await check(committed, channel_id)
    await errors(committed)
