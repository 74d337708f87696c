"""Stock by the clock."""

from shop.jobs import JobContext, job
from shop.stock.actions import forget_reservations


@job("stock.forget_reservations", attempts=3, cron="*/10 * * * * 13")
async def tidy(context: JobContext) -> None:
    """Reservations whose time is up are gone."""
    await context.database.run(forget_reservations)
