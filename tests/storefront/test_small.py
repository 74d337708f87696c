"""The small functions of the pages: prices, summaries, origins, structured data."""

import json

import pytest
from starlette.requests import Request

from shop.storefront import prices, seo
from shop.storefront.origin import is_own_form, local_path, other_loopback_name
from shop.storefront.theme import Theme


def request(host: str = "shop.test", path: str = "/p", query: str = "", **headers: str) -> Request:
    sent = [(b"host", host.encode()), *((k.replace("_", "-").encode(), v.encode()) for k, v in headers.items())]
    scope = {"type": "http", "method": "POST", "path": path, "query_string": query.encode(), "headers": sent}
    return Request(scope | {"scheme": "http", "server": ("shop.test", 80)})


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [(1234.5, "USD", "$1,234.50"), (0, "EUR", "€0.00"), (500, "JPY", "¥500"), (1.5, "KWD", "1.500 KWD")],
)
def test_sums_have_the_decimals_of_their_currency(amount: float, currency: str, shown: str) -> None:
    assert prices.text({"amount": amount, "currency": currency}) == shown


def test_a_listed_price_is_one_price_or_the_lowest() -> None:
    def price(net: float, gross: float) -> dict[str, object]:
        return {"net": {"amount": net, "currency": "EUR"}, "gross": {"amount": gross, "currency": "EUR"}}

    span = {"start": price(10, 11.9), "stop": price(20, 23.8)}
    assert prices.listed({"displayGrossPrices": True, "priceRange": span}) == "from €11.90"
    assert prices.listed({"displayGrossPrices": False, "priceRange": span}) == "from €10.00"
    assert prices.listed({"displayGrossPrices": True, "priceRange": span | {"stop": span["start"]}}) == "€11.90"
    assert prices.listed(None) is None
    assert prices.listed({"displayGrossPrices": True, "priceRange": None}) is None


def test_a_summary_is_text_cut_at_a_word() -> None:
    assert seo.summary("<p>A <b>b</b> &amp; c</p>\n<h2>H</h2>") == "A b & c H"
    assert seo.summary("<p>One two three four</p>", 12) == "One two…"
    assert seo.summary(None) == ""


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/cart", "/cart"),
        ("/products?q=a#cart", "/products?q=a#cart"),
        ("//evil.test", "/x"),
        ("/\\evil.test", "/x"),
        ("https://evil.test", "/x"),
        ("/a\r\nSet-Cookie: b", "/x"),
        ("", "/x"),
        (None, "/x"),
    ],
)
def test_links_stay_on_this_site(target: str | None, path: str) -> None:
    assert local_path(target, "/x") == path


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"origin": "http://shop.test"}, True),
        ({"origin": "https://public.test"}, True),
        ({"origin": "https://evil.test"}, False),
        ({"origin": "null"}, False),
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "cross-site"}, False),
        ({}, False),
    ],
)
def test_only_our_own_forms_are_taken(headers: dict[str, str], own: bool) -> None:
    assert is_own_form(request(**headers), "https://public.test") is own


@pytest.mark.parametrize(
    ("host", "target"),
    [
        ("localhost:8000", "http://127.0.0.1:8000/p?a=b"),
        ("[::1]:8000", "http://127.0.0.1:8000/p?a=b"),
        ("127.0.0.1:8000", None),
        ("localhost:9000", None),
        ("shop.test", None),
    ],
)
def test_a_developer_is_led_to_one_name(host: str, target: str | None) -> None:
    assert other_loopback_name(request(host, query="a=b"), "http://127.0.0.1:8000") == target


@pytest.mark.parametrize("path", ["/favicon.ico", "/static/icon.svg"])
def test_pages_under_another_name_get_their_files_there(path: str) -> None:
    assert other_loopback_name(request("localhost:8000", path), "http://127.0.0.1:8000") is None


def test_structured_data_cannot_leave_its_element() -> None:
    text = str(seo.script({"name": "</script><script>alert('&')"}))
    assert "<" not in text
    assert json.loads(text) == {"name": "</script><script>alert('&')"}


def test_the_script_is_small() -> None:
    (static,) = Theme(None).folders
    assert sum(path.stat().st_size for path in static.glob("*.js")) <= 30_000
