"""Webhooks over HTTP to a real server: a storm of the same one, and those that nobody of Stripe's has signed."""

import asyncio
import json
import time
from collections.abc import Callable

import httpx

from shop.sandbox.deliveries import signature_header
from tests.faults.books import broken, purchases
from tests.faults.conftest import Break
from tests.journeys.running import WEBHOOK_SECRET, until

COURSE = ("course-of-3-consultations", "CONSULT-COURSE-3")


async def test_a_storm_of_one_event_and_forgeries_of_it(breakable: Break, rounds: Callable[[int, int], int]) -> None:
    world = await breakable(("--worker",))
    running = world.running
    running.fault("webhook_hold", times=1000)
    shopper = running.shopper()
    await shopper.ready_cart({await shopper.variant(*COURSE): 1})
    await shopper.begin_payment()
    await shopper.pay()
    told = next(event for event in running.stripe("events") if event["type"] == "checkout.session.completed")
    body = json.dumps(told)
    now = int(time.time())
    async with httpx.AsyncClient(timeout=30, trust_env=False, limits=httpx.Limits(max_connections=None)) as stripe:

        async def send(signature: str | None, text: str = body) -> int:
            headers = {} if signature is None else {"Stripe-Signature": signature}
            answer = await stripe.post(f"{running.url}/webhooks/stripe", content=text, headers=headers)
            return answer.status_code

        good = signature_header(body, WEBHOOK_SECRET, now)
        forged = [
            await send(None),
            await send(""),
            await send("t=1,v1=00"),
            await send(signature_header(body, "whsec_of_somebody_else", now)),
            await send(signature_header(body, WEBHOOK_SECRET, now - 3600)),
            await send(good, body.replace('"paid"', '"unpaid"')),
            await send(good, ""),
        ]
        assert forged == [400] * len(forged)
        assert world.database.execute("SELECT count(*) FROM payment_webhook_event").fetchall() == [(0,)]
        assert purchases(world.database, running, [shopper.key])[shopper.key].orders == ()

        storm = rounds(50, 500)
        assert await asyncio.gather(*(send(good) for _ in range(storm))) == [200] * storm
        await until(lambda: purchases(world.database, running, [shopper.key])[shopper.key].sold, 10)
        assert await send(good) == 200
    assert world.database.execute("SELECT count(*) FROM payment_webhook_event").fetchall() == [(1,)]
    counted = "SELECT count(*) FROM payment_transaction_event WHERE type = 'CHARGE_SUCCESS'"
    assert world.database.execute(counted).fetchall() == [(1,)]
    # What Stripe held back meanwhile, and sends late, changes nothing.
    before = world.database.execute("SELECT id, updated_at FROM order_order").fetchall()
    running.no_faults()
    await until(lambda: not _undelivered(running.sandbox_url), 20)
    await until(lambda: world.database.execute(_UNHANDLED).fetchall() == [(0,)], 20)
    assert world.database.execute("SELECT id, updated_at FROM order_order").fetchall() == before
    assert purchases(world.database, running, [shopper.key])[shopper.key].sold
    assert broken(world.database) == []


_UNHANDLED = "SELECT count(*) FROM payment_webhook_event WHERE handled_at IS NULL"


def _undelivered(sandbox_url: str) -> list[object]:
    found = httpx.get(f"{sandbox_url}/_sandbox/deliveries", trust_env=False).json()["data"]
    return [one for one in found if one["state"] != "delivered"]
