"""A real shop and a real payment sandbox, each a process of its own, and shoppers who reach both by HTTP alone."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx

from shop.kit.resources import graphql_folder
from shop.storefront.documents import Documents

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
GATEWAY = "saleor.app.payment.stripe"
WEBHOOK_SECRET = "whsec_of_the_running_shop"
GOOD, DECLINED, THREE_D_SECURE = "4242424242424242", "4000000000000002", "4000002500003155"
START_SECONDS = 60.0
# What a test waits for at most, times this: a machine with other things to do takes longer, and is no fault of ours.
# The full rounds run on a quiet one, where the figures hold as they stand.
PATIENCE = 1 if os.environ.get("ROUNDS") == "full" else 4
DOCUMENTS = Documents(graphql_folder())

AMERICAN = {
    "firstName": "Example",
    "lastName": "Shopper",
    "streetAddress1": "1 Example Street",
    "city": "Exampletown",
    "countryArea": "NY",
    "postalCode": "10001",
    "country": "US",
}
GERMAN = {
    "firstName": "Example",
    "lastName": "Shopper",
    "streetAddress1": "Musterstraße 1",
    "city": "Musterstadt",
    "postalCode": "12345",
    "country": "DE",
}


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


async def until(look: Callable[[], Any], seconds: float, *, pause: float = 0.1) -> float:
    """How many seconds it took until `look` was true; an assertion error when that took too long.

    A plain function may ask a database: it runs in a thread, so that servers of this loop go on.
    """
    began = time.monotonic()
    while not await asyncio.to_thread(look):
        assert time.monotonic() - began < seconds * PATIENCE, f"it did not happen within {seconds} s"
        await asyncio.sleep(pause)
    return time.monotonic() - began


class Program:
    """One of the product's commands as a process that can be killed and started again."""

    def __init__(self, *arguments: str, environment: Mapping[str, str], log: Path, health: str | None = None) -> None:
        self.arguments = arguments
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("SHOP_")} | {
            "PYTHONPATH": str(ROOT),
            **environment,
        }
        self.log = log
        self.health = health
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The number of the running process."""
        assert self._process is not None
        return self._process.pid

    def begin(self, *arguments: str) -> None:
        """The process is on its way; with arguments, these replace the ones given before."""
        self.arguments = arguments or self.arguments
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "shop", *self.arguments],
                cwd=self.log.parent,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    async def ready(self) -> float:
        """How many seconds it took until the process answered."""
        assert self.health is not None
        began = time.monotonic()
        async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
            while True:
                assert self._process is not None
                assert self._process.poll() is None, f"it ended at once:\n{self.text()[-4000:]}"
                waited = time.monotonic() - began
                assert waited < START_SECONDS * PATIENCE, f"it does not answer:\n{self.text()[-4000:]}"
                try:
                    if (await client.get(self.health)).status_code == 200:
                        return time.monotonic() - began
                except httpx.TransportError:
                    await asyncio.sleep(0.03)

    async def start(self, *arguments: str) -> float:
        """The process answers."""
        self.begin(*arguments)
        return await self.ready()

    def kill(self) -> None:
        """The process is gone as if the power had failed."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    async def end(self, number: int = signal.SIGTERM, seconds: float = 20) -> int:
        """The process was asked to end, and did; its exit code."""
        assert self._process is not None
        self._process.send_signal(number)
        return await asyncio.to_thread(self._process.wait, seconds)

    def text(self) -> str:
        """Everything that it wrote."""
        return self.log.read_text(errors="replace")


@dataclass
class Running:
    """A shop, its worker and its sandbox. The shop and the worker are started by whoever needs them."""

    url: str
    sandbox_url: str
    shop: Program
    worker: Program
    sandbox: Program
    shoppers: list["Shopper"] = field(default_factory=list)

    def shopper(self, channel: str = "default-channel") -> "Shopper":
        """Somebody who buys there."""
        self.shoppers.append(Shopper(self, channel))
        return self.shoppers[-1]

    def fault(self, kind: str, **more: Any) -> None:
        """The fault lies in wait at the sandbox."""
        self.tool("/faults", {"kind": kind, **more})

    def tool(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of the sandbox's own tool."""
        answer = httpx.post(f"{self.sandbox_url}/_sandbox{path}", json=dict(body), trust_env=False)
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return result

    def no_faults(self) -> None:
        """No fault lies in wait any more."""
        httpx.delete(f"{self.sandbox_url}/_sandbox/faults", trust_env=False).raise_for_status()

    def stripe(self, path: str, **params: str) -> list[dict[str, Any]]:
        """What the provider has of a kind, oldest first, as its own API lists it."""
        answer = httpx.get(
            f"{self.sandbox_url}/v1/{path}",
            params={"limit": "100", **params},
            headers={"Authorization": "Bearer sk_test_of_the_sandbox"},
            trust_env=False,
        )
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]
        return found[::-1]

    def stripe_does(self, path: str, **form: str) -> dict[str, Any]:
        """What the provider answers when its own API is told to do something."""
        answer = httpx.post(
            f"{self.sandbox_url}/v1/{path}",
            data=form,
            headers={"Authorization": "Bearer sk_test_of_the_sandbox"},
            trust_env=False,
        )
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return result

    async def end(self) -> None:
        """No process is left, and nobody shops."""
        for program in (self.shop, self.worker, self.sandbox):
            program.kill()
        for shopper in self.shoppers:
            await shopper.client.aclose()


