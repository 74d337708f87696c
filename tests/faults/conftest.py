"""Shops to break: each test has a database of its own, with a proxy before it, and processes that it may kill."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest

from shop.kit.db import DatabaseUrl
from tests.database import Server
from tests.faults.proxy import Proxy, proxied
from tests.journeys.demo import Demo, demo
from tests.journeys.running import Running, make_running

__all__ = ["demo"]


@dataclass(frozen=True)
class Broken:
    """A running shop whose database lies behind a proxy; `database` is a way past it, to look at what is stored."""

    running: Running
    proxy: Proxy
    database: psycopg.Connection


Break = Callable[..., Awaitable[Broken]]


@pytest.fixture
def demo_url(postgres: Server, demo: Demo) -> Iterator[DatabaseUrl]:
    """A copy of the demo shop's database for one test."""
    url = postgres.copy(demo.database)
    yield url
    postgres.drop(url)


@pytest.fixture
async def breakable(demo_url: DatabaseUrl, demo: Demo, tmp_path: Path) -> AsyncIterator[Break]:
    """Awaited with settings (`NAME="value"`), it starts a shop and its sandbox; `serve`: the server's options."""
    async with AsyncExitStack() as stack:

        async def make(serve: tuple[str, ...] = (), **environment: str) -> Broken:
            proxy = await stack.enter_async_context(proxied(demo_url.host, demo_url.port))
            behind = replace(demo_url, host="127.0.0.1", port=proxy.port)
            running = make_running(str(behind), tmp_path, demo.media, **environment)
            stack.push_async_callback(running.end)
            connection = stack.enter_context(psycopg.connect(demo_url.psycopg(), autocommit=True))
            running.sandbox.begin()
            await running.shop.start("serve", *serve)
            await running.sandbox.ready()
            return Broken(running, proxy, connection)

        yield make
