"""The ratios: lists against hand-written ones, the engine against graphql-core, carts against the raw driver.

Each function measures one of them over an open shop and adds its lines to the results.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

import orjson
from sqlalchemy import text

from shop.api.core.context import ANONYMOUS, Context
from shop.api.core.errors import to_wire
from shop.api.core.schema import make_schema
from shop.execution import Documents, execute_document
from shop.kit import clock
from shop.kit.ids import decode_int, decode_uuid
from shop.kit.settings import ExecutionMode
from shop.web.graphql import limits
from tests.bench.floors import ProductListFloor
from tests.bench.measure import Results, Way, ratio
from tests.bench.replay import RowsAtHand, driver_connection, recording, replay
from tests.bench.shop import CHANNEL, PRODUCT_LIST, SAVED, Shop, body_of, send
from tests.compat.storefront import DOCUMENTS as FOREIGN

GOAL_OF_SIZE: Final = {12: 1.8, 100: 1.5}
GOAL_ALONE: Final = {12: 15.0, 100: 25.0}
GOAL_CART: Final = 2.0
GOAL_STATEMENTS: Final = 8
GOAL_PAGE: Final = 2.5
GOAL_CHECKOUT: Final = 5.0

# Everything a document may ask of a product list, in one place, so that all sizes are asked alike.
_LISTED: Final[dict[str, Any]] = {"channel": CHANNEL}


async def product_list(shop: Shop, results: Results, rounds: int) -> None:
    """The storefront's list through the endpoint ÷ the same list by hand; the number of its statements."""
    async with driver_connection(shop.database) as connection:
        for size, goal in GOAL_OF_SIZE.items():
            body = body_of(PRODUCT_LIST, _LISTED | {"first": size})
            answer = await shop.send(body)
            cost = orjson.loads(answer)["extensions"]["cost"]
            floor = ProductListFloor(connection, shop.settings.public_url or "", cost)
            assert await send(floor, body) == answer, "the floor answers the same bytes"
            repeats = 4 if size < 50 else 1
            found, above, below = await ratio(
                Way(partial(shop.send, body), repeats), Way(partial(send, floor, body), repeats), rounds
            )
            note = f"{above:.2f} ms of CPU over {below:.2f}"
            results.add(f"product list of {size} ÷ hand-written floor", found, goal, note=note)
    counts = {size: len(await shop.statements(PRODUCT_LIST, _LISTED | {"first": size})) for size in (1, *GOAL_OF_SIZE)}
    assert len(set(counts.values())) == 1, f"statements depend on the number of rows: {counts}"
    results.add("statements per product list, any size", counts[100], GOAL_STATEMENTS)


async def execution_alone(shop: Shop, results: Results, rounds: int) -> None:
    """graphql-core ÷ engine over the real schema with recorded rows: no driver, no HTTP, one answer."""
    for size, goal in GOAL_ALONE.items():
        variables = _LISTED | {"first": size}
        async with recording(shop.database) as found:
            await shop.ask(PRODUCT_LIST, variables)
        reader = RowsAtHand(shop.database, found)

        async def run(
            mode: ExecutionMode, reader: RowsAtHand, variables: dict[str, Any]
        ) -> Callable[[], Awaitable[bytes]]:
            schema = make_schema(mode)
            documents = Documents(schema, limits(shop.settings))

            async def once() -> bytes:
                context = Context(
                    database=shop.database,
                    settings=shop.settings,
                    reader=reader,
                    caller=ANONYMOUS,
                    now=clock.now(),
                    base_url=shop.settings.public_url or "",
                )
                reply = await execute_document(
                    schema, documents, PRODUCT_LIST, variables, None, context, format_error=to_wire
                )
                assert not reply.errors, reply.errors[:1]
                return orjson.dumps(reply.data)

            await once()
            return once

        reference = await run(ExecutionMode.REFERENCE, reader, variables)
        engine = await run(ExecutionMode.ENGINE, reader, variables)
        assert await reference() == await engine(), "both answer alike"
        times, above, below = await ratio(Way(reference), Way(engine, 5), rounds)
        note = f"{above:.1f} ms of CPU over {below:.2f}"
        results.add(f"execution alone, {size} products: graphql-core ÷ engine", times, goal, at_least=True, note=note)


async def cart(shop: Shop, results: Results, rounds: int) -> None:
    """`checkoutLinesAdd` with the whole cart as its answer ÷ the same statements on the raw driver."""
    listed = await shop.ask(PRODUCT_LIST, _LISTED | {"first": 100})
    variants = [
        variant["id"]
        for edge in listed["products"]["edges"]
        if edge["node"]["isAvailable"]
        for variant in edge["node"]["variants"][:1]
    ]
    made = {"input": {"channel": CHANNEL, "lines": [{"variantId": variants[0], "quantity": 1}]}}
    created = (await shop.ask(SAVED["CheckoutCreate"].text, made))["checkoutCreate"]
    assert not created["errors"], created
    checkout = created["checkout"]["id"]
    key, added = decode_uuid(checkout, "Checkout"), decode_int(variants[1], "ProductVariant")
    variables = {"id": checkout, "lines": [{"variantId": variants[1], "quantity": 1}]}
    body = body_of(SAVED["CheckoutLinesAdd"].text, variables)
    clear = text("DELETE FROM checkout_line WHERE checkout_id = :key AND variant_id = :variant")

    async def take_out() -> None:
        async with shop.database.unit() as session:
            await session.execute(clear, {"key": key, "variant": added})

    async with recording(shop.database) as found:
        answer = await shop.send(body)
    assert b'"errors":[]' in answer, answer[:500]
    async with driver_connection(shop.database) as connection:
        floor = replay(connection, found.sent, answer)
        times, above, below = await ratio(
            Way(partial(shop.send, body), before=take_out), Way(partial(send, floor, body), before=take_out), rounds
        )
    note = f"{above:.2f} ms of CPU over {below:.2f}, {found.statements} statements"
    results.add("checkoutLinesAdd ÷ raw driver", times, GOAL_CART, note=note)


