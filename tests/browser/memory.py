"""The demo shop over an API in memory, with something of everything that a page can show, served to a browser."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvicorn

from shop.kit.settings import Settings
from shop.storefront.app import application
from tests.storefront.fake import FakeShop
from tests.storefront.people import EMAIL, PASSWORD
from tests.storefront.visits import VISIT, slot, visit_at

_PERSON = {
    "firstName": "Example",
    "lastName": "Shopper",
    "streetAddress1": "1 Example Street",
    "city": "Exampletown",
    "postalCode": "10001",
    "countryArea": "NY",
    "country": "US",
}
_QUESTIONS = [
    {"key": "allergies", "label": "Any allergies?", "kind": "TEXT", "choices": [], "isRequired": False},
    {"key": "side", "label": "Which side?", "kind": "CHOICE", "choices": ["left", "right"], "isRequired": True},
    {"key": "areas", "label": "Where?", "kind": "MULTIPLE_CHOICE", "choices": ["crown", "front"], "isRequired": False},
    {"key": "since", "label": "Since when?", "kind": "DATE", "choices": [], "isRequired": False},
]


def full_shop() -> FakeShop:
    """A shop in which nothing is empty."""
    fake = FakeShop()
    fake.hint = "A hint"
    fake.widgets = [
        {"__typename": "TextWidget", "id": "1", "title": "Text", "contentHtml": "<p>Some <b>words</b>.</p>"},
        {"__typename": "MenuWidget", "id": "2", "title": "Menu", "menu": fake.navigation(None, "")["secondary"]},
        {"__typename": "PagesWidget", "id": "3", "title": "Pages", "pages": [{"title": "Hair", "slug": "hair"}]},
    ]
    fake.sell_times()
    fake.visit = visit_at(fake.starts[0]) | {"intakeQuestions": _QUESTIONS}
    fake.offer()
    package = {"id": "E1", "name": "Course", "granted": 3, "balance": 2, "expiresAt": None, "variantIds": [VISIT]}
    fake.packages = [package]
    first = fake.say("Reader", authorWebsite="https://example.com")
    fake.say("Example clinic", above=first, isStaff=True)
    fake.say("Gone", gone=True)
    fake.waits("New reader")
    return fake


@contextmanager
def served(fake: FakeShop) -> Iterator[str]:
    """The address of the demo shop over this API, served by a thread."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        settings = Settings(_env_file=None, public_url=url, stripe_api_url="http://127.0.0.1:9", environment="test")
        server = uvicorn.Server(
            uvicorn.Config(application(settings, fake.execute), log_level="error", access_log=False, lifespan="off")
        )
        thread = threading.Thread(target=asyncio.run, args=(server.serve([bound]),))
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        try:
            yield url
        finally:
            server.should_exit = True
            thread.join()


def customer(client: httpx.Client, fake: FakeShop) -> str:
    """The client is signed in, has an address, an order (its id), and a full cart whose payment is under way."""
    client.post("/account/sign-in", data={"email": EMAIL, "password": PASSWORD})
    client.post("/account/addresses/new", data={f"address.{name}": text for name, text in _PERSON.items()})
    typed = {f"{kind}.{name}": text for kind in ("shipping", "billing") for name, text in _PERSON.items()}
    for _ in ("ordered", "under way"):
        client.post("/cart/lines", data={"variantId": "gentle-shampoo-1", "quantity": "1", "next": "/cart"})
        client.post(
            "/cart/lines", data={"variantId": VISIT, "quantity": "1", "slotToken": slot(fake.starts[0]), "next": "/"}
        )
        client.post("/checkout/details", data={"email": EMAIL, **typed})
        client.post("/checkout/delivery", data={"delivery": "D1"})
        client.post("/checkout/payment", data={"total": "$354.00"})
        client.get("/checkout/return")
        fake.payment_type = "CHARGE_REQUEST"
    order = next(iter(fake.orders.values()))
    packed = {"id": "L1", "quantity": 1, "orderLine": {"id": "O1", "productName": "Shampoo", "variantName": "Size 1"}}
    parcel = {
        "id": "F1",
        "created": order["created"],
        "trackingNumber": "T-1",
        "status": "FULFILLED",
        "lines": [packed],
    }
    order["fulfillments"] = [parcel]
    order["invoices"] = [{"id": "I1", "number": "2026-000001", "url": "http://shop.test/invoices/1.2.x"}]
    key: str = order["id"]
    return key
