"""The foreign storefront over the API of a shop that can be paid."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shop.kit.settings import Settings
from tests.api.client import Api
from tests.compat.storefront import Storefront
from tests.compat.world import World, build
from tests.database import OneConnectionDatabase
from tests.factories.payments import Desk
from tests.paying import allow_stripe, desk, paying_settings, sandbox, served_sandbox

__all__ = ["Desk", "desk", "paying_settings", "sandbox", "served_sandbox"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    allow_stripe(items, str(Path(__file__).parent))


@pytest.fixture
async def api(database: OneConnectionDatabase, paying_settings: Settings) -> AsyncIterator[Api]:
    """The API; whatever it writes is undone after the test."""
    api = Api(paying_settings, database)
    yield api
    await api.close()


@pytest.fixture
async def world(database: OneConnectionDatabase) -> World:
    """The shop to buy from."""
    return await database.run(build)


@pytest.fixture
def storefront(api: Api) -> Storefront:
    """A storefront, and nobody logged in."""
    return Storefront(api)