def make_running(database_url: str, folder: Path, media: Path, **environment: str) -> Running:
    """A shop on that database, not yet started; its sandbox reports payments to it."""
    shop_port, sandbox_port = free_port(), free_port()
    url, sandbox_url = f"http://{HOST}:{shop_port}", f"http://{HOST}:{sandbox_port}"
    environment = {
        "SHOP_DATABASE_URL": database_url,
        "SHOP_STATE_FOLDER": str(folder / "state"),
        "SHOP_MEDIA_FOLDER": str(media),
        "SHOP_PORT": str(shop_port),
        "SHOP_PUBLIC_URL": url,
        "SHOP_STRIPE_API_URL": sandbox_url,
        "SHOP_STRIPE_SECRET_KEY": "sk_test_of_the_sandbox",
        "SHOP_STRIPE_PUBLISHABLE_KEY": "pk_test_of_the_sandbox",
        "SHOP_STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "SHOP_LOG_FORMAT": "json",
        **environment,
    }
    sandbox = Program(
        *("stripe", "sandbox", "--host", HOST, "--port", str(sandbox_port)),
        *("--state", str(folder / "sandbox.sqlite"), "--webhook-url", f"{url}/webhooks/stripe"),
        environment=environment,
        log=folder / "sandbox.log",
        health=f"{sandbox_url}/_sandbox",
    )
    shop = Program("serve", environment=environment, log=folder / "shop.log", health=f"{url}/health")
    worker = Program("worker", environment=environment, log=folder / "worker.log")
    return Running(url, sandbox_url, shop, worker, sandbox)


def uuid_of(global_id: str) -> uuid.UUID:
    """The UUID inside a global ID."""
    return uuid.UUID(b64decode(global_id).decode().partition(":")[2])


