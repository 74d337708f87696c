"""The API over the test's own database."""

from collections.abc import AsyncIterator

import pytest

from shop.kit.db import Database
from shop.kit.settings import Settings
from tests.api.client import Api
from tests.database import OneConnectionDatabase


@pytest.fixture
async def api(database: OneConnectionDatabase, settings: Settings) -> AsyncIterator[Api]:
    """The API; whatever it writes is undone after the test."""
    api = Api(settings, database)
    yield api
    await api.close()


@pytest.fixture
async def committed_api(committed: Database, settings: Settings) -> AsyncIterator[Api]:
    """The API over a database of the test's own, for races: requests may run at once."""
    api = Api(settings, committed)
    yield api
    await api.close()
