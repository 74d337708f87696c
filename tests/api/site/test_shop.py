"""The shop as a whole."""

from sqlalchemy import text

from tests import factories as make
from tests.api.client import Api

SHOP = """
{
  shop {
    id name description headerText version schemaVersion limitQuantityPerCheckout defaultWeightUnit channelCurrencies
    trackInventoryByDefault domain { host sslEnabled url } metadata { key } countries { code country }
  }
}
"""


async def test_the_shop_says_what_it_is(api: Api) -> None:
    async with api.database.unit() as session:
        await session.execute(
            text(
                "UPDATE site_settings SET name = 'Example Clinic', description = 'A clinic', header_text = 'Hello',"
                " limit_quantity_per_checkout = 7"
            )
        )
        await make.channel(session, slug="one", currency="USD")
        await make.channel(session, slug="two", currency="EUR")
        await make.channel(session, slug="closed", currency="JPY", is_active=False)
    shop = (await api(SHOP)).data["shop"]
    assert len(shop.pop("countries")) > 240
    assert isinstance(shop.pop("version"), str)
    assert shop == {
        "id": "U2hvcDox",
        "name": "Example Clinic",
        "description": "A clinic",
        "headerText": "Hello",
        "schemaVersion": "3.23",
        "limitQuantityPerCheckout": 7,
        "defaultWeightUnit": "KG",
        "trackInventoryByDefault": True,
        "channelCurrencies": ["EUR", "USD"],
        "domain": {"host": "shop.test", "sslEnabled": False, "url": "http://shop.test/"},
        "metadata": [],
    }


async def test_private_metadata_needs_its_permission(api: Api) -> None:
    reply = await api("{ shop { privateMetadata { key } } }")
    assert reply.errors[0]["message"].endswith("MANAGE_SETTINGS")
    token = await api.login("owner@example.com", "MANAGE_SETTINGS")
    assert (await api("{ shop { privateMetadata { key } } }", token=token)).data["shop"]["privateMetadata"] == []


async def test_how_long_stock_is_kept_is_for_those_who_set_it(api: Api) -> None:
    query = "{ shop { reserveStockDurationAnonymousUser reserveStockDurationAuthenticatedUser } }"
    async with api.database.unit() as session:
        await session.execute(text("UPDATE site_settings SET reserve_minutes_user = 30"))
    manager = await api.login("manager@example.com", "MANAGE_SETTINGS")
    assert (await api(query, token=manager)).data["shop"] == {
        "reserveStockDurationAnonymousUser": None,
        "reserveStockDurationAuthenticatedUser": 30,
    }
    for token in (None, await api.login(), await api.login("staff@example.com", "MANAGE_ORDERS")):
        reply = await api(query, token=token)
        assert {error["extensions"]["exception"]["code"] for error in reply.errors} == {"PermissionDenied"}
        assert set(reply.partial["shop"].values()) == {None}
