"""Growth: what lists cost the database on 200 and on 20,000 products, statement by statement.

Each list is asked through the endpoint, its statements are recorded, and each is executed again under EXPLAIN ANALYZE:
the CPU time of the server's process, planning included, the least of several runs.
"""

import base64
from pathlib import Path
from typing import Any, Final

import orjson

from tests.bench.measure import Results
from tests.bench.replay import Sent, driver_connection, recording
from tests.bench.searches import searches
from tests.bench.shop import CHANNEL, SAVED, Shop

LIMIT_MS: Final = 20.0
_RUNS: Final = 7
_FIRST: Final = 24
_SORTS: Final = ("NAME", "PRICE", "CREATED_AT", "LAST_MODIFIED_AT", "PUBLISHED_AT", "RATING", "TYPE", "PUBLISHED")

Question = tuple[str, dict[str, Any]]


async def questions(shop: Shop) -> dict[str, Question]:
    """Every kind of list, by its name in the table."""
    document = SAVED["ProductList"].text
    counted = document.replace("totalCount", "")

    def listed(text: str = counted, **more: Any) -> Question:
        return text, {"channel": CHANNEL, "first": _FIRST, **more}

    found = {
        "first page": listed(),
        "count": listed(document),
        "last page": (counted, {"channel": CHANNEL, "last": _FIRST}),
        "deep page": listed(after=await _middle(shop)),
        "search, a common word": listed(document, filter={"search": "hair"}),
        "search, two words": listed(document, filter={"search": "ginger oil"}),
        "search, the beginning of a word": listed(document, filter={"search": "gin"}),
    }
    for sort in _SORTS:
        for direction in ("ASC", "DESC"):
            sort_by = {"field": sort, "direction": direction}
            found[f"by {sort} {direction}"] = listed(sortBy=sort_by)
            found[f"by {sort} {direction}, deep page"] = listed(sortBy=sort_by, after=await _cursor(shop, sort))
    category = await _first(shop, "{ categories(first: 1, level: 1) { edges { node { id } } } }", "categories")
    collection = await _first(
        shop, f'{{ collections(first: 1, channel: "{CHANNEL}") {{ edges {{ node {{ id }} }} }} }}', "collections"
    )
    for slug, middle in (("seed-material", 16), ("seed-content", "500")):
        attribute_id = await _attribute(shop, slug)
        for direction in ("ASC", "DESC"):
            sort_by = {"attributeId": attribute_id, "direction": direction}
            found[f"by the attribute {slug} {direction}"] = listed(sortBy=sort_by)
            found[f"by the attribute {slug} {direction}, deep page"] = listed(sortBy=sort_by, after=_at(middle))
            found[f"by the attribute {slug} {direction}, last page"] = (
                counted,
                {"channel": CHANNEL, "last": _FIRST, "sortBy": sort_by},
            )
    for name, filter_ in {
        "by a choice": {"attributes": [{"slug": "seed-material", "values": ["oat"]}]},
        "by a choice of variants": {"attributes": [{"slug": "seed-size", "values": ["small"]}]},
        "by a choice of any attribute": {"attributes": [{"value": {"slug": {"eq": "oat"}}}]},
        "by a number": {"attributes": [{"slug": "seed-content", "valuesRange": {"gte": 100, "lte": 300}}]},
        "by a choice and a number": {
            "attributes": [
                {"slug": "seed-material", "values": ["oat", "silk", "wool"]},
                {"slug": "seed-content", "value": {"numeric": {"range": {"lte": 500}}}},
            ]
        },
        "in a category": {"categories": [category]},
        "in a collection": {"collections": [collection]},
        "of a price": {"price": {"gte": 10, "lte": 15}},
        "of a lowest price": {"minimalPrice": {"gte": 10, "lte": 15}},
        "in stock": {"stockAvailability": "IN_STOCK"},
        "out of stock": {"stockAvailability": "OUT_OF_STOCK"},
        "available": {"isAvailable": True},
        "with metadata": {"metadata": [{"key": "none", "value": "none"}]},
        "changed since": {"updatedAt": {"gte": "2025-12-01T00:00:00+00:00"}},
    }.items():
        found[name] = listed(document, filter=filter_)
    return found


async def _first(shop: Shop, query: str, field: str) -> str:
    found: str = (await shop.ask(query, {}))[field]["edges"][0]["node"]["id"]
    return found


