"""Kept answers beside those read anew, while rows of any table change by chance: never a difference.

What follows from which tables is found out, not listed; this is where a statement would show that reads what is not
followed, or keeps an answer for longer than it is true.
"""

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Boolean, Column, DateTime, Integer, Numeric, Table, Text, text
from sqlalchemy.exc import DBAPIError

from shop.blueprint.apply import apply_file
from shop.blueprint.load import DEMO
from shop.kit.db import Base, Database
from shop.kit.resources import graphql_folder
from shop.kit.settings import Settings
from shop.storefront.documents import Documents
from tests.api.client import Api

CHANNEL: Final = {"channel": "default-channel"}
# What a database of the shop's tables holds besides them, and what no visitor could ever be told.
LEFT_OUT: Final = ("account_", "change_", "idempotency_", "mail_")
EXPRESSIONS: Final[dict[type, str]] = {
    Boolean: "NOT {0}",
    Integer: "{0} + 1",
    Numeric: "{0} + 1",
    DateTime: "{0} + interval '1 hour'",
    Text: "{0} || 'x'",
}
Asked = tuple[str, dict[str, Any]]


def _change(table: Table, column: Column[Any]) -> str | None:
    """The change of one row that the database chooses."""
    expression = EXPRESSIONS.get(type(column.type))
    if expression is None:
        return None
    changed = expression.format(f'"{column.name}"')
    chosen = f"SELECT ctid FROM {table.name} ORDER BY random() LIMIT 1"
    return f'UPDATE {table.name} SET "{column.name}" = {changed} WHERE ctid = ({chosen})'


async def _documents(plain: Api) -> list[Asked]:
    """What guests are shown, with variables that find something in the demo."""
    saved = Documents(graphql_folder())

    async def slugs(root: str) -> list[str]:
        found = (await plain(f"{{ {root} {{ edges {{ node {{ slug }} }} }} }}")).data
        return [edge["node"]["slug"] for edge in next(iter(found.values()))["edges"]]

    asked: list[Asked] = [(name, CHANNEL) for name in ("Home", "Layout", "LatestPages", "Sitemap", "BookableServices")]
    asked += [("ProductList", CHANNEL | {"first": 12}), ("LatestComments", {})]
    asked += [("ProductList", CHANNEL | {"first": 12, "filter": {"search": "hair"}})]
    asked += [("AttributeFilters", CHANNEL), ("ChannelDetails", {"slug": "default-channel"})]
    for name, root in (
        ("ProductDetails", 'products(first: 4, channel: "default-channel")'),
        ("CategoryDetails", "categories(first: 2)"),
        ("PageDetails", "pages(first: 3)"),
    ):
        asked += [(name, CHANNEL | {"slug": slug}) for slug in await slugs(root)]
    return [(saved[name].text, variables) for name, variables in asked]


async def test_kept_answers_are_those_that_are_read_anew(
    committed: Database, settings: Settings, tmp_path: Path, rounds: Callable[[int, int], int]
) -> None:
    await apply_file(committed, DEMO, media_folder=tmp_path)
    keeping = settings.model_copy(update={"response_cache_bytes": 4_000_000})
    plain, kept = Api(settings, committed), Api(keeping, committed)
    documents = await _documents(plain)
    tables = [table for table in Base.metadata.sorted_tables if not table.name.startswith(LEFT_OUT)]
    chance = random.Random(20_261_123)
    changed = Counter[str]()
    while changed.total() < rounds(5, 400):
        table = chance.choice(tables)
        columns = [column for column in table.columns if not column.primary_key and not column.foreign_keys]
        change = _change(table, chance.choice(columns)) if columns else None
        if change is None:
            continue
        try:
            async with committed.unit() as session:
                rows = (await session.execute(text(change))).rowcount  # type: ignore[attr-defined]
        except DBAPIError:
            # Not every row may become another.
            continue
        changed[table.name] += rows
        for query, variables in documents if rows else ():
            wanted = await plain(query, variables)
            for _ in range(2):
                assert (await kept(query, variables)).body == wanted.body, (change, query[:80])
    answers = kept.graphql.answers
    # Most of them can be kept, so at least the second time most of them are.
    assert answers.hits > changed.total() * len(documents) / 2
    await plain.close()
    await kept.close()
    await kept.graphql.close()
