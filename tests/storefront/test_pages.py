"""The pages over an API in memory: what they show, what they keep, what they refuse."""

import json
import re
from xml.etree import ElementTree as ET

import httpx
import pytest

from shop.kit.settings import Settings
from shop.storefront.app import application
from tests.storefront.browsing import put, words
from tests.storefront.fake import FakeShop


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


async def test_what_machines_read_on_a_product(browser_like: httpx.AsyncClient) -> None:
    page = (await browser_like.get("/products/gentle-shampoo?from=mail")).text
    assert '<link rel="canonical" href="http://shop.test/products/gentle-shampoo">' in page
    assert '<meta property="og:type" content="product">' in page
    assert '<meta name="description" content="About it.">' in page
    product, trail = (json.loads(data) for data in re.findall(r'ld\+json">(.*?)</script>', page))
    assert product["@type"] == "Product"
    offered = [(offer["price"], offer["priceCurrency"]) for offer in product["offers"]]
    assert offered == [("18.00", "USD"), ("29.00", "USD")]
    assert product["offers"][0]["availability"] == "https://schema.org/InStock"
    assert [item["name"] for item in trail["itemListElement"]] == ["Home", "Products", "Aftercare", "Gentle shampoo"]
    service = json.loads(
        re.findall(r'ld\+json">(.*?)</script>', (await browser_like.get("/products/course-of-3-consultations")).text)[0]
    )
    assert service["@type"] == "Service"
    assert "noindex" in (await browser_like.get("/cart")).text


async def test_an_article_lists_its_parts_and_warns_before_it_sells(browser_like: httpx.AsyncClient) -> None:
    page = await browser_like.get("/pages/hair")
    assert '<li><a href="#part-4">Part 4 &amp; more</a></li>' in page.text
    assert page.text.index("no medical advice") < page.text.index("Book a consultation")
    assert "Book a consultation" not in (await browser_like.get("/pages/terms")).text


async def test_an_article_says_who_checked_it_and_what_it_costs_to_believe_it(browser_like: httpx.AsyncClient) -> None:
    page = words(await browser_like.get("/pages/hair"))
    assert "Review overdue since 10 February 2026" in page
    assert "By Example clinic, editorial team." in page
    assert "4 min read." in page
    assert "Regulatory status: Investigational. Our interest: This site sells consultations." in page
    # Only the parts of an article are listed, not what is below them.
    assert "Deeper" not in page
    assert "Review overdue" not in words(await browser_like.get("/pages/terms"))


async def test_what_machines_read_on_an_article(browser_like: httpx.AsyncClient) -> None:
    page = (await browser_like.get("/pages/hair")).text
    for line in (
        '<link rel="canonical" href="http://shop.test/pages/hair">',
        '<link rel="alternate" hreflang="en" href="http://shop.test/pages/hair">',
        '<link rel="alternate" hreflang="x-default" href="http://shop.test/pages/hair">',
        '<link rel="alternate" hreflang="de" href="http://shop.test/de/pages/haar">',
        '<meta property="og:type" content="article">',
        '<meta property="og:image" content="http://shop.test/media/hair.jpg">',
        '<meta property="article:published_time" content="2026-03-01T12:00:00+00:00">',
        '<meta name="description" content="First words.">',
    ):
        assert line in page
    article, trail = (json.loads(data) for data in re.findall(r'ld\+json">(.*?)</script>', page))
    assert article == {"@context": "https://schema.org", "@type": "Article", "headline": "Hair"}
    assert [item["name"] for item in trail["itemListElement"]] == ["Home", "Hair"]


@pytest.mark.parametrize(
    ("asked", "target"),
    [
        ("/2024/05/hair/", "/pages/hair"),
        ("/?p=5", "/pages/hair"),
        ("/feed/", "/feed.xml"),
        ("/comments/feed", "/comments.xml"),
    ],
)
async def test_addresses_of_the_site_before_lead_here(browser_like: httpx.AsyncClient, asked: str, target: str) -> None:
    found = await browser_like.get(asked)
    assert (found.status_code, found.headers["location"]) == (301, target)


