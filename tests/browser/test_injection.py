"""No text that anybody stores runs in the page that shows it.

The pages are the demo shop's own over an API in memory whose every text tries: names, titles, messages, menus,
addresses, comments, widgets, what search engines are told. The browser is told to ignore the pages'
Content-Security-Policy, which is the second line: the first has to hold by itself.
"""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
import uvicorn
from graphql import GraphQLResolveInfo, get_named_type
from playwright.sync_api import Browser, BrowserContext, Page

from shop.comments import rules as comments
from shop.content import rules
from shop.kit.settings import Settings
from shop.storefront.app import application
from tests.browser.payloads import PAYLOADS
from tests.storefront import fake as memory
from tests.storefront.fake import FakeShop
from tests.storefront.people import EMAIL, PASSWORD

pytestmark = pytest.mark.browser

# Texts that no person writes: what they may be is checked when they are stored.
_MADE = frozenset(
    {"slug", "url", "currency", "currencyCode", "timezone", "token", "refreshToken", "csrfToken", "formToken", "anchor"}
    | {"hreflang", "localStart", "code", "currentBalance", "href", "variantId", "pspReference", "type", "image"}
)
_PAGES = (
    *("/", "/products", "/products?q={}", "/products?sort={}", "/search?q={}", "/search?q=hair", "/cart"),
    *("/products/gentle-shampoo", "/products/course-of-3-consultations?zone={}&day={}", "/categories/aftercare"),
    *("/collections/featured-products", "/pages/hair", "/pages/terms", "/pages/hair?preview={}", "/nowhere/{}"),
    *("/checkout/details", "/account", "/account/addresses", "/account/settings"),
)
_FEEDS = ("/feed.xml", "/comments.xml", "/sitemap.xml")
_INIT = "window.__pwned = []; window.pwned = n => { window.__pwned.push(n); };"
# What would run, now or when somebody points at it; and structured data that is no JSON any more.
_AUDIT = """() => {
  const found = [...window.__pwned].map(() => 'ran');
  const asked = new Set(['href', 'src', 'action', 'formaction', 'data', 'srcdoc', 'xlink:href']);
  for (const element of document.querySelectorAll('*')) {
    const name = element.localName;
    if (['iframe', 'object', 'embed', 'base', 'style', 'marquee', 'portal', 'math'].includes(name)) found.push(name);
    if (name === 'meta' && element.httpEquiv) found.push('meta http-equiv');
    if (name === 'script') {
      if (element.type === 'application/ld+json') JSON.parse(element.textContent);
      else if (!(element.getAttribute('src') || '').startsWith('/static/')) found.push('script');
    }
    for (const { name: attribute, value } of element.attributes) {
      if (attribute.startsWith('on') || attribute === 'style') found.push(name + ' ' + attribute);
      const address = value.replace(/[\\u0000-\\u0020]/g, '').toLowerCase();
      if (asked.has(attribute) && /^(javascript|vbscript|data:text)/.test(address)) found.push(name + ' ' + address);
    }
  }
  return found;
}"""


class Hostile:
    """Puts the payload that is tried now behind every text of the API."""

    payload = ""

    def __call__(self, source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        value = _honest(source, info, **arguments)
        name, kind = info.field_name, get_named_type(info.return_type).name
        if name in ("contentHtml", "descriptionHtml"):
            return rules.render(rules.sanitised(_document(self.payload)))
        if name == "bodyHtml":
            return comments.rendered(comments.cleaned(self.payload) or "empty")
        if kind == "JSON":
            return _everywhere(value, self.payload)
        if kind == "String" and name not in _MADE:
            return _everywhere(value, self.payload)
        return value


_honest = memory.resolve


def _everywhere(value: Any, payload: str) -> Any:
    if isinstance(value, str):
        return value + payload
    if isinstance(value, list):
        return [_everywhere(item, payload) for item in value]
    if isinstance(value, dict):
        return {name: _everywhere(item, payload) for name, item in value.items()}
    return value


def _document(text: str) -> dict[str, Any]:
    """The text in every place of every kind of block."""
    kinds: dict[str, dict[str, Any]] = {
        "paragraph": {"text": text},
        "header": {"text": text, "level": 2},
        "list": {"style": "unordered", "items": [text, {"content": text, "items": [{"content": text, "items": []}]}]},
        "quote": {"text": text, "caption": text},
        "table": {"withHeadings": True, "content": [[text, text], [text, text]]},
        "image": {"file": {"url": text}, "url": text, "caption": text, "alt": text},
        "embed": {"service": text, "source": text, "embed": text, "caption": text},
        "product": {"product": text, "id": text, "label": text},
        "booking": {"product": text, "label": text, "text": text},
        "disclaimer": {"title": text, "text": text},
        "references": {"items": [{"title": text, "authors": text, "url": text, "doi": text, "pmid": text}]},
        "checklist": {"items": [{"text": text, "checked": True}]},
        text: {"text": text},
    }
    return {"blocks": [{"type": kind, "data": data} for kind, data in kinds.items()]}


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch) -> Hostile:
    made = Hostile()
    monkeypatch.setattr(memory, "resolve", made)
    return made


