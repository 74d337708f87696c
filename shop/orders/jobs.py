"""Orders by the queue."""

import uuid

from shop.jobs import JobContext, job
from shop.kit import clock
from shop.orders import flows


@job("orders.make_invoice")
async def make_invoice(context: JobContext, *, invoice_id: int) -> None:
    """An invoice that was asked for gets its file."""
    await flows.make_invoice(context.database, context.settings.media_path, invoice_id)


@job("orders.visits_disputed", attempts=8)
async def visits_disputed(context: JobContext, *, purchase_key: str) -> None:
    """Visits that were paid with sessions of a disputed purchase follow its dispute."""
    await flows.follow_disputed_sessions(context.database, uuid.UUID(purchase_key), clock.now())


@job("orders.lapse_unpaid_visits", attempts=3, cron="* * * * * 20")
async def lapse_unpaid_visits(context: JobContext) -> None:
    """Visits that were ordered and not paid for in time are off, and their time is free."""
    await flows.lapse_unpaid_visits(context.database, clock.now())
