"""Products are found by every text that belongs to them, by beginnings of words, and in spite of typing errors."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.browse.search import ALIKE, doubtful, query, words
from shop.kit.db import Database
from tests import factories as make

FOUND = text(
    "SELECT p.slug FROM browse_product_text t JOIN catalogue_product p ON p.id = t.product_id, "
    "LATERAL (SELECT to_tsquery('english', :query) || to_tsquery('simple', :query) AS q) AS asked "
    "WHERE t.document @@ q ORDER BY ts_rank(t.document, q) DESC, p.id"
)


async def found(session: AsyncSession, typed: str) -> list[str]:
    """The slugs of what a search finds, the best first."""
    wanted = words(typed)
    alike = [row._asdict() for row in await session.execute(ALIKE, {"words": doubtful(wanted)})]
    rows = await session.execute(FOUND, {"query": query(wanted, alike)})
    return [row[0] for row in rows]


async def shelf(session: AsyncSession) -> None:
    """Three products whose texts stand in different places."""
    channel = await make.channel(session)
    kind = await make.product_type(session)
    serum = await make.product(
        session,
        channel,
        type=kind,
        slug="serum",
        name="Moisturizing night serum",
        description_text="Rosemary for the scalp.",
    )
    oil = await make.product(session, channel, type=kind, slug="oil", name="Rosemary oil")
    comb = await make.product(session, channel, type=kind, slug="comb", name="Wooden comb")
    await make.variant(session, channel, product=serum, name="Travel size", sku="SER-0030-B")
    await make.variant(session, channel, product=oil, name="Refill", sku="OIL_100")
    variant = await make.variant(session, channel, product=comb, name="Large", sku="COMB.1")
    material = await make.attribute(session, kind, slug="material")
    await make.attribute_value(session, material, comb, slug="walnut", name="Walnut")
    colour = await make.attribute(session, kind, slug="colour", of_variants=True)
    dusk = await make.attribute_value(session, colour, variant, slug="dusk", name="Dusk blue")
    hidden = await make.attribute(session, kind, slug="margin", visible_in_storefront=False)
    await make.attribute_value(session, hidden, comb, name="Unprofitable")
    await make.translation(
        session,
        "product",
        comb.id,
        name="Kamm",
        description={"blocks": [{"type": "paragraph", "data": {"text": "Aus Nussbaum."}}, {"type": "odd"}]},
    )
    await make.translation(session, "attribute_value", dusk.id, name="Dämmerblau")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        # A name counts more than a description.
        ("rosemary", ["oil", "serum"]),
        ("ROSEMARY night", ["serum"]),
        ("travel", ["serum"]),
        ("ser-0030", ["serum"]),
        ("0030", ["serum"]),
        ("oil_100", ["oil"]),
        ("comb.1", ["comb"]),
        ("walnut comb", ["comb"]),
        ("dusk", ["comb"]),
        ("dämmerblau", ["comb"]),
        ("kamm", ["comb"]),
        ("nussbaum", ["comb"]),
        # What the owner hides from storefronts is not found by them; what blocks are called is no text.
        ("unprofitable", []),
        ("paragraph", []),
        # The stem of "moisturizing" is shorter than what is typed here.
        ("moisturi", ["serum"]),
        ("combs", ["comb"]),
        # Typing errors: letters too many, too few, and others.
        ("rozemary", ["oil", "serum"]),
        ("rosmary oil", ["oil"]),
        ("moistturizing", ["serum"]),
        ("wallnut", ["comb"]),
        # What is nothing like anything, and what is no word.
        ("zzzzzz", []),
        ("rosemary zzzzzz", []),
        ("!&|", []),
        ("%", []),
    ],
)
async def test_every_text_is_searched(database: Database, typed: str, expected: Sequence[str]) -> None:
    async def work(session: AsyncSession) -> None:
        await shelf(session)
        assert await found(session, typed) == expected

    await database.run(work)


async def test_a_search_follows_every_change(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        await shelf(session)

        async def then(change: str, typed: str, *expected: str) -> None:
            await session.execute(text(change))
            assert await found(session, typed) == list(expected), change

        await then("UPDATE catalogue_product SET name = 'Cedar oil' WHERE slug = 'oil'", "cedar", "oil")
        await then("UPDATE catalogue_product SET description_text = 'Mint' WHERE slug = 'serum'", "mint", "serum")
        await then("SELECT 1", "rosemary")
        await then("UPDATE catalogue_variant SET name = 'Pouch' WHERE sku = 'OIL_100'", "pouch", "oil")
        await then("UPDATE catalogue_variant SET sku = 'X900' WHERE sku = 'OIL_100'", "x900", "oil")
        await then(
            "UPDATE catalogue_variant SET product_id = (SELECT id FROM catalogue_product WHERE slug = 'comb') "
            "WHERE sku = 'X900'",
            "x900",
            "comb",
        )
        await then("DELETE FROM catalogue_variant WHERE sku = 'X900'", "x900")
        await then("UPDATE attribute_value SET name = 'Beech' WHERE slug = 'walnut'", "beech", "comb")
        await then(
            "DELETE FROM attribute_product_value USING attribute_value WHERE id = value_id AND slug = 'walnut'",
            "beech",
        )
        other = """UPDATE translation_translation SET texts = '{"name": "Bürste"}' WHERE kind = 'product'"""
        await then(other, "kamm")
        await then("SELECT 1", "bürste", "comb")
        await then("DELETE FROM translation_translation WHERE kind = 'product'", "bürste")
        await then("DELETE FROM attribute_value WHERE slug = 'dusk'", "dusk")
        await then("DELETE FROM catalogue_product WHERE slug = 'comb'", "wooden")

    await database.run(work)


@pytest.mark.race
async def test_two_who_change_texts_of_one_product_at_once_are_both_found(committed: Database) -> None:
    await committed.run(shelf)
    changes = (
        "UPDATE catalogue_product SET name = 'Cedar oil' WHERE slug = 'oil'",
        "UPDATE catalogue_variant SET name = 'Pouch' WHERE sku = 'OIL_100'",
    )
    begun = asyncio.Barrier(2)

    async def change(statement: str) -> None:
        async def work(session: AsyncSession) -> None:
            await session.execute(text("SELECT 1"))
            await begun.wait()
            await session.execute(text(statement))
            await asyncio.sleep(0.1)

        await committed.run(work)

    await asyncio.gather(*(change(statement) for statement in changes))
    async with committed.unit() as session:
        assert await found(session, "cedar pouch") == ["oil"]
