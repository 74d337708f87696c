"""What variants cost and how many lie where, and many of them at once, over GraphQL."""

import asyncio
import uuid
from typing import Any

import pytest
from sqlalchemy import select

from shop import wiring
from shop.catalogue.models import Product, Variant
from shop.channels.models import Channel
from shop.kit import ids
from shop.pricing.models import ProductListing, VariantListing
from shop.stock.models import Stock, Warehouse
from tests import factories as make
from tests.api.catalogue.writing import STAFF, nobody, refused, run
from tests.api.client import Api

PRICE = """
mutation Price($id: ID, $sku: String, $input: [ProductVariantChannelListingAddInput!]!) {
  productVariantChannelListingUpdate(id: $id, sku: $sku, input: $input) {
    variant {
      channelListings { channel { slug } price { amount currency } costPrice { amount } priorPrice { amount } }
    }
    errors { field code channels } productChannelListingErrors { code }
  }
}
"""
COUNT = """
mutation Count($id: ID!, $stocks: [StockInput!]!) {
  productVariantStocksCreate(variantId: $id, stocks: $stocks) {
    productVariant { sku } errors { field code index } bulkStockErrors { code }
  }
}
"""
RECOUNT = """
mutation Recount($id: ID, $sku: String, $stocks: [StockInput!]!) {
  productVariantStocksUpdate(variantId: $id, sku: $sku, stocks: $stocks) {
    productVariant { sku } errors { field code index }
  }
}
"""
DROP = """
mutation Drop($id: ID, $sku: String, $warehouses: [ID!]) {
  productVariantStocksDelete(variantId: $id, sku: $sku, warehouseIds: $warehouses) {
    productVariant { sku } errors { field code } stockErrors { code }
  }
}
"""
BULK = """
mutation Bulk($product: ID!, $variants: [ProductVariantBulkCreateInput!]!, $policy: ErrorPolicyEnum) {
  productVariantBulkCreate(product: $product, variants: $variants, errorPolicy: $policy) {
    count productVariants { sku }
    results { productVariant { sku name } errors { field code path channels attributes } }
    errors { field code index } bulkProductErrors { code }
  }
}
"""
GONE_WAREHOUSE = ids.encode("Warehouse", uuid.UUID(int=0))


@pytest.fixture
async def staff(api: Api) -> str:
    wiring.connect()
    return await api.login("staff@example.com", STAFF)


async def _sold(api: Api) -> tuple[str, Variant, Channel, Channel]:
    """A variant of a product that is listed in two channels."""
    async with api.database.unit() as session:
        us, eu = await make.channel(session, slug="us"), await make.channel(session, slug="jp", currency="JPY")
        product = await make.product(session, us, eu)
        variant = await make.variant(session, product=product, sku="A")
        return ids.encode("ProductVariant", variant.id), variant, us, eu


async def test_a_variant_is_sold_at_a_price(api: Api, staff: str) -> None:
    key, variant, us, jp = await _sold(api)
    us_id, jp_id = ids.encode("Channel", us.id), ids.encode("Channel", jp.id)
    prices = [
        {"channelId": us_id, "price": 10.5, "costPrice": "4.25", "priorPrice": 12},
        {"channelId": jp_id, "price": 1500},
    ]
    priced = await run(api, PRICE, {"id": key, "input": prices}, staff)
    assert priced["errors"] == priced["productChannelListingErrors"] == []
    found = {each.pop("channel")["slug"]: each for each in priced["variant"]["channelListings"]}
    assert found == {
        "us": {
            "price": {"amount": 10.5, "currency": "USD"},
            "costPrice": {"amount": 4.25},
            "priorPrice": {"amount": 12},
        },
        "jp": {"price": {"amount": 1500, "currency": "JPY"}, "costPrice": None, "priorPrice": None},
    }
    # What is left out stays; lists sort by the new price.
    again = [{"channelId": us_id, "price": "8.00", "priorPrice": None}]
    await run(api, PRICE, {"sku": "A", "input": again}, staff)
    async with api.database.unit() as session:
        row = (await session.scalars(select(VariantListing).where(VariantListing.channel_id == us.id))).one()
        amounts = (row.price_amount, row.cost_price_amount, row.prior_price_amount, row.product_id)
        assert [str(each) for each in amounts] == ["8.000", "4.250", "None", str(variant.product_id)]
        kept = select(ProductListing.minimum_price_amount).where(ProductListing.channel_id == us.id)
        assert str(await session.scalar(kept)) == "8.000"


