"""Product types over GraphQL: what they are, which attributes their products have, and by which variants are chosen."""

from typing import Any

import pytest
from sqlalchemy import select

from shop.attributes.models import OfProductType, ProductValue, Value, VariantValue
from shop.catalogue.models import Product, ProductType
from shop.kit import ids
from tests import factories as make
from tests.api.catalogue.writing import nobody, refused, run
from tests.api.client import Api

PARTS = "productAttributes { slug } assignedVariantAttributes { attribute { slug } variantSelection }"
CREATE = f"""
mutation Create($input: ProductTypeInput!) {{
  productTypeCreate(input: $input) {{
    productType {{ id name slug kind hasVariants isShippingRequired isDigital taxClass {{ name }} {PARTS} }}
    errors {{ field code attributes }} productErrors {{ code }}
  }}
}}
"""
UPDATE = f"""
mutation Update($id: ID!, $input: ProductTypeInput!) {{
  productTypeUpdate(id: $id, input: $input) {{
    productType {{ name slug kind isShippingRequired taxClass {{ name }} {PARTS} }} errors {{ field code attributes }}
  }}
}}
"""
ASSIGN = f"""
mutation Assign($id: ID!, $operations: [ProductAttributeAssignInput!]!) {{
  productAttributeAssign(productTypeId: $id, operations: $operations) {{
    productType {{ {PARTS} }} errors {{ field code attributes }}
  }}
}}
"""
UNASSIGN = f"""
mutation Unassign($id: ID!, $attributes: [ID!]!) {{
  productAttributeUnassign(productTypeId: $id, attributeIds: $attributes) {{
    productType {{ {PARTS} }} errors {{ field code attributes }}
  }}
}}
"""
CHOOSE = f"""
mutation Choose($id: ID!, $operations: [ProductAttributeAssignmentUpdateInput!]!) {{
  productAttributeAssignmentUpdate(productTypeId: $id, operations: $operations) {{
    productType {{ {PARTS} }} errors {{ field code attributes }}
  }}
}}
"""
REORDER = f"""
mutation Reorder($id: ID!, $moves: [ReorderInput!]!, $type: ProductAttributeType!) {{
  productTypeReorderAttributes(productTypeId: $id, moves: $moves, type: $type) {{
    productType {{ {PARTS} }} errors {{ field code attributes }}
  }}
}}
"""


@pytest.fixture
async def chief(api: Api) -> str:
    return await api.login("chief@example.com", "MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES")


async def _attributes(api: Api, *slugs: str, input_type: str = "DROPDOWN", type: str = "PRODUCT_TYPE") -> list[str]:
    async with api.database.unit() as session:
        found = []
        for slug in slugs:
            row = await make.attribute(session, slug=slug)
            row.input_type, row.type = input_type, type
            found.append(ids.encode("Attribute", row.id))
        return found


def _parts(answer: Any) -> tuple[list[str], list[tuple[str, bool]]]:
    assert answer["errors"] == []
    found = answer["productType"]
    of_variants = [(each["attribute"]["slug"], each["variantSelection"]) for each in found["assignedVariantAttributes"]]
    return [each["slug"] for each in found["productAttributes"]], of_variants


async def test_a_type_is_made_as_most_shops_want_it(api: Api, chief: str) -> None:
    made = await run(api, CREATE, {"input": {"name": " Shampoo "}}, chief)
    assert made["errors"] == made["productErrors"] == []
    assert made["productType"].pop("id")
    assert made["productType"] == {
        "name": "Shampoo",
        "slug": "shampoo",
        "kind": "NORMAL",
        "hasVariants": True,
        "isShippingRequired": True,
        "isDigital": False,
        "taxClass": None,
        "productAttributes": [],
        "assignedVariantAttributes": [],
    }


async def test_a_type_is_made_and_changed(api: Api, chief: str) -> None:
    one, two, three = await _attributes(api, "one", "two", "three")
    async with api.database.unit() as session:
        reduced = ids.encode("TaxClass", (await make.tax_class(session, name="Reduced")).id)
    given = {
        "name": "Voucher",
        "slug": "vouchers",
        "kind": "GIFT_CARD",
        "hasVariants": False,
        "isShippingRequired": False,
        "isDigital": True,
        "taxClass": reduced,
        "productAttributes": [two, one],
        "variantAttributes": [three],
    }
    made = await run(api, CREATE, {"input": given}, chief)
    assert _parts(made) == (["two", "one"], [("three", False)])
    found = made["productType"]
    assert (found["slug"], found["kind"], found["taxClass"]) == ("vouchers", "GIFT_CARD", {"name": "Reduced"})
    assert (found["hasVariants"], found["isShippingRequired"], found["isDigital"]) == (False, False, True)
    change = {
        "name": "Card",
        "kind": "NORMAL",
        "taxClass": None,
        "productAttributes": [three, two],
        "variantAttributes": [one],
    }
    changed = await run(api, UPDATE, {"id": found["id"], "input": change}, chief)
    assert _parts(changed) == (["three", "two"], [("one", False)])
    row = changed["productType"]
    assert (row["name"], row["slug"], row["kind"], row["taxClass"]) == ("Card", "vouchers", "NORMAL", None)
    assert row["isShippingRequired"] is False


