"""Articles on medicine in other languages: what is shown in one meets the policy, or is let pass for a reason."""

from typing import Any, Final

import pytest
from sqlalchemy import select

from shop.content.models import PageType
from shop.kit import ids
from shop.translations.models import Translation
from tests import factories as make
from tests.api.client import Api
from tests.api.content.writing import ARTICLE, CREATE, DUTIES, PUBLISH, UPDATE, paragraph

TRANSLATE: Final = """
mutation Translate($id: ID!, $language: LanguageCodeEnum!, $input: PageTranslationInput!) {
  pageTranslate(id: $id, languageCode: $language, input: $input) {
    page { translation(languageCode: $language) { title } }
    errors { field code duty path }
  }
}
"""
FOUND: Final = """
query Found($id: ID!) {
  page(id: $id) {
    isPublished
    dutyFindings { duty field path language { code } }
    revisions { number userEmail overrideReason passedFindings { duty field language { code } } }
  }
}
"""
OFFER: Final = {"type": "booking", "data": {"productId": ids.encode("Product", 1)}}
REFUSED: Final = [
    {"field": "content", "code": "INVALID", "duty": "DISCLAIMER_MISSING", "path": "blocks"},
    {"field": "content", "code": "INVALID", "duty": "REFERENCE_MISSING", "path": "blocks"},
    {"field": "content", "code": "INVALID", "duty": "RISKY_PHRASE", "path": "blocks[0].data.text"},
]


@pytest.fixture
async def staff(api: Api) -> str:
    return await api.login("staff@example.com", "MANAGE_PAGES", "MANAGE_TRANSLATIONS")


@pytest.fixture
async def kind(api: Api) -> str:
    async with api.database.unit() as session:
        row = await make.page_type(session, slug="medical-article", policy="MEDICAL_DUTY")
        return ids.encode("PageType", row.id)


async def _article(api: Api, staff: str, kind: str, *, is_published: bool = True) -> str:
    given = {"pageType": kind, "title": "Hair", "isPublished": is_published, "contentBlocks": ARTICLE, **DUTIES}
    made = (await api(CREATE, {"input": given}, token=staff)).data["pageCreate"]
    assert made["errors"] == []
    return str(made["page"]["id"])


async def _translate(api: Api, staff: str, page: str, language: str = "DE", **given: Any) -> Any:
    variables = {"id": page, "language": language, "input": given}
    return (await api(TRANSLATE, variables, token=staff)).data["pageTranslate"]


async def _texts(api: Api) -> list[tuple[str, Any]]:
    async with api.database.unit() as session:
        rows = await session.execute(select(Translation.language, Translation.texts).order_by(Translation.language))
        return [(row.language, row.texts) for row in rows]


async def test_what_is_shown_in_a_language_meets_the_policy(api: Api, staff: str, kind: str) -> None:
    page = await _article(api, staff, kind)
    refused = await _translate(api, staff, page, title="Haar", contentBlocks=paragraph("Das heilt."))
    assert refused == {"page": None, "errors": REFUSED}
    # An offer that stands before the disclaimer.
    disclaimer, *rest = ARTICLE["blocks"]
    late = await _translate(api, staff, page, contentBlocks={"blocks": [OFFER, disclaimer, *rest]})
    assert [(each["duty"], each["path"]) for each in late["errors"]] == [("DISCLAIMER_AFTER_OFFER", "blocks[1]")]
    assert await _texts(api) == []
    told = await _translate(api, staff, page, title="Haar", contentBlocks={"blocks": [disclaimer, OFFER, *rest]})
    assert told == {"page": {"translation": {"title": "Haar"}}, "errors": []}
    # What is said already counts with what is added; what it says elsewhere does not.
    more = await _translate(api, staff, page, seoTitle="Garantiert")
    assert [(each["field"], each["duty"]) for each in more["errors"]] == [("seo", "RISKY_PHRASE")]
    assert (await _translate(api, staff, page, "FR", seoTitle="Heilung"))["errors"] == []
    assert [language for language, _ in await _texts(api)] == ["de", "fr"]


