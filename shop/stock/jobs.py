"""Stock by the clock."""

from shop.jobs import JobContext, job
from shop.stock import flows


@job("stock.tidy", attempts=3, cron="*/10 * * * * 13")
async def tidy(context: JobContext) -> None:
    """Reservations whose time is up are gone."""
    await flows.tidy(context.database)
