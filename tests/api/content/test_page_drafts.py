"""Drafts beside a page: what visitors see stays until they are published, and what was written since is not undone."""

from datetime import date, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import func, select, update

from shop.content.models import Page, PageDraft, PageRevision
from shop.kit import clock, ids
from tests import factories as make
from tests.api.client import Api
from tests.api.content.writing import ARTICLE, CREATE, DUTIES, HISTORY, UPDATE, paragraph

SAVE: Final = """
mutation Save($id: ID!, $input: PageDraftInput!, $revision: ID) {
  pageDraftSave(id: $id, input: $input, revision: $revision) {
    page { title contentHtml draft { page { title contentHtml seoTitle lastReviewed } isOutdated userEmail } }
    errors { field code }
  }
}
"""
PUBLISH: Final = """
mutation Publish($id: ID!, $overwrite: Boolean! = false, $reason: String) {
  pageDraftPublish(id: $id, overwrite: $overwrite, overrideReason: $reason) {
    page { title slug isPublished publishedAt contentHtml seoTitle draft { isOutdated } }
    errors { field code message duty }
  }
}
"""
DISCARD: Final = """
mutation Discard($id: ID!) {
  pageDraftDiscard(id: $id) { page { title draft { isOutdated } } errors { field code } }
}
"""
PREVIEW: Final = """
mutation Preview($id: ID!) { pagePreviewTokenCreate(id: $id, minutes: 5) { token } }
"""
READ: Final = "query Read($id: ID!, $token: String) { page(id: $id, previewToken: $token) { title contentHtml } }"
NOBODY: Final = ids.encode("Page", 2_000_000_000)


@pytest.fixture
async def writer(api: Api) -> str:
    return await api.login("writer@example.com", "MANAGE_PAGES")


@pytest.fixture
async def page(api: Api) -> str:
    async with api.database.unit() as session:
        row = await make.page(session, slug="hair", title="Hair", content=paragraph("One"))
        return ids.encode("Page", row.id)


async def _save(api: Api, writer: str, page: str, revision: str | None = None, **given: Any) -> Any:
    variables = {"id": page, "input": given, "revision": revision}
    return (await api(SAVE, variables, token=writer)).data["pageDraftSave"]


async def _publish(api: Api, writer: str, page: str, **more: Any) -> Any:
    return (await api(PUBLISH, {"id": page, **more}, token=writer)).data["pageDraftPublish"]


async def _read(api: Api, page: str, token: str | None = None) -> Any:
    return (await api(READ, {"id": page, "token": token})).data["page"]


async def _count(api: Api, model: Any) -> int:
    async with api.database.unit() as session:
        return int((await session.execute(select(func.count()).select_from(model))).scalar_one())


async def test_a_draft_is_seen_by_nobody_until_it_is_published(api: Api, writer: str, page: str) -> None:
    before = await _read(api, page)
    saved = await _save(api, writer, page, title=" Hair, again ", contentBlocks=paragraph("Two<script>x</script>"))
    assert saved == {
        "page": {
            "title": "Hair",
            "contentHtml": "<p>One</p>",
            "draft": {
                "page": {"title": "Hair, again", "contentHtml": "<p>Two</p>", "seoTitle": None, "lastReviewed": None},
                "isOutdated": False,
                "userEmail": "writer@example.com",
            },
        },
        "errors": [],
    }
    # It grows bit by bit, and keeps what was saved.
    more = await _save(api, writer, page, seo={"title": "All of it"}, lastReviewed="2026-01-10")
    assert more["page"]["draft"]["page"] == {
        "title": "Hair, again",
        "contentHtml": "<p>Two</p>",
        "seoTitle": "All of it",
        "lastReviewed": "2026-01-10",
    }
    assert await _read(api, page) == before == {"title": "Hair", "contentHtml": "<p>One</p>"}
    assert await _count(api, PageRevision) == 1
    published = await _publish(api, writer, page)
    assert published["errors"] == []
    told = published["page"]
    assert (told["title"], told["contentHtml"], told["seoTitle"]) == ("Hair, again", "<p>Two</p>", "All of it")
    assert (told["slug"], told["isPublished"], told["draft"]) == ("hair", True, None)
    assert await _read(api, page) == {"title": "Hair, again", "contentHtml": "<p>Two</p>"}
    history = (await api(HISTORY, {"id": page}, token=writer)).data["page"]["revisions"]
    assert [(each["number"], each["title"]) for each in history] == [(2, "Hair, again"), (1, "Hair")]


