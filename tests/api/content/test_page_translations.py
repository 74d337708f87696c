"""Pages in other languages: written by translators, read by their slug, named for search engines."""

from typing import Any

import pytest
from sqlalchemy import delete, select

from shop.content.models import Page, PageLanguageSlug
from shop.kit import ids
from tests import factories as make
from tests.api.client import Api
from tests.api.content.writing import ARTICLE, paragraph

TRANSLATE = """
mutation Translate($id: ID!, $language: LanguageCodeEnum!, $input: PageTranslationInput!) {
  pageTranslate(id: $id, languageCode: $language, input: $input) {
    page {
      id pageId title slug content
      translation(languageCode: $language) {
        language { code } title slug seoTitle content contentHtml toc { anchor }
      }
    }
    errors { field code } translationErrors { code }
  }
}
"""
READ = """
query Read($slug: String!) {
  page(slug: $slug, slugLanguageCode: DE) { slug alternates { hreflang slug url language { code } } }
}
"""


@pytest.fixture
async def translator(api: Api) -> str:
    return await api.login("translator@example.com", "MANAGE_TRANSLATIONS")


async def _page(api: Api, slug: str = "hair") -> str:
    async with api.database.unit() as session:
        return ids.encode("Page", (await make.page(session, slug=slug, content=paragraph("Hair"))).id)


async def _translate(api: Api, token: str, page: str, given: dict[str, Any], language: str = "DE") -> Any:
    variables = {"id": page, "language": language, "input": given}
    return (await api(TRANSLATE, variables, token=token)).data["pageTranslate"]


async def test_a_page_is_translated_bit_by_bit(api: Api, translator: str) -> None:
    page = await _page(api)
    first = await _translate(api, translator, page, {"title": "Haar", "slug": "haar", "contentBlocks": ARTICLE})
    assert first["errors"] == first["translationErrors"] == []
    told = first["page"]
    assert (told["pageId"], told["title"], told["slug"]) == (page, "Hair", "hair")
    german = told["translation"]
    assert (german["language"], german["title"], german["slug"]) == ({"code": "DE"}, "Haar", "haar")
    assert german["contentHtml"].startswith('<div class="disclaimer" role="note"><p><strong>Please note:</strong>')
    assert '"quote"' in german["content"]
    assert german["toc"] == [{"anchor": "what-is-known"}]
    # By the ID of what translators see, and adding to what is there.
    second = await _translate(api, translator, told["id"], {"seoTitle": "Haare", "content": None})
    german = second["page"]["translation"]
    assert (german["title"], german["seoTitle"], german["slug"], german["contentHtml"]) == (
        "Haar",
        "Haare",
        "haar",
        None,
    )


async def test_a_translation_leads_to_what_translators_see(api: Api, translator: str) -> None:
    query = """{ pages(first: 50) { edges { node { slug translation(languageCode: DE) {
      title contentJson translatableContent { pageId title }
    } } } } }"""
    page = await _page(api)
    await _translate(api, translator, page, {"title": "Haar", "contentBlocks": paragraph("Haar")})
    one = await api(query)
    assert one.data["pages"]["edges"][0]["node"]["translation"] == {
        "title": "Haar",
        "contentJson": '{"blocks":[{"data":{"text":"Haar"},"type":"paragraph"}]}',
        "translatableContent": {"pageId": page, "title": "Hair"},
    }
    for number in range(4):
        await _translate(api, translator, await _page(api, f"p-{number}"), {"title": "Haar"})
    assert (await api(query)).statements == one.statements == 3


async def test_a_translation_has_an_address_that_search_engines_are_told(api: Api, translator: str) -> None:
    page = await _page(api)
    await _translate(api, translator, page, {"slug": "haar"})
    await _translate(api, translator, page, {"slug": "cabelo"}, "PT_BR")
    await _translate(api, translator, page, {"title": "Cheveux"}, "FR")
    found = await api(READ, {"slug": "haar"})
    assert found.data["page"] == {
        "slug": "hair",
        "alternates": [
            {"hreflang": "de", "slug": "haar", "url": "http://shop.test/de/pages/haar", "language": {"code": "DE"}},
            {
                "hreflang": "pt-br",
                "slug": "cabelo",
                "url": "http://shop.test/pt-br/pages/cabelo",
                "language": {"code": "PT_BR"},
            },
        ],
    }
    assert (await api(READ, {"slug": "hair"})).data["page"] is None


