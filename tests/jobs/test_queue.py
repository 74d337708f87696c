"""Queueing in the transaction of the cause."""

import asyncio
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.jobs import enqueue
from shop.jobs.registry import job
from shop.kit.db import Database
from tests.database import OneConnectionDatabase

COUNT = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'test.work'")


async def _count(session: AsyncSession) -> int:
    return int((await session.execute(COUNT)).scalar_one())


async def test_a_job_lives_and_dies_with_its_cause(committed: Database) -> None:
    async def fails(session: AsyncSession) -> None:
        await enqueue(session, "test.work", {"n": 1})
        raise KeyError

    for number in range(5):
        await committed.run(partial(enqueue, name="test.work", args={"n": number}))
        with pytest.raises(KeyError):
            await committed.run(fails)
    assert await committed.run(_count) == 5


async def test_a_key_waits_once(committed: Database) -> None:
    await asyncio.gather(
        *(committed.run(lambda session: enqueue(session, "test.work", {}, key="only-one")) for _ in range(10))
    )
    assert await committed.run(_count) == 1


async def test_arguments_arrive_as_they_were(database: OneConnectionDatabase) -> None:
    async with database.unit() as session:
        await enqueue(session, "test.work", {"text": "ü 'quoted' %s :name", "n": None}, lock="x", queue="mail")
        row = (await session.execute(text("SELECT args, lock, queue_name FROM procrastinate_jobs"))).one()
    assert row.args == {"text": "ü 'quoted' %s :name", "n": None}
    assert (row.lock, row.queue_name) == ("x", "mail")


def test_a_job_has_one_name_and_is_async() -> None:
    with pytest.raises(TypeError, match="async function"):
        job("test.sync")(lambda context: None)  # type: ignore[arg-type,return-value]

    @job("test.twice")
    async def first() -> None: ...

    with pytest.raises(ValueError, match="declared twice"):
        job("test.twice")(first)
