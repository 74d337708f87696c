"""What is kept of calendars tells what the rule tells, whatever changes in them and however late it is."""

import random
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.blueprint.apply import apply
from shop.blueprint.load import parse
from shop.booking.actions import Buyer, By, Sold, cancel, convert, locked, reschedule
from shop.booking.actions.hold import hold_slots
from shop.booking.actions.paying import payment_begins, payment_ended
from shop.booking.actions.release import expire, release
from shop.booking.actions.staff import (
    create_time_off,
    delete_time_off,
    set_date_hours,
    set_weekly_hours,
    update_resource,
)
from shop.booking.actions.taking import Wish
from shop.booking.availability import Occupied, Slot, reach, slots_of
from shop.booking.calendars import Book
from shop.booking.errors import BookingError, TooManyDays
from shop.booking.offers import Kept, Offer, Offers, Search, whole_days
from shop.booking.queries import books, of, taken
from shop.booking.queries.calendars import Days, service_facts
from shop.booking.queries.holds import holds_of_purchase
from shop.booking.queries.offered import offered
from shop.booking.rules import Range, blocked_bits, grid_bits, minutes, slot_starts, span_bits
from shop.booking.rules.bitmaps import points, stretches
from shop.kit.db import Database
from shop.kit.db.statements import counting
from shop.kit.errors import Conflict
from shop.kit.money import Money
from tests import factories as make
from tests.booking.test_availability import BEGIN, END, FULL, NOW
from tests.booking.test_availability import books as drawn_books
from tests.factories import booking

MORNING = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


async def by_rule(
    session: AsyncSession, service_id: int, since: datetime, until: datetime, now: datetime
) -> list[Slot]:
    found = await books(of(session), [service_id], Days.around(since, until))
    busy = await taken(of(session), found[service_id].resource_ids, *reach(found, since, until), now=now)
    return slots_of(found.values(), Occupied(busy), since, until, now=now)


async def by_bits(
    session: AsyncSession, kept: Kept, service_id: int, since: datetime, until: datetime, now: datetime
) -> Offers:
    service = await service_facts(of(session), service_id=service_id)
    assert service is not None
    found = await offered(of(session), kept, service, None, since, until, now=now)
    assert found is not None
    return found


def listed(offers: Offers) -> list[Slot]:
    return [slot for together in offers.starting(None, by_start=False) for slot in together]


@settings(deadline=None, max_examples=2000 if FULL else 40)
@given(drawn_books())
def test_bits_are_the_rule(drawn: tuple[Book, Occupied]) -> None:
    book, occupied = drawn
    span = whole_days(BEGIN + 7 * HOUR, END - 5 * HOUR)
    assert span == (BEGIN, END)
    search = Search(book, {key: occupied.busy(key) for key in book.resource_ids}, span)
    found = [(one, search.bits(one)) for one in book.lead]
    kept = [Offer(one.resource_id, one.timezone, bits) for one, bits in found if bits is not None]
    if len(kept) < len(found):
        # Somebody who is there day and night.
        assert any(hours == (("00:00", "24:00"),) for one in book.lead for hours in one.weekly.values())
        return
    offers = Offers.now(book.service, kept, span, BEGIN + 7 * HOUR, END - 5 * HOUR, NOW)
    expected = slots_of([book], occupied, BEGIN + 7 * HOUR, END - 5 * HOUR, now=NOW)
    assert listed(offers) == expected
    firsts = list({slot.start: slot for slot in reversed(expected)}.values())[::-1]
    assert [slot for (slot,) in offers.starting(None, by_start=True)] == firsts
    assert (offers.total(by_start=False), offers.total(by_start=True)) == (len(expected), len(firsts))
    middle = BEGIN + DAY
    later = [slot for together in offers.starting(middle, by_start=False) for slot in together]
    assert later == [slot for slot in expected if slot.start >= middle]


