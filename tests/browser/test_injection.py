"""No text that anybody stores runs in the page that shows it.

The pages are the demo shop's own over an API in memory whose every text tries: names, titles, messages, menus,
addresses, comments, widgets, what search engines are told. The browser is told to ignore the pages'
Content-Security-Policy, which is the second line: the first has to hold by itself.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import httpx
import jinja2
import pytest
from graphql import GraphQLResolveInfo, get_named_type
from playwright.sync_api import Browser, Page

from shop import storefront
from shop.comments import rules as comments
from shop.content import rules
from tests.browser.audit import INIT, found_in
from tests.browser.memory import customer, full_shop, served
from tests.browser.payloads import PAYLOADS, document
from tests.storefront import fake as storage
from tests.storefront.fake import FakeShop
from tests.storefront.visits import PLACE, TOKEN, VISIT

pytestmark = pytest.mark.browser

# Texts that no person writes: what they may be is checked when they are stored.
_MADE = frozenset(
    {"slug", "url", "currency", "currencyCode", "timezone", "token", "refreshToken", "csrfToken", "formToken", "anchor"}
    | {"hreflang", "localStart", "code", "currentBalance", "href", "variantId", "pspReference", "type", "image"}
    | {"key", "authorWebsite", "offeredTimezone"}
)
_PAGES = (
    *("/", "/products", "/products?q={}", "/products?sort={}", "/search?q={}", "/search?q=hair", "/cart"),
    *("/products/gentle-shampoo", "/products/course-of-3-consultations?zone={}&day={}", "/categories/aftercare"),
    *("/collections/featured-products", "/pages/hair", "/pages/terms", "/pages/hair?preview={}", "/nowhere/{}"),
    *("/de/pages/haar", "/cart/contents", "/checkout/details", "/checkout/delivery", "/checkout/payment"),
    *("/checkout/return", "/orders/ORDER", "/pages/hair/comments/new", "/pages/hair/comments/new?parent=C1"),
    *("/comments/confirm?token={}", "/comments/unsubscribe?token={}", "/moderation", f"/bookings/{TOKEN}"),
    *(f"/bookings/{TOKEN}/cancel", f"/bookings/{TOKEN}/move", f"/bookings/{TOKEN}/questions"),
    *(f"/waitlist?variant={VISIT}&next={{}}", f"/waitlist/{PLACE}", "/account", "/account/orders"),
    *("/account/bookings", "/account/packages", "/account/addresses", "/account/addresses/new"),
    *("/account/addresses/A1", "/account/settings", "/account/new-email?token={}", "/account/delete?token={}"),
    *("/account/register", "/account/forgotten", "/account/confirm?email={}&token={}"),
    "/account/new-password?email={}&token={}",
)
# What the page's script asks for: a part, not a page.
_PARTS = {"/pages/hair/comments/new?parent=C1"}
# Forms that come back with what was typed, and what is right in them.
_FORMS: dict[str, tuple[int, dict[str, str]]] = {
    "/checkout/details": (422, {"email": "{}", "shipping.city": "{}", "shipping.country": "US", "sameAddress": "1"}),
    "/account/sign-in": (422, {"email": "{}", "password": "{}", "next": "{}"}),
    "/account/register": (422, {"firstName": "{}", "lastName": "{}", "email": "{}", "password": ""}),
    "/account/forgotten": (200, {"email": "{}"}),
    "/account/new-password": (422, {"email": "{}", "token": "{}"}),
    "/account/addresses/new": (422, dict.fromkeys(("address.firstName", "address.city", "address.phone"), "{}")),
    "/account/settings/email": (422, {"email": "{}", "password": ""}),
    "/pages/hair/comments": (422, dict.fromkeys(("authorName", "email", "website", "body"), "{}")),
    "/waitlist": (422, {"variant": VISIT, "from": "{}", "to": "{}", "email": "{}"}),
    f"/bookings/{TOKEN}/questions": (422, {"allergies": "{}", "unknown": "{}"}),
}
_FEEDS = ("/feed.xml", "/comments.xml", "/pages/hair/comments.xml", "/sitemap.xml", "/feed.json")
# Of the demo's templates those that show nothing of the API's, or nothing but the frame that all pages have.
_BARE = {"failure.html", "unready.html", "checkout/unknown.html"}


class Hostile:
    """Puts the payload that is tried now behind every text of the API."""

    payload = ""

    def __call__(self, source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        value = _honest(source, info, **arguments)
        name, kind = info.field_name, get_named_type(info.return_type).name
        if name in ("contentHtml", "descriptionHtml"):
            return rules.render(rules.sanitised(document(self.payload)))
        if name == "bodyHtml":
            return comments.rendered(comments.cleaned(self.payload) or "empty")
        if kind == "JSON":
            return _everywhere(value, self.payload)
        if kind == "String" and name not in _MADE:
            return _everywhere(value, self.payload)
        return value


_honest = storage.resolve


def _everywhere(value: Any, payload: str) -> Any:
    if isinstance(value, str):
        return value + payload
    if isinstance(value, list):
        return [_everywhere(item, payload) for item in value]
    if isinstance(value, dict):
        return {name: _everywhere(item, payload) for name, item in value.items()}
    return value


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch) -> Hostile:
    made = Hostile()
    monkeypatch.setattr(storage, "resolve", made)
    return made


@pytest.fixture
def fake() -> FakeShop:
    return full_shop()


@pytest.fixture
def address(hostile: Hostile, fake: FakeShop) -> Iterator[str]:
    """The storefront over the hostile API."""
    with served(fake) as url:
        yield url


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    """A visitor, or whoever stands for one."""
    with httpx.Client(base_url=address, headers={"Origin": address}, timeout=60) as client:
        yield client


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """An empty page of the shop, in a browser that would run whatever comes."""
    context = browser.new_context(base_url=address, bypass_csp=True)
    context.add_init_script(INIT)
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.goto("/robots.txt")
    yield page
    context.close()


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


def test_no_text_runs_in_a_page(
    page: Page,
    client: httpx.Client,
    fake: FakeShop,
    hostile: Hostile,
    rendered: set[str],
    rounds: Callable[[int, int], int],
) -> None:
    order = customer(client, fake)
    asked: list[tuple[str, int, dict[str, str] | None]] = [
        (path.replace("ORDER", order), 404 if "nowhere" in path else 200, None) for path in _PAGES
    ]
    asked += [(path, status, typed) for path, (status, typed) in _FORMS.items()]
    assert len(asked) <= len(PAYLOADS)
    # The short form tries every payload on some page, and on every page some payload.
    tries = [
        (*one, payload)
        for place, one in enumerate(asked)
        for payload in PAYLOADS[rounds(place, 0) :: rounds(len(asked), 1)]
    ]
    fake.verdict = "body"

    def documents() -> Iterator[str]:
        for path, status, typed, hostile.payload in tries:
            yield _answer(client, path, status, typed, hostile.payload)

    found = found_in(page, documents())
    assert [(one, runs) for one, runs in zip(tries, found, strict=True) if runs] == []
    templates = Path(storefront.__file__).parent / "templates"
    assert {str(path.relative_to(templates)) for path in templates.rglob("*.html")} - rendered == _BARE


def test_the_audit_finds_what_runs(page: Page) -> None:
    """The browser would notice: most of the payloads do run, or would, where nobody escapes them."""
    found = found_in(page, [f"<title>x</title><p title=''>{payload}</p>" for payload in PAYLOADS])
    assert sum(bool(runs) for runs in found) >= 45
    assert sum("ran" in runs for runs in found) >= 30


def test_no_text_runs_in_a_feed_reader(
    page: Page, client: httpx.Client, hostile: Hostile, rounds: Callable[[int, int], int]
) -> None:
    every = rounds(len(_FEEDS), 1)
    read: list[str] = []
    for place, path in enumerate(_FEEDS):
        for hostile.payload in PAYLOADS[place % every :: every]:
            text = client.get(path).text
            if path.endswith(".json"):
                read += [item["content_html"] for item in json.loads(text)["items"]]
            else:
                nodes = list(ET.fromstring(text).iter())
                assert not any("script" in str(node.tag).lower() for node in nodes)
                read += [node.text or "" for node in nodes if node.get("type") == "html"]
    assert len(read) >= len(PAYLOADS)
    # As readers do, which take for HTML what the format says is HTML.
    assert [runs for runs in found_in(page, [f"<p>pwned</p>{html}" for html in read]) if runs] == []


def _answer(client: httpx.Client, path: str, status: int, typed: dict[str, str] | None, payload: str) -> str:
    where = path.replace("{}", quote(payload.replace("\0", ""), safe=""))
    if typed is None:
        answer = client.get(where, headers={"X-Requested-With": "fetch"} if path in _PARTS else {})
    else:
        answer = client.post(where, data={name: text.replace("{}", payload) for name, text in typed.items()})
    assert answer.status_code == status, (where, payload, answer.headers.get("location"))
    return answer.text
