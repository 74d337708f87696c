"""Staff writes pages: fields, slugs and where they lead, dates, revisions, previews."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import func, select

from shop.content.models import Page, PageRevision, PageSlug
from shop.kit import clock, ids
from tests import factories as make
from tests.api.client import Api
from tests.api.content.writing import CREATE, HISTORY, PUBLISH, UPDATE, paragraph

READ = "query Read($slug: String!, $moved: Boolean!) { page(slug: $slug, moved: $moved) { slug title } }"
PREVIEW = """
mutation Preview($id: ID!, $minutes: Int!) {
  pagePreviewTokenCreate(id: $id, minutes: $minutes) { token expiresAt url errors { field code } }
}
"""
SHOWN = (
    "query Shown($slug: String, $id: ID, $token: String) { page(slug: $slug, id: $id, previewToken: $token) { title } }"
)


@pytest.fixture
async def writer(api: Api) -> str:
    return await api.login("writer@example.com", "MANAGE_PAGES")


async def _kind(api: Api) -> str:
    async with api.database.unit() as session:
        return ids.encode("PageType", (await make.page_type(session)).id)


async def _count(api: Api, model: Any) -> int:
    async with api.database.unit() as session:
        return int((await session.execute(select(func.count()).select_from(model))).scalar_one())


async def test_a_page_is_written_and_keeps_what_it_was(api: Api, writer: str) -> None:
    kind = await _kind(api)
    given = {
        "pageType": kind,
        "title": " About us ",
        "seo": {"title": "About"},
        "contentBlocks": paragraph("Hello<script>alert(1)</script>"),
    }
    made = (await api(CREATE, {"input": given}, token=writer)).data["pageCreate"]
    assert made["errors"] == made["pageErrors"] == []
    page = made["page"]
    assert (page["slug"], page["title"], page["seoTitle"]) == ("about-us", "About us", "About")
    assert (page["isPublished"], page["publishedAt"], page["unpublishedAt"]) == (False, None, None)
    assert page["contentBlocks"] == paragraph("Hello")
    assert page["contentHtml"] == "<p>Hello</p>"
    changed = {"content": orjson.dumps(paragraph("Hi")).decode(), "seo": {"description": "Who we are"}}
    updated = (await api(UPDATE, {"id": page["id"], "input": changed}, token=writer)).data["pageUpdate"]
    assert updated["errors"] == []
    assert (updated["page"]["contentHtml"], updated["page"]["title"]) == ("<p>Hi</p>", "About us")
    # What is left out stays, what is null goes.
    assert (updated["page"]["seoTitle"], updated["page"]["seoDescription"]) == ("About", "Who we are")
    emptied = (await api(UPDATE, {"id": page["id"], "input": {"seo": None, "content": None}}, token=writer)).data
    assert emptied["pageUpdate"]["page"]["seoTitle"] is None
    assert emptied["pageUpdate"]["page"]["contentHtml"] is None
    # What changes nothing is no write.
    assert (await api(UPDATE, {"id": page["id"], "input": {"title": "About us"}}, token=writer)).data["pageUpdate"][
        "page"
    ]
    history = (await api(HISTORY, {"id": page["id"]}, token=writer)).data["page"]
    assert [(each["number"], each["contentHtml"]) for each in history["revisions"]] == [
        (3, None),
        (2, "<p>Hi</p>"),
        (1, "<p>Hello</p>"),
    ]
    assert {each["userEmail"] for each in history["revisions"]} == {"writer@example.com"}


async def test_a_page_written_before_there_were_revisions_keeps_what_it_was(api: Api, writer: str) -> None:
    async with api.database.unit() as session:
        row = await make.page(session, slug="old", title="Old")
        key = ids.encode("Page", row.id)
    assert (await api(UPDATE, {"id": key, "input": {"title": "New"}}, token=writer)).data["pageUpdate"]["errors"] == []
    history = (await api(HISTORY, {"id": key}, token=writer)).data["page"]["revisions"]
    assert [(each["number"], each["title"], each["userEmail"]) for each in history] == [
        (2, "New", "writer@example.com"),
        (1, "Old", None),
    ]


RESTORE = """
mutation Restore($id: ID!) {
  pageRevisionRestore(id: $id) { page { title slug isPublished contentHtml } errors { field code } }
}
"""


async def test_a_revision_brings_texts_back_but_neither_slug_nor_publication(api: Api, writer: str) -> None:
    async with api.database.unit() as session:
        row = await make.page(session, slug="first", title="First", content=paragraph("one"), is_published=False)
        key = ids.encode("Page", row.id)
    change = {"title": "Second", "slug": "second", "isPublished": True, "contentBlocks": paragraph("two")}
    await api(UPDATE, {"id": key, "input": change}, token=writer)
    history = (await api(HISTORY, {"id": key}, token=writer)).data["page"]["revisions"]
    back = (await api(RESTORE, {"id": history[1]["id"]}, token=writer)).data["pageRevisionRestore"]
    assert back == {
        "page": {"title": "First", "slug": "second", "isPublished": True, "contentHtml": "<p>one</p>"},
        "errors": [],
    }
    assert [each["title"] for each in (await api(HISTORY, {"id": key}, token=writer)).data["page"]["revisions"]] == [
        "First",
        "Second",
        "First",
    ]
    missing = (await api(RESTORE, {"id": ids.encode("PageRevision", 0)}, token=writer)).data["pageRevisionRestore"]
    assert missing == {"page": None, "errors": [{"field": "id", "code": "NOT_FOUND"}]}


async def test_revisions_are_staff_s_and_cost_one_statement_for_many_pages(api: Api, writer: str) -> None:
    query = "{ pages(first: 50) { edges { node { revisions(first: 2) { number contentHtml } } } } }"
    async with api.database.unit() as session:
        kind = await make.page_type(session)
        await make.page(session, kind=kind)
    refused = await api(query)
    assert refused.errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"
    assert refused.partial["pages"]["edges"] == [{"node": {"revisions": None}}]
    one = await api(query, token=writer)
    async with api.database.unit() as session:
        keys = [(await make.page(session, kind=kind)).id for _ in range(19)]
    publish = {"ids": [ids.encode("Page", key) for key in keys], "isPublished": False}
    assert (await api(PUBLISH, publish, token=writer)).data["pageBulkPublish"]["count"] == 19
    twenty = await api(query, token=writer)
    assert [len(edge["node"]["revisions"]) for edge in twenty.data["pages"]["edges"]].count(2) == 19
    assert one.statements == 3
    # The contents of revisions are read apart: there were none before.
    assert twenty.statements == one.statements + 1


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"title": " "}, [("title", "REQUIRED")]),
        ({}, [("title", "REQUIRED")]),
        ({"title": "x" * 251}, [("title", "INVALID")]),
        ({"title": "x", "slug": "Not A Slug"}, [("slug", "INVALID")]),
        ({"title": "x", "slug": "taken"}, [("slug", "UNIQUE")]),
        ({"title": "x", "seo": {"title": "x" * 71}}, [("seo", "INVALID")]),
        ({"title": "x", "contentBlocks": {"time": 1}}, [("content", "INVALID")]),
        ({"title": "x", "contentBlocks": []}, [("content", "INVALID")]),
        (
            {"title": "", "contentBlocks": [], "slug": "-"},
            [("content", "INVALID"), ("title", "REQUIRED"), ("slug", "INVALID")],
        ),
        ({"title": "x", "content": "{}", "contentBlocks": {}}, [("contentBlocks", "INVALID")]),
        ({"title": "x", "publicationDate": "soon"}, [("publicationDate", "INVALID")]),
        ({"title": "x", "reviewerCredentials": "MD"}, [("reviewerName", "REQUIRED")]),
        ({"title": "x", "lastReviewed": "2026-01-02", "reviewDue": "2026-01-02"}, [("reviewDue", "INVALID")]),
        (
            {"title": "x", "publishedAt": "2026-01-02T00:00:00Z", "unpublishedAt": "2026-01-02T00:00:00Z"},
            [("unpublishedAt", "INVALID")],
        ),
        ({"title": "x", "overrideReason": "x" * 1001}, [("overrideReason", "INVALID")]),
    ],
)
async def test_what_cannot_be_written_changes_nothing(
    api: Api, writer: str, given: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    kind = await _kind(api)
    async with api.database.unit() as session:
        await make.page(session, slug="taken")
    before = await _count(api, Page)
    made = (await api(CREATE, {"input": {"pageType": kind, **given}}, token=writer)).data["pageCreate"]
    assert made["page"] is None
    assert sorted((each["field"], each["code"]) for each in made["errors"]) == sorted(errors)
    assert await _count(api, Page) == before
    assert await _count(api, PageRevision) == 0


async def test_a_slug_is_taken_once(api: Api, writer: str) -> None:
    kind = await _kind(api)
    given = {"pageType": kind, "title": "A page"}
    slugs = [(await api(CREATE, {"input": given}, token=writer)).data["pageCreate"]["page"]["slug"] for _ in range(3)]
    assert slugs == ["a-page", "a-page-2", "a-page-3"]
    taken = (await api(CREATE, {"input": {**given, "slug": "a-page"}}, token=writer)).data["pageCreate"]
    assert [(each["field"], each["code"]) for each in taken["errors"]] == [("slug", "UNIQUE")]


async def test_ids_of_nothing_are_refused(api: Api, writer: str) -> None:
    made = (await api(CREATE, {"input": {"title": "x", "pageType": ids.encode("PageType", 0)}}, token=writer)).data
    assert [(each["field"], each["code"]) for each in made["pageCreate"]["errors"]] == [("pageType", "NOT_FOUND")]
    made = (await api(CREATE, {"input": {"title": "x", "pageType": ids.encode("Page", 1)}}, token=writer)).data
    assert [(each["field"], each["code"]) for each in made["pageCreate"]["errors"]] == [("pageType", "GRAPHQL_ERROR")]
    updated = (await api(UPDATE, {"id": ids.encode("Page", 0), "input": {}}, token=writer)).data["pageUpdate"]
    assert [(each["field"], each["code"]) for each in updated["errors"]] == [("id", "NOT_FOUND")]


async def test_a_former_slug_leads_to_the_page_until_another_one_takes_it(api: Api, writer: str) -> None:
    async with api.database.unit() as session:
        kind = await make.page_type(session)
        key = ids.encode("Page", (await make.page(session, kind=kind, slug="one", title="A page")).id)
        other = ids.encode("Page", (await make.page(session, kind=kind, slug="other", title="Other")).id)
    for slug in ("two", "three"):
        assert (await api(UPDATE, {"id": key, "input": {"slug": slug}}, token=writer)).data["pageUpdate"][
            "errors"
        ] == []
    for slug in ("one", "two", "three"):
        assert (await api(READ, {"slug": slug, "moved": True})).data["page"] == {"slug": "three", "title": "A page"}
    # Saleor's clients that do not ask for it never get a page under an address that is not its own.
    assert (await api(READ, {"slug": "one", "moved": False})).data["page"] is None
    # Back to an earlier slug: that one is no former one any more, the later ones are.
    await api(UPDATE, {"id": key, "input": {"slug": "one"}}, token=writer)
    assert (await api(READ, {"slug": "three", "moved": True})).data["page"]["slug"] == "one"
    assert await _count(api, PageSlug) == 2
    # Another page takes a former slug.
    await api(UPDATE, {"id": other, "input": {"slug": "two"}}, token=writer)
    assert (await api(READ, {"slug": "two", "moved": True})).data["page"]["title"] == "Other"
    taken = (await api(UPDATE, {"id": other, "input": {"slug": "one"}}, token=writer)).data["pageUpdate"]
    assert [(each["field"], each["code"]) for each in taken["errors"]] == [("slug", "UNIQUE")]
    emptied = (await api(UPDATE, {"id": other, "input": {"slug": ""}}, token=writer)).data["pageUpdate"]
    assert [(each["field"], each["code"]) for each in emptied["errors"]] == [("slug", "REQUIRED")]
    assert (await api(READ, {"slug": "two", "moved": False})).data["page"]["title"] == "Other"


async def test_an_address_that_two_pages_had_leads_to_the_last_of_them(api: Api, writer: str) -> None:
    async with api.database.unit() as session:
        kind = await make.page_type(session)
        first, last = [await make.page(session, kind=kind, slug=slug) for slug in ("first", "last")]
        # As an import leaves it, which takes an address without asking who had it.
        session.add(PageSlug(slug="last", page_id=first.id))
        key = ids.encode("Page", last.id)
    assert (await api(UPDATE, {"id": key, "input": {"slug": "new"}}, token=writer)).data["pageUpdate"]["errors"] == []
    assert (await api(READ, {"slug": "last", "moved": True})).data["page"]["slug"] == "new"


async def test_the_clock_publishes_and_takes_back(api: Api, writer: str) -> None:
    now = clock.now()
    kind = await _kind(api)
    hour = timedelta(hours=1)
    cases = {
        "soon": (now + hour, None),
        "now": (now - hour, now + hour),
        "over": (now - 2 * hour, now - hour),
        "undated": (None, None),
    }
    for slug, (start, end) in cases.items():
        given = {
            "pageType": kind,
            "title": slug,
            "slug": slug,
            "isPublished": True,
            "publishedAt": start and start.isoformat(),
            "unpublishedAt": end and end.isoformat(),
        }
        made = (await api(CREATE, {"input": given}, token=writer)).data["pageCreate"]
        assert made["errors"] == []
        assert made["page"]["publishedAt"] is not None
    listed = (await api("{ pages(first: 9) { edges { node { slug } } } }")).data["pages"]["edges"]
    assert [edge["node"]["slug"] for edge in listed] == ["now", "undated"]
    for slug in cases:
        seen = (await api(READ, {"slug": slug, "moved": False})).data["page"]
        assert (seen is not None) is (slug in ("now", "undated"))
        assert (await api(READ, {"slug": slug, "moved": False}, token=writer)).data["page"] is not None


async def test_a_token_previews_one_page_for_a_while(api: Api, writer: str) -> None:
    async with api.database.unit() as session:
        draft = await make.page(session, slug="draft", title="Draft", is_published=False)
        other = await make.page(session, slug="other", title="Other", is_published=False)
    key = ids.encode("Page", draft.id)
    made = (await api(PREVIEW, {"id": key, "minutes": 5}, token=writer)).data["pagePreviewTokenCreate"]
    assert made["errors"] == []
    assert made["url"] == f"http://shop.test/pages/draft?preview={made['token']}"
    shown = await api(SHOWN, {"slug": "draft", "token": made["token"]})
    assert shown.data["page"] == {"title": "Draft"}
    assert shown.headers["cache-control"] == "no-store"
    assert (await api(SHOWN, {"id": key, "token": made["token"]})).data["page"] == {"title": "Draft"}
    assert (await api(SHOWN, {"slug": "other", "token": made["token"]})).data["page"] is None
    head, _, signature = made["token"].rpartition(".")
    later = head.replace(f"{draft.id}.", f"{other.id}.", 1)
    for forged in ("", "x", f"{later}.{signature}", f"{head}.x", made["token"] + "x", f".{signature}"):
        assert (await api(SHOWN, {"slug": "other", "token": forged})).data["page"] is None
        assert (await api(SHOWN, {"slug": "draft", "token": forged})).data["page"] is None
    for minutes in (0, 20161):
        refused = (await api(PREVIEW, {"id": key, "minutes": minutes}, token=writer)).data["pagePreviewTokenCreate"]
        assert refused["errors"] == [{"field": "minutes", "code": "INVALID"}]
    missing = (await api(PREVIEW, {"id": ids.encode("Page", 0), "minutes": 1}, token=writer)).data
    assert missing["pagePreviewTokenCreate"]["errors"] == [{"field": "id", "code": "NOT_FOUND"}]


async def test_pages_go_with_what_belongs_to_them(api: Api, writer: str) -> None:
    async with api.database.unit() as session:
        kind = await make.page_type(session)
        rows = [await make.page(session, kind=kind) for _ in range(3)]
        keys = [ids.encode("Page", row.id) for row in rows]
    await api(UPDATE, {"id": keys[0], "input": {"slug": "moved"}}, token=writer)
    document = (
        "mutation Delete($id: ID!) { pageDelete(id: $id) { page { slug revisions { number } } errors { field code } } }"
    )
    gone = (await api(document, {"id": keys[0]}, token=writer)).data["pageDelete"]
    assert (gone["page"]["slug"], gone["errors"]) == ("moved", [])
    assert (await _count(api, PageRevision), await _count(api, PageSlug)) == (0, 0)
    again = (await api(document, {"id": keys[0]}, token=writer)).data["pageDelete"]
    assert again == {"page": None, "errors": [{"field": "id", "code": "NOT_FOUND"}]}
    bulk = "mutation Delete($ids: [ID!]!) { pageBulkDelete(ids: $ids) { count errors { field code } } }"
    assert (await api(bulk, {"ids": keys}, token=writer)).data["pageBulkDelete"] == {"count": 2, "errors": []}
    assert await _count(api, Page) == 0
    many = (await api(bulk, {"ids": keys * 34}, token=writer)).data["pageBulkDelete"]
    assert many == {"count": 0, "errors": [{"field": "ids", "code": "INVALID"}]}


async def test_all_are_published_at_once(api: Api, writer: str) -> None:
    async with api.database.unit() as session:
        kind = await make.page_type(session)
        keys = [ids.encode("Page", (await make.page(session, kind=kind, is_published=False)).id) for _ in range(2)]
    published = (await api(PUBLISH, {"ids": [*keys, keys[0]], "isPublished": True}, token=writer)).data[
        "pageBulkPublish"
    ]
    assert published == {"count": 2, "errors": []}
    assert (await api("{ pages(first: 1) { totalCount } }")).data["pages"]["totalCount"] == 2
    assert (await api(PUBLISH, {"ids": keys, "isPublished": False}, token=writer)).data["pageBulkPublish"]["count"] == 2
    assert (await api("{ pages(first: 1) { totalCount } }")).data["pages"]["totalCount"] == 0
