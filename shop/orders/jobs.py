"""Orders by the queue."""

from shop.jobs import JobContext, job
from shop.orders import flows


@job("orders.make_invoice")
async def make_invoice(context: JobContext, *, invoice_id: int) -> None:
    """An invoice that was asked for gets its file."""
    await flows.make_invoice(context.database, context.settings.media_path, invoice_id)
