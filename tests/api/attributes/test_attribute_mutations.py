"""Attributes and their choices over GraphQL: made, changed, put in order and removed, by those who may."""

from typing import Any

import pytest
from sqlalchemy import select

from shop.attributes.models import Attribute, OfProductType, ProductValue, Value
from shop.kit import ids
from tests import factories as make
from tests.api.catalogue.writing import nobody, refused, run
from tests.api.client import Api

SHOWN = """
  name slug type inputType entityType unit valueRequired visibleInStorefront externalReference
  choices(first: 9) { edges { node { name slug value externalReference } } }
"""
CREATE = f"""
mutation Create($input: AttributeCreateInput!) {{
  attributeCreate(input: $input) {{
    attribute {{ id {SHOWN} }} errors {{ field code }} attributeErrors {{ code }}
  }}
}}
"""
UPDATE = f"""
mutation Update($id: ID, $reference: String, $input: AttributeUpdateInput!) {{
  attributeUpdate(id: $id, externalReference: $reference, input: $input) {{
    attribute {{ {SHOWN} }} errors {{ field code }}
  }}
}}
"""
DELETE = """
mutation Delete($id: ID, $reference: String) {
  attributeDelete(id: $id, externalReference: $reference) { attribute { slug } errors { field code } }
}
"""
CHOICE = """
mutation Choice($id: ID!, $input: AttributeValueCreateInput!) {
  attributeValueCreate(attribute: $id, input: $input) {
    attributeValue { name slug value inputType } attribute { slug } errors { field code }
  }
}
"""
CHANGE = """
mutation Change($id: ID, $reference: String, $input: AttributeValueUpdateInput!) {
  attributeValueUpdate(id: $id, externalReference: $reference, input: $input) {
    attributeValue { name slug value } attribute { slug } errors { field code }
  }
}
"""
DROP = """
mutation Drop($id: ID, $reference: String) {
  attributeValueDelete(id: $id, externalReference: $reference) {
    attributeValue { slug } attribute { slug } errors { field code }
  }
}
"""
REORDER = """
mutation Reorder($id: ID!, $moves: [ReorderInput!]!) {
  attributeReorderValues(attributeId: $id, moves: $moves) {
    attribute { choices(first: 9) { edges { node { slug } } } } errors { field code }
  }
}
"""


@pytest.fixture
async def chief(api: Api) -> str:
    return await api.login("chief@example.com", "MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES")


def _choices(attribute: Any) -> list[Any]:
    return [edge["node"] for edge in attribute["choices"]["edges"]]


async def test_an_attribute_is_made_and_changed(api: Api, chief: str) -> None:
    given = {
        "name": " Colour ",
        "type": "PRODUCT_TYPE",
        "inputType": "SWATCH",
        "valueRequired": True,
        "visibleInStorefront": False,
        "externalReference": "C-1",
        "values": [{"name": "Red", "value": "#FF0000"}, {"name": "Red", "externalReference": "R-2"}],
    }
    made = await run(api, CREATE, {"input": given}, chief)
    assert made["errors"] == made["attributeErrors"] == []
    attribute = made["attribute"]
    assert attribute.pop("id")
    assert _choices(attribute) == [
        {"name": "Red", "slug": "red", "value": "#FF0000", "externalReference": None},
        {"name": "Red", "slug": "red-2", "value": "", "externalReference": "R-2"},
    ]
    assert attribute | {"choices": None} == {
        "name": "Colour",
        "slug": "colour",
        "type": "PRODUCT_TYPE",
        "inputType": "SWATCH",
        "entityType": None,
        "unit": None,
        "valueRequired": True,
        "visibleInStorefront": False,
        "externalReference": "C-1",
        "choices": None,
    }
    async with api.database.unit() as session:
        first = (await session.scalars(select(Value.id).where(Value.slug == "red"))).one()
    changes = {
        "name": "Shade",
        "valueRequired": False,
        "removeValues": [ids.encode("AttributeValue", first)],
        "addValues": [{"name": "Blue", "value": "#0000ff"}],
    }
    changed = await run(api, UPDATE, {"reference": "C-1", "input": changes}, chief)
    assert changed["errors"] == []
    after = changed["attribute"]
    assert [each["slug"] for each in _choices(after)] == ["red-2", "blue"]
    assert after | {"choices": None} == attribute | {"name": "Shade", "valueRequired": False, "choices": None}


