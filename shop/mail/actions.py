"""Writes mails into the outbox and sends them."""

import uuid
from email import policy
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import Policy
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import aiosmtplib
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.jobs import enqueue
from shop.kit import clock
from shop.kit.settings import Settings
from shop.mail.errors import MailUndelivered
from shop.mail.models import Message
from shop.mail.rules import render


class _Whole(UnstructuredHeader, BaseHeader):
    """A header that is written as it is: a long address, encoded word by word, is none to a mail program."""

    def fold(self, *, policy: Policy) -> str:
        """The header's line."""
        return f"{self.name}: {self}{policy.linesep}"


_headers = HeaderRegistry()
_headers.map_to_type("list-unsubscribe", _Whole)
_POLICY: Final = policy.default.clone(header_factory=_headers)


async def queue_mail(
    session: AsyncSession,
    *,
    dedupe_key: str,
    recipient: str,
    template: str,
    context: dict[str, Any],
    calendar: str | None = None,
    unsubscribe_url: str | None = None,
) -> None:
    """The mail is in the outbox and its sending is queued, both with this transaction.

    `dedupe_key` names the cause: a second mail for the same cause is not written. `calendar` is iCalendar text that
    goes along, `unsubscribe_url` where a POST ends such mails.
    """
    mail = render(template, context)
    statement = (
        insert(Message)
        .values(
            id=uuid.uuid4(),
            dedupe_key=dedupe_key,
            recipient=recipient,
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            calendar=calendar,
            unsubscribe_url=unsubscribe_url,
        )
        .on_conflict_do_nothing(index_elements=[Message.dedupe_key])
        .returning(Message.id)
    )
    written = (await session.execute(statement)).scalar_one_or_none()
    if written is not None:
        await enqueue(session, "mail.send", {"message_id": str(written)}, queue="mail")


async def message_to_send(session: AsyncSession, message_id: uuid.UUID) -> Message | None:
    """The mail if nobody has sent it yet; one more attempt is counted."""
    statement = (
        update(Message)
        .where(Message.id == message_id, Message.sent_at.is_(None))
        .values(attempts=Message.attempts + 1)
        .returning(Message)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def mark_sent(session: AsyncSession, message_id: uuid.UUID) -> None:
    """The mail is known as sent."""
    await session.execute(update(Message).where(Message.id == message_id).values(sent_at=func.now(), last_error=None))


async def mark_failed(session: AsyncSession, message_id: uuid.UUID, error: str) -> None:
    """The mail's last error is kept for who looks for it."""
    await session.execute(update(Message).where(Message.id == message_id).values(last_error=error[:500]))


async def count(session: AsyncSession) -> int:
    """How many mails the outbox holds."""
    return (await session.execute(select(func.count()).select_from(Message))).scalar_one()


async def deliver(settings: Settings, message: Message) -> None:
    """The mail server has taken the mail. Raises: MailUndelivered."""
    assert settings.smtp_url is not None
    mail = EmailMessage(_POLICY)
    mail["From"] = settings.mail_from
    mail["To"] = message.recipient
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(clock.now())
    # The same on every attempt: a server that took the first one can tell.
    mail["Message-ID"] = f"<{message.id.hex}@{settings.mail_from.rpartition('@')[2].rstrip('>')}>"
    if message.unsubscribe_url:
        # Source: RFC 2369 and RFC 8058: one click in the mail program, which sends a POST by itself.
        mail["List-Unsubscribe"] = f"<{message.unsubscribe_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(message.text)
    if message.html:
        mail.add_alternative(message.html, subtype="html")
    if message.calendar:
        method = next((line[7:] for line in message.calendar.splitlines() if line.startswith("METHOD:")), "PUBLISH")
        mail.add_attachment(message.calendar, subtype="calendar", filename="appointment.ics", params={"method": method})
    url = urlsplit(settings.smtp_url.get_secret_value())
    try:
        await aiosmtplib.send(
            mail,
            hostname=url.hostname or "127.0.0.1",
            port=url.port or (465 if url.scheme == "smtps" else 25),
            username=unquote(url.username) if url.username else None,
            password=unquote(url.password) if url.password else None,
            use_tls=url.scheme == "smtps",
            timeout=10,
        )
    except (aiosmtplib.SMTPException, OSError) as error:
        raise MailUndelivered(f"{type(error).__name__}: {error}") from error
