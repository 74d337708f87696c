"""The payment sandbox beside `shop dev`: a process of its own that outlives a killed shop, as Stripe would."""

import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from pydantic import SecretStr

from shop.cli.migrate import child_environment
from shop.cli.serving import listen
from shop.cli.trouble import Trouble
from shop.kit.settings import Settings

HOST = "127.0.0.1"
FIRST_PORT, LAST_PORT = 8020, 8039
START_SECONDS = 15


def sandbox_settings(settings: Settings, port: int, webhook_secret: str) -> Settings:
    """The settings with which the shop talks to the sandbox on that port."""
    return settings.model_copy(
        update={
            "stripe_api_url": f"http://{HOST}:{port}",
            "stripe_secret_key": SecretStr("sk_test_sandbox"),
            "stripe_publishable_key": "pk_test_sandbox",
            "stripe_webhook_secret": SecretStr(webhook_secret),
        }
    )


@contextmanager
def running_sandbox(settings: Settings) -> Iterator[Settings]:
    """The clone's sandbox answers for the length of the block; its payments stay in the state folder.

    A sandbox that an earlier, killed run left behind is taken over. Yields the settings to reach it.
    """
    record = settings.state_folder / "sandbox.json"
    kept = _read(record)
    secret = kept.get("webhook_secret") or f"whsec_{secrets.token_hex(24)}"
    port, pid = int(kept.get("port", "0")), int(kept.get("pid", "0"))
    if not (port and pid and _alive(pid) and kept.get("shop") == settings.public_url and _answers(port)):
        if pid and _alive(pid):
            _end(pid)
        port = _free_port(port)
        pid = _start(settings, port, secret)
    part = record.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(
        json.dumps({"pid": str(pid), "port": str(port), "webhook_secret": secret, "shop": settings.public_url})
    )
    part.rename(record)
    try:
        yield sandbox_settings(settings, port, secret)
    finally:
        _end(pid)


def _start(settings: Settings, port: int, secret: str) -> int:
    log = settings.state_folder / "sandbox.log"
    with log.open("w") as output:
        # A session of its own: Ctrl-C reaches the shop first, which may still be talking to it.
        process = subprocess.Popen(
            [
                *(sys.executable, "-P", "-m", "shop", "stripe", "sandbox"),
                *("--host", HOST, "--port", str(port)),
                *("--webhook-url", f"{settings.public_url}/webhooks/stripe"),
            ],
            env=child_environment(settings) | {"SHOP_STRIPE_WEBHOOK_SECRET": secret},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise Trouble(
                "The payment sandbox did not start.",
                cause=log.read_text().strip()[-2000:],
                remedy="Mend what it says, or set SHOP_STRIPE_SECRET_KEY to use Stripe itself.",
            )
        time.sleep(0.05)
    return process.pid


def _end(pid: int) -> None:
    """The process has ended: asked first, then made to."""
    for number, seconds in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 1.0)):
        if not _alive(pid):
            return
        os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while _alive(pid) and time.monotonic() < deadline:
            time.sleep(0.02)


def _alive(pid: int) -> bool:
    """Whether the process is a sandbox that still runs, and neither a zombie nor a stranger with its number."""
    try:
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    except ChildProcessError:
        pass
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        listed = subprocess.run(["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, check=False)
        command = listed.stdout.split()
    return b"sandbox" in command and b"stripe" in command


def _answers(port: int) -> bool:
    with closing(http.client.HTTPConnection(HOST, port, timeout=2)) as connection:
        try:
            connection.request("GET", "/_sandbox")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False


def _free_port(usual: int) -> int:
    """The port that payment pages already made point to, where it is free; else the first free one."""
    for port in (usual, *range(FIRST_PORT, LAST_PORT + 1)):
        if port:
            try:
                listen(HOST, port).close()
            except Trouble:
                continue
            return int(port)
    raise Trouble(
        f"All ports from {FIRST_PORT} to {LAST_PORT} are taken, so the payment sandbox cannot listen.",
        remedy="Stop some of the programs there, or set SHOP_STRIPE_SECRET_KEY to use Stripe itself.",
    )


def _read(record: Path) -> dict[str, str]:
    try:
        return dict(json.loads(record.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return {}
