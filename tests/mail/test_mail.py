"""The outbox, and what a mail server gets."""

import asyncio
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from jinja2 import UndefinedError
from pydantic import SecretStr
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.settings import Settings
from shop.mail import flows
from shop.mail.actions import queue_mail
from shop.mail.errors import MailUndelivered
from shop.mail.models import Message
from shop.mail.rules import render
from tests.database import OneConnectionDatabase

ORDER = {
    "number": "1001",
    "shop_name": "Example <Clinic>",
    "lines": [{"quantity": 2, "name": "Shampoo & more", "total": "19.80"}],
    "discount": 0,
    "voucher_code": None,
    "subtotal": "19.80",
    "shipping": "5.00",
    "shipping_name": "Standard",
    "tax": "1.50",
    "total": "26.30",
    "currency": "USD",
    "order_url": "https://shop.test/orders/x",
}


class Mailserver:
    """The least of an SMTP server that can take a mail, or refuse it."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.raw = b""
        self.refuse = False
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 test\r\n")
        while line := await reader.readline():
            word = line.split()[0].upper() if line.split() else b""
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                await writer.drain()
                body = await reader.readuntil(b"\r\n.\r\n")
                self.raw = body
                self.received.append(message_from_bytes(body[:-3], policy=policy.default))
            writer.write(b"550 no such mailbox\r\n" if word == b"RCPT" and self.refuse else b"250 ok\r\n")
            await writer.drain()
            if word == b"QUIT":
                break
        writer.close()


@pytest.fixture
async def mailserver() -> AsyncIterator[Mailserver]:
    mailserver = Mailserver()
    server = await asyncio.start_server(mailserver.serve, "127.0.0.1", 0)
    mailserver.port = server.sockets[0].getsockname()[1]
    yield mailserver
    server.close()


@pytest.fixture
def with_server(settings: Settings, mailserver: Mailserver) -> Settings:
    return settings.model_copy(update={"smtp_url": SecretStr(f"smtp://127.0.0.1:{mailserver.port}")})


async def _queue(
    database: OneConnectionDatabase, recipient: str = "customer@example.com", unsubscribe_url: str | None = None
) -> Message:
    async def work(session: object) -> Message:
        await queue_mail(
            session,  # type: ignore[arg-type]
            dedupe_key="order-confirmation:1",
            recipient=recipient,
            template="order-confirmation",
            context=ORDER,
            unsubscribe_url=unsubscribe_url,
        )
        return (await session.execute(select(Message))).scalar_one()  # type: ignore[attr-defined,no-any-return]

    return await database.run(work)


def test_an_order_s_mail_says_everything_and_escapes_it() -> None:
    mail = render("order-confirmation", ORDER)
    assert mail.subject == "Your order 1001 at Example <Clinic>"
    for part in ("2 × Shampoo & more   $19.80", "Standard   $5.00", "Tax   $1.50", "Total   $26.30", "/orders/x"):
        assert part in mail.text
    assert "Shampoo &amp; more" in mail.html
    assert "Example &lt;Clinic&gt;" in mail.html


def test_a_line_break_in_a_value_makes_no_header() -> None:
    mail = render(
        "payment-returned", {"shop_name": "Shop\nBcc: x@y.test", "amount": 1, "currency": "EUR", "reason": "-"}
    )
    assert "\n" not in mail.subject


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028"])
async def test_no_text_makes_a_header_or_ends_the_mail(
    database: OneConnectionDatabase, with_server: Settings, mailserver: Mailserver, end: str
) -> None:
    trick = f"Shop{end}Bcc: thief@example.com{end}{end}.{end}QUIT{end}<b>x</b>"

    async def work(session: AsyncSession) -> Message:
        context = ORDER | {"shop_name": trick, "lines": [{"quantity": 2, "name": trick, "total": "19.80"}]}
        await queue_mail(
            session, dedupe_key="1", recipient="a@example.com", template="order-confirmation", context=context
        )
        return (await session.execute(select(Message))).scalar_one()

    message = await database.run(work)
    await flows.send(database, with_server, message.id)
    [received] = mailserver.received
    assert received.keys() == ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"]
    assert received["Subject"].startswith("Your order 1001 at Shop")
    assert received["To"] == "a@example.com"
    text, html = [part.get_content() for part in received.walk() if not part.is_multipart()]
    # Whole to its end: no line of the text ended it.
    assert text.rstrip().endswith("/orders/x")
    assert html.rstrip().endswith("</html>")
    assert "<b>x</b>" not in html


def test_a_missing_value_is_an_error_not_a_gap() -> None:
    with pytest.raises(UndefinedError, match="number"):
        render("order-confirmation", {"shop_name": "x"})


async def test_one_cause_mails_once(database: OneConnectionDatabase) -> None:
    first = await _queue(database)
    assert (await _queue(database)).id == first.id
    async with database.unit() as session:
        jobs = (await session.execute(text("SELECT task_name, args FROM procrastinate_jobs"))).all()
    assert [tuple(job) for job in jobs] == [("mail.send", {"message_id": str(first.id)})]


async def test_a_mail_is_sent_once(
    database: OneConnectionDatabase, with_server: Settings, mailserver: Mailserver
) -> None:
    message = await _queue(database)
    await flows.send(database, with_server, message.id)
    await flows.send(database, with_server, message.id)
    [received] = mailserver.received
    assert received["To"] == "customer@example.com"
    assert received["Subject"] == "Your order 1001 at Example <Clinic>"
    assert received["List-Unsubscribe"] is None
    # Nothing of the moment: a second attempt is the same mail to the server.
    assert received["Message-ID"] == f"<{message.id.hex}@example.com>"
    assert {part.get_content_type() for part in received.walk()} == {
        "multipart/alternative",
        "text/plain",
        "text/html",
    }
    async with database.unit() as session:
        sent = (await session.execute(select(Message.sent_at, Message.attempts))).one()
    assert sent.sent_at is not None
    assert sent.attempts == 1


async def test_a_mail_that_was_asked_for_is_ended_by_one_click(
    database: OneConnectionDatabase, with_server: Settings, mailserver: Mailserver
) -> None:
    message = await _queue(database, unsubscribe_url=f"https://shop.test/comments/unsubscribe?token={'x' * 90}")
    await flows.send(database, with_server, message.id)
    # Source: RFC 8058, 3.1. As it is sent: Python would encode a line of this length.
    lines = mailserver.raw.decode().splitlines()
    assert f"List-Unsubscribe: <https://shop.test/comments/unsubscribe?token={'x' * 90}>" in lines
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines


async def test_a_refused_mail_stays_and_says_why(
    database: OneConnectionDatabase, with_server: Settings, mailserver: Mailserver
) -> None:
    message = await _queue(database)
    mailserver.refuse = True
    with pytest.raises(MailUndelivered, match="no such mailbox"):
        await flows.send(database, with_server, message.id)
    async with database.unit() as session:
        row = (await session.execute(select(Message.sent_at, Message.last_error))).one()
    assert row.sent_at is None
    assert "no such mailbox" in row.last_error


async def test_without_a_server_the_mail_stays_in_the_outbox(
    database: OneConnectionDatabase, settings: Settings
) -> None:
    message = await _queue(database)
    await flows.send(database, settings, message.id)
    async with database.unit() as session:
        assert (await session.execute(select(Message.sent_at, Message.attempts))).one() == (None, 0)
