"""The worker: procrastinate over its own small pool, with every declared job and a retry for each.

Nothing of the shop's logic lives here.
"""

import asyncio
from contextlib import suppress
from typing import Any

import procrastinate
import structlog
from procrastinate import PsycopgConnector, RetryStrategy
from procrastinate.job_context import JobContext as QueueContext

from shop import wiring
from shop.jobs import Job, JobContext, jobs
from shop.kit.db import Database
from shop.kit.db.statements import counting
from shop.kit.log import brief
from shop.kit.settings import Settings

_log = structlog.get_logger(__name__)
_LONGEST_PAUSE_SECONDS = 3600
_STALLED_SECONDS = 30


class Backoff(procrastinate.BaseRetryStrategy):
    """1, 2, 4 … seconds between attempts, an hour at most."""

    def __init__(self, attempts: int) -> None:
        self.attempts = attempts

    def get_retry_decision(
        self, *, exception: BaseException, job: procrastinate.jobs.Job
    ) -> procrastinate.RetryDecision | None:
        """When to try again; None after the last attempt."""
        if job.attempts + 1 >= self.attempts:
            return None
        pause = min(2**job.attempts, _LONGEST_PAUSE_SECONDS)
        return procrastinate.RetryDecision(retry_in={"seconds": pause})


def make_app(settings: Settings, database: Database) -> procrastinate.App:
    """The queue's application with all jobs; `open_async` it before use."""
    wiring.connect()
    connector = PsycopgConnector(
        conninfo=database.url.psycopg(),
        min_size=1,
        max_size=4,
        # A server that says nothing (a black hole) is given up after seconds, not when the kernel does.
        kwargs={
            "application_name": "shop-queue",
            "connect_timeout": 5,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,
            "options": "-c statement_timeout=10000 -c lock_timeout=5000",
        },
    )
    app = procrastinate.App(connector=connector)
    context = JobContext(database=database, settings=settings)
    for declared in jobs().values():
        _register(app, declared, context)
    _register_stalled(app)
    return app


def _register(app: procrastinate.App, declared: Job, context: JobContext) -> None:
    async def run(**arguments: Any) -> None:
        arguments.pop("timestamp", None)
        with counting() as log:
            started = asyncio.get_running_loop().time()
            try:
                await declared.handler(context, **arguments)
            except Exception as error:
                _log.warning("job failed", job=declared.name, arguments=_loggable(arguments), error=brief(error))
                raise
            elapsed = round((asyncio.get_running_loop().time() - started) * 1000, 1)
            if declared.cron is None:
                _log.info(
                    "job done", job=declared.name, arguments=_loggable(arguments), ms=elapsed, statements=log.count
                )

    run.__name__ = declared.name
    task = app.task(name=declared.name, retry=Backoff(declared.attempts))(run)
    if declared.cron is not None:
        app.periodic(cron=declared.cron, periodic_id=declared.name)(task)  # type: ignore[arg-type]


def _loggable(arguments: dict[str, Any]) -> dict[str, Any]:
    """Keys of rows say enough in a log; what could name a person stays out of it."""
    return {name: value for name, value in arguments.items() if isinstance(value, int) or name.endswith("_id")}


def _register_stalled(app: procrastinate.App) -> None:
    @app.periodic(cron="* * * * * */30")
    @app.task(name="jobs.retry_stalled", pass_context=True, retry=RetryStrategy(max_attempts=3))
    async def retry_stalled(context: QueueContext, timestamp: int) -> None:
        """Jobs of a worker that was killed wait again."""
        for stalled in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_SECONDS):
            _log.warning("job of a dead worker runs again", job=stalled.task_name, id=stalled.id)
            await app.job_manager.retry_job(stalled)


async def serve(settings: Settings, database: Database, *, stop: asyncio.Event) -> None:
    """Works until `stop` is set, then finishes what is under way within ten seconds.

    A worker that fails (the database went away) is started again, with growing pauses: it never gives up.
    """
    pause = 0.5
    while not stop.is_set():
        try:
            app = make_app(settings, database)
            async with app.open_async():
                pause = 0.5
                await _queue_first_jobs(app)
                await _work(app, stop)
        except Exception as error:  # noqa: BLE001 - whatever stopped it, work must go on
            _log.warning("worker stopped, starting again", error=brief(error), in_seconds=pause)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)
            pause = min(pause * 2, 10.0)


async def _queue_first_jobs(app: procrastinate.App) -> None:
    for declared in jobs().values():
        if declared.at_start:
            with suppress(procrastinate.exceptions.AlreadyEnqueued):
                await app.configure_task(declared.name, queueing_lock=f"start:{declared.name}").defer_async()


async def _work(app: procrastinate.App, stop: asyncio.Event) -> None:
    worker = asyncio.create_task(
        app.run_worker_async(
            # Most wait for somebody else's server; a few that hang must not keep the rest from running.
            concurrency=10,
            install_signal_handlers=False,
            shutdown_graceful_timeout=8,
            fetch_job_polling_interval=5,
            update_heartbeat_interval=5,
            stalled_worker_timeout=_STALLED_SECONDS,
            delete_jobs="successful",
        )
    )
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({worker, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        if not worker.done():
            worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker
