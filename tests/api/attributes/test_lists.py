"""Attributes by themselves: one, lists of them, what can be chosen, and what a type could still have."""

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shop.attributes.models import Attribute
from shop.kit import ids
from tests import factories as make
from tests.api.client import Api
from tests.database import OneConnectionDatabase

STAFF = "MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES"
LIST = """query ($filter: AttributeFilterInput, $where: AttributeWhereInput, $sortBy: AttributeSortingInput,
    $search: String, $channel: String, $first: Int, $last: Int, $after: String, $before: String) {
  attributes(filter: $filter, where: $where, sortBy: $sortBy, search: $search, channel: $channel, first: $first,
      last: $last, after: $after, before: $before) {
    totalCount pageInfo { hasNextPage endCursor } edges { node { slug } } } }"""


@pytest.fixture
async def shop(database: OneConnectionDatabase) -> dict[str, str]:
    """Attributes of every kind, some of them on a type whose products are shown in a category and a collection.

    IDs by slug.
    """

    async def work(session: AsyncSession) -> dict[str, str]:
        channel = await make.channel(session, slug="default-channel")
        oils, tools = await make.product_type(session, slug="oils"), await make.product_type(session, slug="tools")
        articles = await make.page_type(session, slug="articles")
        scent = await make.attribute(
            session, oils, slug="scent", name="Scent", external_reference="erp-1", metadata_public={"shown": "yes"}
        )
        weight = await make.attribute(
            session, oils, slug="weight", name="Weight", input_type="NUMERIC", unit="KG", value_required=True
        )
        secret = await make.attribute(session, oils, slug="secret", name="Secret", visible_in_storefront=False)
        size = await make.attribute(session, tools, slug="size", name="Size", input_type="SWATCH", of_variants=True)
        guide = await make.attribute(session, slug="guide", name="Guide", input_type="REFERENCE", entity_type="PAGE")
        topic = await make.attribute(session, articles, slug="topic", name="Topic")
        for name, colour in (("Rose", "#ff0000"), ("Amber", ""), ("Mint", "")):
            await make.attribute_value(session, scent, slug=f"{name.lower()}-scent", name=name, value=colour)
        await make.attribute_value(session, weight, slug="five", name="5", number=5)
        care = await make.category(session, slug="care")
        below = await make.category(session, slug="below", parent=care)
        empty = await make.category(session, slug="empty")
        oil = await make.product(session, channel, type=oils, category=below)
        await make.variant(session, channel, product=oil, price="5.00")
        tool = await make.product(session, channel, type=tools, category=empty, is_published=False)
        await make.variant(session, channel, product=tool, price="5.00")
        best = await make.collection(session, channel, slug="best", products=(oil,))
        rows = (scent, weight, secret, size, guide, topic)
        found = {row.slug: ids.encode("Attribute", row.id) for row in rows}
        found |= {row.slug: ids.encode("Category", row.id) for row in (care, empty)}
        return found | {"best": ids.encode("Collection", best.id), "oils": ids.encode("ProductType", oils.id)}

    return await database.run(work)


def slugs(connection: Any) -> list[str]:
    """The slugs of a page, in order."""
    return [edge["node"]["slug"] for edge in connection["edges"]]


