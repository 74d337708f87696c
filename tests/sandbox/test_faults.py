"""The `/_sandbox` tool: faults of the API, its guard, and state that outlives a killed process."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
import stripe

from shop.sandbox.app import create_app
from shop.sandbox.settings import SandboxSettings
from shop.sandbox.store import Store
from tests.sandbox.running import INITIAL_SECRET, Receiver, Sandbox, connected, listen, serving, until

ROOT = Path(__file__).parents[2]
SERVE = """
import socket
import sys
from pathlib import Path
from shop.sandbox.server import run
from shop.sandbox.settings import SandboxSettings
state, port, hook, secret = sys.argv[1:]
settings = SandboxSettings(Path(state), f"http://127.0.0.1:{port}", hook, secret)
run(settings, socket.create_server(("127.0.0.1", int(port))))
"""


def count(sandbox: Sandbox) -> int:
    """How many PaymentIntents there are."""
    return len(sandbox.stripe.v1.payment_intents.list().data)


@pytest.mark.parametrize(
    ("kind", "error", "made"),
    [
        ("rate_limit", stripe.RateLimitError, 0),
        ("error_before", stripe.APIError, 0),
        ("error_after", stripe.APIError, 1),
        ("hang_before", stripe.APIConnectionError, 0),
        ("hang_after", stripe.APIConnectionError, 1),
    ],
)
def test_faults_of_the_api(sandbox: Sandbox, kind: str, error: type[Exception], made: int) -> None:
    sandbox.fault(kind, method="post", path="/v1/payment_intents", seconds=0.6)
    with connected(sandbox.url, seconds=0.3) as hasty:
        started = time.monotonic()
        with pytest.raises(error):
            hasty.v1.payment_intents.create({"amount": 2000, "currency": "usd"}, {"idempotency_key": "attempt-1"})
        assert time.monotonic() - started < 2
        assert count(sandbox) == made
        until(lambda: not _under_way(sandbox))
        hasty.v1.payment_intents.create({"amount": 2000, "currency": "usd"}, {"idempotency_key": "attempt-1"})
    assert count(sandbox) == 1


def _under_way(sandbox: Sandbox) -> bool:
    headers = {"Authorization": "Bearer sk_test_x", "Idempotency-Key": "attempt-1"}
    body = {"amount": "2000", "currency": "usd"}
    return sandbox.http.post("/v1/payment_intents", data=body, headers=headers).status_code == 409


def test_a_fault_strikes_as_often_as_it_was_told(sandbox: Sandbox) -> None:
    sandbox.fault("rate_limit", times=2, path="/v1/balance")
    answers = [sandbox.http.get("/v1/balance", auth=("sk_test_x", "")).status_code for _ in range(3)]
    assert answers == [429, 429, 200]
    assert sandbox.http.get("/_sandbox/faults").json()["data"] == []


def test_the_tool_explains_itself(sandbox: Sandbox) -> None:
    told = sandbox.http.get("/_sandbox").json()
    assert "No real payment" in told["what"]
    assert set(told["POST /_sandbox/faults"]["kinds"]) >= {"delay", "webhook_reorder"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/faults", {"kind": "no such kind"}),
        ("/faults", {"kind": "delay", "sceonds": 1}),
        ("/clock", {"advance_seconds": -1}),
        ("/clock", {}),
        ("/deliveries/send", {"ids": []}),
        ("/reset", {"hard": True}),
    ],
)
def test_the_tool_refuses_what_it_does_not_know(sandbox: Sandbox, path: str, body: dict[str, object]) -> None:
    assert sandbox.http.post(f"/_sandbox{path}", json=body).status_code == 400


def test_a_form_of_a_foreign_page_cannot_use_the_tool(sandbox: Sandbox) -> None:
    assert sandbox.http.post("/_sandbox/reset", data={"a": "b"}).status_code == 415


@pytest.mark.anyio
async def test_only_this_machine_may_use_the_tool(tmp_path: Path) -> None:
    app = create_app(SandboxSettings(tmp_path / "state.sqlite", "http://sandbox.test"))
    async with app.router.lifespan_context(app):
        for host, status in (("127.0.0.1", 200), ("::1", 200), ("203.0.113.7", 403), ("testclient", 403)):
            transport = httpx.ASGITransport(app, client=(host, 50_000))
            async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.test") as http:
                assert (await http.get("/_sandbox")).status_code == status
                assert (await http.get("/")).status_code == 200


def test_the_endpoint_named_at_start_follows_the_settings(tmp_path: Path, receiver: Receiver) -> None:
    state = tmp_path / "state.sqlite"
    for url, secret in (("http://127.0.0.1:9/old", "whsec_old"), (receiver.url, INITIAL_SECRET)):
        bound = listen()
        settings = SandboxSettings(state, f"http://127.0.0.1:{bound.getsockname()[1]}", url, secret)
        with serving(settings, bound) as sandbox:
            assert [one.url for one in sandbox.stripe.v1.webhook_endpoints.list().data] == [url]
            if url == receiver.url:
                sandbox.tool("/reset")
                sandbox.stripe.v1.payment_intents.create({"amount": 2000, "currency": "usd"})
                receiver.wait_for("payment_intent.created")
    stripe.Webhook.construct_event(*receiver.got[0], INITIAL_SECRET)


def test_a_state_file_has_one_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shop.sandbox.store.BUSY_SECONDS", 0.05)
    first, second = Store(tmp_path / "state.sqlite"), Store(tmp_path / "state.sqlite")
    first.open()
    with pytest.raises(RuntimeError, match="in use or unreadable"):
        second.open()
    first.close()
    second.open()
    second.close()
    assert (tmp_path / "state.sqlite").stat().st_mode & 0o777 == 0o600


def test_nothing_answered_is_lost_by_kill_9(tmp_path: Path, receiver: Receiver) -> None:
    bound = listen()
    port = bound.getsockname()[1]
    bound.close()
    command = [sys.executable, "-c", SERVE, str(tmp_path / "state.sqlite"), str(port), receiver.url, INITIAL_SECRET]
    url = f"http://127.0.0.1:{port}"
    headers = {"Authorization": "Bearer sk_test_x", "Idempotency-Key": "order-1"}
    body = {"amount": "2000", "currency": "usd", "confirm": "true", "payment_method": "pm_card_visa"}
    with httpx.Client(base_url=url, timeout=10) as http:
        process = _start(command, http)
        try:
            http.post("/_sandbox/faults", json={"kind": "webhook_delay", "seconds": 0.8, "times": 10})
            paid = http.post("/v1/payment_intents", data=body, headers=headers)
            assert paid.status_code == 200
        finally:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        assert receiver.got == []
        process = _start(command, http)
        try:
            again = http.post("/v1/payment_intents", data=body, headers=headers)
            assert (again.headers["idempotent-replayed"], again.text) == ("true", paid.text)
            receiver.wait_for("payment_intent.created", "charge.succeeded", "payment_intent.succeeded")
        finally:
            process.terminate()
            process.wait()


def _start(command: list[str], http: httpx.Client) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(command, cwd=ROOT)

    def answers() -> bool:
        assert process.poll() is None
        try:
            return http.get("/_sandbox").status_code == 200
        except httpx.TransportError:
            return False

    until(answers, 15)
    return process
