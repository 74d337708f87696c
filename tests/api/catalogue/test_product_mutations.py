"""Products over GraphQL: made with what their type asks for, changed, listed channel by channel, and removed."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from shop import wiring
from shop.browse.models import ProductText
from shop.catalogue.models import Product
from shop.kit import ids
from shop.pricing.models import ProductListing, VariantListing
from shop.stock.models import Stock
from tests import factories as make
from tests.api.catalogue.writing import STAFF, nobody, paragraph, refused, run
from tests.api.client import Api

SHOWN = """
  id name slug description seoTitle seoDescription rating externalReference weight { unit value }
  category { slug } collections { slug } productType { slug } taxClass { name } metadata { key value }
  privateMetadata { key value } attributes { attribute { slug } values { name plainText } } defaultVariant { id }
"""
CREATE = f"""
mutation Create($input: ProductCreateInput!) {{
  productCreate(input: $input) {{
    product {{ {SHOWN} }} errors {{ field code attributes }} productErrors {{ field code }}
  }}
}}
"""
UPDATE = f"""
mutation Update($id: ID, $reference: String, $input: ProductInput!) {{
  productUpdate(id: $id, externalReference: $reference, input: $input) {{
    product {{ {SHOWN} }} errors {{ field code attributes }}
  }}
}}
"""
DELETE = """
mutation Delete($id: ID, $reference: String) {
  productDelete(id: $id, externalReference: $reference) { product { slug } errors { field code } }
}
"""
DELETE_TYPE = "mutation Delete($id: ID!) { productTypeDelete(id: $id) { productType { slug } errors { field code } } }"
LIST = """
mutation List($id: ID!, $input: ProductChannelListingUpdateInput!) {
  productChannelListingUpdate(id: $id, input: $input) {
    product {
      channelListings {
        channel { slug } isPublished publishedAt visibleInListings isAvailableForPurchase availableForPurchaseAt
      }
    }
    errors { field code channels variants } productChannelListingErrors { code }
  }
}
"""
LONG_AGO = "2020-01-01T00:00:00+00:00"


@pytest.fixture
async def staff(api: Api) -> str:
    wiring.connect()
    return await api.login("staff@example.com", STAFF)


async def test_a_product_is_made_with_little(api: Api, staff: str) -> None:
    async with api.database.unit() as session:
        kind = await make.product_type(session, slug="care")
    given = {"name": " Shampoo ", "productType": ids.encode("ProductType", kind.id)}
    made = await run(api, CREATE, {"input": given}, staff)
    assert made["errors"] == made["productErrors"] == []
    assert made["product"].pop("id")
    assert made["product"] == {
        "name": "Shampoo",
        "slug": "shampoo",
        "description": None,
        "seoTitle": None,
        "seoDescription": None,
        "rating": None,
        "externalReference": None,
        "weight": None,
        "category": None,
        "collections": [],
        "productType": {"slug": "care"},
        "taxClass": None,
        "metadata": [],
        "privateMetadata": [],
        "attributes": [],
        "defaultVariant": None,
    }


async def test_a_product_is_made_and_changed(api: Api, staff: str) -> None:
    async with api.database.unit() as session:
        kind = await make.product_type(session, slug="care")
        size = await make.attribute(session, kind, slug="size", value_required=True)
        note = await make.attribute(session, kind, slug="note", input_type="PLAIN_TEXT")
        first = await make.category(session, slug="first")
        second = await make.category(session, slug="second")
        one, two = [await make.collection(session, slug=slug) for slug in ("one", "two")]
        reduced = await make.tax_class(session, name="Reduced")
    size_id, note_id = ids.encode("Attribute", size.id), ids.encode("Attribute", note.id)
    given = {
        "productType": ids.encode("ProductType", kind.id),
        "name": "Shampoo",
        "slug": "mild-shampoo",
        "description": paragraph("Gentle<script>alert(1)</script> soap"),
        "seo": {"title": "Mild", "description": "For all"},
        "category": ids.encode("Category", first.id),
        "collections": [ids.encode("Collection", one.id)],
        "taxClass": ids.encode("TaxClass", reduced.id),
        "weight": 0.25,
        "rating": 4.5,
        "externalReference": "ERP-7",
        "metadata": [{"key": "a", "value": "1"}],
        "privateMetadata": [{"key": "b", "value": "2"}],
        "attributes": [
            {"id": size_id, "dropdown": {"value": "Large"}},
            {"id": note_id, "plainText": "Without perfume"},
        ],
    }
    made = await run(api, CREATE, {"input": given}, staff)
    assert made["errors"] == []
    product = made["product"]
    assert (product["slug"], product["rating"], product["weight"]) == (
        "mild-shampoo",
        4.5,
        {"unit": "KG", "value": 0.25},
    )
    assert (product["category"], product["collections"]) == ({"slug": "first"}, [{"slug": "one"}])
    assert (product["taxClass"], product["externalReference"]) == ({"name": "Reduced"}, "ERP-7")
    assert "script" not in product["description"]
    assert product["attributes"] == [
        {"attribute": {"slug": "size"}, "values": [{"name": "Large", "plainText": None}]},
        {"attribute": {"slug": "note"}, "values": [{"name": "Without perfume", "plainText": "Without perfume"}]},
    ]
    changes = {
        "name": "Soap",
        "category": ids.encode("Category", second.id),
        "collections": [ids.encode("Collection", two.id)],
        "taxClass": None,
        "weight": None,
        "seo": {"title": None},
        "metadata": [{"key": "c", "value": "3"}],
        "attributes": [{"id": note_id, "plainText": "With perfume"}],
    }
    changed = await run(api, UPDATE, {"reference": "ERP-7", "input": changes}, staff)
    assert changed["errors"] == []
    after = changed["product"]
    assert after == product | {
        "name": "Soap",
        "category": {"slug": "second"},
        "collections": [{"slug": "two"}],
        "taxClass": None,
        "weight": None,
        "seoTitle": None,
        "metadata": [{"key": "a", "value": "1"}, {"key": "c", "value": "3"}],
        "attributes": [
            product["attributes"][0],
            {"attribute": {"slug": "note"}, "values": [{"name": "With perfume", "plainText": "With perfume"}]},
        ],
    }
    async with api.database.unit() as session:
        assert (await session.scalars(select(Product.description_text))).one() == "Gentle soap"
        # Search finds it by what it says now.
        document = (await session.scalars(select(ProductText.document))).one()
        assert ("'soap'" in document, "'gentl'" in document, "'shampoo'" in document) == (True, True, False)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": None}, ("name", "REQUIRED")),
        ({"slug": "taken"}, ("slug", "UNIQUE")),
        ({"externalReference": "TAKEN"}, ("externalReference", "UNIQUE")),
        ({"slug": "No slug"}, ("slug", "INVALID")),
        ({"weight": -1}, ("weight", "INVALID")),
        ({"weight": 1e300}, ("weight", "INVALID")),
        ({"category": nobody("Category")}, ("category", "NOT_FOUND")),
        ({"taxClass": nobody("TaxClass")}, ("taxClass", "NOT_FOUND")),
        ({"collections": [nobody("Collection")]}, ("collections", "NOT_FOUND")),
        ({"category": "abc"}, ("category", "GRAPHQL_ERROR")),
        ({"attributes": [{"id": nobody("Attribute"), "boolean": True}]}, ("attributes", "NOT_FOUND")),
        ({"description": "[]"}, ("description", "INVALID")),
    ],
)
async def test_what_cannot_be_a_product(api: Api, staff: str, given: dict[str, Any], told: tuple[str, str]) -> None:
    async with api.database.unit() as session:
        kind = await make.product_type(session)
        await make.product(session, slug="taken", external_reference="TAKEN", type=kind)
        other = await make.product(session, slug="other", type=kind)
    new = {"name": "x", "productType": ids.encode("ProductType", kind.id), **given}
    assert await refused(api, CREATE, {"input": new}, staff) == [told]
    assert await refused(api, UPDATE, {"id": ids.encode("Product", other.id), "input": given}, staff) == [told]
    async with api.database.unit() as session:
        rows = await session.execute(select(Product.slug, Product.name).order_by(Product.slug))
        assert [tuple(row) for row in rows] == [("other", "Other"), ("taken", "Taken")]


async def test_a_new_product_says_what_its_type_needs(api: Api, staff: str) -> None:
    async with api.database.unit() as session:
        kind = await make.product_type(session)
        size = await make.attribute(session, kind, value_required=True)
    given = {"name": "x", "productType": ids.encode("ProductType", kind.id)}
    answer = await run(api, CREATE, {"input": given}, staff)
    needed = ids.encode("Attribute", size.id)
    assert answer["errors"] == [{"field": "attributes", "code": "REQUIRED", "attributes": [needed]}]
    gone = {**given, "productType": nobody("ProductType")}
    assert await refused(api, CREATE, {"input": gone}, staff) == [("productType", "NOT_FOUND")]
    async with api.database.unit() as session:
        assert list(await session.scalars(select(Product.id))) == []


async def test_a_product_is_listed_channel_by_channel(api: Api, staff: str) -> None:
    async with api.database.unit() as session:
        us, eu = [await make.channel(session, slug=slug) for slug in ("us", "eu")]
        product = await make.product(session)
        kept = await make.variant(session, us, product=product, price="10.00")
        gone = await make.variant(session, us, product=product, price="5.00")
    key = ids.encode("Product", product.id)
    us_id, eu_id = ids.encode("Channel", us.id), ids.encode("Channel", eu.id)
    first = [
        {"channelId": us_id, "isPublished": True, "isAvailableForPurchase": True},
        {
            "channelId": eu_id,
            "publicationDate": "2020-01-01",
            "visibleInListings": False,
            "isAvailableForPurchase": True,
            "availableForPurchaseDate": "2020-01-01",
        },
    ]
    listed = await run(api, LIST, {"id": key, "input": {"updateChannels": first}}, staff)
    assert listed["errors"] == listed["productChannelListingErrors"] == []
    found = {each.pop("channel")["slug"]: each for each in listed["product"]["channelListings"]}
    assert found["eu"] == {
        "isPublished": False,
        "publishedAt": LONG_AGO,
        "visibleInListings": False,
        "isAvailableForPurchase": True,
        "availableForPurchaseAt": LONG_AGO,
    }
    assert (found["us"]["isPublished"], found["us"]["visibleInListings"]) == (True, True)
    assert datetime.fromisoformat(found["us"]["publishedAt"]) <= datetime.now(UTC)
    assert found["us"]["isAvailableForPurchase"] is True
    price = "pricing { priceRange { start { gross { amount } } } }"
    read = f'query Read($id: ID!) {{ product(id: $id, channel: "us") {{ {price} }} }}'
    start = (await api(read, {"id": key})).data["product"]["pricing"]["priceRange"]["start"]
    assert start["gross"]["amount"] == 5
    second = {
        "updateChannels": [
            {
                "channelId": us_id,
                "isAvailableForPurchase": False,
                "addVariants": [ids.encode("ProductVariant", kept.id)],
                "removeVariants": [ids.encode("ProductVariant", gone.id)],
            }
        ],
        "removeChannels": [eu_id],
    }
    again = await run(api, LIST, {"id": key, "input": second}, staff)
    (left,) = again["product"]["channelListings"]
    assert (left["channel"]["slug"], left["isPublished"], left["isAvailableForPurchase"]) == ("us", True, False)
    async with api.database.unit() as session:
        rows = await session.execute(select(VariantListing.variant_id, VariantListing.channel_id))
        assert [tuple(row) for row in rows] == [(kept.id, us.id)]
        assert str(await session.scalar(select(ProductListing.minimum_price_amount))) == "10.000"
    # Where the product is not listed, nothing of it is sold.
    await run(api, LIST, {"id": key, "input": {"removeChannels": [us_id]}}, staff)
    async with api.database.unit() as session:
        assert list(await session.scalars(select(VariantListing.id))) == []


async def test_where_a_product_cannot_be_listed(api: Api, staff: str) -> None:
    async with api.database.unit() as session:
        channel = await make.channel(session)
        product = await make.product(session)
        other = await make.variant(session)
    key, us, strange = (
        ids.encode("Product", product.id),
        ids.encode("Channel", channel.id),
        ids.encode("ProductVariant", other.id),
    )
    gone = nobody("Channel")
    for given, told in (
        (
            {"updateChannels": [{"channelId": us}, {"channelId": us}]},
            ("updateChannels", "DUPLICATED_INPUT_ITEM", [us], None),
        ),
        (
            {"updateChannels": [{"channelId": us}], "removeChannels": [us]},
            ("updateChannels", "DUPLICATED_INPUT_ITEM", [us], None),
        ),
        ({"updateChannels": [{"channelId": us}, {"channelId": gone}]}, ("updateChannels", "NOT_FOUND", [gone], None)),
        (
            {"updateChannels": [{"channelId": us, "addVariants": [strange]}]},
            ("addVariants", "NOT_PRODUCTS_VARIANT", None, [strange]),
        ),
        (
            {"updateChannels": [{"channelId": us, "removeVariants": [strange]}]},
            ("removeVariants", "NOT_PRODUCTS_VARIANT", None, [strange]),
        ),
        (
            {
                "updateChannels": [
                    {"channelId": us, "isAvailableForPurchase": False, "availableForPurchaseAt": LONG_AGO}
                ]
            },
            ("availableForPurchaseAt", "INVALID", None, None),
        ),
        (
            {"updateChannels": [{"channelId": us, "publishedAt": LONG_AGO, "publicationDate": "2020-01-01"}]},
            ("publicationDate", "INVALID", None, None),
        ),
        ({"removeChannels": ["abc"]}, ("removeChannels", "GRAPHQL_ERROR", None, None)),
    ):
        answer = await run(api, LIST, {"id": key, "input": given}, staff)
        assert [(each["field"], each["code"], each["channels"], each["variants"]) for each in answer["errors"]] == [
            told
        ]
        assert answer["product"] is None
    async with api.database.unit() as session:
        assert list(await session.scalars(select(ProductListing.id))) == []


async def test_products_and_types_are_removed_unless_they_are_needed(api: Api, staff: str) -> None:
    chief = await api.login("chief@example.com", "MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES")
    async with api.database.unit() as session:
        kind = await make.product_type(session, slug="kind")
        one = await make.product(session, slug="one", type=kind, external_reference="ONE")
        two = await make.product(session, slug="two", type=kind)
        channel = await make.channel(session)
        variant = await make.variant(session, channel, product=two, stock=1)
        shelf = await session.scalar(select(Stock).where(Stock.variant_id == variant.id))
        assert shelf is not None
        shelf.quantity_allocated = 1
    key = ids.encode("ProductType", kind.id)
    assert await run(api, DELETE, {"reference": "ONE"}, staff) == {"product": {"slug": "one"}, "errors": []}
    assert await refused(api, DELETE, {"id": ids.encode("Product", two.id)}, staff) == [("id", "INVALID")]
    assert await refused(api, DELETE_TYPE, {"id": key}, chief) == [("id", "INVALID")]
    async with api.database.unit() as session:
        assert list(await session.scalars(select(Product.slug))) == ["two"]
        shelf = await session.get_one(Stock, shelf.id)
        shelf.quantity_allocated = 0
    assert await run(api, DELETE_TYPE, {"id": key}, chief) == {"productType": {"slug": "kind"}, "errors": []}
    async with api.database.unit() as session:
        assert list(await session.scalars(select(Product.slug).where(Product.id.in_([one.id, two.id])))) == []
    assert await refused(api, DELETE_TYPE, {"id": key}, chief) == [("id", "NOT_FOUND")]


async def test_whose_product_is_not_there_and_who_may_not(api: Api, staff: str) -> None:
    async with api.database.unit() as session:
        kind = await make.product_type(session)
        product = await make.product(session, slug="kept", type=kind)
    key = ids.encode("Product", product.id)
    customer = await api.login()
    other_staff = await api.login("other@example.com", "MANAGE_ORDERS")
    new = {"name": "x", "productType": ids.encode("ProductType", kind.id)}
    for document, variables in (
        (CREATE, {"input": new}),
        (UPDATE, {"input": {"name": "x"}}),
        (DELETE, {}),
        (LIST, {"input": {}}),
        (DELETE_TYPE, {}),
    ):
        for token in (None, customer, other_staff):
            reply = await api(document, {"id": key, **variables}, token=token)
            assert [error["extensions"]["exception"]["code"] for error in reply.errors] == ["PermissionDenied"]
    for document, variables in ((UPDATE, {"input": {"name": "x"}}), (DELETE, {}), (LIST, {"input": {}})):
        assert await refused(api, document, {"id": nobody("Product"), **variables}, staff) == [("id", "NOT_FOUND")]
    for document, variables in ((UPDATE, {"input": {"name": "x"}}), (DELETE, {})):
        assert await refused(api, document, variables, staff) == [("id", "GRAPHQL_ERROR")]
        both = {"id": key, "reference": "x", **variables}
        assert await refused(api, document, both, staff) == [("id", "GRAPHQL_ERROR")]
        assert await refused(api, document, {"reference": "x", **variables}, staff) == [
            ("externalReference", "NOT_FOUND")
        ]
    async with api.database.unit() as session:
        assert [tuple(row) for row in await session.execute(select(Product.slug, Product.name))] == [("kept", "Kept")]
