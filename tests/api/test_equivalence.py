"""Random documents over the real schema and a real database: the engine answers what graphql-core answers."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Final

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.actions import PERMISSIONS
from shop.kit.settings import ExecutionMode, Settings
from tests import factories as make
from tests.api.client import Api
from tests.api.generate import CHANNEL, Known, ShopGenerator
from tests.database import OneConnectionDatabase
from tests.factories import booking, orders

_LOG_ID: Final = re.compile(rb"[0-9a-f]{8,32}")


async def _stocked(session: AsyncSession) -> Known:
    """A small shop is stored; returns what a document may ask for."""
    known = Known()
    channel = await make.channel(session, slug=CHANNEL)
    known.add("Channel", channel.id, channel.slug)
    category = await make.category(session)
    known.add("Category", category.id, category.slug)
    kind = await make.product_type(session)
    known.add("ProductType", kind.id, kind.slug)
    material = await make.attribute(session, kind, slug="material")
    content = await make.attribute(session, kind, slug="content", input_type="NUMERIC")
    size = await make.attribute(session, kind, slug="size", of_variants=True)
    for price in ("10.00", "20.00", "30.00"):
        product = await make.product(session, channel, type=kind, category=category)
        variant = await make.variant(session, channel, product=product, price=price, stock=5)
        for attribute, owner in ((material, product), (content, product), (size, variant)):
            await make.attribute_value(session, attribute, owner, number=5)
        known.add("Product", product.id, product.slug)
        known.add("ProductVariant", variant.id)
    for attribute in (material, content, size):
        known.add("Attribute", attribute.id, attribute.slug)
    collection = await make.collection(session, channel)
    known.add("Collection", collection.id, collection.slug)
    page_type = await make.page_type(session)
    known.add("PageType", page_type.id, page_type.slug)
    page = await make.page(session, kind=page_type)
    known.add("Page", page.id, page.slug)
    menu = await make.menu(session)
    known.add("Menu", menu.id, menu.slug)
    known.add("MenuItem", (await make.menu_item(session, menu)).id)
    await make.comment(session, page)
    treatment = await booking.service(session, channel)
    known.add("BookableService", treatment.id)
    known.add("ProductVariant", treatment.variant_id)
    cart = await make.ready_checkout(session, channel, {variant: 2})
    known.add("Checkout", cart.id)
    known.add("Order", (await orders.unpaid_order(session)).key)
    known.add("Voucher", await make.voucher(session, channel))
    known.add("Promotion", await make.promotion(session, channel))
    return known


async def _callers(api: Api) -> list[str | None]:
    """Tokens of who asks: whoever may do anything most of all, so that most documents have an answer."""
    owner = await api.login("owner@example.com", *PERMISSIONS, is_staff=True)
    staff = await api.login("staff@example.com", "MANAGE_ORDERS", is_staff=True)
    return [*[owner] * 7, staff, await api.login("customer@example.com"), None]


async def test_random_documents_are_answered_alike(
    database: OneConnectionDatabase, settings: Settings, rounds: Callable[[int, int], int]
) -> None:
    known = await database.run(_stocked)
    engine = Api(settings.model_copy(update={"execution": ExecutionMode.ENGINE}), database)
    reference = Api(settings.model_copy(update={"execution": ExecutionMode.REFERENCE}), database)
    engine.graphql.documents.compile_at = 1
    tokens: list[str | None] = []
    seen: Counter[str] = Counter()
    documents = rounds(40, 10_000)
    for seed in range(documents):
        if seed % 500 == 0:
            # Before the last ones expire.
            tokens = await _callers(engine)
        generator = ShopGenerator(engine.graphql.documents.core, seed, known, careful=seed % 11 > 0)
        text = generator.document()
        variables = generator.variables()
        answers = []
        for api in (reference, engine):
            reply = await api(text, variables, token=tokens[seed % len(tokens)])
            answers.append((reply.status, _LOG_ID.sub(b"#", orjson.dumps(reply.body))))
        assert answers[0] == answers[1], f"{text}\n{variables}"
        assert b"Internal Server Error" not in answers[1][1], f"{text}\n{variables}"
        seen["refused" if reply.status == 400 else "errors" if reply.errors else "clean"] += 1
    # Most have an answer, and ways of having none are among them.
    assert seen["clean"] >= documents * 0.6, seen
    assert seen["errors"] + seen["refused"] >= documents // 20, seen
    assert seen["refused"] >= rounds(0, 100), seen
    assert engine.graphql.documents.stats.planned >= documents * 0.6, engine.graphql.documents.stats
    for api in (engine, reference):
        await api.close()