async def test_storefronts_are_shown_what_the_owner_lets_them_see(api: Api, shop: dict[str, str]) -> None:
    shown = ["guide", "scent", "size", "topic", "weight"]
    for token, expected in (
        (None, shown),
        (await api.login(), shown),
        (await api.login("staff@example.com", "MANAGE_ORDERS"), shown),
        (await api.login("editor@example.com", STAFF), ["guide", "scent", "secret", "size", "topic", "weight"]),
        (
            await api.login("writer@example.com", "MANAGE_PAGES"),
            ["guide", "scent", "secret", "size", "topic", "weight"],
        ),
    ):
        reply = await api(LIST, {"first": 10}, token=token)
        found = reply.data["attributes"]
        assert (slugs(found), found["totalCount"]) == (expected, len(expected))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"filter": {"valueRequired": True}}, ["weight"]),
        ({"filter": {"isVariantOnly": True}}, ["size"]),
        ({"filter": {"visibleInStorefront": False}}, ["secret"]),
        ({"filter": {"metadata": [{"key": "shown", "value": "yes"}]}}, ["scent"]),
        ({"filter": {"search": "CE"}}, ["scent"]),
        ({"filter": {"ids": ["@scent", "@size"]}}, ["scent", "size"]),
        ({"filter": {"type": "PAGE_TYPE"}}, ["topic"]),
        ({"filter": {"slugs": ["topic", "none"]}}, ["topic"]),
        ({"filter": {"ids": [], "slugs": []}, "search": "we"}, ["weight"]),
        ({"filter": {"inCategory": "@care"}}, ["scent", "secret", "weight"]),
        ({"filter": {"inCollection": "@best"}}, ["scent", "secret", "weight"]),
        ({"where": {"metadata": [{"key": "shown"}]}}, ["scent"]),
        ({"where": {"ids": ["@scent"]}}, ["scent"]),
        ({"where": {"ids": []}}, []),
        ({"where": {"name": {"eq": "Size"}}}, ["size"]),
        ({"where": {"slug": {"oneOf": ["size", "topic"]}}}, ["size", "topic"]),
        ({"where": {"withChoices": False}}, ["guide", "weight"]),
        ({"where": {"withChoices": True}}, ["scent", "secret", "size", "topic"]),
        ({"where": {"inputType": {"oneOf": ["SWATCH", "NUMERIC"]}}}, ["size", "weight"]),
        ({"where": {"entityType": {"eq": "PAGE"}}}, ["guide"]),
        ({"where": {"type": {"eq": "PAGE_TYPE"}}}, ["topic"]),
        ({"where": {"type": {}}}, []),
        ({"where": {"unit": {"eq": "KG"}}}, ["weight"]),
        ({"where": {"valueRequired": True}}, ["weight"]),
        ({"where": {"visibleInStorefront": False}}, ["secret"]),
        ({"where": {"inCategory": "@care", "inCollection": "@best"}}, ["scent", "secret", "weight"]),
        ({"where": {"inCategory": "@best"}}, []),
        (
            {"where": {"OR": [{"inCategory": "@care"}, {"slug": {"eq": "topic"}}]}},
            ["scent", "secret", "topic", "weight"],
        ),
        ({"where": {"AND": [{"withChoices": True}, {"visibleInStorefront": False}]}}, ["secret"]),
        ({"search": "tOp"}, ["topic"]),
        ({"sortBy": {"field": "SLUG", "direction": "DESC"}}, ["weight", "topic", "size", "secret", "scent", "guide"]),
        ({"sortBy": {"field": "VALUE_REQUIRED", "direction": "DESC"}}, "weight"),
        ({"sortBy": {"field": "VISIBLE_IN_STOREFRONT", "direction": "ASC"}}, "secret"),
        ({"sortBy": {"field": "IS_VARIANT_ONLY", "direction": "DESC"}}, "size"),
    ],
    ids=str,
)
async def test_staff_find_attributes(api: Api, shop: dict[str, str], asked: Any, expected: Any) -> None:
    token = await api.login("editor@example.com", *(STAFF, "MANAGE_PRODUCTS"))
    reply = await api(LIST, {"first": 10, **filled(asked, shop)}, token=token)
    if isinstance(expected, str):
        assert slugs(reply.data["attributes"])[0] == expected
    else:
        assert slugs(reply.data["attributes"]) == expected
        assert reply.data["attributes"]["totalCount"] == len(expected)


def filled(value: Any, known: dict[str, str]) -> Any:
    """The value with IDs in the place of `@slug`."""
    if isinstance(value, dict):
        return {name: filled(inner, known) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, known) for inner in value]
    return known[value[1:]] if isinstance(value, str) and value.startswith("@") else value


