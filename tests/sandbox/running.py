"""What the sandbox's tests drive it with: a served sandbox, Stripe's own client, a shopper and a webhook receiver."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

import httpx
import stripe
import uvicorn
from stripe.checkout import Session

from shop.sandbox.app import create_app
from shop.sandbox.settings import SandboxSettings

GOOD, DECLINED, NO_FUNDS = "4242424242424242", "4000000000000002", "4000000000009995"
THREE_D_SECURE, FAILS_WHEN_CHARGED, DISPUTED = "4000002500003155", "4000000000000341", "4000000000000259"
REFUND_FAILS, REFUND_WAITS = "4000000000005126", "4000000000007726"
INITIAL_SECRET = "whsec_of_the_initial_endpoint"
T = TypeVar("T")


def listen() -> socket.socket:
    """A socket bound to a free port of this machine."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # else asyncio leaves Nagle on
    bound.bind(("127.0.0.1", 0))
    return bound


def until(look: Callable[[], T], seconds: float = 5) -> T:
    """What `look` returns once it is true; an assertion error when that takes too long."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)
    return found


@dataclass
class Receiver:
    """A webhook endpoint: keeps what arrives and answers with the next of `answers`, else 200."""

    url: str = ""
    got: list[tuple[bytes, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def types(self) -> list[str]:
        """The types of the events that arrived, in order."""
        return [json.loads(body)["type"] for body, _ in self.got]

    def wait_for(self, *types: str, seconds: float = 5) -> None:
        """Returns when an event of each type has arrived."""
        until(lambda: set(types) <= set(self.types()), seconds)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens on this machine."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append((body, self.headers["Stripe-Signature"]))
            self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Sandbox:
    """A served sandbox and the ways to talk to it."""

    url: str
    stripe: stripe.StripeClient
    http: httpx.Client

    def tool(self, path: str, /, **body: Any) -> dict[str, Any]:
        """The answer of the `/_sandbox` tool to a POST."""
        response = self.http.post(f"/_sandbox{path}", json=body)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def fault(self, kind: str, **more: Any) -> None:
        """The fault lies in wait."""
        self.tool("/faults", kind=kind, **more)

    def deliveries(self, **where: str) -> list[dict[str, Any]]:
        """The deliveries that the tool lists."""
        found: list[dict[str, Any]] = self.http.get("/_sandbox/deliveries", params=where).json()["data"]
        return found

    def session(self, **more: Any) -> Session:
        """An open Checkout Session over 25.00 USD."""
        params: Any = {
            "mode": "payment",
            "ui_mode": "hosted_page",
            "success_url": "https://shop.example.com/return?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "https://shop.example.com/cart",
            "line_items": [line("Shampoo", 1250, 2)],
        } | more
        return self.stripe.v1.checkout.sessions.create(params)

    def pay(self, key: str, number: str = GOOD, **more: str) -> httpx.Response:
        """The answer of the pay page to a shopper's card."""
        card = {"cardNumber": number, "cardExpiry": "12 / 40", "cardCvc": "123", "email": "shopper@example.com"}
        return self.http.post(f"/pay/{key}", data=card | more)

    def events(self) -> list[str]:
        """The types of all events, oldest first."""
        return [str(event.type) for event in self.stripe.v1.events.list({"limit": 100}).data][::-1]


def line(name: str, unit_amount: int, quantity: int = 1, currency: str = "usd") -> dict[str, Any]:
    """A line item with its price inline."""
    price = {"currency": currency, "unit_amount": unit_amount, "product_data": {"name": name}}
    return {"price_data": price, "quantity": quantity}


@contextmanager
def connected(
    url: str, *, key: str = "sk_test_x", retries: int = 0, seconds: float = 10
) -> Iterator[stripe.StripeClient]:
    """Stripe's own client, pointed at the sandbox."""
    http = stripe.HTTPXClient(timeout=seconds, allow_sync_methods=True, verify_ssl_certs=False)
    try:
        yield stripe.StripeClient(key, base_addresses={"api": url}, max_network_retries=retries, http_client=http)
    finally:
        http.close()  # type: ignore[no-untyped-call]


@contextmanager
def serving(settings: SandboxSettings, bound: socket.socket) -> Iterator[Sandbox]:
    """The sandbox, served by a thread of this process on a bound socket."""
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    server = uvicorn.Server(
        uvicorn.Config(create_app(settings), log_level="error", access_log=False, timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=asyncio.run, args=(server.serve([bound]),))
    thread.start()
    until(lambda: server.started or not thread.is_alive())
    try:
        with connected(url) as sdk, httpx.Client(base_url=url, timeout=10) as http:
            yield Sandbox(url, sdk, http)
    finally:
        server.should_exit = True
        thread.join()
