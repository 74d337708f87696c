"""A proxy between the shop and PostgreSQL that reads the wire, and lets one connection hang or all fail, on demand.

It sees *rounds*: what the client sends up to a Sync or as a simple query, and the server's answer to it. A round can be
held before the server hears of it, or after the server has done it and before the client hears the answer: a process
that is killed meanwhile was killed at exactly that statement.
"""

import asyncio
import struct
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, Literal

_STARTUP_CODES: Final = frozenset({80877103, 80877104, 80877102})  # TLS, GSSAPI, cancel: they have no type byte

Mode = Literal["through", "refuse", "black-hole"]


@dataclass
class Hold:
    """The `nth` round of those that count is held; `held` is set when it is."""

    nth: int
    among: frozenset[str]
    after: bool = False
    held: asyncio.Event = field(default_factory=asyncio.Event)
    statement: str = ""


@dataclass(eq=False)
class _Connection:
    """One client's connection: what it prepared, and whether its answers are withheld."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    prepared: dict[bytes, str] = field(default_factory=dict)
    silent: Hold | None = None


class Proxy:
    """Listens on `port`. `mode` is what happens to all connections: `refuse` also ends those that exist."""

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.port = 0
        self.rounds: list[str] = []
        self._mode: Mode = "through"
        self._hold: Hold | None = None
        self._connections: set[_Connection] = set()
        self._server: asyncio.Server | None = None

    async def listen(self) -> None:
        """Connections are taken."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Nobody is connected, and nobody can connect."""
        if self._server is not None:
            self._server.close()
        self.cut()
        while self._connections:
            await asyncio.sleep(0.01)

    async def set_mode(self, mode: Mode) -> None:
        """From now on all connections go through, are refused (those that exist are reset), or get no answer."""
        self._mode = mode
        if mode == "refuse":
            assert self._server is not None
            self._server.close()
            self.cut()
        elif self._server is None or not self._server.is_serving():
            await self.listen()

    def cut(self) -> None:
        """Every connection is reset."""
        for connection in list(self._connections):
            for writer in (connection.client, connection.server):
                writer.transport.abort()

    def hold(self, nth: int, among: Iterable[str], *, after: bool = False) -> Hold:
        """The nth round from now on, on whatever connection, will be held until its client is gone.

        Only these statements count: what a new connection asks for its own needs does not.
        """
        self._hold = Hold(nth, frozenset(among), after)
        return self._hold

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            from_server, to_server = await asyncio.open_connection(*self.target)
        except OSError:
            writer.transport.abort()
            return
        connection = _Connection(writer, to_server)
        self._connections.add(connection)
        both = [
            asyncio.create_task(self._requests(reader, connection)),
            asyncio.create_task(self._answers(from_server, connection)),
        ]
        with suppress(Exception):
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        # Either side is gone: so is the other, without a word, as when a process dies.
        writer.transport.abort()
        to_server.transport.abort()
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)
        self._connections.discard(connection)

    async def _requests(self, reader: asyncio.StreamReader, connection: _Connection) -> None:
        while True:  # before the startup message is through, messages have no type
            head = await reader.readexactly(8)
            length, code = struct.unpack("!II", head)
            connection.server.write(head + await reader.readexactly(length - 8))
            if code not in _STARTUP_CODES:
                break
        parcel = b""
        statement: str | None = None
        while True:
            head = await reader.readexactly(5)
            body = await reader.readexactly(struct.unpack("!I", head[1:])[0] - 4)
            parcel += head + body
            kind = head[:1]
            if kind == b"P":
                name, text, _ = body.split(b"\0", 2)
                connection.prepared[name] = text.decode()
            elif kind == b"B":
                statement = connection.prepared.get(body.split(b"\0", 2)[1], "")
            elif kind == b"Q":
                statement = body.rstrip(b"\0").decode()
            if kind in {b"S", b"Q", b"X", b"p", b"H"}:
                if kind in {b"S", b"Q"} and statement is not None:
                    await self._reached(statement, connection, reader)
                    statement = None
                if self._mode == "through":
                    connection.server.write(parcel)
                    await connection.server.drain()
                parcel = b""

    async def _reached(self, statement: str, connection: _Connection, reader: asyncio.StreamReader) -> None:
        self.rounds.append(statement)
        hold = self._hold
        if hold is None or statement not in hold.among:
            return
        hold.nth -= 1
        if hold.nth > 0:
            return
        self._hold = None
        hold.statement = statement
        if hold.after:
            connection.silent = hold
            return
        hold.held.set()
        # Nothing more is read in earnest; the end of the connection is what we wait for.
        while await reader.read(65536):
            continue
        raise ConnectionResetError

    async def _answers(self, reader: asyncio.StreamReader, connection: _Connection) -> None:
        while chunk := await reader.read(65536):
            if connection.silent is not None:
                if chunk.endswith((b"Z\0\0\0\5I", b"Z\0\0\0\5T", b"Z\0\0\0\5E")):  # ready for the next: it is done
                    connection.silent.held.set()
                continue
            if self._mode == "through":
                connection.client.write(chunk)
                await connection.client.drain()


@asynccontextmanager
async def proxied(host: str, port: int) -> AsyncIterator[Proxy]:
    """A proxy to that server for the length of the block."""
    proxy = Proxy(host, port)
    await proxy.listen()
    try:
        yield proxy
    finally:
        await proxy.close()