async def test_kinds_that_need_more(api: Api, chief: str) -> None:
    number = {"name": "Length", "type": "PRODUCT_TYPE", "inputType": "NUMERIC", "unit": "CM"}
    made = (await run(api, CREATE, {"input": number}, chief))["attribute"]
    assert (made["inputType"], made["unit"]) == ("NUMERIC", "CM")
    emptied = await run(api, UPDATE, {"id": made["id"], "input": {"unit": None}}, chief)
    assert (emptied["attribute"]["unit"], emptied["errors"]) == (None, [])
    reference = {"name": "Fits", "type": "PRODUCT_TYPE", "inputType": "REFERENCE", "entityType": "PRODUCT"}
    made = (await run(api, CREATE, {"input": reference}, chief))["attribute"]
    assert (made["inputType"], made["entityType"]) == ("REFERENCE", "PRODUCT")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": " "}, ("name", "REQUIRED")),
        ({"name": "x" * 251}, ("name", "INVALID")),
        ({"slug": "taken"}, ("slug", "UNIQUE")),
        ({"externalReference": "TAKEN"}, ("externalReference", "UNIQUE")),
        ({"slug": "No slug"}, ("slug", "INVALID")),
        ({"inputType": "REFERENCE"}, ("entityType", "REQUIRED")),
        ({"entityType": "PAGE"}, ("entityType", "INVALID")),
        ({"unit": "CM"}, ("unit", "INVALID")),
        ({"inputType": "PLAIN_TEXT", "values": [{"name": "x"}]}, ("values", "INVALID")),
        ({"values": [{"name": " "}]}, ("name", "REQUIRED")),
        ({"values": [{"name": "x", "value": "#FF0000"}]}, ("value", "INVALID")),
        ({"inputType": "SWATCH", "values": [{"name": "x", "value": "red"}]}, ("value", "INVALID")),
        ({"values": [{"name": "x", "externalReference": "V"}]}, ("externalReference", "UNIQUE")),
    ],
)
async def test_what_cannot_be_an_attribute(api: Api, chief: str, given: dict[str, Any], told: tuple[str, str]) -> None:
    async with api.database.unit() as session:
        taken = await make.attribute(session, slug="taken", external_reference="TAKEN")
        await make.attribute_value(session, taken, slug="v", external_reference="V")
    new = {"name": "x", "type": "PRODUCT_TYPE", **given}
    assert await refused(api, CREATE, {"input": new}, chief) == [told]
    async with api.database.unit() as session:
        assert list(await session.scalars(select(Attribute.slug))) == ["taken"]
        assert list(await session.scalars(select(Value.slug))) == ["v"]


async def test_choices_come_change_move_and_go(api: Api, chief: str) -> None:
    async with api.database.unit() as session:
        size = await make.attribute(session, slug="size")
        other = await make.attribute(session, slug="other")
        strange = await make.attribute_value(session, other)
        # Slugs are unique within an attribute.
        await make.attribute_value(session, other, slug="small")
    key, foreign = ids.encode("Attribute", size.id), ids.encode("AttributeValue", strange.id)
    merchant = await api.login("merchant@example.com", "MANAGE_PRODUCTS")
    for name in ("Small", "Large", "Huge"):
        # Whoever makes products may make choices for them.
        made = await run(api, CHOICE, {"id": key, "input": {"name": name, "externalReference": name[0]}}, merchant)
        assert made == {
            "attributeValue": {"name": name, "slug": name.lower(), "value": "", "inputType": "DROPDOWN"},
            "attribute": {"slug": "size"},
            "errors": [],
        }
    changed = await run(api, CHANGE, {"reference": "L", "input": {"name": "Big"}}, chief)
    assert changed["attributeValue"] == {"name": "Big", "slug": "large", "value": ""}
    async with api.database.unit() as session:
        rows = await session.execute(select(Value.slug, Value.id).where(Value.attribute_id == size.id))
        found = {row.slug: ids.encode("AttributeValue", row.id) for row in rows}
    moves = [{"id": found["huge"], "sortOrder": -2}]
    moved = await run(api, REORDER, {"id": key, "moves": moves}, chief)
    assert [each["slug"] for each in _choices(moved["attribute"])] == ["huge", "small", "large"]
    dropped = await run(api, DROP, {"reference": "S"}, chief)
    assert dropped == {"attributeValue": {"slug": "small"}, "attribute": {"slug": "size"}, "errors": []}
    for document, variables, told in (
        (REORDER, {"id": key, "moves": [{"id": foreign}]}, ("moves", "NOT_FOUND")),
        (CHANGE, {"id": found["huge"], "input": {"name": " "}}, ("name", "REQUIRED")),
        (CHANGE, {"id": found["huge"], "input": {"externalReference": "L"}}, ("externalReference", "UNIQUE")),
        (UPDATE, {"id": key, "input": {"removeValues": [foreign]}}, ("removeValues", "NOT_FOUND")),
        (UPDATE, {"id": key, "input": {"addValues": [{}]}}, ("name", "REQUIRED")),
        (UPDATE, {"id": key, "input": {"slug": "other"}}, ("slug", "UNIQUE")),
    ):
        assert await refused(api, document, variables, chief) == [told]
    async with api.database.unit() as session:
        kept = select(Value.slug).where(Value.attribute_id == size.id).order_by(Value.sort_order)
        assert list(await session.scalars(kept)) == ["huge", "large"]


