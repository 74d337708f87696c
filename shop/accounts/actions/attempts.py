"""Counts attempts before they are made, so that a hundred at once are no way around waiting."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.attempts import (
    FORGOTTEN_AFTER,
    KNOWN,
    KNOWN_FOR,
    Guard,
    counted,
    guessing,
    known_key,
    pause,
    remembered,
)
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
        left, since = remembered(row.failures, row.last_at, guard, now)
        count = counted(left, guard)
        wait = pause(count, guard)
        blocked_until = now + wait if wait else None
        changes.append({"key": guard.key, "failures": count, "last_at": since, "blocked_until": blocked_until})
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


async def count_guess(
    session: AsyncSession, email: str, address: str, *, now: datetime, field: str
) -> tuple[Guard, ...]:
    """As `count_attempt` for a password; the answer is what counted it, for `guessed_right`.

    An account that is known at the address waits for its own failures there alone. Raises: Delayed.
    """
    guards = guessing(email, address)
    known = select(Attempt.key).where(Attempt.key == known_key(email, address), Attempt.last_at > now - KNOWN_FOR)
    if await session.scalar(known) is not None:
        guards = guards[:1]
    await count_attempt(session, guards, now=now, field=field)
    return tuple(guards)


async def guessed_right(
    session: AsyncSession, email: str, address: str, guards: Sequence[Guard], *, now: datetime
) -> None:
    """The password was right: as `forgive`, and the account is known at the address from now on."""
    await forgive(session, guards)
    if (key := known_key(email, address)) is not None:
        row = insert(Attempt).values(key=key, last_at=now)
        await session.execute(row.on_conflict_do_update(index_elements=[Attempt.key], set_={"last_at": now}))


async def forget_attempts(session: AsyncSession, *, now: datetime) -> None:
    """Counters that nobody has touched for long are gone."""
    is_known = Attempt.key.startswith(KNOWN)
    await session.execute(
        delete(Attempt).where(
            or_(
                and_(~is_known, Attempt.last_at < now - FORGOTTEN_AFTER),
                and_(is_known, Attempt.last_at < now - KNOWN_FOR),
            )
        )
    )
