"""Pages and what is kept for them: an article as HTML beside its floor, kept answers beside those read anew."""

import itertools
import statistics
import time
from functools import partial
from typing import Any, Final
from unittest.mock import patch

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shop.content.rules import render
from shop.kit import log
from shop.kit.db import DatabaseUrl
from shop.kit.settings import Settings
from shop.storefront.rendering import Pages
from shop.web.app import create_app
from tests.bench.measure import Results, Way, ratio
from tests.bench.replay import Application, driver_connection, recording, replay
from tests.bench.shop import CHANNEL, PRODUCT_LIST, SAVED, Shop, body_of, opened

GOAL_PAGE: Final = 2.0
GOAL_KEPT: Final = 10.0
GOAL_DOCUMENT_MS: Final = 5.0
DOCUMENT_BYTES: Final = 20_000
ROOM: Final = 16 * 1024 * 1024
_ROUNDS: Final = 41
_SCOPE: Final[dict[str, Any]] = {
    "type": "http",
    "method": "GET",
    "query_string": b"",
    "root_path": "",
    "scheme": "http",
    "http_version": "1.1",
    "server": ("127.0.0.1", 8000),
    "client": ("127.0.0.1", 50000),
    "headers": [(b"host", b"shop.test")],
}


async def get(app: ASGIApp, path: str) -> bytes:
    """The body of the application's answer to a visitor without cookies."""
    chunks: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"null", "more_body": False}

    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200, message
        else:
            chunks.append(message.get("body", b""))

    await app({**_SCOPE, "path": path, "raw_path": path.encode(), "state": {}}, receive, answer)
    return b"".join(chunks)


async def kept_answers(
    url: DatabaseUrl, settings: Settings, results: Results, rounds: int, *, only: frozenset[str] = frozenset()
) -> None:
    """What an answer costs that is read anew, in how many times what it costs when it is kept. `only`: of these."""
    keeping = settings.model_copy(update={"response_cache_bytes": ROOM})
    async with opened(url, settings) as anew, opened(url, keeping) as kept:
        asked: dict[str, tuple[str, dict[str, Any]]] = {
            "product list of 12": (PRODUCT_LIST, {"channel": CHANNEL, "first": 12}),
            "product list of 100": (PRODUCT_LIST, {"channel": CHANNEL, "first": 100}),
            "start page": (SAVED["Home"].text, {"channel": CHANNEL}),
            "menus": (SAVED["Layout"].text, {"channel": CHANNEL}),
            "product page": (SAVED["ProductDetails"].text, {"channel": CHANNEL, "slug": await goods(anew)}),
            "article": (SAVED["PageDetails"].text, {"channel": CHANNEL, "slug": await article(anew)}),
        }
        for name, (query, variables) in asked.items():
            if only and name not in only:
                continue
            body = body_of(query, variables)
            assert await kept.send(body) == await anew.send(body) == await kept.send(body)
            times, above, below = await ratio(
                Way(partial(anew.send, body), 2), Way(partial(kept.send, body), 10), rounds
            )
            note = f"{above:.2f} ms of CPU over {below:.2f}, {len(await kept.statements(query, variables))} statement"
            results.add(f"{name}, read anew ÷ kept", times, GOAL_KEPT, at_least=True, note=note)
        await kept.graphql.close()


async def goods(shop: Shop) -> str:
    """The slug of a product of which stock is counted, whose page tells how many are left."""
    found = await shop.ask(
        "query ($c: String!) { products(last: 50, channel: $c) "
        "{ edges { node { slug variants { trackInventory } } } } }",
        {"c": CHANNEL},
    )
    products = [edge["node"] for edge in found["products"]["edges"]]
    return str(next(one["slug"] for one in products if any(each["trackInventory"] for each in one["variants"])))


async def article(shop: Shop) -> str:
    """The slug of the longest article, the demo's."""
    found = await shop.ask(
        "query ($c: String!) { pages(first: 50, channel: $c) { edges { node { slug plainText } } } }", {"c": CHANNEL}
    )
    longest = max((edge["node"] for edge in found["pages"]["edges"]), key=lambda page: len(page["plainText"]))
    return str(longest["slug"])


async def article_page(shop: Shop, results: Results, rounds: int) -> None:
    """The article as a guest sees it ÷ the same statements on the raw driver and the same template, with data at hand.

    Both with nothing kept, and once more with everything kept that may be.
    """
    path = f"/pages/{await article(shop)}"
    # As the served processes of the benchmark: what the log costs depends on where it is written.
    log.configure(shop.settings.model_copy(update={"log_level": "error"}))
    anew = create_app(shop.settings, worker=False, database=shop.database)
    keeping = shop.settings.model_copy(update={"response_cache_bytes": ROOM})
    kept = create_app(keeping, worker=False, database=shop.database)
    rendered: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = []
    # What the page hands to its template is what the floor renders.
    render_page = Pages._render

    def watch(pages: Pages, *args: Any, **context: Any) -> str:
        rendered.append((pages, args, context))
        return render_page(pages, *args, **context)

    await get(anew, path)
    async with recording(shop.database) as found:
        with patch.object(Pages, "_render", watch):
            page = await get(anew, path)
    [(pages, args, context)] = rendered
    async with driver_connection(shop.database) as connection:
        floor = _floor(replay(connection, found.sent, b"null"), partial(render_page, pages, *args, **context))
        assert len(page) - len(await get(floor, path)) < 100
        times, above, below = await ratio(Way(partial(get, anew, path), 2), Way(partial(get, floor, path), 2), rounds)
        note = f"{above:.2f} ms of CPU over {below:.2f}, {len(page) // 1000} kB, {found.statements} statements"
        results.add("article page ÷ its statements and its template", times, GOAL_PAGE, note=note)
    await get(kept, path)
    times, above, below = await ratio(Way(partial(get, anew, path), 2), Way(partial(get, kept, path), 2), rounds)
    note = f"{above:.2f} ms of CPU over {below:.2f}"
    results.add("article page, read anew ÷ with answers kept", times, note=note)
    await kept.state.graphql.close()


def _floor(statements: Application, template: partial[str]) -> ASGIApp:
    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        async def instead(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {"type": "http.response.body", "body": template().encode()}
            await send(message)

        await statements(scope, receive, instead)

    return run


async def document(shop: Shop, results: Results) -> None:
    """20 kB of the article's blocks, made HTML: checked, cleaned and rendered."""
    found = await shop.ask(
        "query ($slug: String!) { page(slug: $slug) { contentBlocks } }", {"slug": await article(shop)}
    )
    content = found["page"]["contentBlocks"]
    blocks = itertools.cycle(content["blocks"])
    content["blocks"] = []
    while len(orjson.dumps(content)) < DOCUMENT_BYTES:
        content["blocks"].append(next(blocks))
    samples = []
    for _ in range(_ROUNDS):
        started = time.process_time()
        html = render(content)
        samples.append((time.process_time() - started) * 1000)
    assert len(html) > DOCUMENT_BYTES // 2
    note = f"of CPU, {len(content['blocks'])} blocks"
    results.add("20 kB of blocks as HTML", statistics.median(samples), GOAL_DOCUMENT_MS, unit="ms", note=note)
