"""The payment sandbox beside `shop dev`: a process of its own that outlives a killed shop, as Stripe would."""

import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
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


class Sandbox:
    """The clone's sandbox. `begin` returns at once, `wait` when it answers; `end` stops it, its payments stay."""

    def __init__(self, folder: Path, shop_url: str) -> None:
        self._record = folder / "sandbox.json"
        self._log = folder / "sandbox.log"
        self._shop_url = shop_url
        kept = _read(self._record)
        self._secret = kept.get("webhook_secret") or f"whsec_{secrets.token_hex(24)}"
        self._port, self._pid = int(kept.get("port", "0")), int(kept.get("pid", "0"))
        self._told_shop = kept.get("shop")
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self, settings: Settings) -> Settings:
        """A sandbox is running or on its way; returns the settings to reach it.

        One that an earlier, killed run left behind is taken over if it reports to the same address.
        """
        if not (self._alive() and self._told_shop == self._shop_url and answers(self._port)):
            self.end()
            # Opened here and handed on, so that nobody can take the port in between and answer in its place.
            with _listen(self._port) as listener:
                self._port = listener.getsockname()[1]
                self._process = self._start(settings, listener)
            self._pid = self._process.pid
            self._write()
        return sandbox_settings(settings, self._port, self._secret)

    def wait(self) -> None:
        """The sandbox answers. Raises: Trouble with the last lines of its log."""
        deadline = time.monotonic() + START_SECONDS
        while not answers(self._port):
            if not self._alive() or time.monotonic() > deadline:
                raise Trouble(
                    "The payment sandbox did not start.",
                    cause=self._log.read_text().strip()[-2000:],
                    remedy="Mend what it says, or set SHOP_STRIPE_SECRET_KEY to use Stripe itself.",
                )
            time.sleep(0.03)

    def end(self) -> None:
        """The process has ended: asked first, then made to."""
        for number, seconds in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 1.0)):
            if not self._alive():
                return
            os.kill(self._pid, number)
            deadline = time.monotonic() + seconds
            while self._alive() and time.monotonic() < deadline:
                time.sleep(0.02)

    def _start(self, settings: Settings, listener: socket.socket) -> subprocess.Popen[bytes]:
        with self._log.open("w") as output:
            # A session of its own: Ctrl-C reaches the shop first, which may still be talking to it.
            return subprocess.Popen(
                [
                    *(sys.executable, "-P", "-m", "shop", "stripe", "sandbox"),
                    *("--fd", str(listener.fileno())),
                    *("--webhook-url", f"{self._shop_url}/webhooks/stripe"),
                ],
                env=child_environment(settings) | {"SHOP_STRIPE_WEBHOOK_SECRET": self._secret},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=[listener.fileno()],
            )

    def _write(self) -> None:
        part = self._record.with_suffix(".part")
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        kept = {"pid": str(self._pid), "port": str(self._port), "webhook_secret": self._secret, "shop": self._shop_url}
        part.write_text(json.dumps(kept))
        part.rename(self._record)

    def _alive(self) -> bool:
        """Whether the process is a sandbox that still runs, and neither a zombie nor a stranger with its number."""
        if self._process is not None:
            return self._process.poll() is None
        if not self._pid:
            return False
        try:
            command = Path(f"/proc/{self._pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            listed = ["/bin/ps", "-o", "command=", "-p", str(self._pid)]
            command = subprocess.run(listed, capture_output=True, check=False).stdout.split()
        return b"sandbox" in command and b"stripe" in command


@contextmanager
def running_sandbox(settings: Settings) -> Iterator[tuple[Settings, Sandbox]]:
    """A sandbox for the length of the block, with the settings to reach it; `wait()` for it before it is needed."""
    assert settings.public_url is not None
    sandbox = Sandbox(settings.state_folder, settings.public_url)
    try:
        yield sandbox.begin(settings), sandbox
    finally:
        sandbox.end()


def answers(port: int) -> bool:
    """Whether a sandbox answers on the port."""
    with closing(http.client.HTTPConnection(HOST, port, timeout=2)) as connection:
        try:
            connection.request("GET", "/_sandbox")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False


def _listen(usual: int) -> socket.socket:
    """A socket on the port that payment pages already made point to, where it is free; else on the first free one."""
    for port in (usual, *range(FIRST_PORT, LAST_PORT + 1)):
        if port:
            with suppress(Trouble):
                return listen(HOST, port)
    raise Trouble(
        f"All ports from {FIRST_PORT} to {LAST_PORT} are taken, so the payment sandbox cannot listen.",
        remedy="Stop some of the programs there, or set SHOP_STRIPE_SECRET_KEY to use Stripe itself.",
    )


def _read(record: Path) -> dict[str, str]:
    try:
        return dict(json.loads(record.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return {}
