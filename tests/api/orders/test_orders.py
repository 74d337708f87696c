"""Orders as each kind of caller reads them, and what the way to one costs the database."""

import uuid
from typing import Any

import pytest

from shop.kit import ids
from tests import factories as make
from tests.api.client import Api
from tests.api.shopping import document
from tests.factories import payments
from tests.factories.payments import Desk

ORDER = """
query ($id: ID!) {
  order(id: $id) {
    id number token status statusDisplay origin isPaid chargeStatus authorizeStatus paymentStatus userEmail
    customerNote languageCodeEnum checkoutId isShippingRequired shippingMethodName shippingTaxRate
    channel { slug } user { email }
    billingAddress { firstName lastName streetAddress1 city postalCode phone country { code } metadata { key } }
    shippingAddress { firstName lastName city }
    lines {
      id productName variantName productSku quantity quantityToFulfill isShippingRequired taxRate
      variant { id sku } thumbnail { url }
      unitPrice { gross { amount } net { amount } } totalPrice { gross { amount currency } }
    }
    subtotal { gross { amount } } shippingPrice { gross { amount } } total { gross { amount } tax { amount } }
    totalCharged { amount } totalCaptured { amount } totalAuthorized { amount } totalBalance { amount }
    totalCanceled { amount }
    deliveryMethod { ... on ShippingMethod { name price { amount } } }
  }
}
"""
STAFF = """
query ($id: ID!) {
  order(id: $id) {
    events { type email emailType amount }
    transactions { id chargedAmount { amount } actions }
    totalRefunded { amount }
    privateMetadata { key }
  }
}
"""

ALL = """
query ($after: String) {
  orders(first: 2, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node { id } } }
}
"""


async def placed(desk: Desk, *, owner: str | None = None, lines: int = 1) -> str:
    """A paid order with its goods sent for 5.00, by its global ID."""

    async def fill(session: Any) -> uuid.UUID:
        shop = await payments.shop(session)
        wanted = {shop.shampoo: 1} | {
            await make.variant(session, shop.channel, price="1.00"): 1 for _ in range(lines - 1)
        }
        user = None if owner is None else await make.user(session, email=owner)
        cart = await make.checkout(
            session,
            shop.channel,
            wanted,
            user=user,
            email=owner or "buyer@example.com",
            shipping_address=make.postal_address(),
            billing_address=make.postal_address(phone="+1 212 555 0100"),
            delivery=shop.parcel,
        )
        return cart.id

    key = await desk.database.run(fill)
    started = await desk.pay(key)
    await desk.shopper_pays(started)
    return ids.encode("Order", await desk.complete(key))


async def test_a_guest_s_order_is_whole_but_for_persons(api: Api, desk: Desk) -> None:
    id = await placed(desk)
    reply = await api(ORDER, {"id": id})
    order = reply.data["order"]
    assert order["id"] == id
    assert int(order["number"]) > 1000
    assert (order["status"], order["statusDisplay"], order["origin"]) == ("UNFULFILLED", "Unfulfilled", "CHECKOUT")
    assert (order["isPaid"], order["chargeStatus"], order["authorizeStatus"]) == (True, "FULL", "FULL")
    assert order["paymentStatus"] == "FULLY_CHARGED"
    assert order["userEmail"] == "b...@example.com"
    assert order["user"] is None
    assert order["billingAddress"] == {
        "firstName": "E...",
        "lastName": "C...",
        "streetAddress1": "1...",
        "city": "Example City",
        "postalCode": "1...",
        "phone": "+...",
        "country": {"code": "US"},
        "metadata": [],
    }
    assert order["isShippingRequired"] is True
    assert order["deliveryMethod"]["price"] == {"amount": 5.0}
    assert order["deliveryMethod"]["name"] == order["shippingMethodName"]
    (line,) = order["lines"]
    assert line["variant"]["sku"] == line["productSku"]
    assert line["unitPrice"] == {"gross": {"amount": 20.0}, "net": {"amount": 20.0}}
    assert line["totalPrice"] == {"gross": {"amount": 20.0, "currency": "USD"}}
    assert order["subtotal"]["gross"]["amount"] == 20.0
    assert order["total"] == {"gross": {"amount": 25.0}, "tax": {"amount": 0.0}}
    assert [order[name]["amount"] for name in ("totalCharged", "totalCaptured", "totalBalance")] == [25.0, 25.0, 0.0]
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("caller", "whole"), [("anonymous", False), ("stranger", False), ("owner", True), ("clerk", True), ("staff", False)]
)
async def test_who_reads_persons_whole(api: Api, desk: Desk, caller: str, whole: bool) -> None:
    id = await placed(desk, owner="owner@example.com")
    token = None
    if caller == "clerk":
        token = await api.login("clerk@example.com", "MANAGE_ORDERS")
    elif caller != "anonymous":
        token = await api.login(f"{caller}@example.com", is_staff=caller == "staff")
    reply = await api(ORDER, {"id": id}, token=token)
    order = reply.data["order"]
    assert order["userEmail"] == ("owner@example.com" if whole else "o...@example.com")
    assert order["billingAddress"]["lastName"] == ("Customer" if whole else "C...")
    assert order["shippingAddress"]["firstName"] == ("Example" if whole else "E...")
    assert order["user"] == ({"email": "owner@example.com"} if whole else None)


