"""Comments by the clock."""

from shop.comments import flows
from shop.jobs import JobContext, job
from shop.kit import clock


@job("comments.tell")
async def tell(context: JobContext) -> None:
    """Who moderates is told of what waits."""
    await flows.tell(context.database, context.settings, now=clock.now())


@job("comments.forget", attempts=3, cron="23 3 * * * 0")
async def forget(context: JobContext) -> None:
    """Traces of older comments, old spam and unconfirmed requests are gone."""
    await flows.forget(context.database, context.settings, now=clock.now())
