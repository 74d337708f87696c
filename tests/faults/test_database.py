"""The database goes away while the shop serves: a clear answer meanwhile, and sales again at once when it is back."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import psycopg
import pytest

from shop.kit import ids
from shop.kit.db import Database, DatabaseUrl
from shop.kit.postgres import Cluster, remove, start
from tests.database import Server
from tests.factories import payments
from tests.faults.books import broken, purchases
from tests.faults.conftest import Break
from tests.faults.proxy import Mode, Proxy, proxied
from tests.journeys.running import AMERICAN, PATIENCE, Running, Shopper, make_running, until

BACK_SECONDS = 2.0
# The timeout of a statement and what the driver adds to it, one look for changes, and some room.
LONGEST_ANSWER_SECONDS = 5.0
FIRST_SALE_SECONDS = 5.0
COURSE = ("course-of-3-consultations", "CONSULT-COURSE-3")
LOOK = {"query": "{ shop { name } }"}


async def outage(running: Running, seconds: float) -> list[tuple[float, httpx.Response]]:
    """Every answer to a visitor who asks again and again for so long, each with the seconds that it took."""
    answers = []
    end = time.monotonic() + seconds
    async with httpx.AsyncClient(timeout=20, trust_env=False) as client:
        while time.monotonic() < end:
            began = time.monotonic()
            answer = await client.post(f"{running.url}/graphql/", json=LOOK)
            answers.append((time.monotonic() - began, answer))
            await asyncio.sleep(0.2)
    return answers


async def back(running: Running) -> float:
    """How many seconds it took until a visitor was answered again."""
    began = time.monotonic()
    async with httpx.AsyncClient(timeout=20, trust_env=False) as client:
        while True:
            answer = await client.post(f"{running.url}/graphql/", json=LOOK)
            if answer.status_code == 200:
                assert "errors" not in answer.json()
                return time.monotonic() - began
            assert time.monotonic() - began < 30 * PATIENCE
            await asyncio.sleep(0.1)


def told(answers: list[tuple[float, httpx.Response]]) -> set[tuple[int, str | None, str]]:
    """What was answered: status, Retry-After and error code, each once."""
    found = set()
    for _, answer in answers:
        errors = answer.json().get("errors") or [{"extensions": {"exception": {"code": "none"}}}]
        code = errors[0]["extensions"]["exception"]["code"]
        found.add((answer.status_code, answer.headers.get("Retry-After"), code))
    return found


async def test_away_for_a_while(breakable: Break, rounds: Callable[[int, int], int]) -> None:
    """Connections are reset and refused, or nothing comes back at all: no answer takes longer than the timeouts."""
    world = await breakable(
        ("--worker",),
        SHOP_DATABASE_STATEMENT_TIMEOUT_SECONDS="2",
        SHOP_DATABASE_POOL_TIMEOUT_SECONDS="2",
        SHOP_DATABASE_POOL_SIZE="4",
    )
    running = world.running
    ways: tuple[Mode, ...] = ("refuse", "black-hole")
    for mode in ways:
        shopper = running.shopper()
        await shopper.ready_cart({await shopper.variant(*COURSE): 1})
        await shopper.begin_payment()
        await shopper.pay()
        await world.proxy.set_mode(mode)
        answers = await outage(running, rounds(2, 30))
        assert (await shopper.post("CheckoutComplete", id=shopper.checkout)).status_code == 503
        ready = await shopper.client.get(f"{running.url}/ready")
        assert (ready.status_code, ready.json()["database"]) == (503, "no answer")
        assert (await shopper.client.get(f"{running.url}/health")).status_code == 200
        await world.proxy.set_mode("through")
        assert await back(running) <= BACK_SECONDS * PATIENCE
        order = await shopper.complete()
        assert order["isPaid"] is True
        assert told(answers) == {(503, "2", "ServiceUnavailable")}
        assert max(seconds for seconds, _ in answers) <= LONGEST_ANSWER_SECONDS * PATIENCE
        assert purchases(world.database, running, [shopper.key])[shopper.key].sold
    assert broken(world.database) == []


async def test_the_answer_to_a_commit_is_lost(breakable: Break) -> None:
    """The order is stored, but nobody hears so: whoever asks again is answered with it."""
    world = await breakable()
    running = world.running
    running.fault("webhook_hold", times=1000)
    shopper = running.shopper()
    await shopper.ready_cart({await shopper.variant(*COURSE): 1})
    await shopper.begin_payment()
    await shopper.pay()
    await shopper.process()
    # The first commit ends the look for an open payment, the second one the unit that makes the order.
    hold = world.proxy.hold(2, ["COMMIT;"], after=True)
    request = asyncio.create_task(shopper.post("CheckoutComplete", id=shopper.checkout))
    await asyncio.wait_for(hold.held.wait(), 10)
    world.proxy.cut()
    answer = await request
    assert told([(0, answer)]) == {(503, "2", "ServiceUnavailable")}
    assert purchases(world.database, running, [shopper.key])[shopper.key].sold
    order = await shopper.complete()
    assert (await shopper.complete())["id"] == order["id"]
    assert purchases(world.database, running, [shopper.key])[shopper.key].sold
    assert broken(world.database) == []


@dataclass
class Own:
    """A shop on a cluster of its own, that may be killed; the proxy stays where the shop looks for it."""

    running: Running
    cluster: Cluster
    folder: Path
    url: DatabaseUrl
    channel: str
    variant: str
    proxy: Proxy

    def postmaster(self) -> int:
        """The server's process."""
        return int((self.cluster.home.data / "postmaster.pid").read_text().splitlines()[0])

    def connect(self) -> psycopg.Connection:
        """A way past the proxy."""
        return psycopg.connect(replace(self.url, port=self.cluster.port).psycopg(), autocommit=True)

    async def paid(self) -> Shopper:
        """A shopper who has paid and is on the way back."""
        shopper = self.running.shopper(self.channel)
        await shopper.ready_cart({self.variant: 1}, to=AMERICAN)
        await shopper.begin_payment()
        await shopper.pay()
        return shopper