@pytest.mark.parametrize(("caller", "allowed"), [("anonymous", False), ("owner", False), ("clerk", True)])
async def test_history_and_payments_are_for_staff(api: Api, desk: Desk, caller: str, allowed: bool) -> None:
    id = await placed(desk, owner="owner@example.com")
    token = None
    if caller == "owner":
        token = await api.login("owner@example.com")
    if caller == "clerk":
        token = await api.login("clerk@example.com", "MANAGE_ORDERS")
    reply = await api(STAFF, {"id": id}, token=token)
    if not allowed:
        assert {error["extensions"]["exception"]["code"] for error in reply.errors} == {"PermissionDenied"}
        return
    order = reply.data["order"]
    assert [event["type"] for event in order["events"]] == ["PLACED", "ORDER_FULLY_PAID", "EMAIL_SENT"]
    assert order["events"][2]["email"] == "owner@example.com"
    assert order["events"][2]["emailType"] == "ORDER_CONFIRMATION"
    assert [(one["chargedAmount"]["amount"], one["actions"]) for one in order["transactions"]] == [(25.0, ["REFUND"])]
    assert order["totalRefunded"] == {"amount": 0.0}


async def test_ids_that_name_no_order(api: Api, desk: Desk) -> None:
    assert (await api(ORDER, {"id": ids.encode("Order", uuid.uuid4())})).data == {"order": None}
    assert (await api(ORDER, {"id": ids.encode("Checkout", uuid.uuid4())})).data == {"order": None}
    broken = await api(ORDER, {"id": "abc"})
    assert broken.errors[0]["message"] == "Invalid ID: abc. Expected: Order."
    assert (await api(ORDER, {"id": ids.encode("Order", 7)})).errors[0]["message"].startswith("Invalid ID")


async def test_staff_list_all_orders_newest_first(api: Api, desk: Desk) -> None:
    placed_ids = [await placed(desk) for _ in range(3)]
    await desk.rows("UPDATE order_order SET created_at = created_at + number * interval '1 second' RETURNING 1")
    refused = await api(ALL)
    assert refused.errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"
    token = await api.login("clerk@example.com", "MANAGE_ORDERS")
    first = (await api(ALL, token=token)).data["orders"]
    assert first["totalCount"] == 3
    assert first["pageInfo"]["hasNextPage"] is True
    second = (await api(ALL, {"after": first["pageInfo"]["endCursor"]}, token=token)).data["orders"]
    assert [edge["node"]["id"] for edge in first["edges"] + second["edges"]] == placed_ids[::-1]
    other = '{ orders(first: 2, channel: "nowhere") { totalCount edges { node { id } } } }'
    assert (await api(other, token=token)).data["orders"] == {"totalCount": 0, "edges": []}


async def test_buyers_list_their_own_orders(api: Api, desk: Desk) -> None:
    mine = await placed(desk, owner="owner@example.com")
    await placed(desk)
    token = await api.login("owner@example.com")
    reply = await api("{ me { orders(first: 5) { totalCount edges { node { id userEmail } } } } }", token=token)
    assert reply.data["me"]["orders"] == {
        "totalCount": 1,
        "edges": [{"node": {"id": mine, "userEmail": "owner@example.com"}}],
    }