async def test_a_preview_shows_the_draft(api: Api, writer: str, page: str) -> None:
    token = (await api(PREVIEW, {"id": page}, token=writer)).data["pagePreviewTokenCreate"]["token"]
    assert (await _read(api, page, token))["title"] == "Hair"
    await _save(api, writer, page, title="Draft")
    assert await _read(api, page, token) == {"title": "Draft", "contentHtml": "<p>One</p>"}
    # Who writes pages sees the page itself, and the draft where they ask for it.
    assert (await api(READ, {"id": page}, token=writer)).data["page"]["title"] == "Hair"
    assert (await _read(api, page, token + "x"))["title"] == "Hair"


async def test_what_was_written_since_is_not_undone_unless_it_is_meant(api: Api, writer: str, page: str) -> None:
    await _save(api, writer, page, title="Draft")
    change = {"id": page, "input": {"title": "Another", "contentBlocks": paragraph("Meanwhile")}}
    assert (await api(UPDATE, change, token=writer)).data["pageUpdate"]["errors"] == []
    refused = await _publish(api, writer, page)
    assert refused == {
        "page": None,
        "errors": [
            {
                "field": "overwrite",
                "code": "DRAFT_OUTDATED",
                "message": "The page was changed since the draft was begun: title, content. "
                "Pass `overwrite` to publish it anyway.",
                "duty": None,
            }
        ],
    }
    # Saving it again makes it no younger.
    assert (await _save(api, writer, page, title="Draft two"))["page"]["draft"]["isOutdated"] is True
    assert (await _read(api, page))["title"] == "Another"
    told = (await _publish(api, writer, page, overwrite=True))["page"]
    # What the draft does not change stays as it was written since.
    assert (told["title"], told["contentHtml"], told["draft"]) == ("Draft two", "<p>Meanwhile</p>", None)


async def test_what_a_shop_file_wrote_is_seen_too(api: Api, writer: str, page: str) -> None:
    async def write(title: str) -> None:
        """As shop files do: without a revision."""
        async with api.database.unit() as session:
            await session.execute(update(Page).values(title=title, last_reviewed=date(2026, 1, 10)))

    await api(UPDATE, {"id": page, "input": {"title": "Once"}}, token=writer)
    await write("By a shop file")
    assert (await _save(api, writer, page, seo={"title": "Draft"}))["page"]["draft"]["isOutdated"] is False
    await write("By the next one")
    assert (await _save(api, writer, page))["page"]["draft"]["isOutdated"] is True
    assert [each["code"] for each in (await _publish(api, writer, page))["errors"]] == ["DRAFT_OUTDATED"]
    told = (await _publish(api, writer, page, overwrite=True))["page"]
    assert (told["title"], told["seoTitle"]) == ("By the next one", "Draft")


async def test_what_is_no_change_of_its_texts_is_no_conflict(api: Api, writer: str, page: str) -> None:
    await _save(api, writer, page, title="Draft")
    until = (clock.now() + timedelta(days=9)).isoformat()
    for given in ({"slug": "skin"}, {"isPublished": False}, {"isPublished": True, "unpublishedAt": until}):
        assert (await api(UPDATE, {"id": page, "input": given}, token=writer)).data["pageUpdate"]["errors"] == []
    # There and back again.
    for title in ("Another", "Hair"):
        await api(UPDATE, {"id": page, "input": {"title": title}}, token=writer)
    told = (await _publish(api, writer, page))["page"]
    assert (told["title"], told["slug"], told["isPublished"]) == ("Draft", "skin", True)


async def test_a_scheduled_page_stays_scheduled(api: Api, writer: str) -> None:
    later = (clock.now() + timedelta(days=1)).replace(microsecond=0)
    async with api.database.unit() as session:
        row = await make.page(session, slug="soon", title="Soon", published_at=later)
        hidden = await make.page(session, slug="hidden", title="Hidden", is_published=False)
        keys = [ids.encode("Page", each.id) for each in (row, hidden)]
    for key in keys:
        await _save(api, writer, key, title="Draft")
    told = (await _publish(api, writer, keys[0]))["page"]
    assert (told["isPublished"], told["publishedAt"], told["title"]) == (True, later.isoformat(), "Draft")
    assert await _read(api, keys[0]) is None
    told = (await _publish(api, writer, keys[1]))["page"]
    assert (told["isPublished"], told["publishedAt"], told["title"]) == (False, None, "Draft")


async def test_a_draft_is_discarded(api: Api, writer: str, page: str) -> None:
    await _save(api, writer, page, title="Draft")
    gone = (await api(DISCARD, {"id": page}, token=writer)).data["pageDraftDiscard"]
    assert gone == {"page": {"title": "Hair", "draft": None}, "errors": []}
    assert await _count(api, PageDraft) == 0
    for document, name in ((DISCARD, "pageDraftDiscard"), (PUBLISH, "pageDraftPublish")):
        for key in (page, NOBODY):
            refused = (await api(document, {"id": key}, token=writer)).data[name]
            assert refused["page"] is None
            assert [(each["field"], each["code"]) for each in refused["errors"]] == [("id", "NOT_FOUND")]
    assert (await _read(api, page))["title"] == "Hair"


