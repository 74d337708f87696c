"""The pages over an API in memory: what they show, what they keep, what they refuse."""

import json
import re
from html import unescape
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import httpx
import pytest

from shop.kit.settings import Settings
from shop.storefront.app import application
from tests.storefront.fake import FakeShop

ADDRESS = {
    "shipping.firstName": "Example",
    "shipping.lastName": "Shopper",
    "shipping.streetAddress1": "1 Example Street",
    "shipping.city": "Exampletown",
    "shipping.postalCode": "10001",
    "shipping.country": "US",
    "sameAddress": "1",
}


async def put(client: httpx.AsyncClient, variant: str, quantity: str = "1", **headers: str) -> httpx.Response:
    form = {"variantId": variant, "quantity": quantity, "next": "/products/gentle-shampoo"}
    return await client.post("/cart/lines", data=form, headers=headers)


def words(response: httpx.Response) -> str:
    """What a reader sees."""
    text = re.sub(r"<(script|style).*?</\1>", " ", response.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.mark.parametrize("path", ["/", "/products", "/products/gentle-shampoo", "/pages/hair", "/pages/terms", "/cart"])
async def test_every_page_has_the_drawer_the_banner_and_its_headers(browser_like: httpx.AsyncClient, path: str) -> None:
    page = await browser_like.get(path)
    assert page.status_code == 200
    text = words(page)
    assert "Test mode: no real payment" in text
    for part in ("Shopping cart", "Subtotal $0.00", "View cart", "Checkout", "Your cart is empty."):
        assert part in text
    assert 'href="#cart"' in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert page.headers["cache-control"] == "private, no-cache"
    assert not re.search(r"\s(style|on\w+)=\"", page.text)
    assert page.text.count("<h1") == 1
    assert re.search(r"<title>[^<]{5,}</title>", page.text)
    for data in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.text):
        assert json.loads(data)["@context"] == "https://schema.org"


