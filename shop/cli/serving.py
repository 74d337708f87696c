"""A listening socket, and a web server on it that stops when it is told to: what `shop dev` and `shop serve` share."""

import asyncio
import errno
import os
import signal
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import click
import uvicorn
import uvloop

from shop.cli.trouble import Trouble
from shop.kit.settings import Settings

FIRST_PORT, LAST_PORT = 8000, 8019
# Longer than any statement or provider call may take, so that a request in hand is answered, not cut.
GRACE_SECONDS = 10
# Longer than a request is on its way inside a data centre; Ctrl-C with an open browser waits as long.
LAST_REQUESTS_SECONDS = 0.3


class Stop:
    """Signals: before a server runs they interrupt what is being done, then they ask the server to finish.

    A second Ctrl-C does not wait for requests any longer. SIGHUP (a closed terminal) only asks: raising inside the
    event loop would leave it half stopped.
    """

    def __init__(self) -> None:
        self.server: uvicorn.Server | None = None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # nohup has the process ignore SIGHUP, and means it.
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self)

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.server is None:
            # A second signal must not interrupt the clearing up after the first.
            for other in (signal.SIGTERM, signal.SIGHUP):
                signal.signal(other, signal.SIG_IGN)
            raise KeyboardInterrupt
        if self.server.should_exit and number == signal.SIGINT:
            self.server.force_exit = True
        self.server.should_exit = True

    def watch_parent(self) -> None:
        """The server finishes when the process that started this one is gone: nobody could press Ctrl-C any more."""
        parent = os.getppid()
        if parent == 1:
            return

        def watch() -> None:
            while os.getppid() == parent:
                threading.Event().wait(1)
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=watch, name="parent watch", daemon=True).start()


class Server(uvicorn.Server):
    """uvicorn, with our signals and a word when it answers."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Nothing: `Stop` has them, and raising them again afterwards would hide a clean exit code."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """The application has started and requests are taken."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """No connection is taken any more, and every request that was sent on one that is open is answered.

        A connection without a request may have one on its way. Until it had time to arrive, answers say that they are
        the last; closing at once, as uvicorn does, would drop it unanswered.
        """
        self.server_state.default_headers = [*self.server_state.default_headers, (b"connection", b"close")]
        if self.server_state.connections:
            await asyncio.sleep(LAST_REQUESTS_SECONDS)
        listeners = [listener.dup() for listener in sockets or []]
        for server in self.servers:
            server.close()
        await self._take_the_last(listeners)
        # Connections accepted a moment ago become known in the loop's next turn.
        await asyncio.sleep(0)
        if self.server_state.connections:
            await asyncio.sleep(LAST_REQUESTS_SECONDS)
        await super().shutdown(sockets)

    async def _take_the_last(self, listeners: list[socket.socket]) -> None:
        """Connections that wait in the kernel, which would be reset when their listener closes, are being served."""
        waiting: list[socket.socket] = []
        for listener in listeners:
            with listener, suppress(BlockingIOError):
                while True:
                    waiting.append(listener.accept()[0])
        loop = asyncio.get_running_loop()
        for connection in waiting:
            connection.setblocking(False)
            await loop.connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> asyncio.Protocol:
        kind: Any = self.config.http_protocol_class
        made: asyncio.Protocol = kind(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)
        return made


def listen(host: str, port: int | None) -> socket.socket:
    """A listening socket. Connections made before the server runs wait in it instead of being refused.

    Without a port the first free one from 8000 to 8019. Raises: Trouble where it is taken or not allowed.
    """
    ports = [port] if port is not None else range(FIRST_PORT, LAST_PORT + 1)
    for number in ports:
        try:
            return _listen(host, number)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and port is None:
                continue
            raise Trouble(
                f"Cannot listen on {host}, port {number}: {error.strerror or error}.",
                cause="Another program listens there already; perhaps this shop, started in another terminal."
                if error.errno == errno.EADDRINUSE
                else "",
                remedy="Stop it, or set SHOP_HOST and SHOP_PORT to an address that is free.",
            ) from error
    raise Trouble(
        f"All ports from {FIRST_PORT} to {LAST_PORT} are taken.",
        cause="Twenty other programs listen there; perhaps earlier starts of this shop.",
        remedy="Stop some of them, or set SHOP_PORT to a free port.",
    )


def _listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        # Connections of an earlier run that are still closing do not occupy the port.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener


def address_of(listener: socket.socket) -> str:
    """The http:// address under which this machine reaches the socket."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(app: Any, listener: socket.socket, settings: Settings, stop: Stop, on_ready: Callable[[], None]) -> None:
    """Serves until `stop` is told; requests in hand are finished first, then the application shuts down.

    Raises: Trouble where the application does not start.
    """
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = Server(config, on_ready)
    stop.server = server
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(server.serve(sockets=[listener]))
    except SystemExit as error:
        raise Trouble(
            "The application did not start.",
            cause="The lines above say why.",
            remedy="'shop doctor' looks for common causes.",
        ) from error
    finally:
        stop.server = None
        listener.close()
    if not server.started:
        click.echo("Stopped before it was ready.", err=True)
