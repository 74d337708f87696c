"""A database with the demo clinic in it, made once, to be copied by whoever starts a shop."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from shop.blueprint.apply import apply_file
from shop.blueprint.load import DEMO
from shop.kit.db import Database
from tests.database import Server


@dataclass(frozen=True)
class Demo:
    """The name of the database to copy, and the folder of its pictures."""

    database: str
    media: Path


# Folders that import the fixture share what the first of them made.
_made: list[Demo] = []


@pytest.fixture(scope="session")
def demo(postgres: Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo clinic, applied once."""
    if _made:
        yield _made[0]
        return
    media = tmp_path_factory.mktemp("demo-media")
    url = postgres.copy(template)

    async def fill() -> None:
        database = Database(url, pool_size=1, statement_timeout_seconds=60)
        try:
            await apply_file(database, DEMO, media_folder=media)
        finally:
            await database.close()

    asyncio.run(fill())
    _made.append(Demo(url.database, media))
    yield _made[0]
    postgres.drop(url)
