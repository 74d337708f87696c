"""Kinds of pages: names, policies, attributes, and that their pages go with them."""

from typing import Any

import pytest
from sqlalchemy import select

from shop.content.models import Page, PageType
from shop.kit import ids
from tests import factories as make
from tests.api.client import Api

CREATE = """
mutation Create($input: PageTypeCreateInput!) {
  pageTypeCreate(input: $input) {
    pageType { id name slug policy hasPages attributes { slug } } errors { field code } pageErrors { code }
  }
}
"""
UPDATE = """
mutation Update($id: ID!, $input: PageTypeUpdateInput!) {
  pageTypeUpdate(id: $id, input: $input) { pageType { name slug policy attributes { slug } } errors { field code } }
}
"""
ASSIGN = """
mutation Assign($id: ID!, $attributes: [ID!]!) {
  pageAttributeAssign(pageTypeId: $id, attributeIds: $attributes) {
    pageType { attributes { slug } } errors { field code attributes }
  }
}
"""


@pytest.fixture
async def chief(api: Api) -> str:
    return await api.login("chief@example.com", "MANAGE_PAGE_TYPES_AND_ATTRIBUTES")


async def _attribute(api: Api, slug: str, *, of_pages: bool = True) -> str:
    async with api.database.unit() as session:
        row = await make.attribute(session, slug=slug)
        row.type = "PAGE_TYPE" if of_pages else "PRODUCT_TYPE"
        return ids.encode("Attribute", row.id)


@pytest.mark.parametrize(
    ("given", "slug", "policy"),
    [
        ({"name": "Medical article"}, "medical-article", "MEDICAL_DUTY"),
        ({"name": "Medical article", "policy": None}, "medical-article", None),
        ({"name": "Recipe"}, "recipe", None),
        ({"name": "Recipe", "slug": "food", "policy": "MEDICAL_DUTY"}, "food", "MEDICAL_DUTY"),
        ({"name": "!"}, "page-type", None),
    ],
)
async def test_a_type_has_the_policy_of_its_slug_unless_one_is_chosen(
    api: Api, chief: str, given: dict[str, Any], slug: str, policy: str | None
) -> None:
    made = (await api(CREATE, {"input": given}, token=chief)).data["pageTypeCreate"]
    assert made["errors"] == made["pageErrors"] == []
    assert (made["pageType"]["slug"], made["pageType"]["policy"]) == (slug, policy)
    assert (made["pageType"]["hasPages"], made["pageType"]["attributes"]) == (False, [])


async def test_a_type_is_changed(api: Api, chief: str) -> None:
    first, second, third = [await _attribute(api, slug) for slug in ("one", "two", "three")]
    made = (await api(CREATE, {"input": {"name": "A", "addAttributes": [first, second]}}, token=chief)).data
    key = made["pageTypeCreate"]["pageType"]["id"]
    assert [each["slug"] for each in made["pageTypeCreate"]["pageType"]["attributes"]] == ["one", "two"]
    change = {"name": "B", "policy": "MEDICAL_DUTY", "addAttributes": [third], "removeAttributes": [first]}
    assert (await api(UPDATE, {"id": key, "input": change}, token=chief)).data["pageTypeUpdate"] == {
        "pageType": {
            "name": "B",
            "slug": "a",
            "policy": "MEDICAL_DUTY",
            "attributes": [{"slug": "two"}, {"slug": "three"}],
        },
        "errors": [],
    }
    # What is left out stays.
    kept = (await api(UPDATE, {"id": key, "input": {"slug": "c"}}, token=chief)).data["pageTypeUpdate"]["pageType"]
    assert (kept["name"], kept["slug"], kept["policy"]) == ("B", "c", "MEDICAL_DUTY")
    assigned = (await api(ASSIGN, {"id": key, "attributes": [first, first]}, token=chief)).data["pageAttributeAssign"]
    assert [each["slug"] for each in assigned["pageType"]["attributes"]] == ["two", "three", "one"]
    unassign = ASSIGN.replace("pageAttributeAssign", "pageAttributeUnassign")
    left = (await api(unassign, {"id": key, "attributes": [second, first]}, token=chief)).data["pageAttributeUnassign"]
    assert left == {"pageType": {"attributes": [{"slug": "three"}]}, "errors": []}


async def test_which_attributes_a_type_cannot_have(api: Api, chief: str) -> None:
    one, two, foreign = [await _attribute(api, slug, of_pages=slug != "foreign") for slug in ("one", "two", "foreign")]
    nobody = ids.encode("Attribute", 2_000_000_000)
    made = (await api(CREATE, {"input": {"name": "A", "addAttributes": [one]}}, token=chief)).data["pageTypeCreate"]
    key = made["pageType"]["id"]
    for given, code, named in [
        ([two, one], "ATTRIBUTE_ALREADY_ASSIGNED", [one]),
        ([two, foreign], "INVALID", [foreign]),
        ([two, nobody], "NOT_FOUND", [nobody]),
    ]:
        refused = (await api(ASSIGN, {"id": key, "attributes": given}, token=chief)).data["pageAttributeAssign"]
        assert refused == {
            "pageType": None,
            "errors": [{"field": "attributeIds", "code": code, "attributes": named}],
        }
    both = {"name": "B", "addAttributes": [two], "removeAttributes": [two]}
    refused = (await api(UPDATE, {"id": key, "input": both}, token=chief)).data["pageTypeUpdate"]
    assert refused == {
        "pageType": None,
        "errors": [{"field": "removeAttributes", "code": "DUPLICATED_INPUT_ITEM"}],
    }
    read = await api("query Read($id: ID!) { pageType(id: $id) { name attributes { slug } } }", {"id": key})
    assert read.data["pageType"] == {"name": "A", "attributes": [{"slug": "one"}]}


