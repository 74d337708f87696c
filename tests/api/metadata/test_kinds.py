"""Metadata of every kind of object: written by who may, read back, and by nobody else."""

import uuid
from functools import partial
from typing import Any

import pytest
from graphql import GraphQLInterfaceType
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.models import Address, User
from shop.api.core.schema import make_schema
from shop.api.metadata.kinds import KINDS
from shop.checkout.models import CheckoutLine
from shop.kit import ids
from shop.orders.models import Fulfillment, Invoice, Order
from tests import factories as make
from tests.api.client import Api
from tests.database import OneConnectionDatabase
from tests.factories import discounts, giftcards, orders
from tests.factories.payments import transaction

WRITE = """
mutation ($id: ID!, $input: [MetadataInput!]!, $keys: [String!]!) {
  updateMetadata(id: $id, input: $input) { item { __typename metadata { key value } } errors { field code } }
  updatePrivateMetadata(id: $id, input: $input) { item { privateMetadata { key value } } errors { field code } }
  deleteMetadata(id: $id, keys: $keys) { item { metadata { key } } errors { field code } metadataErrors { code } }
  deletePrivateMetadata(id: $id, keys: $keys) { item { privateMetafields } errors { field code } }
}
"""
PUBLIC = """
mutation ($id: ID!, $input: [MetadataInput!]!) {
  updateMetadata(id: $id, input: $input) { item { metafield(key: "a") } errors { field code } }
}
"""
PRIVATE = PUBLIC.replace("updateMetadata", "updatePrivateMetadata").replace("metafield", "privateMetafield")
TWO = [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]
# Guests write the public part of these: other tests.
BY_ANYBODY = {"Checkout", "CheckoutLine"}


async def one_of_each(session: AsyncSession) -> dict[str, Any]:
    """The key of an object of each kind."""
    placed = await orders.unpaid_order(session)
    order = await session.get_one(Order, placed.key)
    parcel = Fulfillment(order_id=placed.key, number=1)
    bill = Invoice(order_id=placed.key, number="A-1")
    session.add_all([parcel, bill])
    await session.flush()
    channel = placed.shop.channel
    product = await make.product(session, channel, category=await make.category(session))
    variant = await make.variant(session, channel, product=product)
    cart = await make.checkout(session, channel, {variant: 1})
    user = await make.user(session)
    menu = await make.menu(session)
    page = await make.page(session)
    return {
        "Address": (await make.address(session, user_id=user.id)).id,
        "Attribute": (await make.attribute(session, await make.product_type(session))).id,
        "Category": product.category_id,
        "Channel": channel.id,
        "Checkout": cart.id,
        "CheckoutLine": await session.scalar(select(CheckoutLine.id).where(CheckoutLine.checkout_id == cart.id)),
        "Collection": (await make.collection(session, channel)).id,
        "Fulfillment": parcel.id,
        "GiftCard": (await giftcards.gift_card(session)).id,
        "Invoice": bill.id,
        "Menu": menu.id,
        "MenuItem": (await make.menu_item(session, menu)).id,
        "Order": order.id,
        "OrderLine": placed.line_keys[0],
        "Page": page.id,
        "PageType": page.page_type_id,
        "Product": product.id,
        "ProductMedia": (await make.picture(session, product)).id,
        "ProductType": product.product_type_id,
        "ProductVariant": variant.id,
        "Promotion": await discounts.promotion(session, channel),
        "ShippingMethod": placed.shop.parcel.id,
        "Shop": 1,
        "TaxClass": (await make.tax_class(session)).id,
        "TransactionItem": (await transaction(session, cart.id)).id,
        "User": user.id,
        "Voucher": await discounts.voucher(session, channel),
        "Warehouse": (await make.warehouse(session, channel)).id,
    }


def test_every_type_with_metadata_is_a_kind() -> None:
    schema = make_schema()._schema
    interface = schema.type_map["ObjectWithMetadata"]
    assert isinstance(interface, GraphQLInterfaceType)
    assert {one.name for one in schema.get_possible_types(interface)} == set(KINDS)


async def test_staff_with_the_permission_write_both_parts(api: Api, database: OneConnectionDatabase) -> None:
    keys = await database.run(one_of_each)
    assert set(keys) == set(KINDS)
    permissions = {one for kind in KINDS for one in _type(kind).metadata_permissions}
    staff = await api.login("staff@example.com", *permissions)
    for kind, key in keys.items():
        reply = await api(WRITE, {"id": ids.encode(kind, key), "input": TWO, "keys": ["a", "none"]}, token=staff)
        assert reply.data == {
            "updateMetadata": {"item": {"__typename": kind, "metadata": TWO}, "errors": []},
            "updatePrivateMetadata": {"item": {"privateMetadata": TWO}, "errors": []},
            "deleteMetadata": {"item": {"metadata": [{"key": "b"}]}, "errors": [], "metadataErrors": []},
            "deletePrivateMetadata": {"item": {"privateMetafields": {"b": "2"}}, "errors": []},
        }, kind


