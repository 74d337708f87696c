"""No text runs where the demo's pages are not: in mails and the mailbox, on the payment page, in the explorer."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, Page, Route

from shop import mail, web
from shop.kit.db import Database
from shop.kit.settings import Settings
from shop.mail.rules import render
from shop.sandbox.settings import SandboxSettings
from shop.web.explorer import Explorer
from shop.web.mailbox import Mailbox
from tests.browser.audit import INIT, found_in
from tests.browser.payloads import PAYLOADS
from tests.sandbox.running import line, listen, serving

pytestmark = [
    pytest.mark.browser,
    # Stripe's client passes its form to httpx as text, which httpx calls outdated.
    pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning"),
]


def _typed(*names: str) -> dict[str, Any]:
    """Values that a person typed."""
    return dict.fromkeys(names, "{}")


_LINK = "https://shop.test/x?token=1"
_ORDER = {"number": 1001, "order_url": _LINK}
_LINKED: dict[str, Any] = {"url": _LINK, "hours": 2}
# What each mail is made of: `{}` is what a person typed. Addresses are the shop's own, with a token.
_MAILS: dict[str, dict[str, Any]] = {
    "account-confirm": _LINKED,
    "account-delete": _LINKED,
    "account-email-change": _LINKED,
    "account-email-changed": {},
    "account-exists": {},
    "account-password-changed": {},
    "account-password-reset": _LINKED,
    "booking": _typed("occasion", "opening", "name", "with_whom", "place")
    | {"when": "Monday", "timezone": "Berlin", "number": 1001, "url": _LINK},
    "comment-answer": {"author": "{}", "page": "{}", "excerpt": "{}", "url": _LINK, "unsubscribe_url": _LINK},
    "comment-confirm": {"page": "{}", "url": _LINK},
    "comments-waiting": {
        "comments": [_typed("author", "page", "excerpt") | {"id": "Q29tbWVudDox", "url": _LINK}] * 2,
        "count": 3,
        "more": 1,
        "url": _LINK,
    },
    "order-canceled": _ORDER,
    "order-confirmation": _ORDER
    | _typed("voucher_code", "shipping_name")
    | {"lines": [{"quantity": 2, "name": "{}", "total": "19.80"}], "discount": 1, "subtotal": "19.80", "tax": "1.50"}
    | {"shipping": "5.00", "total": "26.30", "currency": "USD"},
    "order-confirmed": _ORDER,
    "order-fulfilled": {**_ORDER, "lines": [{"quantity": 2, "name": "{}"}], "tracking_number": "{}"},
    "order-invoice": {**_ORDER, "invoice_number": "{}", "invoice_url": _LINK},
    "order-tracking": {**_ORDER, "tracking_number": "{}"},
    "payment-disputed": {"number": 1001, "stage": "OPEN", "news": "{}", "sessions": 2}
    | {"visits": [_typed("name", "when", "status") | {"number": 1001}]},
    "payment-returned": {"amount": 1, "currency": "EUR", "reason": "{}"},
    "sessions-received": {"sessions": 2, "name": "{}", "expires_on": "2026-03-01"},
    "waitlist-offer": {"name": "{}", "when": "Monday", "until": "12:00", "timezone": "Berlin", "url": _LINK},
}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page in a browser that would run whatever comes."""
    context = browser.new_context(bypass_csp=True)
    context.add_init_script(INIT)
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.dismiss())
    yield page
    context.close()


def _told(value: Any, text: str) -> Any:
    if isinstance(value, str):
        return value.replace("{}", text)
    if isinstance(value, list):
        return [_told(item, text) for item in value]
    if isinstance(value, dict):
        return {name: _told(item, text) for name, item in value.items()}
    return value


def test_every_mail_is_tried() -> None:
    templates = Path(mail.__file__).parent / "templates"
    assert {path.stem for path in templates.iterdir()} - {"_base"} == set(_MAILS)


def test_no_text_runs_in_a_mail(page: Page, rounds: Callable[[int, int], int]) -> None:
    every = rounds(len(_MAILS), 1)
    tries = [
        (template, payload)
        for place, template in enumerate(_MAILS)
        for payload in ["pwned", *PAYLOADS[place % every :: every]]
    ]
    mails = [
        render(template, _told(_MAILS[template] | {"shop_name": "Shop {}"}, payload)) for template, payload in tries
    ]
    found = found_in(page, [mail.html for mail in mails])
    # A mail's own elements have styles: those that it has with an honest text, no other and no more.
    usual: dict[str, list[str]] = {}
    for (template, payload), runs in zip(tries, found, strict=True):
        assert usual.setdefault(template, runs) == runs, (template, payload)
    assert {run.rpartition(" ")[2] for runs in usual.values() for run in runs} == {"style"}
    assert {payload for _, payload in tries} == {"pwned", *PAYLOADS}
    # One header each: none of the texts ends the subject's line.
    assert [mail.subject for mail in mails if len(mail.subject.splitlines()) != 1] == []


def test_no_text_runs_in_the_mailbox(page: Page) -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    mailbox = Mailbox(cast("Database", None))
    mails = [SimpleNamespace(subject=one, recipient=one, text=f"{one}\n{one}", created_at=now) for one in PAYLOADS]
    assert found_in(page, [mailbox.template.render(mails=[mail]) for mail in mails]) == [[]] * len(PAYLOADS)


def test_no_text_runs_on_the_payment_page(page: Page, tmp_path: Path, rounds: Callable[[int, int], int]) -> None:
    bound = listen()
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    settings = SandboxSettings(state_path=tmp_path / "state" / "sandbox.sqlite", public_url=url)
    texts = [payload.replace("\0", "") for payload in PAYLOADS]
    with serving(settings, bound) as sandbox:
        session = sandbox.session(line_items=[line(text, 100) for text in texts])
        shown = sandbox.http.get(f"/pay/{session.id}").text
        refused = [
            sandbox.http.post(f"/pay/{session.id}", data=dict.fromkeys(("email", "cardholder", "cardNumber"), text))
            for text in texts[:: rounds(6, 1)]
        ]
    assert {answer.status_code for answer in refused} == {402}
    assert found_in(page, [shown, *(answer.text for answer in refused)]) == [[]] * (len(refused) + 1)


def test_no_text_runs_in_the_explorer_s_reply(page: Page, settings: Settings) -> None:
    static = Path(web.__file__).parent / "static"
    answer = {"data": {"texts": PAYLOADS, **{payload: payload for payload in PAYLOADS}}}

    def reply(route: Route) -> None:
        name = route.request.url.rpartition("/")[2].partition("?")[0]
        if route.request.method == "POST":
            route.fulfill(content_type="application/json", body=json.dumps(answer))
        elif (static / name).is_file():
            route.fulfill(path=static / name)
        else:
            route.fulfill(content_type="text/html", body=Explorer(settings)._render("explorer.html"))

    page.route("**/*", reply)
    page.goto("http://shop.test/graphql/")
    page.locator("#run").click()
    page.wait_for_function("document.getElementById('reply').textContent.includes('pwned')")
    assert page.evaluate("[window.__pwned, document.getElementById('reply').childElementCount]") == [[], 0]