async def test_a_draft_begins_from_a_revision(api: Api, writer: str, page: str) -> None:
    for title in ("Second", "Third"):
        await api(UPDATE, {"id": page, "input": {"title": title, "seo": {"title": title}}}, token=writer)
    await _save(api, writer, page, contentBlocks=paragraph("Forgotten"))
    history = (await api(HISTORY, {"id": page}, token=writer)).data["page"]["revisions"]
    first = next(each["id"] for each in history if each["number"] == 1)
    saved = await _save(api, writer, page, first, seo={"title": "New"})
    assert saved["page"]["draft"]["page"] == {
        "title": "Hair",
        "contentHtml": "<p>One</p>",
        "seoTitle": "New",
        "lastReviewed": None,
    }
    async with api.database.unit() as session:
        other = ids.encode("Page", (await make.page(session)).id)
    for key, revision, field, code in [
        (other, first, "revision", "NOT_FOUND"),
        (page, page, "revision", "GRAPHQL_ERROR"),
        (NOBODY, first, "id", "NOT_FOUND"),
    ]:
        refused = await _save(api, writer, key, revision)
        assert refused == {"page": None, "errors": [{"field": field, "code": code}]}


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"title": " "}, "title", "REQUIRED"),
        ({"title": "x" * 251}, "title", "INVALID"),
        ({"contentBlocks": []}, "content", "INVALID"),
        ({"contentBlocks": {}, "content": "{}"}, "contentBlocks", "INVALID"),
        ({"reviewerCredentials": "Dermatologist"}, "reviewerName", "REQUIRED"),
        ({"lastReviewed": "2026-01-10", "reviewDue": "2026-01-10"}, "reviewDue", "INVALID"),
    ],
)
async def test_what_is_no_draft_is_not_saved(
    api: Api, writer: str, page: str, given: dict[str, Any], field: str, code: str
) -> None:
    assert await _save(api, writer, page, **given) == {"page": None, "errors": [{"field": field, "code": code}]}
    assert await _count(api, PageDraft) == 0


async def test_the_policy_is_asked_when_the_draft_is_published(api: Api, writer: str) -> None:
    async with api.database.unit() as session:
        kind = await make.page_type(session, slug="medical-article", policy="MEDICAL_DUTY")
    given = {"pageType": ids.encode("PageType", kind.id), "title": "Hair", "isPublished": True, **DUTIES}
    made = await api(CREATE, {"input": {**given, "contentBlocks": ARTICLE}}, token=writer)
    page = made.data["pageCreate"]["page"]["id"]
    assert (await _save(api, writer, page, title="A miracle"))["errors"] == []
    query = "query Found($id: ID!) { page(id: $id) { dutyFindings { duty } draft { page { dutyFindings { duty } } } } }"
    found = (await api(query, {"id": page}, token=writer)).data["page"]
    assert found == {"dutyFindings": [], "draft": {"page": {"dutyFindings": [{"duty": "RISKY_PHRASE"}]}}}
    refused = await _publish(api, writer, page)
    assert [(each["field"], each["code"], each["duty"]) for each in refused["errors"]] == [
        ("title", "INVALID", "RISKY_PHRASE")
    ]
    assert (await _read(api, page))["title"] == "Hair"
    assert await _count(api, PageDraft) == 1
    assert (await _publish(api, writer, page, reason="The name of a book."))["page"]["title"] == "A miracle"
    last = (await api(HISTORY, {"id": page}, token=writer)).data["page"]["revisions"][0]
    assert (last["overrideReason"], last["title"]) == ("The name of a book.", "A miracle")


async def test_drafts_are_staff_s_go_with_the_page_and_cost_one_statement_for_many(api: Api, writer: str) -> None:
    query = "{ pages(first: 50) { edges { node { draft { page { title } } } } } }"
    async with api.database.unit() as session:
        kind = await make.page_type(session)
        keys = [ids.encode("Page", (await make.page(session, kind=kind)).id) for _ in range(5)]
    await _save(api, writer, keys[0], title="Draft")
    refused = await api(query)
    assert {error["extensions"]["exception"]["code"] for error in refused.errors} == {"PermissionDenied"}
    one = await api(query, token=writer)
    for key in keys[1:]:
        await _save(api, writer, key, title="Draft")
    five = await api(query, token=writer)
    assert [edge["node"]["draft"] for edge in five.data["pages"]["edges"]] == [{"page": {"title": "Draft"}}] * 5
    assert one.statements == five.statements == 3
    async with api.database.unit() as session:
        await session.delete(await session.get_one(Page, ids.decode_int(keys[0], "Page")))
    assert await _count(api, PageDraft) == 4