async def test_at_what_price_nothing_is_sold(api: Api, staff: str) -> None:
    key, _, us, jp = await _sold(api)
    async with api.database.unit() as session:
        other = ids.encode("Channel", (await make.channel(session)).id)
    us_id, jp_id, gone = ids.encode("Channel", us.id), ids.encode("Channel", jp.id), nobody("Channel")
    fair = {"channelId": us_id, "price": 10}
    for given, told in (
        ([fair, fair], ("input", "DUPLICATED_INPUT_ITEM", [us_id])),
        ([fair, {"channelId": gone, "price": 1}], ("input", "NOT_FOUND", [gone])),
        ([fair, {"channelId": other, "price": 1}], ("input", "PRODUCT_NOT_ASSIGNED_TO_CHANNEL", [other])),
        ([fair, {"channelId": jp_id, "price": "1.5"}], ("price", "INVALID_PRICE", [jp_id])),
        ([{**fair, "costPrice": "1.001"}], ("costPrice", "INVALID_PRICE", [us_id])),
        ([{**fair, "priorPrice": "1000000000000"}], ("priorPrice", "INVALID_PRICE", [us_id])),
        ([fair, {"channelId": "abc", "price": 1}], ("channelId", "GRAPHQL_ERROR", None)),
    ):
        answer = await run(api, PRICE, {"id": key, "input": given}, staff)
        assert [(each["field"], each["code"], each["channels"]) for each in answer["errors"]] == [told]
        assert answer["variant"] is None
    assert await refused(api, PRICE, {"input": [fair]}, staff) == [("id", "GRAPHQL_ERROR")]
    assert await refused(api, PRICE, {"id": nobody("ProductVariant"), "input": [fair]}, staff) == [("id", "NOT_FOUND")]
    async with api.database.unit() as session:
        assert list(await session.scalars(select(VariantListing.id))) == []


async def _warehouses(api: Api) -> list[Warehouse]:
    async with api.database.unit() as session:
        return [await make.warehouse(session, slug=slug) for slug in ("one", "two", "three")]


async def _stocks(api: Api) -> dict[uuid.UUID, int]:
    async with api.database.unit() as session:
        rows = await session.execute(select(Stock.warehouse_id, Stock.quantity))
        return {row.warehouse_id: row.quantity for row in rows}


