"""What lists of pages can be filtered, searched and sorted by."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.db import Database
from shop.kit.ids import encode
from tests import factories as make
from tests.api.catalogue.test_lists import filled
from tests.api.client import Api

PAGES = """
query ($where: PageWhereInput, $filter: PageFilterInput, $search: String, $sort: PageSortingInput) {
  pages(first: 10, where: $where, filter: $filter, search: $search, sortBy: $sort) {
    totalCount edges { node { slug } }
  }
}
"""


@pytest.fixture
async def ids(database: Database) -> dict[str, str]:
    """Two articles and the terms."""

    async def rows(session: AsyncSession) -> dict[str, str]:
        articles, legal = await make.page_type(session, slug="article"), await make.page_type(session, slug="legal")
        hair = await make.page(
            session,
            slug="hair",
            title="Zinc and hair",
            kind=articles,
            content={"blocks": [{"type": "paragraph", "data": {"text": "What <b>minerals</b> do."}}]},
            metadata={"level": "easy", "draft": "no"},
            published_at=datetime(2026, 1, 2, tzinfo=UTC),
        )
        minerals = await make.page(
            session,
            slug="minerals",
            title="Minerals",
            kind=articles,
            content={"blocks": [{"type": "list", "data": {"items": ["Zinc", "Iron"]}}]},
            metadata={"level": "hard"},
            published_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        terms = await make.page(session, slug="terms", title="Terms", kind=legal)
        topic = await make.attribute(session, articles, slug="topic")
        await make.attribute_value(session, topic, hair, minerals, slug="food", name="Food")
        minutes = await make.attribute(session, articles, slug="minutes", input_type="NUMERIC")
        await make.attribute_value(session, minutes, hair, number=5)
        await make.attribute_value(session, minutes, minerals, number=12)
        see = await make.attribute(session, articles, slug="see", input_type="REFERENCE", entity_type="PAGE")
        await make.attribute_value(session, see, hair, page_id=minerals.id)
        return {
            "article": encode("PageType", articles.id),
            "legal": encode("PageType", legal.id),
            "hair": encode("Page", hair.id),
            "minerals": encode("Page", minerals.id),
            "terms": encode("Page", terms.id),
        }

    return await database.run(rows)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, ["minerals", "terms", "hair"]),
        ({"where": {"pageType": {"eq": "@article"}}}, ["minerals", "hair"]),
        ({"where": {"pageType": {"oneOf": ["@legal", "@hair"]}}}, ["terms"]),
        ({"where": {"ids": ["@terms"]}}, ["terms"]),
        ({"where": {"ids": []}}, []),
        ({"where": {"slug": {"eq": "hair"}}}, ["hair"]),
        ({"where": {"metadata": {"key": "level"}}}, ["minerals", "hair"]),
        ({"where": {"metadata": {"key": "level", "value": {"eq": "easy"}}}}, ["hair"]),
        ({"where": {"metadata": {"key": "level", "value": {"oneOf": ["hard", "harder"]}}}}, ["minerals"]),
        ({"where": {"metadata": {"key": "level", "value": {}}}}, []),
        ({"where": {"attributes": [{"slug": "topic", "value": {"slug": {"eq": "food"}}}]}}, ["minerals", "hair"]),
        ({"where": {"attributes": [{"slug": "minutes", "value": {"numeric": {"range": {"lte": 10}}}}]}}, ["hair"]),
        (
            {
                "where": {
                    "attributes": [
                        {"slug": "see", "value": {"reference": {"referencedIds": {"containsAll": ["@minerals"]}}}}
                    ]
                }
            },
            ["hair"],
        ),
        ({"where": {"OR": [{"slug": {"eq": "hair"}}, {"AND": [{"pageType": {"eq": "@legal"}}]}]}}, ["terms", "hair"]),
        ({"filter": {"pageTypes": ["@article"], "slugs": ["hair", "terms"]}}, ["hair"]),
        ({"filter": {"pageTypes": [], "ids": [], "slugs": []}}, ["minerals", "terms", "hair"]),
        ({"filter": {"ids": ["@hair"]}}, ["hair"]),
        ({"filter": {"metadata": [{"key": "level", "value": "easy"}, {"key": "draft"}]}}, ["hair"]),
        # A title counts more than what the page says.
        ({"search": "zinc"}, ["hair", "minerals"]),
        ({"search": "mineral"}, ["minerals", "hair"]),
        ({"filter": {"search": "iron"}}, ["minerals"]),
        ({"search": "paragraph"}, []),
        ({"search": " "}, ["minerals", "terms", "hair"]),
        ({"search": "zinc", "sort": {"field": "TITLE", "direction": "ASC"}}, ["minerals", "hair"]),
        ({"sort": {"field": "SLUG", "direction": "ASC"}}, ["hair", "minerals", "terms"]),
        ({"sort": {"field": "TITLE", "direction": "DESC"}}, ["hair", "terms", "minerals"]),
        ({"sort": {"field": "PUBLICATION_DATE", "direction": "ASC"}}, ["minerals", "hair", "terms"]),
        ({"sort": {"field": "PUBLISHED_AT", "direction": "DESC"}}, ["terms", "hair", "minerals"]),
        ({"sort": {"field": "CREATION_DATE", "direction": "ASC"}}, ["hair", "minerals", "terms"]),
        ({"sort": {"field": "VISIBILITY", "direction": "DESC"}}, ["terms", "minerals", "hair"]),
        ({"search": "zinc", "sort": {"field": "RANK", "direction": "ASC"}}, ["minerals", "hair"]),
    ],
    ids=str,
)
async def test_pages_are_found_and_sorted(
    api: Api, ids: dict[str, str], variables: dict[str, Any], expected: list[str]
) -> None:
    pages = (await api(PAGES, filled(variables, ids))).data["pages"]
    assert [edge["node"]["slug"] for edge in pages["edges"]] == expected
    assert pages["totalCount"] == len(expected)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"where": {}, "filter": {}}, "Only one of the arguments `filter` and `where` can be used."),
        (
            {"sort": {"field": "RANK", "direction": "DESC"}},
            "Sorting by RANK needs a search: pass `search`.",
        ),
        ({"where": {"ids": ["hair"]}}, "Invalid ID: hair. Expected: Page."),
    ],
    ids=str,
)
async def test_what_cannot_be_meant_is_refused(api: Api, variables: dict[str, Any], message: str) -> None:
    reply = await api(PAGES, variables)
    assert [error["message"] for error in reply.errors] == [message]
