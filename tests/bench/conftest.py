"""`--benchmark` runs the whole table; without it the short form checks that no ratio is lost."""

import asyncio
import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from shop.kit.db import DatabaseUrl
from tests.bench.shop import fill
from tests.database import Server

SMALL = 200


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--benchmark", action="store_true", help="measure everything; prints a table, takes minutes")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The whole table is measured by `make bench`, its short form by the tests: never both."""
    long_form = bool(config.getoption("--benchmark", default=False))
    return True if collection_path.name == ("test_ratios.py" if long_form else "test_benchmark.py") else None


@pytest.fixture(scope="session")
def small_shop(postgres: Server, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseUrl]:
    """The demo and 200 made-up products."""
    url = postgres.copy(template)
    asyncio.run(fill(url, tmp_path_factory.mktemp("bench-media"), SMALL))
    yield url
    postgres.drop(url)
    gc.unfreeze()