async def test_a_variant_is_counted(api: Api, staff: str) -> None:
    key, variant, *_ = await _sold(api)
    one, two, three = await _warehouses(api)

    def lie(warehouse: Warehouse, quantity: int) -> dict[str, Any]:
        return {"warehouse": ids.encode("Warehouse", warehouse.id), "quantity": quantity}

    counted = await run(api, COUNT, {"id": key, "stocks": [lie(one, 5), lie(two, 0)]}, staff)
    assert counted == {"productVariant": {"sku": "A"}, "errors": [], "bulkStockErrors": []}
    again = await run(api, RECOUNT, {"sku": "A", "stocks": [lie(two, 3), lie(three, 9)]}, staff)
    assert again == {"productVariant": {"sku": "A"}, "errors": []}
    assert await _stocks(api) == {one.id: 5, two.id: 3, three.id: 9}
    dropped = await run(api, DROP, {"id": key, "warehouses": [ids.encode("Warehouse", three.id)]}, staff)
    assert dropped == {"productVariant": {"sku": "A"}, "errors": [], "stockErrors": []}
    async with api.database.unit() as session:
        shelf = (await session.scalars(select(Stock).filter_by(variant_id=variant.id, warehouse_id=one.id))).one()
        shelf.quantity_allocated = 4
    refusals: list[tuple[str, dict[str, Any], list[tuple[str, str, int | None]]]] = [
        (COUNT, {"stocks": [lie(three, 1), lie(one, 1)]}, [("warehouse", "UNIQUE", 1)]),
        (COUNT, {"stocks": [lie(three, 1), lie(three, 1)]}, [("warehouse", "UNIQUE", 1)]),
        (COUNT, {"stocks": [lie(three, -1)]}, [("quantity", "INVALID", 0)]),
        (RECOUNT, {"stocks": [lie(two, 1), lie(one, 3)]}, [("quantity", "INVALID", 1)]),
        (RECOUNT, {"stocks": [{"warehouse": GONE_WAREHOUSE, "quantity": 1}]}, [("warehouse", "NOT_FOUND", 0)]),
        (RECOUNT, {"stocks": [{"warehouse": "abc", "quantity": 1}]}, [("warehouse", "GRAPHQL_ERROR", None)]),
    ]
    for document, variables, told in refusals:
        answer = await run(api, document, {"id": key, **variables}, staff)
        assert [(each["field"], each["code"], each["index"]) for each in answer["errors"]] == told
        assert answer["productVariant"] is None
    # Orders were promised some of it there.
    promised = {"sku": "A", "warehouses": [ids.encode("Warehouse", two.id), ids.encode("Warehouse", one.id)]}
    assert await refused(api, DROP, promised, staff) == [("warehouseIds", "INVALID")]
    assert await _stocks(api) == {one.id: 5, two.id: 3}
    for document, name in ((COUNT, "stocks"), (RECOUNT, "stocks"), (DROP, "warehouses")):
        gone = {"id": nobody("ProductVariant"), name: []}
        assert await refused(api, document, gone, staff) == [("variantId", "NOT_FOUND")]


def _row(sku: str, **more: Any) -> dict[str, Any]:
    return {"sku": sku, "attributes": [], **more}


async def test_many_variants_are_made(api: Api, staff: str) -> None:
    async with api.database.unit() as session:
        channel = await make.channel(session)
        product = await make.product(session, channel)
        warehouse = await make.warehouse(session)
    listing = {"channelId": ids.encode("Channel", channel.id), "price": "10.00"}
    stock = {"warehouse": ids.encode("Warehouse", warehouse.id), "quantity": 4}
    rows = [
        _row("A", name="Small", stocks=[stock], channelListings=[listing]),
        _row("B", channelListings=[{**listing, "price": "5.00"}]),
    ]
    made = await run(api, BULK, {"product": ids.encode("Product", product.id), "variants": rows}, staff)
    assert made == {
        "count": 2,
        "productVariants": [{"sku": "A"}, {"sku": "B"}],
        "results": [
            {"productVariant": {"sku": "A", "name": "Small"}, "errors": None},
            {"productVariant": {"sku": "B", "name": "B"}, "errors": None},
        ],
        "errors": [],
        "bulkProductErrors": [],
    }
    async with api.database.unit() as session:
        kept = select(ProductListing.minimum_price_amount, ProductListing.maximum_price_amount)
        assert [str(each) for each in (await session.execute(kept)).one()] == ["5.000", "10.000"]
        default = select(Variant.sku).join(Product, Product.default_variant_id == Variant.id)
        assert (await session.scalars(default)).all() == ["A"]
    assert await _stocks(api) == {warehouse.id: 4}


