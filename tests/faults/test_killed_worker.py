"""kill -9 of the worker in the middle of a job: another worker finishes what it began, once."""

import asyncio
import time
from collections.abc import Mapping

import httpx

from tests.faults.books import broken, purchases
from tests.faults.conftest import Break, Broken
from tests.journeys.running import AMERICAN, PATIENCE, Shopper, until

HEALED_SECONDS = 60
COURSE = ("course-of-3-consultations", "CONSULT-COURSE-3")
# Each of the payment's events makes the worker look it up: all of them wait.
MANY = 50
SCARCE = ("silk-pillowcase", "PILLOWCASE-DUSK")


def struck(world: Broken) -> bool:
    """Whether a payment is being looked up, and the refund was asked for."""
    left = httpx.get(f"{world.running.sandbox_url}/_sandbox/faults", trust_env=False).json()["data"]
    return [fault["kind"] for fault in left if fault["times"] == MANY] == []


async def paying(world: Broken, variant: str, to: Mapping[str, str] | None = None) -> Shopper:
    """A shopper on the payment page, who will not come back."""
    shopper = world.running.shopper()
    await shopper.ready_cart({variant: 1}, to=to)
    await shopper.begin_payment()
    return shopper


async def test_a_killed_worker_s_jobs_are_finished_by_the_next(breakable: Break) -> None:
    """It dies while it looks a payment up, and while a refund that the provider has made goes unheard."""
    world = await breakable(SHOP_STRIPE_TIMEOUT_SECONDS="2")
    running = world.running
    visitor = running.shopper()
    course, scarce = await visitor.variant(*COURSE), await visitor.variant(*SCARCE)
    looked_up, returned = await asyncio.gather(paying(world, course), paying(world, scarce, AMERICAN))
    # While the second one pays, the goods run out: the money must go back.
    world.database.execute(
        "UPDATE stock_stock SET quantity = 0 WHERE variant_id = (SELECT id FROM catalogue_variant WHERE sku = %s)",
        [SCARCE[1]],
    )
    page = looked_up.page.rpartition("/")[2]
    running.fault("hang_before", path=f"/v1/checkout/sessions/{page}", seconds=30, times=MANY)
    running.fault("hang_after", path="/v1/refunds", method="POST", seconds=2, times=MANY)
    running.worker.begin()
    await asyncio.gather(looked_up.pay(), returned.pay())
    await until(lambda: struck(world), 30)
    running.worker.kill()
    running.no_faults()
    keys = [looked_up.key, returned.key]
    assert not purchases(world.database, running, keys)[looked_up.key].orders

    began = time.monotonic()
    running.worker.begin()

    def healed() -> bool:
        found = purchases(world.database, running, keys)
        return found[looked_up.key].sold and found[returned.key].returned

    await until(healed, HEALED_SECONDS, pause=0.5)
    assert time.monotonic() - began < HEALED_SECONDS * PATIENCE
    assert len(running.stripe("refunds")) == 1
    assert broken(world.database) == []