class Clinic:
    """Two services of three people and two rooms, in which anything may happen next."""

    def __init__(self, database: Database, folder: Path, seed: int) -> None:
        self.database = database
        self.folder = folder
        self.dice = random.Random(seed)
        self.now = MORNING
        self.keys = [uuid.uuid4()]
        self.visits: list[uuid.UUID] = []
        self.absences: list[int] = []
        self.events = [
            self.hold,
            self.hold,
            self.hold,
            self.payment_begins,
            self.payment_ends,
            self.pay,
            self.expire,
            self.release,
            self.cancel,
            self.move,
            self.absence,
            self.hours,
        ]

    async def open(self, session: AsyncSession) -> None:
        channel = await make.channel(session)
        people = [await booking.resource(session, hours=[("09:00", "12:00")]) for _ in range(3)]
        rooms = [await booking.resource(session, "ROOM", hours=[]) for _ in range(2)]
        visit = await booking.service(session, channel, people, rooms, lead_min=60, buffer_after_min=15)
        other = await booking.service(session, channel, people[:1])
        self.people, self.rooms = [one.id for one in people], [one.id for one in rooms]
        self.slugs = [one.slug for one in people]
        self.services = [visit.id, other.id]

    async def change(self) -> None:
        """Something happens, or is refused and does not."""
        place = self.dice.randrange(len(self.events) + 2)
        with suppress(BookingError, Conflict):
            if place == len(self.events):
                self.now += timedelta(minutes=self.dice.choice([5, 16, 90]))
            elif place > len(self.events):
                await self.shop_file()
            else:
                await self.database.run(self.events[place])

    def some_start(self) -> datetime:
        return MORNING.replace(hour=9) + self.dice.randrange(4) * DAY + self.dice.randrange(6) * HOUR / 2

    async def hold(self, session: AsyncSession) -> None:
        self.keys.append(uuid.uuid4())
        wish = Wish(uuid.uuid4(), self.dice.choice(self.services), self.some_start(), None, 1)
        await hold_slots(session, self.keys[-1], [wish], client="one", limit=100, now=self.now)

    async def payment_begins(self, session: AsyncSession) -> None:
        await payment_begins(session, self.dice.choice(self.keys), now=self.now)

    async def payment_ends(self, session: AsyncSession) -> None:
        await payment_ended(session, self.dice.choice(self.keys))

    async def pay(self, session: AsyncSession) -> None:
        key = self.dice.choice(self.keys)
        lines = [one.line_id for one in await holds_of_purchase(of(session), key) if one.line_id is not None]
        sold = [Sold(line, uuid.uuid4(), Money(Decimal(60), "USD")) for line in lines]
        converted = await convert(session, key, sold, Buyer(None, "visitor@example.com"), now=self.now)
        self.visits += [one.booking_id for one in converted.booked]

    async def cancel(self, session: AsyncSession) -> None:
        if self.visits:
            found = await locked(session, self.dice.choice(self.visits))
            await cancel(session, found, by=By("CUSTOMER"), now=self.now)

    async def move(self, session: AsyncSession) -> None:
        if self.visits:
            found = await locked(session, self.dice.choice(self.visits))
            await reschedule(session, found, self.some_start(), by=By("CUSTOMER"), now=self.now)

    async def expire(self, session: AsyncSession) -> None:
        await expire(session, self.dice.choice(self.keys), now=self.now)

    async def release(self, session: AsyncSession) -> None:
        found = await holds_of_purchase(of(session), self.dice.choice(self.keys))
        await release(session, [one for one in found if one.is_live])

    async def absence(self, session: AsyncSession) -> None:
        if self.absences and self.dice.random() < 0.5:
            await delete_time_off(session, self.absences.pop())
            return
        start, who = self.some_start(), self.dice.choice(self.people + self.rooms)
        made = await create_time_off(session, who, start, start + HOUR, reason="", now=self.now)
        self.absences.append(made)

    async def hours(self, session: AsyncSession) -> None:
        start, who = self.some_start(), self.dice.choice(self.people)
        match self.dice.randrange(3):
            case 0:
                await set_weekly_hours(session, who, {start.isoweekday(): [("10:00", "14:00")]})
            case 1:
                await set_date_hours(session, who, {start.date(): self.dice.choice([None, (), [("08:00", "10:00")]])})
            case _:
                await update_resource(session, who, {"is_active": self.dice.random() < 0.7})

    async def shop_file(self) -> None:
        """A file is applied that has hours of somebody, or no more than holidays, which are everybody's."""
        if self.dice.random() < 0.5:
            days = ", ".join(
                f'{day}: ["09:00-1{self.dice.randrange(1, 4)}:00"]' for day in ("mon", "tue", "wed", "thu")
            )
            who = self.dice.choice(self.slugs)
            file = f"resources:\n  - {{slug: {who}, name: Example, timezone: UTC, hours: {{{days}}}}}\n"
        else:
            day = self.some_start().date()
            file = f"holidays:\n  - {{day: {day}, name: Holiday}}\n"
        await apply(self.database, parse(file, folder=self.folder), media_folder=self.folder, prune="holidays" in file)


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_changes_the_list_is_the_rule(
    database: Database, tmp_path: Path, rounds: Callable[[int, int], int], seed: int
) -> None:
    clinic, kept, known = Clinic(database, tmp_path, seed), Kept(), 0
    await database.run(clinic.open)
    since, until = MORNING.replace(hour=0), MORNING.replace(hour=0) + 5 * DAY

    async def look(session: AsyncSession) -> int:
        known = 0
        for service_id in clinic.services:
            with counting() as log:
                found = await by_bits(session, kept, service_id, since, until, clinic.now)
            known += log.count == 2
            assert listed(found) == await by_rule(session, service_id, since, until, clinic.now)
        return known

    steps = rounds(15, 400)
    for _ in range(steps):
        await clinic.change()
        known += await database.run(look)
    # Both happened: what was kept was told again, and searched again.
    assert steps / 4 < known < steps * 2 - 5


