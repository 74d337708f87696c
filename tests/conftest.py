"""Fixtures for every test: a real PostgreSQL, settings, rounds, and sockets that reach this machine only.

`database` undoes everything after the test and suits nearly all of them; `committed` is a database of the test's own,
for races, workers and whatever opens its own connections.
"""

import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr
from pytest_socket import socket_allow_hosts

from shop.accounts.actions import users
from shop.kit.db import Database, DatabaseUrl
from shop.kit.log import configure_without_settings
from shop.kit.postgres import start
from shop.kit.settings import Environment, Settings
from tests.database import OneConnectionDatabase, Server

ROOT = Path(__file__).resolve().parent.parent
NO_CHROMIUM = "needs Chromium"
NO_CLIENTS = "needs Node.js and the npm registry"
NOT_RUN = {
    NO_CHROMIUM: "no Chromium here (Debian: apt-get install chromium)",
    NO_CLIENTS: "no Node.js here, or no answer from the npm registry (Debian: apt-get install npm)",
}
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")

# The tests must not depend on what the developer's shell sets for the shop, except where the database is, and by which
# executor GraphQL is answered: SHOP_EXECUTION=reference tests against graphql-core's.
for name in {name for name in os.environ if name.startswith("SHOP_")} - {
    "SHOP_TEST_DATABASE_URL",
    "SHOP_STATE_FOLDER",
    "SHOP_PG_HOME",
    "SHOP_EXECUTION",
}:
    del os.environ[name]

# As in a process that serves: told plainly, since the pretty form takes half a second of CPU for each masked error.
configure_without_settings()


def chromium_path() -> str | None:
    """Debian's Chromium, or one of another name."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = {"browser": chromium_path(), "clients": shutil.which("node") and shutil.which("npm")}
    for marker, reason in (("browser", NO_CHROMIUM), ("clients", NO_CLIENTS)):
        if here[marker] is None:
            for item in items:
                if item.get_closest_marker(marker):
                    item.add_marker(pytest.mark.skipif(True, reason=reason))


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it for garbage again and again takes longer than the tests make."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tests that need a program which is not here are named, last, where nobody overlooks them."""
    skipped = terminalreporter.stats.get("skipped", [])
    for reason, what in NOT_RUN.items():
        names = sorted({report.nodeid for report in skipped if reason in str(report.longrepr)})
        if names:
            terminalreporter.write_sep("=", f"NOT RUN: {what}", yellow=True)
            for node in names:
                terminalreporter.write_line(f"not run: {node}")


def pytest_runtest_setup() -> None:
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program, for tests marked `browser`."""
    path = chromium_path()
    assert path is not None
    return path


@pytest.fixture
def rounds() -> Callable[[int, int], int]:
    """`rounds(short, full)`: how often to repeat, by ROUNDS=short|full."""
    full = os.environ.get("ROUNDS", "short") == "full"
    return lambda short, full_rounds: full_rounds if full else short


_HASHER = users._hasher


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Passwords are hashed with the least parameters: a real hash is made to take as long as a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(users, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        users._nobodys_hash.cache_clear()
        yield


@pytest.fixture
def slow_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """The product's own hasher, for tests of how well passwords are kept."""
    monkeypatch.setattr(users, "_hasher", _HASHER)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users may enter, as root's PostgreSQL must; pytest closes its own to all but the caller."""
    with tempfile.TemporaryDirectory(prefix="shop-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder.resolve()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The server that tests make databases on: SHOP_TEST_DATABASE_URL, or the clone's embedded PostgreSQL."""
    with ExitStack() as stack:
        url = os.environ.get("SHOP_TEST_DATABASE_URL")
        if url is None:
            home = os.environ.get("SHOP_PG_HOME")
            state = Path(os.environ.get("SHOP_STATE_FOLDER", ROOT / ".shop"))
            cluster = stack.enter_context(start(state / "postgres", home=Path(home) if home else None))
            url = cluster.url("postgres")
        yield stack.enter_context(closing(Server(url)))


@pytest.fixture(scope="session")
def template(postgres: Server) -> str:
    """The name of a database with all tables and no rows."""
    return postgres.template()


@pytest.fixture(scope="session")
def _session_url(postgres: Server, template: str) -> Iterator[DatabaseUrl]:
    url = postgres.copy(template)
    yield url
    postgres.drop(url)


@pytest.fixture(scope="session")
async def _session_database(_session_url: DatabaseUrl, anyio_backend: str) -> AsyncIterator[Database]:
    database = Database(_session_url, pool_size=2, application_name="tests")
    yield database
    await database.close()


@pytest.fixture
async def database(_session_database: Database) -> AsyncIterator[OneConnectionDatabase]:
    """A database without rows; whatever the test writes, committed or not, is undone after it."""
    async with _session_database.engine.connect() as connection:
        raw = await connection.get_raw_connection()
        driver: Any = raw.driver_connection
        transaction = driver.transaction()
        await transaction.start()
        # On a busy machine a test may think for longer than a request ever would.
        await driver.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield OneConnectionDatabase(_session_database, connection, driver)
        await transaction.rollback()


@pytest.fixture
def committed_url(postgres: Server, template: str) -> Iterator[DatabaseUrl]:
    """A database of this test's own, dropped after it."""
    url = postgres.copy(template)
    yield url
    postgres.drop(url)


@pytest.fixture
async def committed(committed_url: DatabaseUrl) -> AsyncIterator[Database]:
    """A `Database` with 20 connections on a database of this test's own: commits are real."""
    # On a busy machine the last of many rivals waits longer than a request should: for a connection, then for a lock.
    database = Database(
        committed_url,
        pool_size=20,
        pool_timeout_seconds=30,
        lock_timeout_seconds=20,
        statement_timeout_seconds=25,
        application_name="tests",
    )
    yield database
    await database.close()


@pytest.fixture(scope="session")
def jwt_private_key() -> str:
    """A signing key (PEM), made once: making one takes longer than most tests."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture(scope="session")
def _session_settings(jwt_private_key: str) -> Settings:
    return Settings(
        _env_file=None,
        environment=Environment.TEST,
        public_url="http://shop.test",
        secret_key=SecretStr("a secret of thirty-two characters"),
        jwt_private_key=SecretStr(jwt_private_key),
        demo_password=SecretStr("password"),
        # What is kept tells of what is committed, and most tests never commit.
        response_cache_bytes=0,
    )


@pytest.fixture
def settings(_session_settings: Settings, tmp_path: Path) -> Settings:
    """Complete settings of the test environment; no `.env` is read. Change them with `model_copy(update=…)`."""
    return _session_settings.model_copy(update={"state_folder": tmp_path / "state"})
