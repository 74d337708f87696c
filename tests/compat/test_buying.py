"""A foreign storefront sells: a basket, its delivery, its payment through the browser, an order."""

import asyncio
from typing import Any

import orjson

from shop.kit import ids
from tests.api.client import Api
from tests.compat.storefront import ADDRESS, Storefront, gross
from tests.compat.world import CHANNEL, World, build
from tests.factories import discounts
from tests.factories.payments import Desk

GATEWAY = "saleor.app.payment.stripe"
FORM = {"id": GATEWAY, "data": {"paymentIntent": {"paymentMethod": "card"}}}


async def basket(storefront: Storefront, *variants: str) -> Any:
    """A new basket with one of each variant."""
    lines = [{"variantId": variant, "quantity": 1} for variant in variants]
    given = {"channel": CHANNEL, "lines": lines, "languageCode": "EN"}
    return (await storefront("BasketCreate", input=given))["checkout"]


async def pay(storefront: Storefront, desk: Desk, key: str, method: str = "pm_card_visa") -> Any:
    """What the gateway said after the browser confirmed the form with the method."""
    started = await storefront("PayStart", id=key, gateway=FORM)
    # Any other event, and today's storefront says that the payment failed.
    assert started["transactionEvent"]["type"] == "CHARGE_ACTION_REQUIRED"
    assert set(started["data"]["paymentIntent"]) == {"stripeClientSecret"}
    intent = started["data"]["paymentIntent"]["stripeClientSecret"].partition("_secret_")[0]
    confirm = desk.sandbox.stripe.v1.payment_intents.confirm
    await asyncio.to_thread(confirm, intent, {"payment_method": method})
    return await storefront("PayFinish", id=started["transaction"]["id"])


async def test_a_basket_changes_as_the_shopper_wishes(storefront: Storefront, world: World) -> None:
    made = await basket(storefront, world.bottle)
    key = made["id"]
    assert (made["channel"]["slug"], made["email"], made["user"]) == (CHANNEL, None, None)
    assert gross(made["subtotalPrice"]) == gross(made["totalPrice"]) == 10.8
    (line,) = made["lines"]
    assert line["variant"]["product"]["productType"]["slug"] == "bottle"
    assert line["variant"]["product"]["thumbnail"]["alt"] == "A bottle"
    more = await storefront("BasketAdd", id=key, lines=[{"variantId": world.appointment, "quantity": 1}])
    assert [each["quantity"] for each in more["checkout"]["lines"]] == [1, 1]
    assert gross(more["checkout"]["subtotalPrice"]) == 64.8
    assert more["checkout"]["subtotalPrice"]["tax"]["amount"] == 4.8
    changed = await storefront("BasketChange", id=key, lines=[{"lineId": line["id"], "quantity": 3}])
    assert gross(changed["checkout"]["lines"][0]["totalPrice"]) == 32.4
    assert gross(changed["checkout"]["totalPrice"]) == 86.4
    note = await storefront("BasketNote", id=line["id"], input=[{"key": "note", "value": "a gift"}])
    assert note["item"]["metafields"] == {"note": "a gift"}
    read = await storefront("BasketRead", id=key)
    assert read["lines"][0]["metafield"] == "a gift"
    fewer = await storefront("BasketDrop", id=key, line=line["id"])
    assert [each["variant"]["id"] for each in fewer["checkout"]["lines"]] == [world.appointment]
    assert fewer["checkout"]["isShippingRequired"] is False
    empty = await storefront("BasketEmpty", id=key, lines=[fewer["checkout"]["lines"][0]["id"]])
    assert (empty["checkout"]["lines"], gross(empty["checkout"]["totalPrice"])) == ([], 0)


