"""Payments by the queue and by the clock. Without a key for the provider there is nothing to do."""

import uuid

from shop.jobs import JobContext, job
from shop.kit import clock
from shop.payments import flows
from shop.payments.stripe import provider


@job("payments.handle_event", attempts=25)
async def handle_event(context: JobContext, *, event_row: int) -> None:
    """A delivered event has its effects."""
    if (stripe := provider(context.settings)) is not None:
        await flows.handle_event(context.database, stripe, event_row)


@job("payments.run_call", attempts=25)
async def run_call(context: JobContext, *, call_id: str) -> None:
    """A wish to the provider is carried out."""
    if (stripe := provider(context.settings)) is not None:
        await flows.run_call(context.database, stripe, uuid.UUID(call_id))


@job("payments.sweep", attempts=3, cron="* * * * * */20")
async def sweep(context: JobContext) -> None:
    """Open payments and unfinished wishes are looked at."""
    if (stripe := provider(context.settings)) is not None:
        await flows.sweep(context.database, stripe, clock.now())


@job("payments.wake", attempts=3, at_start=True)
async def wake(context: JobContext) -> None:
    """A worker starts: what the processes before it left unfinished is due, and looked at, now."""
    now = clock.now()
    await flows.wake(context.database, now)
    if (stripe := provider(context.settings)) is not None:
        await flows.sweep(context.database, stripe, now)


@job("payments.audit", attempts=3, cron="17 * * * * 0")
async def audit(context: JobContext) -> None:
    """The payments of the last three days are compared with the provider."""
    if (stripe := provider(context.settings)) is not None:
        await flows.audit(context.database, stripe, clock.now())
