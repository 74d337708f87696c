"""What the reconciler looks at, and when it looks again."""

import uuid
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.payments.actions.pauses import pause_after
from shop.payments.models import ProviderCall, Transaction


async def due_transactions(session: AsyncSession, now: datetime, *, limit: int) -> list[uuid.UUID]:
    """Open payments whose turn has come, taken: the next look at each is planned, later every time.

    Several sweepers share the work without waiting for each other.
    """
    due = (
        select(Transaction.id)
        .where(Transaction.status == "OPEN", Transaction.next_check_at <= now)
        .order_by(Transaction.next_check_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = (
        update(Transaction)
        .where(Transaction.id.in_(due.scalar_subquery()))
        .values(checks=Transaction.checks + 1, next_check_at=now + pause_after(Transaction.checks))
        .returning(Transaction.id)
        .execution_options(synchronize_session=False)
    )
    return list((await session.execute(taken)).scalars())


async def due_calls(session: AsyncSession, now: datetime, *, limit: int) -> list[uuid.UUID]:
    """Wishes to the provider that nobody carried out: their process died, or the provider did not answer."""
    statement = (
        select(ProviderCall.id)
        .where(ProviderCall.state == "PENDING", ProviderCall.next_try_at <= now)
        .order_by(ProviderCall.next_try_at)
        .limit(limit)
    )
    return list((await session.execute(statement)).scalars())


async def wake_all(session: AsyncSession, now: datetime) -> None:
    """Everything unfinished is due at once: after a restart nobody knows what happened meanwhile."""
    await session.execute(update(Transaction).where(Transaction.status == "OPEN").values(next_check_at=now, checks=0))
    await session.execute(update(ProviderCall).where(ProviderCall.state == "PENDING").values(next_try_at=now))


async def recent_transactions(
    session: AsyncSession, since: datetime, *, after: uuid.UUID | None, limit: int
) -> list[uuid.UUID]:
    """Payments made since then that may have changed unheard: all but those that ended unpaid. Pages by id."""
    statement = (
        select(Transaction.id)
        .where(Transaction.created_at >= since, Transaction.status.in_(("OPEN", "SUCCEEDED")))
        .order_by(Transaction.id)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(Transaction.id > after)
    return list((await session.execute(statement)).scalars())


async def abandoned_transactions(session: AsyncSession, before: datetime, *, limit: int) -> list[uuid.UUID]:
    """Open payments begun before then that nobody is settling. A payment page ends by itself, a PaymentIntent never."""
    statement = (
        select(Transaction.id)
        .where(
            Transaction.status == "OPEN",
            Transaction.kind == "PAYMENT_INTENT",
            Transaction.payment_intent_id.is_not(None),
            Transaction.created_at < before,
            Transaction.charge_pending_amount + Transaction.authorize_pending_amount == 0,
        )
        .order_by(Transaction.created_at)
        .limit(limit)
    )
    return list((await session.execute(statement)).scalars())
