"""Sending a mail: take it from the outbox, hand it to the server outside of any transaction, note the outcome."""

import uuid

from shop.kit.db import Units
from shop.kit.settings import Settings
from shop.mail import actions
from shop.mail.errors import MailUndelivered


async def send(units: Units, settings: Settings, message_id: uuid.UUID) -> None:
    """The mail is sent; without a mail server it stays in the outbox, where the mailbox page shows it.

    At least once: a process killed between the server's answer and our note sends it again. Raises: MailUndelivered.
    """
    if settings.smtp_url is None:
        return
    message = await units.run(lambda session: actions.message_to_send(session, message_id))
    if message is None:
        return
    try:
        await actions.deliver(settings, message)
    except MailUndelivered as error:
        reason = error.message
        await units.run(lambda session: actions.mark_failed(session, message_id, reason))
        raise
    await units.run(lambda session: actions.mark_sent(session, message_id))
