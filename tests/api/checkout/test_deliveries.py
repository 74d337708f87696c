"""Ways of delivery as older clients ask for them: fields of the checkout instead of offers."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit import ids
from shop.kit.db import Database
from shop.shipping.models import ShippingMethodListing, ShippingZone
from tests import factories as make
from tests.api.client import Api
from tests.api.shopping import Shop, document

STATE = """
query ($id: ID!) {
  checkout(id: $id) {
    shippingMethods { id name active price { amount currency } }
    availableShippingMethods { id }
    shippingMethod { id name price { amount } }
    deliveryMethod { __typename ... on ShippingMethod { id } }
    delivery { shippingMethod { id name price { amount } } }
    shippingPrice { gross { amount } }
  }
}
"""
CHOOSE = """
mutation ($id: ID!, $method: ID) {
  checkoutShippingMethodUpdate(id: $id, shippingMethodId: $method) {
    checkout { shippingMethod { id } } errors { code field } checkoutErrors { code }
  }
}
"""
ADDRESS = {
    "streetAddress1": "1 Example Street",
    "city": "Example City",
    "postalCode": "10001",
    "country": "US",
    "countryArea": "NY",
}


@pytest.fixture
async def key(api: Api, shop: Shop) -> str:
    """A checkout of something to send, without an address."""
    given = {"channel": "default-channel", "lines": [{"variantId": shop.goods, "quantity": 1}]}
    made: str = (await api(document("CheckoutCreate"), {"input": given})).data["checkoutCreate"]["checkout"]["id"]
    return made


async def send(api: Api, key: str, address: dict[str, Any]) -> None:
    reply = await api(document("CheckoutShippingAddressUpdate"), {"id": key, "address": address})
    assert reply.data["checkoutShippingAddressUpdate"]["errors"] == []


async def state(api: Api, key: str) -> Any:
    return (await api(STATE, {"id": key})).data["checkout"]


NONE: dict[str, Any] = {
    "shippingMethods": [],
    "availableShippingMethods": [],
    "shippingMethod": None,
    "deliveryMethod": None,
    "delivery": None,
    "shippingPrice": {"gross": {"amount": 0}},
}


async def test_what_fits_is_listed_and_what_was_chosen_is_shown(
    api: Api, shop: Shop, key: str, database: Database
) -> None:
    async def more(session: AsyncSession) -> int:
        zone = (await session.execute(select(ShippingZone))).scalar_one()
        channel = await make.channel(session, slug="elsewhere")
        dear = await make.shipping_method(session, zone, channel, name="Elsewhere")
        return dear.id

    elsewhere = await database.run(more)
    assert await state(api, key) == NONE
    await send(api, key, ADDRESS)
    read = await state(api, key)
    parcel = {"id": shop.parcel, "name": "Parcel", "active": True, "price": {"amount": 5, "currency": "USD"}}
    assert (read["shippingMethods"], read["availableShippingMethods"]) == ([parcel], [{"id": shop.parcel}])
    assert (read["shippingMethod"], read["deliveryMethod"]) == (None, None)
    chosen = (await api(CHOOSE, {"id": key, "method": shop.parcel})).data["checkoutShippingMethodUpdate"]
    assert chosen == {"checkout": {"shippingMethod": {"id": shop.parcel}}, "errors": [], "checkoutErrors": []}
    # What was chosen stands as it was offered; what is listed, as it would be offered now.
    await database.run(lambda session: session.execute(update(ShippingMethodListing).values(price_amount=Decimal(7))))
    read = await state(api, key)
    assert read["shippingMethods"][0]["price"]["amount"] == 7
    assert read["shippingMethod"] == {"id": shop.parcel, "name": "Parcel", "price": {"amount": 5}}
    assert read["deliveryMethod"] == {"__typename": "ShippingMethod", "id": shop.parcel}
    assert read["delivery"]["shippingMethod"] == read["shippingMethod"]
    for method, code, field in (
        (ids.encode("ShippingMethod", elsewhere), "DELIVERY_METHOD_NOT_APPLICABLE", "deliveryMethod"),
        ("abc", "GRAPHQL_ERROR", "shippingMethodId"),
    ):
        payload = (await api(CHOOSE, {"id": key, "method": method})).data["checkoutShippingMethodUpdate"]
        assert payload == {
            "checkout": None,
            "errors": [{"code": code, "field": field}],
            "checkoutErrors": [{"code": code}],
        }
    await api(CHOOSE, {"id": key, "method": None})
    assert (await state(api, key))["shippingMethod"] is None
    await database.run(
        lambda session: session.execute(update(ShippingMethodListing).values(minimum_order_amount=Decimal(1000)))
    )
    assert (await state(api, key))["shippingMethods"] == []


async def test_a_country_that_nothing_is_sent_to(api: Api, key: str) -> None:
    await send(api, key, ADDRESS | {"country": "FR"})
    assert await state(api, key) == NONE
