"""Whatever is sent, a checkout answers with a typed error and stays as it was."""

import base64
import uuid
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.checkout.models import Checkout, CheckoutLine
from shop.kit import ids
from shop.kit.db import Database
from tests.api.client import Api, Reply
from tests.api.shopping import Shop, document

STATE = """
query State($id: ID!) {
  checkout(id: $id) {
    updatedAt email lines { id quantity } shippingAddress { id city } billingAddress { id city } delivery { id }
    metadata { key value }
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
# Each mutation that names a checkout, with input that is good.
GOOD: dict[str, dict[str, Any]] = {
    "CheckoutLinesAdd": {"lines": []},
    "CheckoutLinesUpdate": {"lines": []},
    "CheckoutLineDelete": {"lineId": ids.encode("CheckoutLine", uuid.UUID(int=1))},
    "CheckoutLinesDelete": {"linesIds": []},
    "CheckoutEmailUpdate": {"email": "buyer@example.com"},
    "CheckoutLanguageCodeUpdate": {"languageCode": "DE"},
    "CheckoutCustomerNoteUpdate": {"customerNote": "Please ring twice."},
    "CheckoutShippingAddressUpdate": {"address": ADDRESS},
    "CheckoutBillingAddressUpdate": {"address": ADDRESS},
    "DeliveryOptionsCalculate": {},
    "CheckoutDeliveryMethodUpdate": {"deliveryMethodId": ids.encode("CheckoutDelivery", uuid.UUID(int=1))},
    "UpdateMetadata": {"input": [{"key": "a", "value": "1"}]},
}


def error_of(reply: Reply) -> tuple[str, str | None]:
    """Code and field of the one expected error; its payload has no result."""
    (payload,) = reply.data.values()
    (error,) = payload["errors"]
    assert error["message"]
    assert not payload.get("checkout")
    assert not payload.get("item")
    return error["code"], error["field"]


async def new_checkout(api: Api, shop: Shop, token: str | None = None, **values: Any) -> str:
    lines = [{"variantId": shop.goods, "quantity": 2}]
    given = {"channel": "default-channel", "lines": lines} | values
    reply = await api(document("CheckoutCreate"), {"input": given}, token=token)
    assert reply.data["checkoutCreate"]["errors"] == []
    key: str = reply.data["checkoutCreate"]["checkout"]["id"]
    return key


@pytest.mark.parametrize("operation", GOOD)
async def test_checkouts_that_are_no_checkouts(api: Api, shop: Shop, operation: str) -> None:
    malformed = ["", "abc", "Checkout:1", base64.b64encode(b"Checkout:1").decode(), "é" * 10, "=" * 5]
    # Of metadata there are many types; this is none of them.
    other_type = ids.encode("CheckoutDelivery" if operation == "UpdateMetadata" else "Product", 1)
    for key in malformed:
        code, field = error_of(await api(document(operation), {"id": key, **GOOD[operation]}))
        assert (code, field) == ("GRAPHQL_ERROR", "id"), key
    expected = "NOT_FOUND" if operation == "UpdateMetadata" else "GRAPHQL_ERROR"
    assert error_of(await api(document(operation), {"id": other_type, **GOOD[operation]})) == (expected, "id")
    unknown = ids.encode("Checkout", uuid.uuid4())
    assert error_of(await api(document(operation), {"id": unknown, **GOOD[operation]})) == ("NOT_FOUND", "id")


@pytest.mark.parametrize("operation", GOOD)
async def test_a_user_s_checkout_is_nobody_else_s(api: Api, shop: Shop, operation: str) -> None:
    owner = await api.login("owner@example.com")
    stranger = await api.login("stranger@example.com")
    staff = await api.login("staff@example.com", "MANAGE_PRODUCTS")
    manager = await api.login("manager@example.com", "MANAGE_CHECKOUTS")
    key = await new_checkout(api, shop, owner)
    before = (await api(STATE, {"id": key}, token=owner)).data["checkout"]
    assert before["email"] == "owner@example.com"
    for token in (None, stranger, staff):
        assert (await api(STATE, {"id": key}, token=token)).data == {"checkout": None}
        reply = await api(document(operation), {"id": key, **GOOD[operation]}, token=token)
        assert error_of(reply) == ("NOT_FOUND", "id")
        unknown = await api(document(operation), {"id": ids.encode("Checkout", uuid.uuid4()), **GOOD[operation]})
        assert next(iter(reply.data.values()))["errors"] == next(iter(unknown.data.values()))["errors"]
    assert (await api(STATE, {"id": key}, token=owner)).data["checkout"] == before
    assert (await api(STATE, {"id": key}, token=manager)).data["checkout"] == before


async def test_a_forged_token_is_told_so_and_a_guest_s_cart_is_still_a_guest_s(api: Api, shop: Shop) -> None:
    token = await api.login("owner@example.com")
    mine, guest = await new_checkout(api, shop, token), await new_checkout(api, shop)
    head, body, _ = token.split(".")
    forged = f"{head}.{body}.{'A' * 342}"
    for reply in (
        await api(STATE, {"id": mine}, token=forged),
        await api(document("CheckoutLinesAdd"), {"id": mine, "lines": []}, token=forged),
        await api(document("CheckoutCreate"), {"input": {"channel": "default-channel", "lines": []}}, token=forged),
    ):
        assert reply.errors[0]["extensions"]["exception"]["code"] == "InvalidSignatureError"
    assert (await api(STATE, {"id": guest}, token=forged)).data["checkout"] is not None


def _line(shop: Shop, **values: Any) -> dict[str, Any]:
    return {"variantId": shop.goods, "quantity": 1} | values


async def test_lines_that_cannot_be_added(api: Api, shop: Shop) -> None:
    key = await new_checkout(api, shop)
    before = (await api(STATE, {"id": key})).data
    unknown = ids.encode("ProductVariant", 2_000_000_000)
    cases: list[tuple[dict[str, Any], str, str]] = [
        (_line(shop, quantity=0), "ZERO_QUANTITY", "quantity"),
        (_line(shop, quantity=-1), "ZERO_QUANTITY", "quantity"),
        (_line(shop, quantity=-(2**31)), "ZERO_QUANTITY", "quantity"),
        (_line(shop, quantity=2**31 - 1), "QUANTITY_GREATER_THAN_LIMIT", "quantity"),
        (_line(shop, quantity=49), "QUANTITY_GREATER_THAN_LIMIT", "quantity"),
        (_line(shop, quantity=29), "INSUFFICIENT_STOCK", "quantity"),
        (_line(shop, variantId=shop.scarce, quantity=2), "INSUFFICIENT_STOCK", "quantity"),
        (_line(shop, variantId=shop.hidden), "PRODUCT_NOT_PUBLISHED", "lines"),
        (_line(shop, variantId=unknown), "NOT_FOUND", "variantId"),
        (_line(shop, variantId=ids.encode("Product", 1)), "GRAPHQL_ERROR", "variantId"),
        (_line(shop, variantId="abc"), "GRAPHQL_ERROR", "variantId"),
        (_line(shop, variantId=ids.encode("ProductVariant", 2**40)), "GRAPHQL_ERROR", "variantId"),
        (_line(shop, metadata=[{"key": " ", "value": "x"}]), "REQUIRED", "metadata"),
        (_line(shop, metadata=[{"key": "k" * 257, "value": "x"}]), "INVALID", "metadata"),
        (_line(shop, metadata=[{"key": "k", "value": "x" * 10_001}]), "INVALID", "metadata"),
        (_line(shop, priceOverrideReason="why"), "PRICE_OVERRIDE_REASON_WITHOUT_OVERRIDE", "priceOverrideReason"),
    ]
    for line, code, field in cases:
        lines = [{"variantId": shop.service, "quantity": 1}, line]
        assert error_of(await api(document("CheckoutLinesAdd"), {"id": key, "lines": lines})) == (code, field), line
    # A price of the client's own is no input to correct but something that it may not do.
    reply = await api(document("CheckoutLinesAdd"), {"id": key, "lines": [_line(shop, price=0.01)]})
    assert reply.errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"
    # What is no Int at all never reaches the cart.
    for quantity in (2**31, -(2**31) - 1, 1e308, "1", 1.5, None):
        reply = await api(document("CheckoutLinesAdd"), {"id": key, "lines": [_line(shop, quantity=quantity)]})
        assert reply.status == 400
        assert reply.errors
        assert "InternalServerError" not in str(reply.body)
    assert (await api(STATE, {"id": key})).data == before


async def test_variants_of_errors_are_named(api: Api, shop: Shop) -> None:
    query = """
    mutation Add($id: ID!, $lines: [CheckoutLineInput!]!) {
      checkoutLinesAdd(id: $id, lines: $lines) { errors { code variants lines addressType } checkoutErrors { code } }
    }
    """
    key = await new_checkout(api, shop)
    lines = [{"variantId": shop.scarce, "quantity": 2}]
    payload = (await api(query, {"id": key, "lines": lines})).data["checkoutLinesAdd"]
    error = {"code": "INSUFFICIENT_STOCK", "variants": [shop.scarce], "lines": None, "addressType": None}
    assert payload == {"errors": [error], "checkoutErrors": [{"code": "INSUFFICIENT_STOCK"}]}


async def test_lines_that_cannot_be_changed(api: Api, shop: Shop) -> None:
    key, other = await new_checkout(api, shop), await new_checkout(api, shop)
    before = (await api(STATE, {"id": key})).data
    line = before["checkout"]["lines"][0]["id"]
    foreign = (await api(STATE, {"id": other})).data["checkout"]["lines"][0]["id"]
    unknown = ids.encode("CheckoutLine", uuid.uuid4())
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"lineId": line, "quantity": -1}, "ZERO_QUANTITY", "quantity"),
        ({"lineId": line, "quantity": 31}, "INSUFFICIENT_STOCK", "quantity"),
        ({"lineId": line, "quantity": 2**31 - 1}, "QUANTITY_GREATER_THAN_LIMIT", "quantity"),
        ({"lineId": unknown, "quantity": 1}, "NOT_FOUND", "lineId"),
        ({"lineId": foreign, "quantity": 1}, "NOT_FOUND", "lineId"),
        ({"lineId": "abc", "quantity": 1}, "GRAPHQL_ERROR", "lineId"),
        ({"lineId": shop.goods, "quantity": 1}, "GRAPHQL_ERROR", "lineId"),
        ({"quantity": 1}, "GRAPHQL_ERROR", "lineId"),
        ({"lineId": line, "variantId": shop.goods, "quantity": 1}, "GRAPHQL_ERROR", "lineId"),
        ({"variantId": shop.hidden, "quantity": 1}, "PRODUCT_NOT_PUBLISHED", "lines"),
    ]
    for change, code, field in cases:
        reply = await api(document("CheckoutLinesUpdate"), {"id": key, "lines": [change]})
        assert error_of(reply) == (code, field), change
    for line_id, code in ((unknown, "NOT_FOUND"), (foreign, "NOT_FOUND"), ("abc", "GRAPHQL_ERROR")):
        reply = await api(document("CheckoutLineDelete"), {"id": key, "lineId": line_id})
        assert error_of(reply)[0] == code
        reply = await api(document("CheckoutLinesDelete"), {"id": key, "linesIds": [line, line_id]})
        assert error_of(reply)[0] == code
    assert (await api(STATE, {"id": key})).data == before
    assert len((await api(STATE, {"id": other})).data["checkout"]["lines"]) == 1


@pytest.mark.parametrize(
    ("email", "code"),
    [
        ("", "REQUIRED"),
        ("  ", "REQUIRED"),
        ("nobody", "INVALID"),
        ("a@b", "INVALID"),
        ("a@b@example.com", "INVALID"),
        ("a b@example.com", "INVALID"),
        ("a@example.com\nBcc: b@example.com", "INVALID"),
        (f"{'a' * 250}@example.com", "INVALID"),
    ],
)
async def test_bad_e_mails(api: Api, shop: Shop, email: str, code: str) -> None:
    key = await new_checkout(api, shop)
    before = (await api(STATE, {"id": key})).data
    assert error_of(await api(document("CheckoutEmailUpdate"), {"id": key, "email": email})) == (code, "email")
    assert (await api(STATE, {"id": key})).data == before


@pytest.mark.parametrize("kind", ["SHIPPING", "BILLING"])
async def test_bad_addresses_are_told_field_by_field(api: Api, shop: Shop, kind: str) -> None:
    name = kind.lower()
    query = f"""
    mutation Set($id: ID!, $address: AddressInput!) {{
      checkout{name.capitalize()}AddressUpdate(id: $id, {name}Address: $address) {{
        checkout {{ id }} errors {{ field code addressType }}
      }}
    }}
    """
    key = await new_checkout(api, shop)
    before = (await api(STATE, {"id": key})).data

    async def errors(address: dict[str, Any]) -> set[tuple[str, str]]:
        (payload,) = (await api(query, {"id": key, "address": address})).data.values()
        assert payload["checkout"] is None
        assert {error["addressType"] for error in payload["errors"]} == {kind}
        return {(error["field"], error["code"]) for error in payload["errors"]}

    # Which fields are needed is the country's to say.
    assert await errors({}) == {("country", "REQUIRED")}
    assert await errors({"country": "US", "phone": "call me"}) == {
        ("streetAddress1", "REQUIRED"),
        ("city", "REQUIRED"),
        ("countryArea", "REQUIRED"),
        ("postalCode", "REQUIRED"),
        ("phone", "INVALID"),
    }
    assert await errors(ADDRESS | {"postalCode": "1000"}) == {("postalCode", "INVALID")}
    # New York's codes do not begin with a nine.
    assert await errors(ADDRESS | {"postalCode": "90001"}) == {("postalCode", "INVALID")}
    assert await errors(ADDRESS | {"countryArea": "Bavaria"}) == {("countryArea", "INVALID")}
    assert await errors(ADDRESS | {"city": "   "}) == {("city", "REQUIRED")}
    assert await errors({"country": "HK"}) == {("streetAddress1", "REQUIRED"), ("countryArea", "REQUIRED")}
    assert await errors(ADDRESS | {"phone": "call me"}) == {("phone", "INVALID")}
    assert await errors(ADDRESS | {"firstName": "x" * 257, "postalCode": "1" * 21}) == {
        ("firstName", "INVALID"),
        ("postalCode", "INVALID"),
    }
    reply = await api(query, {"id": key, "address": ADDRESS | {"skipValidation": True}})
    assert reply.errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"
    reply = await api(query, {"id": key, "address": ADDRESS | {"country": "XX"}})
    assert reply.errors
    assert (await api(STATE, {"id": key})).data == before


async def test_deliveries_that_cannot_be_chosen(api: Api, shop: Shop) -> None:
    choose = document("CheckoutDeliveryMethodUpdate")
    key = await new_checkout(api, shop)
    virtual = await new_checkout(api, shop, lines=[{"variantId": shop.service, "quantity": 1}])
    assert error_of(await api(choose, {"id": virtual, "deliveryMethodId": shop.parcel})) == (
        "SHIPPING_NOT_REQUIRED",
        "deliveryMethod",
    )
    assert error_of(await api(choose, {"id": key, "deliveryMethodId": shop.parcel})) == (
        "SHIPPING_ADDRESS_NOT_SET",
        "shippingAddress",
    )
    abroad = ADDRESS | {"country": "FR"}
    await api(document("CheckoutShippingAddressUpdate"), {"id": key, "address": abroad})
    before = (await api(STATE, {"id": key})).data
    unknown = ids.encode("CheckoutDelivery", uuid.uuid4())
    cases = [
        (shop.parcel, "DELIVERY_METHOD_NOT_APPLICABLE", "deliveryMethod"),
        (ids.encode("ShippingMethod", 2_000_000_000), "DELIVERY_METHOD_NOT_APPLICABLE", "deliveryMethod"),
        (unknown, "NOT_FOUND", "deliveryMethodId"),
        ("abc", "GRAPHQL_ERROR", "deliveryMethodId"),
        (shop.goods, "GRAPHQL_ERROR", "deliveryMethodId"),
        (ids.encode("ShippingMethod", "x"), "GRAPHQL_ERROR", "deliveryMethodId"),
    ]
    for delivery, code, field in cases:
        assert error_of(await api(choose, {"id": key, "deliveryMethodId": delivery})) == (code, field), delivery
    assert (await api(STATE, {"id": key})).data == before


async def test_checkouts_that_cannot_be_made(api: Api, shop: Shop, database: Database) -> None:
    create = document("CheckoutCreate")
    line = {"variantId": shop.goods, "quantity": 1}
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"lines": [line]}, "MISSING_CHANNEL_SLUG", "channel"),
        ({"channel": "", "lines": [line]}, "MISSING_CHANNEL_SLUG", "channel"),
        ({"channel": "nowhere", "lines": [line]}, "NOT_FOUND", "channel"),
        ({"channel": "default-channel", "lines": [line], "email": ""}, "REQUIRED", "email"),
        (
            {"channel": "europe", "lines": [{**line, "variantId": shop.hidden}]},
            "UNAVAILABLE_VARIANT_IN_CHANNEL",
            "lines",
        ),
        ({"channel": "default-channel", "lines": [{**line, "quantity": 31}]}, "INSUFFICIENT_STOCK", "quantity"),
        ({"channel": "default-channel", "lines": [], "shippingAddress": ADDRESS | {"city": ""}}, "REQUIRED", "city"),
        ({"channel": "default-channel", "lines": [], "metadata": [{"key": "", "value": ""}]}, "REQUIRED", "metadata"),
    ]
    for given, code, field in cases:
        assert error_of(await api(create, {"input": given})) == (code, field), given
    private = {"channel": "default-channel", "lines": [], "privateMetadata": [{"key": "a", "value": "1"}]}
    reply = await api(create, {"input": private})
    assert reply.errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"

    async def count(session: AsyncSession) -> tuple[int, int]:
        carts = await session.execute(select(func.count()).select_from(Checkout))
        lines = await session.execute(select(func.count()).select_from(CheckoutLine))
        return carts.scalar_one(), lines.scalar_one()

    assert await database.run(count) == (0, 0)


async def test_what_is_asked_of_ids(api: Api, shop: Shop) -> None:
    query = "query ($id: ID, $token: UUID) { checkout(id: $id, token: $token) { id token } }"
    key = await new_checkout(api, shop)
    token = str(ids.decode_uuid(key, "Checkout"))
    assert (await api(query, {"token": token})).data["checkout"] == {"id": key, "token": token}
    assert (await api(query, {})).data == {"checkout": None}
    assert (await api(query, {"id": ids.encode("Product", 1)})).data == {"checkout": None}
    assert (await api(query, {"id": "abc"})).errors[0]["message"] == "Invalid ID: abc. Expected: Checkout."
    both = """
    mutation ($id: ID, $token: UUID) {
      checkoutLinesAdd(id: $id, token: $token, lines: []) { checkout { id } errors { code field message } }
    }
    """
    assert (await api(both, {"token": token})).data["checkoutLinesAdd"]["checkout"] == {"id": key}
    assert error_of(await api(both, {})) == ("GRAPHQL_ERROR", "id")
    assert error_of(await api(both, {"id": key, "token": token})) == ("GRAPHQL_ERROR", "id")


@pytest.mark.parametrize("text", ["\0", "a\0@example.com"])
async def test_text_that_no_database_holds(api: Api, shop: Shop, text: str) -> None:
    key = await new_checkout(api, shop)
    before = (await api(STATE, {"id": key})).data
    escaped = text.replace("\0", "\\u0000")
    literal = f'mutation {{ checkoutEmailUpdate(id: "{key}", email: "{escaped}") {{ errors {{ code }} }} }}'
    surrogate = f'mutation {{ checkoutEmailUpdate(id: "{key}", email: "\\ud800") {{ errors {{ code }} }} }}'
    for reply in (
        await api(document("CheckoutEmailUpdate"), {"id": key, "email": text}),
        await api(document("UpdateMetadata"), {"id": key, "input": [{"key": "a", "value": text}]}),
        await api(document("CheckoutCreate"), {"input": {"channel": text, "lines": []}}),
        await api(literal),
        await api(surrogate),
    ):
        assert reply.status == 400
        assert reply.errors
        assert "InternalServerError" not in str(reply.body)
    assert (await api(STATE, {"id": key})).data == before


async def test_two_changes_in_one_document_show_what_each_left(api: Api, shop: Shop) -> None:
    key = await new_checkout(api, shop)
    query = """
    mutation ($id: ID!, $first: AddressInput!, $second: AddressInput!) {
      first: checkoutShippingAddressUpdate(id: $id, shippingAddress: $first) { checkout { shippingAddress { city } } }
      second: checkoutShippingAddressUpdate(id: $id, shippingAddress: $second) { checkout { shippingAddress { city } } }
      refused: checkoutEmailUpdate(id: $id, email: "") { checkout { id } errors { code } }
    }
    """
    variables = {"id": key, "first": ADDRESS | {"city": "One"}, "second": ADDRESS | {"city": "Two"}}
    data = (await api(query, variables)).data
    cities = [data[name]["checkout"]["shippingAddress"]["city"] for name in ("first", "second")]
    assert cities == ["ONE", "TWO"]
    assert data["refused"] == {"checkout": None, "errors": [{"code": "REQUIRED"}]}
