"""Variants over GraphQL: made with names that tell them apart, changed, put in order, and removed."""

from typing import Any

import pytest
from sqlalchemy import select

from shop import wiring
from shop.attributes.models import Attribute
from shop.catalogue.models import Product, ProductType, Variant
from shop.kit import ids
from shop.stock.models import Stock
from tests import factories as make
from tests.api.catalogue.writing import STAFF, nobody, refused, run
from tests.api.client import Api

SHOWN = """
  name sku trackInventory weight { value } quantityLimitPerCustomer externalReference metadata { key value }
  privateMetadata { key value } attributes { attribute { slug } values { name } }
"""
CREATE = f"""
mutation Create($input: ProductVariantCreateInput!) {{
  productVariantCreate(input: $input) {{
    productVariant {{ id product {{ defaultVariant {{ sku }} }} {SHOWN} }}
    errors {{ field code attributes }} productErrors {{ code }}
  }}
}}
"""
UPDATE = f"""
mutation Update($id: ID, $sku: String, $reference: String, $input: ProductVariantInput!) {{
  productVariantUpdate(id: $id, sku: $sku, externalReference: $reference, input: $input) {{
    productVariant {{ {SHOWN} }} errors {{ field code attributes }}
  }}
}}
"""
DELETE = """
mutation Delete($id: ID, $sku: String, $reference: String) {
  productVariantDelete(id: $id, sku: $sku, externalReference: $reference) {
    productVariant { sku } errors { field code }
  }
}
"""
REORDER = """
mutation Reorder($id: ID!, $moves: [ReorderInput!]!) {
  productVariantReorder(productId: $id, moves: $moves) { product { variants { sku } } errors { field code } }
}
"""
DEFAULT = """
mutation Default($id: ID!, $variant: ID!) {
  productVariantSetDefault(productId: $id, variantId: $variant) {
    product { defaultVariant { sku } } errors { field code }
  }
}
"""


@pytest.fixture
async def staff(api: Api) -> str:
    wiring.connect()
    return await api.login("staff@example.com", STAFF)


async def _shampoo(api: Api) -> tuple[Product, Attribute]:
    """A product whose variants are chosen by size."""
    async with api.database.unit() as session:
        kind = await make.product_type(session)
        size = await make.attribute(
            session, kind, slug="size", of_variants=True, variant_selection=True, value_required=True
        )
        for slug in ("small", "large"):
            await make.attribute_value(session, size, slug=slug, name=slug.capitalize())
        return await make.product(session, slug="shampoo", type=kind), size


def _size(size: Attribute, value: str) -> list[dict[str, Any]]:
    return [{"id": ids.encode("Attribute", size.id), "dropdown": {"value": value}}]


async def test_variants_are_made_and_changed(api: Api, staff: str) -> None:
    product, size = await _shampoo(api)
    async with api.database.unit() as session:
        warehouse = await make.warehouse(session)
    given = {
        "product": ids.encode("Product", product.id),
        "sku": "SMALL",
        "trackInventory": True,
        "weight": 0.1,
        "quantityLimitPerCustomer": 3,
        "externalReference": "ERP-1",
        "metadata": [{"key": "a", "value": "1"}],
        "privateMetadata": [{"key": "b", "value": "2"}],
        "attributes": _size(size, "small"),
        "stocks": [{"warehouse": ids.encode("Warehouse", warehouse.id), "quantity": 7}],
    }
    made = await run(api, CREATE, {"input": given}, staff)
    assert made["errors"] == made["productErrors"] == []
    small = made["productVariant"]
    assert small.pop("id")
    assert small.pop("product") == {"defaultVariant": {"sku": "SMALL"}}
    assert small == {
        "name": "Small",
        "sku": "SMALL",
        "trackInventory": True,
        "weight": {"value": 0.1},
        "quantityLimitPerCustomer": 3,
        "externalReference": "ERP-1",
        "metadata": [{"key": "a", "value": "1"}],
        "privateMetadata": [{"key": "b", "value": "2"}],
        "attributes": [{"attribute": {"slug": "size"}, "values": [{"name": "Small"}]}],
    }
    second = {
        "product": given["product"],
        "attributes": _size(size, "large"),
        "name": "Family",
        "trackInventory": False,
    }
    family = (await run(api, CREATE, {"input": second}, staff))["productVariant"]
    # The first one stays what stands for the product.
    assert (family["name"], family["sku"], family["product"]) == ("Family", None, {"defaultVariant": {"sku": "SMALL"}})
    async with api.database.unit() as session:
        rows = await session.execute(select(Stock.warehouse_id, Stock.quantity))
        assert [tuple(row) for row in rows] == [(warehouse.id, 7)]
    changes = {"name": "Tiny", "sku": "TINY", "quantityLimitPerCustomer": None, "weight": None, "trackInventory": False}
    changed = await run(api, UPDATE, {"sku": "SMALL", "input": changes}, staff)
    assert changed == {
        "productVariant": small | changes | {"quantityLimitPerCustomer": None},
        "errors": [],
    }
    renamed = await run(api, UPDATE, {"reference": "ERP-1", "input": {"attributes": _size(size, "New")}}, staff)
    assert renamed["productVariant"]["attributes"] == [{"attribute": {"slug": "size"}, "values": [{"name": "New"}]}]
    assert renamed["productVariant"]["name"] == "Tiny"