async def test_an_order_by_another_system_s_number_is_for_staff(api: Api, desk: Desk) -> None:
    id = await placed(desk)
    await desk.rows("UPDATE order_order SET external_reference = 'A-1' RETURNING 1")
    document = '{ order(externalReference: "A-1") { id } }'
    assert (await api(document)).errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"
    token = await api.login("clerk@example.com", "MANAGE_ORDERS")
    assert (await api(document, token=token)).data == {"order": {"id": id}}
    both = await api("{ order { id } }")
    assert "Exactly one" in both.errors[0]["message"]


async def test_an_order_keeps_what_was_bought_when_the_catalogue_changes(api: Api, desk: Desk) -> None:
    id = await placed(desk)
    before = (await api(ORDER, {"id": id})).data["order"]
    await desk.rows("UPDATE catalogue_product SET name = 'Other' RETURNING 1")
    await desk.rows("UPDATE pricing_variant_listing SET price_amount = 99 RETURNING 1")
    await desk.rows("UPDATE shipping_method SET name = 'Other' RETURNING 1")
    await desk.rows("UPDATE shipping_method_listing SET price_amount = 99 RETURNING 1")
    assert (await api(ORDER, {"id": id})).data["order"] == before


async def test_an_order_takes_as_many_statements_for_one_line_as_for_twenty(api: Api, desk: Desk) -> None:
    one, twenty = await placed(desk), await placed(desk, lines=20)
    counts = []
    for id in (one, twenty):
        reply = await api(ORDER, {"id": id})
        assert reply.data["order"] is not None
        counts.append(reply.statements)
    assert counts[0] == counts[1]
    assert counts[0] <= 10


async def test_the_whole_journey_in_few_statements(api: Api, desk: Desk) -> None:
    """From an empty cart to the receipt, with the storefront's own documents, on the hosted page."""
    shop = await desk.database.run(payments.shop)
    taken: dict[str, int] = {}

    async def send(operation: str, **variables: Any) -> Any:
        reply = await api(document(operation), variables)
        taken[operation] = taken.get(operation, 0) + reply.statements
        (payload,) = reply.data.values()
        assert not (isinstance(payload, dict) and payload.get("errors"))
        return payload

    address = {
        "firstName": "Example",
        "lastName": "Customer",
        "streetAddress1": "1 Example Street",
        "city": "Example City",
        "postalCode": "10001",
        "countryArea": "NY",
        "country": "US",
    }
    line = {"variantId": ids.encode("ProductVariant", shop.shampoo.id), "quantity": 1}
    created = await send("CheckoutCreate", input={"channel": shop.channel.slug, "lines": []})
    key = created["checkout"]["id"]
    await send("CheckoutLinesAdd", id=key, lines=[line])
    await send("CheckoutEmailUpdate", id=key, email="buyer@example.com")
    await send("CheckoutShippingAddressUpdate", id=key, address=address)
    await send("CheckoutBillingAddressUpdate", id=key, address=address)
    options = await send("DeliveryOptionsCalculate", id=key)
    await send("CheckoutDeliveryMethodUpdate", id=key, deliveryMethodId=options["deliveries"][0]["id"])
    await send("CheckoutDetails", id=key)
    addresses = {"successUrl": "http://shop.test/return", "cancelUrl": "http://shop.test/cart"}
    gateway = {"id": "saleor.app.payment.stripe", "data": {"checkoutSession": addresses}}
    started = await send("TransactionInitialize", id=key, gateway=gateway)
    desk.sandbox.pay(started["data"]["checkoutSession"]["id"])
    await send("TransactionProcess", id=started["transaction"]["id"])
    completed = await send("CheckoutComplete", id=key)
    assert completed["order"]["chargeStatus"] == "FULL"
    order = await send("OrderDetails", id=completed["order"]["id"])
    assert {name: order[name] for name in completed["order"]} == completed["order"]
    assert (order["paymentStatus"], order["fulfillments"], order["invoices"]) == ("FULLY_CHARGED", [], [])
    assert [taken[name] for name in ("TransactionInitialize", "TransactionProcess", "CheckoutComplete")] == [16, 12, 27]
    assert sum(taken.values()) <= 150