async def test_what_things_say_goes_with_its_attribute(api: Api, chief: str) -> None:
    async with api.database.unit() as session:
        kind = await make.product_type(session)
        text = await make.attribute(session, kind, slug="text", input_type="PLAIN_TEXT")
        product = await make.product(session, type=kind)
        said = await make.attribute_value(session, text, product)
    value, key = ids.encode("AttributeValue", said.id), ids.encode("Attribute", text.id)
    # It is no choice.
    assert await refused(api, CHANGE, {"id": value, "input": {"name": "x"}}, chief) == [("id", "INVALID")]
    assert await refused(api, CHOICE, {"id": key, "input": {"name": "x"}}, chief) == [("attribute", "INVALID")]
    assert await refused(api, REORDER, {"id": key, "moves": []}, chief) == [("attributeId", "INVALID")]
    assert await run(api, DELETE, {"id": key}, chief) == {"attribute": {"slug": "text"}, "errors": []}
    async with api.database.unit() as session:
        for column in (Attribute.id, Value.id, OfProductType.attribute_id, ProductValue.value_id):
            assert list(await session.scalars(select(column))) == []


async def test_whose_attribute_is_not_there_and_who_may_not(api: Api, chief: str) -> None:
    async with api.database.unit() as session:
        size = await make.attribute(session, slug="size")
        value = await make.attribute_value(session, size, slug="kept", name="Kept")
        await make.attribute(session, await make.page_type(session), slug="topic")
    key, value_id = ids.encode("Attribute", size.id), ids.encode("AttributeValue", value.id)
    new = {"name": "x", "type": "PRODUCT_TYPE"}
    customer = await api.login()
    clerk = await api.login("clerk@example.com", "MANAGE_ORDERS")
    writer = await api.login("writer@example.com", "MANAGE_PAGE_TYPES_AND_ATTRIBUTES", "MANAGE_PAGES")
    for document, variables in (
        (CREATE, {"input": new}),
        (UPDATE, {"id": key, "input": {"name": "x"}}),
        (DELETE, {"id": key}),
        (CHOICE, {"id": key, "input": {"name": "x"}}),
        (CHANGE, {"id": value_id, "input": {"name": "x"}}),
        (DROP, {"id": value_id}),
        (REORDER, {"id": key, "moves": []}),
    ):
        # Who works with pages has no say in what products have.
        for token in (None, customer, clerk, writer):
            reply = await api(document, variables, token=token)
            assert [error["extensions"]["exception"]["code"] for error in reply.errors] == ["PermissionDenied"]
    gone, gone_value = nobody("Attribute"), nobody("AttributeValue")
    refusals: list[tuple[str, dict[str, Any], tuple[str, str]]] = [
        (UPDATE, {"id": gone, "input": {}}, ("id", "NOT_FOUND")),
        (UPDATE, {"reference": "none", "input": {}}, ("externalReference", "NOT_FOUND")),
        (UPDATE, {"input": {}}, ("id", "GRAPHQL_ERROR")),
        (DELETE, {"id": gone}, ("id", "NOT_FOUND")),
        (CHOICE, {"id": gone, "input": {"name": "x"}}, ("attribute", "NOT_FOUND")),
        (CHANGE, {"id": gone_value, "input": {}}, ("id", "NOT_FOUND")),
        (DROP, {"id": gone_value}, ("id", "NOT_FOUND")),
        (REORDER, {"id": gone, "moves": []}, ("attributeId", "NOT_FOUND")),
    ]
    for document, variables, told in refusals:
        assert await refused(api, document, variables, chief) == [told]
    of_pages = await run(api, CREATE, {"input": {"name": "y", "type": "PAGE_TYPE"}}, writer)
    assert of_pages["attribute"]["type"] == "PAGE_TYPE"
    async with api.database.unit() as session:
        rows = await session.execute(select(Attribute.slug, Attribute.name).order_by(Attribute.slug))
        assert [tuple(row) for row in rows] == [("size", "Size"), ("topic", "Topic"), ("y", "y")]
        assert list(await session.scalars(select(Value.name))) == ["Kept"]
