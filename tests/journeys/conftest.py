"""One running demo shop for the whole folder: web and worker in one process, the sandbox in another."""

from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest

from shop.kit.db import DatabaseUrl
from tests.database import Server
from tests.journeys.demo import Demo, demo
from tests.journeys.running import Running, Shopper, make_running
from tests.paying import paying_settings, sandbox, served_sandbox

__all__ = ["demo", "paying_settings", "sandbox", "served_sandbox"]


@pytest.fixture(scope="session")
def shop_url(postgres: Server, demo: Demo) -> Iterator[DatabaseUrl]:
    url = postgres.copy(demo.database)
    yield url
    postgres.drop(url)


@pytest.fixture(scope="session")
async def running(
    shop_url: DatabaseUrl, demo: Demo, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncIterator[Running]:
    """A demo shop that sells, and a sandbox that reports to it."""
    found = make_running(str(shop_url), tmp_path_factory.mktemp("journeys"), demo.media)
    try:
        found.sandbox.begin()
        found.shop.begin("serve", "--worker")
        await found.sandbox.ready()
        await found.shop.ready()
        yield found
    finally:
        await found.end()


@pytest.fixture
def shop_database(shop_url: DatabaseUrl) -> Iterator[psycopg.Connection]:
    """What the running shop has stored."""
    with psycopg.connect(shop_url.psycopg(), autocommit=True) as connection:
        yield connection


@pytest.fixture
def american(running: Running) -> Shopper:
    """A shopper in the channel whose prices are entered without tax."""
    return running.shopper("default-channel")


@pytest.fixture
def european(running: Running) -> Shopper:
    """A shopper in the channel whose prices are entered with tax."""
    return running.shopper("europe")
