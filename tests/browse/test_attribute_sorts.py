"""What an attribute orders products by is kept: true after every change of what decides it, and of two at once."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

import shop
from shop.attributes.rules import INPUT_TYPES, REFERENCES
from shop.kit.db import Database
from tests import factories as make

INVARIANT: Final = (Path(shop.__file__).parent / "browse" / "invariants.sql").read_text()


async def wrong(session: AsyncSession) -> list[Any]:
    """The products that `shop doctor --verify` would name."""
    return list(await session.execute(text(INVARIANT)))


async def kept(session: AsyncSession) -> dict[str, str]:
    """What the products are sorted by, by attribute and product, in the column that holds it; empty: nothing."""
    rows = await session.execute(
        text(
            "SELECT a.slug || ' ' || p.slug, CASE WHEN number IS NOT NULL THEN 'number ' || number "
            "WHEN moment IS NOT NULL THEN 'moment ' || moment::date WHEN place IS NOT NULL THEN 'place ' || place "
            "WHEN k.name IS NOT NULL THEN 'name ' || k.name ELSE '' END "
            "FROM browse_attribute_sort k JOIN attribute_attribute a ON a.id = attribute_id "
            "JOIN catalogue_product p ON p.id = product_id"
        )
    )
    return {row[0]: row[1] for row in rows}


async def test_every_change_is_followed(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        oils, soaps = await make.product_type(session, slug="oils"), await make.product_type(session, slug="soaps")
        content = await make.attribute(session, slug="content", input_type="NUMERIC")
        low = await make.attribute_value(session, content, number=5)
        high = await make.attribute_value(session, content, number=7)
        names: dict[str, object] = {
            "oils": oils.id,
            "soaps": soaps.id,
            "content": content.id,
            "low": low.id,
            "high": high.id,
        }

        async def then(change: str, **expected: str) -> None:
            statement = text(change)
            used = {name: names[name] for name in statement.compile().params}
            await session.execute(statement, used)
            assert await kept(session) == {f"content {slug}": value for slug, value in expected.items()}, change
            assert await wrong(session) == [], change

        has = "INSERT INTO attribute_product_value (product_id, value_id) SELECT id, :{} FROM catalogue_product"
        await then("INSERT INTO catalogue_product (name, slug, product_type_id) VALUES ('A', 'a', :oils)")
        await then(
            "INSERT INTO attribute_of_product_type (product_type_id, attribute_id) VALUES (:oils, :content)", a=""
        )
        await then("INSERT INTO catalogue_product (name, slug, product_type_id) VALUES ('B', 'b', :oils)", a="", b="")
        await then("DELETE FROM catalogue_product WHERE slug = 'b'", a="")
        await then(has.format("high"), a="number 7")
        await then(has.format("low"), a="number 5")
        await then("DELETE FROM attribute_product_value WHERE value_id = :low", a="number 7")
        await then("UPDATE attribute_product_value SET value_id = :low", a="number 5")
        await then("UPDATE attribute_value SET number = 3 WHERE id = :low", a="number 3")
        await then("UPDATE attribute_value SET number = NULL WHERE id = :low", a="")
        await then(
            "UPDATE attribute_value SET number = 4, moment = '2030-01-01', name = 'Four', sort_order = 9", a="number 4"
        )
        await then("UPDATE attribute_attribute SET input_type = 'DATE'", a="moment 2030-01-01")
        await then("UPDATE attribute_attribute SET input_type = 'DROPDOWN'", a="place 9")
        await then("UPDATE attribute_value SET sort_order = 1", a="place 1")
        await then("UPDATE attribute_attribute SET input_type = 'PLAIN_TEXT'", a="name Four")
        await then("UPDATE attribute_value SET name = 'Five' WHERE id = :low", a="name Five")
        await then("UPDATE catalogue_product SET product_type_id = :soaps")
        await then("UPDATE attribute_of_product_type SET product_type_id = :soaps", a="name Five")
        await then("UPDATE attribute_of_product_type SET of_variants = true")
        await then("UPDATE attribute_of_product_type SET of_variants = false", a="name Five")
        await then("DELETE FROM attribute_value WHERE id = :low", a="")
        await then("DELETE FROM attribute_of_product_type")
        await then(
            "INSERT INTO attribute_of_product_type (product_type_id, attribute_id) VALUES (:soaps, :content)", a=""
        )
        await then("DELETE FROM attribute_attribute")

    await database.run(work)


async def test_each_kind_of_attribute_is_sorted_by_its_own_column(database: Database) -> None:
    columns: dict[str, Any] = {"number": 5, "moment": datetime(2030, 1, 1, tzinfo=UTC)}
    by_kind = {"NUMERIC": "number 5", "DATE": "moment 2030-01-01", "DATE_TIME": "moment 2030-01-01"}
    by_kind |= dict.fromkeys(("DROPDOWN", "MULTISELECT", "SWATCH"), "place")

    async def work(session: AsyncSession) -> None:
        kind = await make.product_type(session)
        product = await make.product(session, type=kind)
        expected = {}
        for input_type in INPUT_TYPES:
            entity = "PAGE" if input_type in REFERENCES else None
            attribute = await make.attribute(session, kind, slug=input_type, input_type=input_type, entity_type=entity)
            value = await make.attribute_value(session, attribute, product, name="Word", **columns)
            found = by_kind.get(input_type, "name Word")
            expected[f"{input_type} {product.slug}"] = f"place {value.sort_order}" if found == "place" else found
        assert await kept(session) == expected
        assert await wrong(session) == []

    await database.run(work)


_CHANGES: Final[Sequence[str]] = (
    (
        "INSERT INTO attribute_product_value (product_id, value_id) SELECT p.id, v.id FROM catalogue_product p, "
        "attribute_value v WHERE (p.id + v.id) % 3 = :n ON CONFLICT DO NOTHING"
    ),
    "DELETE FROM attribute_product_value WHERE (product_id + value_id) % 3 = :n",
    "UPDATE attribute_value SET number = id % 5 - :n, sort_order = (id * 7) % 5 + :n, name = 'Name ' || id % (:n + 2)",
    "UPDATE attribute_value SET number = NULL WHERE id % 3 = :n",
    "DELETE FROM attribute_value WHERE id % 5 = :n",
    "UPDATE attribute_attribute SET input_type = (ARRAY['NUMERIC', 'DROPDOWN', 'PLAIN_TEXT'])[:n + 1]",
    "DELETE FROM attribute_of_product_type WHERE (product_type_id + attribute_id) % 3 = :n",
    (
        "INSERT INTO attribute_of_product_type (product_type_id, attribute_id) SELECT k.id, a.id "
        "FROM catalogue_product_type k, attribute_attribute a WHERE (k.id + a.id) % 3 <> :n ON CONFLICT DO NOTHING"
    ),
    "UPDATE attribute_of_product_type SET of_variants = NOT of_variants WHERE attribute_id % 3 = :n",
    "UPDATE catalogue_product SET product_type_id = (SELECT max(id) FROM catalogue_product_type) WHERE id % 3 = :n",
    "DELETE FROM catalogue_product WHERE id % 7 = :n",
)


def test_no_sequence_of_changes_makes_an_order_wrong(committed_url: Any, rounds: Callable[[int, int], int]) -> None:
    """Whole tables change at once, in every order that hypothesis thinks of."""

    async def run(changes: list[tuple[int, int]]) -> None:
        database = Database(committed_url, pool_size=1)
        try:
            async with database.unit() as session:
                kinds = [await make.product_type(session) for _ in range(2)]
                products = [await make.product(session, type=kinds[number % 2]) for number in range(4)]
                for _ in range(2):
                    attribute = await make.attribute(session, *kinds, input_type="NUMERIC")
                    for number, product in enumerate(products):
                        await make.attribute_value(session, attribute, product, number=number)
                for number, n in changes:
                    await session.execute(text(_CHANGES[number].replace(":n", str(n))))
                    assert await wrong(session) == [], (_CHANGES[number], n)
                await session.rollback()
        finally:
            await database.close()

    @settings(max_examples=rounds(4, 500), deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.tuples(st.integers(0, len(_CHANGES) - 1), st.integers(0, 2)), max_size=10))
    def check(changes: list[tuple[int, int]]) -> None:
        asyncio.run(run(changes))

    check()


_GIVE: Final = (
    "INSERT INTO attribute_product_value (product_id, value_id) SELECT p.id, v.id FROM catalogue_product p, "
    "attribute_value v WHERE v.slug = '{}'"
)
_ASSIGN: Final = (
    "INSERT INTO attribute_of_product_type (product_type_id, attribute_id) "
    "SELECT k.id, a.id FROM catalogue_product_type k, attribute_attribute a WHERE a.slug = 'new'"
)
_ADD: Final = (
    "INSERT INTO catalogue_product (name, slug, product_type_id) "
    "SELECT 'Added', 'added', id FROM catalogue_product_type"
)
_RACES: Final = {
    "one gives a value while the other changes it": (
        _GIVE.format("low"),
        "UPDATE attribute_value SET number = 4 WHERE slug = 'low'",
    ),
    "each gives another value": (_GIVE.format("low"), _GIVE.format("high")),
    "one adds a product while the other's attribute comes to its type": (_ADD, _ASSIGN),
    "one adds a product while the other makes the attribute another kind": (
        _ADD,
        "UPDATE attribute_attribute SET input_type = 'PLAIN_TEXT' WHERE slug = 'content'",
    ),
}


_NOTHING: Final = ("catalogue_product", "catalogue_product_type", "attribute_attribute")


async def _ground(session: AsyncSession) -> None:
    for table in _NOTHING:
        await session.execute(text(f"DELETE FROM {table}"))
    kind = await make.product_type(session)
    await make.product(session, type=kind)
    content = await make.attribute(session, kind, slug="content", input_type="NUMERIC")
    for slug, number in (("low", 5), ("high", 7)):
        await make.attribute_value(session, content, slug=slug, number=number)
    await make.attribute(session, slug="new")


async def _at_once(database: Database, first: str, second: str) -> None:
    """The second begins when the first has made its change, and comes as far as it can before that is committed."""
    changed = asyncio.Event()

    async def one(session: AsyncSession) -> None:
        await session.execute(text(first))
        changed.set()
        await asyncio.sleep(0.05)

    async def other(session: AsyncSession) -> None:
        await changed.wait()
        await session.execute(text(second))

    await asyncio.gather(database.run(one), database.run(other))


@pytest.mark.race
async def test_two_at_once_leave_what_is_true(committed: Database) -> None:
    for name, changes in _RACES.items():
        for first, second in (changes, changes[::-1]):
            await committed.run(_ground)
            await _at_once(committed, first, second)
            async with committed.unit() as session:
                assert await wrong(session) == [], (name, first)
