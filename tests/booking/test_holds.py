"""Holding slots: what is taken, what is refused and why, what runs out, and what a cart gives back."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.actions.hold import hold_slots
from shop.booking.actions.paying import payment_begins, payment_ended, renew
from shop.booking.actions.release import expire, release
from shop.booking.actions.staff import set_date_hours
from shop.booking.actions.taking import Wish
from shop.booking.availability import Occupied, slots_of
from shop.booking.errors import (
    BeyondHorizon,
    HoldExpired,
    HoldLimit,
    LeadTime,
    OutsideAvailability,
    SessionFull,
    SlotUnavailable,
)
from shop.booking.models import Allocation, Hold, Holiday, Resource, Seat, Session
from shop.booking.queries import books, of, taken
from shop.booking.queries.calendars import Days
from shop.booking.queries.holds import HoldRow, holds_by_line, holds_of_purchase
from shop.booking.queries.taken import BUSY, TAKEN
from shop.kit.db import Database
from shop.kit.db.reader import prepare
from shop.kit.db.statements import counting
from tests import factories as make
from tests.factories import booking

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
NINE = datetime(2027, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = uuid.UUID(int=1)
LINE = uuid.UUID(int=2)


@pytest.fixture(autouse=True)
def nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """What payments do about a hold that runs out is tested with them; here they have not heard of it."""
    monkeypatch.setattr("shop.kit.events._handlers", {})


async def hold(session: AsyncSession, service_id: int, start: datetime = NINE, **more: Any) -> HoldRow:
    wish = Wish(more.pop("line", None) or uuid.uuid4(), service_id, start, more.pop("who", None), more.pop("seats", 1))
    options: dict[str, Any] = {"client": "one", "limit": 10, "now": NOW, "key": KEY} | more
    (made,) = await hold_slots(session, options.pop("key"), [wish], **options)
    return made


async def offered(session: AsyncSession, service_id: int, *, now: datetime = NOW) -> list[str]:
    since = NINE.replace(hour=0)
    until = since + timedelta(days=1)
    found = await books(of(session), [service_id], Days.around(since, until))
    resources = found[service_id].resource_ids
    busy = Occupied(await taken(of(session), resources, since - HOUR, until + HOUR, now=now))
    return [f"{slot.start:%H:%M}" for slot in slots_of(found.values(), busy, since, until, now=now)]


async def count(session: AsyncSession, model: type) -> int:
    return int(await session.scalar(select(func.count()).select_from(model)) or 0)


async def test_a_held_slot_is_nobody_elses_and_its_neighbours_keep_the_buffers(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        hands = await booking.resource(session, hours=[("09:00", "13:00")])
        visit = await booking.service(session, channel, [hands], duration=60, step=30, buffer_after_min=15)
        assert await offered(session, visit.id) == ["09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "12:00"]
        made = await hold(session, visit.id, NINE + HOUR, line=LINE)
        assert (made.start, made.end, made.resource_id) == (NINE + HOUR, NINE + 2 * HOUR, hands.id)
        assert made.expires_at == NOW + timedelta(minutes=15)
        # 10:00 to 11:00, then a quarter of an hour of rest; a visit before it has its own quarter of an hour.
        assert await offered(session, visit.id) == ["11:30", "12:00"]
        for start in (NINE, NINE + HOUR, NINE + HOUR * 1.5):
            with pytest.raises(SlotUnavailable):
                await hold(session, visit.id, start)
        assert await count(session, Hold) == await count(session, Allocation) == 1
        (stored,) = (await session.execute(select(Resource.calendar_version))).scalars()
        assert stored == 1
        await release(session, await holds_of_purchase(of(session), KEY))
        assert len(await offered(session, visit.id)) == 7
        assert await count(session, Allocation) == 0
        assert (await holds_by_line(of(session), [LINE]))[LINE].state == "RELEASED"

    await database.run(work)


async def test_what_cannot_be_held_says_why_and_takes_nothing(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        hands = await booking.resource(session, hours=[("09:00", "12:00")])
        visit = await booking.service(session, channel, [hands], step=30, lead_min=120, horizon_days=10)
        session.add(Holiday(day=date(2027, 3, 4), name="Example day"))
        await session.flush()
        today = NOW.replace(hour=9)
        for start, refused in (
            (today, LeadTime),
            (NINE + timedelta(minutes=10), OutsideAvailability),
            (NINE + 2.5 * HOUR, OutsideAvailability),
            (NINE + timedelta(days=2), OutsideAvailability),
            (NINE + timedelta(days=10), BeyondHorizon),
        ):
            with pytest.raises(refused):
                await hold(session, visit.id, start)
        # Ten dates after today's may be booked, and a start exactly two hours ahead.
        await hold(session, visit.id, NINE + timedelta(days=9))
        await hold(session, visit.id, today + HOUR)
        assert await count(session, Hold) == 2

    await database.run(work)


async def test_a_room_without_hours_is_there_but_on_dates_of_its_own(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        hands = await booking.resource(session, hours=[("09:00", "11:00")])
        room = await booking.resource(session, "ROOM", hours=[])
        visit = await booking.service(session, await make.channel(session), [hands], [room])
        # A holiday closes what has hours; nothing else is to be seen around it.
        session.add(Holiday(day=date(2027, 3, 5), name="Example day"))
        await session.flush()
        assert await offered(session, visit.id) == ["09:00", "09:30", "10:00"]
        for day, hours, expected in (
            (NINE.date() + timedelta(days=1), (), ["09:00", "09:30", "10:00"]),
            (NINE.date(), [("09:30", "24:00")], ["09:30", "10:00"]),
            (NINE.date(), (), []),
        ):
            await set_date_hours(session, room.id, {day: hours})
            assert await offered(session, visit.id) == expected

    await database.run(work)


async def test_a_line_moves_its_hold_or_keeps_it(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        visit = await booking.service(session, channel, step=30)
        first = await hold(session, visit.id, line=LINE)
        again = await hold(session, visit.id, line=LINE, now=NOW + timedelta(minutes=5))
        assert again == first
        # Onto its own overlapping time.
        moved = await hold(session, visit.id, NINE + HOUR / 2, line=LINE)
        assert moved.id != first.id
        assert (
            await offered(session, visit.id)
            == [f"{hour:02}:{minute:02}" for hour in range(10, 17) for minute in (0, 30)][1:-1]
        )
        with pytest.raises(OutsideAvailability):
            await hold(session, visit.id, NINE - HOUR, line=LINE)
        states = await session.execute(select(Hold.state).order_by(Hold.created_at, Hold.state))
        assert sorted(states.scalars()) == ["ACTIVE", "RELEASED"]

    await database.run(work)


async def test_one_client_holds_so_much(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        visit = await booking.service(session, channel, step=60)
        for number in range(3):
            await hold(session, visit.id, NINE + number * HOUR, limit=3)
        with pytest.raises(HoldLimit):
            await hold(session, visit.id, NINE + 3 * HOUR, limit=3)
        await hold(session, visit.id, NINE + 3 * HOUR, client="two", limit=3)
        # What has run out does not count.
        await hold(session, visit.id, NINE + 4 * HOUR, limit=3, now=NOW + timedelta(minutes=16))

    await database.run(work)


async def test_what_ran_out_is_taken_by_who_wants_it_unless_it_is_being_paid(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        visit = await booking.service(session, channel)
        later = NOW + timedelta(minutes=16)
        first = await hold(session, visit.id, line=LINE)
        assert "09:00" in await offered(session, visit.id, now=later)
        second = await hold(session, visit.id, client="two", key=uuid.UUID(int=9), now=later)
        assert (await holds_by_line(of(session), [LINE]))[LINE].state == "RELEASED"
        assert first.id != second.id
        await payment_begins(session, second.purchase_key, now=later)
        much_later = later + timedelta(minutes=40)
        assert "09:00" not in await offered(session, visit.id, now=much_later)
        with pytest.raises(SlotUnavailable):
            await hold(session, visit.id, now=much_later)
        await expire(session, second.purchase_key, now=much_later)
        (expiring,) = await holds_of_purchase(of(session), second.purchase_key)
        assert expiring.state == "EXPIRING"
        with pytest.raises(SlotUnavailable):
            await hold(session, visit.id, now=much_later)
        with pytest.raises(HoldExpired):
            await payment_begins(session, second.purchase_key, now=much_later)
        await payment_ended(session, second.purchase_key)
        assert await holds_of_purchase(of(session), second.purchase_key) == []
        await hold(session, visit.id, now=much_later)

    await database.run(work)


async def test_a_payment_renews_twice_and_an_ended_one_makes_it_an_ordinary_hold(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        visit = await booking.service(session, channel)
        await hold(session, visit.id)
        expected = [35, 45, 45]
        for minutes, expiry in zip((0, 10, 14), expected, strict=True):
            now = NOW + timedelta(minutes=minutes)
            await payment_begins(session, KEY, now=now)
            (held,) = await holds_of_purchase(of(session), KEY)
            assert held.expires_at == NOW + timedelta(minutes=expiry)
            assert held.payment_open
        assert list((await session.execute(select(Allocation.expires_at))).scalars()) == [held.expires_at]
        await payment_ended(session, KEY)
        (held,) = await holds_of_purchase(of(session), KEY)
        assert (held.state, held.payment_open) == ("ACTIVE", False)
        await expire(session, KEY, now=held.expires_at)
        assert await holds_of_purchase(of(session), KEY) == []
        with pytest.raises(HoldExpired):
            await renew(session, [held], now=held.expires_at)

    await database.run(work)


async def test_several_roles_are_served_by_whoever_is_free(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        hands = [await booking.resource(session) for _ in range(3)]
        rooms = [await booking.resource(session, "ROOM", hours=()) for _ in range(2)]
        visit = await booking.service(session, channel, hands, rooms, step=60)
        held = [await hold(session, visit.id, client=str(number)) for number in range(2)]
        assert [one.resource_id for one in held] == [hands[0].id, hands[1].id]
        rows = await session.execute(select(Allocation.resource_id).order_by(Allocation.resource_id))
        assert list(rows.scalars()) == sorted([hands[0].id, hands[1].id, *(room.id for room in rooms)])
        # The third practitioner is free; no room is.
        with pytest.raises(SlotUnavailable):
            await hold(session, visit.id, client="three")
        assert "09:00" not in await offered(session, visit.id)

    await database.run(work)


async def test_seats_of_a_session_are_shared_and_the_last_one_that_leaves_closes_it(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        hands = await booking.resource(session)
        other = await booking.service(session, channel, [hands])
        course = await booking.service(session, channel, [hands], capacity=3)
        keys = [uuid.uuid4() for _ in range(3)]
        first = await hold(session, course.id, key=keys[0], seats=2)
        assert "09:00" not in await offered(session, other.id)
        assert "09:00" in await offered(session, course.id)
        with pytest.raises(SessionFull):
            await hold(session, course.id, key=keys[1], seats=2)
        second = await hold(session, course.id, key=keys[1])
        assert second.session_id == first.session_id
        assert "09:00" not in await offered(session, course.id)
        assert [await count(session, model) for model in (Session, Seat, Allocation)] == [1, 3, 1]
        await release(session, [first])
        assert await count(session, Seat) == 1
        third = await hold(session, course.id, key=keys[2], seats=2)
        numbers = await session.execute(select(Seat.seat_no).where(Seat.hold_id == third.id).order_by(Seat.seat_no))
        assert list(numbers.scalars()) == [1, 2]
        await release(session, [second])
        await release(session, [third])
        assert [await count(session, model) for model in (Session, Seat, Allocation)] == [0, 0, 0]
        assert "09:00" in await offered(session, other.id)

    await database.run(work)


async def test_seats_that_ran_out_are_given_again(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        hands = await booking.resource(session)
        other = await booking.service(session, channel, [hands])
        course = await booking.service(session, channel, [hands], capacity=2)
        later = NOW + timedelta(minutes=16)
        await hold(session, course.id, seats=2)
        await hold(session, course.id, seats=2, now=later)
        assert [await count(session, model) for model in (Session, Seat)] == [1, 2]
        # Nobody sits there any more: another service may have the time.
        much_later = later + timedelta(minutes=16)
        assert "09:00" in await offered(session, other.id, now=much_later)
        await hold(session, other.id, now=much_later)
        assert [await count(session, model) for model in (Session, Seat, Allocation)] == [0, 0, 1]

    await database.run(work)


async def test_a_hold_is_few_statements_and_three_are_no_more(database: Database) -> None:
    async def prepare(session: AsyncSession) -> int:
        visit = await booking.service(session, await make.channel(session), step=60)
        return visit.id

    service_id = await database.run(prepare)
    counts = []
    for number, starts in enumerate(([NINE], [NINE + HOUR * hour for hour in (1, 2, 3)])):
        wishes = [Wish(uuid.uuid4(), service_id, start) for start in starts]

        async def work(session: AsyncSession, wishes: list[Wish] = wishes, number: int = number) -> int:
            with counting() as log:
                await hold_slots(session, uuid.UUID(int=number), wishes, client=str(number), limit=9, now=NOW)
            return log.count

        counts.append(await database.run(work))
    assert counts == [7, 7]


async def test_a_seat_is_a_statement_more_in_a_new_session_and_in_one_that_is_there(database: Database) -> None:
    async def prepare(session: AsyncSession) -> int:
        return (await booking.service(session, await make.channel(session), capacity=6)).id

    service_id = await database.run(prepare)

    async def cost(seats: list[int], number: int) -> int:
        wishes = [Wish(uuid.uuid4(), service_id, NINE, seats=count) for count in seats]

        async def work(session: AsyncSession) -> int:
            with counting() as log:
                await hold_slots(session, uuid.UUID(int=number), wishes, client=str(number), limit=9, now=NOW)
            return log.count

        return await database.run(work)

    assert [await cost(seats, number) for number, seats in enumerate(([1], [1], [1, 2]))] == [8, 8, 8]
    with pytest.raises(SessionFull) as refused:
        await cost([2], 5)
    assert refused.value.params == {"left": 1}

    async def sit(session: AsyncSession) -> list[tuple[int, int]]:
        found = await session.execute(
            text("SELECT seat_no, count(*) OVER (PARTITION BY hold_id) FROM booking_seat ORDER BY 1")
        )
        return [(row[0], row[1]) for row in found]

    assert await database.run(sit) == [(1, 1), (2, 1), (3, 1), (4, 2), (5, 2)]


@pytest.mark.parametrize("statement", [TAKEN, BUSY])
async def test_time_is_looked_up_by_the_index_that_excludes(database: Database, statement: Select[Any]) -> None:
    async def work(session: AsyncSession) -> None:
        hands = await booking.resource(session)
        await session.execute(
            text(
                "INSERT INTO booking_allocation (resource_id, during, kind, external_uid)"
                " SELECT :who, tstzrange(at, at + interval '50 minutes'), 'EXTERNAL', 'uid'"
                " FROM generate_series(timestamptz '2027-01-01', '2027-12-31', '1 hour') AS at"
            ),
            {"who": hands.id},
        )
        await session.execute(text("ANALYZE booking_allocation"))
        prepared = prepare(statement)
        given = {"resource_ids": [hands.id], "since": NINE, "until": NINE + timedelta(days=1), "now": NOW}
        if "service_id" in prepared.names:
            given["service_id"] = 1
        raw = await (await session.connection()).get_raw_connection()
        driver: Any = raw.driver_connection
        plan = await driver.fetch(f"EXPLAIN {prepared.sql}", *prepared.arguments(given))
        lines = "\n".join(row[0] for row in plan)
        # A value of another integer type would not be looked up but compared.
        assert "ex_booking_allocation_resource_id_busy" in lines
        assert "Seq Scan on booking_allocation" not in lines

    await database.run(work)
