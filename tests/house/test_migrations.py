"""Migrations: from empty, equal to the models, one step down and up again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import psycopg
import pytest
from alembic import command

from shop.cli.migrations import config
from shop.kit.db import DatabaseUrl
from shop.kit.postgres import binaries, start


def test_the_tables_are_those_of_the_models(committed_url: DatabaseUrl) -> None:
    command.check(config(str(committed_url)))


def test_the_newest_step_can_be_undone_and_made_again(committed_url: DatabaseUrl) -> None:
    made = config(str(committed_url))
    command.downgrade(made, "-1")
    command.upgrade(made, "head")
    command.check(made)


def test_all_of_it_can_be_undone(committed_url: DatabaseUrl) -> None:
    made = config(str(committed_url))
    command.downgrade(made, "base")
    command.upgrade(made, "head")


@pytest.mark.race
def test_two_at_once_migrate_one_after_the_other(committed_url: DatabaseUrl, rounds: Callable[[int, int], int]) -> None:
    made = config(str(committed_url))
    command.downgrade(made, "-1")
    with psycopg.connect(committed_url.psycopg(), autocommit=True) as other, ThreadPoolExecutor(1) as threads:
        other.execute("SELECT pg_advisory_lock(7236102)")
        waiting = threads.submit(command.upgrade, made, "head")
        # The full rounds outlast the timeout that locks on tables have.
        wait([waiting], timeout=rounds(1, 6))
        assert not waiting.done()
        other.execute("SELECT pg_advisory_unlock(7236102)")
        waiting.result()
    command.check(made)


OTHERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@pytest.mark.parametrize("programs", OTHERS, ids=[path.parent.name for path in OTHERS])
def test_every_installed_postgresql_takes_them(
    programs: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What `make run` falls back to, and what a host's own server may be: 15 to 18.
    monkeypatch.setattr(binaries, "_candidates", lambda: iter([(programs, False)]))
    with start(open_folder / "postgres") as cluster:
        assert cluster.create_database("shop")
        made = config(cluster.url("shop"))
        command.upgrade(made, "head")
        command.check(made)
        command.downgrade(made, "base")