async def test_a_session_s_time_is_taken_until_its_holds_have_run_out_and_never_kept(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        hands = await booking.resource(session, hours=[("09:00", "12:00")])
        visit = await booking.service(session, channel, [hands], step=60)
        course = await booking.service(session, channel, [hands], step=60, capacity=3)
        nine, kept = MORNING.replace(hour=9), Kept()
        await hold_slots(
            session, uuid.uuid4(), [Wish(uuid.uuid4(), course.id, nine)], client="one", limit=9, now=MORNING
        )
        for now, hours in ((MORNING, [10, 11]), (MORNING + 16 * MINUTE, [9, 10, 11])):
            found = listed(await by_bits(session, kept, visit.id, MORNING, nine + 5 * HOUR, now))
            assert [slot.start.hour for slot in found] == hours
            assert found == await by_rule(session, visit.id, MORNING, nine + 5 * HOUR, now)
        assert len(kept) == 0
        facts = await service_facts(of(session), service_id=course.id)
        assert facts is not None
        # Who comes to what is there already is more than a bit.
        assert await offered(of(session), kept, facts, None, MORNING, nine + DAY, now=MORNING) is None

    await database.run(work)


async def test_too_many_calendars_are_not_searched_at_once(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        visit = await booking.service(session, await make.channel(session))
        role = await session.scalar(text("SELECT role_id FROM booking_role_resource"))
        await session.execute(
            text(
                "WITH made AS (INSERT INTO booking_resource (kind, name, slug, timezone) SELECT 'PRACTITIONER', "
                "'Example ' || n, 'many-' || n, 'UTC' FROM generate_series(1, 700) n RETURNING id, kind) "
                "INSERT INTO booking_role_resource (role_id, resource_id, kind, sort_order) "
                "SELECT :role, id, kind, 1 FROM made"
            ),
            {"role": role},
        )
        with pytest.raises(TooManyDays):
            await by_bits(session, Kept(), visit.id, MORNING, MORNING + 60 * DAY, MORNING)
        assert len(await by_rule(session, visit.id, MORNING, MORNING + DAY, MORNING)) == len(
            listed(await by_bits(session, Kept(), visit.id, MORNING, MORNING + DAY, MORNING))
        )

    await database.run(work)


async def test_the_longest_unused_is_forgotten_first(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        visit = await booking.service(session, await make.channel(session))
        kept = Kept(most=2)

        async def cost(days: int) -> int:
            with counting() as log:
                await by_bits(session, kept, visit.id, MORNING, MORNING.replace(hour=0) + days * DAY, MORNING)
            return log.count

        assert [await cost(days) for days in (1, 2, 1, 3, 1, 2)] == [4, 4, 2, 4, 2, 4]
        assert len(kept) == 2

    await database.run(work)


def test_bits_are_the_numbers() -> None:
    runs = [range(1, 2), range(3, 3), range(7, 100, 31), range(101, 102)]
    assert list(minutes(points(runs))) == [1, 7, 38, 69, 101]
    spans = [(0, 1), (1, 3), (6, 9), (40_000, 40_002)]
    assert list(minutes(stretches(spans))) == [0, 1, 2, 6, 7, 8, 40_000, 40_001]
    assert (points([]), stretches([])) == (0, 0)


def test_starts_are_whole_minutes_after_the_origin() -> None:
    grid = partial(grid_bits, duration_min=60, step_min=30, align="WINDOW_START", timezone="UTC")
    assert list(minutes(grid([(MORNING, MORNING + 2 * HOUR)], MORNING, MORNING + DAY))) == [0, 30, 60]
    with pytest.raises(ValueError, match="no whole minute"):
        grid([(MORNING + timedelta(seconds=30), MORNING + 2 * HOUR)], MORNING, MORNING + DAY)


# In tenths of a minute, so that what is taken begins and ends between minutes, too.
taken_times = st.lists(st.tuples(st.integers(-900, 3000), st.integers(0, 700)), max_size=6)


@settings(deadline=None, max_examples=2000 if FULL else 50)
@given(taken_times, st.sampled_from([0, 10]), st.sampled_from([0, 15]), st.sampled_from([1, 25, 90]))
def test_what_is_blocked_is_what_the_rule_leaves_out(
    times: list[tuple[int, int]], before: int, after: int, duration: int
) -> None:
    tenth, end = timedelta(seconds=6), MORNING + 4 * HOUR
    busy: list[Range] = [(MORNING + start * tenth, MORNING + (start + length) * tenth) for start, length in times]
    blocked = blocked_bits(busy, MORNING, end, duration_min=duration, buffer_before_min=before, buffer_after_min=after)
    free = slot_starts(
        [(MORNING, MORNING + DAY)],
        duration_min=duration,
        step_min=1,
        busy=busy,
        buffer_before_min=before,
        buffer_after_min=after,
        horizon=end,
    )
    assert list(minutes(blocked)) == sorted(set(range(240)) - {(start - MORNING) // MINUTE for start in free})


@pytest.mark.parametrize(
    ("first", "end", "expected"),
    [(0, 3, 0b111), (1, 3, 0b110), (0.5, 2.5, 0b110), (3, 1, 0), (-5, 2, 0b11), (-5, -1, 0)],
)
def test_the_first_minute_counts_and_the_last_does_not(first: float, end: float, expected: int) -> None:
    minute = timedelta(minutes=1)
    assert span_bits(MORNING, MORNING + first * minute, MORNING + end * minute) == expected
