"""A whole shop as a newcomer starts it (`shop dev`), and a real Chromium in front of it."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.database import Server

ROOT = Path(__file__).resolve().parents[2]
ARTEFACTS = ROOT / "tests" / "artefacts"
_START_SECONDS = 90
_LOAD_ALL = """() => Promise.all([...document.images].map((image) => {
  image.loading = 'eager';
  return image.decode().catch(() => {});
}))"""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--lighthouse", action="store_true", help="ask Lighthouse about the demo's pages")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Lighthouse takes too long for every run: `make lighthouse`."""
    asked = bool(config.getoption("--lighthouse", default=False))
    return True if collection_path.name == "test_lighthouse.py" and not asked else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture(scope="session")
def live_shop(postgres: Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running demo shop with its sandbox, on a database of its own."""
    folder = tmp_path_factory.mktemp("live-shop")
    url = postgres.copy(template)
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SHOP_")} | {
        "SHOP_DATABASE_URL": url.psycopg(),
        "SHOP_STATE_FOLDER": str(folder / "state"),
        "SHOP_PORT": str(port),
        "PYTHONPATH": str(ROOT),
    }
    output = (folder / "output.txt").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "shop", "dev"], cwd=folder, env=environment, stdout=output, stderr=output
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(process, address, folder / "output.txt")
        yield address
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        output.close()
        postgres.drop(url)


def _wait_until_ready(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{address}/ready", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(f"the shop did not start:\n{log.read_text(errors='replace')[-4000:]}")


# Playwright keeps an event loop running in this thread as long as it lives: no longer than these tests.
@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Chromium's own sandbox needs rights that containers rarely give.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, live_shop: str) -> Iterator[Callable[..., Page]]:
    """`visit(javascript=…, width=…, zone=…, dark=…)`: a new visitor's page.

    A script that fails or breaks the policy fails the test.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        # The payment page is another program's, with rules of its own.
        if "Content Security Policy" in message.text and message.location["url"].startswith(live_shop):
            complaints.append(message.text)

    def new(
        *, javascript: bool = True, width: int = 1280, height: int = 850, zone: str = "UTC", dark: bool = False
    ) -> Page:
        context = browser.new_context(
            base_url=live_shop,
            java_script_enabled=javascript,
            viewport={"width": width, "height": height},
            timezone_id=zone,
            color_scheme="dark" if dark else "light",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", complain)
        return page

    yield new
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def keep(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """`keep(page, "cart")`: a screenshot for people to look at, in tests/artefacts/."""
    ARTEFACTS.mkdir(exist_ok=True)
    test = re.sub(r"\W+", "-", request.node.name.removeprefix("test_")).strip("-")

    def shot(page: Page, name: str) -> None:
        # Pictures far below come when somebody scrolls there: nobody does.
        page.evaluate(_LOAD_ALL)
        whole = page.locator("#cart.open").count() == 0
        page.screenshot(path=ARTEFACTS / f"{test}-{name}.png", full_page=whole)

    return shot
