"""Mails are sent by the queue."""

import uuid

from shop.jobs import JobContext, job
from shop.mail import flows


@job("mail.send")
async def send(context: JobContext, *, message_id: str) -> None:
    """One mail of the outbox is sent."""
    await flows.send(context.database, context.settings, uuid.UUID(message_id))