async def test_attributes_are_assigned_chosen_ordered_and_unassigned(api: Api, chief: str) -> None:
    one, two, three, four = await _attributes(api, "one", "two", "three", "four")
    key = (await run(api, CREATE, {"input": {"name": "A", "productAttributes": [one]}}, chief))["productType"]["id"]
    operations = [
        {"id": two, "type": "PRODUCT"},
        {"id": three, "type": "VARIANT", "variantSelection": True},
        {"id": four, "type": "VARIANT"},
    ]
    assigned = _parts(await run(api, ASSIGN, {"id": key, "operations": operations}, chief))
    assert assigned == (["one", "two"], [("three", True), ("four", False)])
    chosen = [{"id": three, "variantSelection": False}, {"id": four, "variantSelection": True}]
    assert _parts(await run(api, CHOOSE, {"id": key, "operations": chosen}, chief)) == (
        ["one", "two"],
        [("three", False), ("four", True)],
    )
    await run(api, REORDER, {"id": key, "moves": [{"id": two, "sortOrder": -1}], "type": "PRODUCT"}, chief)
    moved = await run(api, REORDER, {"id": key, "moves": [{"id": three, "sortOrder": 1}], "type": "VARIANT"}, chief)
    assert _parts(moved) == (["two", "one"], [("four", True), ("three", False)])
    left = await run(api, UNASSIGN, {"id": key, "attributes": [one, four, nobody("Attribute")]}, chief)
    assert _parts(left) == (["two"], [("three", False)])


async def test_an_attribute_goes_with_the_values_that_products_of_the_type_have_of_it(api: Api, chief: str) -> None:
    async with api.database.unit() as session:
        text = await make.attribute(session, slug="text", input_type="PLAIN_TEXT")
        size = await make.attribute(session, slug="size")
        said = await make.attribute_value(session, text, slug="said")
        large = await make.attribute_value(session, size, slug="large")
        variants = []
        for slug in ("a", "b"):
            kind = await make.product_type(session, slug=slug)
            session.add(OfProductType(product_type_id=kind.id, attribute_id=text.id))
            session.add(OfProductType(product_type_id=kind.id, attribute_id=size.id, of_variants=True))
            product = await make.product(session, slug=slug, type=kind)
            variants.append(await make.variant(session, product=product, stock=None))
            await make.assign(session, large, variants[-1])
        await make.assign(session, said, await session.get_one(Product, variants[0].product_id))
        key = ids.encode("ProductType", (await session.scalars(select(ProductType.id).filter_by(slug="a"))).one())
    gone = [ids.encode("Attribute", text.id), ids.encode("Attribute", size.id)]
    assert _parts(await run(api, UNASSIGN, {"id": key, "attributes": gone}, chief)) == ([], [])
    async with api.database.unit() as session:
        assert list(await session.scalars(select(ProductValue.value_id))) == []
        assert list(await session.scalars(select(VariantValue.variant_id))) == [variants[1].id]
        # The choice is the attribute's; what one product said goes with it.
        assert list(await session.scalars(select(Value.slug))) == ["large"]