async def test_goods_are_sent_and_paid_in_the_browser(storefront: Storefront, desk: Desk, world: World) -> None:
    key = (await basket(storefront, world.bottle))["id"]
    form = await storefront("AddressForm", country="US")
    assert {"streetAddress1", "city", "postalCode", "countryArea"} <= set(form["requiredFields"])
    assert {"raw": "NY", "verbose": "New York"} in form["countryAreaChoices"]
    assert await storefront.refused("BasketEmail", id=key, email="nobody") == [("email", "INVALID")]
    await storefront("BasketEmail", id=key, email="guest@example.com")
    sent = await storefront("BasketShipTo", id=key, address=ADDRESS)
    assert sent["checkout"]["shippingAddress"]["country"] == {"code": "US", "country": "United States of America"}
    billed = await storefront("BasketBillTo", id=key, address=ADDRESS)
    assert billed["checkout"]["billingAddress"]["lastName"] == "Customer"
    (parcel,) = (await storefront("BasketDeliveries", id=key))["deliveries"]
    method = parcel["shippingMethod"]
    assert (method["name"], method["price"]["amount"], method["active"]) == ("Parcel", 5.4, True)
    assert (method["minimumDeliveryDays"], method["maximumDeliveryDays"]) == (1, 3)
    whole = (await storefront("BasketDeliverBy", id=key, delivery=parcel["id"]))["checkout"]
    assert whole["delivery"] == parcel
    assert whole["problems"] == []
    assert (gross(whole["shippingPrice"]), gross(whole["totalPrice"])) == (5.4, 16.2)
    assert [gateway["id"] for gateway in whole["availablePaymentGateways"]] == [GATEWAY]
    (config,) = (await storefront("PayGateways", id=key, gateways=[{"id": GATEWAY}]))["gatewayConfigs"]
    assert config == {"id": GATEWAY, "data": {"stripePublishableKey": "pk_test_of_the_sandbox"}, "errors": []}
    assert await storefront.refused("BasketOrder", id=key) == [(None, "CHECKOUT_NOT_FULLY_PAID")]

    paid = await pay(storefront, desk, key)
    # The storefront asks for its order in the same second: no webhook has come, and none is needed.
    assert paid["transactionEvent"] == {"type": "CHARGE_SUCCESS", "message": ""}
    order = (await storefront("BasketOrder", id=key))["order"]["id"]
    assert (await storefront("BasketOrder", id=key))["order"]["id"] == order
    assert await storefront("BasketRead", id=key) is None

    receipt = await storefront("OrderPage", id=order)
    assert (receipt["status"], receipt["isPaid"], receipt["chargeStatus"]) == ("UNFULFILLED", True, "FULL")
    assert receipt["paymentStatus"] == "FULLY_CHARGED"
    assert gross(receipt["total"]) == 16.2
    assert (receipt["totalCaptured"]["amount"], receipt["totalBalance"]["amount"]) == (16.2, 0)
    assert receipt["deliveryMethod"] == {"name": "Parcel"}
    (line,) = receipt["lines"]
    assert (line["productName"], line["variantName"], line["quantity"]) == ("Shampoo", "50 ml, Rose", 1)
    assert line["variant"]["id"] == world.bottle
    # Whoever has the address of the order reads it, but not who bought it.
    assert receipt["userEmail"] == "g...@example.com"
    assert "Example Street" not in orjson.dumps(receipt).decode()
    assert await desk.broken_invariants() == []


async def test_a_service_is_bought_without_delivery(storefront: Storefront, desk: Desk, world: World) -> None:
    made = await basket(storefront, world.appointment)
    assert made["isShippingRequired"] is False
    await storefront("BasketEmail", id=made["id"], email="guest@example.com")
    somebody = {"firstName": "Example", "lastName": "Customer", "country": "US"}
    await storefront("BasketBillTo", id=made["id"], address=somebody, rules={"checkRequiredFields": False})
    assert (await storefront("BasketDeliveries", id=made["id"]))["deliveries"] == []
    await pay(storefront, desk, made["id"])
    order = await storefront("OrderPage", id=(await storefront("BasketOrder", id=made["id"]))["order"]["id"])
    assert (gross(order["total"]), gross(order["shippingPrice"])) == (54.0, 0)
    assert (order["deliveryMethod"], order["shippingAddress"]) == (None, None)
    assert await desk.broken_invariants() == []


async def test_a_declined_card_is_told_and_another_one_pays(storefront: Storefront, desk: Desk, world: World) -> None:
    key = (await basket(storefront, world.appointment))["id"]
    await storefront("BasketEmail", id=key, email="guest@example.com")
    await storefront("BasketBillTo", id=key, address=ADDRESS)
    started = await storefront("PayStart", id=key, gateway=FORM)
    assert started["transactionEvent"]["type"] == "CHARGE_ACTION_REQUIRED"
    intent = started["data"]["paymentIntent"]["stripeClientSecret"].partition("_secret_")[0]
    desk.sandbox.http.post(
        f"/v1/payment_intents/{intent}/confirm",
        data={"payment_method": "pm_card_chargeDeclined"},
        headers={"Authorization": "Bearer sk_test_of_the_sandbox"},
    )
    refused = await storefront("PayFinish", id=started["transaction"]["id"])
    assert refused["transactionEvent"]["type"] == "CHARGE_FAILURE"
    assert refused["data"]["paymentIntent"]["errors"][0]["code"] == "generic_decline"
    assert await storefront.refused("BasketOrder", id=key) == [(None, "CHECKOUT_NOT_FULLY_PAID")]
    paid = await pay(storefront, desk, key)
    assert paid["transactionEvent"]["type"] == "CHARGE_SUCCESS"
    assert (await storefront("BasketOrder", id=key))["order"] is not None


