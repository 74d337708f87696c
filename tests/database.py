"""Databases for tests: a template migrated once, copies of it, and one connection whose work is undone after a test."""

import asyncio
import contextlib
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from itertools import count
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.sql import Executable

from shop.kit.db import Database, DatabaseUrl, Reader
from shop.kit.db.unit import transaction
from shop.kit.resources import migrations_folder

# Any number: processes that need the template at once wait for the first to make it.
_TEMPLATE_LOCK = 7_236_103
_KEPT_TEMPLATES = 3
# A process's used databases, of 15 MB each.
_KEPT_DATABASES = 100
_serial = count(1)


def migrations_hash() -> str:
    """Changes with every file that can change the tables."""
    digest = hashlib.sha256()
    for path in sorted(migrations_folder().rglob("*")):
        if path.suffix in {".py", ".sql"}:
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


class Server:
    """A PostgreSQL server that tests make databases on."""

    def __init__(self, url: str) -> None:
        self.url = DatabaseUrl.parse(url)
        self._used: list[str] = []

    @contextlib.contextmanager
    def _admin(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.url.with_database("postgres").psycopg(), autocommit=True) as connection:
            yield connection

    def template(self) -> str:
        """The name of a database with all tables and no rows; made by `shop migrate` when the migrations changed."""
        name = f"template_{migrations_hash()}"
        with self._admin() as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (_TEMPLATE_LOCK,))
            self._sweep(connection)
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                part = f"{name}_part"
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(part)))
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(part)))
                migrated = subprocess.run(
                    [sys.executable, "-m", "shop", "migrate"],
                    env=os.environ | {"SHOP_DATABASE_URL": str(self.url.with_database(part))},
                    capture_output=True,
                    text=True,
                    check=False,
                )
                assert migrated.returncode == 0, migrated.stderr
                connection.execute(
                    sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(part), sql.Identifier(name))
                )
        return name

    def copy(self, template: str) -> DatabaseUrl:
        """A new database like the template; drop it after use."""
        name = f"test_{os.getpid()}_{next(_serial)}"
        with self._admin() as connection:
            # Files are copied, not logged page by page: a quarter of the server's work.
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url.with_database(name)

    def drop(self, url: DatabaseUrl) -> None:
        """Nobody uses the database any more, whoever was still connected; `close()` removes its files.

        Not at once: for minutes after many files were deleted, some file systems look twice at each place for a new
        one, and the next test's database would take seconds instead of a tenth of one.
        """
        name = sql.Identifier(url.database)
        with self._admin() as connection:
            if len(self._used) == _KEPT_DATABASES:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
                return
            connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (url.database,)
            )
        self._used.append(url.database)

    def close(self) -> None:
        """No database is left of those that were dropped."""
        with self._admin() as connection:
            while self._used:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(self._used.pop())))

    def _sweep(self, connection: psycopg.Connection) -> None:
        """Databases of processes that ended without dropping them, and of migrations long changed, are gone."""
        names = [row[0] for row in connection.execute("SELECT datname FROM pg_database ORDER BY oid")]
        dead = [name for name in names if (match := re.fullmatch(r"test_(\d+)_\d+", name)) and not _alive(match[1])]
        dead += [name for name in names if re.fullmatch(r"template_[0-9a-f]{12}", name)][:-_KEPT_TEMPLATES]
        for name in dead:
            with contextlib.suppress(psycopg.errors.ObjectInUse, psycopg.errors.InvalidCatalogName):
                connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def _alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


_in_unit: ContextVar[bool] = ContextVar("in_unit", default=False)


class OneConnectionDatabase(Database):
    """A `Database` on one connection inside one transaction: units are savepoints, readers see what they wrote.

    The connection does one thing at a time, so units wait for each other and readers wait for a unit of somebody
    else's; code that must truly run at once takes the `committed` fixture.
    """

    def __init__(self, outer: Database, connection: AsyncConnection, driver_connection: Any) -> None:
        self.url = outer.url
        self.engine = outer.engine
        self._connection = connection
        self._driver_connection = driver_connection
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def unit(self, reader: Reader | None = None) -> AsyncIterator[AsyncSession]:
        """A session whose savepoint is released at the end of the block."""
        assert not _in_unit.get(), "a unit of work inside another one"
        async with self._lock:
            token = _in_unit.set(True)
            try:
                # Inside the test's transaction it is a savepoint.
                async with transaction(self._connection) as session:
                    yield session
            finally:
                _in_unit.reset(token)

    def reader(self) -> Reader:
        """A reader on the same connection."""
        return _SharedReader(self, self._driver_connection, self._lock)

    async def close(self) -> None:
        """Nothing: the connection is the fixture's."""


class _SharedReader(Reader):
    """Reads on the test's connection, never in the middle of someone else's unit."""

    def __init__(self, database: OneConnectionDatabase, driver_connection: Any, lock: asyncio.Lock) -> None:
        super().__init__(database.engine)
        self._connection = driver_connection
        # There is no other connection to read on: what goes wrong on this one is told.
        self._is_lent = True
        self._test_lock = lock

    async def rows(self, statement: Executable, /, **params: Any) -> list[Any]:
        if _in_unit.get():
            return await super().rows(statement, **params)
        async with self._test_lock:
            return await super().rows(statement, **params)

    async def close(self) -> None:
        """Nothing is given back: the connection stays the test's."""