@pytest.fixture
def own_folder(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() == 0:  # else the database's user could not enter
        for parent in (tmp_path, *tmp_path.parents[:2]):
            parent.chmod(0o755)
    folder = tmp_path / "postgres"
    yield folder
    remove(folder)


@pytest.fixture
async def own(own_folder: Path, tmp_path: Path) -> AsyncIterator[Own]:
    """A small shop on a cluster that nobody else uses."""
    cluster = await asyncio.to_thread(start, own_folder)
    server = Server(cluster.url("postgres"))
    url = server.copy(await asyncio.to_thread(server.template))
    database = Database(url, pool_size=1)
    small = await database.run(payments.shop)
    await database.close()
    async with proxied(url.host, url.port) as proxy:
        behind = replace(url, host="127.0.0.1", port=proxy.port)
        running = make_running(str(behind), tmp_path, tmp_path / "media")
        variant = ids.encode("ProductVariant", small.cream.id)
        made = Own(running, cluster, own_folder, url, small.channel.slug, variant, proxy)
        try:
            running.sandbox.begin()
            running.shop.begin("serve", "--worker")
            await running.sandbox.ready()
            await running.shop.ready()
            yield made
        finally:
            await running.end()
            await asyncio.to_thread(cluster.stop)
            if made.cluster is not cluster:
                await asyncio.to_thread(made.cluster.stop)


async def test_one_backend_and_then_the_whole_server_are_killed(own: Own, rounds: Callable[[int, int], int]) -> None:
    """PostgreSQL restarts itself after the first, and is started again after the second, as a supervisor would."""
    shoppers = [await own.paid() for _ in range(3)]
    with own.connect() as database:
        row = database.execute("SELECT pid FROM pg_stat_activity WHERE application_name = 'shop' LIMIT 1").fetchone()
    assert row is not None
    asked = asyncio.create_task(outage(own.running, 1.5))
    os.kill(row[0], signal.SIGKILL)
    answers = await asked
    assert {answer.status_code for _, answer in answers} <= {200, 503}
    await _sale(own, shoppers[0])

    asked = asyncio.create_task(outage(own.running, 3))
    os.kill(own.postmaster(), signal.SIGKILL)
    own.cluster = await asyncio.to_thread(start, own.folder)
    own.proxy.target = ("127.0.0.1", own.cluster.port)
    await _sale(own, shoppers[1])
    assert {answer.status_code for _, answer in await asked} <= {200, 503}

    if rounds(1, 0):
        await _sale(own, shoppers[2])
    with own.connect() as database:
        # In full rounds the third one never comes back: the worker has found its way to the database again, too.
        keys = [shopper.key for shopper in shoppers]

        def sold() -> bool:
            return all(purchase.sold for purchase in purchases(database, own.running, keys).values())

        await until(sold, 60, pause=0.5)
        assert broken(database) == []


async def _sale(own: Own, shopper: Shopper) -> None:
    """The shopper asks until the answer is an order, and so does somebody new: neither waits long."""
    began = time.monotonic()
    while (await shopper.post("CheckoutComplete", id=shopper.checkout)).status_code == 503:
        assert time.monotonic() - began < FIRST_SALE_SECONDS * PATIENCE
        await asyncio.sleep(0.1)
    assert (await shopper.complete())["isPaid"] is True
    assert time.monotonic() - began < FIRST_SALE_SECONDS * PATIENCE
    await back(own.running)
    new = await own.paid()
    assert (await new.complete())["isPaid"] is True
