"""Notes on checkouts and their lines."""

import uuid
from typing import Any

from shop.kit import ids
from tests.api.client import Api
from tests.api.shopping import Shop, document

CREATE = """
mutation ($input: CheckoutCreateInput!) {
  checkoutCreate(input: $input) { checkout { id lines { id } } errors { code } }
}
"""
UPDATE = """
mutation ($id: ID!, $input: [MetadataInput!]!) {
  updateMetadata(id: $id, input: $input) {
    item { __typename metadata { key value } metafield(key: "b") metafields(keys: ["a", "z"]) }
    errors { field code } metadataErrors { code }
  }
}
"""
DELETE = """
mutation ($id: ID!, $keys: [String!]!) {
  deleteMetadata(id: $id, keys: $keys) { item { metadata { key value } } errors { field code } }
}
"""


async def cart(api: Api, shop: Shop, token: str | None = None) -> tuple[str, str]:
    lines = [{"variantId": shop.goods, "quantity": 1, "metadata": [{"key": "from", "value": "start"}]}]
    given = {"channel": "default-channel", "lines": lines, "metadata": [{"key": "a", "value": "1"}]}
    checkout = (await api(CREATE, {"input": given}, token=token)).data["checkoutCreate"]["checkout"]
    return checkout["id"], checkout["lines"][0]["id"]


async def test_notes_are_added_replaced_and_removed(api: Api, shop: Shop) -> None:
    checkout, line = await cart(api, shop)
    values = [{"key": "b", "value": "2"}, {"key": "a", "value": "3"}, {"key": "a", "value": "4"}]
    payload = (await api(UPDATE, {"id": checkout, "input": values})).data["updateMetadata"]
    assert payload == {
        "item": {
            "__typename": "Checkout",
            "metadata": [{"key": "a", "value": "4"}, {"key": "b", "value": "2"}],
            "metafield": "2",
            "metafields": {"a": "4"},
        },
        "errors": [],
        "metadataErrors": [],
    }
    payload = (await api(DELETE, {"id": checkout, "keys": ["a", "unknown"]})).data["deleteMetadata"]
    assert payload == {"item": {"metadata": [{"key": "b", "value": "2"}]}, "errors": []}
    payload = (await api(UPDATE, {"id": line, "input": values})).data["updateMetadata"]
    assert payload["item"]["__typename"] == "CheckoutLine"
    assert [item["key"] for item in payload["item"]["metadata"]] == ["a", "b", "from"]
    payload = (await api(DELETE, {"id": line, "keys": ["a", "b"]})).data["deleteMetadata"]
    assert payload["item"]["metadata"] == [{"key": "from", "value": "start"}]


async def test_the_storefront_s_document(api: Api, shop: Shop) -> None:
    checkout, _ = await cart(api, shop)
    reply = await api(document("UpdateMetadata"), {"id": checkout, "input": [{"key": "slot", "value": "9:00"}]})
    assert reply.data["updateMetadata"]["errors"] == []


async def test_what_is_refused(api: Api, shop: Shop) -> None:
    owner = await api.login("owner@example.com")
    checkout, line = await cart(api, shop)
    theirs, their_line = await cart(api, shop, owner)

    async def error(key: str, *entries: tuple[str, str]) -> tuple[str, str]:
        given: list[dict[str, Any]] = [{"key": name, "value": value} for name, value in entries]
        payload = (await api(UPDATE, {"id": key, "input": given})).data["updateMetadata"]
        assert payload["item"] is None
        return payload["errors"][0]["code"], payload["errors"][0]["field"]

    assert await error(checkout, ("", "x")) == ("REQUIRED", "input")
    assert await error(line, ("  ", "x")) == ("REQUIRED", "input")
    assert await error(checkout, ("k" * 257, "x")) == ("INVALID", "input")
    assert await error(checkout, *((f"k{number}", "x") for number in range(100))) == ("INVALID", "input")
    assert await error("abc", ("a", "x")) == ("GRAPHQL_ERROR", "id")
    assert await error(ids.encode("Checkout", "x"), ("a", "x")) == ("GRAPHQL_ERROR", "id")
    assert await error(ids.encode("Nothing", 1), ("a", "x")) == ("NOT_FOUND", "id")
    assert await error(ids.encode("Checkout", uuid.uuid4()), ("a", "x")) == ("NOT_FOUND", "id")
    assert await error(ids.encode("CheckoutLine", uuid.uuid4()), ("a", "x")) == ("NOT_FOUND", "id")
    assert await error(theirs, ("a", "x")) == ("NOT_FOUND", "id")
    assert await error(their_line, ("a", "x")) == ("NOT_FOUND", "id")


async def test_private_metadata_is_for_staff(api: Api, shop: Shop) -> None:
    checkout, _ = await cart(api, shop)
    query = 'query ($id: ID!) { checkout(id: $id) { privateMetafield(key: "a") } }'
    assert (await api(query, {"id": checkout})).errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"
    manager = await api.login("staff@example.com", "MANAGE_CHECKOUTS")
    assert (await api(query, {"id": checkout}, token=manager)).data == {"checkout": {"privateMetafield": None}}