def _type(kind: str) -> Any:
    definition = make_schema().get_type_by_name(kind)
    assert definition is not None
    return definition.origin  # type: ignore[union-attr]


@pytest.mark.parametrize("caller", ["anonymous", "customer", "staff"])
async def test_nobody_else_does(api: Api, database: OneConnectionDatabase, caller: str) -> None:
    keys = await database.run(one_of_each)
    token = None if caller == "anonymous" else await api.login("x@example.com", is_staff=caller == "staff")
    for kind, key in keys.items():
        for query in (PRIVATE,) if kind in BY_ANYBODY else (PUBLIC, PRIVATE):
            for there in (key, uuid.uuid4() if isinstance(key, uuid.UUID) else 2_000_000_000):
                reply = await api(query, {"id": ids.encode(kind, there), "input": TWO}, token=token)
                # Whether there is such a thing is not told.
                assert [error["extensions"]["exception"]["code"] for error in reply.errors] == ["PermissionDenied"], (
                    kind
                )
    stored = [row for kind, key in keys.items() for row in await database.run(partial(_held, kind=kind, key=key))]
    assert stored == [{}] * (2 * len(keys))


async def _held(session: AsyncSession, kind: str, key: Any) -> list[dict[str, str]]:
    row: Any = KINDS[kind].row
    (found,) = await session.execute(select(row.metadata_public, row.metadata_private).where(row.id == key))
    return list(found)


async def test_what_is_refused(api: Api, database: OneConnectionDatabase) -> None:
    keys = await database.run(one_of_each)
    staff = await api.login("staff@example.com", "MANAGE_PRODUCTS", "MANAGE_ORDERS")

    async def error(query: str, id: str, *entries: tuple[str, str]) -> tuple[str, str]:
        given = [{"key": key, "value": value} for key, value in entries or (("a", "1"),)]
        (payload,) = (await api(query, {"id": id, "input": given}, token=staff)).data.values()
        assert payload["item"] is None
        return payload["errors"][0]["code"], payload["errors"][0]["field"]

    product = ids.encode("Product", keys["Product"])
    for query in (PUBLIC, PRIVATE):
        assert await error(query, ids.encode("Product", 2_000_000_000)) == ("NOT_FOUND", "id")
        assert await error(query, ids.encode("Order", uuid.uuid4())) == ("NOT_FOUND", "id")
        assert await error(query, ids.encode("Order", 1)) == ("GRAPHQL_ERROR", "id")
        assert await error(query, ids.encode("Nothing", 1)) == ("NOT_FOUND", "id")
        assert await error(query, "abc") == ("GRAPHQL_ERROR", "id")
        assert await error(query, product, (" ", "1")) == ("REQUIRED", "input")
        assert await error(query, product, *((f"k{number}", "1") for number in range(101))) == ("INVALID", "input")


async def test_users_write_their_own(api: Api, database: OneConnectionDatabase) -> None:
    token = await api.login("owner@example.com")

    async def own(session: AsyncSession) -> tuple[int, int, int]:
        user = (await session.scalars(select(User).where(User.email == "owner@example.com"))).one()
        copy = Address(country="US")
        session.add(copy)
        await session.flush()
        return user.id, (await make.address(session, user_id=user.id)).id, copy.id

    user_id, address_id, copy_id = await database.run(own)
    for id in (ids.encode("User", user_id), ids.encode("Address", address_id)):
        reply = await api(PUBLIC, {"id": id, "input": TWO}, token=token)
        assert reply.data["updateMetadata"] == {"item": {"metafield": "1"}, "errors": []}
        assert (await api(PRIVATE, {"id": id, "input": TWO}, token=token)).errors
    # An address that an order or a checkout copied belongs to nobody, and stays as it was.
    manager = await api.login("manager@example.com", "MANAGE_USERS")
    copied = (await api(PUBLIC, {"id": ids.encode("Address", copy_id), "input": TWO}, token=manager)).data
    assert copied["updateMetadata"] == {"item": None, "errors": [{"field": "id", "code": "NOT_FOUND"}]}


async def test_staff_are_managed_by_who_manages_staff(api: Api, database: OneConnectionDatabase) -> None:
    made = await database.run(lambda session: make.user(session, is_staff=True))
    given = {"id": ids.encode("User", made.id), "input": TWO}
    for_customers = await api.login("customers@example.com", "MANAGE_USERS")
    assert (await api(PUBLIC, given, token=for_customers)).errors
    for_staff = await api.login("boss@example.com", "MANAGE_STAFF")
    assert (await api(PUBLIC, given, token=for_staff)).data["updateMetadata"]["errors"] == []