async def test_without_choices_a_variant_is_called_by_its_article_number(api: Api, staff: str) -> None:
    async with api.database.unit() as session:
        product = ids.encode("Product", (await make.product(session)).id)
    for sku, name in (("A-1", "A-1"), (None, "")):
        given: dict[str, Any] = {"product": product, "sku": sku, "attributes": []}
        made = await run(api, CREATE, {"input": given}, staff)
        assert (made["productVariant"]["name"], made["errors"]) == (name, [])


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"sku": "TAKEN"}, ("sku", "UNIQUE")),
        ({"externalReference": "TAKEN"}, ("externalReference", "UNIQUE")),
        ({"sku": "x" * 256}, ("sku", "INVALID")),
        ({"weight": -1}, ("weight", "INVALID")),
        ({"quantityLimitPerCustomer": 0}, ("quantityLimitPerCustomer", "INVALID")),
        ({"attributes": [{"id": nobody("Attribute"), "boolean": True}]}, ("attributes", "NOT_FOUND")),
    ],
)
async def test_what_cannot_be_a_variant(api: Api, staff: str, given: dict[str, Any], told: tuple[str, str]) -> None:
    async with api.database.unit() as session:
        product = await make.product(session)
        await make.variant(session, product=product, sku="TAKEN", external_reference="TAKEN")
        other = await make.variant(session, product=product, sku="OTHER")
    new = {"product": ids.encode("Product", product.id), "attributes": [], **given}
    assert await refused(api, CREATE, {"input": new}, staff) == [told]
    key = ids.encode("ProductVariant", other.id)
    assert await refused(api, UPDATE, {"id": key, "input": given}, staff) == [told]
    async with api.database.unit() as session:
        assert list(await session.scalars(select(Variant.sku).order_by(Variant.sku))) == ["OTHER", "TAKEN"]


async def test_shoppers_can_tell_variants_apart(api: Api, staff: str) -> None:
    product, size = await _shampoo(api)
    needed = ids.encode("Attribute", size.id)
    new = {"product": ids.encode("Product", product.id), "sku": "A", "attributes": []}
    answer = await run(api, CREATE, {"input": new}, staff)
    assert answer["errors"] == [{"field": "attributes", "code": "REQUIRED", "attributes": [needed]}]
    await run(api, CREATE, {"input": {**new, "attributes": _size(size, "small")}}, staff)
    twice = {**new, "sku": "B", "attributes": _size(size, "small")}
    answer = await run(api, CREATE, {"input": twice}, staff)
    assert answer["errors"] == [{"field": "attributes", "code": "DUPLICATED_INPUT_ITEM", "attributes": [needed]}]
    await run(api, CREATE, {"input": {**twice, "attributes": _size(size, "large")}}, staff)
    answer = await run(api, UPDATE, {"sku": "B", "input": {"attributes": _size(size, "small")}}, staff)
    assert answer["errors"] == [{"field": "attributes", "code": "DUPLICATED_INPUT_ITEM", "attributes": [needed]}]
    async with api.database.unit() as session:
        assert list(await session.scalars(select(Variant.name).order_by(Variant.id))) == ["Small", "Large"]


