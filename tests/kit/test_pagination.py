"""Keyset windows over a real table: both ways, with nulls, stable under inserts; cursors that lie are refused."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import Column, DateTime, Integer, MetaData, Numeric, Table, Text, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.db import Database
from shop.kit.pagination import InvalidCursor, Key, Keyset, Window

ROWS = Table(
    "keyset_row",
    MetaData(),
    Column("id", Integer),
    Column("name", Text),
    Column("price", Numeric),
    Column("at", DateTime),
)
BY_NAME = Keyset(Key(ROWS.c.name), Key(ROWS.c.id))
BY_NAME_DOWN = Keyset(Key(ROWS.c.name, descending=True), Key(ROWS.c.id, descending=True))
BY_PRICE = Keyset(Key(ROWS.c.price, nullable=True), Key(ROWS.c.id))
BY_PRICE_DOWN = Keyset(Key(ROWS.c.price, descending=True, nullable=True), Key(ROWS.c.id))


@pytest.fixture
async def rows(database: Database) -> Database:
    async def make(session: AsyncSession) -> None:
        await session.execute(text("CREATE TEMP TABLE keyset_row (id int, name text, price numeric, at timestamptz)"))
        await session.execute(
            text(
                "INSERT INTO keyset_row (id, name, price) VALUES (1, 'b', 2), (2, 'a', NULL), (3, 'b', 2.5), "
                "(4, 'c', NULL), (5, 'a', 1)"
            )
        )

    await database.run(make)
    return database


async def read(database: Database, keyset: Keyset, window: Window) -> tuple[list[int], list[str], bool, bool]:
    statement = keyset.window(select(ROWS.c.id), window.shape)
    records: list[Mapping[str, Any]] = await database.reader().rows(statement, **window.params)
    page = keyset.page(records, window)
    return [record["id"] for record in page.items], page.cursors, page.has_next, page.has_previous


@pytest.mark.parametrize(
    ("keyset", "expected"),
    [
        (BY_NAME, [2, 5, 1, 3, 4]),
        (BY_NAME_DOWN, [4, 3, 1, 5, 2]),
        (BY_PRICE, [5, 1, 3, 2, 4]),
        (BY_PRICE_DOWN, [2, 4, 3, 1, 5]),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 5])
async def test_walking_the_pages_meets_every_row_once_both_ways(
    rows: Database, keyset: Keyset, expected: list[int], size: int
) -> None:
    met: list[int] = []
    cursor = None
    while True:
        ids, cursors, has_next, has_previous = await read(rows, keyset, Window(size, cursor=cursor))
        assert has_previous is (cursor is not None)
        met += ids
        if not has_next:
            break
        cursor = keyset.decode(cursors[-1])
    assert met == expected

    met, cursor = [], None
    while True:
        ids, cursors, has_next, has_previous = await read(rows, keyset, Window(size, backward=True, cursor=cursor))
        assert has_next is (cursor is not None)
        met = ids + met
        if not has_previous:
            break
        cursor = keyset.decode(cursors[0])
    assert met == expected


async def test_rows_before_the_cursor_do_not_shift_the_next_page(rows: Database) -> None:
    _, cursors, _, _ = await read(rows, BY_NAME, Window(2))

    async def insert(session: AsyncSession) -> None:
        await session.execute(text("INSERT INTO keyset_row (id, name) VALUES (0, 'a'), (9, 'bb')"))
        await session.execute(text("DELETE FROM keyset_row WHERE id = 2"))

    await rows.run(insert)
    ids, *_ = await read(rows, BY_NAME, Window(3, cursor=BY_NAME.decode(cursors[-1])))
    assert ids == [1, 3, 9]


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "no base64!",
        "bm90IGpzb24=",  # not json
        "e30=",  # {}
        "WyJhIl0=",  # ["a"]: a value is missing
        "WyJhIiwyLDNd",  # ["a",2,3]
        "WyJhIiwieCJd",  # ["a","x"]
        "WyJhIix0cnVlXQ==",  # ["a",true]
        "WyJhIiw5OTk5OTk5OTk5OV0=",  # ["a",99999999999]: no 32-bit integer
        "WyJhXHUwMDAwIiwxXQ==",  # ["a\u0000",1]
        "W251bGwsMV0=",  # [null,1]: never null
    ],
)
def test_a_cursor_that_is_none_of_this_order_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        BY_NAME.decode(cursor)


def test_numbers_and_instants_in_cursors_are_checked() -> None:
    by_time = Keyset(Key(ROWS.c.at), Key(ROWS.c.id))
    for cursor in ("WyJOYU4iLDFd", "WyJ4IiwxXQ=="):  # ["NaN",1], ["x",1]
        with pytest.raises(InvalidCursor):
            BY_PRICE.decode(cursor)
    with pytest.raises(InvalidCursor):
        by_time.decode("WyIyMDI2LTAxLTAxVDAwOjAwOjAwIiwxXQ==")  # without an offset
    with pytest.raises(InvalidCursor):
        by_time.decode("WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwxXQ==")  # before the first day of time


def test_an_order_must_end_with_a_unique_column() -> None:
    with pytest.raises(ValueError, match="unique"):
        Keyset(Key(ROWS.c.price, nullable=True))
