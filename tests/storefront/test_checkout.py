"""From the cart to the order over an API in memory: the steps, what is refused, the way back from the payment page."""

from urllib.parse import unquote

import httpx
import pytest

from tests.storefront.browsing import ADDRESS, put, ready, words
from tests.storefront.fake import FakeShop


async def test_the_whole_way_with_delivery(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    assert (await browser_like.get("/checkout")).headers["location"] == "/cart"
    await put(browser_like, "course-of-3-consultations-1")
    await put(browser_like, "gentle-shampoo-1")
    assert (await browser_like.get("/checkout")).headers["location"] == "/checkout/details"
    assert (await browser_like.get("/checkout/payment")).headers["location"] == "/checkout/details"
    form = {"email": "shopper@example.com", **ADDRESS}
    assert (await browser_like.post("/checkout/details", data=form)).headers["location"] == "/checkout"
    assert (await browser_like.get("/checkout")).headers["location"] == "/checkout/delivery"
    assert "Standard $6.00 3 to 5 days" in words(await browser_like.get("/checkout/delivery"))
    wrong = await browser_like.post("/checkout/delivery", data={"delivery": "D9"})
    assert wrong.status_code == 422
    for step in (await browser_like.get("/checkout/details"), await browser_like.get("/checkout/delivery"), wrong):
        assert step.headers["cache-control"] == "no-store"
    answer = await browser_like.post("/checkout/delivery", data={"delivery": "D1"})
    assert answer.headers["location"] == "/checkout/payment"
    page = await browser_like.get("/checkout/payment")
    assert "Delivery $6.00 Tax $0.00 Total $354.00" in words(page)
    assert page.headers["cache-control"] == "no-store"
    assert "https:" in page.headers["content-security-policy"].rpartition("form-action")[2]
    answer = await browser_like.post("/checkout/payment", data={"total": "$354.00"})
    assert answer.headers["location"] == fake.session_url
    sent = fake.sent("TransactionInitialize")["gateway"]
    assert sent["id"] == "saleor.app.payment.stripe"
    assert sent["data"]["checkoutSession"] == {
        "successUrl": "http://shop.test/checkout/return",
        "cancelUrl": "http://shop.test/checkout/payment?cancelled",
    }
    first = await browser_like.get("/checkout/return")
    assert first.status_code == 303
    order = words(await browser_like.get(unquote(first.headers["location"])))
    assert "Your order number is 1" in order
    assert "Total $354.00" in order
    assert "Status In preparation" in order
    assert "Subtotal $0.00" in order
    again = await browser_like.get("/checkout/return")
    assert again.headers["location"] == first.headers["location"]
    assert len(fake.orders) == 1


async def test_an_order_shows_what_has_become_of_it(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    await ready(browser_like)
    await browser_like.post("/checkout/payment", data={"total": "$330.00"})
    await browser_like.get("/checkout/return")
    key, order = next(iter(fake.orders.items()))
    page = words(await browser_like.get(f"/orders/{key}"))
    assert "Payment Paid" in page
    assert "Tracking number" not in page
    assert "invoice" not in page
    packed = {
        "id": "L1",
        "quantity": 2,
        "orderLine": {"id": "O1", "productName": "Shampoo", "variantName": "<b>Big</b>"},
    }
    parcel = {"id": "F1", "created": "2026-03-02T12:00:00+00:00", "trackingNumber": "T-1", "lines": [packed]}
    order["fulfillments"] = [parcel | {"status": "FULFILLED"}, parcel | {"status": "CANCELED", "trackingNumber": "T-0"}]
    order["invoices"] = [
        {"id": "I1", "number": "2026-000001", "url": "http://shop.test/invoices/1.2.x"},
        {"id": "I2", "number": "2026-000002", "url": None},
    ]
    order["paymentStatus"] = "PARTIALLY_REFUNDED"
    answer = await browser_like.get(f"/orders/{key}")
    page = words(answer)
    assert "Payment Partly refunded" in page
    assert "2 × Shampoo, <b>Big</b>" in page
    assert "Tracking number T-1" in page
    assert "T-0" not in page
    assert "Download invoice 2026-000001 (PDF)" in page
    assert "2026-000002" not in page
    assert 'href="http://shop.test/invoices/1.2.x"' in answer.text


async def test_shortened_personal_data_is_left_out(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    await ready(browser_like)
    await browser_like.post("/checkout/payment", data={"total": "$330.00"})
    await browser_like.get("/checkout/return")
    key, order = next(iter(fake.orders.items()))
    assert "Invoice to Example Shopper" in words(await browser_like.get(f"/orders/{key}"))
    order["userEmail"] = "s...@example.com"
    page = words(await browser_like.get(f"/orders/{key}"))
    assert "Example Shopper" not in page
    assert "Names and streets are left out" in page


async def test_without_delivery_a_name_and_a_country_are_enough(
    browser_like: httpx.AsyncClient, fake: FakeShop
) -> None:
    await put(browser_like, "course-of-3-consultations-1")
    page = await browser_like.get("/checkout/details")
    assert "Delivery address" not in page.text
    assert "shipping." not in page.text
    form = {"email": "shopper@example.com", "billing.firstName": "Example", "billing.lastName": "Shopper"}
    refused = await browser_like.post("/checkout/details", data=form)
    assert refused.status_code == 422
    assert "Country: This field is required." in words(refused)
    assert 'value="Example"' in refused.text
    await browser_like.post("/checkout/details", data=form | {"billing.country": "DE"})
    assert (await browser_like.get("/checkout")).headers["location"] == "/checkout/payment"
    assert (await browser_like.get("/checkout/delivery")).headers["location"] == "/checkout"
    assert "CheckoutShippingAddressUpdate" not in fake.operations


async def test_what_is_wrong_stands_beside_the_field(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    await put(browser_like, "gentle-shampoo-1")
    form = {"email": '"><script>', **ADDRESS}
    del form["shipping.postalCode"]
    page = await browser_like.post("/checkout/details", data=form)
    assert page.status_code == 422
    assert "E-mail: Enter a valid e-mail address." in words(page)
    assert "Postal code: This field is required." in words(page)
    assert 'id="shipping-postalCode-error"' in page.text
    assert 'value="&#34;&gt;&lt;script&gt;"' in page.text
    assert "Exampletown" not in str(page.headers.get_list("set-cookie"))


async def test_nobody_pays_another_total_than_the_one_shown(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    await ready(browser_like)
    answer = await browser_like.post("/checkout/payment", data={"total": "$18.00"})
    assert answer.headers["location"] == "/checkout/payment"
    assert "TransactionInitialize" not in fake.operations
    assert "total has changed" in words(await browser_like.get("/checkout/payment"))


async def test_nobody_pays_twice(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    await ready(browser_like)
    fake.charge_status = "FULL"
    answer = await browser_like.post("/checkout/payment", data={"total": "$330.00"})
    assert answer.headers["location"].startswith("/orders/")
    assert "TransactionInitialize" not in fake.operations


async def test_paid_in_another_tab_meanwhile_leads_to_the_order(
    browser_like: httpx.AsyncClient, fake: FakeShop
) -> None:
    await ready(browser_like)
    fake.session_url = None
    answer = await browser_like.post("/checkout/payment", data={"total": "$330.00"})
    assert answer.headers["location"].startswith("/orders/")


async def test_what_ran_out_meanwhile_leads_back_to_the_cart(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    await ready(browser_like)
    fake.problems = ["CheckoutLineProblemInsufficientStock"]
    fake.stock[0]["left"] = 0
    assert (await browser_like.get("/checkout/payment")).headers["location"] == "/cart"
    page = words(await browser_like.get("/cart"))
    assert "Something in your cart is sold out, or fewer are left." in page
    assert "Sold out: remove it to check out" in page


async def test_who_has_paid_in_another_tab_is_led_to_the_order(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    await ready(browser_like)
    await browser_like.post("/checkout/payment", data={"total": "$330.00"})
    first = await browser_like.get("/checkout/return")
    again = await browser_like.post("/checkout/payment", data={"total": "$330.00"})
    assert again.headers["location"] == "/checkout/return"
    assert (await browser_like.get("/checkout/return")).headers["location"] == first.headers["location"]
    assert (len(fake.orders), fake.operations.count("TransactionInitialize")) == (1, 1)
    # Who only opens the page, or never paid here, has an empty cart.
    assert (await browser_like.get("/checkout/payment")).headers["location"] == "/cart"
    browser_like.cookies.clear()
    assert (await browser_like.post("/checkout/payment", data={"total": "$1.00"})).headers["location"] == "/cart"


async def test_nothing_to_pay_asks_for_no_card(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    await ready(browser_like)
    page = words(await browser_like.get("/checkout/payment"))
    assert "Pay $330.00 You enter your card on Stripe’s own page" in page
    fake.stock[0]["variants"][0]["price"] = 0
    page = words(await browser_like.get("/checkout/payment"))
    assert "Place the order There is nothing to pay, and no card is asked for." in page
    assert "Stripe" not in page
    answer = await browser_like.post("/checkout/payment", data={"total": "$0.00"})
    assert answer.headers["location"].startswith("/orders/")


async def test_a_delivery_that_no_longer_fits_is_chosen_again(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    await put(browser_like, "gentle-shampoo-1")
    await browser_like.post("/checkout/details", data={"email": "shopper@example.com", **ADDRESS})
    await browser_like.post("/checkout/delivery", data={"delivery": "D1"})
    fake.problems = ["CheckoutProblemDeliveryMethodInvalid"]
    assert (await browser_like.get("/checkout/payment")).headers["location"] == "/checkout/delivery"


async def test_a_cancelled_payment_says_so(browser_like: httpx.AsyncClient) -> None:
    await ready(browser_like)
    assert "nothing was charged" in words(await browser_like.get("/checkout/payment?cancelled"))


@pytest.mark.parametrize(
    ("kind", "said", "link"),
    [
        ("CHARGE_FAILURE", "Nothing was charged. Your cart is as you left it", "/checkout/payment"),
        ("CHARGE_ACTION_REQUIRED", "You came back before the payment was done", "/checkout/payment"),
        ("CHARGE_REQUEST", "Please do not pay again", "/checkout/return"),
    ],
)
async def test_a_payment_that_is_not_done_makes_no_order(
    browser_like: httpx.AsyncClient, fake: FakeShop, kind: str, said: str, link: str
) -> None:
    await ready(browser_like)
    await browser_like.post("/checkout/payment", data={"total": "$330.00"})
    fake.payment_type = kind
    page = await browser_like.get("/checkout/return")
    assert page.status_code == 200
    assert said in words(page)
    assert f'href="{link}"' in page.text
    assert fake.orders == {}
    assert "CheckoutComplete" not in fake.operations
    fake.payment_type = "CHARGE_SUCCESS"
    assert (await browser_like.get("/checkout/return")).headers["location"].startswith("/orders/")
    assert len(fake.orders) == 1


async def test_paid_but_refused_promises_the_money_back(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    await ready(browser_like)
    await browser_like.post("/checkout/payment", data={"total": "$330.00"})
    fake.complete_error = "INSUFFICIENT_STOCK"
    page = words(await browser_like.get("/checkout/return"))
    assert "The order could not be completed" in page
    assert "returned to your card in full" in page


async def test_a_payment_of_another_browser_is_unknown_here(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    page = await browser_like.get("/checkout/return")
    assert page.status_code == 404
    browser_like.cookies.set("shop_payment", "%7Bbroken", domain="shop.test")
    assert (await browser_like.get("/checkout/return")).status_code == 404
    assert "TransactionProcess" not in fake.operations


@pytest.mark.parametrize(("code", "status"), [("InternalServerError", 500), ("ServiceUnavailable", 503)])
async def test_a_fault_of_the_api_is_no_empty_cart(
    browser_like: httpx.AsyncClient, fake: FakeShop, code: str, status: int
) -> None:
    await put(browser_like, "gentle-shampoo-1")
    fake.broken = code
    page = await browser_like.get("/checkout")
    assert page.status_code == status
    assert "Something went wrong" in words(page)
    assert "broken on purpose" not in page.text
    assert page.headers["x-content-type-options"] == "nosniff"
    assert (await put(browser_like, "gentle-shampoo-1")).status_code == status
    fake.broken = ""
    assert (await browser_like.get("/checkout")).headers["location"] == "/checkout/details"
