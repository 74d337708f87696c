"""Channels over GraphQL: opened with what supplies them, changed, and turned on and off."""

import uuid
from typing import Any

import pytest
from sqlalchemy import select

from shop.channels.models import Channel
from shop.kit import ids
from shop.shipping.models import ShippingZoneChannel
from shop.stock.models import WarehouseChannel
from shop.tax.models import TaxConfiguration
from tests import factories as make
from tests.api.catalogue.writing import nobody, refused, run
from tests.api.client import Api

SHOWN = """
  id name slug isActive currencyCode defaultCountry { code } paymentSettings { defaultTransactionFlowStrategy }
  metadata { key value } privateMetadata { key value } countries { code }
"""
CREATE = f"""
mutation Create($input: ChannelCreateInput!) {{
  channelCreate(input: $input) {{
    channel {{ {SHOWN} }} errors {{ field code shippingZones warehouses }} channelErrors {{ code }}
  }}
}}
"""
UPDATE = f"""
mutation Update($id: ID!, $input: ChannelUpdateInput!) {{
  channelUpdate(id: $id, input: $input) {{
    channel {{ {SHOWN} }} errors {{ field code shippingZones warehouses }}
  }}
}}
"""
TURN_ON = "mutation Turn($id: ID!) { channelActivate(id: $id) { channel { isActive } errors { field code } } }"
TURN_OFF = TURN_ON.replace("channelActivate", "channelDeactivate")
NEW: dict[str, Any] = {"name": "Shop", "slug": "shop", "currencyCode": "EUR", "defaultCountry": "DE"}
GONE_WAREHOUSE = ids.encode("Warehouse", uuid.UUID(int=0))


@pytest.fixture
async def chief(api: Api) -> str:
    return await api.login("chief@example.com", "MANAGE_CHANNELS")


async def test_a_channel_is_opened_with_little(api: Api, chief: str) -> None:
    made = await run(api, CREATE, {"input": NEW}, chief)
    assert made["errors"] == made["channelErrors"] == []
    assert made["channel"].pop("id")
    assert made["channel"] == {
        "name": "Shop",
        "slug": "shop",
        "isActive": False,
        "currencyCode": "EUR",
        "defaultCountry": {"code": "DE"},
        "paymentSettings": {"defaultTransactionFlowStrategy": "CHARGE"},
        "metadata": [],
        "privateMetadata": [],
        "countries": [],
    }
    async with api.database.unit() as session:
        row = (await session.scalars(select(TaxConfiguration))).one()
        assert (row.charge_taxes, row.prices_entered_with_tax, row.display_gross_prices) == (True, True, True)
        channel = (await session.scalars(select(Channel))).one()
        assert (channel.allow_unpaid_orders, channel.automatically_confirm_new_orders) == (False, True)


async def test_a_channel_is_opened_and_changed(api: Api, chief: str) -> None:
    async with api.database.unit() as session:
        germany = await make.shipping_zone(session, countries=("DE",))
        france = await make.shipping_zone(session, countries=("FR",))
        one, two = [await make.warehouse(session, countries=()) for _ in range(2)]
    zones = [ids.encode("ShippingZone", each.id) for each in (germany, france)]
    warehouses = [ids.encode("Warehouse", each.id) for each in (one, two)]
    given = {
        **NEW,
        "isActive": True,
        "addShippingZones": zones[:1],
        "addWarehouses": warehouses[:1],
        "orderSettings": {"automaticallyConfirmAllNewOrders": False, "allowUnpaidOrders": True},
        "paymentSettings": {"defaultTransactionFlowStrategy": "AUTHORIZATION"},
        "metadata": [{"key": "a", "value": "1"}],
        "privateMetadata": [{"key": "b", "value": "2"}],
    }
    channel = (await run(api, CREATE, {"input": given}, chief))["channel"]
    assert (channel["isActive"], channel["countries"]) == (True, [{"code": "DE"}])
    assert channel["paymentSettings"] == {"defaultTransactionFlowStrategy": "AUTHORIZATION"}
    changes = {
        "name": "Store",
        "slug": "store",
        "defaultCountry": "FR",
        "addShippingZones": zones[1:],
        "removeShippingZones": zones[:1],
        "addWarehouses": [warehouses[1], warehouses[0]],
        "orderSettings": {"allowUnpaidOrders": False},
        "metadata": [{"key": "c", "value": "3"}],
    }
    changed = await run(api, UPDATE, {"id": channel["id"], "input": changes}, chief)
    assert changed["errors"] == []
    assert changed["channel"] == channel | {
        "name": "Store",
        "slug": "store",
        "defaultCountry": {"code": "FR"},
        "countries": [{"code": "FR"}],
        "metadata": [{"key": "a", "value": "1"}, {"key": "c", "value": "3"}],
    }
    async with api.database.unit() as session:
        row = (await session.scalars(select(Channel))).one()
        assert (row.allow_unpaid_orders, row.automatically_confirm_new_orders) == (False, False)
        supplied = select(WarehouseChannel.warehouse_id).order_by(WarehouseChannel.sort_order)
        assert list(await session.scalars(supplied)) == [one.id, two.id]
        assert list(await session.scalars(select(ShippingZoneChannel.zone_id))) == [france.id]
    await run(api, UPDATE, {"id": channel["id"], "input": {"removeWarehouses": warehouses[:1]}}, chief)
    async with api.database.unit() as session:
        assert list(await session.scalars(supplied)) == [two.id]


