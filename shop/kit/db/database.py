"""The engine of a process and its two ways in: `run` (a unit of work) and `reader` (reads without a transaction).

Every connection has statement, lock and idle timeouts, so that nothing waits for ever on a sick database.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

import asyncpg
import orjson
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from shop.kit.db import statements
from shop.kit.db.reader import Reader
from shop.kit.db.unit import transaction
from shop.kit.db.url import DatabaseUrl

T = TypeVar("T")
Work = Callable[[AsyncSession], Awaitable[T]]

# Serialization failure and deadlock: the transaction was rolled back whole, so the unit may run again. And a unique row
# that a rival stored between our check and our write, or a row that we refer to and a rival deleted: run again, the
# check finds it, or misses it, and says what it always says.
_RETRYABLE: Final = frozenset({"40001", "40P01", "23505", "23503"})
_ATTEMPTS: Final = 4


class Units(Protocol):
    """What a flow takes: it runs a piece of work as one transaction. `Database` is one; tests have another."""

    async def run(self, work: Work[T]) -> T:
        """The result of `work`, committed; or its error, with everything rolled back."""
        ...


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def sqlstate(error: BaseException | None) -> str | None:
    """PostgreSQL's five-character code of an error, the driver's own or as SQLAlchemy wraps it."""
    codes = (getattr(one, "sqlstate", None) for one in _layers(error))
    return next((code for code in codes if isinstance(code, str)), None)


def _layers(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = getattr(error, "orig", None) or error.__cause__


def _may_run_again(error: BaseException) -> bool:
    # A migration changed what a prepared statement answers with: the next attempt prepares it anew.
    outdated = any(isinstance(one, asyncpg.InvalidCachedStatementError) for one in _layers(error))
    return outdated or sqlstate(error) in _RETRYABLE


@dataclass(frozen=True, slots=True)
class BorrowedUnits:
    """The units of a flow that a request runs: one after another, on the connection that the request reads with.

    After each of them the connection goes back. Who waits for a provider keeps none from others, and who waits for a
    connection holds no other one: flows cannot starve each other, however small the pool.
    """

    database: "Database"
    reader: Reader

    async def run(self, work: Work[T]) -> T:
        """As `Database.run`."""
        try:
            return await self.database.run(work, self.reader)
        finally:
            await self.reader.close()


class Database:
    """One per process (and event loop). `url` is what a person writes: `postgres://…`."""

    def __init__(
        self,
        url: str | DatabaseUrl,
        *,
        pool_size: int = 10,
        pool_timeout_seconds: float = 4.0,
        statement_timeout_seconds: float = 5.0,
        lock_timeout_seconds: float = 4.0,
        application_name: str = "shop",
    ) -> None:
        self.url = DatabaseUrl.parse(url) if isinstance(url, str) else url
        arguments = self.url.asyncpg_arguments()
        arguments["server_settings"] = {
            "application_name": application_name,
            "statement_timeout": str(int(statement_timeout_seconds * 1000)),
            "lock_timeout": str(int(lock_timeout_seconds * 1000)),
            "idle_in_transaction_session_timeout": "15000",
            "timezone": "UTC",
            # Every statement here is short and selective; compiling it costs more than it saves.
            "jit": "off",
        } | arguments.get("server_settings", {})
        # The driver gives up by itself where the server never answers (a black hole), a little after the server would.
        arguments["command_timeout"] = statement_timeout_seconds + 1
        self._arguments = arguments
        self.engine: AsyncEngine = create_async_engine(
            self.url.sqlalchemy_asyncpg(),
            connect_args=arguments,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=pool_timeout_seconds,
            pool_recycle=1800,
            pool_use_lifo=True,
            json_serializer=_dumps,
            json_deserializer=orjson.loads,
            # An error says which statement failed, not with whose e-mail.
            hide_parameters=True,
            # Units begin and commit by themselves (`unit.py`); nobody else has a transaction.
            isolation_level="AUTOCOMMIT",
        )
        count_statements(self.engine)
        refuse_dead_connections(self.engine)

    async def run(self, work: Work[T], reader: Reader | None = None) -> T:
        """The result of `work(session)`, committed as one transaction; on an error nothing of it remains.

        It works on the connection of the request's `reader`, else on one of its own.

        Runs the whole unit again, up to three times, after a deadlock, a serialization failure, a rival who was first
        with something unique or deleted what we refer to, or a migration that changed a prepared statement: `work` must
        not have effects outside the database.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                async with self.unit(reader) as session:
                    return await work(session)
            except (DBAPIError, asyncpg.PostgresError) as error:
                if attempt == _ATTEMPTS or not _may_run_again(error):
                    raise
        raise AssertionError("unreachable")

    @asynccontextmanager
    async def unit(self, reader: Reader | None = None) -> AsyncIterator[AsyncSession]:
        """A session whose transaction commits at the end of the block. Prefer `run`, which also retries."""
        own = self.reader() if reader is None else reader
        try:
            async with own.lent() as connection, transaction(connection) as session:
                yield session
        finally:
            if reader is None:
                await own.close()

    def reader(self) -> Reader:
        """A reader for one request: it takes a connection at its first statement and gives it back at `close`."""
        return Reader(self.engine)

    async def connect(self) -> "asyncpg.Connection[Any]":
        """A driver's connection beside the pool, for whoever keeps one for good and closes it himself."""
        url = self.url
        where: dict[str, Any] = {"host": url.host, "port": url.port, "database": url.database}
        connection: asyncpg.Connection[Any] = await asyncpg.connect(
            **where | {"user": url.user, "password": url.password} | self._arguments
        )
        return connection

    async def close(self) -> None:
        """All connections of the pool are closed."""
        await self.engine.dispose()


def refuse_dead_connections(engine: AsyncEngine) -> None:
    """A connection that the server closed while it waited in the pool is given to nobody.

    After a restart of the server the pool is full of them. A session would find out by a failing statement, and a
    `Reader`, which works on the driver's own connection, would put them back into the pool again and again.
    """

    @event.listens_for(engine.sync_engine, "checkout")
    def checkout(connection: Any, record: Any, proxy: Any) -> None:
        if connection.driver_connection.is_closed():
            raise InvalidatePoolError("the server closed the connection")


def count_statements(engine: AsyncEngine) -> None:
    """The engine's statements are added to the current `StatementLog`."""

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def before(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:
        if context is not None:
            context.shop_started = time.perf_counter()

    @event.listens_for(engine.sync_engine, "after_cursor_execute")
    def after(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:
        log = statements.current()
        if log is not None and not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            started = getattr(context, "shop_started", None)
            log.add(statement, time.perf_counter() - started if started is not None else 0.0)
