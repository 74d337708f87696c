"""What the mailbox of a test holds, after the jobs that fill it have run; and orders of guests."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts import jobs as declared  # noqa: F401 - importing declares them
from shop.jobs import JobContext, jobs
from shop.kit import ids
from shop.mail.models import Message
from tests.api.client import Api


async def mails(api: Api) -> list[Message]:
    """All mails so far, oldest first, once every waiting job about accounts has run."""
    for name, args in await api.database.run(_take):
        await jobs()[name].handler(JobContext(api.database, api.settings), **args)
    return await api.database.run(_read)


def link_of(mail: Message) -> dict[str, str]:
    """The parameters of the mail's link."""
    (url,) = [line for line in mail.text.splitlines() if line.startswith("http")]
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


async def guest_order(api: Api, email: str, user_id: int | None = None) -> str:
    """The ID of an order of nobody's, or of this user's, placed with the e-mail."""

    async def write(session: AsyncSession) -> str:
        await session.execute(
            text(
                "INSERT INTO channel_channel (slug, name, currency, default_country) "
                "VALUES ('c', 'C', 'USD', 'US') ON CONFLICT DO NOTHING"
            )
        )
        row = await session.execute(
            text(
                "INSERT INTO order_order (channel_id, user_id, email, currency, total_net_amount, total_gross_amount, "
                "subtotal_net_amount, subtotal_gross_amount, shipping_net_amount, shipping_gross_amount, "
                "undiscounted_total_net_amount, undiscounted_total_gross_amount) "
                "SELECT id, :user_id, :email, 'USD', 1, 1, 1, 1, 0, 0, 1, 1 FROM channel_channel ORDER BY id LIMIT 1 "
                "RETURNING id"
            ),
            {"email": email, "user_id": user_id},
        )
        return ids.encode("Order", row.scalar_one())

    return await api.database.run(write)


async def _take(session: AsyncSession) -> list[tuple[str, dict[str, Any]]]:
    rows = await session.execute(
        text(
            "DELETE FROM procrastinate_jobs WHERE status = 'todo' AND task_name LIKE 'accounts.%' "
            "RETURNING task_name, args::text"
        )
    )
    return [(row[0], orjson.loads(row[1])) for row in rows]


async def _read(session: AsyncSession) -> list[Message]:
    rows = await session.execute(text("SELECT id FROM mail_message ORDER BY created_at, dedupe_key"))
    found = [await session.get(Message, row[0]) for row in rows]
    return [one for one in found if one is not None]
