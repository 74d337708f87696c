"""Delivered events: one row each, handled in the unit of their effects."""

from typing import Any

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.jobs import enqueue
from shop.payments.models import WebhookEvent


async def receive(
    session: AsyncSession,
    *,
    source: str,
    event_id: str,
    type: str,
    object_id: str,
    payload: dict[str, Any],
    foreign: bool,
) -> bool:
    """The event is known and, when it is new and ours, queued with it. The answer says whether it is new.

    A foreign one (another application on the same account) is counted and otherwise left alone.
    """
    statement = (
        insert(WebhookEvent)
        .values(
            source=source,
            event_id=event_id,
            type=type,
            object_id=object_id,
            payload=payload,
            handled_at=func.now() if foreign else None,
            outcome="foreign" if foreign else None,
        )
        .on_conflict_do_nothing()
        .returning(WebhookEvent.id)
    )
    row_id = (await session.execute(statement)).scalar_one_or_none()
    if row_id is None:
        return False
    if not foreign:
        await enqueue(session, "payments.handle_event", {"event_row": row_id})
    return True


async def mark_handled(session: AsyncSession, row_id: int, outcome: str) -> None:
    """The event has had its effects, in this transaction."""
    await session.execute(
        update(WebhookEvent)
        .where(WebhookEvent.id == row_id, WebhookEvent.handled_at.is_(None))
        .values(handled_at=func.now(), outcome=outcome)
    )
