"""Puts jobs into the queue, in the transaction of their cause: a rollback takes the job with it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# The library's own function, so that its triggers wake the workers. Source: procrastinate's schema.sql, frozen in a
# migration beside its version.
_DEFER = text(
    """
    SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(
      CAST(:queue AS varchar), CAST(:task AS varchar), 0, CAST(:lock AS text), CAST(:key AS text),
      CAST(CAST(:args AS text) AS jsonb), CAST(:run_at AS timestamptz)
    )::procrastinate_job_to_defer_v1])
    """
)
_ONE_WRITER = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 7236103))")
_WAITING = text("SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = :key AND status = 'todo' LIMIT 1")


async def enqueue(
    session: AsyncSession,
    name: str,
    args: Mapping[str, Any],
    *,
    queue: str = "default",
    lock: str | None = None,
    key: str | None = None,
    run_at: datetime | None = None,
) -> None:
    """The job will run once this transaction has committed, not before `run_at`.

    `lock`: jobs with the same one run one after another. `key`: while one with the same key waits, no second is added.
    """
    if key is not None:
        # The queue refuses a second waiting job by a unique index, which would fail our whole unit: look first, and
        # let two writers of one key look one after the other.
        await session.execute(_ONE_WRITER, {"key": key})
        if (await session.execute(_WAITING, {"key": key})).first() is not None:
            return
    await session.execute(
        _DEFER,
        {
            "queue": queue,
            "task": name,
            "lock": lock,
            "key": key,
            "args": orjson.dumps(dict(args)).decode(),
            "run_at": run_at,
        },
    )
