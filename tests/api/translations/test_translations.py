"""Fields in other languages, and rows by their slugs in them."""

import json
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from shop.catalogue.models import Product
from shop.translations.models import Translation
from tests import factories as make
from tests.api.client import Api
from tests.database import OneConnectionDatabase

BLOCKS = {"blocks": [{"type": "paragraph", "data": {"text": "Hallo"}}]}

EVERYTHING = """
query ($language: LanguageCodeEnum!) {
  product(slug: "soap", channel: "default-channel") {
    name
    translation(languageCode: $language) { name slug description seoTitle seoDescription language { code } }
    productVariants(first: 5) { edges { node { translation(languageCode: $language) { name } } } }
    category { translation(languageCode: $language) { name slug description seoTitle seoDescription } }
    collections { translation(languageCode: $language) { name slug description seoTitle seoDescription } }
  }
  page(slug: "about") { translation(languageCode: $language) { title slug content seoTitle seoDescription } }
  menu(slug: "navbar") {
    items { translation(languageCode: $language) { name } children { translation(languageCode: $language) { name } } }
  }
}
"""


async def _stocked(session: AsyncSession) -> None:
    channel = await make.channel(session, slug="default-channel")
    category = await make.category(session, slug="care")
    product = await make.product(session, channel, slug="soap", category=category)
    collection = await make.collection(session, channel, slug="best", products=(product,))
    variant = await make.variant(session, channel, product=product)
    page = await make.page(session, slug="about")
    menu = await make.menu(session, slug="navbar")
    top = await make.menu_item(session, menu, name="Shop")
    below = await make.menu_item(session, menu, name="Soap", parent=top)
    await make.translation(
        session, "product", product.id, slug="seife", name="Seife", description=BLOCKS, seo_title="Gute Seife"
    )
    await make.translation(session, "product", product.id, "pt-br", name="Sabonete")
    await make.translation(session, "variant", variant.id, name="Klein")
    await make.translation(session, "category", category.id, slug="pflege", name="Pflege", seo_description="Zur Pflege")
    await make.translation(session, "collection", collection.id, slug="beste", name="Die besten")
    await make.translation(session, "page", page.id, slug="ueber-uns", title="Über uns", content=BLOCKS)
    await make.translation(session, "menu_item", top.id, name="Laden")
    await make.translation(session, "menu_item", below.id, name="Seife")


async def test_everything_says_what_it_says_in_german(api: Api, database: OneConnectionDatabase) -> None:
    await database.run(_stocked)
    data = (await api(EVERYTHING, {"language": "DE"})).data
    none: dict[str, Any] = {"description": None, "seoTitle": None, "seoDescription": None}
    product = data["product"]
    assert product["name"] == "Soap"
    translated = dict(product["translation"])
    assert translated.pop("language") == {"code": "DE"}
    assert json.loads(translated.pop("description")) == BLOCKS
    assert translated == {"name": "Seife", "slug": "seife", "seoTitle": "Gute Seife", "seoDescription": None}
    assert product["productVariants"]["edges"] == [{"node": {"translation": {"name": "Klein"}}}]
    assert product["category"]["translation"] == none | {
        "name": "Pflege",
        "slug": "pflege",
        "seoDescription": "Zur Pflege",
    }
    assert product["collections"] == [{"translation": none | {"name": "Die besten", "slug": "beste"}}]
    page = data["page"]["translation"]
    assert json.loads(page.pop("content")) == BLOCKS
    assert page == {"title": "Über uns", "slug": "ueber-uns", "seoTitle": None, "seoDescription": None}
    assert data["menu"]["items"] == [
        {"translation": {"name": "Laden"}, "children": [{"translation": {"name": "Seife"}}]}
    ]