@pytest.mark.parametrize(
    ("policy", "made"),
    [
        (None, []),
        ("REJECT_EVERYTHING", []),
        ("REJECT_FAILED_ROWS", ["GOOD"]),
        ("IGNORE_FAILED", ["GOOD", "NOWHERE", "UNPRICED"]),
    ],
)
async def test_what_becomes_of_the_rest_when_some_are_refused(
    api: Api, staff: str, policy: str | None, made: list[str]
) -> None:
    async with api.database.unit() as session:
        channel = await make.channel(session)
        product = await make.product(session, channel)
        await make.variant(session, product=product, sku="TAKEN")
    us = ids.encode("Channel", channel.id)
    rows = [
        _row("GOOD", channelListings=[{"channelId": us, "price": 1}]),
        _row("TAKEN"),
        _row("NOWHERE", stocks=[{"warehouse": GONE_WAREHOUSE, "quantity": 1}]),
        _row("UNPRICED", channelListings=[{"channelId": us, "price": "0.001"}]),
    ]
    variables = {"product": ids.encode("Product", product.id), "variants": rows, "policy": policy}
    answer = await run(api, BULK, variables, staff)
    assert (answer["count"], [each["sku"] for each in answer["productVariants"]]) == (len(made), made)
    assert [(each["field"], each["code"], each["index"]) for each in answer["errors"]] == [
        ("sku", "UNIQUE", 1),
        ("warehouse", "NOT_FOUND", 2),
        ("price", "INVALID_PRICE", 3),
    ]
    told = [[(each["path"], each["code"]) for each in result["errors"] or []] for result in answer["results"]]
    assert told == [
        [],
        [("sku", "UNIQUE")],
        [("stocks.0.warehouse", "NOT_FOUND")],
        [("channelListings.price", "INVALID_PRICE")],
    ]
    assert answer["results"][3]["errors"][0]["channels"] == [us]
    async with api.database.unit() as session:
        assert set(await session.scalars(select(Variant.sku))) == {"TAKEN", *made}
        assert len((await session.scalars(select(VariantListing.id))).all()) == len(made[:1])
    assert await _stocks(api) == {}


async def test_what_cannot_be_many_variants_and_who_may_not(api: Api, staff: str) -> None:
    key, variant, us, _ = await _sold(api)
    product = ids.encode("Product", variant.product_id)
    one = _row("B")
    for variables, told in (
        ({"product": nobody("Product"), "variants": [one]}, ("product", "NOT_FOUND")),
        ({"product": "abc", "variants": [one]}, ("product", "GRAPHQL_ERROR")),
        ({"product": product, "variants": [one] * 101}, ("variants", "INVALID")),
    ):
        assert await refused(api, BULK, variables, staff) == [told]
    customer = await api.login()
    other_staff = await api.login("other@example.com", "MANAGE_ORDERS")
    price = {"channelId": ids.encode("Channel", us.id), "price": 1}
    for document, given in (
        (BULK, {"product": product, "variants": [one]}),
        (PRICE, {"id": key, "input": [price]}),
        (COUNT, {"id": key, "stocks": []}),
        (RECOUNT, {"id": key, "stocks": []}),
        (DROP, {"id": key, "warehouses": []}),
    ):
        for token in (None, customer, other_staff):
            reply = await api(document, given, token=token)
            assert {error["extensions"]["exception"]["code"] for error in reply.errors} == {"PermissionDenied"}
    async with api.database.unit() as session:
        assert list(await session.scalars(select(Variant.sku))) == ["A"]
        assert list(await session.scalars(select(VariantListing.id))) == []


async def test_rivals_give_one_product_variants_of_their_own_places(committed_api: Api) -> None:
    staff = await committed_api.login("staff@example.com", STAFF)
    async with committed_api.database.unit() as session:
        product = ids.encode("Product", (await make.product(session)).id)
    rows = [_row(f"S-{number}") for number in range(4)]
    await asyncio.gather(*(run(committed_api, BULK, {"product": product, "variants": [row]}, staff) for row in rows))
    async with committed_api.database.unit() as session:
        assert sorted(await session.scalars(select(Variant.sort_order))) == [0, 1, 2, 3]
        first = select(Variant.sort_order).join(Product, Product.default_variant_id == Variant.id)
        assert (await session.scalars(first)).all() == [0]