async def test_a_page_costs_two_questions_to_the_api(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    await browser_like.get("/products")
    fake.operations.clear()
    await browser_like.get("/products/gentle-shampoo")
    assert fake.operations == ["Layout", "ProductDetails"]


async def test_an_article_lists_its_parts_and_warns_before_it_sells(browser_like: httpx.AsyncClient) -> None:
    page = await browser_like.get("/pages/hair")
    assert '<li><a href="#part-4">Part 4 &amp; more</a></li>' in page.text
    assert page.text.index("no medical advice") < page.text.index("Book a consultation")
    assert "Book a consultation" not in (await browser_like.get("/pages/terms")).text


async def test_a_search_and_its_empty_result(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    page = await browser_like.get("/products", params={"q": "sham"})
    assert "Gentle shampoo" in words(page)
    assert fake.sent("ProductList")["sortBy"] is None
    page = await browser_like.get("/products", params={"q": "<b>nothing"})
    assert "Nothing matches “<b>nothing”" in words(page)


async def test_sorting_goes_to_the_api(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    await browser_like.get("/categories/aftercare", params={"sort": "price-desc"})
    sent = fake.sent("ProductList")
    assert sent["sortBy"] == {"field": "MINIMAL_PRICE", "direction": "DESC"}
    assert sent["filter"] == {"categories": ["aftercare"]}


async def test_the_product_page_offers_what_can_be_bought(browser_like: httpx.AsyncClient) -> None:
    page = words(await browser_like.get("/products/gentle-shampoo"))
    assert "from $18.00 excl. tax" in page
    assert "Size 2 $29.00 Available" in page
    assert "Only 3 left" in words(await browser_like.get("/products/few-caps"))
    sold_out = await browser_like.get("/products/sold-out-comb")
    assert "sold out" in words(sold_out)
    assert "Add to cart" not in sold_out.text


async def test_the_first_line_makes_the_cart_and_the_next_joins_it(
    browser_like: httpx.AsyncClient, fake: FakeShop
) -> None:
    answer = await put(browser_like, "course-of-3-consultations-1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/products/gentle-shampoo#cart"
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("shop_cart_"))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    await put(browser_like, "gentle-shampoo-1", "2")
    assert len(fake.checkouts) == 1
    page = await browser_like.get("/products/gentle-shampoo")
    assert "Added to your cart." in words(page)
    assert "Subtotal $366.00" in words(page)
    assert "Added to your cart." not in words(await browser_like.get("/"))


async def test_the_script_gets_the_drawer_instead(browser_like: httpx.AsyncClient) -> None:
    answer = await put(browser_like, "gentle-shampoo-1", "2", **{"X-Requested-With": "fetch"})
    assert answer.status_code == 200
    assert 'data-quantity="2" data-subtotal="$36.00"' in answer.text
    assert "<html" not in answer.text
    refused = await put(browser_like, "sold-out-comb-1", "1", **{"X-Requested-With": "fetch"})
    assert refused.status_code == 422
    assert "Not enough in stock." in refused.text
    assert 'data-subtotal="$36.00"' in refused.text


@pytest.mark.parametrize("quantity", ["0", "-1", "", "x", "1.5", "٣"])
async def test_a_quantity_is_a_number_from_one(browser_like: httpx.AsyncClient, fake: FakeShop, quantity: str) -> None:
    answer = await put(browser_like, "gentle-shampoo-1", quantity)
    assert answer.status_code == 303
    assert fake.checkouts == {}
    assert "quantity of 1 or more" in words(await browser_like.get("/cart"))


async def test_lines_are_changed_and_removed(browser_like: httpx.AsyncClient) -> None:
    await put(browser_like, "gentle-shampoo-1")
    await put(browser_like, "few-caps-1")
    await browser_like.post("/cart/lines/update", data={"lineId": "gentle-shampoo-1", "quantity": "3"})
    assert "Subtotal $78.00" in words(await browser_like.get("/cart"))
    answer = await browser_like.post("/cart/lines/remove", data={"lineId": "few-caps-1"})
    assert answer.headers["location"] == "/cart"
    assert "Subtotal $54.00" in words(await browser_like.get("/cart"))


async def test_a_cart_that_is_gone_begins_anew(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    await put(browser_like, "gentle-shampoo-1")
    fake.checkouts.clear()
    page = await browser_like.get("/")
    assert "Subtotal $0.00" in words(page)
    assert not [name for name in browser_like.cookies if name.startswith("shop_cart_")]
    await put(browser_like, "gentle-shampoo-1")
    fake.checkouts.clear()
    await put(browser_like, "few-caps-1")
    assert "Subtotal $24.00" in words(await browser_like.get("/"))


async def test_each_channel_has_its_own_prices_and_cart(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    await put(browser_like, "gentle-shampoo-1")
    answer = await browser_like.post("/channel", data={"channel": "europe", "next": "//evil.test"})
    assert answer.headers["location"] == "/"
    page = words(await browser_like.get("/products/gentle-shampoo"))
    assert "Subtotal €0.00" in page
    assert "from €18.00 incl. tax" in page
    await browser_like.post("/channel", data={"channel": "nowhere", "next": "/"})
    assert "Subtotal €0.00" in words(await browser_like.get("/"))
    await browser_like.post("/channel", data={"channel": "default-channel", "next": "/"})
    assert "Subtotal $18.00" in words(await browser_like.get("/"))


async def test_a_form_of_another_site_is_refused(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    answer = await put(browser_like, "gentle-shampoo-1", Origin="https://evil.test")
    assert answer.status_code == 403
    assert fake.operations == []


async def test_a_form_of_absurd_size_is_refused(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    assert (await put(browser_like, "x" * 70_000)).status_code == 413
    assert fake.operations == []


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
    answer = await browser_like.post("/checkout/delivery", data={"delivery": "D1"})
    assert answer.headers["location"] == "/checkout/payment"
    page = await browser_like.get("/checkout/payment")
    assert "Delivery $6.00 Tax $0.00 Total $354.00" in words(page)
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


async def ready(client: httpx.AsyncClient) -> None:
    """A checkout that only lacks its payment."""
    await put(client, "course-of-3-consultations-1")
    person = {"billing.firstName": "Example", "billing.lastName": "Shopper", "billing.country": "US"}
    await client.post("/checkout/details", data={"email": "shopper@example.com", **person})


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


async def test_what_ran_out_meanwhile_leads_back_to_the_cart(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    await ready(browser_like)
    fake.problems = ["CheckoutLineProblemInsufficientStock"]
    fake.stock[0]["left"] = 0
    assert (await browser_like.get("/checkout/payment")).headers["location"] == "/cart"
    page = words(await browser_like.get("/cart"))
    assert "no longer available in that quantity" in page
    assert "Sold out" in page


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


async def test_unknown_addresses_have_a_page_of_the_shop(browser_like: httpx.AsyncClient) -> None:
    for path in ("/nope", "/products/nope", "/categories/nope", "/collections/nope", "/pages/nope", "/orders/nope"):
        page = await browser_like.get(path)
        assert page.status_code == 404, path
        assert "This page does not exist" in words(page)
        assert "Shopping cart" in words(page)


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


async def test_before_a_channel_exists_the_shop_says_how_to_open(
    browser_like: httpx.AsyncClient, fake: FakeShop
) -> None:
    fake.currencies.clear()
    page = await browser_like.get("/")
    assert page.status_code == 503
    assert "shop apply" in words(page)


async def test_feeds(browser_like: httpx.AsyncClient) -> None:
    robots = (await browser_like.get("/robots.txt")).text
    assert "Disallow: /checkout" in robots
    assert "Sitemap: http://shop.test/sitemap.xml" in robots
    tree = ET.fromstring((await browser_like.get("/sitemap.xml")).text)
    found = [node.text for node in tree.iter() if node.tag.endswith("loc")]
    assert "http://shop.test/products/gentle-shampoo" in found
    assert "http://shop.test/pages/hair" in found


async def test_changed_files_get_new_addresses(browser_like: httpx.AsyncClient) -> None:
    page = await browser_like.get("/")
    for kind in ("css", "js"):
        found = re.search(rf'"(/static/storefront\.{kind}\?v=[0-9a-f]+)"', page.text)
        assert found
        answer = await browser_like.get(found[1])
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


async def test_the_banner_is_for_the_sandbox_only(fake: FakeShop, front_settings: Settings) -> None:
    real = front_settings.model_copy(update={"stripe_api_url": "https://api.stripe.com"})
    transport = httpx.ASGITransport(application(real, fake.execute))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        assert "Test mode" not in (await client.get("/")).text