async def test_a_category_has_the_attributes_of_the_products_that_the_caller_sees(
    api: Api, shop: dict[str, str]
) -> None:
    # The tool is not published: shoppers do not see what its type has.
    for token, expected in ((None, []), (await api.login("staff@example.com", "MANAGE_PRODUCTS"), ["size"])):
        asked = {"first": 10, "where": {"inCategory": shop["empty"]}, "channel": "default-channel"}
        assert slugs((await api(LIST, asked, token=token)).data["attributes"]) == expected
    elsewhere = {"first": 10, "where": {"inCategory": shop["care"]}, "channel": "none"}
    assert slugs((await api(LIST, elsewhere)).data["attributes"]) == []


async def test_pages_follow_each_other(api: Api, shop: dict[str, str]) -> None:
    met: list[str] = []
    after = None
    for _ in range(3):
        found = (await api(LIST, {"first": 2, "after": after})).data["attributes"]
        met += slugs(found)
        after = found["pageInfo"]["endCursor"]
    assert met == ["guide", "scent", "size", "topic", "weight"]
    assert not found["pageInfo"]["hasNextPage"]


async def test_one_form_of_filter_at_a_time(api: Api, shop: dict[str, str]) -> None:
    message = "Only one of the arguments `filter` and `where` can be used."
    reply = await api(LIST, {"first": 1, "filter": {}, "where": {}})
    assert [error["message"] for error in reply.errors] == [message]
    query = '{ attribute(slug: "scent") { choices(first: 1, filter: {}, where: {}) { totalCount } } }'
    assert [error["message"] for error in (await api(query)).errors] == [message]


ONE = """query ($id: ID, $slug: String, $reference: String) {
  attribute(id: $id, slug: $slug, externalReference: $reference) { slug } }"""


async def test_one_attribute(api: Api, shop: dict[str, str]) -> None:
    for asked in ({"id": shop["scent"]}, {"slug": "scent"}, {"reference": "erp-1"}):
        assert (await api(ONE, asked)).data == {"attribute": {"slug": "scent"}}
    for asked in ({"id": ids.encode("Attribute", 10**6)}, {"slug": "none"}, {"slug": "secret"}, {"id": shop["secret"]}):
        assert (await api(ONE, asked)).data == {"attribute": None}
    token = await api.login("editor@example.com", STAFF)
    assert (await api(ONE, {"slug": "secret"}, token=token)).data == {"attribute": {"slug": "secret"}}
    for asked in ({}, {"slug": "scent", "id": shop["scent"]}):
        [error] = (await api(ONE, asked)).errors
        assert error["message"] == "Exactly one of the arguments `id`, `slug`, `externalReference` is required."


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("first: 10", ["Rose", "Amber", "Mint"]),
        ("last: 2", ["Amber", "Mint"]),
        ("first: 10, sortBy: {field: NAME, direction: ASC}", ["Amber", "Mint", "Rose"]),
        ("first: 10, sortBy: {field: SLUG, direction: DESC}", ["Rose", "Mint", "Amber"]),
        ('first: 10, search: "M"', ["Amber", "Mint"]),
        ('first: 10, filter: {search: "rose-"}', ["Rose"]),
        ('first: 10, filter: {slugs: ["mint-scent"], ids: []}', ["Mint"]),
        ('first: 10, where: {name: {oneOf: ["Mint", "Rose"]}}', ["Rose", "Mint"]),
        ('first: 10, where: {slug: {eq: "mint-scent"}}', ["Mint"]),
        ("first: 10, where: {ids: []}", []),
        ('first: 10, where: {OR: [{name: {eq: "Rose"}}, {AND: [{slug: {eq: "mint-scent"}}]}]}', ["Rose", "Mint"]),
    ],
)
async def test_what_can_be_chosen(api: Api, shop: dict[str, str], arguments: str, expected: list[str]) -> None:
    query = f'{{ attribute(slug: "scent") {{ choices({arguments}) {{ edges {{ node {{ name }} }} }} }} }}'
    edges = (await api(query)).data["attribute"]["choices"]["edges"]
    assert [edge["node"]["name"] for edge in edges] == expected


