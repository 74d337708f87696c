"""`shop dev`, as a newcomer meets it: one command, few lines, everything answers, Ctrl-C ends all of it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from shop.cli.sandbox import answers
from shop.cli.state import only_one
from shop.kit.postgres import remove
from tests.house.code import ROOT


class Dev:
    """A running `shop dev`."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.began = time.monotonic()
        self._log = folder / "errors.log"
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "shop", "dev"],
                cwd=folder,
                env=os.environ | {"PYTHONPATH": str(ROOT), "SHOP_STATE_FOLDER": str(folder / ".shop")} | environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.lines: list[str] = []

    @property
    def errors(self) -> str:
        return self._log.read_text()

    def wait(self) -> "Dev":
        """It has said that it is ready."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if "Ready in" in line:
                return self
        raise AssertionError("\n".join([*self.lines, self.errors]))

    @property
    def addresses(self) -> dict[str, str]:
        text = "\n".join(self.lines)
        return dict(re.findall(r"(\w+)\s+(http://\S+)$", text, re.MULTILINE))

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        printed, _ = self.process.communicate(timeout=30)
        self.lines += printed.splitlines()
        return self.process.returncode

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def folder(open_folder: Path) -> Iterator[Path]:
    """Where a newcomer has the clone; its database is stopped afterwards."""
    yield open_folder
    if (open_folder / ".shop" / "postgres").exists():
        remove(open_folder / ".shop" / "postgres")


def test_one_command_starts_everything_again_after_a_kill_and_ctrl_c_ends_it(folder: Path) -> None:
    dev = Dev(folder).wait()
    try:
        assert len(dev.lines) <= 20
        assert {"Shop", "article", "GraphQL", "mailbox", "health", "payments"} <= dev.addresses.keys()
        for name, url in dev.addresses.items():
            page = httpx.get(url, timeout=20, headers={"Accept": "text/html"}, follow_redirects=True)
            assert page.status_code == 200, (name, url, page.text[:500])
        answer = httpx.post(
            dev.addresses["GraphQL"],
            json={"query": '{ products(first: 3, channel: "default-channel") { edges { node { name } } } }'},
        )
        assert len(answer.json()["data"]["products"]["edges"]) == 3
        sandbox = int(dev.addresses["payments"].rsplit(":", 1)[1])
        assert answers(sandbox)
    finally:
        dev.kill()
    again = Dev(folder, SHOP_PORT=dev.addresses["Shop"].rstrip("/").rsplit(":", 1)[1]).wait()
    try:
        assert "the demo in place" in "\n".join(again.lines)
        assert again.lines[-3:-1] == dev.lines[-3:-1]  # the same password and card
        assert again.addresses == dev.addresses
    finally:
        code = again.end()
    assert code == 0, again.errors
    assert "stopped in" in again.lines[-1]
    assert not answers(sandbox)
    assert not (folder / ".shop" / "postgres" / "data" / "postmaster.pid").exists()


def test_a_second_one_in_the_same_folder_is_told_where_the_first_is(folder: Path) -> None:
    with only_one(folder / ".shop", "http://127.0.0.1:8000"):
        dev = Dev(folder)
        dev.process.communicate(timeout=60)
        assert dev.process.returncode == 1
        assert "runs already: http://127.0.0.1:8000" in dev.errors
        assert "SHOP_STATE_FOLDER" in dev.errors


def test_a_taken_port_is_said_before_anything_starts(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        dev = Dev(folder, SHOP_PORT=str(taken.getsockname()[1]))
        printed, _ = dev.process.communicate(timeout=60)
    assert dev.process.returncode == 1
    assert printed == ""
    assert not (folder / ".shop").exists()
    assert "SHOP_PORT" in dev.errors


def test_production_is_refused(folder: Path) -> None:
    environment = dict.fromkeys(("SHOP_PUBLIC_URL", "SHOP_STRIPE_SECRET_KEY", "SHOP_JWT_PRIVATE_KEY"), "https://x")
    environment |= {
        "SHOP_SECRET_KEY": "x" * 32,
        "SHOP_DATABASE_URL": "postgres://h/d",
        "SHOP_ENVIRONMENT": "production",
    }
    dev = Dev(folder, **environment)
    dev.process.communicate(timeout=60)
    assert dev.process.returncode == 1
