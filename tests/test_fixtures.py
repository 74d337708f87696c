"""The fixtures keep their promises: isolation, sharing of one connection, and no network."""

import asyncio
import socket

import pytest
from pytest_socket import SocketConnectBlockedError
from sqlalchemy import column, select, table, text

from shop.kit.db import Database
from shop.kit.db.statements import counting

CLASSES = table("pg_class", column("relname"))


async def tables(database: Database) -> int:
    reader = database.reader()
    rows = await reader.rows(select(CLASSES.c.relname).where(CLASSES.c.relname == "fixture_probe"))
    await reader.close()
    return len(rows)


@pytest.mark.parametrize("turn", [1, 2])
async def test_what_a_test_commits_is_undone(database: Database, turn: int) -> None:
    assert await tables(database) == 0
    await database.run(lambda session: session.execute(text("CREATE TABLE fixture_probe (id int PRIMARY KEY)")))
    assert await tables(database) == 1


async def test_a_failed_unit_leaves_the_connection_usable(database: Database) -> None:
    await database.run(lambda session: session.execute(text("CREATE TABLE fixture_probe (id int PRIMARY KEY)")))
    with pytest.raises(Exception, match="division by zero"):
        await database.run(lambda session: session.execute(text("SELECT 1/0")))
    assert await tables(database) == 1


async def test_units_and_reads_at_once_take_turns(database: Database) -> None:
    async def unit() -> None:
        async with database.unit() as session:
            await session.execute(text("SELECT 1"))
            await asyncio.sleep(0)
            await session.execute(text("SELECT 2"))

    with counting() as log:
        await asyncio.gather(*(unit() for _ in range(5)), *(tables(database) for _ in range(5)))
    assert log.count == 15


async def test_reading_inside_a_unit_sees_its_writes(database: Database) -> None:
    async with database.unit() as session:
        await session.execute(text("CREATE TABLE fixture_probe (id int)"))
        assert await tables(database) == 1


@pytest.mark.parametrize("turn", [1, 2])
async def test_committed_is_a_database_of_its_own(committed: Database, turn: int) -> None:
    assert await tables(committed) == 0
    await committed.run(lambda session: session.execute(text("CREATE TABLE fixture_probe (id int)")))
    assert await asyncio.gather(*(tables(committed) for _ in range(20))) == [1] * 20


def test_only_this_machine_is_reachable() -> None:
    with pytest.warns(UserWarning, match="192.0.2.1"), pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
