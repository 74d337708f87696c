"""Everybody can use the pages: axe finds nothing, nothing moves while they come, and they fit the narrowest phone.

The public pages are those of the running demo; every template there is, in each of its moods, is shown by a shop in
memory, once on a desk in the light and once on a phone in the dark.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import jinja2
import pytest
from playwright.sync_api import Browser, Page

import shop.storefront
from tests.browser import looks, memory
from tests.storefront.fake import FakeShop
from tests.storefront.people import EMAIL
from tests.storefront.visits import PLACE, TOKEN, VISIT

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
Keep = Callable[[Page, str], None]

_PAGES = {
    "home": "/",
    "list": "/products",
    "product": "/products/gentle-shampoo",
    "consultation": "/products/first-consultation",
    "article": "/pages/adult-stem-cell-therapy-for-hair-loss",
    "page": "/pages/terms",
    "search": "/search?q=hair",
    "cart": "/cart",
    "drawer": "/pages/about#cart",
    "details": "/checkout/details",
    "sign-in": "/account/sign-in",
    "nowhere": "/nowhere",
}
# Of the shop in memory.
_GUEST = (
    *("/", "/products", "/products?q=nothing", "/search", "/search?q=hair", "/search?q=nothing", "/cart"),
    *("/products/gentle-shampoo", "/products/sold-out-comb", "/products/course-of-3-consultations", "/pages/terms"),
    *("/account/sign-in", "/account/register", "/account/forgotten", "/checkout/return", "/nowhere"),
    *(f"/account/confirm?token=old&email={EMAIL}", f"/account/new-password?token=old&email={EMAIL}"),
    *(f"/bookings/{TOKEN}", f"/bookings/{TOKEN}/cancel", f"/bookings/{TOKEN}/move", f"/bookings/{TOKEN}/questions"),
    *(f"/waitlist?variant={VISIT}", f"/waitlist/{PLACE}", "/pages/hair/comments/new"),
)
_CUSTOMER = (
    *("/account", "/account/orders", "/account/bookings", "/account/packages", "/account/settings"),
    *("/account/addresses", "/account/addresses/new", "/account/addresses/A1"),
    *("/account/new-email?token=old", "/account/delete?token=old", "/orders/ORDER", "/cart"),
    *("/checkout/details", "/checkout/delivery", "/checkout/payment", "/checkout/return"),
    *("/pages/hair", "/pages/hair/comments/new?parent=C1", "/moderation"),
    *("/comments/confirm?token=old", "/comments/unsubscribe?token=old"),
)
# Pages whose form is sent as it is, and comes back with its problems.
_FORMS = (
    *("/account/sign-in", "/account/register", "/account/forgotten", "/account/addresses/new"),
    *(f"/bookings/{TOKEN}/questions", "/pages/hair/comments/new"),
    *("/checkout/details", "/account/delete?token=old", "/comments/confirm?token=old"),
)


@pytest.mark.parametrize("dark", [False, True], ids=["light-desk", "dark-phone"])
def test_the_demo_is_for_everybody(visit: Visit, keep: Keep, *, dark: bool) -> None:
    page = visit(dark=dark, width=390 if dark else 1280)
    looks.watch(page.context)
    page.goto("/products/gentle-shampoo")
    page.get_by_role("button", name="Add to cart").click()
    page.locator("#cart.open").wait_for()
    found: list[tuple[Any, ...]] = []
    for name, path in _PAGES.items():
        page.goto(path)
        found += [(name, "moved", what) for what in looks.moved(page)]
        page.wait_for_timeout(250 if name == "drawer" else 0)
        keep(page, name)
        found += [(name, *barrier) for barrier in looks.barriers(page)]
    assert found == []


@pytest.fixture
def fake() -> FakeShop:
    return memory.full_shop()


@pytest.fixture
def address(fake: FakeShop) -> Iterator[str]:
    with memory.served(fake) as url:
        yield url


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the templates that pages were made of."""
    names: set[str] = set()
    honest = jinja2.Environment.get_template

    def noted(self: jinja2.Environment, name: Any, *rest: Any, **more: Any) -> jinja2.Template:
        names.add(str(name))
        return honest(self, name, *rest, **more)

    monkeypatch.setattr(jinja2.Environment, "get_template", noted)
    return names


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(base_url=address, timezone_id="Europe/Berlin")
    looks.watch(context)
    yield context.new_page()
    context.close()


def test_what_moves_what_bars_and_what_is_too_wide_is_noticed(page: Page) -> None:
    page.goto("/pages/terms")
    assert (looks.moved(page), looks.overflow(page), looks.barriers(page)) == ([], 0, [])
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('afterbegin', '<p><img src=/static/icon.svg></p>')"
    )
    assert looks.moved(page) != []
    page.evaluate("document.querySelector('main p').style.minWidth = '4000px'")
    assert looks.overflow(page) > 2000
    assert [rule for rule, _ in looks.barriers(page)] == ["image-alt"]