async def test_a_slug_of_a_language_is_one_page_s(api: Api, translator: str) -> None:
    page, other = await _page(api), await _page(api, "skin")
    await _translate(api, translator, page, {"slug": "haar"})
    taken = await _translate(api, translator, other, {"slug": "haar", "title": "Haut"})
    assert taken["page"] is None
    assert [(each["field"], each["code"]) for each in taken["errors"]] == [("slug", "UNIQUE")]
    # Another language is another matter.
    assert (await _translate(api, translator, other, {"slug": "haar"}, "FR"))["errors"] == []
    again = await _translate(api, translator, other, {"slug": "haut"})
    assert again["page"]["translation"]["title"] is None


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"slug": "Kein Slug"}, "slug"),
        ({"title": "x" * 251}, "title"),
        ({"seoDescription": "x" * 301}, "seo"),
        ({"contentBlocks": []}, "content"),
    ],
)
async def test_what_is_no_translation_is_not_stored(
    api: Api, translator: str, given: dict[str, Any], field: str
) -> None:
    page = await _page(api)
    refused = await _translate(api, translator, page, given)
    assert [(each["field"], each["code"]) for each in refused["errors"]] == [(field, "INVALID")]
    assert (await api('{ page(slug: "hair") { translation(languageCode: DE) { title } } }')).data == {
        "page": {"translation": None}
    }


async def test_alternates_cost_one_statement_for_many_pages(api: Api, translator: str) -> None:
    query = "{ pages(first: 50) { edges { node { alternates { slug } } } } }"
    await _translate(api, translator, await _page(api), {"slug": "haar"})
    one = await api(query)
    for number in range(4):
        await _translate(api, translator, await _page(api, f"p-{number}"), {"slug": f"s-{number}"})
    five = await api(query)
    assert five.data["pages"]["edges"][0]["node"]["alternates"] == [{"slug": "haar"}]
    assert one.statements == five.statements == 2


FORMER = """
query Former($slug: String!, $moved: Boolean!) {
  page(slug: $slug, slugLanguageCode: DE, moved: $moved) { slug translation(languageCode: DE) { slug } }
}
"""


async def _former(api: Api, slug: str, *, moved: bool = True) -> Any:
    return (await api(FORMER, {"slug": slug, "moved": moved})).data["page"]


async def test_a_former_slug_of_a_language_leads_to_the_page_until_another_one_takes_it(
    api: Api, translator: str
) -> None:
    page, other = await _page(api), await _page(api, "skin")
    for slug in ("haar", "haare", "kopfhaar"):
        await _translate(api, translator, page, {"slug": slug})
    present = {"slug": "hair", "translation": {"slug": "kopfhaar"}}
    assert await _former(api, "haar") == await _former(api, "haare") == await _former(api, "kopfhaar") == present
    assert await _former(api, "haar", moved=False) is None
    # It is a slug of that language alone.
    assert (await api('{ page(slug: "haar", moved: true) { slug } }')).data == {"page": None}
    assert (await api('{ page(slug: "haar", slugLanguageCode: FR, moved: true) { slug } }')).data == {"page": None}
    # Taken back, it is the page's own again; and another page's once that takes it.
    await _translate(api, translator, page, {"slug": "haar"})
    await _translate(api, translator, other, {"slug": "kopfhaar"})
    assert await _former(api, "haar") == {"slug": "hair", "translation": {"slug": "haar"}}
    assert await _former(api, "kopfhaar") == {"slug": "skin", "translation": {"slug": "kopfhaar"}}
    # Without a slug of its own the page is still found under what it was called.
    await _translate(api, translator, page, {"slug": None, "title": "Haar"})
    assert await _former(api, "haar") == {"slug": "hair", "translation": {"slug": None}}
    async with api.database.unit() as session:
        rows = await session.execute(select(PageLanguageSlug.language, PageLanguageSlug.slug))
        assert sorted(tuple(row) for row in rows) == [("de", "haar"), ("de", "haare")]
        await session.execute(delete(Page))
        assert (await session.execute(select(PageLanguageSlug.slug))).all() == []


async def test_what_leaves_the_slug_alone_leaves_former_ones_alone(api: Api, translator: str) -> None:
    page = await _page(api)
    await _translate(api, translator, page, {"slug": "haar"})
    for given in ({"title": "Haar"}, {"slug": "haar"}):
        await _translate(api, translator, page, given)
    async with api.database.unit() as session:
        assert (await session.execute(select(PageLanguageSlug.slug))).all() == []