@pytest.fixture
def address(hostile: Hostile) -> Iterator[str]:
    """The storefront over the hostile API, served by a thread."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        fake = FakeShop()
        fake.hint = "A hint"
        fake.widgets = [
            {"__typename": "TextWidget", "id": "1", "title": "Text", "contentHtml": ""},
            {"__typename": "MenuWidget", "id": "2", "title": "Menu", "menu": fake.menu(None, "footer", "")},
            {"__typename": "PagesWidget", "id": "3", "title": "Pages", "pages": [{"title": "Hair", "slug": "hair"}]},
        ]
        settings = Settings(_env_file=None, public_url=url, stripe_api_url="http://127.0.0.1:9", environment="test")
        server = uvicorn.Server(
            uvicorn.Config(application(settings, fake.execute), log_level="error", access_log=False, lifespan="off")
        )
        thread = threading.Thread(target=asyncio.run, args=(server.serve([bound]),))
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield url
        server.should_exit = True
        thread.join()


@pytest.fixture
def visitor(browser: Browser, address: str, hostile: Hostile) -> Iterator[BrowserContext]:
    """A signed-in visitor with a full cart, whose browser would run whatever a page holds."""
    context = browser.new_context(base_url=address, bypass_csp=True)
    context.add_init_script(_INIT)
    sent = {"Origin": address}
    context.request.post("/account/sign-in", form={"email": EMAIL, "password": PASSWORD}, headers=sent)
    form: dict[str, str | float | bool] = {"variantId": "course-of-3-consultations-1", "quantity": "1", "next": "/cart"}
    context.request.post("/cart/lines", form=form, headers=sent)
    yield context
    context.close()


def test_no_text_runs_in_a_page(visitor: BrowserContext, hostile: Hostile, rounds: Callable[[int, int], int]) -> None:
    page = visitor.new_page()
    page.on("dialog", lambda dialog: dialog.dismiss())
    # The short form tries every payload on some page, and on every page some payload.
    every = rounds(len(_PAGES), 1)
    tried = 0
    for number, hostile.payload in enumerate(PAYLOADS):
        for place, path in enumerate(_PAGES):
            if (number + place) % every == 0:
                where = path.replace("{}", _quoted(hostile.payload))
                assert _found(page, where) == [], (where, hostile.payload)
                tried += 1
    assert tried >= len(PAYLOADS)


def test_the_audit_finds_what_runs(visitor: BrowserContext) -> None:
    """The browser would notice: most of the payloads do run, or would, where nobody escapes them."""
    page = visitor.new_page()
    noticed = 0
    for payload in PAYLOADS:
        page.goto("about:blank")
        page.set_content(f"<title>x</title><p title=''>{payload}</p>")
        noticed += bool(page.evaluate(_AUDIT))
    assert noticed >= 45


def test_feeds_stay_feeds(visitor: BrowserContext, hostile: Hostile) -> None:
    for hostile.payload in PAYLOADS:
        for path in _FEEDS:
            tree = ET.fromstring(visitor.request.get(path).text())
            assert not any("script" in str(node.tag).lower() for node in tree.iter())
        feed = json.loads(visitor.request.get("/feed.json").text())
        assert all("<script" not in item["content_html"].lower() for item in feed["items"])


def _found(page: Page, path: str) -> list[str]:
    answer = page.goto(path, wait_until="load")
    assert answer is not None
    assert answer.status == (404 if "nowhere" in path else 200), path
    assert page.url.endswith(path), page.url
    assert "pwned" in page.locator("body").inner_text(), "the page shows what it was given"
    found: list[str] = page.evaluate(_AUDIT)
    return found


def _quoted(payload: str) -> str:
    return quote(payload.replace("\0", ""), safe="")
