"""Forgetting by the clock."""

from shop.idempotency import flows
from shop.jobs import JobContext, job


@job("idempotency.forget", attempts=3, cron="17 * * * * 0")
async def forget(context: JobContext) -> None:
    """Keys of yesterday are gone, with their answers."""
    await flows.forget(context.database)