async def documents(shop: Shop, results: Results, rounds: int) -> None:
    """What else a storefront asks, each ÷ its own statements on the raw driver."""
    listed = await shop.ask(PRODUCT_LIST, _LISTED | {"first": 100})
    nodes = [edge["node"] for edge in listed["products"]["edges"]]
    variant = next(node["variants"][0]["id"] for node in nodes if node["isAvailable"] and node["variants"])
    made = {"input": {"channel": CHANNEL, "lines": [{"variantId": variant, "quantity": 2}]}}
    created = (await shop.ask(SAVED["CheckoutCreate"].text, made))["checkoutCreate"]["checkout"]
    line = created["lines"][0]["id"]
    pages = await shop.ask(
        "query ($c: String!) { pages(first: 1, channel: $c) { edges { node { slug } } } }", {"c": CHANNEL}
    )
    page = pages["pages"]["edges"][0]["node"]["slug"]
    checkout = {"id": created["id"]}
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        "product details": ("ProductDetails", {"slug": nodes[50]["slug"], "channel": CHANNEL}),
        "product list of the demo, 12": ("ProductList", _LISTED | {"first": 12}),
        "search": ("ProductList", _LISTED | {"first": 12, "filter": {"search": "hair"}}),
        "start page": ("Home", _LISTED),
        "menus": ("Layout", _LISTED),
        "article": ("PageDetails", {"slug": page, "channel": CHANNEL}),
        "checkout": ("CheckoutDetails", checkout),
        "checkoutCreate": ("CheckoutCreate", made),
        "checkoutLinesUpdate": ("CheckoutLinesUpdate", checkout | {"lines": [{"lineId": line, "quantity": 3}]}),
        "checkoutEmailUpdate": ("CheckoutEmailUpdate", checkout | {"email": "shopper@example.com"}),
    }
    async with driver_connection(shop.database) as connection:
        for name, (document, variables) in asked.items():
            body = body_of(SAVED[document].text, variables)
            await shop.ask(SAVED[document].text, variables)
            async with recording(shop.database) as found:
                answer = await shop.send(body)
            # A new cart cannot be made twice with one id: nothing of the floor's transactions stays.
            floor = replay(connection, found.sent, answer, keep=document != "CheckoutCreate")
            times, above, below = await ratio(
                Way(partial(shop.send, body), 2), Way(partial(send, floor, body), 2), rounds
            )
            note = f"{above:.2f} ms of CPU over {below:.2f}, {found.statements} statements"
            results.add(f"{name} ÷ raw driver", times, note=note)


async def foreign(shop: Shop, results: Results, rounds: int) -> None:
    """The heavy pages of a storefront that is not ours, each ÷ its own statements on the raw driver."""
    listed = await shop.ask(PRODUCT_LIST, _LISTED | {"first": 100})
    nodes = [edge["node"] for edge in listed["products"]["edges"]]
    sold = [node["variants"][0]["id"] for node in nodes if node["isAvailable"] and node["variants"]]
    made = {"input": {"channel": CHANNEL, "lines": [{"variantId": variant, "quantity": 1} for variant in sold[:3]]}}
    created = (await shop.ask(SAVED["CheckoutCreate"].text, made))["checkoutCreate"]["checkout"]
    common = {"channel": CHANNEL, "language": "DE", "first": 12}
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        "list of 12": ("Browse", common),
        "product page": ("ProductPage", common | {"slug": nodes[50]["slug"]}),
        "checkout": ("BasketRead", {"id": created["id"]}),
    }
    async with driver_connection(shop.database) as connection:
        for name, (document, variables) in asked.items():
            body = body_of(FOREIGN[document].text, variables)
            await shop.ask(FOREIGN[document].text, variables)
            async with recording(shop.database) as found:
                answer = await shop.send(body)
            floor = replay(connection, found.sent, answer)
            times, above, below = await ratio(
                Way(partial(shop.send, body), 2), Way(partial(send, floor, body), 2), rounds
            )
            note = f"{above:.2f} ms of CPU over {below:.2f}, {found.statements} statements"
            results.add(f"foreign storefront, {name} ÷ raw driver", times, GOAL_PAGE, note=note)
    # `checkout` was asked last: a storefront asks for it up to nine times a page.
    results.add("foreign storefront, checkout", above, GOAL_CHECKOUT, unit="ms")