async def test_which_attributes_a_type_cannot_have(api: Api, chief: str) -> None:
    one, two = await _attributes(api, "one", "two")
    (several,) = await _attributes(api, "several", input_type="MULTISELECT")
    (foreign,) = await _attributes(api, "foreign", type="PAGE_TYPE")
    made = await run(api, CREATE, {"input": {"name": "A", "productAttributes": [one]}}, chief)
    key = made["productType"]["id"]
    gone = nobody("Attribute")
    both = {"id": two, "type": "PRODUCT"}
    for operations, code, named in (
        ([{"id": one, "type": "VARIANT"}], "ATTRIBUTE_ALREADY_ASSIGNED", [one]),
        ([both, both], "DUPLICATED_INPUT_ITEM", [two]),
        ([both, {"id": gone, "type": "PRODUCT"}], "NOT_FOUND", [gone]),
        ([both, {"id": foreign, "type": "PRODUCT"}], "ATTRIBUTE_CANNOT_BE_ASSIGNED", [foreign]),
        ([{**both, "variantSelection": True}], "ATTRIBUTE_CANNOT_BE_ASSIGNED", [two]),
        ([{"id": several, "type": "VARIANT", "variantSelection": True}], "ATTRIBUTE_CANNOT_BE_ASSIGNED", [several]),
    ):
        answer = await run(api, ASSIGN, {"id": key, "operations": operations}, chief)
        assert answer == {"productType": None, "errors": [{"field": "operations", "code": code, "attributes": named}]}
    for operations, code, named in (
        ([{"id": one, "variantSelection": True}], "NOT_FOUND", [one]),
        ([{"id": one, "variantSelection": True}] * 2, "DUPLICATED_INPUT_ITEM", [one]),
    ):
        answer = await run(api, CHOOSE, {"id": key, "operations": operations}, chief)
        assert answer == {"productType": None, "errors": [{"field": "operations", "code": code, "attributes": named}]}
    single = {"name": "B", "hasVariants": False, "productAttributes": [one], "variantAttributes": [one]}
    answer = await run(api, CREATE, {"input": single}, chief)
    told = {"field": "variantAttributes", "code": "ATTRIBUTE_ALREADY_ASSIGNED", "attributes": [one]}
    assert (answer["productType"], answer["errors"]) == (None, [told])
    single = {"name": "B", "hasVariants": False}
    other = (await run(api, CREATE, {"input": single}, chief))["productType"]["id"]
    answer = await run(api, ASSIGN, {"id": other, "operations": [{"id": two, "type": "VARIANT"}]}, chief)
    told = {"field": "operations", "code": "ATTRIBUTE_VARIANTS_DISABLED", "attributes": [two]}
    assert answer == {"productType": None, "errors": [told]}
    answer = await run(api, REORDER, {"id": key, "moves": [{"id": two}], "type": "PRODUCT"}, chief)
    assert answer == {"productType": None, "errors": [{"field": "moves", "code": "NOT_FOUND", "attributes": None}]}
    async with api.database.unit() as session:
        rows = await session.execute(select(OfProductType.attribute_id, OfProductType.of_variants))
        assert [tuple(row) for row in rows] == [(ids.decode_int(one, "Attribute"), False)]


async def test_what_cannot_be_a_type(api: Api, chief: str) -> None:
    async with api.database.unit() as session:
        await make.product_type(session, slug="taken")
        key = ids.encode("ProductType", (await make.product_type(session, slug="other")).id)
    for given, told in (
        ({"name": None}, ("name", "REQUIRED")),
        ({"name": "x", "slug": "taken"}, ("slug", "UNIQUE")),
        ({"name": "x", "slug": "No slug"}, ("slug", "INVALID")),
        ({"name": "x", "taxClass": nobody("TaxClass")}, ("taxClass", "NOT_FOUND")),
        ({"name": "x", "taxClass": "abc"}, ("taxClass", "GRAPHQL_ERROR")),
        ({"name": "x", "productAttributes": [nobody("Attribute")]}, ("productAttributes", "NOT_FOUND")),
    ):
        assert await refused(api, CREATE, {"input": given}, chief) == [told]
        assert await refused(api, UPDATE, {"id": key, "input": given}, chief) == [told]
    async with api.database.unit() as session:
        rows = await session.execute(select(ProductType.slug, ProductType.name).order_by(ProductType.slug))
        assert [tuple(row) for row in rows] == [("other", "Other"), ("taken", "Taken")]


async def test_whose_type_is_not_there_and_who_may_not(api: Api, chief: str) -> None:
    async with api.database.unit() as session:
        key = ids.encode("ProductType", (await make.product_type(session, slug="kept")).id)
    customer = await api.login()
    other_staff = await api.login("other@example.com", "MANAGE_PRODUCTS")
    for document, variables, field in (
        (CREATE, {"input": {"name": "x"}}, None),
        (UPDATE, {"input": {"name": "x"}}, "id"),
        (ASSIGN, {"operations": []}, "productTypeId"),
        (UNASSIGN, {"attributes": []}, "productTypeId"),
        (CHOOSE, {"operations": []}, "productTypeId"),
        (REORDER, {"moves": [], "type": "PRODUCT"}, "productTypeId"),
    ):
        for token in (None, customer, other_staff):
            reply = await api(document, {"id": key, **variables}, token=token)
            assert [error["extensions"]["exception"]["code"] for error in reply.errors] == ["PermissionDenied"]
        if field is not None:
            gone = {"id": nobody("ProductType"), **variables}
            assert await refused(api, document, gone, chief) == [(field, "NOT_FOUND")]
    async with api.database.unit() as session:
        assert [tuple(row) for row in await session.execute(select(ProductType.slug, ProductType.name))] == [
            ("kept", "Kept")
        ]
