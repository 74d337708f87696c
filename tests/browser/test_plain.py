"""The main job by plain HTTP, against the same running shop: it needs no browser, so it runs everywhere."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin

import httpx
import pytest

GOODS = "/products/gentle-shampoo"
SERVICE = "/products/course-of-3-consultations"


@pytest.fixture
def visitor(live_shop: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=live_shop, headers={"Origin": live_shop}, follow_redirects=True, timeout=20) as client:
        yield client


def words(response: httpx.Response) -> str:
    """What a reader sees."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.text)).split())


def add(visitor: httpx.Client, product: str, quantity: int = 1) -> httpx.Response:
    """The product's first variant is in the cart."""
    page = visitor.get(product)
    variant = re.search(r'name="variantId" value="([^"]+)"', page.text)
    assert variant
    form = {"variantId": unescape(variant[1]), "quantity": str(quantity), "next": product}
    return visitor.post("/cart/lines", data=form)


def pay(visitor: httpx.Client, total: str, card: str) -> httpx.Response:
    """The payment page is asked for and its form is sent; the answer is where the shopper ends up."""
    page = visitor.post("/checkout/payment", data={"total": total})
    action = re.search(r'<form[^>]*action="([^"]+)"', page.text)
    assert action
    url = urljoin(str(page.url), unescape(action[1]))
    form = {"cardNumber": card, "cardExpiry": "12/34", "cardCvc": "123", "submit": "pay"}
    return visitor.post(url, data=form, headers={"Origin": str(page.url.join("/")).rstrip("/")})


def test_goods_and_a_service_in_dollars(visitor: httpx.Client) -> None:
    assert "Subtotal $0.00" in words(visitor.get("/"))
    assert "Subtotal $330.00" in words(add(visitor, SERVICE))
    assert "Subtotal $366.00" in words(add(visitor, GOODS, 2))
    address = {
        "firstName": "Example",
        "lastName": "Shopper",
        "streetAddress1": "1 Example Street",
        "city": "Exampletown",
        "countryArea": "NY",
        "postalCode": "10001",
        "country": "US",
    }
    form = {f"shipping.{name}": value for name, value in address.items()} | {"sameAddress": "1"}
    page = visitor.post("/checkout/details", data={"email": "plain-http@example.com", **form})
    assert page.url.path == "/checkout/delivery"
    options = re.findall(r'name="delivery" value="([^"]+)".*?choice-name">([^<]+)<', page.text, flags=re.DOTALL)
    express = next(key for key, name in options if name == "Express")
    page = visitor.post("/checkout/delivery", data={"delivery": unescape(express)})
    # 330.00 + 36.00 + 14.00, and 6 % of 50.00: services are not taxed in the United States
    assert "Subtotal $366.00 Delivery $14.00 Tax $3.00 Total $383.00" in words(page)
    page = pay(visitor, "$383.00", "4242424242424242")
    assert page.url.path.startswith("/orders/")
    assert "Thank you for your order" in words(page)
    assert "Delivery $14.00 Tax $3.00 Total $383.00" in words(page)
    assert visitor.get("/checkout/return").url == page.url


def test_a_service_in_euros_after_a_declined_card(visitor: httpx.Client) -> None:
    visitor.post("/channel", data={"channel": "europe", "next": "/"})
    assert "Subtotal €300.00" in words(add(visitor, SERVICE))
    person = {"billing.firstName": "Example", "billing.lastName": "Shopper", "billing.country": "DE"}
    page = visitor.post("/checkout/details", data={"email": "plain-euro@example.com", **person})
    assert "Total €300.00 Includes €47.90 tax" in words(page)
    declined = pay(visitor, "€300.00", "4000000000000002")
    assert "declined" in words(declined)
    page = pay(visitor, "€300.00", "4242424242424242")
    assert "Thank you for your order" in words(page)


def test_more_than_there_is_cannot_be_added(visitor: httpx.Client) -> None:
    add(visitor, GOODS, 1)
    refused = add(visitor, GOODS, 9999)
    assert "notice-bad" in refused.text
    assert "Subtotal $18.00" in words(refused)
