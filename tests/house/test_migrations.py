"""Migrations: from empty, equal to the models, one step down and up again."""

from alembic import command

from shop.cli.migrations import config
from shop.kit.db import DatabaseUrl


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
