"""What a process learns of changes: each committed one, before it uses what it keeps; nothing of others."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Final

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.changes import looking
from shop.changes.actions import KEPT, sweep
from shop.changes.looking import Changes
from shop.kit.db import Base, Database, DatabaseUrl
from shop.kit.db.statements import counting
from tests import factories as make
from tests.factories import booking

# Rows that belong to somebody: what is read from them is never kept.
PRIVATE: Final = ("account_", "checkout_", "discount_", "exchange_", "giftcard_", "idempotency_", "mail_", "order_")
ALSO_PRIVATE: Final = ("payment_", "change_")
NOT_FOLLOWED: Final = {
    "booking_booking",
    "booking_calendar_feed",
    "booking_entitlement",
    "booking_entitlement_entry",
    "booking_event",
    "booking_intake_access",
    "booking_intake_answer",
    "booking_reminder",
    "booking_waitlist_entry",
    "comment_subscription",
    "content_page_draft",
    "content_page_revision",
    # What it takes of somebody's time is an allocation; why is nobody else's business.
    "booking_time_off",
    "stock_allocation",
}
# Told of by one name, since holds and sales change several of them at once.
TOPICS: Final = {
    "booking_time": {"booking_allocation", "booking_hold", "booking_seat", "booking_session"},
    "stock_left": {"stock_reservation", "stock_stock"},
}
NAME: Final = text("UPDATE site_settings SET name = :name")
SETTINGS: Final = frozenset({"site_settings"})


@pytest.fixture
async def changes(committed: Database) -> AsyncIterator[Changes]:
    """A process that looks at the test's own database."""
    changes = Changes(committed)
    yield changes
    await changes.close()


async def rename(database: Database, name: str) -> None:
    """The shop has that name."""
    async with database.unit() as session:
        await session.execute(NAME, {"name": name})


async def look(changes: Changes) -> int:
    """A look that was answered."""
    stamp = await changes.look()
    assert stamp is not None
    return stamp


async def test_each_table_tells_of_its_changes_or_is_known_to_hold_what_is_never_kept(committed: Database) -> None:
    async with committed.unit() as session:
        told = await session.execute(
            text(
                "SELECT tgrelid::regclass::text, array_agg(tgname::text ORDER BY tgname) FROM pg_trigger "
                "WHERE tgname ~ '^(change|topic)_' GROUP BY 1"
            )
        )
        followed = {str(table): tuple(names) for table, names in told}
    together = frozenset[str]().union(*TOPICS.values())
    for table, names in followed.items():
        kind = "topic" if table in together else "change"
        assert names == tuple(f"{kind}_{event}" for event in ("delete", "insert", "truncate", "update")), table
    assert together <= followed.keys()
    decided = {name for name in Base.metadata.tables if name.startswith(PRIVATE + ALSO_PRIVATE) or name in NOT_FOLLOWED}
    assert decided.isdisjoint(followed)
    assert sorted(Base.metadata.tables.keys() - decided - followed.keys()) == [], (
        "let a migration call change_follow with it, or name it here with a reason"
    )


async def test_a_committed_change_is_known_to_the_next_look(committed: Database, changes: Changes) -> None:
    before = await look(changes)
    assert changes.is_fresh(SETTINGS, before)
    await rename(committed, "Another name")
    # Nobody looked: what is known is what was known.
    assert changes.is_fresh(SETTINGS, before)
    after = await look(changes)
    assert not changes.is_fresh(SETTINGS, before)
    assert changes.is_fresh(SETTINGS, after)
    assert changes.is_fresh(frozenset({"content_page"}), before)


@pytest.mark.parametrize(
    "statement",
    ["INSERT INTO tax_class (name) VALUES ('Books')", "DELETE FROM tax_class", "TRUNCATE tax_class CASCADE"],
)
async def test_every_kind_of_change_is_told(committed: Database, changes: Changes, statement: str) -> None:
    async with committed.unit() as session:
        await make.tax_class(session)
    before = await look(changes)
    async with committed.unit() as session:
        await session.execute(text(statement))
    await look(changes)
    assert not changes.is_fresh(frozenset({"tax_class"}), before)


async def test_what_changed_no_row_or_was_undone_is_no_change(committed: Database, changes: Changes) -> None:
    before = await look(changes)
    async with committed.unit() as session:
        await session.execute(text("UPDATE site_settings SET name = 'Never' WHERE id = 2"))

    async def fail(session: AsyncSession) -> None:
        await session.execute(NAME, {"name": "Undone"})
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await committed.run(fail)
    await look(changes)
    assert changes.is_fresh(SETTINGS, before)


