"""Appointments by the clock."""

from shop.booking.flows import packages
from shop.jobs import JobContext, job
from shop.kit import clock


@job("booking.expire_sessions", attempts=3, cron="23 3 * * * 0")
async def expire_sessions(context: JobContext) -> None:
    """Sessions of packages that have lapsed are gone."""
    await packages.expire_sessions(context.database, clock.now())
