"""Pages of shop files: what their blocks become, their policy and its override, their history."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from shop.blueprint.apply import apply
from shop.blueprint.errors import ShopFileError
from shop.blueprint.load import parse
from shop.content.models import Page, PageRevision, PageSlug
from shop.kit import ids
from tests import factories as make
from tests.database import OneConnectionDatabase

FILE = """
page_types:
  - {slug: medical-article, name: Medical article}
pages:
  - slug: hair
    title: Hair
    type: medical-article
    content: Words.
"""
OVERRIDE = FILE + "    override: A demonstration.\n"
LACKING = [
    "Readers must know who wrote the article.",
    "A professional must have reviewed the article.",
    "The article must say what is approved where, or that it is investigational.",
    "The article must say what this site earns by its subject: that it sells consultations, say.",
    "The day of the last review is needed.",
    "The day of the next review is needed.",
    "A disclaimer block is needed.",
    "At least one work with a DOI or PMID must be cited.",
]


async def _apply(database: OneConnectionDatabase, text: str, folder: Path) -> list[tuple[str, str, str]]:
    report = await apply(database, parse(text), media_folder=folder)
    return [(change.action, change.kind, change.name) for change in report.changes]


async def _all(database: OneConnectionDatabase, *columns: Any) -> list[tuple[Any, ...]]:
    async with database.unit() as session:
        return [tuple(row) for row in await session.execute(select(*columns))]


async def test_an_article_that_lacks_something_stops_the_apply(database: OneConnectionDatabase, tmp_path: Path) -> None:
    with pytest.raises(ShopFileError) as told:
        await _apply(database, FILE, tmp_path)
    way_out = "An `override` with a reason publishes the page all the same."
    assert str(told.value).splitlines() == [f"shop.yaml:5: pages[0]: {message} {way_out}" for message in LACKING]
    assert await _all(database, Page.id) == []


async def test_an_override_is_kept_once_with_what_it_let_pass(database: OneConnectionDatabase, tmp_path: Path) -> None:
    await _apply(database, OVERRIDE, tmp_path)
    # The same file again writes nothing.
    assert await _apply(database, OVERRIDE, tmp_path) == []
    kept = await _all(database, PageRevision.number, PageRevision.override_reason, PageRevision.findings)
    assert [(number, reason) for number, reason, _ in kept] == [(1, "A demonstration.")]
    assert [finding["message"] for finding in kept[0][2]] == LACKING
    await _apply(database, OVERRIDE.replace("title: Hair", "title: More hair"), tmp_path)
    assert await _all(database, PageRevision.number, PageRevision.override_reason) == [
        (1, "A demonstration."),
        (2, "A demonstration."),
    ]


@pytest.mark.parametrize(
    "changed",
    [
        FILE.replace("    content", "    published: false\n    content"),
        FILE.replace("name: Medical article", "name: Medical article, policy: none"),
        FILE.replace("medical-article", "article"),
    ],
)
async def test_what_is_not_published_or_under_no_policy_may_lack_anything(
    database: OneConnectionDatabase, tmp_path: Path, changed: str
) -> None:
    await _apply(database, changed, tmp_path)
    assert await _all(database, PageRevision.slug, PageRevision.override_reason) == [("hair", None)]


async def test_an_overdue_review_does_not_stop_the_apply(database: OneConnectionDatabase, tmp_path: Path) -> None:
    whole = FILE.replace(
        "    content: Words.",
        """
    author: {name: "Example clinic, editorial team", organization: true}
    reviewer: {name: Example practitioner A, credentials: Dermatologist}
    last_reviewed: 2020-01-10
    review_due: 2021-01-10
    regulatory_status: Investigational.
    conflict_of_interest: This site sells consultations.
    content:
      - disclaimer: No advice.
      - references: [{text: A work, pmid: "12"}]
""",
    )
    await _apply(database, whole, tmp_path)
    columns = (Page.author_name, Page.author_is_organization, Page.reviewer_name, Page.reviewer_credentials)
    assert await _all(database, *columns) == [
        ("Example clinic, editorial team", True, "Example practitioner A", "Dermatologist")
    ]


async def test_blocks_of_products_hold_their_ids(database: OneConnectionDatabase, tmp_path: Path) -> None:
    async with database.unit() as session:
        product = (await make.product(session, slug="visit")).id
    text = """
page_types: [{slug: text, name: Text}]
pages:
  - slug: a
    title: A
    type: text
    content:
      - product: visit
      - booking: visit
        label: Book **now**
      - disclaimer: No *advice*.
        title: "Note:"
"""
    await _apply(database, text, tmp_path)
    ((content,),) = await _all(database, Page.content)
    key = ids.encode("Product", product)
    assert content["blocks"] == [
        {"type": "product", "data": {"productId": key}},
        {"type": "booking", "data": {"productId": key, "text": "", "label": "Book <b>now</b>"}},
        {"type": "disclaimer", "data": {"title": "Note:", "text": "No <i>advice</i>."}},
    ]
    with pytest.raises(ShopFileError, match="There is no product 'nothing'"):
        await _apply(database, text.replace("booking: visit", "booking: nothing"), tmp_path)


async def test_a_page_of_the_file_takes_an_address_that_another_one_had(
    database: OneConnectionDatabase, tmp_path: Path
) -> None:
    async with database.unit() as session:
        page = await make.page(session, slug="new")
        session.add(PageSlug(slug="a", page_id=page.id))
    await _apply(database, "page_types: [{slug: text, name: T}]\npages: [{slug: a, title: A, type: text}]\n", tmp_path)
    assert await _all(database, PageSlug.slug) == []


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("{booking: visit, paragraph: x}", "A block has exactly one of product, booking, paragraph,"),
        ("{paragraph: x, label: y}", "Label belongs to a block with booking."),
        ("{disclaimer: x, label: y}", "Label belongs to a block with booking."),
        ("{references: [{text: x}]}", "A reference has a doi or a pmid."),
        ("{references: [{text: x, doi: y}]}", "'y' is no DOI."),
    ],
)
def test_blocks_that_make_no_sense(block: str, message: str) -> None:
    text = f"page_types: [{{slug: t, name: T}}]\npages: [{{slug: a, title: A, type: t, content: [{block}]}}]\n"
    with pytest.raises(ShopFileError) as told:
        parse(text)
    assert message in str(told.value)
