"""A cart from its first line to the door of the payment, with the storefront's own documents."""

from typing import Any

import pytest

from tests.api.client import Api
from tests.api.shopping import Shop, document

ADDRESS = {
    "firstName": "Example",
    "lastName": "Customer",
    "streetAddress1": " 1 Example Street ",
    "city": "Example City",
    "postalCode": "10001",
    "countryArea": "NY",
    "country": "US",
    "phone": "+1 212 555 0100",
}


def amounts(price: dict[str, Any]) -> tuple[float, float, float]:
    return price["net"]["amount"], price["tax"]["amount"], price["gross"]["amount"]


async def send(api: Api, operation: str, **variables: Any) -> Any:
    """The payload's object, which has no errors."""
    data = (await api(document(operation), variables)).data
    (payload,) = data.values()
    if isinstance(payload, dict) and "errors" in payload:
        assert payload["errors"] == []
        return payload.get("checkout") or payload
    return payload


@pytest.mark.parametrize(
    ("channel", "country", "subtotal", "shipping", "total"),
    [
        ("default-channel", "US", (207.41, 16.59, 224.0), (4.63, 0.37, 5.0), (212.04, 16.96, 229.0)),
        ("europe", "DE", (224.0, 42.56, 266.56), (5.0, 0.95, 5.95), (229.0, 43.51, 272.51)),
    ],
)
async def test_goods_and_a_service_with_delivery(
    api: Api,
    shop: Shop,
    channel: str,
    country: str,
    subtotal: tuple[float, float, float],
    shipping: tuple[float, float, float],
    total: tuple[float, float, float],
) -> None:
    lines = [{"variantId": shop.goods, "quantity": 1}, {"variantId": shop.service, "quantity": 1}]
    checkout = await send(api, "CheckoutCreate", input={"channel": channel, "lines": lines, "languageCode": "EN"})
    key = checkout["id"]
    assert checkout["channel"] == {"slug": channel}
    assert checkout["displayGrossPrices"] is (channel == "default-channel")
    assert [line["variant"]["id"] for line in checkout["lines"]] == [shop.goods, shop.service]
    assert checkout["isShippingRequired"] is True
    assert (checkout["authorizeStatus"], checkout["chargeStatus"]) == ("NONE", "NONE")

    checkout = await send(api, "CheckoutLinesAdd", id=key, lines=[{"variantId": shop.goods, "quantity": 2}])
    assert [line["quantity"] for line in checkout["lines"]] == [3, 1]
    line = checkout["lines"][0]["id"]
    checkout = await send(api, "CheckoutLinesUpdate", id=key, lines=[{"lineId": line, "quantity": 2}])
    assert [line["quantity"] for line in checkout["lines"]] == [2, 1]

    checkout = await send(api, "CheckoutEmailUpdate", id=key, email=" buyer@example.com ")
    assert checkout["email"] == "buyer@example.com"
    address = ADDRESS | {"country": country}
    checkout = await send(api, "CheckoutShippingAddressUpdate", id=key, address=address)
    assert checkout["shippingAddress"]["streetAddress1"] == "1 Example Street"
    assert checkout["shippingAddress"]["country"]["code"] == country
    assert checkout["delivery"] is None
    checkout = await send(api, "CheckoutBillingAddressUpdate", id=key, address=address)
    assert checkout["billingAddress"] == checkout["shippingAddress"]

    options = (await send(api, "DeliveryOptionsCalculate", id=key))["deliveries"]
    assert [option["shippingMethod"]["name"] for option in options] == ["Parcel"]
    assert options[0]["shippingMethod"]["id"] == shop.parcel
    checkout = await send(api, "CheckoutDeliveryMethodUpdate", id=key, deliveryMethodId=options[0]["id"])
    assert checkout["delivery"] == options[0]
    assert checkout["problems"] == []
    assert amounts(checkout["subtotalPrice"]) == subtotal
    assert amounts(checkout["shippingPrice"]) == shipping
    assert amounts(checkout["totalPrice"]) == total
    assert await send(api, "CheckoutDetails", id=key) == checkout

    checkout = await send(api, "CheckoutLineDelete", id=key, lineId=line)
    assert checkout["isShippingRequired"] is False
    assert checkout["delivery"] is None
    assert checkout["shippingPrice"]["gross"]["amount"] == 0
    checkout = await send(api, "CheckoutLinesDelete", id=key, linesIds=[checkout["lines"][0]["id"]])
    assert checkout["lines"] == []
    assert checkout["totalPrice"]["gross"]["amount"] == 0


async def test_an_older_client_names_the_shipping_method(api: Api, shop: Shop) -> None:
    lines = [{"variantId": shop.goods, "quantity": 1}]
    checkout = await send(
        api, "CheckoutCreate", input={"channel": "default-channel", "lines": lines, "shippingAddress": ADDRESS}
    )
    checkout = await send(api, "CheckoutDeliveryMethodUpdate", id=checkout["id"], deliveryMethodId=shop.parcel)
    assert checkout["delivery"]["shippingMethod"]["id"] == shop.parcel


async def test_a_service_needs_a_name_and_a_country(api: Api, shop: Shop) -> None:
    lines = [{"variantId": shop.service, "quantity": 1}]
    checkout = await send(api, "CheckoutCreate", input={"channel": "default-channel", "lines": lines})
    address = {"firstName": "Example", "lastName": "Customer", "country": "US"}
    rules = {"checkRequiredFields": False}
    checkout = await send(api, "CheckoutBillingAddressUpdate", id=checkout["id"], address=address, rules=rules)
    assert checkout["billingAddress"]["lastName"] == "Customer"
    assert (await send(api, "DeliveryOptionsCalculate", id=checkout["id"]))["deliveries"] == []
