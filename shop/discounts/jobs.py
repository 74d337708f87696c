"""Promotions begin and end by the clock."""

from shop.discounts import flows
from shop.jobs import JobContext, job
from shop.kit import clock


@job("discounts.follow_clock", attempts=3, cron="* * * * * 7")
async def follow_clock(context: JobContext) -> None:
    """Promotions that have begun lower prices, those that have ended do not any more."""
    await flows.follow_clock(context.database, now=clock.now())


@job("discounts.reprice_all", attempts=3, cron="*/15 * * * * 37")
async def reprice_all(context: JobContext) -> None:
    """Prices follow what came into categories and collections, or left them."""
    await flows.reprice_all(context.database, now=clock.now())
