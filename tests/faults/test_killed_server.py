"""kill -9 of the server at every point between "pay" and "order".

Each shopper stands at another point when the process dies: before the nth statement of a request, after a COMMIT whose
answer nobody heard, before or after the provider did what it was asked, or on the way back from a payment that the
shop knows nothing of. No webhook comes. After a restart half of them come back and the others do not: with nothing done
by hand, each that paid has one order, and was charged once.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

from tests.faults.books import broken, purchases
from tests.faults.conftest import Break, Broken
from tests.journeys.running import AMERICAN, PATIENCE, Shopper, until

HEALED_SECONDS = 60
SERVED_SECONDS = 5
# A kill takes as many shoppers with it as reach their points before the first one's time is up.
PER_KILL = 40
SKUS = [
    ("gentle-shampoo", "SHAMPOO-250"),
    ("gentle-shampoo", "SHAMPOO-500"),
    ("scalp-serum", "SERUM-30"),
    ("scalp-serum", "SERUM-50"),
    ("wide-tooth-comb", "COMB-POCKET"),
    ("wide-tooth-comb", "COMB-CLASSIC"),
    ("silk-pillowcase", "PILLOWCASE-IVORY"),
    ("silk-pillowcase", "PILLOWCASE-SAGE"),
    ("silk-pillowcase", "PILLOWCASE-DUSK"),
    ("recovery-cap", "CAP-S-M"),
    ("recovery-cap", "CAP-L-XL"),
    ("scalp-sunscreen", "SUNSCREEN-50"),
    ("scalp-sunscreen", "SUNSCREEN-100"),
]
HANG_SECONDS = 3
OPERATIONS = ("TransactionInitialize", "TransactionProcess", "CheckoutComplete")


@dataclass(frozen=True)
class Point:
    """Where a shopper stands when the server dies.

    `where` is the number of a statement, or a fault of the provider, or nothing: no request was under way.
    """

    operation: str
    where: int | str | None = None
    after: bool = False

    @property
    def paid(self) -> bool:
        """Whether the shopper had paid by then."""
        return self.operation != "TransactionInitialize"


Trace = dict[str, list[str]]


def points(trace: Trace, step: int) -> list[Point]:
    """Every `step`th statement, all commits whose answer is lost, and all faults of the provider."""
    found = [Point("nothing")]
    for operation in OPERATIONS:
        statements = trace[operation]
        found += [Point(operation, number) for number in range(1, len(statements) + 1, step)]
        found += [
            Point(operation, number, after=True)
            for number, statement in enumerate(statements, 1)
            if statement.startswith("COMMIT")
        ]
    # Last, so that the provider has come to itself soon after the kill.
    found += [Point(operation, fault) for operation in OPERATIONS for fault in ("hang_before", "hang_after")]
    return found


async def at_the_till(broken_shop: Broken, number: int, variants: list[str], paid: bool) -> Shopper:
    """A shopper who has paid on the hosted page, or is about to ask for it."""
    shopper = broken_shop.running.shopper()
    await shopper.ready_cart({variants[number % len(variants)]: 1 + number % 2}, to=AMERICAN)
    if paid:
        await shopper.begin_payment()
        await shopper.pay()
    return shopper


def request(shopper: Shopper, operation: str) -> Awaitable[httpx.Response]:
    """The operation's request."""
    if operation == "TransactionInitialize":
        return shopper.post(operation, id=shopper.checkout, gateway=shopper.hosted_page)
    return shopper.post(operation, id=shopper.transaction if operation == "TransactionProcess" else shopper.checkout)


async def traced(broken_shop: Broken, variants: list[str]) -> Trace:
    """The statements of each operation, as a purchase without faults sends them."""
    found: Trace = {}
    for operation in OPERATIONS * 2:  # the second time nothing is done for the first time
        shopper = await at_the_till(broken_shop, len(found), variants, paid=operation != "TransactionInitialize")
        broken_shop.proxy.rounds.clear()
        (payload,) = (await request(shopper, operation)).json()["data"].values()
        assert payload["errors"] == []
        found[operation] = list(broken_shop.proxy.rounds)
    return found