WAREHOUSES = """
query Warehouses($filter: WarehouseFilterInput, $sort: WarehouseSortingInput, $first: Int = 9, $after: String) {
  warehouses(filter: $filter, sortBy: $sort, first: $first, after: $after) {
    edges { node { id name slug email externalReference } } pageInfo { hasNextPage endCursor } totalCount
  }
}
"""
STOCKS = """
query Stocks($ids: [ID!]) {
  productVariants(ids: $ids, first: 20) {
    edges { node { stocks { quantity quantityAllocated quantityReserved warehouse { slug } } } }
  }
}
"""


async def test_warehouses_are_listed_for_staff(api: Api, staff: str) -> None:
    one, two, three = await _warehouses(api)

    async def listed(**variables: Any) -> Any:
        return (await api(WAREHOUSES, variables, token=staff)).data["warehouses"]

    found = await listed()
    assert [edge["node"]["slug"] for edge in found["edges"]] == ["one", "three", "two"]
    assert found["edges"][0]["node"] == {
        "id": ids.encode("Warehouse", one.id),
        "name": one.name,
        "slug": "one",
        "email": "",
        "externalReference": None,
    }
    page = await listed(first=2, sort={"field": "NAME", "direction": "DESC"})
    assert [edge["node"]["slug"] for edge in page["edges"]] == ["two", "three"]
    rest = await listed(first=2, sort={"field": "NAME", "direction": "DESC"}, after=page["pageInfo"]["endCursor"])
    assert ([edge["node"]["slug"] for edge in rest["edges"]], rest["totalCount"]) == (["one"], 3)
    assert [edge["node"]["slug"] for edge in (await listed(filter={"search": "W"}))["edges"]] == ["two"]
    assert [edge["node"]["slug"] for edge in (await listed(filter={"slugs": ["three"]}))["edges"]] == ["three"]
    read = "query Read($id: ID!) { warehouse(id: $id) { slug } }"
    variables = {"id": ids.encode("Warehouse", two.id)}
    assert (await api(read, variables, token=staff)).data["warehouse"] == {"slug": "two"}
    assert (await api(read, {"id": GONE_WAREHOUSE}, token=staff)).data["warehouse"] is None
    assert (await api(read, variables)).errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"
    assert (await api(WAREHOUSES)).errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"
    assert three.slug == "three"


async def test_stocks_are_told_to_staff_and_cost_one_statement_for_all_variants(api: Api, staff: str) -> None:
    async with api.database.unit() as session:
        channel = await make.channel(session)
        variants = [await make.variant(session, channel, stock=5) for _ in range(20)]
        shelf = (await session.scalars(select(Stock).where(Stock.variant_id == variants[0].id))).one()
        shelf.quantity_allocated = 2
        slug = (await session.get_one(Warehouse, shelf.warehouse_id)).slug
    keys = [ids.encode("ProductVariant", each.id) for each in variants]
    one = await api(STOCKS, {"ids": keys[:1]}, token=staff)
    assert one.data["productVariants"]["edges"][0]["node"]["stocks"] == [
        {"quantity": 5, "quantityAllocated": 2, "quantityReserved": 0, "warehouse": {"slug": slug}}
    ]
    many = await api(STOCKS, {"ids": keys}, token=staff)
    assert [len(edge["node"]["stocks"]) for edge in many.data["productVariants"]["edges"]] == [1] * 20
    assert many.statements == one.statements
    hidden = await api(STOCKS.replace("first: 20", f'first: 20, channel: "{channel.slug}"'), {"ids": keys[:1]})
    assert hidden.errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"
