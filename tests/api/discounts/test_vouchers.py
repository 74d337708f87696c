"""Vouchers as staff read them."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shop.discounts.actions import NewListing, NewVoucher, create_voucher
from shop.kit import clock, ids
from shop.kit.db import Database
from shop.kit.errors import Invalid
from tests import factories as make
from tests.api.client import Api

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
VOUCHER = """
query ($id: ID!, $channel: String) {
  voucher(id: $id, channel: $channel) {
    name code type discountValueType discountValue currency minSpent { amount } usageLimit used endDate
    applyOncePerOrder applyOncePerCustomer singleUse onlyForStaff minCheckoutItemsQuantity countries { code }
    codes(first: 2) { totalCount pageInfo { hasNextPage } edges { node { code used isActive } } }
    channelListings { channel { slug } discountValue currency minSpent { amount } }
    metadata { key }
  }
}
"""
LIST = """
query ($channel: String, $first: Int = 20) {
  vouchers(channel: $channel, first: $first) {
    totalCount
    edges {
      node { id name code codes(first: 5) { edges { node { id code } } } channelListings { id channel { slug } } }
    }
  }
}
"""


async def two_channels(session: AsyncSession) -> str:
    dollars = await make.channel(session, slug="dollars")
    euros = await make.channel(session, slug="euros", currency="EUR", country="DE")
    key = await create_voucher(
        session,
        NewVoucher(
            codes=["FIRST", "SECOND", "THIRD"],
            listings=[
                NewListing(dollars.id, "USD", Decimal("5.50"), Decimal(20)),
                NewListing(euros.id, "EUR", Decimal(5)),
            ],
            name="Five off",
            value_type="FIXED",
            usage_limit=100,
            countries=["US", "DE"],
        ),
        now=clock.now(),
    )
    return ids.encode("Voucher", key)


async def test_a_voucher_with_its_codes_and_its_worth(api: Api, database: Database) -> None:
    key = await database.run(two_channels)
    token = await api.login("marketing@example.com", "MANAGE_DISCOUNTS")
    reply = await api(VOUCHER, {"id": key, "channel": "dollars"}, token=token)
    assert reply.data["voucher"] == {
        "name": "Five off",
        "code": "FIRST",
        "type": "ENTIRE_ORDER",
        "discountValueType": "FIXED",
        "discountValue": 5.5,
        "currency": "USD",
        "minSpent": {"amount": 20.0},
        "usageLimit": 100,
        "used": 0,
        "endDate": None,
        "applyOncePerOrder": False,
        "applyOncePerCustomer": False,
        "singleUse": False,
        "onlyForStaff": False,
        "minCheckoutItemsQuantity": None,
        "countries": [{"code": "DE"}, {"code": "US"}],
        "codes": {
            "totalCount": 3,
            "pageInfo": {"hasNextPage": True},
            "edges": [
                {"node": {"code": "THIRD", "used": 0, "isActive": True}},
                {"node": {"code": "SECOND", "used": 0, "isActive": True}},
            ],
        },
        "channelListings": [
            {"channel": {"slug": "dollars"}, "discountValue": 5.5, "currency": "USD", "minSpent": {"amount": 20.0}},
            {"channel": {"slug": "euros"}, "discountValue": 5.0, "currency": "EUR", "minSpent": None},
        ],
        "metadata": [],
    }
    without = (await api(VOUCHER, {"id": key}, token=token)).data["voucher"]
    assert (without["discountValue"], without["currency"], without["minSpent"]) == (None, None, None)
    assert (await api(VOUCHER, {"id": ids.encode("Voucher", 0)}, token=token)).data["voucher"] is None


async def test_lists_cost_the_same_for_one_and_for_twenty(api: Api, database: Database) -> None:
    async def more(session: AsyncSession, number: int) -> None:
        channel = await make.channel(session, slug=f"channel-of-{number}")
        for each in range(number):
            await make.voucher(session, channel, codes=[f"CODE-{number}-{each}"], name=f"Voucher {each}")

    token = await api.login("marketing@example.com", "MANAGE_DISCOUNTS")
    counts = {}
    for number in (1, 20):
        await database.run(partial(more, number=number))
        reply = await api(LIST, {"channel": f"channel-of-{number}"}, token=token)
        assert reply.data["vouchers"]["totalCount"] == len(reply.data["vouchers"]["edges"]) == number
        counts[number] = reply.statements
    assert counts[1] == counts[20], counts
    everything = (await api(LIST, {"first": 3}, token=token)).data["vouchers"]
    assert everything["totalCount"] == 21
    assert [edge["node"]["name"] for edge in everything["edges"]] == ["Voucher 0", "Voucher 0", "Voucher 1"]
    assert (await api(LIST, {"channel": "nowhere"}, token=token)).data["vouchers"]["totalCount"] == 0


async def test_vouchers_are_for_staff_with_the_permission(api: Api, database: Database) -> None:
    key = await database.run(two_channels)
    for token in (None, await api.login(), await api.login("staff@example.com", "MANAGE_ORDERS")):
        for query, given in ((VOUCHER, {"id": key}), (LIST, {})):
            reply = await api(query, given, token=token)
            assert reply.errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"
            assert set(reply.partial.values()) == {None}


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"codes": []}, "addCodes", "REQUIRED"),
        ({"codes": ["A", " "]}, "addCodes", "REQUIRED"),
        ({"codes": ["A", " a "]}, "addCodes", "DUPLICATED_INPUT_ITEM"),
        ({"codes": ["taken"]}, "addCodes", "UNIQUE"),
        ({"value": "0"}, "discountValue", "INVALID"),
        ({"value": "100.01"}, "discountValue", "INVALID"),
        ({"value": "1.005", "value_type": "FIXED"}, "discountValue", "INVALID"),
        ({"minimum": "-1"}, "minAmountSpent", "INVALID"),
        ({"starts_at": NOON, "ends_at": NOON}, "endDate", "INVALID"),
        ({"usage_limit": 0}, "usageLimit", "INVALID"),
        ({"minimum_quantity": 0}, "minCheckoutItemsQuantity", "INVALID"),
        ({"countries": ["XX"]}, "countries", "INVALID"),
        ({"type": "SPECIFIC_PRODUCT"}, "products", "REQUIRED"),
        ({"targets": make.targets(product_ids=[1])}, "type", "INVALID"),
    ],
)
async def test_a_voucher_that_makes_no_sense_is_refused(
    database: Database, more: dict[str, Any], field: str, code: str
) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        await make.voucher(session, channel, code="TAKEN")
        with pytest.raises(Invalid) as refused:
            await make.voucher(session, channel, **({"code": "NEW"} | more))
        assert (refused.value.field, refused.value.code) == (field, code)

    await database.run(work)