async def _attribute(shop: Shop, slug: str) -> str:
    """The ID of a product's attribute."""
    query = f"""{{ products(channel: "{CHANNEL}", first: 1, filter: {{attributes: [{{slug: "{slug}"}}]}}) {{
      edges {{ node {{ assignedAttribute(slug: "{slug}") {{ attribute {{ id }} }} }} }}
    }} }}"""
    edges = (await shop.ask(query, {}))["products"]["edges"]
    found: str = edges[0]["node"]["assignedAttribute"]["attribute"]["id"]
    return found


async def _middle(shop: Shop) -> str:
    """A cursor in the middle of the list, as a client would hold one after many pages."""
    query = f'{{ products(channel: "{CHANNEL}", first: 1, sortBy: {{field: NAME, direction: ASC}}) {{ totalCount }} }}'
    total = (await shop.ask(query, {}))["products"]["totalCount"]
    # Slugs of seeded products are numbers with leading zeros.
    return _at(f"seed-{total // 2:06}")


def _at(value: Any) -> str:
    """The cursor of a value; the id decides between equal ones."""
    return base64.b64encode(orjson.dumps([value, 0])).decode()


async def _cursor(shop: Shop, sort: str) -> str:
    """The cursor of some product, which stands anywhere."""
    query = """query ($channel: String!, $sortBy: ProductOrder!, $slugs: [String!]) {
      products(channel: $channel, first: 1, filter: {slugs: $slugs}, sortBy: $sortBy) { edges { cursor } } }"""
    slugs = [f"seed-{number:06}" for number in range(90, 110)]
    asked = {"channel": CHANNEL, "sortBy": {"field": sort, "direction": "ASC"}, "slugs": slugs}
    found: str = (await shop.ask(query, asked))["products"]["edges"][0]["cursor"]
    return found


async def slowest(shop: Shop, question: Question) -> tuple[float, str]:
    """The slowest statement of a request: its milliseconds, and its beginning."""
    text, variables = question
    async with recording(shop.database) as found:
        await shop.ask(text, variables)
    async with driver_connection(shop.database) as connection:
        times = [(await _cost(connection, one), one.sql) for one in found.sent]
    worst, sql = max(times)
    return worst, " ".join(sql.split())[:60]


async def _cost(connection: Any, sent: Sent) -> float:
    process = connection.get_server_pid()
    # All of it in one process, whose time is read.
    await connection.execute("SET max_parallel_workers_per_gather = 0")
    times: list[float] = []
    for _ in range(_RUNS):
        before = _cpu_milliseconds(process)
        (row,) = await connection.fetch(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sent.sql}", *sent.arguments)
        if before is None:
            plan = row[0] if isinstance(row[0], list) else orjson.loads(row[0])
            times.append(plan[0]["Execution Time"])
        else:
            times.append((_cpu_milliseconds(process) or before) - before)
    return min(times)


def _cpu_milliseconds(process: int) -> float | None:
    """How long a process has run on a processor, whoever else wanted it; only Linux tells, and only of this machine."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e6
    except OSError:
        return None


async def searching(shop: Shop, results: Results) -> None:
    """How long hundreds of different searches take, each with its page and its count."""
    document = SAVED["ProductList"].text
    slow: list[float] = []
    together: list[float] = []
    for text in searches():
        async with recording(shop.database) as found:
            await shop.ask(document, {"channel": CHANNEL, "first": _FIRST, "filter": {"search": text}})
        async with driver_connection(shop.database) as connection:
            times = [await _cost(connection, one) for one in found.sent]
        slow.append(max(times))
        together.append(sum(times))
    name = f"20,000 products: {len(slow)} searches"
    for part, of, goal in (("p50", 50, None), ("p95", 95, LIMIT_MS), ("the slowest", 100, None)):
        note = f"{_percentile(together, of):.1f} ms with all their statements"
        results.add(f"{name}, {part}", _percentile(slow, of), goal, unit="ms", note=note)


def _percentile(times: list[float], percent: int) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]


async def growth(small: Shop, large: Shop, results: Results) -> None:
    """The slowest statement of each list on the large shop, and on the small one in the note."""
    asked = await questions(large)
    before = await questions(small)
    for name, question in asked.items():
        worst, sql = await slowest(large, question)
        earlier, _ = await slowest(small, before[name])
        note = f"{earlier:.1f} ms on the small shop" + (f"; {sql}" if worst > LIMIT_MS else "")
        results.add(f"20,000 products: {name}", worst, LIMIT_MS, unit="ms", note=note)
    await searching(large, results)
