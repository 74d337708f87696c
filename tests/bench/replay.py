"""The raw driver as a floor: what a request sent to the database, sent again, with nothing made of what comes back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import event
from sqlalchemy.sql import Executable
from starlette.types import Receive, Scope, Send

from shop.kit.db import Database, Reader

Application = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Sent:
    """One text that went to the database, BEGIN and COMMIT among them."""

    sql: str
    arguments: tuple[Any, ...]

    @property
    def is_statement(self) -> bool:
        """Whether it is counted as a statement, which the frame of a transaction is not."""
        return self.sql not in _FRAME


_FRAME = {"BEGIN;", "COMMIT;"}


@dataclass(slots=True)
class Recording:
    """What a request sent, in order, and the rows that its reads brought, by the statement's identity."""

    sent: list[Sent] = field(default_factory=list)
    rows: dict[int, list[Any]] = field(default_factory=dict)

    @property
    def statements(self) -> int:
        """How many of them are statements."""
        return sum(one.is_statement for one in self.sent)


class RecordingReader(Reader):
    """A reader that remembers."""

    def __init__(self, database: Database, recording: Recording) -> None:
        super().__init__(database.engine)
        self._recording = recording

    async def rows(self, statement: Executable, /, **params: Any) -> list[Any]:
        """The records, which are remembered."""
        found = await super().rows(statement, **params)
        self._recording.rows[id(statement)] = found
        return found


class RowsAtHand(Reader):
    """A reader without a database: each statement brings the rows that it brought when it was recorded."""

    def __init__(self, database: Database, recording: Recording) -> None:
        super().__init__(database.engine)
        self._rows = recording.rows

    async def rows(self, statement: Executable, /, **_params: Any) -> list[Any]:
        """The recorded rows."""
        return self._rows[id(statement)]


@asynccontextmanager
async def recording(database: Database) -> AsyncIterator[Recording]:
    """Everything that is sent through the database during the block."""
    found = Recording()
    watched: list[Any] = []

    def told(query: Any) -> None:
        found.sent.append(Sent(query.query, tuple(query.args or ())))

    def taken(connection: Any, _record: Any, _proxy: Any) -> None:
        if connection.driver_connection not in watched:
            watched.append(connection.driver_connection)
            connection.driver_connection.add_query_logger(told)

    engine = database.engine.sync_engine
    event.listen(engine, "checkout", taken)
    # The endpoint asks its database for a reader: for the block it is given ours.
    database.reader = lambda: RecordingReader(database, found)  # type: ignore[method-assign]
    try:
        yield found
        # The driver tells in the loop's next turn.
        await asyncio.sleep(0)
    finally:
        del database.reader
        event.remove(engine, "checkout", taken)
        for connection in watched:
            connection.remove_query_logger(told)


def replay(connection: Any, sent: list[Sent], answer: bytes, *, keep: bool = True) -> Application:
    """An endpoint that sends the same statements on a connection of its own and answers with the same JSON.

    `keep`: what its units write stays; otherwise they are rolled back, so that they can be run again and again.
    """
    body = orjson.loads(answer)

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        orjson.loads(message["body"])
        for one in sent:
            if one.is_statement:
                await connection.fetch(one.sql, *one.arguments)
            else:
                await connection.execute(one.sql if keep or one.sql == "BEGIN;" else "ROLLBACK;")
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": orjson.dumps(body)})

    return run


@asynccontextmanager
async def driver_connection(database: Database) -> AsyncIterator[Any]:
    """One of the pool's driver connections, kept for the block."""
    proxy = await database.engine.raw_connection()
    try:
        yield proxy.driver_connection
    finally:
        proxy.close()
