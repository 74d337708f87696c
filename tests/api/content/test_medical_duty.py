"""Articles on medicine: what keeps them unpublished, the override with its reason, what readers are told."""

from typing import Any

import pytest

from shop.kit import ids
from tests import factories as make
from tests.api.client import Api
from tests.api.content.writing import ARTICLE, CREATE, DUTIES, HISTORY, PUBLISH, UPDATE, paragraph

ALL_MISSING = {
    ("authorName", "AUTHOR_MISSING"),
    ("conflictOfInterest", "CONFLICT_OF_INTEREST_MISSING"),
    ("content", "DISCLAIMER_MISSING"),
    ("content", "REFERENCE_MISSING"),
    ("lastReviewed", "LAST_REVIEWED_MISSING"),
    ("regulatoryStatus", "REGULATORY_STATUS_MISSING"),
    ("reviewDue", "REVIEW_DUE_MISSING"),
    ("reviewerName", "REVIEWER_MISSING"),
}


@pytest.fixture
async def writer(api: Api) -> str:
    return await api.login("writer@example.com", "MANAGE_PAGES")


@pytest.fixture
async def kind(api: Api) -> str:
    async with api.database.unit() as session:
        row = await make.page_type(session, slug="medical-article", policy="MEDICAL_DUTY")
        return ids.encode("PageType", row.id)


def _told(payload: dict[str, Any]) -> set[tuple[str, str]]:
    return {(each["field"], each["duty"]) for each in payload["errors"]}


async def test_an_article_that_meets_its_duties_is_published(api: Api, writer: str, kind: str) -> None:
    given = {"pageType": kind, "title": "Hair", "isPublished": True, "contentBlocks": ARTICLE, **DUTIES}
    made = (await api(CREATE, {"input": given}, token=writer)).data["pageCreate"]
    assert made["errors"] == []
    history = (await api(HISTORY, {"id": made["page"]["id"]}, token=writer)).data["page"]
    assert (history["reviewStatus"], history["dutyFindings"]) == ("REVIEWED", [])
    assert [(each["overrideReason"], each["passedFindings"]) for each in history["revisions"]] == [(None, [])]


async def test_what_an_article_lacks_is_said_and_nothing_is_published(api: Api, writer: str, kind: str) -> None:
    given = {"pageType": kind, "title": "Hair", "contentBlocks": paragraph("It is guaranteed.")}
    refused = (await api(CREATE, {"input": {**given, "isPublished": True}}, token=writer)).data["pageCreate"]
    assert refused["page"] is None
    assert _told(refused) == ALL_MISSING | {("content", "RISKY_PHRASE")}
    assert {each["code"] for each in refused["errors"]} == {"INVALID"}
    assert [each["path"] for each in refused["errors"] if each["duty"] == "RISKY_PHRASE"] == ["blocks[0].data.text"]
    # A draft may lack anything.
    draft = (await api(CREATE, {"input": given}, token=writer)).data["pageCreate"]
    assert draft["errors"] == []
    key = draft["page"]["id"]
    for document, variables, name in (
        (UPDATE, {"id": key, "input": {"isPublished": True}}, "pageUpdate"),
        (UPDATE, {"id": key, "input": {"isPublished": True, "overrideReason": "  "}}, "pageUpdate"),
        (PUBLISH, {"ids": [key], "isPublished": True}, "pageBulkPublish"),
    ):
        payload = (await api(document, variables, token=writer)).data[name]
        assert _told(payload) == ALL_MISSING | {("content", "RISKY_PHRASE")}
    history = (await api(HISTORY, {"id": key}, token=writer)).data["page"]
    assert history["isPublished"] is False
    assert {(each["field"], each["duty"]) for each in history["dutyFindings"]} == ALL_MISSING | {
        ("content", "RISKY_PHRASE")
    }
    assert [each["number"] for each in history["revisions"]] == [1]
    assert (await api("{ pages(first: 1) { totalCount } }")).data["pages"]["totalCount"] == 0