async def test_variants_are_put_in_order_and_one_stands_for_its_product(api: Api, staff: str) -> None:
    async with api.database.unit() as session:
        product = await make.product(session)
        a, b, c = [await make.variant(session, product=product, sku=sku, sort_order=at) for at, sku in enumerate("ABC")]
        other = await make.variant(session)
    key = ids.encode("Product", product.id)
    a_id, b_id, c_id, other_id = [ids.encode("ProductVariant", each.id) for each in (a, b, c, other)]
    moves = [{"id": c_id, "sortOrder": -1}, {"id": a_id, "sortOrder": 2}]
    moved = await run(api, REORDER, {"id": key, "moves": moves}, staff)
    assert moved == {"product": {"variants": [{"sku": "C"}, {"sku": "B"}, {"sku": "A"}]}, "errors": []}
    assert await refused(api, REORDER, {"id": key, "moves": [{"id": other_id}]}, staff) == [("moves", "NOT_FOUND")]
    chosen = await run(api, DEFAULT, {"id": key, "variant": b_id}, staff)
    assert chosen == {"product": {"defaultVariant": {"sku": "B"}}, "errors": []}
    for variant, code in ((other_id, "NOT_PRODUCTS_VARIANT"), (nobody("ProductVariant"), "NOT_FOUND")):
        assert await refused(api, DEFAULT, {"id": key, "variant": variant}, staff) == [("variantId", code)]
    assert await run(api, DELETE, {"sku": "B"}, staff) == {"productVariant": {"sku": "B"}, "errors": []}
    async with api.database.unit() as session:
        # The first of those that are left.
        assert await session.scalar(select(Product.default_variant_id).where(Product.id == product.id)) == c.id


async def test_whose_variant_is_not_there_and_who_may_not(api: Api, staff: str) -> None:
    async with api.database.unit() as session:
        product = await make.product(session)
        variant = await make.variant(session, product=product, sku="KEPT")
    key, owner = ids.encode("ProductVariant", variant.id), ids.encode("Product", product.id)
    gone, gone_owner = nobody("ProductVariant"), nobody("Product")
    customer = await api.login()
    other_staff = await api.login("other@example.com", "MANAGE_ORDERS")
    for document, variables in (
        (CREATE, {"input": {"product": owner, "attributes": []}}),
        (UPDATE, {"id": key, "input": {"name": "x"}}),
        (DELETE, {"id": key}),
        (REORDER, {"id": owner, "moves": []}),
        (DEFAULT, {"id": owner, "variant": key}),
    ):
        for token in (None, customer, other_staff):
            reply = await api(document, variables, token=token)
            assert [error["extensions"]["exception"]["code"] for error in reply.errors] == ["PermissionDenied"]
    refusals: list[tuple[str, dict[str, Any], tuple[str, str]]] = [
        (CREATE, {"input": {"product": gone_owner, "attributes": []}}, ("product", "NOT_FOUND")),
        (UPDATE, {"id": gone, "input": {}}, ("id", "NOT_FOUND")),
        (UPDATE, {"sku": "none", "input": {}}, ("sku", "NOT_FOUND")),
        (UPDATE, {"input": {}}, ("id", "GRAPHQL_ERROR")),
        (UPDATE, {"id": key, "sku": "KEPT", "input": {}}, ("id", "GRAPHQL_ERROR")),
        (DELETE, {"id": gone}, ("id", "NOT_FOUND")),
        (DELETE, {}, ("id", "GRAPHQL_ERROR")),
        (REORDER, {"id": gone_owner, "moves": []}, ("productId", "NOT_FOUND")),
        (DEFAULT, {"id": gone_owner, "variant": key}, ("productId", "NOT_FOUND")),
    ]
    for document, variables, told in refusals:
        assert await refused(api, document, variables, staff) == [told]
    async with api.database.unit() as session:
        assert list(await session.scalars(select(Variant.sku))) == ["KEPT"]
        assert await session.scalar(select(ProductType.id)) is not None
