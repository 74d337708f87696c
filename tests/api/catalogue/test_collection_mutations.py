"""Collections over GraphQL: made, filled, put in order, shown channel by channel, and removed."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from shop import wiring
from shop.catalogue.models import Collection, CollectionListing, CollectionProduct
from shop.channels.models import Channel
from shop.kit import ids
from shop.pricing.models import ProductListing
from tests import factories as make
from tests.api.catalogue.writing import STAFF, nobody, paragraph, refused, run
from tests.api.client import Api

HELD = "products(first: 9) { edges { node { slug } } }"
CREATE = f"""
mutation Create($input: CollectionCreateInput!) {{
  collectionCreate(input: $input) {{
    collection {{ id name slug seoTitle description metadata {{ key value }} channelListings {{ id }} {HELD} }}
    errors {{ field code products }} collectionErrors {{ code }}
  }}
}}
"""
UPDATE = """
mutation Update($id: ID!, $input: CollectionInput!) {
  collectionUpdate(id: $id, input: $input) {
    collection { name slug seoTitle backgroundImage { alt } } errors { field code products }
  }
}
"""
DELETE = "mutation Delete($id: ID!) { collectionDelete(id: $id) { collection { slug } errors { field code } } }"
ADD = f"""
mutation Add($id: ID!, $products: [ID!]!) {{
  collectionAddProducts(collectionId: $id, products: $products) {{
    collection {{ {HELD} }} errors {{ field code products }}
  }}
}}
"""
REMOVE = ADD.replace("collectionAddProducts", "collectionRemoveProducts")
REORDER = f"""
mutation Reorder($id: ID!, $moves: [MoveProductInput!]!) {{
  collectionReorderProducts(collectionId: $id, moves: $moves) {{
    collection {{ {HELD} }} errors {{ field code products }}
  }}
}}
"""
SHOW = """
mutation Show($id: ID!, $input: CollectionChannelListingUpdateInput!) {
  collectionChannelListingUpdate(id: $id, input: $input) {
    collection { channelListings { channel { slug } isPublished publishedAt } }
    errors { field code channels } collectionChannelListingErrors { code }
  }
}
"""
LONG_AGO = "2020-01-01T00:00:00+00:00"


@pytest.fixture
async def staff(api: Api) -> str:
    wiring.connect()
    return await api.login("staff@example.com", STAFF)


async def _products(api: Api, *slugs: str) -> list[str]:
    async with api.database.unit() as session:
        return [ids.encode("Product", (await make.product(session, slug=slug)).id) for slug in slugs]


def _held(answer: Any) -> list[str]:
    assert answer["errors"] == []
    return [edge["node"]["slug"] for edge in answer["collection"]["products"]["edges"]]


async def test_a_collection_is_made_and_changed(api: Api, staff: str) -> None:
    one, two = await _products(api, "one", "two")
    given = {
        "name": "Featured",
        "description": paragraph("Chosen"),
        "seo": {"title": "Best"},
        "metadata": [{"key": "a", "value": "b"}],
        "products": [two, one, two],
    }
    made = await run(api, CREATE, {"input": given}, staff)
    assert _held(made) == ["two", "one"]
    assert made["collectionErrors"] == []
    collection = made["collection"]
    assert (collection["name"], collection["slug"], collection["seoTitle"]) == ("Featured", "featured", "Best")
    assert (collection["metadata"], collection["channelListings"]) == ([{"key": "a", "value": "b"}], [])
    change = {"name": "Best of all", "slug": "best", "seo": None, "backgroundImageAlt": "A shelf"}
    assert await run(api, UPDATE, {"id": collection["id"], "input": change}, staff) == {
        "collection": {"name": "Best of all", "slug": "best", "seoTitle": None, "backgroundImage": None},
        "errors": [],
    }
    async with api.database.unit() as session:
        assert await session.scalar(select(Collection.background_image_alt)) == "A shelf"


async def test_products_come_go_and_move(api: Api, staff: str) -> None:
    one, two, three = await _products(api, "one", "two", "three")
    made = await run(api, CREATE, {"input": {"name": "A", "products": [one]}}, staff)
    key = made["collection"]["id"]
    assert _held(await run(api, ADD, {"id": key, "products": [two, one, three]}, staff)) == ["one", "two", "three"]
    moves = [{"productId": three, "sortOrder": -2}, {"productId": one, "sortOrder": 5}, {"productId": two}]
    assert _held(await run(api, REORDER, {"id": key, "moves": moves}, staff)) == ["three", "two", "one"]
    gone = [two, nobody("Product")]
    assert _held(await run(api, REMOVE, {"id": key, "products": gone}, staff)) == ["three", "one"]


async def test_a_collection_of_twenty_is_put_in_order_by_as_many_statements(api: Api, staff: str) -> None:
    counted = []
    for number in (2, 20):
        products = await _products(api, *(f"{number}-{at}" for at in range(number)))
        made = await run(api, CREATE, {"input": {"name": "A", "products": products}}, staff)
        variables = {"id": made["collection"]["id"], "moves": [{"productId": products[-1], "sortOrder": -99}]}
        reply = await api(REORDER, variables, token=staff)
        assert _held(reply.data["collectionReorderProducts"])[0] == f"{number}-{number - 1}"
        counted.append(reply.statements)
    assert counted[0] == counted[1]


async def test_promotions_follow_what_a_collection_holds(api: Api, staff: str) -> None:
    async with api.database.unit() as session:
        channel = await make.channel(session)
        variant = await make.variant(session, channel, price="10.00")
        collection = await make.collection(session)
        await make.promotion(session, channel, value="10", collection_ids=[collection.id])
    product, key = ids.encode("Product", variant.product_id), ids.encode("Collection", collection.id)

    async def price() -> str:
        async with api.database.unit() as session:
            return str(await session.scalar(select(ProductListing.minimum_price_amount)))

    assert await price() == "10.000"
    await run(api, ADD, {"id": key, "products": [product]}, staff)
    assert await price() == "9.000"
    await run(api, REMOVE, {"id": key, "products": [product]}, staff)
    assert await price() == "10.000"
    await run(api, ADD, {"id": key, "products": [product]}, staff)
    assert await run(api, DELETE, {"id": key}, staff) == {"collection": {"slug": collection.slug}, "errors": []}
    assert await price() == "10.000"


async def test_a_collection_is_shown_channel_by_channel(api: Api, staff: str) -> None:
    async with api.database.unit() as session:
        us, eu, uk = [await make.channel(session, slug=slug) for slug in ("us", "eu", "uk")]
    key = (await run(api, CREATE, {"input": {"name": "A"}}, staff))["collection"]["id"]

    def channel(row: Channel, **shown: Any) -> dict[str, Any]:
        return {"channelId": ids.encode("Channel", row.id), **shown}

    first = [
        channel(us, isPublished=True, publishedAt=LONG_AGO),
        channel(eu, isPublished=True),
        channel(uk, publicationDate="2020-01-01"),
    ]
    shown = await run(api, SHOW, {"id": key, "input": {"addChannels": first}}, staff)
    assert shown["errors"] == shown["collectionChannelListingErrors"] == []
    listings = {each.pop("channel")["slug"]: each for each in shown["collection"]["channelListings"]}
    assert listings["us"] == {"isPublished": True, "publishedAt": LONG_AGO}
    assert listings["uk"] == {"isPublished": False, "publishedAt": LONG_AGO}
    assert datetime.fromisoformat(listings["eu"].pop("publishedAt")) <= datetime.now(UTC)
    # What is left out stays; what was not listed there is passed over.
    second = {"addChannels": [channel(us, isPublished=False)], "removeChannels": [ids.encode("Channel", eu.id)]}
    again = await run(api, SHOW, {"id": key, "input": second}, staff)
    left = {each.pop("channel")["slug"]: each for each in again["collection"]["channelListings"]}
    assert left == {
        "us": {"isPublished": False, "publishedAt": LONG_AGO},
        "uk": {"isPublished": False, "publishedAt": LONG_AGO},
    }
    read = 'query Read($id: ID!) { collection(id: $id, channel: "us") { slug } }'
    assert (await api(read, {"id": key})).data["collection"] is None
    await run(api, SHOW, {"id": key, "input": {"addChannels": [channel(us, isPublished=True)]}}, staff)
    assert (await api(read, {"id": key})).data["collection"] == {"slug": "a"}


async def test_where_a_collection_cannot_be_shown(api: Api, staff: str) -> None:
    async with api.database.unit() as session:
        us = ids.encode("Channel", (await make.channel(session, slug="us")).id)
        key = ids.encode("Collection", (await make.collection(session)).id)
    both = {"addChannels": [{"channelId": us}], "removeChannels": [us]}
    twice = {"addChannels": [{"channelId": us}, {"channelId": us}]}
    none = {"addChannels": [{"channelId": us}, {"channelId": nobody("Channel")}]}
    dates = {"addChannels": [{"channelId": us, "publishedAt": LONG_AGO, "publicationDate": "2020-01-01"}]}
    for given, field, code, named in (
        (both, "addChannels", "DUPLICATED_INPUT_ITEM", [us]),
        (twice, "addChannels", "DUPLICATED_INPUT_ITEM", [us]),
        (none, "addChannels", "NOT_FOUND", [nobody("Channel")]),
        (dates, "publicationDate", "INVALID", None),
        ({"removeChannels": ["abc"]}, "removeChannels", "GRAPHQL_ERROR", None),
    ):
        answer = await run(api, SHOW, {"id": key, "input": given}, staff)
        assert answer["errors"] == [{"field": field, "code": code, "channels": named}]
        assert answer["collection"] is None
    async with api.database.unit() as session:
        assert list(await session.scalars(select(CollectionListing.id))) == []


async def test_what_cannot_be_a_collection(api: Api, staff: str) -> None:
    (one,) = await _products(api, "one")
    await run(api, CREATE, {"input": {"name": "Taken"}}, staff)
    many = [ids.encode("Product", number) for number in range(101)]
    for given, told in (
        ({}, ("name", "REQUIRED", None)),
        ({"name": "x", "slug": "taken"}, ("slug", "UNIQUE", None)),
        ({"name": "x", "slug": "No slug"}, ("slug", "INVALID", None)),
        ({"name": "x", "products": [one, nobody("Product")]}, ("products", "NOT_FOUND", [nobody("Product")])),
        ({"name": "x", "products": ["abc"]}, ("products", "GRAPHQL_ERROR", None)),
        ({"name": "x", "products": many}, ("products", "INVALID", None)),
    ):
        answer = await run(api, CREATE, {"input": given}, staff)
        assert [(each["field"], each["code"], each["products"]) for each in answer["errors"]] == [told]
    async with api.database.unit() as session:
        assert list(await session.scalars(select(Collection.slug))) == ["taken"]
        assert list(await session.scalars(select(CollectionProduct.product_id))) == []


async def test_whose_collection_or_product_is_not_there(api: Api, staff: str) -> None:
    (one,) = await _products(api, "one")
    gone = nobody("Collection")
    for document, variables, field in (
        (UPDATE, {"input": {"name": "x"}}, "id"),
        (DELETE, {}, "id"),
        (SHOW, {"input": {}}, "id"),
        (ADD, {"products": [one]}, "collectionId"),
        (REMOVE, {"products": [one]}, "collectionId"),
        (REORDER, {"moves": []}, "collectionId"),
    ):
        assert await refused(api, document, {"id": gone, **variables}, staff) == [(field, "NOT_FOUND")]
        assert await refused(api, document, {"id": one, **variables}, staff) == [(field, "GRAPHQL_ERROR")]
    key = (await run(api, CREATE, {"input": {"name": "A"}}, staff))["collection"]["id"]
    assert await refused(api, REORDER, {"id": key, "moves": [{"productId": one}]}, staff) == [("moves", "NOT_FOUND")]
    assert await refused(api, ADD, {"id": key, "products": [nobody("Product")]}, staff) == [("products", "NOT_FOUND")]


async def test_who_may_not(api: Api) -> None:
    async with api.database.unit() as session:
        product = await make.product(session)
        row = await make.collection(session, slug="kept", products=(product,))
    key, one = ids.encode("Collection", row.id), ids.encode("Product", product.id)
    customer = await api.login()
    other_staff = await api.login("other@example.com", "MANAGE_ORDERS")
    for document, variables in (
        (CREATE, {"input": {"name": "x"}}),
        (UPDATE, {"id": key, "input": {"name": "x"}}),
        (DELETE, {"id": key}),
        (ADD, {"id": key, "products": [one]}),
        (REMOVE, {"id": key, "products": [one]}),
        (REORDER, {"id": key, "moves": []}),
        (SHOW, {"id": key, "input": {}}),
    ):
        for token in (None, customer, other_staff):
            reply = await api(document, variables, token=token)
            assert [error["extensions"]["exception"]["code"] for error in reply.errors] == ["PermissionDenied"]
    async with api.database.unit() as session:
        assert [tuple(each) for each in await session.execute(select(Collection.slug, Collection.name))] == [
            ("kept", "Kept")
        ]
        assert list(await session.scalars(select(CollectionProduct.product_id))) == [product.id]