async def test_a_change_is_told_when_it_is_committed_not_when_it_is_made(committed: Database, changes: Changes) -> None:
    async with committed.unit() as slow:
        await slow.execute(NAME, {"name": "Slow"})
        # Later transactions begin, change other things and are seen.
        async with committed.unit() as quick:
            await quick.execute(text("INSERT INTO tax_class (name) VALUES ('Quick')"))
        meanwhile = await look(changes)
        assert changes.is_fresh(SETTINGS, meanwhile)
        assert await look(changes) == meanwhile + 1
    last = await look(changes)
    assert not changes.is_fresh(SETTINGS, meanwhile)
    assert changes.is_fresh(frozenset({"tax_class"}), meanwhile)
    assert await look(changes) == last + 1
    assert changes.is_fresh(SETTINGS, last)


async def test_who_waits_while_another_looks_shares_the_next_look(changes: Changes) -> None:
    await look(changes)
    with counting() as log:
        stamps = await asyncio.gather(*(changes.look() for _ in range(30)))
    # The first one's look began before the others could be sure that it tells all that they may know.
    assert stamps == [2, *[3] * 29]
    assert log.count == 2


async def test_writers_do_not_wait_for_each_other(committed: Database) -> None:
    async with committed.unit() as one, committed.unit() as other:
        await one.execute(text("INSERT INTO tax_class (name) VALUES ('One')"))
        await other.execute(text("INSERT INTO tax_class (name) VALUES ('Other')"))
        # Both changed the same table and are still at work; a lock would have ended in a timeout.
        kept = await one.scalar(text("SELECT count(*) FROM change_change WHERE table_name = 'tax_class'"))
        assert kept == 1


@pytest.mark.race
async def test_no_look_misses_what_was_committed_before_it(
    committed: Database, rounds: Callable[[int, int], int]
) -> None:
    writers, each = 4, rounds(25, 500)
    processes = [Changes(committed) for _ in range(2)]
    async with committed.unit() as session:
        await session.execute(text("INSERT INTO tax_class (name) SELECT 'Class ' || n FROM generate_series(0, 3) AS n"))
    written = dict.fromkeys(range(writers), 0)
    told: list[tuple[int, int]] = []

    async def write(writer: int) -> None:
        for number in range(1, each + 1):
            async with committed.unit() as session:
                await session.execute(
                    text(
                        "UPDATE tax_class SET metadata = jsonb_build_object('n', CAST(:n AS text)) WHERE name = :name"
                    ),
                    {"n": str(number), "name": f"Class {writer}"},
                )
            written[writer] = number

    async def keep(changes: Changes) -> None:
        """Reads what every writer has written, and uses it for as long as the looks allow."""
        kept: dict[int, int] = {}
        stamp = 0
        while min(written.values()) < each:
            sure = dict(written)
            looked = await look(changes)
            if not kept or not changes.is_fresh(frozenset({"tax_class"}), stamp):
                async with committed.unit() as session:
                    rows = await session.execute(text("SELECT name, metadata ->> 'n' FROM tax_class"))
                    kept = {int(name.removeprefix("Class ")): int(number or 0) for name, number in rows}
                stamp = looked
            told.extend((kept[writer], number) for writer, number in sure.items())

    await asyncio.gather(*(write(writer) for writer in range(writers)), *(keep(changes) for changes in processes))
    for changes in processes:
        await changes.close()
    assert len(told) > writers
    assert [pair for pair in told if pair[0] < pair[1]] == []


async def test_a_lost_connection_costs_everything_that_was_kept(
    committed: Database, committed_url: DatabaseUrl, changes: Changes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "_REST_SECONDS", 0.0)
    before = await look(changes)
    other = await asyncpg.connect(
        host=committed_url.host,
        port=committed_url.port,
        user=committed_url.user,
        password=committed_url.password,
        database=committed_url.database,
    )
    await other.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await other.close()
    stamps = [await changes.look(), await changes.look()]
    # Whether the first one heard of it in time, the second one has another connection.
    assert stamps[1] is not None
    assert not changes.is_fresh(SETTINGS, before)
    assert changes.is_fresh(SETTINGS, stamps[1])


async def test_without_a_database_nothing_is_known_and_nobody_waits_again() -> None:
    database = Database("postgres://shop:a-password@127.0.0.1:9/shop", pool_size=1)
    changes = Changes(database)
    assert await asyncio.gather(*(changes.look() for _ in range(10))) == [None] * 10
    # One of them tried.
    assert changes.stamp == 1
    await database.close()