async def stand(
    broken_shop: Broken, shopper: Shopper, point: Point, trace: Trace
) -> asyncio.Task[httpx.Response] | None:
    """The shopper's request has come as far as the point, and stays there."""
    if point.where is None:
        return None
    if isinstance(point.where, int):
        hold = broken_shop.proxy.hold(point.where, trace[point.operation], after=point.after)
        task = asyncio.create_task(_send(shopper, point.operation))
        reached = asyncio.create_task(hold.held.wait())
        await asyncio.wait({reached, task}, return_when=asyncio.FIRST_COMPLETED, timeout=10)
        assert hold.held.is_set(), f"{point} was not reached: {trace[point.operation]}"
        assert hold.statement == trace[point.operation][point.where - 1], point
        return task
    broken_shop.running.fault(point.where, path="/v1/checkout/sessions*", seconds=HANG_SECONDS)
    task = asyncio.create_task(_send(shopper, point.operation))
    await until(lambda: _no_fault_left(broken_shop), 10, pause=0.02)
    return task


async def _send(shopper: Shopper, operation: str) -> httpx.Response:
    return await request(shopper, operation)


def _no_fault_left(broken_shop: Broken) -> bool:
    answer = httpx.get(f"{broken_shop.running.sandbox_url}/_sandbox/faults", trust_env=False).json()
    return all(fault["kind"] == "webhook_hold" for fault in answer["data"])


async def comes_back(shopper: Shopper, point: Point) -> str:
    """The shopper does again what was interrupted, and goes on to the order; its ID."""
    if not point.paid:
        while (payload := await shopper.ask("TransactionInitialize", id=shopper.checkout, gateway=shopper.hosted_page))[
            "errors"
        ]:
            # For the provider the first request with this key is still under way.
            assert "please try again" in payload["errors"][0]["message"]
            await asyncio.sleep(0.5)
        await shopper.begin_payment()
        await shopper.pay()
    if point.operation == "TransactionProcess":
        await shopper.process()
    order: str = (await shopper.complete())["id"]
    assert (await shopper.complete())["id"] == order
    return order


async def test_killed_at_any_point_between_pay_and_order(breakable: Break, rounds: Callable[[int, int], int]) -> None:
    world = await breakable(
        SHOP_DATABASE_POOL_SIZE=str(PER_KILL + 10),
        SHOP_DATABASE_STATEMENT_TIMEOUT_SECONDS="30",
        SHOP_DATABASE_LOCK_TIMEOUT_SECONDS="30",
        SHOP_STRIPE_TIMEOUT_SECONDS="30",
    )
    running = world.running
    running.fault("webhook_hold", times=100_000)
    visitor = running.shopper()
    variants = [await visitor.variant(*sku) for sku in SKUS]
    trace = await traced(world, variants)
    chosen = points(trace, rounds(5, 1))
    for start in range(0, len(chosen), PER_KILL):
        await _one_kill(world, chosen[start : start + PER_KILL], variants, trace)


async def _one_kill(world: Broken, chosen: list[Point], variants: list[str], trace: Trace) -> None:
    """All stand at their points, the server dies, and a new one brings everything in order within a minute."""
    running = world.running
    shoppers = await asyncio.gather(
        *(at_the_till(world, number, variants, point.paid) for number, point in enumerate(chosen))
    )
    tasks = [await stand(world, shopper, point, trace) for shopper, point in zip(shoppers, chosen, strict=True)]
    running.shop.kill()
    answers = await asyncio.gather(*filter(None, tasks), return_exceptions=True)
    assert [type(answer) for answer in answers if not isinstance(answer, httpx.TransportError)] == []

    began = time.monotonic()
    await running.shop.start("serve", "--worker")
    pairs = list(zip(shoppers, chosen, strict=True))
    back, away = pairs[::2], pairs[1::2]
    again = time.monotonic()
    await comes_back(*back[0])
    assert time.monotonic() - again < SERVED_SECONDS * PATIENCE
    orders = await asyncio.gather(*(comes_back(*one) for one in back))
    assert len(set(orders)) == len(orders)
    sold = {shopper.key for shopper, _ in back} | {shopper.key for shopper, point in away if point.paid}
    keys = [shopper.key for shopper in shoppers]

    def healed() -> bool:
        found = purchases(world.database, running, keys)
        return all(found[key].sold for key in sold)

    await until(healed, HEALED_SECONDS - (time.monotonic() - began), pause=0.5)
    found = purchases(world.database, running, keys)
    assert {key for key, purchase in found.items() if purchase.sold} == sold
    assert [purchase for key, purchase in found.items() if key not in sold and purchase.charges] == []
    assert broken(world.database) == []
    # The next kill finds a server without a worker, as this one did.
    await running.shop.end()
    await running.shop.start("serve")
