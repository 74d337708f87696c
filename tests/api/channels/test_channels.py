"""What the public and staff are told of channels."""

from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.db import Database
from shop.kit.ids import encode
from tests import factories as make
from tests.api.client import Api

QUERY = """query ($id: ID, $slug: String) { channel(id: $id, slug: $slug) {
  slug name currencyCode countries { code country }
} }"""


async def channels(database: Database) -> int:
    async def rows(session: AsyncSession) -> int:
        europe = await make.channel(session, slug="europe", currency="EUR", country="DE")
        us = await make.channel(session, slug="default-channel", is_active=False)
        await make.shipping_zone(session, europe, us, countries=("DE", "AT"))
        await make.shipping_zone(session, europe, countries=("FR", "DE"))
        return europe.id

    return await database.run(rows)


async def test_a_channel_is_public_with_its_currency_and_countries(api: Api, database: Database) -> None:
    pk = await channels(database)
    expected = {
        "slug": "europe",
        "name": "Europe",
        "currencyCode": "EUR",
        "countries": [
            {"code": "AT", "country": "Austria"},
            {"code": "DE", "country": "Germany"},
            {"code": "FR", "country": "France"},
        ],
    }
    for variables in ({"slug": "europe"}, {"id": encode("Channel", pk)}):
        assert (await api(QUERY, variables)).data["channel"] == expected
    for variables in ({"slug": "none"}, {"id": encode("Channel", 10**6)}, {"id": encode("Product", pk)}):
        assert (await api(QUERY, variables)).data["channel"] is None
    for variables in ({}, {"slug": "europe", "id": encode("Channel", pk)}):
        assert (await api(QUERY, variables)).errors[0]["message"] == (
            "Exactly one of the arguments `id` and `slug` is required."
        )


async def test_the_rest_is_for_staff(api: Api, database: Database) -> None:
    await channels(database)
    inside = """{ channel(slug: "europe") {
      isActive defaultCountry { code } paymentSettings { defaultTransactionFlowStrategy }
    } }"""
    listed = "{ channels { slug isActive countries { code } } }"
    customer = await api.login("customer@example.com")
    for token in (None, customer):
        for query in (inside, listed):
            reply = await api(query, token=token)
            assert reply.partial in ({"channel": None}, {"channels": None})
            assert {error["extensions"]["exception"]["code"] for error in reply.errors} == {"PermissionDenied"}

    token = await api.login("staff@example.com", is_staff=True)
    assert (await api(inside, token=token)).data["channel"] == {
        "isActive": True,
        "defaultCountry": {"code": "DE"},
        "paymentSettings": {"defaultTransactionFlowStrategy": "CHARGE"},
    }
    assert (await api(listed, token=token)).data["channels"] == [
        {"slug": "default-channel", "isActive": False, "countries": [{"code": "AT"}, {"code": "DE"}]},
        {"slug": "europe", "isActive": True, "countries": [{"code": "AT"}, {"code": "DE"}, {"code": "FR"}]},
    ]