def words(page: httpx.Response) -> str:
    """What a reader of the page sees."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def taxed(price: Mapping[str, Any]) -> tuple[str, str, str]:
    """Gross, net and tax of a price, each with two decimals."""
    return tuple(f"{price[part]['amount']:.2f}" for part in ("gross", "net", "tax"))  # type: ignore[return-value]


@dataclass
class Shopper:
    """Somebody with a cart, who speaks the saved documents to the shop and posts the sandbox's forms."""

    running: Running
    channel: str
    checkout: str = ""
    transaction: str = ""
    page: str = ""
    client: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.AsyncClient(timeout=40, trust_env=False)

    @property
    def key(self) -> uuid.UUID:
        """The checkout's UUID, under which everything about this purchase is kept."""
        return uuid_of(self.checkout)

    async def post(self, name: str, /, **variables: Any) -> httpx.Response:
        """The raw answer to a saved document."""
        body = {"query": DOCUMENTS[name].text, "variables": variables, "operationName": name}
        return await self.client.post(f"{self.running.url}/graphql/", json=body)

    async def ask(self, name: str, /, **variables: Any) -> dict[str, Any]:
        """The document's only field."""
        answer = await self.post(name, **variables)
        body = answer.json()
        assert (answer.status_code, body.get("errors")) == (200, None), self.running.shop.text()[-6000:]
        (found,) = body["data"].values()
        result: dict[str, Any] = found
        return result

    async def do(self, name: str, /, **variables: Any) -> dict[str, Any]:
        """The payload of the document's mutation, which had no errors."""
        payload = await self.ask(name, **variables)
        assert payload["errors"] == [], payload["errors"]
        return payload

    async def variant(self, slug: str, sku: str) -> str:
        """The ID of what is chosen on a product's page."""
        product = await self.ask("ProductDetails", slug=slug, channel=self.channel)
        offers = [edge["node"] for edge in product["productVariants"]["edges"]]
        found: str = next(offer["id"] for offer in offers if offer["sku"] == sku)
        return found

    async def fill(self, lines: Mapping[str, int]) -> dict[str, Any]:
        """A new cart with these variants; the answer is the checkout."""
        given = [{"variantId": variant, "quantity": quantity} for variant, quantity in lines.items()]
        created = await self.do("CheckoutCreate", input={"channel": self.channel, "lines": given})
        self.checkout = created["checkout"]["id"]
        return dict(created["checkout"])

    async def send_to(self, address: Mapping[str, str], method: str = "Standard") -> dict[str, Any]:
        """The cart is to be sent there by that delivery; the answer is the checkout."""
        await self.do("CheckoutShippingAddressUpdate", id=self.checkout, address=address)
        await self.do("CheckoutBillingAddressUpdate", id=self.checkout, address=address)
        options = await self.do("DeliveryOptionsCalculate", id=self.checkout)
        chosen = next(option["id"] for option in options["deliveries"] if option["shippingMethod"]["name"] == method)
        updated = await self.do("CheckoutDeliveryMethodUpdate", id=self.checkout, deliveryMethodId=chosen)
        return dict(updated["checkout"])

    async def bill_to(self, address: Mapping[str, str]) -> dict[str, Any]:
        """Somebody pays who needs nothing sent; the answer is the checkout."""
        payload = await self.do(
            "CheckoutBillingAddressUpdate", id=self.checkout, address=address, rules={"checkRequiredFields": False}
        )
        return dict(payload["checkout"])

    async def mail(self, email: str) -> dict[str, Any]:
        """The confirmation is to go there; the answer is the checkout."""
        return dict((await self.do("CheckoutEmailUpdate", id=self.checkout, email=email))["checkout"])

    @property
    def hosted_page(self) -> dict[str, Any]:
        """What a client sends to pay on the hosted page."""
        back = f"{self.running.url}/checkout/return"
        return {"id": GATEWAY, "data": {"checkoutSession": {"successUrl": back, "cancelUrl": self.running.url}}}

    async def begin_payment(self) -> dict[str, Any]:
        """A payment page waits for the shopper; the answer is the payload."""
        payload = await self.do("TransactionInitialize", id=self.checkout, gateway=self.hosted_page)
        self.transaction = payload["transaction"]["id"]
        self.page = payload["data"]["checkoutSession"]["url"]
        return payload

    async def send_card(self, number: str = GOOD) -> httpx.Response:
        """The page's form was sent as a browser without scripts would; the answer is not followed."""
        page = await self.client.get(self.page)
        assert page.status_code == 200, page.text
        action = re.search(r'<form[^>]*action="([^"]+)"', page.text)
        assert action, page.text
        filled = {"cardNumber": number, "cardExpiry": "12/34", "cardCvc": "123", "submit": "pay"}
        if 'name="email"' in page.text and "readonly" not in page.text:
            filled["email"] = "shopper@example.com"
        return await self.client.post(urljoin(str(page.url), unescape(action[1])), data=filled)

    async def answer_bank(self, sent: httpx.Response, answer: str) -> httpx.Response:
        """The bank's page, to which the form had led, was answered."""
        assert sent.status_code == 303, sent.text
        page = await self.client.get(urljoin(str(sent.url), sent.headers["location"]))
        action = re.search(r'<form[^>]*action="([^"]+)"', page.text)
        assert action, page.text
        return await self.client.post(
            urljoin(str(page.url), unescape(action[1])), data={"answer": answer}, follow_redirects=False
        )

    async def pay(self, number: str = GOOD) -> None:
        """The shopper has paid on the hosted page and was sent back to the shop, but has not gone there."""
        sent = await self.send_card(number)
        assert sent.status_code == 303, sent.text
        assert sent.headers["location"].startswith(self.running.url), sent.headers["location"]

    async def process(self) -> dict[str, Any]:
        """The payment was looked up; its event."""
        payload = await self.do("TransactionProcess", id=self.transaction)
        return dict(payload["transactionEvent"])

    async def complete(self) -> dict[str, Any]:
        """The order."""
        return dict((await self.do("CheckoutComplete", id=self.checkout))["order"])

    async def ready_cart(self, lines: Mapping[str, int], *, to: Mapping[str, str] | None = None) -> None:
        """A cart in one request, that lacks nothing but its payment: sent to the address, or with nothing to send."""
        given = [{"variantId": variant, "quantity": quantity} for variant, quantity in lines.items()]
        wanted: dict[str, Any] = {"channel": self.channel, "lines": given, "email": "shopper@example.com"}
        if to is None:
            person = {"firstName": "Example", "lastName": "Shopper", "country": "US"}
            rules = {"billingAddress": {"checkRequiredFields": False}}
            created = await self.do(
                "CheckoutCreate", input=wanted | {"billingAddress": person, "validationRules": rules}
            )
            self.checkout = created["checkout"]["id"]
            return
        created = await self.do("CheckoutCreate", input=wanted | {"shippingAddress": to, "billingAddress": to})
        self.checkout = created["checkout"]["id"]
        options = await self.do("DeliveryOptionsCalculate", id=self.checkout)
        await self.do("CheckoutDeliveryMethodUpdate", id=self.checkout, deliveryMethodId=options["deliveries"][0]["id"])
