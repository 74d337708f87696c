"""Comments by the clock, each one unit."""

from datetime import datetime, timedelta

from shop.comments import actions
from shop.kit.db import Units
from shop.kit.settings import Settings


async def tell(units: Units, settings: Settings, *, now: datetime) -> None:
    """Who moderates is told of what waits."""
    await units.run(lambda session: actions.tell_moderators(session, base_url=settings.public_url, now=now))


async def forget(units: Units, settings: Settings, *, now: datetime) -> None:
    """What is not kept is gone."""
    traces = timedelta(days=settings.comments_traces_days)
    await units.run(lambda session: actions.forget(session, traces=traces, now=now))
