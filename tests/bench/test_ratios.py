"""The short form of `make bench`: ratios alone, with room for a noisy machine. It fails when one of them is lost."""

from typing import Final

from shop.kit.db import DatabaseUrl
from shop.kit.settings import Settings
from tests.bench import ratios
from tests.bench.measure import Results
from tests.bench.pages import kept_answers
from tests.bench.shop import opened

# What is kept at least: the measured ratio and a third of it as room for neighbours, cold caches and few rounds.
AT_MOST: Final = {"product list of 12 ": 2.2, "product list of 100 ": 1.9, "checkoutLinesAdd": 3.3, "statements": 8}
AT_LEAST: Final = {"execution alone, 12 ": 10.0, "execution alone, 100 ": 15.0, "menus, read anew ÷ kept": 10.0}
KEPT: Final = frozenset({"menus"})
ROUNDS: Final = 7


async def test_no_ratio_is_lost(small_shop: DatabaseUrl, settings: Settings) -> None:
    results = Results()
    async with opened(small_shop, settings) as shop:
        for measured in (ratios.product_list, ratios.execution_alone, ratios.cart):
            await measured(shop, results, ROUNDS)
        stats = shop.graphql.documents.stats
        assert (stats.fallbacks, stats.unplanned.total()) == (0, 0), stats
    await kept_answers(small_shop, settings, results, ROUNDS, only=KEPT)
    judged = 0
    for one in results.found:
        for start, bound in AT_MOST.items():
            if one.name.startswith(start):
                assert one.value <= bound, results.table()
                judged += 1
        for start, bound in AT_LEAST.items():
            if one.name.startswith(start):
                assert one.value >= bound, results.table()
                judged += 1
    assert judged == len(results.found) == len(AT_MOST) + len(AT_LEAST)
