"""Counts attempts before they are made, so that a hundred at once are no way around waiting."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.attempts import FORGOTTEN_AFTER, Guard, pause, remembered
from shop.accounts.errors import Delayed
from shop.accounts.models import Attempt


async def count_attempt(
    session: AsyncSession, guards: Sequence[Guard], *, now: datetime, field: str | None, code: str | None = None
) -> None:
    """The attempt is counted as a failed one by every guard; `forgive` takes that back where it succeeds.

    Nobody waits here: who comes too early is refused, and a refused attempt is not counted. Locks: the guards' rows,
    in the order of their keys. Raises: Delayed, on `field` and with `code` where given.
    """
    keys = sorted(guard.key for guard in guards)
    rows = [{"key": key, "last_at": now} for key in keys]
    await session.execute(insert(Attempt).values(rows).on_conflict_do_nothing(index_elements=[Attempt.key]))
    statement = select(Attempt).where(Attempt.key.in_(keys)).order_by(Attempt.key).with_for_update()
    found = {row.key: row for row in (await session.execute(statement)).scalars()}
    waits = [row.blocked_until for row in found.values() if row.blocked_until is not None and row.blocked_until > now]
    if waits:
        raise Delayed(max(waits), field=field, code=code)
    changes = []
    for guard in guards:
        row = found[guard.key]
        count, since = remembered(row.failures, row.last_at, guard, now)
        wait = pause(count + 1, guard)
        blocked_until = now + wait if wait else None
        changes.append({"key": guard.key, "failures": count + 1, "last_at": since, "blocked_until": blocked_until})
    await session.execute(update(Attempt), changes)


async def forgive(session: AsyncSession, guards: Sequence[Guard]) -> None:
    """The attempt has succeeded: what was counted against the account is forgotten.

    An address keeps its failures but the one that was none: with an account of one's own one must not be able to wipe
    out what one failed at with others.
    """
    accounts = [guard.key for guard in guards if ":@" not in guard.key]
    addresses = [guard.key for guard in guards if ":@" in guard.key]
    await session.execute(delete(Attempt).where(Attempt.key.in_(accounts)))
    if addresses:
        await session.execute(
            update(Attempt)
            .where(Attempt.key.in_(addresses))
            .values(failures=func.greatest(Attempt.failures - 1, 0))
            .execution_options(synchronize_session=False)
        )


async def forget_attempts(session: AsyncSession, *, now: datetime) -> None:
    """Counters that nobody has touched for long are gone."""
    await session.execute(delete(Attempt).where(Attempt.last_at < now - FORGOTTEN_AFTER))
