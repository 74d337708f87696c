"""A unit on its request's own connection, and reads whose connection goes away."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import Text, cast, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.db import BorrowedUnits, Database, DatabaseUrl, send
from shop.kit.db.reader import prepare
from shop.kit.db.statements import counting
from tests.faults.proxy import Proxy, proxied

WHO = select(func.pg_backend_pid())
NOW = select(cast(func.pg_sleep(0), Text))


@pytest.fixture
async def small(committed_url: DatabaseUrl) -> AsyncIterator[Database]:
    """One connection: whoever needs two at once waits in vain."""
    database = Database(committed_url, pool_size=1, pool_timeout_seconds=0.5, application_name="tests")
    yield database
    await database.close()


async def test_a_request_that_has_read_needs_no_second_connection_for_its_unit(small: Database) -> None:
    reader = small.reader()
    [[before]] = await reader.rows(WHO)

    async def work(session: AsyncSession) -> tuple[int, int]:
        [[own]] = await send(session, WHO)
        [[read]] = await reader.rows(WHO)
        return own, read

    assert await small.run(work, reader) == (before, before)
    [[after]] = await reader.rows(WHO)
    assert after == before
    await reader.close()


async def test_what_is_read_inside_a_unit_is_the_unit_s(small: Database) -> None:
    count = text("SELECT count(*) FROM note")
    async with small.unit() as session:
        await session.execute(text("CREATE TABLE note (id int)"))
    reader = small.reader()

    async def work(session: AsyncSession) -> None:
        await session.execute(text("INSERT INTO note VALUES (1)"))
        assert (await reader.rows(count))[0][0] == 1
        raise KeyError

    with pytest.raises(KeyError):
        await small.run(work, reader)
    assert (await reader.rows(count))[0][0] == 0
    await reader.close()


async def test_a_reader_survives_its_unit_s_broken_connection(small: Database) -> None:
    reader = small.reader()
    [[before]] = await reader.rows(WHO)
    sleep = select(cast(func.pg_sleep(30), Text))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await small.run(lambda session: send(session, sleep), reader)
    [[after]] = await reader.rows(WHO)
    assert after != before
    await reader.close()


async def test_between_the_units_of_a_flow_the_connection_is_anybody_s(small: Database) -> None:
    reader = small.reader()
    units = BorrowedUnits(small, reader)
    for _ in range(2):
        [[before]] = await reader.rows(WHO)
        [[inside]] = await units.run(lambda session: send(session, WHO))
        async with small.unit() as somebody:
            [[theirs]] = await send(somebody, WHO)
        assert before == inside == theirs
    await reader.close()


async def test_a_unit_of_a_flow_that_fails_keeps_no_connection(small: Database) -> None:
    reader = small.reader()
    await reader.rows(WHO)

    async def work(session: AsyncSession) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        await BorrowedUnits(small, reader).run(work)
    async with small.unit() as somebody:
        await send(somebody, WHO)


@pytest.fixture
async def proxy(committed_url: DatabaseUrl) -> AsyncIterator[Proxy]:
    async with proxied(committed_url.host, committed_url.port) as proxy:
        yield proxy


@pytest.fixture
async def far(committed_url: DatabaseUrl, proxy: Proxy) -> AsyncIterator[Database]:
    """The database behind a proxy that can be cut."""
    url = replace(committed_url, host="127.0.0.1", port=proxy.port)
    database = Database(url, pool_size=2, pool_timeout_seconds=1, application_name="tests")
    yield database
    await database.close()


async def test_a_read_is_sent_once_more_where_its_connection_breaks(far: Database, proxy: Proxy) -> None:
    reader = far.reader()
    [[before]] = await reader.rows(WHO)
    held = proxy.hold(1, [prepare(WHO).sql])
    with counting(keep_texts=True) as log:
        task = asyncio.create_task(reader.rows(WHO))
        await asyncio.wait_for(held.held.wait(), 5)
        proxy.cut()
        [[after]] = await task
    assert after != before
    assert log.count == 2
    await reader.close()


async def test_a_read_is_not_sent_a_third_time(far: Database, proxy: Proxy) -> None:
    reader = far.reader()
    await reader.rows(WHO)
    await proxy.set_mode("refuse")
    with pytest.raises(OSError, match=r"."):
        await reader.rows(WHO)
    await proxy.set_mode("through")
    assert len(await reader.rows(WHO)) == 1
    await reader.close()


async def test_a_unit_is_never_sent_again(far: Database, proxy: Proxy) -> None:
    """Nobody knows whether it was committed: only its caller may ask again."""
    attempts = 0

    async def work(session: AsyncSession) -> None:
        nonlocal attempts
        attempts += 1
        await send(session, NOW)
        proxy.cut()
        await send(session, NOW)

    with pytest.raises(Exception, match=r"connection|closed"):
        await far.run(work)
    assert attempts == 1
    await far.run(lambda session: send(session, NOW))