async def test_other_addresses_stay_what_they_are(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    assert (await browser_like.get("/2024/05/skin/")).status_code == 404
    assert (await browser_like.get("/?p=6")).status_code == 200
    assert (await browser_like.post("/2024/05/hair/", data={})).status_code == 404
    fake.operations.clear()
    await browser_like.get("/")
    assert fake.operations == ["Layout", "Home"]


@pytest.mark.parametrize(
    ("asked", "target"),
    [
        ("/products/", "/products"),
        ("/account/", "/account"),
        ("/pages/hair/?a=b", "/pages/hair?a=b"),
        ("//products//", "/products"),
    ],
)
async def test_a_slash_too_many_leads_to_the_page(browser_like: httpx.AsyncClient, asked: str, target: str) -> None:
    found = await browser_like.get(f"http://shop.test{asked}")
    assert (found.status_code, found.headers["location"]) == (308, target)


@pytest.mark.parametrize("asked", ["/nowhere/", "//evil.test/", "//evil.test/x/"])
async def test_a_slash_too_many_leads_nowhere_else(browser_like: httpx.AsyncClient, asked: str) -> None:
    assert (await browser_like.get(f"http://shop.test{asked}")).status_code == 404
    assert (await browser_like.post(f"http://shop.test{asked}", data={})).status_code == 404


async def test_the_start_page_has_the_newest_article_first(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    page = await browser_like.get("/")
    assert '<time datetime="2026-03-01T12:00:00+00:00">1 March 2026</time>, 4 min to read' in page.text
    assert '<a class="button button-large" href="/categories/consultations">Book a consultation</a>' in page.text
    assert fake.page_order == {"field": "PUBLISHED_AT", "direction": "DESC"}


async def test_a_former_address_leads_to_the_article_for_good(browser_like: httpx.AsyncClient) -> None:
    moved = await browser_like.get("/pages/old-hair", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (301, "/pages/hair")
    assert (await browser_like.get("/pages/older-hair")).status_code == 404


async def test_an_article_is_read_in_another_language(browser_like: httpx.AsyncClient) -> None:
    page = (await browser_like.get("/de/pages/haar")).text
    assert "<p>Erste Worte.</p>" in page
    assert '<h1 lang="de" dir="auto">Haar</h1>' in page
    assert '<div lang="de" dir="auto"><p>Erste Worte.</p></div>' in page
    # What stands around the text is English.
    assert page.count(' lang="de"') == 2
    assert '<link rel="canonical" href="http://shop.test/de/pages/haar">' in page
    assert '<link rel="alternate" hreflang="en" href="http://shop.test/pages/hair">' in page
    assert '<meta name="description" content="Erste Worte.">' in page
    for path in ("/de/pages/hair", "/xx/pages/haar", "/DE/pages/haar", "/static/pages/haar"):
        assert (await browser_like.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("former", "present"),
    [
        ("/de/pages/altes-haar", "/de/pages/haar"),
        # The terms are not told in German any more.
        ("/de/pages/agb", "/pages/terms"),
    ],
)
async def test_a_former_address_of_a_language_leads_to_the_present_one(
    browser_like: httpx.AsyncClient, former: str, present: str
) -> None:
    moved = await browser_like.get(former, follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (301, present)


async def test_a_draft_is_shown_to_who_holds_its_token(browser_like: httpx.AsyncClient) -> None:
    page = await browser_like.get("/pages/draft?preview=token")
    assert page.status_code == 200
    assert "Preview: this page is not what visitors see." in page.text
    assert '<meta name="robots" content="noindex">' in page.text
    assert 'rel="canonical"' not in page.text
    assert page.headers["cache-control"] == "no-store"
    for path in ("/pages/draft", "/pages/draft?preview=", "/pages/draft?preview=x"):
        assert (await browser_like.get(path)).status_code == 404


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


async def test_cookies_are_secure_where_visitors_come_by_https(fake: FakeShop, front_settings: Settings) -> None:
    # The proxy that ends TLS speaks http to us, and its headers may not be believed.
    settings = front_settings.model_copy(update={"public_url": "https://shop.test"})
    transport = httpx.ASGITransport(application(settings, fake.execute))
    origin = {"Origin": "https://shop.test"}
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test", headers=origin) as client:
        answer = await put(client, "course-of-3-consultations-1")
    assert all("; Secure" in cookie for cookie in answer.headers.get_list("set-cookie"))


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


async def test_a_lower_price_stands_beside_the_one_before(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    assert "On sale" not in words(await browser_like.get("/products"))
    shampoo = next(product for product in fake.stock if product["slug"] == "gentle-shampoo")
    for variant in shampoo["variants"]:
        variant["before"] = variant["price"] + 6
    assert words(await browser_like.get("/products")).count("On sale") == 1
    page = words(await browser_like.get("/products/gentle-shampoo"))
    assert "Before: $24.00 Now: $18.00" in page


async def test_a_code_is_applied_shown_and_removed_without_a_script(browser_like: httpx.AsyncClient) -> None:
    await put(browser_like, "gentle-shampoo-1", "5")
    page = words(await browser_like.get("/cart"))
    assert "Discount or gift card code Apply" in page
    assert ", in these prices" not in page
    refused = await browser_like.post("/cart/code", data={"promoCode": "NONSENSE"})
    assert (refused.status_code, refused.headers["location"]) == (303, "/cart")
    assert "This code is not valid." in words(await browser_like.get("/cart"))
    await browser_like.post("/cart/code", data={"promoCode": "  "})
    assert "Please enter a code." in words(await browser_like.get("/cart"))
    await browser_like.post("/cart/code", data={"promoCode": " welcome10 "})
    page = words(await browser_like.get("/cart"))
    assert "Discount WELCOME10, in these prices −$9.00 Subtotal $81.00" in page
    await browser_like.post("/cart/code/remove", data={"promoCode": "WELCOME10"})
    page = words(await browser_like.get("/cart"))
    assert "Subtotal $90.00" in page
    assert "WELCOME10" not in page


async def test_a_gift_card_is_shown_with_what_it_holds_and_removed(browser_like: httpx.AsyncClient) -> None:
    await put(browser_like, "gentle-shampoo-1", "5")
    await browser_like.post("/cart/code", data={"promoCode": "GIFT-CARD"})
    page = await browser_like.get("/cart")
    assert "Subtotal $90.00 Gift card ending in CARD up to $30.00" in words(page)
    (card,) = re.findall(r'name="giftCard" value="([^"]+)"', page.text)
    await browser_like.post("/cart/code/remove", data={"giftCard": card})
    assert "Gift card" not in words(await browser_like.get("/cart"))


async def test_a_code_that_gives_nothing_any_more_says_so(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    await put(browser_like, "gentle-shampoo-1", "5")
    await browser_like.post("/cart/code", data={"promoCode": "WELCOME10"})
    fake.voucher_ended = True
    page = words(await browser_like.get("/cart"))
    assert "The code WELCOME10 does not apply to this cart at present." in page
    assert "Subtotal $90.00" in page


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


async def test_unknown_addresses_have_a_page_of_the_shop(browser_like: httpx.AsyncClient) -> None:
    for path in ("/nope", "/products/nope", "/categories/nope", "/collections/nope", "/pages/nope", "/orders/nope"):
        page = await browser_like.get(path)
        assert page.status_code == 404, path
        assert "This page does not exist" in words(page)
        assert "Shopping cart" in words(page)


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
