"""The raw driver as a floor: what a request sent to the database, sent again, with nothing made of what comes back."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import event
from sqlalchemy.sql import Executable
from starlette.types import Receive, Scope, Send

from shop.kit.db import Database, Reader
from shop.kit.db.reader import prepare

Application = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Sent:
    """One statement, and whether it belongs to a unit of work."""

    sql: str
    arguments: tuple[Any, ...]
    in_unit: bool


@dataclass(slots=True)
class Recording:
    """What a request sent, in order, and the rows that its reads brought, by the statement's identity."""

    sent: list[Sent] = field(default_factory=list)
    rows: dict[int, list[Any]] = field(default_factory=dict)


class RecordingReader(Reader):
    """A reader that remembers."""

    def __init__(self, database: Database, recording: Recording) -> None:
        super().__init__(database.engine)
        self._recording = recording

    async def rows(self, statement: Executable, /, **params: Any) -> list[Any]:
        """The records, which are remembered."""
        found = await super().rows(statement, **params)
        prepared = prepare(statement)
        self._recording.sent.append(Sent(prepared.sql, tuple(prepared.arguments(params)), in_unit=False))
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

    def unit(
        _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _executemany: bool
    ) -> None:
        found.sent.append(Sent(statement, tuple(parameters), in_unit=True))

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", unit)
    # The endpoint asks its database for a reader: for the block it is given ours.
    database.reader = lambda: RecordingReader(database, found)  # type: ignore[method-assign]
    try:
        yield found
    finally:
        del database.reader
        event.remove(engine, "before_cursor_execute", unit)


def replay(connection: Any, sent: list[Sent], answer: bytes, *, keep: bool = True) -> Application:
    """An endpoint that sends the same statements on a connection of its own and answers with the same JSON.

    `keep`: what its units write stays; otherwise they are rolled back, so that they can be run again and again.
    """
    body = orjson.loads(answer)
    end = "COMMIT" if keep else "ROLLBACK"

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        orjson.loads(message["body"])
        in_unit = False
        for one in sent:
            if one.in_unit is not in_unit:
                await connection.execute("BEGIN" if one.in_unit else end)
                in_unit = one.in_unit
            await connection.fetch(one.sql, *one.arguments)
        if in_unit:
            await connection.execute(end)
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
