"""The payment mutations over the served sandbox; whatever a test writes into the database is undone after it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shop import wiring
from shop.kit.settings import Settings
from tests.api.client import Api
from tests.database import OneConnectionDatabase
from tests.factories.payments import Desk
from tests.paying import allow_stripe, paying_settings, sandbox, served_sandbox
from tests.sandbox.running import Sandbox

__all__ = ["paying_settings", "sandbox", "served_sandbox"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    allow_stripe(items, str(Path(__file__).parent))


@pytest.fixture
async def api(database: OneConnectionDatabase, paying_settings: Settings) -> AsyncIterator[Api]:
    """The API of a shop that can be paid."""
    api = Api(paying_settings, database)
    yield api
    await api.close()


@pytest.fixture
def desk(database: OneConnectionDatabase, paying_settings: Settings, sandbox: Sandbox) -> Desk:
    """The same shop from behind the counter."""
    wiring.connect()
    return Desk(database, paying_settings, sandbox)
