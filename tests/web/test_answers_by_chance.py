"""Kept answers beside those read anew, while rows of any table change and time goes by, by chance: never a difference.

What follows from which tables is found out, not listed; this is where a statement would show that reads what is not
followed, or keeps an answer for longer than it is true.
"""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Boolean, Column, DateTime, Integer, Numeric, Table, Text, text
from sqlalchemy.exc import DBAPIError

from shop.blueprint.apply import apply_file
from shop.blueprint.load import DEMO
from shop.kit import clock
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
# Mostly none: what is kept must be used. The others lead over the ends of holds and over starts that come too close.
STEPS: Final = (*[timedelta()] * 4, timedelta(seconds=20), timedelta(minutes=7), timedelta(hours=5))
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

    asked: list[Asked] = [(name, CHANNEL) for name in ("Home", "Layout", "LatestPages", "Sitemap")]
    asked += [("ProductList", CHANNEL | {"first": 12}), ("LatestComments", {})]
    asked += [("ProductList", CHANNEL | {"first": 12, "filter": {"search": "hair"}})]
    asked += [("BookableServices", CHANNEL | {"first": 10}), ("ChannelDetails", {"slug": "default-channel"})]
    [category] = (await plain("{ categories(first: 1) { edges { node { id } } } }")).data["categories"]["edges"]
    asked += [("AttributeFilters", CHANNEL | {"category": category["node"]["id"], "first": 20, "choices": 20})]
    now = clock.now()
    for service in await _services(plain):
        wanted = {"serviceId": service["id"], "timezone": "Europe/Berlin"}
        day = {"from": now.isoformat(), "to": (now + timedelta(days=1)).isoformat(), "groupBy": "START"}
        asked += [("AvailableSlots", wanted | CHANNEL | day | {"first": 100})]
        asked += [("AvailableDates", wanted | {"from": str(now.date()), "to": str(now.date() + timedelta(days=30))})]
    for name, root in (
        ("ProductDetails", 'products(last: 2, channel: "default-channel")'),
        ("ProductDetails", 'products(first: 2, channel: "default-channel")'),
        ("CategoryDetails", "categories(first: 2)"),
        ("PageDetails", "pages(first: 3)"),
    ):
        asked += [(name, CHANNEL | {"slug": slug}) for slug in await slugs(root)]
    return [(saved[name].text, variables) for name, variables in asked]


async def _services(api: Api) -> list[dict[str, Any]]:
    query = '{ bookableServices(first: 2, channel: "default-channel") { edges { node { id variantId } } } }'
    return [edge["node"] for edge in (await api(query)).data["bookableServices"]["edges"]]


async def _buyers(api: Api) -> None:
    """Carts that keep goods and hold times for a while."""
    goods = (
        await api(
            '{ products(first: 30, channel: "default-channel") { edges { node { variants { id trackInventory } } } } }'
        )
    ).data
    variants = [one for edge in goods["products"]["edges"] for one in edge["node"]["variants"]]
    for one in [one for one in variants if one["trackInventory"]][:2]:
        await _put(api, {"variantId": one["id"], "quantity": 1})
    for service in await _services(api):
        free = await api(
            "query ($service: ID!) { availableSlots(serviceId: $service, first: 1) { edges { node { token } } } }",
            {"service": service["id"]},
        )
        [slot] = free.data["availableSlots"]["edges"]
        booking = {"slotToken": slot["node"]["token"]}
        await _put(api, {"variantId": service["variantId"], "quantity": 1, "booking": booking})


async def _put(api: Api, line: dict[str, Any]) -> None:
    made = await api(
        "mutation ($input: CheckoutCreateInput!) { checkoutCreate(input: $input) { errors { code message } } }",
        {"input": CHANNEL | {"lines": [line]}},
    )
    assert made.data == {"checkoutCreate": {"errors": []}}


async def test_kept_answers_are_those_that_are_read_anew(
    committed: Database,
    settings: Settings,
    tmp_path: Path,
    rounds: Callable[[int, int], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await apply_file(committed, DEMO, media_folder=tmp_path)
    async with committed.unit() as session:
        await session.execute(text("UPDATE site_settings SET reserve_minutes_guest = 20"))
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    keeping = settings.model_copy(update={"response_cache_bytes": 4_000_000})
    plain, kept, other = Api(settings, committed), Api(keeping, committed), Api(keeping, committed)
    await _buyers(plain)
    documents = await _documents(plain)
    tables = [table for table in Base.metadata.sorted_tables if not table.name.startswith(LEFT_OUT)]
    chance = random.Random(20_261_123)
    changed = Counter[str]()
    while changed.total() < rounds(3, 200):
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
            for api in (kept, kept, other):
                assert (await api(query, variables)).body == wanted.body, (change, now, query[:80])
        now += chance.choice(STEPS)
    answers = kept.graphql.answers
    topics = frozenset[str]().union(*(answer.topics for answer in answers._answers.values()))
    assert topics >= {"booking_time", "stock_left"}
    # Most of them can be kept, so at least the second time most of them are.
    assert answers.hits > changed.total() * len(documents) / 2
    for api in (plain, kept, other):
        await api.close()
        await api.graphql.close()
