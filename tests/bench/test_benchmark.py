"""The long form, `make bench`: prints the table and writes `tests/bench/results.json`."""

import sys
from pathlib import Path
from typing import Final

from shop.kit.db import DatabaseUrl
from shop.kit.settings import Settings
from tests.bench import pages, ratios
from tests.bench.booking import slots
from tests.bench.growth import growth
from tests.bench.guard import guard
from tests.bench.measure import Results
from tests.bench.serving import serving
from tests.bench.shop import fill, opened
from tests.database import Server

ROUNDS: Final = 31
LARGE: Final = 20_000


async def test_the_table(
    small_shop: DatabaseUrl, postgres: Server, template: str, tmp_path: Path, settings: Settings
) -> None:
    results = Results()
    async with opened(small_shop, settings) as small:
        for measured in (ratios.product_list, ratios.execution_alone, ratios.cart, ratios.documents, ratios.foreign):
            await measured(small, results, ROUNDS)
        stats = small.graphql.documents.stats
        results.add("documents that left their plan", stats.fallbacks + stats.unplanned.total(), 0)
        guard(results)
        await pages.article_page(small, results, ROUNDS)
        await pages.document(small, results)
    await pages.kept_answers(small_shop, settings, results, ROUNDS)
    await serving(small_shop, tmp_path, results)
    url = postgres.copy(template)
    try:
        async with opened(url, settings) as clinics:
            await slots(clinics, results, ROUNDS)
    finally:
        postgres.drop(url)
    url = postgres.copy(template)
    try:
        await fill(url, tmp_path / "media", LARGE)
        async with opened(small_shop, settings) as small, opened(url, settings) as large:
            await growth(small, large, results)
    finally:
        postgres.drop(url)
    results.write()
    sys.__stdout__.write(f"\n{results.table()}\n")  # type: ignore[union-attr]
