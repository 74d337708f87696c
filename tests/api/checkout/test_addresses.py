"""Addresses of a checkout: as their countries want them, and as loosely as the client asks for."""

from typing import Any

import pytest

from tests.api.client import Api
from tests.api.shopping import Shop

MUTATION = """
mutation Set($id: ID!, $address: AddressInput!, $rules: CheckoutAddressValidationRules) {
  checkoutShippingAddressUpdate(id: $id, shippingAddress: $address, validationRules: $rules) {
    checkout { shippingAddress { streetAddress1 city cityArea postalCode countryArea phone } }
    errors { field code addressType }
  }
}
"""
CREATE = """
mutation Create($input: CheckoutCreateInput!) {
  checkoutCreate(input: $input) {
    checkout { id billingAddress { city postalCode } }
    errors { field code addressType }
  }
}
"""
TYPED = {
    "streetAddress1": " 1 Example Street ",
    "city": "Example City",
    "cityArea": "Harlem",
    "postalCode": "10001",
    "countryArea": "new york",
    "country": "US",
    "phone": "",
}


@pytest.fixture
async def key(api: Api, shop: Shop) -> str:
    """A guest's empty checkout."""
    given = {"channel": "default-channel", "lines": []}
    made: str = (await api(CREATE, {"input": given})).data["checkoutCreate"]["checkout"]["id"]
    return made


async def send(api: Api, key: str, address: dict[str, Any], **rules: bool) -> Any:
    reply = await api(MUTATION, {"id": key, "address": address, "rules": rules or None})
    payload = reply.data["checkoutShippingAddressUpdate"]
    if payload["errors"]:
        assert payload["checkout"] is None
        return {(error["field"], error["code"]) for error in payload["errors"]}
    return payload["checkout"]["shippingAddress"]


async def test_an_address_is_stored_as_its_country_writes_it(api: Api, key: str) -> None:
    assert await send(api, key, TYPED) == {
        "streetAddress1": "1 Example Street",
        "city": "EXAMPLE CITY",
        "cityArea": "",
        "postalCode": "10001",
        "countryArea": "NY",
        "phone": "",
    }


async def test_or_as_it_was_typed(api: Api, key: str) -> None:
    assert await send(api, key, TYPED, enableFieldsNormalization=False) == {
        "streetAddress1": "1 Example Street",
        "city": "Example City",
        "cityArea": "Harlem",
        "postalCode": "10001",
        "countryArea": "new york",
        "phone": "",
    }


async def test_fields_may_be_left_out_where_the_client_says_so(api: Api, key: str) -> None:
    bare = {"country": "US", "postalCode": "1000", "phone": "call me"}
    missing = {("streetAddress1", "REQUIRED"), ("city", "REQUIRED"), ("countryArea", "REQUIRED")}
    wrong = {("postalCode", "INVALID"), ("phone", "INVALID")}
    assert await send(api, key, bare) == missing | wrong
    assert await send(api, key, bare, checkRequiredFields=False) == wrong
    assert await send(api, key, bare, checkFieldsFormat=False) == missing
    stored = await send(api, key, bare, checkRequiredFields=False, checkFieldsFormat=False)
    assert (stored["postalCode"], stored["phone"], stored["city"]) == ("1000", "call me", "")
    # What no rule can switch off.
    assert await send(api, key, {"city": "x" * 257}, checkRequiredFields=False, checkFieldsFormat=False) == {
        ("country", "REQUIRED"),
        ("city", "INVALID"),
    }


async def test_a_new_checkout_s_addresses_have_rules_of_their_own(api: Api, shop: Shop) -> None:
    given = {
        "channel": "default-channel",
        "lines": [],
        "shippingAddress": TYPED | {"postalCode": "90001"},
        "billingAddress": {"country": "DE", "city": "Musterstadt"},
    }
    loose = {"billingAddress": {"checkRequiredFields": False}}
    refused = (await api(CREATE, {"input": given | {"validationRules": loose}})).data["checkoutCreate"]
    assert refused["checkout"] is None
    assert refused["errors"] == [{"field": "postalCode", "code": "INVALID", "addressType": "SHIPPING"}]
    refused = (await api(CREATE, {"input": given | {"shippingAddress": TYPED}})).data["checkoutCreate"]
    assert {(error["field"], error["addressType"]) for error in refused["errors"]} == {
        ("streetAddress1", "BILLING"),
        ("postalCode", "BILLING"),
    }
    good = given | {"shippingAddress": TYPED, "validationRules": loose}
    made = (await api(CREATE, {"input": good})).data["checkoutCreate"]
    assert made["errors"] == []
    assert made["checkout"]["billingAddress"] == {"city": "MUSTERSTADT", "postalCode": ""}
