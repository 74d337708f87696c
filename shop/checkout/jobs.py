"""Checkouts by the queue and by the clock: paid ones become orders although nobody came back for them."""

import uuid

from shop.checkout import flows
from shop.jobs import JobContext, job
from shop.kit import clock
from shop.payments.stripe import provider


@job("checkout.complete_paid", attempts=25)
async def complete_paid(context: JobContext, *, checkout_id: str) -> None:
    """A paid checkout becomes an order, or its payment goes back."""
    if (stripe := provider(context.settings)) is not None:
        await flows.complete_paid(context.database, stripe, context.settings, uuid.UUID(checkout_id), now=clock.now())


@job("checkout.sweep_paid", attempts=3, cron="* * * * * */20")
async def sweep_paid(context: JobContext) -> None:
    """Whatever was paid and has no order is settled."""
    if (stripe := provider(context.settings)) is not None:
        await flows.sweep_paid(context.database, stripe, context.settings, clock.now())
