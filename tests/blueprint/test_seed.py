"""Products for benchmarks."""

from pathlib import Path

import pytest
from sqlalchemy import text

from shop.blueprint import seed
from shop.blueprint.apply import apply
from shop.blueprint.load import parse
from shop.kit.db import Database
from shop.kit.errors import Conflict

GROUND = """
warehouses:
  - {slug: a, name: A, address: {street: 1 Example Street, city: Exampletown, country: US}}
  - {slug: b, name: B, address: {street: 1 Example Street, city: Exampletown, country: US}}
channels:
  - {slug: main, name: Main, currency: USD, default_country: US, warehouses: [a]}
  - {slug: tokyo, name: Tokyo, currency: JPY, default_country: JP, warehouses: [b]}
"""


async def value(database: Database, statement: str) -> object:
    async with database.unit() as session:
        return (await session.execute(text(statement))).scalar_one()


async def test_products_are_added_up_to_the_number(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seed, "_CHUNK", 40)
    await apply(database, parse(GROUND), media_folder=Path())
    heard: list[tuple[int, int]] = []
    assert await seed.seed(database, 100, progress=lambda done, wanted: heard.append((done, wanted))) == 100
    assert heard == [(40, 100), (80, 100), (100, 100)]
    assert await seed.seed(database, 100) == 0
    assert await seed.seed(database, 120) == 20
    assert await value(database, "SELECT count(*) FROM catalogue_product") == 120
    assert await value(database, "SELECT count(*) FROM catalogue_variant") == 360
    assert await value(database, "SELECT count(DISTINCT category_id) > 10 FROM catalogue_product") is True
    assert await value(database, "SELECT count(*) FROM catalogue_product WHERE default_variant_id IS NULL") == 0
    assert await value(database, "SELECT count(*) FROM stock_stock WHERE quantity = 0") != 0
    assert await value(database, "SELECT count(DISTINCT product_id) FROM attribute_product_value") == 120
    assert await value(database, "SELECT count(*) FROM attribute_variant_value") == 360
    assert await value(database, "SELECT count(*) FROM attribute_value WHERE number IS NOT NULL") == 120
    # Listings know their lowest price, and prices fit their currency.
    assert await value(database, "SELECT count(*) FROM pricing_product_listing WHERE minimum_price_amount IS NULL") == 0
    fractions = "SELECT count(*) FROM pricing_variant_listing WHERE currency = 'JPY' AND price_amount % 1 <> 0"
    assert await value(database, fractions) == 0
    found = "SELECT count(*) FROM browse_product_text WHERE document @@ websearch_to_tsquery('english', 'shampoo')"
    assert await value(database, found) != 0


async def test_the_same_number_is_the_same_product(database: Database) -> None:
    await apply(database, parse(GROUND), media_folder=Path())
    await seed.seed(database, 3)
    everything = "SELECT string_agg(name || description_text || created_at, '|' ORDER BY slug) FROM catalogue_product"
    first = await value(database, everything)
    async with database.unit() as session:
        await session.execute(text("DELETE FROM catalogue_product"))
    await seed.seed(database, 3)
    assert await value(database, everything) == first


async def test_a_shop_without_channels_is_refused(database: Database) -> None:
    with pytest.raises(Conflict, match="apply a shop file first"):
        await seed.seed(database, 10)
