"""From an empty cart to a paid order by saved documents and plain forms, with every sum to the minor unit."""

import re

import psycopg

from tests.journeys.running import AMERICAN, GERMAN, Shopper, taxed, uuid_of, words

COURSE = ("course-of-3-consultations", "CONSULT-COURSE-3")
SHAMPOO = ("gentle-shampoo", "SHAMPOO-250")
FREE = ("0.00", "0.00", "0.00")


async def test_prices_entered_without_tax_in_dollars(american: Shopper) -> None:
    course, shampoo = await american.variant(*COURSE), await american.variant(*SHAMPOO)
    cart = await american.fill({course: 1, shampoo: 1})
    assert cart["isShippingRequired"] is True
    assert cart["displayGrossPrices"] is False
    assert (cart["email"], cart["delivery"], cart["chargeStatus"]) == (None, None, "NONE")
    # Nobody has said yet where it goes: the channel's own country taxes it.
    assert [taxed(line["totalPrice"]) for line in cart["lines"]] == [
        ("330.00", "330.00", "0.00"),
        ("19.08", "18.00", "1.08"),
    ]
    await american.mail("dollars@example.com")
    cart = await american.send_to(AMERICAN)
    assert taxed(cart["subtotalPrice"]) == ("349.08", "348.00", "1.08")
    assert taxed(cart["shippingPrice"]) == ("6.36", "6.00", "0.36")
    assert taxed(cart["totalPrice"]) == ("355.44", "354.00", "1.44")
    assert cart["totalPrice"]["gross"]["currency"] == "USD"
    paid = await american.begin_payment()
    assert paid["transactionEvent"]["type"] == "CHARGE_ACTION_REQUIRED"
    assert "Pay $355.44" in words(await american.client.get(american.page))
    await american.pay()
    assert (await american.process())["type"] == "CHARGE_SUCCESS"
    order = await american.complete()
    assert re.fullmatch(r"\d+", order["number"])
    assert (order["isPaid"], order["chargeStatus"], order["status"]) == (True, "FULL", "UNFULFILLED")
    assert order["userEmail"] == "d...@example.com", "whoever holds a guest's order ID reads no whole address"
    assert [(line["productName"], line["quantity"], taxed(line["unitPrice"])) for line in order["lines"]] == [
        ("Course of 3 consultations", 1, ("330.00", "330.00", "0.00")),
        ("Gentle shampoo", 1, ("19.08", "18.00", "1.08")),
    ]
    assert taxed(order["subtotal"]) == ("349.08", "348.00", "1.08")
    assert taxed(order["shippingPrice"]) == ("6.36", "6.00", "0.36")
    assert taxed(order["total"]) == ("355.44", "354.00", "1.44")
    assert order["deliveryMethod"] == {"name": "Standard"}
    assert order["shippingAddress"]["country"]["code"] == "US"
    # Asking again, as a double click does, is answered with the same order; the cart is gone.
    assert (await american.complete())["id"] == order["id"]
    assert await american.ask("CheckoutDetails", id=american.checkout) is None
    mailbox = words(await american.client.get(f"{american.running.url}/mailbox"))
    assert "To dollars@example.com" in mailbox
    assert order["number"] in mailbox
    assert "355.44" in mailbox


async def test_prices_entered_with_tax_in_euros(european: Shopper) -> None:
    course, shampoo = await european.variant(*COURSE), await european.variant(*SHAMPOO)
    await european.fill({course: 1, shampoo: 3})
    await european.mail("euros@example.com")
    cart = await european.send_to(GERMAN)
    assert cart["displayGrossPrices"] is True
    # 19 % out of each line's whole total: three times 16.90 hold 8.09, not three times 2.70.
    assert [taxed(line["totalPrice"]) for line in cart["lines"]] == [
        ("300.00", "252.10", "47.90"),
        ("50.70", "42.61", "8.09"),
    ]
    assert taxed(cart["shippingPrice"]) == ("4.90", "4.12", "0.78")
    assert taxed(cart["totalPrice"]) == ("355.60", "298.83", "56.77")
    await european.begin_payment()
    await european.pay()
    order = await european.complete()
    assert taxed(order["subtotal"]) == ("350.70", "294.71", "55.99")
    assert taxed(order["total"]) == ("355.60", "298.83", "56.77")
    assert order["total"]["gross"]["currency"] == "EUR"
    assert (order["isPaid"], order["chargeStatus"]) == (True, "FULL")


async def test_another_country_s_tax_and_free_delivery(american: Shopper) -> None:
    """Canada taxes services and goods with 5 %; from 75 dollars on, delivery in the United States is free."""
    course, shampoo = await american.variant(*COURSE), await american.variant(*SHAMPOO)
    await american.fill({course: 1, shampoo: 1})
    cart = await american.send_to(AMERICAN | {"country": "CA", "countryArea": "ON", "postalCode": "K1A 0B1"})
    assert taxed(cart["subtotalPrice"]) == ("365.40", "348.00", "17.40")
    assert taxed(cart["shippingPrice"]) == ("12.60", "12.00", "0.60")
    assert taxed(cart["totalPrice"]) == ("378.00", "360.00", "18.00")
    cart = await american.send_to(AMERICAN, "Free standard")
    assert taxed(cart["shippingPrice"]) == FREE
    assert taxed(cart["totalPrice"]) == ("349.08", "348.00", "1.08")


async def test_without_goods_nobody_asks_where_to_send_them(
    american: Shopper, shop_database: psycopg.Connection
) -> None:
    course = await american.variant(*COURSE)
    cart = await american.fill({course: 1})
    assert cart["isShippingRequired"] is False
    await american.mail("visits@example.com")
    cart = await american.bill_to({"firstName": "Example", "lastName": "Shopper", "country": "US"})
    assert (cart["shippingAddress"], cart["delivery"]) == (None, None)
    assert taxed(cart["shippingPrice"]) == FREE
    options = await american.do("DeliveryOptionsCalculate", id=american.checkout)
    assert options["deliveries"] == []
    await american.begin_payment()
    await american.pay()
    order = await american.complete()
    assert taxed(order["total"]) == ("330.00", "330.00", "0.00")
    assert taxed(order["shippingPrice"]) == FREE
    assert (order["shippingAddress"], order["deliveryMethod"]) == (None, None)
    assert shop_database.execute(
        "SELECT shipping_address_id, shipping_method_id FROM order_order WHERE id = %s", [uuid_of(order["id"])]
    ).fetchall() == [(None, None)]
