"""Pages of products stay where they are while products come and go."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from shop.browse.listing import Kind, page
from shop.browse.queries import PRODUCT_LIST, Sight
from shop.catalogue.models import Product
from shop.channels.models import Channel
from shop.kit.db import Database
from shop.kit.db.reader import prepare
from shop.kit.pagination import Window
from shop.pricing.actions import refresh_listings
from tests import factories as make
from tests.factories.catalogue import LONG_AGO

PUBLIC = Sight(in_channel=True, public=True, listed=True)


async def test_a_page_is_stable_while_products_come_and_go(database: Database) -> None:
    async def rows(session: AsyncSession) -> int:
        channel = await make.channel(session)
        for price in ("10", "20", "30", "40"):
            product = await make.product(session, channel, slug=f"p{price}")
            await make.variant(session, channel, product=product, price=price)
        return channel.id

    channel_id = await database.run(rows)
    kind = Kind(PRODUCT_LIST, PUBLIC, ("and",), "PRICE")

    async def read(window: Window) -> tuple[list[str], str]:
        records = await database.reader().rows(
            page(kind, window.shape), channel_id=channel_id, now=LONG_AGO, **window.params
        )
        found = kind.keyset.page(records, window)
        return [record["slug"] for record in found.items], found.cursors[-1]

    first, cursor = await read(Window(2))
    assert first == ["p10", "p20"]

    async def change(session: AsyncSession) -> None:
        channel = await session.get_one(Channel, channel_id)
        for price in ("5", "25"):
            product = await make.product(session, channel, slug=f"p{price}")
            await make.variant(session, channel, product=product, price=price)
            await refresh_listings(session, [product.id])
        await session.execute(delete(Product).where(Product.slug == "p20"))

    await database.run(change)
    second, _ = await read(Window(2, cursor=kind.keyset.decode(cursor)))
    assert second == ["p25", "p30"]


async def test_the_pages_of_a_search_are_its_whole_order_both_ways(database: Database) -> None:
    async def rows(session: AsyncSession) -> tuple[int, list[str]]:
        channel = await make.channel(session)
        # A hit in the name counts more than one in the description; products that fit alike follow their ids.
        texts = [("Oil", ""), ("Comb", "With oil."), ("Oil", ""), ("Brush", "With oil."), ("Oil", ""), ("Soap", "Dry.")]
        for number, (name, description) in enumerate(texts):
            product = await make.product(
                session, channel, slug=f"p{number}", name=name, description_text=description or None
            )
            await make.variant(session, channel, product=product, name="", price="10")
        hidden = await make.product(session, channel, slug="hidden", name="Oil", is_published=False)
        await make.variant(session, channel, product=hidden, name="", price="10")
        return channel.id, ["p1", "p3", "p0", "p2", "p4"]

    channel_id, upwards = await database.run(rows)
    words = {"value_0": "oil:*", "search": "oil:*"}
    for descending, expected in ((False, upwards), (True, upwards[::-1])):
        kind = Kind(PRODUCT_LIST, PUBLIC, ("and", "search"), "RANK", descending)
        for backward in (False, True):
            met: list[str] = []
            cursor = None
            for more in (True, True, False):
                window = Window(2, backward=backward, cursor=cursor)
                records = await database.reader().rows(
                    page(kind, window.shape), channel_id=channel_id, now=LONG_AGO, **words, **window.params
                )
                found = kind.keyset.page(records, window)
                slugs = [record["slug"] for record in found.items]
                met = [*slugs, *met] if backward else [*met, *slugs]
                assert (found.has_previous if backward else found.has_next) is more
                cursor = kind.keyset.decode(found.cursors[0 if backward else -1])
            assert met == expected, (descending, backward)


async def test_the_pages_of_an_order_with_nulls_are_its_whole_order_both_ways(database: Database) -> None:
    """Wherever a page begins: among those with a value, among those without, or between the two."""
    # What they are sorted by; of those without a value, one is of a type that lacks the attribute.
    numbers = [7, 5, None, 5, None, 9, None]

    async def rows(session: AsyncSession) -> dict[str, int]:
        channel, category = await make.channel(session), await make.category(session)
        has, lacks = await make.product_type(session), await make.product_type(session)
        content = await make.attribute(session, has, input_type="NUMERIC")
        for place, number in enumerate(numbers):
            when = None if number is None else LONG_AGO + timedelta(days=number)
            product = await make.product(
                session,
                channel,
                slug=f"p{place}",
                type=lacks if place == 4 else has,
                category=category,
                rating=number,
                published_at=when,
            )
            if number is not None:
                await make.attribute_value(session, content, product, number=number)
                await make.attribute_value(session, content, product, number=number + 1)
            await make.variant(session, channel, product=product, price="1")
        return {"channel_id": channel.id, "attribute_id": content.id, "lacks": lacks.id, "category": category.id}

    known = await database.run(rows)
    params = {**known, "other_types": [known["lacks"]], "parents": [known["category"]]}
    params["now"] = LONG_AGO + timedelta(days=100)
    upwards = ["p1", "p3", "p0", "p5", "p2", "p4", "p6"]
    for sort in ("ATTRIBUTE_NUMBER", "RATING", "PUBLISHED_AT"):
        for within in (None, "category"):
            for descending in (False, True):
                kind = Kind(PRODUCT_LIST, PUBLIC, ("and",), sort, descending, within)
                expected = upwards[::-1] if descending else upwards
                for size in (1, 3):
                    for backward in (False, True):
                        met = await _walk(database, kind, params, Window(size, backward=backward))
                        assert met == expected, (kind.sort, within, descending, size, backward)


async def _walk(database: Database, kind: Kind, params: dict[str, Any], window: Window) -> list[str]:
    """The slugs of all pages, read from one end to the other."""
    met: list[str] = []
    while True:
        statement = page(kind, window.shape)
        used = {name: value for name, value in params.items() if name in prepare(statement).defaults}
        found = kind.keyset.page(await database.reader().rows(statement, **used, **window.params), window)
        slugs = [record["slug"] for record in found.items]
        met = [*slugs, *met] if window.backward else [*met, *slugs]
        if not (found.has_previous if window.backward else found.has_next):
            return met
        window = replace(window, cursor=kind.keyset.decode(found.cursors[0 if window.backward else -1]))
