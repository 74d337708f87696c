"""`shop worker`: background jobs in a process of their own."""

import asyncio
import signal

import click
import uvloop

from shop.cli.database import note, ready_settings
from shop.kit import log
from shop.kit.settings import Settings


@click.command()
def command() -> None:
    """Run background jobs: mail, webhooks, reconciliation of payments. SIGTERM lets the jobs in hand finish."""
    with ready_settings(note) as settings, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_work(settings))


async def _work(settings: Settings) -> None:
    from shop.kit.db import Database
    from shop.worker.main import serve

    assert settings.database_url is not None
    log.configure(settings)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    database = Database(settings.database_url, pool_size=settings.database_pool_size, application_name="shop-worker")
    try:
        note("Working; Ctrl-C stops.")
        await serve(settings, database, stop=stop)
    finally:
        await database.close()
