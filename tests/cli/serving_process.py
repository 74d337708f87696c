"""A small application behind the product's own server, as a process to send signals to: `python serving_process.py`."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import click
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from shop.cli.serving import Stop, address_of, listen, serve
from shop.kit.settings import Settings


async def slow(request: Request) -> PlainTextResponse:
    seconds = float(request.query_params["seconds"])
    if seconds >= 1:
        click.echo("asked")
    await asyncio.sleep(seconds)
    return PlainTextResponse("done")


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    yield
    click.echo("shut down")


if __name__ == "__main__":
    # Whoever runs the tests under nohup leaves it ignored, and the product honours that.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    stop = Stop()
    stop.watch_parent()
    listener = listen("127.0.0.1", 0)
    address = address_of(listener)
    app = Starlette(routes=[Route("/slow", slow)], lifespan=lifespan)
    serve(app, listener, Settings(_env_file=None), stop, lambda: click.echo(address))
    click.echo("ended")