async def test_another_language_is_another_translation_or_none(api: Api, database: OneConnectionDatabase) -> None:
    await database.run(_stocked)
    portuguese = (await api(EVERYTHING, {"language": "PT_BR"})).data
    assert portuguese["product"]["translation"]["name"] == "Sabonete"
    assert portuguese["product"]["translation"]["slug"] is None
    assert portuguese["page"]["translation"] is None
    french = (await api(EVERYTHING, {"language": "FR"})).data
    assert french["product"]["translation"] is None
    assert french["menu"]["items"] == [{"translation": None, "children": [{"translation": None}]}]


@pytest.mark.parametrize(
    ("field", "slug", "own"),
    [
        ("product", "seife", "soap"),
        ("category", "pflege", "care"),
        ("collection", "beste", "best"),
        ("page", "ueber-uns", "about"),
    ],
)
async def test_rows_are_found_by_their_slug_in_a_language(
    api: Api, database: OneConnectionDatabase, field: str, slug: str, own: str
) -> None:
    await database.run(_stocked)
    head = "query ($slug: String!, $l: LanguageCodeEnum)"
    text = f"{head} {{ found: {field}(slug: $slug, slugLanguageCode: $l) {{ slug }} }}"
    assert (await api(text, {"slug": slug, "l": "DE"})).data == {"found": {"slug": own}}
    for missing in ({"slug": slug, "l": "FR"}, {"slug": own, "l": "DE"}, {"slug": slug}):
        assert (await api(text, missing)).data == {"found": None}, missing


async def test_a_translation_goes_with_its_row(database: OneConnectionDatabase) -> None:
    await database.run(_stocked)

    async def delete_product(session: AsyncSession) -> int:
        await session.execute(delete(Product))
        left = select(func.count()).where(Translation.kind.in_(("product", "variant")))
        return int((await session.execute(left)).scalar_one())

    assert await database.run(delete_product) == 0


async def test_two_products_never_share_a_slug_in_a_language(database: OneConnectionDatabase) -> None:
    async def work(session: AsyncSession) -> None:
        await make.translation(session, "category", 1, slug="seife", name="Seifen")
        await make.translation(session, "product", 1, slug="seife", name="Seife")
        await make.translation(session, "product", 1, "fr", slug="seife", name="Savon")
        await make.translation(session, "product", 2, slug="seife", name="Seife")

    with pytest.raises(IntegrityError, match="kind_language_slug"):
        await database.run(work)


async def test_one_statement_translates_any_number_of_rows(api: Api, database: OneConnectionDatabase) -> None:
    text = """{ products(first: 50, channel: "default-channel") { edges { node {
      translation(languageCode: DE) { name } category { translation(languageCode: DE) { name } } } } } }"""
    await database.run(_stocked)
    one = await api(text)
    assert one.data["products"]["edges"] == [
        {"node": {"translation": {"name": "Seife"}, "category": {"translation": {"name": "Pflege"}}}}
    ]

    async def more(session: AsyncSession) -> None:
        channel = await make.channel(session, slug="other")
        category = await make.category(session)
        await make.translation(session, "category", category.id, name="Neues")
        for number in range(19):
            product = await make.product(session, channel, category=category)
            await make.variant(session, channel, product=product)
            await make.translation(session, "product", product.id, name=f"Neu {number}")

    await database.run(more)
    many = await api(text.replace("default-channel", "other"))
    assert len(many.data["products"]["edges"]) == 19
    assert {edge["node"]["category"]["translation"]["name"] for edge in many.data["products"]["edges"]} == {"Neues"}
    assert one.statements == many.statements


async def test_what_a_request_has_read_is_not_asked_for_again(api: Api, database: OneConnectionDatabase) -> None:
    await database.run(_stocked)
    one = "a: translation(languageCode: DE) { name }"
    query = '{ product(slug: "soap", channel: "default-channel") { %s } }'
    counts = []
    for asked in (
        one,
        f"{one} b: translation(languageCode: DE) {{ slug }}",
        f"{one} c: translation(languageCode: FR) {{ name }}",
    ):
        reply = await api(query % asked)
        assert reply.data["product"]["a"] == {"name": "Seife"}
        counts.append(reply.statements)
    assert (counts[1] - counts[0], counts[2] - counts[0]) == (0, 1)
