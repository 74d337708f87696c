"""A unit's two ways to the database, the driver and the session: one connection, one transaction, whatever happens."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import Integer, Text, bindparam, cast, column, func, insert, select, table, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from shop.channels.models import Channel
from shop.kit.db import Database, DatabaseUrl, send
from shop.kit.db.database import sqlstate
from shop.kit.db.statements import counting

COUNTER = table("counter", column("id", Integer), column("n", Integer))
ADD = update(COUNTER).where(COUNTER.c.id == bindparam("key", type_=Integer)).values(n=COUNTER.c.n + 1)
PUT = insert(COUNTER).values(id=bindparam("key", type_=Integer), n=0)
ALL = select(COUNTER.c.id, COUNTER.c.n).order_by(COUNTER.c.id)
WHERE = select(func.pg_backend_pid(), cast(func.pg_current_xact_id(), Text))
SLEEP = select(cast(func.pg_sleep(bindparam("seconds", type_=Integer)), Text))


@pytest.fixture
async def small(committed_url: DatabaseUrl) -> AsyncIterator[Database]:
    """One connection, which a unit that leaves it in disorder would spoil for the next."""
    database = Database(committed_url, pool_size=1, pool_timeout_seconds=1, application_name="tests")
    async with database.unit() as session:
        await session.execute(text("CREATE TABLE counter (id int PRIMARY KEY, n int NOT NULL)"))
        await session.execute(text("INSERT INTO counter VALUES (1, 0), (2, 0)"))
    yield database
    await database.close()


async def stored(database: Database) -> list[tuple[int, int]]:
    async with database.unit() as session:
        return [tuple(row) for row in await send(session, ALL)]


async def test_session_and_driver_share_one_transaction(small: Database) -> None:
    async with small.unit() as session:
        await session.execute(text("UPDATE counter SET n = 5 WHERE id = 1"))
        first = await send(session, WHERE)
        assert [tuple(row) for row in await send(session, ALL)] == [(1, 5), (2, 0)]
        await send(session, ADD, key=1)
        assert (await session.execute(text("SELECT n FROM counter WHERE id = 1"))).scalar_one() == 6
        second = (await session.execute(WHERE)).all()
        assert [tuple(row) for row in first] == [tuple(row) for row in second]
    assert await stored(small) == [(1, 6), (2, 0)]


async def test_what_only_the_driver_wrote_is_all_or_nothing(small: Database) -> None:
    async def fails(session: AsyncSession) -> None:
        await send(session, ADD, key=1)
        raise KeyError("no")

    with pytest.raises(KeyError):
        await small.run(fails)
    assert await stored(small) == [(1, 0), (2, 0)]
    await small.run(lambda session: send(session, ADD, key=1))
    assert await stored(small) == [(1, 1), (2, 0)]


async def test_objects_that_were_only_added_are_stored_and_stay_readable(committed: Database) -> None:
    async with committed.unit() as session:
        channel = Channel(name="New", slug="new", currency="EUR", default_country="DE")
        session.add(channel)
    assert channel.id is not None
    async with committed.unit() as session:
        assert await session.get(Channel, channel.id) is not None


@pytest.mark.parametrize("first", ["driver", "session"])
async def test_a_broken_constraint_ends_the_unit_and_spoils_nothing(small: Database, first: str) -> None:
    async def breaks(session: AsyncSession) -> None:
        await (send(session, ADD, key=1) if first == "driver" else session.execute(ADD, {"key": 1}))
        await send(session, PUT, key=2)

    with pytest.raises(asyncpg.UniqueViolationError) as caught:
        await small.run(breaks)
    assert (sqlstate(caught.value), caught.value.constraint_name) == ("23505", "counter_pkey")
    assert await stored(small) == [(1, 0), (2, 0)]


async def test_a_savepoint_undoes_what_the_driver_wrote_behind_it_and_no_more(small: Database) -> None:
    async def breaks(session: AsyncSession, *, directly: bool) -> None:
        async with session.begin_nested():
            await send(session, ADD, key=2)
            await (send(session, PUT, key=2) if directly else session.execute(PUT, {"key": 2}))

    async with small.unit() as session:
        await send(session, ADD, key=1)
        with pytest.raises(asyncpg.UniqueViolationError):
            await breaks(session, directly=True)
        with pytest.raises(IntegrityError):
            await breaks(session, directly=False)
        async with session.begin_nested():
            await send(session, PUT, key=3)
    assert await stored(small) == [(1, 1), (2, 0), (3, 0)]


async def test_a_deadlock_of_the_driver_is_run_again_and_never_seen(small: Database) -> None:
    two = Database(small.url, pool_size=2, application_name="tests")
    both_hold_one = asyncio.Barrier(2)
    attempts = 0

    async def add(session: AsyncSession, first: int, second: int) -> None:
        nonlocal attempts
        attempts += 1
        await send(session, ADD, key=first)
        if attempts <= 2:
            await both_hold_one.wait()
        await send(session, ADD, key=second)

    await asyncio.gather(two.run(lambda session: add(session, 1, 2)), two.run(lambda session: add(session, 2, 1)))
    # The loser may take its row again before the other has woken up, and lose once more.
    assert attempts >= 3
    assert await stored(two) == [(1, 2), (2, 2)]
    await two.close()


@pytest.mark.parametrize("way", ["driver", "session"])
async def test_a_migration_under_traffic_is_not_seen(small: Database, way: str) -> None:
    """What is prepared on a connection may no longer fit the tables: such a unit runs again."""
    everything = text("SELECT * FROM counter LIMIT 1")
    attempts = 0

    async def read(session: AsyncSession) -> int:
        nonlocal attempts
        attempts += 1
        if way == "driver":
            return len((await send(session, everything))[0])
        return len((await session.execute(everything)).one())

    assert await small.run(read) == 2
    migration = Database(small.url, pool_size=1)
    async with migration.unit() as session:
        await session.execute(text("ALTER TABLE counter ADD note text"))
    await migration.close()
    assert await small.run(read) == 3
    assert attempts == 3


@pytest.mark.parametrize("how", ["cancelled", "refused by the server"])
async def test_a_statement_that_is_cut_short_leaves_the_pool_clean(small: Database, how: str) -> None:
    async def hangs(session: AsyncSession) -> None:
        await send(session, ADD, key=1)
        if how != "cancelled":
            await session.execute(text("SET LOCAL statement_timeout = '50ms'"))
        await send(session, SLEEP, seconds=30)

    if how == "cancelled":
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await small.run(hangs)
    else:
        with pytest.raises(asyncpg.QueryCanceledError):
            await small.run(hangs)
    assert await stored(small) == [(1, 0), (2, 0)]
    # Nobody holds the row any more.
    await small.run(lambda session: send(session, ADD, key=1))
    assert await stored(small) == [(1, 1), (2, 0)]


async def test_statements_of_both_ways_are_counted_and_the_transaction_is_not(small: Database) -> None:
    with counting(keep_texts=True) as log:
        async with small.unit() as session:
            await send(session, ADD, key=1)
            async with session.begin_nested():
                await session.execute(text("SELECT 1"))
        async with small.unit():
            pass
    assert log.texts == ["UPDATE counter SET n=(counter.n + $1::INTEGER) WHERE counter.id = $2::INTEGER", "SELECT 1"]


async def test_a_statement_that_the_driver_cannot_take_is_refused(small: Database) -> None:
    async with small.unit() as session:
        with pytest.raises(TypeError, match="has no parameter other"):
            await send(session, ADD, key=1, other=2)
        with pytest.raises(TypeError, match="needs the parameter key"):
            await send(session, ADD)
    with pytest.raises(RuntimeError, match="not one of a unit"):
        await send(AsyncSession(small.engine), ADD, key=1)
    assert await stored(small) == [(1, 0), (2, 0)]