async def test_a_channel_is_turned_off_and_on(api: Api, chief: str) -> None:
    async with api.database.unit() as session:
        channel = await make.channel(session, slug="shop")
        await make.variant(session, channel)
    key = ids.encode("Channel", channel.id)
    read = '{ products(first: 1, channel: "shop") { totalCount } }'
    assert (await api(read)).data == {"products": {"totalCount": 1}}
    assert await run(api, TURN_OFF, {"id": key}, chief) == {"channel": {"isActive": False}, "errors": []}
    assert (await api(read)).data == {"products": {"totalCount": 0}}
    assert await refused(api, TURN_OFF, {"id": key}, chief) == [("id", "INVALID")]
    assert await run(api, TURN_ON, {"id": key}, chief) == {"channel": {"isActive": True}, "errors": []}
    assert (await api(read)).data == {"products": {"totalCount": 1}}
    assert await refused(api, TURN_ON, {"id": key}, chief) == [("id", "INVALID")]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": " "}, ("name", "REQUIRED")),
        ({"name": "x" * 251}, ("name", "INVALID")),
        ({"slug": ""}, ("slug", "REQUIRED")),
        ({"slug": "No slug"}, ("slug", "INVALID")),
        ({"slug": "taken"}, ("slug", "UNIQUE")),
        ({"addShippingZones": [nobody("ShippingZone")]}, ("addShippingZones", "NOT_FOUND")),
        ({"addWarehouses": [GONE_WAREHOUSE]}, ("addWarehouses", "NOT_FOUND")),
        ({"addWarehouses": ["abc"]}, ("addWarehouses", "GRAPHQL_ERROR")),
        ({"metadata": [{"key": "", "value": "x"}]}, ("metadata", "REQUIRED")),
    ],
)
async def test_what_cannot_be_a_channel(api: Api, chief: str, given: dict[str, Any], told: tuple[str, str]) -> None:
    async with api.database.unit() as session:
        await make.channel(session, slug="taken")
        key = ids.encode("Channel", (await make.channel(session, slug="other")).id)
    assert await refused(api, CREATE, {"input": {**NEW, **given}}, chief) == [told]
    assert await refused(api, UPDATE, {"id": key, "input": given}, chief) == [told]
    async with api.database.unit() as session:
        rows = await session.execute(select(Channel.slug, Channel.name).order_by(Channel.slug))
        assert [tuple(row) for row in rows] == [("other", "Other"), ("taken", "Taken")]


async def test_a_link_is_added_or_removed_and_a_currency_is_one(api: Api, chief: str) -> None:
    async with api.database.unit() as session:
        channel = await make.channel(session)
        zone = ids.encode("ShippingZone", (await make.shipping_zone(session, channel)).id)
    both = {"addShippingZones": [zone], "removeShippingZones": [zone]}
    answer = await run(api, UPDATE, {"id": ids.encode("Channel", channel.id), "input": both}, chief)
    assert answer["errors"] == [
        {"field": "removeShippingZones", "code": "DUPLICATED_INPUT_ITEM", "shippingZones": [zone], "warehouses": None}
    ]
    assert await refused(api, CREATE, {"input": {**NEW, "currencyCode": "euro"}}, chief) == [
        ("currencyCode", "INVALID")
    ]
    async with api.database.unit() as session:
        assert list(await session.scalars(select(Channel.id))) == [channel.id]


async def test_whose_channel_is_not_there_and_who_may_not(api: Api, chief: str) -> None:
    async with api.database.unit() as session:
        key = ids.encode("Channel", (await make.channel(session, slug="kept")).id)
    customer = await api.login()
    clerk = await api.login("clerk@example.com", "MANAGE_PRODUCTS")
    for document, variables in ((CREATE, {"input": NEW}), (UPDATE, {"input": {}}), (TURN_ON, {}), (TURN_OFF, {})):
        for token in (None, customer, clerk):
            reply = await api(document, {"id": key, **variables}, token=token)
            assert [error["extensions"]["exception"]["code"] for error in reply.errors] == ["PermissionDenied"]
        if document is not CREATE:
            gone = {"id": nobody("Channel"), **variables}
            assert await refused(api, document, gone, chief) == [("id", "NOT_FOUND")]
    async with api.database.unit() as session:
        rows = await session.execute(select(Channel.slug, Channel.is_active))
        assert [tuple(row) for row in rows] == [("kept", True)]
