"""The database that a command works on: the one that SHOP_DATABASE_URL names, or the clone's embedded PostgreSQL."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from shop.cli.state import make_folder, with_secrets
from shop.cli.trouble import Trouble
from shop.kit.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")
_NO_SUCH_TABLE_OR_COLUMN = ("42P01", "42703")


def embedded_folder(settings: Settings) -> Path:
    """Where the clone's own cluster lives."""
    return settings.state_folder / "postgres"


@contextmanager
def ready_settings(say: Callable[[str], None] = lambda _: None) -> Iterator[Settings]:
    """Settings that are complete: secrets made where development needs them, `database_url` of a running server.

    An embedded server is started, or attached to, for the length of the block.
    Raises: PostgresFailure, ValidationError (both are explained by the command line).
    """
    settings = with_secrets(Settings())
    if settings.database_url is not None:
        yield settings
        return
    from shop.kit.postgres import start

    make_folder(settings.state_folder)
    with start(embedded_folder(settings), home=settings.pg_home, say=say) as cluster:
        cluster.create_database("shop")
        yield settings.model_copy(update={"database_url": cluster.url("shop")})


@contextmanager
def with_tables() -> Iterator[None]:
    """What the block needs of the database is there; else the person is told how to make it. Raises: Trouble."""
    from shop.kit.db.database import sqlstate

    try:
        yield
    except Exception as error:
        if sqlstate(error) in _NO_SUCH_TABLE_OR_COLUMN:
            raise Trouble("The database lacks tables of this version.", remedy="'shop migrate' makes them.") from error
        raise


def in_database(work: "Callable[[AsyncSession], Awaitable[T]]") -> T:
    """What the work returns, done as one unit in the database of the settings."""
    from shop.kit.db import Database

    async def run(url: str) -> T:
        database = Database(url, pool_size=1)
        try:
            return await database.run(work)
        finally:
            await database.close()

    with ready_settings(note) as settings:
        assert settings.database_url is not None
        return asyncio.run(run(settings.database_url))


def note(text: str) -> None:
    """A remark beside the command's result."""
    click.echo(text, err=True)
