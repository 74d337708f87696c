"""What product lists can be filtered and sorted by, at the root and within categories and collections."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.db import Database
from shop.kit.ids import encode
from tests import factories as make
from tests.api.client import Api

LIST = """
query ($filter: ProductFilterInput, $where: ProductWhereInput, $search: String, $sort: ProductOrder) {
  products(channel: "default-channel", first: 20, filter: $filter, where: $where, search: $search, sortBy: $sort) {
    totalCount edges { node { slug } }
  }
}
"""


@pytest.fixture
async def ids(database: Database) -> dict[str, str]:
    """Four products: serum 30 (out of stock), shampoo 10-24.50, session 100 (a service), towel 5 (not for sale)."""

    async def rows(session: AsyncSession) -> dict[str, str]:
        us = await make.channel(session, slug="default-channel")
        warehouse = await make.warehouse(session, us)
        goods = await make.product_type(session, slug="goods")
        services = await make.product_type(session, slug="services", is_shipping_required=False)
        care = await make.category(session, slug="care")
        hair = await make.category(session, slug="hair", parent=care)
        scalp = await make.category(session, slug="scalp", parent=hair)
        made = {
            "serum": await make.product(
                session,
                us,
                slug="serum",
                name="Night serum",
                type=goods,
                category=scalp,
                description_text="Calms the scalp after washing.",
                rating=4.5,
                created_at=datetime(2026, 1, 3, tzinfo=UTC),
                updated_at=datetime(2026, 2, 1, tzinfo=UTC),
                published_at=datetime(2026, 3, 1, tzinfo=UTC),
                metadata_public={"line": "night", "vegan": "yes"},
            ),
            "shampoo": await make.product(
                session,
                us,
                slug="shampoo",
                name="Mild shampoo",
                type=goods,
                category=hair,
                description_text="For sensitive scalps.",
                rating=3.0,
                created_at=datetime(2026, 1, 1, tzinfo=UTC),
                updated_at=datetime(2026, 2, 3, tzinfo=UTC),
                published_at=datetime(2026, 3, 3, tzinfo=UTC),
                metadata_public={"line": "day"},
            ),
            "session": await make.product(
                session,
                us,
                slug="session",
                name="First session",
                type=services,
                created_at=datetime(2026, 1, 2, tzinfo=UTC),
                updated_at=datetime(2026, 2, 2, tzinfo=UTC),
                published_at=None,
            ),
            "towel": await make.product(
                session,
                us,
                slug="towel",
                name="Towel",
                type=goods,
                category=care,
                available_for_purchase_at=None,
                created_at=datetime(2026, 1, 4, tzinfo=UTC),
                updated_at=datetime(2026, 2, 4, tzinfo=UTC),
                published_at=datetime(2026, 3, 2, tzinfo=UTC),
            ),
        }
        for slug, price, stock in (
            ("serum", "30", 0),
            ("shampoo", "10", 1),
            ("shampoo", "24.50", 0),
            ("towel", "5", 9),
        ):
            variant = await make.variant(session, us, product=made[slug], price=price, stock=None)
            await make.stock(session, variant.id, warehouse, stock)
        await make.variant(session, us, product=made["session"], price="100", track_inventory=False)
        picked = await make.collection(session, us, slug="picked", products=(made["towel"], made["serum"]))
        others = await make.collection(session, us, slug="others", products=(made["shampoo"],))
        return {
            "care": encode("Category", care.id),
            "hair": encode("Category", hair.id),
            "goods": encode("ProductType", goods.id),
            "picked": encode("Collection", picked.id),
            "others": encode("Collection", others.id),
            "warehouse": encode("Warehouse", str(warehouse.id)),
        } | {slug: encode("Product", product.id) for slug, product in made.items()}

    return await database.run(rows)


def filled(value: Any, ids: dict[str, str]) -> Any:
    """The value with the names of things replaced by their IDs."""
    if isinstance(value, dict):
        return {key: filled(inner, ids) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, ids) for inner in value]
    return ids[value[1:]] if isinstance(value, str) and value.startswith("@") else value


ALL = ["serum", "session", "shampoo", "towel"]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"filter": {}}, ALL),
        ({"where": {}}, ALL),
        ({"filter": {"ids": ["@serum", "@towel"]}}, ["serum", "towel"]),
        ({"filter": {"ids": []}}, ALL),
        ({"where": {"ids": []}}, []),
        ({"where": {"ids": ["@serum", "@care"]}}, ["serum"]),
        ({"filter": {"slugs": ["shampoo"]}}, ["shampoo"]),
        ({"where": {"slug": {"eq": "shampoo"}}}, ["shampoo"]),
        ({"where": {"slug": {"oneOf": ["shampoo", "towel", "none"]}}}, ["shampoo", "towel"]),
        ({"where": {"slug": {}}}, []),
        ({"where": {"name": {"eq": "Towel"}}}, ["towel"]),
        ({"filter": {"categories": ["@care"]}}, ["serum", "shampoo", "towel"]),
        ({"filter": {"categories": ["@hair"]}}, ["serum", "shampoo"]),
        ({"where": {"category": {"eq": "@hair"}}}, ["serum", "shampoo"]),
        ({"where": {"category": {"oneOf": []}}}, []),
        ({"filter": {"hasCategory": False}}, ["session"]),
        ({"filter": {"collections": ["@picked"]}}, ["serum", "towel"]),
        ({"where": {"collection": {"oneOf": ["@picked", "@others"]}}}, ["serum", "shampoo", "towel"]),
        ({"filter": {"productTypes": ["@goods"]}}, ["serum", "shampoo", "towel"]),
        ({"where": {"productType": {"eq": "@goods"}}}, ["serum", "shampoo", "towel"]),
        ({"filter": {"price": {"gte": 10, "lte": 24.5}}}, ["shampoo"]),
        # No variant costs between 11 and 24, though the product's range does.
        ({"filter": {"price": {"gte": 11, "lte": 24}}}, []),
        ({"filter": {"price": {"lte": 10}}}, ["shampoo", "towel"]),
        ({"filter": {"price": {"gte": 30, "lte": 10}}}, []),
        ({"filter": {"minimalPrice": {"gte": 10, "lte": 30}}}, ["serum", "shampoo"]),
        ({"where": {"price": {"range": {"gte": "24.50"}}}}, ["serum", "session", "shampoo"]),
        ({"where": {"price": {"oneOf": [5, 100]}}}, ["session", "towel"]),
        ({"where": {"price": {"eq": "24.5"}}}, ["shampoo"]),
        ({"where": {"minimalPrice": {"eq": 24.5}}}, []),
        ({"filter": {"stockAvailability": "IN_STOCK"}}, ["session", "shampoo", "towel"]),
        ({"filter": {"stockAvailability": "OUT_OF_STOCK"}}, ["serum"]),
        ({"filter": {"stocks": {"warehouseIds": ["@warehouse"], "quantity": {"gte": 1}}}}, ["shampoo", "towel"]),
        ({"where": {"stocks": {"quantity": {"lte": 1}}}}, ["serum", "session", "shampoo"]),
        ({"filter": {"isAvailable": True}}, ["serum", "session", "shampoo"]),
        ({"where": {"isAvailable": False}}, ["towel"]),
        ({"filter": {"isPublished": True}}, ALL),
        ({"where": {"isPublished": False}}, []),
        ({"where": {"isVisibleInListing": True}}, ALL),
        ({"filter": {"publishedFrom": "2026-03-02T00:00:00Z"}}, ["shampoo", "towel"]),
        ({"filter": {"availableFrom": "2019-01-01T00:00:00Z"}}, ["serum", "session", "shampoo"]),
        ({"filter": {"giftCard": True}}, []),
        ({"filter": {"giftCard": False}}, ALL),
        (
            {"filter": {"updatedAt": {"gte": "2026-02-02T00:00:00Z", "lte": "2026-02-03T00:00:00Z"}}},
            ["session", "shampoo"],
        ),
        ({"where": {"updatedAt": {"eq": "2026-02-01T00:00:00+00:00"}}}, ["serum"]),
        ({"where": {"updatedAt": {"range": {"gte": "2026-02-04T00:00:00Z"}}}}, ["towel"]),
        ({"filter": {"metadata": [{"key": "line", "value": "day"}]}}, ["shampoo"]),
        ({"filter": {"metadata": [{"key": "line"}]}}, ["serum", "shampoo"]),
        ({"where": {"metadata": [{"key": "line", "value": "night"}, {"key": "vegan"}]}}, ["serum"]),
        ({"where": {"AND": [{"isAvailable": True}, {"hasCategory": True}]}}, ["serum", "shampoo"]),
        ({"where": {"OR": [{"slug": {"eq": "towel"}}, {"minimalPrice": {"eq": 100}}]}}, ["session", "towel"]),
        ({"where": {"hasCategory": True, "OR": [{"slug": {"eq": "serum"}}, {"slug": {"eq": "session"}}]}}, ["serum"]),
        ({"filter": {"search": "scalp"}, "sort": {"direction": "ASC", "field": "NAME"}}, ["shampoo", "serum"]),
        ({"search": "shampoos"}, ["shampoo"]),
        ({"search": "sham"}, ["shampoo"]),
        ({"search": "mild sensitive"}, ["shampoo"]),
        ({"search": "mild serum"}, []),
        ({"search": "   "}, ALL),
        ({"search": "'!&|:*() <-> --"}, []),
    ],
    ids=str,
)
async def test_a_filter_finds_what_it_says(
    api: Api, ids: dict[str, str], variables: dict[str, Any], expected: list[str]
) -> None:
    products = (await api(LIST, filled(variables, ids))).data["products"]
    assert [edge["node"]["slug"] for edge in products["edges"]] == expected
    assert products["totalCount"] == len(expected)


@pytest.mark.parametrize(
    ("field", "upwards"),
    [
        ("NAME", ["session", "shampoo", "serum", "towel"]),
        ("PRICE", ["towel", "shampoo", "serum", "session"]),
        ("MINIMAL_PRICE", ["towel", "shampoo", "serum", "session"]),
        ("CREATED_AT", ["shampoo", "session", "serum", "towel"]),
        ("DATE", ["serum", "session", "shampoo", "towel"]),
        ("LAST_MODIFIED", ["serum", "session", "shampoo", "towel"]),
        ("LAST_MODIFIED_AT", ["serum", "session", "shampoo", "towel"]),
        ("PUBLISHED_AT", ["serum", "towel", "shampoo", "session"]),
        ("PUBLICATION_DATE", ["serum", "towel", "shampoo", "session"]),
        ("PUBLISHED", ["serum", "shampoo", "session", "towel"]),
        ("TYPE", ["serum", "shampoo", "towel", "session"]),
        ("RATING", ["shampoo", "serum", "session", "towel"]),
    ],
)
async def test_an_order_holds_both_ways_and_over_pages(
    api: Api, ids: dict[str, str], field: str, upwards: list[str]
) -> None:
    for direction, expected in (("ASC", upwards), ("DESC", upwards[::-1])):
        sort = {"field": field, "direction": direction}
        whole = (await api(LIST, {"sort": sort})).data["products"]["edges"]
        assert [edge["node"]["slug"] for edge in whole] == expected
        met: list[str] = []
        before = None
        for _ in range(4):
            page = await api(
                """query ($sort: ProductOrder, $before: String) {
                  products(channel: "default-channel", last: 1, before: $before, sortBy: $sort) {
                    edges { node { slug } } pageInfo { startCursor } } }""",
                {"sort": sort, "before": before},
            )
            products = page.data["products"]
            met.insert(0, products["edges"][0]["node"]["slug"])
            before = products["pageInfo"]["startCursor"]
        assert met == expected


async def test_a_search_is_sorted_by_how_well_it_fits(api: Api, ids: dict[str, str]) -> None:
    # "Sensitive" stands in the shampoo's description; a name counts more.
    found = (await api(LIST, {"search": "se"})).data["products"]["edges"]
    assert [edge["node"]["slug"] for edge in found] == ["session", "serum", "shampoo"]
    found = (await api(LIST, {"search": "se", "sort": {"direction": "ASC"}})).data["products"]["edges"]
    assert [edge["node"]["slug"] for edge in found] == ["serum", "session", "shampoo"]
    sort = {"field": "RANK", "direction": "DESC"}
    ranked = (await api(LIST, {"filter": {"search": "scalp"}, "sort": sort})).data["products"]
    assert {edge["node"]["slug"] for edge in ranked["edges"]} == {"serum", "shampoo"}


async def test_collections_keep_the_owners_order(api: Api, ids: dict[str, str]) -> None:
    sort = {"field": "COLLECTION", "direction": "ASC"}
    found = (await api(LIST, {"filter": {"collections": [ids["picked"]]}, "sort": sort})).data["products"]["edges"]
    assert [edge["node"]["slug"] for edge in found] == ["towel", "serum"]

    reply = await api(
        """{ collection(slug: "picked", channel: "default-channel") {
          name channel products(first: 5) { totalCount edges { node { slug channel } } }
          one: products(first: 1) { pageInfo { hasNextPage endCursor } }
          cheap: products(first: 5, filter: {price: {lte: 5}}) { totalCount }
          down: products(first: 5, sortBy: {field: PRICE, direction: DESC}) { edges { node { slug } } }
        } }"""
    )
    collection = reply.data["collection"]
    assert collection["products"] == {
        "totalCount": 2,
        "edges": [
            {"node": {"slug": "towel", "channel": "default-channel"}},
            {"node": {"slug": "serum", "channel": "default-channel"}},
        ],
    }
    assert collection["one"]["pageInfo"]["hasNextPage"] is True
    assert collection["cheap"]["totalCount"] == 1
    assert [edge["node"]["slug"] for edge in collection["down"]["edges"]] == ["serum", "towel"]


async def test_the_tree_of_categories(api: Api, ids: dict[str, str]) -> None:
    query = """{ categories(first: 10) { totalCount edges { node {
      slug level parent { slug }
      ancestors(first: 5) { edges { node { slug } } }
      children(first: 5) { totalCount edges { node { slug } } }
      products(first: 5, channel: "default-channel") { totalCount edges { node { slug } } }
    } } } }"""
    reply = await api(query)
    nodes = {edge["node"].pop("slug"): edge["node"] for edge in reply.data["categories"]["edges"]}

    def below(*slugs: str) -> list[dict[str, Any]]:
        return [{"node": {"slug": slug}} for slug in slugs]

    assert nodes == {
        "care": {
            "level": 0,
            "parent": None,
            "ancestors": {"edges": []},
            "children": {"totalCount": 1, "edges": below("hair")},
            "products": {"totalCount": 3, "edges": below("serum", "shampoo", "towel")},
        },
        "hair": {
            "level": 1,
            "parent": {"slug": "care"},
            "ancestors": {"edges": below("care")},
            "children": {"totalCount": 1, "edges": below("scalp")},
            "products": {"totalCount": 2, "edges": below("serum", "shampoo")},
        },
        "scalp": {
            "level": 2,
            "parent": {"slug": "hair"},
            "ancestors": {"edges": below("care", "hair")},
            "children": {"totalCount": 0, "edges": []},
            "products": {"totalCount": 1, "edges": below("serum")},
        },
    }
    # The list and its count; parents, ancestors; children, products and their counts; the channel.
    assert reply.statements == 9

    one = await api(
        'query ($id: ID) { category(id: $id) { slug } other: category(slug: "scalp") { slug } '
        'none: category(slug: "none") { slug } roots: categories(first: 5, level: 0) { edges { node { slug } } } '
        "down: categories(first: 5, sortBy: {field: NAME, direction: DESC}) { edges { node { slug } } } }",
        {"id": ids["hair"]},
    )
    assert one.data == {
        "category": {"slug": "hair"},
        "other": {"slug": "scalp"},
        "none": None,
        "roots": {"edges": below("care")},
        "down": {"edges": below("scalp", "hair", "care")},
    }


async def test_collections_are_public_where_they_are_published(api: Api, database: Database) -> None:
    async def rows(session: AsyncSession) -> None:
        us = await make.channel(session, slug="default-channel")
        other = await make.channel(session, slug="other", currency="EUR")
        await make.collection(session, us, slug="shown")
        await make.collection(session, us, slug="hidden", is_published=False)
        await make.collection(session, us, slug="coming", published_at=datetime(2100, 1, 1, tzinfo=UTC))
        await make.collection(session, other, slug="elsewhere")

    await database.run(rows)
    query = """query ($slug: String!) {
      collections(first: 10, channel: "default-channel") { totalCount edges { node { slug } } }
      collection(slug: $slug, channel: "default-channel") { slug }
    }"""
    token = await api.login("staff@example.com", "MANAGE_PRODUCTS")
    for caller, visible in ((None, ["shown"]), (token, ["coming", "hidden", "shown"])):
        for slug in ("shown", "hidden", "coming", "elsewhere"):
            data = (await api(query, {"slug": slug}, token=caller)).data
            assert [edge["node"]["slug"] for edge in data["collections"]["edges"]] == visible
            assert data["collections"]["totalCount"] == len(visible)
            assert data["collection"] == ({"slug": slug} if slug in visible else None)


async def test_variants_as_a_list(api: Api, ids: dict[str, str]) -> None:
    query = """query ($search: String, $filter: ProductVariantFilterInput) {
      productVariants(first: 10, channel: "default-channel", search: $search, filter: $filter) {
        totalCount edges { node { sku product { slug } } }
      }
    }"""
    everything = (await api(query)).data["productVariants"]
    assert everything["totalCount"] == 5
    sku = everything["edges"][0]["node"]["sku"]
    for variables in ({"search": sku.lower()}, {"filter": {"sku": [sku, "none"]}}):
        found = (await api(query, variables)).data["productVariants"]["edges"]
        assert [edge["node"]["sku"] for edge in found] == [sku]
