"""The drawer shows what staff put into it, above and below the cart, and nothing where there is nothing to show."""

import re

import httpx

from tests.storefront.browsing import words
from tests.storefront.fake import FakeShop, Fields, edges

BLANK: Fields = {"url": None, "category": None, "collection": None, "page": None, "children": []}


def widget(kind: str, title: str | None = None, **shown: object) -> Fields:
    return {"__typename": kind, "id": kind, "title": title, **shown}


async def drawer(client: httpx.AsyncClient) -> str:
    page = (await client.get("/pages/terms")).text
    return page[page.index('class="drawer-body"') : page.index('class="drawer-foot"')]


async def test_widgets_stand_around_the_cart(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    link = BLANK | {"id": "1", "name": "Shipping", "url": "/pages/shipping"}
    fake.widgets = [
        widget("TextWidget", "Opening hours", contentHtml="<p>Nine to <b>five</b></p>"),
        widget("MiniCartWidget"),
        widget("MenuWidget", "Help", menu={"items": [BLANK | {"id": "2", "name": "Orders", "children": [link]}]}),
        widget("PagesWidget", "To read", pages=[{"title": "Hair & you", "slug": "hair"}]),
        widget(
            "ProductsWidget",
            "Most asked for",
            collection={"slug": "featured-products"},
            category=None,
            products=lambda info: edges([fake._listed(fake.stock[1], "default-channel")]),
        ),
        widget("BookingWidget", "Book now", product={"name": "First consultation", "slug": "first-consultation"}),
        widget("BookingWidget", None, product={"name": "Second consultation", "slug": "second-consultation"}),
    ]
    html = await drawer(browser_like)
    above, below = html.split("data-cart-contents", 1)
    assert '<h3 id="drawer-above-1">Opening hours</h3>' in above
    assert "<p>Nine to <b>five</b></p>" in above
    assert "<strong>Orders</strong>" in below
    for text, path in (
        ("Shipping", "/pages/shipping"),
        ("Hair &amp; you", "/pages/hair"),
        ("Gentle shampoo", "/products/gentle-shampoo"),
        ("Book now", "/products/first-consultation"),
        ("Second consultation", "/products/second-consultation"),
    ):
        assert re.search(f'<a [^>]*href="{path}"[^>]*>{text}</a>', below), text
    assert 'href="/collections/featured-products">See all' in below


async def test_what_has_nothing_to_show_is_left_out(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    empty = edges([])
    fake.widgets = [
        widget("TextWidget", "Empty text", contentHtml=""),
        widget("MenuWidget", "Empty menu", menu={"items": []}),
        widget("PagesWidget", "Empty pages", pages=[]),
        widget("ProductsWidget", "Empty list", collection=None, category=None, products=lambda info: empty),
        widget("ProductsWidget", "Hidden list", collection=None, category=None, products=None),
        widget("BookingWidget", "Hidden visit", product=None),
    ]
    html = await drawer(browser_like)
    assert "widget" not in html
    assert "Your cart is empty." in html


async def test_the_hint_is_shown_to_whom_the_api_gives_it(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    assert "Nothing here" not in await drawer(browser_like)
    fake.hint = "Nothing here <yet>."
    assert "Nothing here &lt;yet&gt;." in await drawer(browser_like)
    assert "Nothing here <yet>." in words(await browser_like.get("/pages/terms"))
