"""Many who want the same time, on real connections: exact counts, no deadlock that a caller sees, whole histories.

Each race: so many rivals on 20 connections, so many rounds (short | full).
"""

import asyncio
import random
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

import shop
from shop.booking import actions
from shop.booking.actions import Buyer, By, Sold, Wish
from shop.booking.actions.entitlements import follow_booking
from shop.booking.errors import BookingError, HoldLimit, InvalidState, SlotUnavailable
from shop.booking.events import BookingChanged
from shop.kit.db import Database, lock_purchase
from shop.kit.money import Money
from shop.orders.actions.cancel_booking import free_bookings
from shop.orders.actions.locked import locked_order, purchase_key
from shop.orders.events import OrderCanceled
from tests import factories as make
from tests.factories import booking as clinic
from tests.factories import packages
from tests.factories.orders import unpaid_order
from tests.factories.payments import shop as shop_of_goods

pytestmark = pytest.mark.race
Rounds = Callable[[int, int], int]
T = TypeVar("T")

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
NINE = datetime(2027, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
STAFF, CUSTOMER = By("STAFF"), By("CUSTOMER")
INVARIANTS = (Path(shop.__file__).parent / "booking" / "invariants.sql").read_text(encoding="utf-8")


async def hold(database: Database, wishes: Sequence[Wish], *, key: uuid.UUID | None = None) -> str:
    """`held`, or the code of the refusal."""
    purchase = key or uuid.uuid4()

    async def work(session: AsyncSession) -> str:
        await lock_purchase(session, purchase)
        await actions.hold_slots(session, purchase, wishes, client=str(purchase), limit=9, now=NOW)
        return "held"

    try:
        return await database.run(work)
    except BookingError as error:
        return error.code


async def all_at_once(works: Sequence[Awaitable[T]]) -> list[T]:
    """All of them, twenty at a time: on a busy machine fifty would wait too long for a connection."""
    doors = asyncio.Semaphore(20)

    async def enter(work: Awaitable[T]) -> T:
        async with doors:
            return await work

    order = [enter(work) for work in works]
    random.shuffle(order)
    return list(await asyncio.gather(*order))


async def broken(database: Database) -> list[Any]:
    async def read(session: AsyncSession) -> list[Any]:
        return [tuple(row) for row in await session.execute(text(INVARIANTS.replace(":", r"\:")))]

    return await database.run(read)


async def scalar(database: Database, sql: str) -> Any:
    return await database.run(lambda session: session.scalar(text(sql)))


def wish(service_id: int, start: datetime, **more: Any) -> Wish:
    return Wish(uuid.uuid4(), service_id, start, **more)


def day(number: int) -> timedelta:
    return timedelta(days=number % 80)


async def one_practitioner(session: AsyncSession) -> int:
    hands = await clinic.resource(session, hours=[("00:00", "24:00")])
    return (await clinic.service(session, await make.channel(session), [hands], step=15)).id


async def test_one_of_fifty_gets_the_slot(committed: Database, rounds: Rounds) -> None:
    service_id = await committed.run(one_practitioner)
    for number in range(rounds(2, 200)):
        start = NINE + day(number) + HOUR * (number // 80)
        results = await all_at_once([hold(committed, [wish(service_id, start)]) for _ in range(50)])
        assert Counter(results) == {"held": 1, "SLOT_UNAVAILABLE": 49}
    assert await broken(committed) == []


async def test_overlapping_slots_never_overlap(committed: Database, rounds: Rounds) -> None:
    """20 rivals for starts a quarter of an hour apart, an hour each: at least one, and no two that meet."""
    service_id = await committed.run(one_practitioner)
    for number in range(rounds(2, 200)):
        begin = NINE + day(number) + HOUR * 3 * (number // 80)
        starts = [begin + timedelta(minutes=15 * (place % 7)) for place in range(20)]
        results = await all_at_once([hold(committed, [wish(service_id, start)]) for start in starts])
        assert 1 <= results.count("held") <= 2
        assert set(results) <= {"held", "SLOT_UNAVAILABLE"}
    assert await broken(committed) == []


async def test_two_services_share_a_practitioner(committed: Database, rounds: Rounds) -> None:
    async def prepare(session: AsyncSession) -> tuple[int, int]:
        channel = await make.channel(session)
        hands = await clinic.resource(session)
        short = await clinic.service(session, channel, [hands], duration=30, buffer_before_min=10)
        long = await clinic.service(session, channel, [hands], duration=90)
        return short.id, long.id

    short, long = await committed.run(prepare)
    for number in range(rounds(2, 200)):
        start = NINE + day(number) + HOUR * 2
        wishes = [wish(short if place % 2 else long, start + HOUR / 2 * (place % 2)) for place in range(20)]
        results = await all_at_once([hold(committed, [one]) for one in wishes])
        assert Counter(results) == {"held": 1, "SLOT_UNAVAILABLE": 19}
        await committed.run(lambda session: session.execute(text("DELETE FROM booking_hold")))
    assert await broken(committed) == []


async def test_practitioners_and_rooms_are_taken_together(committed: Database, rounds: Rounds) -> None:
    """Three practitioners, two rooms, 12 carts: two get both, and none keeps one without the other."""

    async def prepare(session: AsyncSession) -> int:
        hands = [await clinic.resource(session) for _ in range(3)]
        rooms = [await clinic.resource(session, "ROOM", hours=()) for _ in range(2)]
        return (await clinic.service(session, await make.channel(session), hands, rooms)).id

    service_id = await committed.run(prepare)
    for number in range(rounds(2, 200)):
        start = NINE + day(number) + HOUR * (number // 80)
        results = await all_at_once([hold(committed, [wish(service_id, start)]) for _ in range(12)])
        assert 1 <= results.count("held") <= 2
        assert set(results) <= {"held", "SLOT_UNAVAILABLE"}
        # Whoever comes when the rush is over gets what it left.
        after = [await hold(committed, [wish(service_id, start)]) for _ in range(2)]
        assert (results + after).count("held") == 2
    assert await broken(committed) == []


async def test_five_seats_for_fifty(committed: Database, rounds: Rounds) -> None:
    async def prepare(session: AsyncSession) -> int:
        return (await clinic.service(session, await make.channel(session), capacity=5)).id

    service_id = await committed.run(prepare)
    for number in range(rounds(2, 200)):
        start = NINE + day(number) + HOUR * (number // 80)
        results = await all_at_once([hold(committed, [wish(service_id, start)]) for _ in range(50)])
        assert Counter(results) == {"held": 5, "CAPACITY": 45}
    assert await broken(committed) == []


async def test_carts_of_three_slots_in_any_order(committed: Database, rounds: Rounds) -> None:
    """Eight carts want the same three slots with two practitioners, each in an order of its own."""

    async def prepare(session: AsyncSession) -> tuple[int, list[int]]:
        hands = [await clinic.resource(session) for _ in range(2)]
        made = await clinic.service(session, await make.channel(session), hands)
        return made.id, [one.id for one in hands]

    service_id, hands = await committed.run(prepare)
    for number in range(rounds(3, 200)):
        start = NINE + day(number) + HOUR * 3 * (number // 80 % 2)
        slots = [(start, hands[0]), (start + HOUR, hands[1]), (start + 2 * HOUR, hands[0])]
        carts = []
        for _ in range(8):
            random.shuffle(slots)
            carts.append([wish(service_id, at, resource_id=who) for at, who in slots])
        results = await all_at_once([hold(committed, cart) for cart in carts])
        assert Counter(results) == {"held": 1, "SLOT_UNAVAILABLE": 7}
        await committed.run(lambda session: session.execute(text("DELETE FROM booking_hold")))
    assert await broken(committed) == []


async def test_an_expired_slot_goes_to_one_of_many(committed: Database, rounds: Rounds) -> None:
    service_id = await committed.run(one_practitioner)
    for number in range(rounds(2, 200)):
        start = NINE + day(number) + HOUR * (number // 80)
        assert await hold(committed, [wish(service_id, start)]) == "held"
        await committed.run(
            lambda session: session.execute(
                text("UPDATE booking_hold SET expires_at = created_at WHERE state = 'ACTIVE'")
            )
        )
        results = await all_at_once([hold(committed, [wish(service_id, start)]) for _ in range(20)])
        assert Counter(results) == {"held": 1, "SLOT_UNAVAILABLE": 19}
    assert await broken(committed) == []


async def test_one_client_cannot_hold_more_than_its_share(committed: Database, rounds: Rounds) -> None:
    service_id = await committed.run(one_practitioner)

    async def greedy(client: str, start: datetime) -> bool:
        async def work(session: AsyncSession) -> None:
            key = uuid.uuid4()
            await lock_purchase(session, key)
            await actions.hold_slots(session, key, [wish(service_id, start)], client=client, limit=3, now=NOW)

        try:
            await committed.run(work)
        except HoldLimit:
            return False
        return True

    for number in range(rounds(2, 50)):
        starts = [NINE + day(number) + HOUR * place for place in range(12)]
        assert sum(await all_at_once([greedy(str(number), start) for start in starts])) == 3
    assert await broken(committed) == []


async def booked(database: Database, service_id: int, start: datetime) -> uuid.UUID:
    async def work(session: AsyncSession) -> uuid.UUID:
        key = uuid.uuid4()
        await lock_purchase(session, key)
        one = wish(service_id, start)
        await actions.hold_slots(session, key, [one], client=str(key), limit=9, now=NOW)
        assert one.line_id is not None
        sold = Sold(one.line_id, uuid.uuid4(), Money(Decimal(60), "USD"))
        converted = await actions.convert(session, key, [sold], Buyer(None, "visitor@example.com"), now=NOW)
        return converted.booked[0].booking_id

    return await database.run(work)


async def attempt(database: Database, booking_id: uuid.UUID, change: Callable[..., Awaitable[Any]]) -> str:
    async def work(session: AsyncSession) -> str:
        changed = await change(session, await actions.locked(session, booking_id))
        return str(changed.status)

    try:
        return await database.run(work)
    except (InvalidState, SlotUnavailable) as error:
        return error.code


async def test_moving_meets_cancelling_meets_attending(committed: Database, rounds: Rounds) -> None:
    """12 callers at one booking: its history is a line, whatever came first."""
    service_id = await committed.run(one_practitioner)

    async def attend(session: AsyncSession, booking: Any) -> Any:
        arrived = await actions.check_in(session, booking, by=STAFF, now=NINE)
        return await actions.complete(session, arrived, by=STAFF, now=NINE)

    for number in range(rounds(3, 200)):
        start = NINE + day(number) + HOUR * 3 * (number // 80)
        booking_id = await booked(committed, service_id, start)

        async def move(session: AsyncSession, booking: Any, start: datetime = start) -> Any:
            target = start + timedelta(minutes=15 * random.randrange(1, 8))
            return await actions.reschedule(session, booking, target, by=CUSTOMER, now=NOW)

        async def cancel(session: AsyncSession, booking: Any) -> Any:
            return await actions.cancel(session, booking, by=CUSTOMER, now=NOW)

        results = await all_at_once(
            [attempt(committed, booking_id, change) for change in (move, cancel, attend) for _ in range(4)]
        )
        outcome = Counter(results)
        assert outcome["CANCELLED"] + outcome["COMPLETED"] == 1
        assert set(outcome) <= {"CANCELLED", "COMPLETED", "CONFIRMED", "INVALID_STATE", "SLOT_UNAVAILABLE"}
    assert await broken(committed) == []


async def test_moves_to_each_others_neighbourhood(committed: Database, rounds: Rounds) -> None:
    """Six bookings move at once to times near one another: none overlap, none are lost."""
    service_id = await committed.run(one_practitioner)
    for number in range(rounds(2, 200)):
        start = NINE + day(number)
        ids = [await booked(committed, service_id, start + HOUR * place) for place in range(6)]

        async def move(session: AsyncSession, booking: Any, start: datetime = start) -> Any:
            target = start + timedelta(minutes=15 * random.randrange(24))
            return await actions.reschedule(session, booking, target, by=CUSTOMER, now=NOW)

        results = await all_at_once([attempt(committed, booking_id, move) for booking_id in ids])
        assert set(results) <= {"CONFIRMED", "SLOT_UNAVAILABLE"}
        assert await scalar(committed, "SELECT count(*) FROM booking_allocation") == 6
        assert await broken(committed) == []

        async def empty(session: AsyncSession, booking: Any) -> Any:
            return await actions.cancel(session, booking, by=STAFF, now=NOW)

        for booking_id in ids:
            assert await attempt(committed, booking_id, empty) == "CANCELLED"


async def test_staff_confirms_once(committed: Database, rounds: Rounds) -> None:
    async def prepare(session: AsyncSession) -> int:
        return (await clinic.service(session, await make.channel(session), confirmation="STAFF")).id

    service_id = await committed.run(prepare)

    async def confirm(session: AsyncSession, booking: Any) -> Any:
        return await actions.confirm(session, booking, by=STAFF, now=NOW)

    async def decline(session: AsyncSession, booking: Any) -> Any:
        return await actions.decline(session, booking, by=STAFF, now=NOW)

    for number in range(rounds(3, 200)):
        booking_id = await booked(committed, service_id, NINE + day(number) + HOUR * (number // 80))
        changes = [confirm] * 5 + [decline] * (5 * (number % 2))
        outcome = Counter(await all_at_once([attempt(committed, booking_id, change) for change in changes]))
        assert outcome["CONFIRMED"] + outcome["DECLINED"] == 1
        assert outcome["INVALID_STATE"] == len(changes) - 1
    assert await broken(committed) == []


async def test_the_last_seat_is_left_and_taken_at_once(committed: Database, rounds: Rounds) -> None:
    """Whoever leaves an empty session closes it; whoever comes at that moment sits in a new one, or in the old."""

    async def prepare(session: AsyncSession) -> int:
        return (await clinic.service(session, await make.channel(session), capacity=2)).id

    service_id = await committed.run(prepare)

    async def cancel(session: AsyncSession, booking: Any) -> Any:
        return await actions.cancel(session, booking, by=CUSTOMER, now=NOW)

    for number in range(rounds(2, 200)):
        start = NINE + day(number) + HOUR * (number // 80)
        booking_id = await booked(committed, service_id, start)
        left, *came = await asyncio.gather(
            attempt(committed, booking_id, cancel), *(hold(committed, [wish(service_id, start)]) for _ in range(2))
        )
        assert left == "CANCELLED"
        assert set(came) <= {"held", "CAPACITY", "SLOT_UNAVAILABLE"}
        assert "held" in came
    assert await broken(committed) == []


async def test_visits_are_called_off_while_their_sessions_pay_for_others(
    committed: Database, rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four orders of two visits each, paid with sessions of two packages, either way round, are cancelled; four more
    are booked meanwhile. No unit runs again, so that a deadlock would be seen.
    """
    monkeypatch.setattr("shop.kit.events._handlers", {BookingChanged: (follow_booking,)})
    monkeypatch.setattr("shop.kit.db.database._ATTEMPTS", 1)

    async def prepare(session: AsyncSession) -> tuple[int, int, list[uuid.UUID], list[uuid.UUID]]:
        sold = await shop_of_goods(session)
        hands = await clinic.resource(session, hours=[("00:00", "24:00")])
        visit = await clinic.service(session, sold.channel, [hands])
        package = await packages.package(session, sold.channel, visit, sessions=1000)
        user = await make.user(session)
        paid = [await packages.entitlement(session, package, now=NOW, user=user) for _ in range(2)]
        orders = [(await unpaid_order(session, of=sold)).key for _ in range(4)]
        return visit.id, user.id, paid, orders

    service_id, user_id, paid, orders = await committed.run(prepare)

    async def spend(key: uuid.UUID, start: datetime, places: Sequence[int]) -> int:
        """Two visits, one after the other, paid with these packages; how many were booked."""
        wishes = [
            wish(service_id, start + HOUR * number, entitlement_id=paid[place]) for number, place in enumerate(places)
        ]
        assert await hold(committed, wishes, key=key) == "held"

        async def work(session: AsyncSession) -> int:
            await lock_purchase(session, key)
            sold = [Sold(one.line_id, uuid.uuid4(), Money(Decimal(0), "USD")) for one in wishes if one.line_id]
            converted = await actions.convert(session, key, sold, Buyer(user_id, "buyer@example.com"), now=NOW)
            return len(converted.booked)

        return await committed.run(work)

    async def call_off(order_id: uuid.UUID) -> int:
        async def work(session: AsyncSession) -> int:
            await locked_order(session, order_id)
            await free_bookings(session, OrderCanceled(order_id))
            return 0

        return await committed.run(work)

    either_way = [(0, 1), (1, 0), (0, 1), (1, 0)]
    keys = await committed.run(lambda session: all_keys(session, orders))
    for number in range(rounds(2, 200)):
        begin = NINE + 8 * HOUR * number
        starts = [begin + 2 * HOUR * place for place in range(8)]
        for key, start, places in zip(keys, starts[4:], either_way, strict=True):
            assert await spend(key, start, places) == 2
        carts = [spend(uuid.uuid4(), start, places) for start, places in zip(starts[:4], either_way, strict=True)]
        done = await all_at_once([call_off(order_id) for order_id in orders] + carts)
        assert sorted(done) == [0, 0, 0, 0, 2, 2, 2, 2]
    left = await scalar(committed, "SELECT array_agg(balance) FROM booking_entitlement")
    assert left == [1000 - 4 * rounds(2, 200)] * 2
    assert await broken(committed) == []


async def all_keys(session: AsyncSession, orders: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    return [await purchase_key(session, order_id) for order_id in orders]
