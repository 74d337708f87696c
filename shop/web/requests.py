"""One log line a request (operation, status, time, statements), and `Server-Timing` for developers."""

import time
from typing import Final

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shop.kit.db.statements import counting
from shop.web.metrics import Traffic

_log = structlog.get_logger("shop.request")
_QUIET: Final = ("/health", "/ready", "/static/", "/media/", "/thumbnail/")
# What follows is a secret: who knows the address may read what lies there.
_SECRET: Final = ("/calendars/", "/bookings/", "/invoices/")


class RequestLog:
    """ASGI middleware around the whole application. Inner parts may set `scope["state"]["operation"]`."""

    def __init__(self, app: ASGIApp, *, timing: bool, traffic: Traffic) -> None:
        self.app = app
        self.timing = timing
        self.traffic = traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves the request and writes its line."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500
        scope.setdefault("state", {})
        with counting() as log:

            async def send_on(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                    if self.timing:
                        total = (time.perf_counter() - started) * 1000
                        MutableHeaders(scope=message)["Server-Timing"] = (
                            f'db;dur={log.seconds * 1000:.1f};desc="{log.count} statements", total;dur={total:.1f}'
                        )
                await send(message)

            try:
                await self.app(scope, receive, send_on)
            finally:
                path, seconds = scope["path"], time.perf_counter() - started
                self.traffic.add(path, status, seconds, log.count, log.seconds)
                if status >= 500 or not path.startswith(_QUIET):
                    _log.info(
                        "request",
                        method=scope["method"],
                        path=_loggable(path),
                        operation=scope["state"].get("operation"),
                        status=status,
                        errors=scope["state"].get("errors"),
                        ms=round(seconds * 1000, 1),
                        statements=log.count,
                        fallbacks=scope["state"].get("fallbacks"),
                    )


def _loggable(path: str) -> str:
    secret = next((start for start in _SECRET if path.startswith(start)), None)
    return path if secret is None else f"{secret}…"
