"""Structured data is of schema.org's vocabulary."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from shop.content.rules.policy import MEDICAL_DUTY
from shop.content.rules.structured import Profile, json_ld
from tests.storefront.fake import FakeShop
from tests.storefront.schema_org import CONTEXT, wrong

WORK = {"text": "Example work. <i>Example journal</i>, 2020.", "doi": "10.1000/example", "pmid": "12345678"}
ARTICLE = Profile(
    base="https://shop.example",
    url="https://shop.example/pages/hair",
    title="Hair",
    description="About hair.",
    image="https://shop.example/media/a.png",
    publisher="Example clinic",
    is_article=True,
    policy=MEDICAL_DUTY,
    content={"blocks": [{"type": "references", "data": {"title": "Works", "items": [WORK]}}]},
    published_at=datetime(2026, 1, 1, tzinfo=UTC),
    updated_at=datetime(2026, 1, 2, tzinfo=UTC),
    author_name="Example practitioner A",
    author_is_organization=False,
    reviewer_name="Example practitioner B",
    reviewer_credentials="Dermatologist",
    last_reviewed=date(2026, 1, 3),
)
BARE: dict[str, Any] = {
    "policy": None,
    "content": None,
    "image": "",
    "description": "",
    "published_at": None,
    "author_name": None,
    "reviewer_name": None,
    "reviewer_credentials": None,
    "last_reviewed": None,
}


@pytest.mark.parametrize("changes", [{}, {"author_is_organization": True}, {"is_article": False}, BARE])
@pytest.mark.parametrize("is_article", [True, False])
def test_every_page_is_told_of_in_the_vocabulary(changes: dict[str, Any], is_article: bool) -> None:
    assert wrong(json_ld(replace(ARTICLE, **{"is_article": is_article, **changes}))) == []


def test_what_an_article_on_medicine_says() -> None:
    told = json_ld(ARTICLE)
    assert (told["@type"], told["mainEntityOfPage"]["@type"]) == ("Article", "MedicalWebPage")
    assert told["mainEntityOfPage"]["reviewedBy"]["name"] == "Example practitioner B"
    assert told["mainEntityOfPage"]["lastReviewed"] == "2026-01-03"
    assert len(told["citation"]) == 1


@pytest.mark.parametrize(
    "path",
    ["/", "/products", "/products/gentle-shampoo", "/products/sold-out-comb", "/products/course-of-3-consultations"],
)
async def test_every_page_of_the_demo_speaks_it(browser_like: httpx.AsyncClient, fake: FakeShop, path: str) -> None:
    told = re.findall(r'ld\+json">(.*?)</script>', (await browser_like.get(path)).text)
    assert told
    assert [wrong(json.loads(each)) for each in told] == [[] for _ in told]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"@type": "Artikel"}, "@type"),
        ({"@context": "http://schema.org"}, "@context"),
        ({"reviewedBy": {"@type": "Person", "name": "x"}}, "reviewedBy"),
        ({"author": {"@type": "Offer"}}, "author"),
        ({"author": {"@type": "Person", "headline": "x"}}, "author.headline"),
        ({"author": "x"}, "author"),
        ({"datePublished": "yesterday"}, "datePublished"),
        ({"headline": ""}, "headline"),
        ({"url": "/pages/hair"}, "url"),
    ],
)
def test_what_is_not_in_it_is_found(change: dict[str, Any], place: str) -> None:
    whole = {"@context": CONTEXT, "@type": "Article", "headline": "Hair"}
    assert wrong(whole) == []
    assert wrong(whole | change) == [place]