async def test_an_override_publishes_and_is_kept_with_what_it_let_pass(api: Api, writer: str, kind: str) -> None:
    lacking = {name: value for name, value in DUTIES.items() if not name.startswith(("reviewer", "lastR", "reviewD"))}
    given = {"pageType": kind, "title": "Hair", "contentBlocks": ARTICLE, **lacking}
    key = (await api(CREATE, {"input": given}, token=writer)).data["pageCreate"]["page"]["id"]
    reason = "A demonstration; nobody is to rely on it."
    payload = {"ids": [key], "isPublished": True, "reason": f" {reason} "}
    assert (await api(PUBLISH, payload, token=writer)).data["pageBulkPublish"] == {"count": 1, "errors": []}
    history = (await api(HISTORY, {"id": key}, token=writer)).data["page"]
    assert (history["isPublished"], history["reviewStatus"]) == (True, "NOT_REVIEWED")
    last = history["revisions"][0]
    assert (last["number"], last["overrideReason"]) == (2, reason)
    assert [(each["duty"], each["field"], each["path"]) for each in last["passedFindings"]] == [
        ("REVIEWER_MISSING", "reviewerName", None),
        ("LAST_REVIEWED_MISSING", "lastReviewed", None),
        ("REVIEW_DUE_MISSING", "reviewDue", None),
    ]
    # The reason was for that text: the next one needs another.
    change = {"id": key, "input": {"title": "More hair"}}
    assert _told((await api(UPDATE, change, token=writer)).data["pageUpdate"]) == {
        ("reviewerName", "REVIEWER_MISSING"),
        ("lastReviewed", "LAST_REVIEWED_MISSING"),
        ("reviewDue", "REVIEW_DUE_MISSING"),
    }
    assert (await api(HISTORY, {"id": key}, token=writer)).data["page"]["title"] == "Hair"
    # Taking it back never needs one, and keeps none.
    back = {"ids": [key], "isPublished": False, "reason": "none is needed"}
    assert (await api(PUBLISH, back, token=writer)).data["pageBulkPublish"]["count"] == 1
    assert (await api(HISTORY, {"id": key}, token=writer)).data["page"]["revisions"][0]["overrideReason"] is None


async def test_one_article_that_lacks_something_keeps_all_from_being_published(
    api: Api, writer: str, kind: str
) -> None:
    good = {"pageType": kind, "title": "Good", "contentBlocks": ARTICLE, **DUTIES}
    bad = {**good, "title": "Bad", "authorName": None}
    keys = [
        (await api(CREATE, {"input": given}, token=writer)).data["pageCreate"]["page"]["id"] for given in (good, bad)
    ]
    payload = (await api(PUBLISH, {"ids": keys, "isPublished": True}, token=writer)).data["pageBulkPublish"]
    assert (payload["count"], _told(payload)) == (0, {("authorName", "AUTHOR_MISSING")})
    assert [each["message"] for each in payload["errors"]] == ["Bad: Readers must know who wrote the article."]
    assert (await api("{ pages(first: 1) { totalCount } }")).data["pages"]["totalCount"] == 0


async def test_a_type_without_the_policy_asks_for_nothing(api: Api, writer: str, kind: str) -> None:
    chief = await api.login("chief@example.com", "MANAGE_PAGE_TYPES_AND_ATTRIBUTES")
    document = "mutation($id: ID!) { pageTypeUpdate(id: $id, input: {policy: null}) { pageType { policy } } }"
    changed = await api(document, {"id": kind}, token=chief)
    assert changed.data["pageTypeUpdate"]["pageType"] == {"policy": None}
    given = {"pageType": kind, "title": "A miracle", "isPublished": True}
    assert (await api(CREATE, {"input": given}, token=writer)).data["pageCreate"]["errors"] == []


async def test_readers_are_told_who_checked_an_article_and_when_that_is_overdue(
    api: Api, writer: str, kind: str
) -> None:
    document = """
    query Told($slug: String!) {
      page(slug: $slug) {
        author { name isOrganization } reviewedBy { name credentials } lastReviewed reviewDue reviewStatus reviewNote
        regulatoryStatus conflictOfInterest jsonLd
      }
    }
    """
    overdue = {**DUTIES, "lastReviewed": "2020-01-10", "reviewDue": "2021-01-10", "reviewNote": "An example."}
    given = {
        "pageType": kind,
        "title": "Old hair",
        "isPublished": True,
        "publishedAt": "2020-02-01T00:00:00Z",
        "overrideReason": "Its review is under way.",
        "contentBlocks": ARTICLE,
        **overdue,
    }
    assert (await api(CREATE, {"input": given}, token=writer)).data["pageCreate"]["errors"] == []
    told = (await api(document, {"slug": "old-hair"})).data["page"]
    structured = told.pop("jsonLd")
    assert told == {
        "author": {"name": "Example clinic, editorial team", "isOrganization": True},
        "reviewedBy": {"name": "Example practitioner A", "credentials": "Board-certified dermatologist"},
        "lastReviewed": "2020-01-10",
        "reviewDue": "2021-01-10",
        "reviewStatus": "OVERDUE",
        "reviewNote": "An example.",
        "regulatoryStatus": DUTIES["regulatoryStatus"],
        "conflictOfInterest": "This site sells consultations.",
    }
    assert structured["@type"] == "Article"
    assert structured["author"] == {"@type": "Organization", "name": "Example clinic, editorial team"}
    assert structured["datePublished"] == "2020-02-01T00:00:00+00:00"
    assert structured["mainEntityOfPage"] == {
        "@type": "MedicalWebPage",
        "@id": "http://shop.test/pages/old-hair",
        "url": "http://shop.test/pages/old-hair",
        "name": "Old hair",
        "reviewedBy": {
            "@type": "Person",
            "name": "Example practitioner A",
            "description": "Board-certified dermatologist",
        },
        "lastReviewed": "2020-01-10",
    }
    assert structured["citation"] == [
        {"@type": "ScholarlyArticle", "name": "A work", "sameAs": ["https://doi.org/10.1000/182"]}
    ]
