"""Forgetting by the clock."""

from shop.changes import flows
from shop.jobs import JobContext, job


@job("changes.sweep", attempts=3, cron="7,27,47 * * * * 0")
async def sweep(context: JobContext) -> None:
    """Changes that every process has seen are gone."""
    await flows.sweep(context.database)
