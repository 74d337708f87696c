"""Fixtures for whatever pays: one served sandbox, settings that lead to it, and a desk with all of it.

A folder's conftest imports the names it wants.
"""

import os
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from shop import wiring
from shop.kit.db import Database
from shop.kit.settings import Settings
from shop.sandbox.settings import SandboxSettings
from tests.factories.payments import Desk
from tests.sandbox.running import Sandbox, listen, serving

WEBHOOK_SECRET = "whsec_of_the_test"

# Stripe's client passes its form to httpx as text, which httpx calls outdated; there is nothing to mend here.
OUTDATED = "ignore:Use 'content=<...>':DeprecationWarning"


def allow_stripe(items: list[pytest.Item], folder: str) -> None:
    """Tests below the folder may use Stripe's client although warnings are errors."""
    allowed, inside = pytest.mark.filterwarnings(OUTDATED), folder + os.sep
    for item in items:
        # As texts: pathlib takes a second to compare all items with a few folders.
        if str(item.path).startswith(inside):
            item.add_marker(allowed)


@pytest.fixture(scope="session")
def served_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox that sends no webhooks by itself."""
    bound = listen()
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    state = tmp_path_factory.mktemp("payments") / "sandbox.sqlite"
    with serving(SandboxSettings(state_path=state, public_url=url), bound) as running:
        yield running


@pytest.fixture
def sandbox(served_sandbox: Sandbox) -> Sandbox:
    """The sandbox, empty."""
    served_sandbox.tool("/reset")
    return served_sandbox


@pytest.fixture
def paying_settings(settings: Settings, served_sandbox: Sandbox) -> Settings:
    """The test's settings with keys that the sandbox takes; whatever listens to payments is connected."""
    wiring.connect()
    return settings.model_copy(
        update={
            "stripe_secret_key": SecretStr("sk_test_of_the_sandbox"),
            "stripe_publishable_key": "pk_test_of_the_sandbox",
            "stripe_webhook_secret": SecretStr(WEBHOOK_SECRET),
            "stripe_api_url": served_sandbox.url,
            "stripe_timeout_seconds": 5.0,
        }
    )


@pytest.fixture
def desk(database: Database, paying_settings: Settings, sandbox: Sandbox) -> Desk:
    """Paying; whatever a test writes into the database is undone after it."""
    return Desk(database, paying_settings, sandbox)


@pytest.fixture
def busy_desk(committed: Database, paying_settings: Settings, sandbox: Sandbox) -> Desk:
    """Paying over a database of the test's own, so that requests and jobs may run at once."""
    return Desk(committed, paying_settings, sandbox)
