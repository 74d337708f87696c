"""Migrations: from empty, equal to the models, one step down and up again."""

from pathlib import Path

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
