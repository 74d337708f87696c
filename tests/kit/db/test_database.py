"""Units of work and locks, with real connections."""

import asyncio
import uuid
from functools import partial

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.db import Database, lock_purchase
from shop.kit.db.database import sqlstate
from shop.kit.db.statements import counting


async def _table(database: Database) -> None:
    async with database.unit() as session:
        await session.execute(text("CREATE TABLE counter (id int PRIMARY KEY, n int NOT NULL)"))
        await session.execute(text("INSERT INTO counter VALUES (1, 0), (2, 0)"))


async def _value(database: Database, pk: int) -> int:
    async with database.unit() as session:
        return int((await session.execute(text("SELECT n FROM counter WHERE id = :id"), {"id": pk})).scalar_one())


async def test_a_unit_is_all_or_nothing(committed: Database) -> None:
    await _table(committed)

    async def fails(session: AsyncSession) -> None:
        await session.execute(text("UPDATE counter SET n = 9"))
        raise KeyError("no")

    with pytest.raises(KeyError):
        await committed.run(fails)
    assert await _value(committed, 1) == 0


async def test_a_deadlock_is_run_again_and_never_seen(committed: Database) -> None:
    await _table(committed)
    both_hold_one = asyncio.Barrier(2)
    attempts = 0

    async def add(session: AsyncSession, first: int, second: int) -> None:
        nonlocal attempts
        attempts += 1
        update = text("UPDATE counter SET n = n + 1 WHERE id = :id")
        await session.execute(update, {"id": first})
        if attempts <= 2:
            await both_hold_one.wait()
        await session.execute(update, {"id": second})

    await asyncio.gather(
        committed.run(lambda session: add(session, 1, 2)), committed.run(lambda session: add(session, 2, 1))
    )
    # The loser may take its row again before the other has woken up, and lose once more.
    assert attempts >= 3
    assert [await _value(committed, 1), await _value(committed, 2)] == [2, 2]


async def test_a_deadlock_that_stays_is_reported_after_four_attempts(committed: Database) -> None:
    attempts = 0

    async def always(session: AsyncSession) -> None:
        nonlocal attempts
        attempts += 1
        await session.execute(text("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$"))

    with pytest.raises(DBAPIError) as caught:
        await committed.run(always)
    assert sqlstate(caught.value) == "40P01"
    assert attempts == 4


async def test_who_meets_a_rival_checks_again(committed: Database) -> None:
    await _table(committed)
    found: list[bool] = []

    async def put(session: AsyncSession, key: int) -> bool:
        """Whether it was free; between check and write a rival takes it."""
        taken = await session.scalar(text("SELECT true FROM counter WHERE id = :id"), {"id": key})
        found.append(taken is not None)
        if taken:
            return False
        await committed.run(rival)
        await session.execute(text("INSERT INTO counter VALUES (:id, 1)"), {"id": key})
        return True

    async def rival(session: AsyncSession) -> None:
        await session.execute(text("INSERT INTO counter VALUES (3, 7)"))

    assert await committed.run(partial(put, key=3)) is False
    assert found == [False, True]
    assert await _value(committed, 3) == 7


async def test_who_refers_to_what_a_rival_deleted_checks_again(committed: Database) -> None:
    await _table(committed)
    await committed.run(_reference)
    found: list[bool] = []

    async def refer(session: AsyncSession) -> bool:
        """Whether there was something to refer to; between check and write a rival deletes it."""
        is_there = await session.scalar(text("SELECT true FROM counter WHERE id = 1"))
        found.append(is_there is not None)
        if not is_there:
            return False
        await committed.run(rival)
        await session.execute(text("INSERT INTO reference VALUES (1)"))
        return True

    async def rival(session: AsyncSession) -> None:
        await session.execute(text("DELETE FROM counter WHERE id = 1"))

    assert await committed.run(refer) is False
    assert found == [True, False]


async def _reference(session: AsyncSession) -> None:
    await session.execute(text("CREATE TABLE reference (counter_id int REFERENCES counter)"))


async def test_one_purchase_is_handled_by_one_transaction_at_a_time(committed: Database) -> None:
    key = uuid.uuid4()
    inside = 0
    most = 0

    async def work(session: AsyncSession) -> None:
        nonlocal inside, most
        await lock_purchase(session, key)
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.005)
        inside -= 1

    await asyncio.gather(*(committed.run(work) for _ in range(10)))
    assert most == 1


async def test_two_purchases_do_not_wait_for_each_other(committed: Database) -> None:
    # Keys that differ in one bit only, and one whose halves are negative as PostgreSQL's integers.
    keys = [uuid.UUID(int=1 << 127), uuid.UUID(int=(1 << 127) | (1 << 64)), uuid.UUID(int=2**128 - 1)]
    together = asyncio.Barrier(3)

    async def work(session: AsyncSession, key: uuid.UUID) -> None:
        await lock_purchase(session, key)
        async with asyncio.timeout(3):
            await together.wait()

    await asyncio.gather(*(committed.run(partial(work, key=key)) for key in keys))


async def test_waiting_for_a_lock_ends(committed_url: object) -> None:
    database = Database(str(committed_url), pool_size=2, lock_timeout_seconds=0.1)
    key = uuid.uuid4()
    try:
        async with database.unit() as holder:
            await lock_purchase(holder, key)
            with pytest.raises(asyncpg.LockNotAvailableError):
                await database.run(lambda session: lock_purchase(session, key))
    finally:
        await database.close()


async def test_statements_are_counted_and_transactions_are_not(committed: Database) -> None:
    with counting(keep_texts=True) as log:
        async with committed.unit() as session, session.begin_nested():
            await session.execute(text("SELECT 1"))
            await session.execute(text("SELECT 2"))
    assert log.texts == ["SELECT 1", "SELECT 2"]
