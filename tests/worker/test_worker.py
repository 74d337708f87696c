"""The worker over a real queue."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from sqlalchemy import text

from shop.jobs import JobContext, enqueue, job, jobs
from shop.kit.db import Database
from shop.kit.settings import Settings
from shop.worker.main import Backoff, make_app, serve

seen: list[int] = []
fail_first = {"times": 0}


@job("test.note")
async def note(context: JobContext, *, n: int) -> None:
    seen.append(n)


@job("test.flaky")
async def flaky(context: JobContext, *, n: int) -> None:
    fail_first["times"] += 1
    if fail_first["times"] == 1:
        raise RuntimeError("once")
    seen.append(n)


@pytest.fixture
async def working(committed: Database, settings: Settings) -> AsyncIterator[None]:
    seen.clear()
    fail_first["times"] = 0
    stop = asyncio.Event()
    task = asyncio.create_task(serve(settings, committed, stop=stop))
    yield
    stop.set()
    await asyncio.wait_for(task, 10)


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(8):
        while not await condition():
            await asyncio.sleep(0.02)


@pytest.mark.usefixtures("working")
async def test_a_committed_job_is_done(committed: Database) -> None:
    await committed.run(lambda session: enqueue(session, "test.note", {"n": 7}))

    async def done() -> bool:
        return seen == [7]

    await _until(done)


@pytest.mark.usefixtures("working")
async def test_a_failed_job_is_done_at_its_next_attempt(committed: Database) -> None:
    await committed.run(lambda session: enqueue(session, "test.flaky", {"n": 8}))

    async def done() -> bool:
        return seen == [8]

    await _until(done)
    assert fail_first["times"] == 2


async def test_a_killed_worker_s_job_runs_again(committed: Database, settings: Settings) -> None:
    seen.clear()
    await committed.run(lambda session: enqueue(session, "test.note", {"n": 9}))
    # As a kill leaves it: taken by a worker whose heart stopped a minute ago.
    async with committed.unit() as session:
        worker = (
            await session.execute(
                text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '60 s') RETURNING id")
            )
        ).scalar_one()
        await session.execute(
            text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = :worker"), {"worker": worker}
        )

    app = make_app(settings, committed)
    async with app.open_async():
        await app.configure_task("jobs.retry_stalled").defer_async(timestamp=0)
        await app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)
    assert seen == [9]


def test_pauses_double_up_to_an_hour_and_end() -> None:
    class Attempted:
        def __init__(self, attempts: int) -> None:
            self.attempts = attempts

    backoff = Backoff(20)
    pauses = []
    for attempts in (0, 1, 5, 18):
        decision = backoff.get_retry_decision(exception=KeyError(), job=Attempted(attempts))  # type: ignore[arg-type]
        assert decision is not None
        pauses.append(decision)
    assert backoff.get_retry_decision(exception=KeyError(), job=Attempted(19)) is None  # type: ignore[arg-type]
    assert all(decision.retry_at is not None for decision in pauses)


def test_every_job_may_fail_more_than_once() -> None:
    assert all(declared.attempts >= 2 for declared in jobs().values())