async def test_an_override_is_kept_with_what_it_let_pass(api: Api, staff: str, kind: str) -> None:
    page = await _article(api, staff, kind)
    blank = await _translate(api, staff, page, title="Ein Wunder", overrideReason=" ")
    assert [each["duty"] for each in blank["errors"]] == ["RISKY_PHRASE"]
    long = await _translate(api, staff, page, title="Ein Wunder", overrideReason="x" * 1001)
    assert [(each["field"], each["code"]) for each in long["errors"]] == [("overrideReason", "INVALID")]
    reason = "It is the name of a book."
    assert (await _translate(api, staff, page, title="Ein Wunder", overrideReason=reason))["errors"] == []
    assert (await _translate(api, staff, page, "FR", title="Un miracle", overrideReason=reason))["errors"] == []
    found = (await api(FOUND, {"id": page}, token=staff)).data["page"]
    assert [(each["duty"], each["language"]) for each in found["dutyFindings"]] == [
        ("RISKY_PHRASE", {"code": "DE"}),
        ("RISKY_PHRASE", {"code": "FR"}),
    ]
    assert found["revisions"] == [
        {
            "number": number,
            "userEmail": "staff@example.com",
            "overrideReason": reason if language else None,
            "passedFindings": [{"duty": "RISKY_PHRASE", "field": "title", "language": {"code": language}}]
            if language
            else [],
        }
        for number, language in ((3, "FR"), (2, "DE"), (1, None))
    ]
    # The page itself claims nothing: its next version needs no reason.
    change = {"id": page, "input": {"title": "Hair and skin"}}
    assert (await api(UPDATE, change, token=staff)).data["pageUpdate"]["errors"] == []


async def test_a_draft_s_translations_count_when_it_is_published(api: Api, staff: str, kind: str) -> None:
    page = await _article(api, staff, kind, is_published=False)
    assert (await _translate(api, staff, page, contentBlocks=paragraph("Das heilt.")))["errors"] == []
    publish = PUBLISH.replace("duty path", "duty path language { code }")
    german = [each | {"language": {"code": "DE"}} for each in REFUSED]
    payload = (await api(publish, {"ids": [page], "isPublished": True}, token=staff)).data["pageBulkPublish"]
    assert payload["count"] == 0
    assert [{name: error[name] for name in german[0]} for error in payload["errors"]] == german
    change = {"id": page, "input": {"isPublished": True}}
    refused = (await api(UPDATE, change, token=staff)).data["pageUpdate"]
    assert [each["duty"] for each in refused["errors"]] == [each["duty"] for each in REFUSED]
    found = (await api(FOUND, {"id": page}, token=staff)).data["page"]
    assert found["isPublished"] is False
    assert [each["language"] for each in found["dutyFindings"]] == [{"code": "DE"}] * 3
    overridden = {"id": page, "input": {"isPublished": True, "overrideReason": "A test."}}
    assert (await api(UPDATE, overridden, token=staff)).data["pageUpdate"]["errors"] == []
    last = (await api(FOUND, {"id": page}, token=staff)).data["page"]["revisions"][0]
    assert (last["overrideReason"], len(last["passedFindings"])) == ("A test.", 3)


async def test_pages_without_the_policy_say_what_they_like(api: Api, staff: str) -> None:
    async with api.database.unit() as session:
        page = ids.encode("Page", (await make.page(session, slug="hair")).id)
    assert (await _translate(api, staff, page, title="Heilung, garantiert"))["errors"] == []


async def test_findings_cost_the_same_for_one_page_and_for_twenty(api: Api, staff: str, kind: str) -> None:
    query = "{ pages(first: 50) { edges { node { dutyFindings { language { code } } } } } }"
    page = await _article(api, staff, kind, is_published=False)
    await _translate(api, staff, page, title="Heilung")
    one = await api(query, token=staff)
    async with api.database.unit() as session:
        row = await session.get_one(PageType, ids.decode_int(kind, "PageType"))
        for _ in range(19):
            more = await make.page(session, kind=row)
            await make.translation(session, "page", more.id, title="Heilung")
    twenty = await api(query, token=staff)
    german = [
        {"code": "DE"} in [each["language"] for each in edge["node"]["dutyFindings"]]
        for edge in twenty.data["pages"]["edges"]
    ]
    assert german == [True] * 20
    assert one.statements == twenty.statements == 3
