"""Random documents over the real schema and a real database: the engine answers what graphql-core answers."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit import ids
from shop.kit.settings import ExecutionMode, Settings
from tests import factories as make
from tests.api.client import Api
from tests.database import OneConnectionDatabase
from tests.execution.generate import VALUES, Generator

_LOG_ID = re.compile(rb"[0-9a-f]{8,32}")


async def _stocked(session: AsyncSession) -> dict[str, list[Any]]:
    """A small shop is stored; returns what a document may ask for by scalar."""
    channel = await make.channel(session, slug="default-channel")
    known = [ids.encode("Channel", channel.id)]
    category = await make.category(session)
    known.append(ids.encode("Category", category.id))
    for price in ("10.00", "20.00", "30.00"):
        variant = await make.variant(session, channel, price=price, stock=5)
        known += [ids.encode("ProductVariant", variant.id), ids.encode("Product", variant.product_id)]
    page = await make.page(session)
    known.append(ids.encode("Page", page.id))
    menu = await make.menu(session)
    known.append(ids.encode("Menu", menu.id))
    return {
        "ID": [*known, ids.encode("Product", 10**9), "abc"],
        "String": ["default-channel", "default-channel", "none", menu.slug, page.slug, category.slug],
        "Int": [1, 2, 3, 100],
    }


async def test_random_documents_are_answered_alike(
    database: OneConnectionDatabase, settings: Settings, rounds: Callable[[int, int], int]
) -> None:
    values = await database.run(_stocked)
    engine = Api(settings.model_copy(update={"execution": ExecutionMode.ENGINE}), database)
    reference = Api(settings.model_copy(update={"execution": ExecutionMode.REFERENCE}), database)
    engine.graphql.documents.compile_at = 1
    token = await engine.login("staff@example.com", "MANAGE_ORDERS", is_staff=True)
    seen: Counter[str] = Counter()
    for seed in range(rounds(40, 10_000)):
        generator = Generator(engine.graphql.documents.core, seed, {**VALUES, **values})
        text = generator.document()
        variables = generator.variables()
        answers = []
        for api in (reference, engine):
            reply = await api(text, variables, token=token if seed % 2 else None)
            answers.append((reply.status, _LOG_ID.sub(b"#", orjson.dumps(reply.body))))
        assert answers[0] == answers[1], f"{text}\n{variables}"
        assert b"Internal Server Error" not in answers[1][1], f"{text}\n{variables}"
        seen["refused" if reply.status == 400 else "errors" if reply.errors else "clean"] += 1
    stats = engine.graphql.documents.stats
    assert seen["clean"] > rounds(8, 1_500), seen
    assert stats.planned > rounds(8, 1_500), stats
    for api in (engine, reference):
        await api.close()
