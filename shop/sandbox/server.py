"""Runs the sandbox as a process."""

import gc
import socket

import uvicorn

from shop.sandbox.app import create_app
from shop.sandbox.settings import SandboxSettings

# Long enough for an answer under way, short enough for Ctrl-C: a call that was asked to hang is cut.
_GRACE_SECONDS = 2


def run(settings: SandboxSettings, listener: socket.socket) -> None:
    """Serves until it is told to stop. State is on disk before each answer, so any end will do."""
    app = create_app(settings)
    gc.freeze()
    gc.enable()
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    uvicorn.Server(config).run([listener])
