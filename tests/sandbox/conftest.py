"""One served sandbox for the whole folder, emptied before each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shop.sandbox.settings import SandboxSettings
from tests.paying import allow_stripe
from tests.sandbox.running import Receiver, Sandbox, listen, receiving, serving


@pytest.fixture(scope="session")
def _served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    bound = listen()
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    state = tmp_path_factory.mktemp("sandbox") / "state" / "sandbox.sqlite"
    with serving(SandboxSettings(state_path=state, public_url=url), bound) as running:
        yield running


@pytest.fixture
def sandbox(_served: Sandbox) -> Sandbox:
    """The sandbox, empty."""
    _served.tool("/reset")
    return _served


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook endpoint of this test's own."""
    with receiving() as endpoint:
        yield endpoint


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    allow_stripe(items, str(Path(__file__).parent))