async def test_what_cannot_be_sold_is_a_typed_error(storefront: Storefront, world: World) -> None:
    key = (await basket(storefront, world.bottle))["id"]
    before = await storefront("BasketRead", id=key)
    for line, error in (
        ({"variantId": world.bottle, "quantity": 9}, ("quantity", "INSUFFICIENT_STOCK")),
        ({"variantId": world.bottle, "quantity": 0}, ("quantity", "ZERO_QUANTITY")),
        ({"variantId": "abc", "quantity": 1}, ("variantId", "GRAPHQL_ERROR")),
    ):
        assert await storefront.refused("BasketAdd", id=key, lines=[line]) == [error]
    assert await storefront("BasketRead", id=key) == before


async def test_a_free_basket_needs_no_payment(storefront: Storefront, desk: Desk, world: World) -> None:
    await desk.rows("UPDATE pricing_variant_listing SET price_amount = 0 RETURNING 1")
    key = (await basket(storefront, world.appointment))["id"]
    await storefront("BasketEmail", id=key, email="guest@example.com")
    await storefront("BasketBillTo", id=key, address=ADDRESS)
    order = await storefront("OrderPage", id=(await storefront("BasketOrder", id=key))["order"]["id"])
    assert (gross(order["total"]), order["chargeStatus"], order["isPaid"]) == (0, "FULL", True)


async def test_a_basket_of_one_line_and_of_twenty_costs_the_same_statements(storefront: Storefront) -> None:
    world = await storefront.api.database.run(lambda session: build(session, sizes=4))
    variants = [ids.encode("ProductVariant", variant.id) for variant in world.variants]
    counts = {}
    for number in (1, 20):
        key = (await basket(storefront, *variants[:number]))["id"]
        assert len((await storefront("BasketRead", id=key))["lines"]) == number
        counts[number] = storefront.statements
    assert counts[1] == counts[20] <= 10, counts


async def test_an_order_says_what_was_taken_off_and_by_which_code(
    storefront: Storefront, desk: Desk, world: World
) -> None:
    await desk.database.run(
        lambda session: discounts.voucher(session, world.channel, codes=["FIRST", "TENTH"], value="10")
    )
    key = (await basket(storefront, world.appointment))["id"]
    assert await storefront.refused("BasketPromo", id=key, code="none") == [("promoCode", "INVALID")]
    cheaper = (await storefront("BasketPromo", id=key, code="tenth"))["checkout"]
    assert (gross(cheaper["totalPrice"]), cheaper["discount"]["amount"], cheaper["voucherCode"]) == (
        48.6,
        5.4,
        "TENTH",
    )
    whole = (await storefront("BasketUnpromo", id=key, code="TENTH"))["checkout"]
    assert (gross(whole["totalPrice"]), whole["voucherCode"]) == (54.0, None)
    await storefront("BasketPromo", id=key, code="TENTH")
    await storefront("BasketEmail", id=key, email="guest@example.com")
    await storefront("BasketBillTo", id=key, address=ADDRESS)
    await pay(storefront, desk, key)
    order = await storefront("OrderPage", id=(await storefront("BasketOrder", id=key))["order"]["id"])
    assert gross(order["total"]) == 48.6
    assert order["voucher"]["code"] == "TENTH"
    # What else there is of the voucher is no business of its users.
    for secret in ("used", "usageLimit", "codes(first: 1) { totalCount }", "channelListings { discountValue }"):
        query = f"query ($id: ID!) {{ order(id: $id) {{ voucher {{ {secret} }} }} }}"
        (error,) = (await storefront.api(query, {"id": order["id"]})).errors
        assert error["extensions"]["exception"]["code"] == "PermissionDenied"
    assert [(one["type"], one["amount"]["amount"]) for one in order["discounts"]] == [("VOUCHER", 5.4)]


async def test_a_shop_in_development_pretends_to_be_paid(desk: Desk, world: World) -> None:
    api = Api(desk.settings.model_copy(update={"dummy_gateway": True}), desk.database)
    storefront = Storefront(api)
    made = await basket(storefront, world.appointment)
    assert "saleor.io.dummy-payment-app" in [gateway["id"] for gateway in made["availablePaymentGateways"]]
    await storefront("BasketEmail", id=made["id"], email="guest@example.com")
    await storefront("BasketBillTo", id=made["id"], address=ADDRESS)
    pretend = {"event": {"includePspReference": True, "type": "CHARGE_SUCCESS"}}
    paid = await storefront("PayStart", id=made["id"], gateway={"id": "saleor.io.dummy-payment-app", "data": pretend})
    assert paid["transactionEvent"]["type"] == "CHARGE_SUCCESS"
    order = await storefront("OrderPage", id=(await storefront("BasketOrder", id=made["id"]))["order"]["id"])
    assert (order["isPaid"], order["totalCaptured"]["amount"]) == (True, 54.0)
    await api.close()