async def test_changes_are_swept_an_hour_after_they_were_met(committed: Database, changes: Changes) -> None:
    await rename(committed, "One")

    async def left() -> list[bool]:
        async with committed.unit() as session:
            await sweep(session)
            return list((await session.scalars(text("SELECT met_at IS NOT NULL FROM change_change"))).all())

    async def age(by: timedelta) -> None:
        async with committed.unit() as session:
            await session.execute(text("UPDATE change_change SET met_at = met_at - CAST(:by AS interval)"), {"by": by})

    assert await left() == [True]
    await age(KEPT - timedelta(minutes=1))
    assert await left() == [True]
    await age(timedelta(minutes=2))
    assert await left() == []


async def test_after_a_pause_nothing_that_was_kept_is_trusted(
    changes: Changes, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await look(changes)
    monkeypatch.setattr(looking, "_LONGEST_PAUSE_SECONDS", -1.0)
    after = await look(changes)
    assert not changes.is_fresh(SETTINGS, before)
    assert changes.is_fresh(SETTINGS, after)


async def test_a_restored_backup_does_not_tell_of_changes_for_ever(committed: Database, changes: Changes) -> None:
    # The other server had counted further.
    async with committed.unit() as session:
        await session.execute(
            text("INSERT INTO change_change (transaction_id, table_name) VALUES (1 << 40, 'media_asset')")
        )
    before = await look(changes)
    await look(changes)
    assert changes.is_fresh(frozenset({"media_asset"}), before)


async def test_what_a_statement_reads_is_known_or_it_is_not_kept(changes: Changes) -> None:
    assert changes.topics("SELECT 1") is None
    await look(changes)
    assert changes.topics("SELECT name FROM site_settings") == frozenset({"site_settings"})
    joined = 'SELECT 1 FROM content_page JOIN "content_page_type" USING (id) WHERE EXISTS (SELECT FROM tax_class)'
    assert changes.topics(joined) == frozenset({"content_page", "content_page_type", "tax_class"})
    for topic, tables in TOPICS.items():
        for table in tables:
            assert changes.topics(f"SELECT quantity FROM {table}") == frozenset({topic})
    for unsteady in (
        "SELECT quantity FROM stock_stock, stock_allocation",
        "SELECT 1 FROM site_settings, account_user",
        "SELECT 1 FROM content_page WHERE published_at < now()",
        "SELECT name FROM site_settings ORDER BY random ()",
        "SELECT CURRENT_TIMESTAMP, name FROM site_settings",
        "SELECT 1 FROM procrastinate_jobs",
    ):
        assert changes.topics(unsteady) is None, unsteady


async def test_what_several_tables_tell_together_is_one_row(committed: Database, changes: Changes) -> None:
    async with committed.unit() as session:
        warehouse = await make.warehouse(session, await make.channel(session))
        await make.stock(session, (await make.variant(session)).id, warehouse, quantity=5)
    before = await look(changes)
    async with committed.unit() as session:
        await session.execute(text("UPDATE stock_stock SET quantity_allocated = 1"))
        await session.execute(text("TRUNCATE stock_reservation"))
        told = "SELECT table_name FROM change_change WHERE transaction_id::text = pg_current_xact_id()::text"
        assert (await session.scalars(text(told))).all() == ["stock_left"]
    await look(changes)
    assert not changes.is_fresh(frozenset({"stock_left"}), before)


async def test_a_calendar_that_a_hold_marks_is_told_of_apart_from_its_owner(
    committed: Database, changes: Changes
) -> None:
    async with committed.unit() as session:
        await booking.resource(session)
    owner, time = frozenset({"booking_resource"}), frozenset({"booking_time"})
    marks = "calendar_version = calendar_version + 1"
    for changed, of_owner, of_time in (
        (marks, False, True),
        ("name = name || 'x'", True, False),
        (f"{marks}, name = name || 'x'", True, True),
        ("name = name", False, False),
    ):
        before = await look(changes)
        async with committed.unit() as session:
            await session.execute(text(f"UPDATE booking_resource SET {changed}"))
        await look(changes)
        assert changes.is_fresh(owner, before) is not of_owner, changed
        assert changes.is_fresh(time, before) is not of_time, changed
    assert changes.topics("SELECT name FROM booking_resource") == owner
    assert changes.topics("SELECT booking_resource.calendar_version FROM booking_resource") == owner | time


async def test_a_server_that_never_answers_is_given_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "_LONGEST_LOOK_SECONDS", 0.05)
    heard = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.set()
        # Until the client has gone.
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    database = Database(f"postgres://shop@127.0.0.1:{port}/shop", pool_size=1)
    changes = Changes(database)
    # The driver's own limit is five seconds.
    async with asyncio.timeout(4):
        assert await asyncio.gather(*(changes.look() for _ in range(5))) == [None] * 5
    assert heard.is_set()
    assert changes.stamp == 1
    await database.close()
    server.close()
    await server.wait_closed()