async def test_a_choice_knows_its_attribute(api: Api, shop: dict[str, str]) -> None:
    query = """{ attribute(slug: "scent") { choices(first: 1) { totalCount pageInfo { hasNextPage } edges {
      node { id name slug value inputType reference file { url } } } } }
      number: attribute(slug: "weight") { choices(first: 5) { totalCount edges { node { name } } } } }"""
    data = (await api(query)).data
    node = data["attribute"]["choices"]["edges"][0]["node"]
    assert node == {
        "id": node["id"],
        "name": "Rose",
        "slug": "rose-scent",
        "value": "#ff0000",
        "inputType": "DROPDOWN",
        "reference": None,
        "file": None,
    }
    assert (data["attribute"]["choices"]["totalCount"], data["attribute"]["choices"]["pageInfo"]["hasNextPage"]) == (
        3,
        True,
    )
    # Numbers are not chosen from a list.
    assert data["number"] == {"choices": {"totalCount": 0, "edges": []}}


AVAILABLE = """query ($first: Int!) {
  products(first: 1, channel: "default-channel") { edges { node { productType {
    availableAttributes(first: $first) { totalCount edges { node { slug } } } } } } } }"""


async def test_staff_see_what_a_type_could_still_have(
    api: Api, shop: dict[str, str], database: OneConnectionDatabase
) -> None:
    page = await database.run(_article)
    of_page = (
        "query ($id: ID!) { page(id: $id) { pageType { availableAttributes(first: 5) { edges { node { slug } } } } } }"
    )
    for permission, may_products, may_pages in (
        (None, False, False),
        ("MANAGE_ORDERS", False, False),
        ("MANAGE_PRODUCTS", True, False),
        (STAFF, True, False),
        ("MANAGE_PAGES", False, True),
        ("MANAGE_PAGE_TYPES_AND_ATTRIBUTES", False, True),
    ):
        token = None if permission is None else await api.login(f"{permission.lower()}@example.com", permission)
        reply = await api(AVAILABLE, {"first": 5}, token=token)
        if may_products:
            [edge] = reply.data["products"]["edges"]
            found = edge["node"]["productType"]["availableAttributes"]
            # Neither what oils have, nor what only pages can have.
            assert (slugs(found), found["totalCount"]) == (["guide", "size"], 2)
        else:
            [error] = reply.errors
            assert error["extensions"]["exception"]["code"] == "PermissionDenied"
            assert reply.partial["products"]["edges"][0]["node"]["productType"] == {"availableAttributes": None}
        reply = await api(of_page, {"id": page}, token=token)
        if may_pages:
            assert slugs(reply.data["page"]["pageType"]["availableAttributes"]) == ["topic"]
        else:
            [error] = reply.errors
            assert error["extensions"]["exception"]["code"] == "PermissionDenied"


async def _article(session: AsyncSession) -> str:
    # A type of its own, which has no attribute yet.
    kind = await make.page_type(session)
    return ids.encode("Page", (await make.page(session, kind=kind)).id)


async def test_lists_take_as_many_statements_for_1_as_for_20(
    api: Api, shop: dict[str, str], database: OneConnectionDatabase
) -> None:
    async def more(session: AsyncSession) -> None:
        for _ in range(20):
            attribute: Attribute = await make.attribute(session)
            for _ in range(3):
                await make.attribute_value(session, attribute)

    await database.run(more)
    query = """query ($first: Int!, $choices: Int!) { attributes(first: $first) { totalCount edges { node {
      slug choices(first: $choices) { totalCount edges { node {
        name translation(languageCode: DE) { name } } } } } } } }"""
    # The page and the count, the choices and their counts, the translations.
    for first, choices in ((3, 1), (25, 3)):
        assert (await api(query, {"first": first, "choices": choices})).statements == 5
    token = await api.login("staff@example.com", "MANAGE_PRODUCTS")
    few, many = [await api(AVAILABLE, {"first": first}, token=token) for first in (1, 20)]
    assert few.statements == many.statements
