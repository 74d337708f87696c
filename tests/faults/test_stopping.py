"""SIGTERM while shoppers are served: whoever was heard is answered, and the process ends soon after."""

import asyncio
import time

import httpx

from tests.faults.books import broken, purchases
from tests.faults.conftest import Break
from tests.journeys.running import PATIENCE, Running

COURSE = ("course-of-3-consultations", "CONSULT-COURSE-3")
DRAINED_SECONDS = 10
VISITORS = 20
LOOK = {"query": '{ products(first: 10, channel: "default-channel") { edges { node { name } } } }'}


async def visit(client: httpx.AsyncClient, running: Running, answered: list[int]) -> None:
    """Asks again and again until nobody listens any more. Any other failure is an error."""
    while True:
        try:
            answered.append((await client.post(f"{running.url}/graphql/", json=LOOK)).status_code)
        except httpx.ConnectError:
            return


async def test_nobody_who_was_heard_goes_without_an_answer(breakable: Break) -> None:
    world = await breakable(("--worker",))
    running = world.running
    shoppers = [running.shopper() for _ in range(4)]
    for shopper in shoppers:
        await shopper.ready_cart({await shopper.variant(*COURSE): 1})
        await shopper.begin_payment()
        await shopper.pay()
    answered: list[int] = []
    # A connection for each request: one on an old connection may meet its end, which HTTP lets clients try again.
    once = httpx.Limits(max_keepalive_connections=0)
    client = httpx.AsyncClient(timeout=30, trust_env=False, limits=once)
    visitors = [asyncio.create_task(visit(client, running, answered)) for _ in range(VISITORS)]
    while len(answered) < VISITORS * 2:
        await asyncio.sleep(0.05)
    completing = [asyncio.create_task(shopper.complete()) for shopper in shoppers]
    await asyncio.sleep(0.02)
    began = time.monotonic()
    assert await running.shop.end() == 0
    assert time.monotonic() - began < DRAINED_SECONDS * PATIENCE
    await asyncio.gather(*visitors)
    await client.aclose()
    assert set(answered) == {200}
    orders = await asyncio.gather(*completing)
    assert len({order["id"] for order in orders}) == len(shoppers)
    found = purchases(world.database, running, [shopper.key for shopper in shoppers])
    assert all(purchase.sold for purchase in found.values())
    assert broken(world.database) == []