def test_every_template_is_for_everybody(page: Page, fake: FakeShop, address: str, rendered: set[str]) -> None:
    found: list[tuple[Any, ...]] = []
    places = 0
    fake.verdict = "body"

    def look(path: str, *, sends: bool = False) -> None:
        nonlocal places
        places += 1
        is_phone = places % 2 == 0
        page.set_viewport_size({"width": 320, "height": 640} if is_phone else {"width": 1280, "height": 850})
        page.emulate_media(color_scheme="dark" if is_phone else "light")
        page.goto(path)
        assert page.url.endswith(path), "the page leads elsewhere"
        if path == "/pages/hair":
            page.locator("[data-comment-reply]").first.click()
            page.locator(".comment .comment-form").wait_for()
        if sends:
            with page.expect_navigation():
                # As a browser does that checks nothing by itself.
                page.evaluate("HTMLFormElement.prototype.submit.call(document.querySelector('main form.form'))")
        mood = f"{path}{' sent' if sends else ''}"
        found.extend((mood, "moved", what) for what in looks.moved(page))
        found.extend((mood, "too wide", beyond) for beyond in [looks.overflow(page)] if beyond)
        found.extend((mood, *barrier) for barrier in looks.barriers(page))

    for path in _GUEST:
        look(path, sends=path in _FORMS)
    with httpx.Client(base_url=address, headers={"Origin": address}) as client:
        order = memory.customer(client, fake)
        page.context.add_cookies(
            [{"name": name, "value": value, "url": address} for name, value in client.cookies.items()]
        )
    for path in _CUSTOMER:
        look(path.replace("ORDER", order), sends=path in _FORMS)
    fake.broken = "ServiceUnavailable"
    look("/cart")
    closed = FakeShop()
    closed.currencies = {}
    with memory.served(closed) as elsewhere:
        look(f"{elsewhere}/")
    templates = Path(shop.storefront.__file__).parent / "templates"
    assert {str(path.relative_to(templates)) for path in templates.rglob("*.html")} - rendered == set()
    assert found == []


# Words and names as other languages and people have them.
_LONG = "Haartransplantationsnachsorgebehandlungsberatungstermin für außergewöhnlich empfindliche Kopfhaut"
_WIDE = ("/", "/products/gentle-shampoo", "/pages/hair", "/cart", "/checkout/details", "/search?q=nothing")
_MOOD = """([size, direction]) => {
  document.documentElement.style.fontSize = size;
  document.documentElement.dir = direction;
}"""


def test_long_words_large_letters_and_right_to_left_fit(page: Page, fake: FakeShop) -> None:
    fake.stock[1]["name"] = _LONG
    above = fake.say(_LONG.replace(" ", ""))
    for _ in range(4):
        above = fake.say(_LONG.replace(" ", ""), above=above)
    page.goto("/products/gentle-shampoo")
    page.get_by_role("button", name="Add to cart").click()
    page.locator("#cart.open").wait_for()
    found = []
    for path in _WIDE:
        page.goto(path)
        for width, size, direction in (
            (320, "100%", "ltr"),
            (390, "200%", "ltr"),
            (390, "100%", "rtl"),
            (1280, "100%", "rtl"),
        ):
            page.set_viewport_size({"width": width, "height": 700})
            page.evaluate(_MOOD, [size, direction])
            found += [(path, width, size, direction, beyond) for beyond in [looks.overflow(page)] if beyond]
    assert found == []


def test_a_thumb_hits_what_stands_by_itself(page: Page, fake: FakeShop) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/products/gentle-shampoo")
    page.get_by_role("button", name="Add to cart").click()
    page.locator("#cart.open").wait_for()
    assert looks.hard_to_hit(page) == []
    found = []
    visit = f"/products/course-of-3-consultations?variant={VISIT}"
    for path in (*_WIDE, visit, "/account/sign-in", f"/bookings/{TOKEN}", f"/bookings/{TOKEN}/questions"):
        page.goto(path)
        if path == "/":
            page.locator(".burger summary").click()
        found += [(path, target) for target in looks.hard_to_hit(page)]
    assert found == []
    page.evaluate("document.querySelector('main a').style.cssText = 'display: block; min-height: 0; height: 20px'")
    assert len(looks.hard_to_hit(page)) == 1


def test_the_chosen_day_stands_out_in_forced_colours(page: Page, fake: FakeShop) -> None:
    page.emulate_media(forced_colors="active")
    page.goto(f"/products/course-of-3-consultations?variant={VISIT}")
    colours = page.locator(".calendar a").evaluate_all(
        "links => links.map(link => [link.hasAttribute('aria-current'), getComputedStyle(link).backgroundColor])"
    )
    chosen = {colour for is_chosen, colour in colours if is_chosen}
    assert len(chosen) == 1
    assert chosen & {colour for is_chosen, colour in colours if not is_chosen} == set()


def test_the_menu_of_a_phone_opens_over_the_page_and_closes(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/")
    menu = page.get_by_role("navigation", name="Main")
    assert not menu.is_visible()
    heading = page.locator("h1").bounding_box()
    page.locator(".burger summary").click()
    assert menu.get_by_role("link", name="Aftercare").is_visible()
    assert page.locator("h1").bounding_box() == heading
    page.keyboard.press("Escape")
    assert not menu.is_visible()
    assert page.evaluate("document.activeElement.localName") == "summary"


def test_the_cart_stands_beside_the_name_at_every_width(page: Page, fake: FakeShop, address: str) -> None:
    with httpx.Client(base_url=address, headers={"Origin": address}) as client:
        memory.customer(client, fake)
        page.context.add_cookies(
            [{"name": name, "value": value, "url": address} for name, value in client.cookies.items()]
        )
    page.goto("/")
    found = {}
    for width in (320, 390, 768, 1024, 1280, 1600):
        page.set_viewport_size({"width": width, "height": 700})
        boxes = [page.locator(part).bounding_box() for part in (".brand", ".cart-link")]
        middles = [box["y"] + box["height"] / 2 for box in boxes if box]
        assert len(middles) == 2
        found[width] = abs(middles[0] - middles[1]) < 3
    assert set(found.values()) == {True}, found


def test_an_article_is_printed_as_an_article(page: Page) -> None:
    page.emulate_media(media="print")
    page.goto("/pages/hair")
    assert page.locator("h1").is_visible()
    assert page.locator(".disclaimer").is_visible()
    for around in (".header", ".footer", ".sidebar", ".toc-inline", ".comment-form", ".breadcrumbs"):
        assert not page.locator(around).first.is_visible(), around
