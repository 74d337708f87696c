"""Categories over GraphQL: made within the tree, changed, and removed with what is below, but not with their goods."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from shop import wiring
from shop.catalogue.models import Category, Product
from shop.kit import ids
from shop.pricing.models import ProductListing
from tests import factories as make
from tests.api.catalogue.writing import STAFF, nobody, paragraph, refused, run
from tests.api.client import Api

CREATE = """
mutation Create($input: CategoryInput!, $parent: ID) {
  categoryCreate(input: $input, parent: $parent) {
    category {
      id name slug level seoTitle seoDescription description parent { slug } metadata { key value }
      privateMetadata { key value } children(first: 5) { edges { node { slug } } }
    }
    errors { field code } productErrors { field code }
  }
}
"""
UPDATE = """
mutation Update($id: ID!, $input: CategoryInput!) {
  categoryUpdate(id: $id, input: $input) {
    category { name slug seoTitle seoDescription description metadata { key value } } errors { field code }
  }
}
"""
DELETE = """
mutation Delete($id: ID!) { categoryDelete(id: $id) { category { name slug } errors { field code } } }
"""
NEW: dict[str, Any] = {
    "name": " Hair care ",
    "description": paragraph("Gentle<script>alert(1)</script>"),
    "seo": {"title": "Care", "description": "For hair"},
    "metadata": [{"key": "erp", "value": "7"}],
    "privateMetadata": [{"key": "note", "value": "x"}],
}


@pytest.fixture
async def staff(api: Api) -> str:
    wiring.connect()
    return await api.login("staff@example.com", STAFF)


async def test_a_category_is_made(api: Api, staff: str) -> None:
    made = await run(api, CREATE, {"input": NEW}, staff)
    assert made["errors"] == made["productErrors"] == []
    category = made["category"]
    assert category.pop("id")
    assert "Gentle" in category["description"]
    assert "script" not in category.pop("description")
    assert category == {
        "name": "Hair care",
        "slug": "hair-care",
        "level": 0,
        "seoTitle": "Care",
        "seoDescription": "For hair",
        "parent": None,
        "metadata": [{"key": "erp", "value": "7"}],
        "privateMetadata": [{"key": "note", "value": "x"}],
        "children": {"edges": []},
    }


async def test_categories_stand_below_one_another_in_the_order_in_which_they_came(api: Api, staff: str) -> None:
    root = (await run(api, CREATE, {"input": {"name": "Root"}}, staff))["category"]["id"]
    for name in ("Wash", "Care", "Wash"):
        child = (await run(api, CREATE, {"input": {"name": name}, "parent": root}, staff))["category"]
        assert (child["level"], child["parent"]) == (1, {"slug": "root"})
    read = "query Read($id: ID!) { category(id: $id) { children(first: 5) { edges { node { slug } } } } }"
    children = (await api(read, {"id": root})).data["category"]["children"]["edges"]
    assert [edge["node"]["slug"] for edge in children] == ["wash", "care", "wash-2"]


async def test_a_category_is_changed_and_what_is_left_out_stays(api: Api, staff: str) -> None:
    key = (await run(api, CREATE, {"input": NEW}, staff))["category"]["id"]
    changes = {"slug": "care", "seo": {"title": None}, "metadata": [{"key": "crm", "value": "9"}]}
    assert await run(api, UPDATE, {"id": key, "input": changes}, staff) == {
        "category": {
            "name": "Hair care",
            "slug": "care",
            "seoTitle": None,
            "seoDescription": "For hair",
            "description": '{"blocks":[{"data":{"text":"Gentle"},"type":"paragraph"}]}',
            "metadata": [{"key": "crm", "value": "9"}, {"key": "erp", "value": "7"}],
        },
        "errors": [],
    }
    emptied = await run(api, UPDATE, {"id": key, "input": {"description": None, "seo": None}}, staff)
    assert (emptied["category"]["description"], emptied["category"]["seoDescription"]) == (None, None)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, [("name", "REQUIRED")]),
        ({"name": " "}, [("name", "REQUIRED")]),
        ({"name": "x" * 251}, [("name", "INVALID")]),
        ({"name": "x", "slug": "No slug"}, [("slug", "INVALID")]),
        ({"name": "x", "slug": "taken"}, [("slug", "UNIQUE")]),
        ({"name": "x", "description": '"text"'}, [("description", "INVALID")]),
        ({"seo": {"title": "x" * 71}}, [("seo", "INVALID"), ("name", "REQUIRED")]),
        ({"name": "x", "metadata": [{"key": " ", "value": "x"}]}, [("metadata", "REQUIRED")]),
    ],
)
async def test_what_cannot_be_a_category(
    api: Api, staff: str, given: dict[str, Any], told: list[tuple[str, str]]
) -> None:
    async with api.database.unit() as session:
        key = ids.encode("Category", (await make.category(session, slug="taken")).id)
        other = ids.encode("Category", (await make.category(session, slug="other")).id)
    assert await refused(api, CREATE, {"input": given}, staff) == told
    left_out = given if "name" in given else {**given, "name": None}
    assert sorted(await refused(api, UPDATE, {"id": other, "input": left_out}, staff)) == sorted(told)
    # Its own slug is nobody else's.
    kept = await run(api, UPDATE, {"id": key, "input": {"slug": "taken"}}, staff)
    assert (kept["category"]["slug"], kept["errors"]) == ("taken", [])
    async with api.database.unit() as session:
        assert list(await session.scalars(select(Category.slug).order_by(Category.slug))) == ["other", "taken"]


async def test_whose_category_is_not_there(api: Api, staff: str) -> None:
    gone, other = nobody("Category"), ids.encode("Product", 1)
    for key, code in ((gone, "NOT_FOUND"), (other, "GRAPHQL_ERROR")):
        assert await refused(api, CREATE, {"input": {"name": "x"}, "parent": key}, staff) == [("parent", code)]
        assert await refused(api, UPDATE, {"id": key, "input": {"name": "x"}}, staff) == [("id", code)]
        assert await refused(api, DELETE, {"id": key}, staff) == [("id", code)]


async def test_a_category_goes_with_what_is_below_and_its_products_stay(api: Api, staff: str) -> None:
    async with api.database.unit() as session:
        channel = await make.channel(session)
        root = await make.category(session, slug="root")
        child = await make.category(session, slug="child", parent=root)
        other = await make.category(session, slug="other")
        below = await make.product(session, channel, slug="below", category=child)
        variant = await make.variant(session, channel, product=below, price="10.00")
        await make.product(session, slug="beside", category=other)
        # A tenth off whatever stands in the category.
        await make.promotion(session, channel, value="10", category_ids=[root.id])
        price = select(ProductListing.minimum_price_amount).where(ProductListing.product_id == variant.product_id)
        assert str(await session.scalar(price)) == "9.000"
    removed = await run(api, DELETE, {"id": ids.encode("Category", root.id)}, staff)
    assert removed == {"category": {"name": "Root", "slug": "root"}, "errors": []}
    async with api.database.unit() as session:
        assert list(await session.scalars(select(Category.slug))) == ["other"]
        rows = await session.execute(select(Product.slug, Product.category_id).order_by(Product.slug))
        assert [tuple(row) for row in rows] == [("below", None), ("beside", other.id)]
        assert list(await session.scalars(select(ProductListing.is_published))) == [True]
        # Nothing is cheaper any more for having stood there.
        assert str(await session.scalar(price)) == "10.000"


async def test_who_may_not(api: Api) -> None:
    async with api.database.unit() as session:
        key = ids.encode("Category", (await make.category(session, slug="kept")).id)
    customer = await api.login()
    other_staff = await api.login("other@example.com", "MANAGE_ORDERS")
    for document, variables in (
        (CREATE, {"input": {"name": "x"}}),
        (UPDATE, {"id": key, "input": {"name": "x"}}),
        (DELETE, {"id": key}),
    ):
        for token in (None, customer, other_staff):
            reply = await api(document, variables, token=token)
            assert [error["extensions"]["exception"]["code"] for error in reply.errors] == ["PermissionDenied"]
    async with api.database.unit() as session:
        assert [tuple(row) for row in await session.execute(select(Category.slug, Category.name))] == [("kept", "Kept")]


async def test_rivals_with_one_name_get_slugs_of_their_own(committed_api: Api) -> None:
    staff = await committed_api.login("staff@example.com", STAFF)
    given = {"input": {"name": "Same"}}
    made = await asyncio.gather(*(run(committed_api, CREATE, given, staff) for _ in range(3)))
    assert [each["errors"] for each in made] == [[], [], []]
    assert sorted(each["category"]["slug"] for each in made) == ["same", "same-2", "same-3"]