LIST = """
query List($sort: PageTypeSortingInput, $filter: PageTypeFilterInput, $after: String) {
  pageTypes(first: 2, sortBy: $sort, filter: $filter, after: $after) {
    edges { node { slug attributes { slug } } } pageInfo { hasNextPage endCursor } totalCount
  }
}
"""


@pytest.mark.parametrize(
    ("variables", "slugs", "total"),
    [
        ({}, ["c", "a"], 3),
        ({"sort": {"field": "NAME", "direction": "DESC"}}, ["b", "a"], 3),
        ({"sort": {"field": "SLUG", "direction": "ASC"}}, ["a", "b"], 3),
        ({"filter": {"search": "NEWS"}}, ["a"], 1),
        ({"filter": {"search": "c"}}, ["c", "a"], 3),
        ({"filter": {"search": " ", "slugs": ["b", "c"]}}, ["c", "b"], 2),
        ({"filter": {"search": "%"}}, [], 0),
    ],
)
async def test_types_are_listed(api: Api, variables: dict[str, Any], slugs: list[str], total: int) -> None:
    async with api.database.unit() as session:
        for slug, name in (("a", "News of science"), ("b", "Recipe"), ("c", "Article")):
            await make.page_type(session, slug=slug, name=name)
    found = (await api(LIST, variables)).data["pageTypes"]
    assert ([edge["node"]["slug"] for edge in found["edges"]], found["totalCount"]) == (slugs, total)
    if found["pageInfo"]["hasNextPage"]:
        rest = (await api(LIST, variables | {"after": found["pageInfo"]["endCursor"]})).data["pageTypes"]
        assert len(rest["edges"]) == total - 2


async def test_a_list_of_types_costs_the_same_for_one_and_for_twenty(api: Api) -> None:
    many = LIST.replace("first: 2", "first: 50")
    async with api.database.unit() as session:
        kind = await make.page_type(session)
        await make.attribute(session, kind)
    one = await api(many)
    async with api.database.unit() as session:
        for _ in range(19):
            await make.attribute(session, await make.page_type(session))
    twenty = await api(many)
    assert [len(edge["node"]["attributes"]) for edge in twenty.data["pageTypes"]["edges"]] == [1] * 20
    assert one.statements == twenty.statements == 3


async def test_a_type_that_is_not_there(api: Api) -> None:
    read = "query Read($id: ID!) { pageType(id: $id) { name } }"
    for key in (ids.encode("PageType", 2_000_000_000), ids.encode("Page", 1)):
        assert (await api(read, {"id": key})).data == {"pageType": None}


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"name": " "}, "name", "REQUIRED"),
        ({"name": "x" * 251}, "name", "INVALID"),
        ({"name": "x", "slug": "A slug"}, "slug", "INVALID"),
        ({"name": "x", "slug": "taken"}, "slug", "UNIQUE"),
        ({"name": "x", "addAttributes": ["of products"]}, "addAttributes", "INVALID"),
    ],
)
async def test_what_cannot_be_a_page_type(api: Api, chief: str, given: dict[str, Any], field: str, code: str) -> None:
    async with api.database.unit() as session:
        await make.page_type(session, slug="taken")
        other = ids.encode("PageType", (await make.page_type(session, slug="other", name="Other")).id)
    if "addAttributes" in given:
        given = given | {"addAttributes": [await _attribute(api, "material", of_pages=False)]}
    made = (await api(CREATE, {"input": given}, token=chief)).data["pageTypeCreate"]
    assert made["pageType"] is None
    assert made["errors"] == [{"field": field, "code": code}]
    changed = (await api(UPDATE, {"id": other, "input": given}, token=chief)).data["pageTypeUpdate"]
    assert changed == {"pageType": None, "errors": [{"field": field, "code": code}]}
    async with api.database.unit() as session:
        rows = await session.execute(select(PageType.slug, PageType.name).order_by(PageType.slug))
        assert [tuple(row) for row in rows] == [("other", "Other"), ("taken", "Article")]


async def test_the_pages_of_a_type_go_with_it(api: Api, chief: str) -> None:
    async with api.database.unit() as session:
        kinds = [await make.page_type(session) for _ in range(3)]
        for kind in kinds:
            await make.page(session, kind=kind)
        keys = [ids.encode("PageType", kind.id) for kind in kinds]
    document = "mutation Delete($id: ID!) { pageTypeDelete(id: $id) { pageType { slug } errors { field code } } }"
    gone = (await api(document, {"id": keys[0]}, token=chief)).data["pageTypeDelete"]
    assert gone == {"pageType": {"slug": kinds[0].slug}, "errors": []}
    bulk = "mutation Delete($ids: [ID!]!) { pageTypeBulkDelete(ids: $ids) { count errors { field code } } }"
    assert (await api(bulk, {"ids": keys[:2]}, token=chief)).data["pageTypeBulkDelete"] == {"count": 1, "errors": []}
    async with api.database.unit() as session:
        assert list((await session.execute(select(Page.page_type_id))).scalars()) == [kinds[2].id]
    reply = (await api(bulk, {"ids": keys * 34}, token=chief)).data["pageTypeBulkDelete"]
    assert reply == {"count": 0, "errors": [{"field": "ids", "code": "INVALID"}]}
