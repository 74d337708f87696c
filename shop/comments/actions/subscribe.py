"""Who is told of answers: an e-mail that asked for it under a page, once its owner has agreed by a link."""

import uuid
from datetime import datetime

from sqlalchemy import delete, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.comments.errors import LinkRefused
from shop.comments.models import Subscription


async def subscribe(session: AsyncSession, page_id: int, email: str, *, is_proved: bool, now: datetime) -> None:
    """The e-mail has asked to be told of answers on the page; `is_proved`: by its owner, who need not agree again."""
    confirmed_at = now if is_proved else None
    statement = insert(Subscription).values(page_id=page_id, email=email, asked_at=now, confirmed_at=confirmed_at)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[Subscription.page_id, Subscription.email],
            set_={"confirmed_at": func.coalesce(Subscription.confirmed_at, confirmed_at), "asked_at": now},
        )
    )


async def agree(session: AsyncSession, subscription_id: uuid.UUID, *, now: datetime) -> None:
    """The owner of the e-mail agrees to be told. Raises: LinkRefused where it was unsubscribed or forgotten since."""
    statement = (
        update(Subscription)
        .where(Subscription.id == subscription_id)
        .values(confirmed_at=func.coalesce(Subscription.confirmed_at, now))
        .returning(Subscription.id)
    )
    found = await session.execute(statement.execution_options(synchronize_session=False))
    if found.scalar_one_or_none() is None:
        raise LinkRefused


async def end(session: AsyncSession, subscription_id: uuid.UUID) -> None:
    """The e-mail is told no more; that it was not told anyway is no error."""
    statement = delete(Subscription).where(Subscription.id == subscription_id)
    await session.execute(statement.execution_options(synchronize_session=False))
