"""Bookings: made of holds, moved, cancelled, attended; each change with its event, nothing twice."""

import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking import actions
from shop.booking.actions import Buyer, By, Converted, Sold, Wish
from shop.booking.errors import HoldExpired, InvalidState, LeadTime, OutsideAvailability, SlotUnavailable
from shop.booking.models import Allocation, BookingEvent, Seat, Service, Session
from shop.booking.queries import of
from shop.booking.queries.bookings import BookingRow, bookings_of_purchase
from shop.booking.queries.holds import holds_by_line, holds_of_purchase
from shop.booking.terms import FREE_CANCELLATION
from shop.kit.db import Database
from shop.kit.money import Money
from tests import factories as make
from tests.factories import booking as clinic

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
NINE = datetime(2027, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = uuid.UUID(int=1)
BUYER = Buyer(None, "visitor@example.com")
STAFF, CUSTOMER = By("STAFF"), By("CUSTOMER")


async def sell(session: AsyncSession, *lines: uuid.UUID, key: uuid.UUID = KEY, now: datetime = NOW) -> Converted:
    sold = [Sold(line, uuid.uuid4(), Money(Decimal(60), "USD")) for line in lines]
    return await actions.convert(session, key, sold, BUYER, now=now)


async def book(
    session: AsyncSession, service: Service, start: datetime = NINE, *, key: uuid.UUID = KEY, seats: int = 1
) -> BookingRow:
    line = uuid.uuid4()
    await actions.hold_slots(
        session, key, [Wish(line, service.id, start, seats=seats)], client=str(key), limit=50, now=NOW
    )
    ((made),) = (await sell(session, line, key=key)).booked
    return await actions.locked(session, made.booking_id)


async def events(session: AsyncSession, booking_id: uuid.UUID) -> list[tuple[Any, ...]]:
    rows = await session.execute(
        select(
            BookingEvent.booking_version,
            BookingEvent.type,
            BookingEvent.from_status,
            BookingEvent.to_status,
            BookingEvent.actor,
        )
        .where(BookingEvent.booking_id == booking_id)
        .order_by(BookingEvent.id)
    )
    return [tuple(row) for row in rows]


async def busy(session: AsyncSession) -> list[tuple[Any, ...]]:
    rows = await session.execute(
        select(Allocation.kind, Allocation.resource_id, func.lower(Allocation.during)).order_by(Allocation.id)
    )
    return [tuple(row) for row in rows]


async def test_what_was_held_is_booked_with_the_terms_of_the_day(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        policy = await clinic.cancellation_policy(session, (1440, "100"), (120, "50"), fee="5.00", no_show="80")
        hands = await clinic.resource(session, timezone="Europe/Berlin")
        visit = await clinic.service(
            session,
            await make.channel(session),
            [hands],
            policy_id=policy.id,
            deposit_kind="PERCENT",
            deposit_percent=Decimal(25),
        )
        made = await book(session, visit)
        assert (made.status, made.version, made.start, made.end) == ("CONFIRMED", 1, NINE, NINE + HOUR)
        assert (str(made.price_amount), str(made.deposit_amount), made.currency) == ("60.000", "15.000", "USD")
        assert made.policy_snapshot == {
            "tiers": [{"minNoticeMinutes": 1440, "percent": "100.00"}, {"minNoticeMinutes": 120, "percent": "50.00"}],
            "fee": {"amount": "5.000", "currency": "USD"},
            "noShowPercent": "80.00",
        }
        assert made.service_snapshot["durationMinutes"] == 60
        (local,) = await session.execute(text("SELECT local_start, tzdata_version <> '' FROM booking_booking"))
        assert tuple(local) == (datetime(2027, 3, 2, 10, 0), True)  # noqa: DTZ001 - the clock on the wall
        assert await busy(session) == [("BOOKING", hands.id, NINE)]
        assert await events(session, made.id) == [(1, "BOOKED", None, "CONFIRMED", "CUSTOMER")]
        assert await holds_of_purchase(of(session), KEY) == []

    await database.run(work)


async def test_sold_again_or_never_held(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        visit = await clinic.service(session, await make.channel(session))
        with pytest.raises(HoldExpired):
            await sell(session, uuid.uuid4())
        line = uuid.uuid4()
        await actions.hold_slots(session, KEY, [Wish(line, visit.id, NINE)], client="one", limit=9, now=NOW)
        await sell(session, line)
        assert (await holds_by_line(of(session), [line]))[line].state == "CONVERTED"
        # A second delivery of the same payment finds it booked: it takes nothing anew.
        assert [one.line_id for one in (await sell(session, line)).lost] == [line]
        assert len(await bookings_of_purchase(of(session), KEY)) == 1

    await database.run(work)


async def test_paid_after_release_takes_the_slot_again_or_loses_that_line_alone(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        visit = await clinic.service(session, await make.channel(session), lead_min=60)
        lines = [uuid.uuid4(), uuid.uuid4()]
        wishes = [Wish(line, visit.id, NINE + number * HOUR) for number, line in enumerate(lines)]
        await actions.hold_slots(session, KEY, wishes, client="one", limit=9, now=NOW)
        await actions.expire(session, KEY, now=NOW + HOUR)
        assert await busy(session) == []
        # Somebody was faster with the first; the notice for the second is too short by now, and was given in time.
        await actions.hold_slots(
            session, uuid.UUID(int=9), [Wish(uuid.uuid4(), visit.id, NINE)], client="two", limit=9, now=NOW + HOUR
        )
        converted = await sell(session, *lines, now=NINE + HOUR / 2)
        assert [one.line_id for one in converted.lost] == [lines[0]]
        (made,) = await bookings_of_purchase(of(session), KEY)
        assert (made.id, made.start) == (converted.booked[0].booking_id, NINE + HOUR)

    await database.run(work)


async def test_each_state_allows_its_changes_alone(database: Database) -> None:
    changes: dict[str, Callable[..., Awaitable[BookingRow]]] = {
        "confirm": actions.confirm,
        "decline": actions.decline,
        "check in": actions.check_in,
        "complete": actions.complete,
        "no show": actions.mark_no_show,
        "cancel": actions.cancel,
    }
    allowed = {
        "PENDING_APPROVAL": {"confirm": "CONFIRMED", "decline": "DECLINED", "cancel": "CANCELLED"},
        "CONFIRMED": {"check in": "CHECKED_IN", "no show": "NO_SHOW", "cancel": "CANCELLED"},
        "CHECKED_IN": {"complete": "COMPLETED"},
        "COMPLETED": {},
        "DECLINED": {},
        "NO_SHOW": {},
        "CANCELLED": {},
    }

    async def work(session: AsyncSession) -> None:
        visit = await clinic.service(session, await make.channel(session), confirmation="STAFF")
        made = await book(session, visit)
        assert made.status == "PENDING_APPROVAL"
        reached = {"PENDING_APPROVAL": made}
        for status, targets in allowed.items():
            here = reached[status]
            for name, change in changes.items():
                async with session.begin_nested() as savepoint:
                    # The row as it would be in this state, with as many versions.
                    await session.execute(
                        text(
                            "UPDATE booking_booking SET status = :status, version = :version,"
                            " cancelled_by = CASE WHEN :status = 'CANCELLED' THEN 'STAFF' END WHERE id = :id"
                        ),
                        {"status": status, "version": 50, "id": here.id},
                    )
                    current = await actions.locked(session, here.id)
                    if name in targets:
                        changed = await change(session, current, by=STAFF, now=NINE)
                        assert (changed.status, changed.version) == (targets[name], 51)
                        reached.setdefault(changed.status, changed)
                        # The same change of what was read before finds another booking.
                        with pytest.raises(InvalidState):
                            await change(session, current, by=STAFF, now=NINE)
                    else:
                        with pytest.raises(InvalidState):
                            await change(session, current, by=STAFF, now=NINE)
                        assert (await actions.locked(session, here.id)).version == 50
                    await savepoint.rollback()
        assert await events(session, made.id) == [(1, "BOOKED", None, "PENDING_APPROVAL", "CUSTOMER")]

    await database.run(work)


async def test_cancelling_frees_the_time_and_keeps_the_history(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        visit = await clinic.service(session, await make.channel(session))
        made = await book(session, visit)
        with pytest.raises(InvalidState):
            await actions.cancel(session, made, by=CUSTOMER, now=NINE)
        cancelled = await actions.cancel(session, made, by=CUSTOMER, now=NOW, details={"refund": "60"})
        assert (cancelled.status, cancelled.cancelled_by, cancelled.ical_sequence) == ("CANCELLED", "CUSTOMER", 1)
        assert await actions.locked(session, made.id) == cancelled
        assert await busy(session) == []
        assert (await events(session, made.id))[1:] == [(2, "CANCELLED", "CONFIRMED", "CANCELLED", "CUSTOMER")]
        again = await book(session, visit, key=uuid.UUID(int=2))
        assert again.start == NINE
        # Staff calls off what has begun, too.
        await actions.cancel(session, again, by=STAFF, now=NINE + HOUR)

    await database.run(work)


async def test_moving_follows_the_rule_of_new_slots(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        hands = [await clinic.resource(session) for _ in range(2)]
        room = await clinic.resource(session, "ROOM", hours=())
        visit = await clinic.service(session, channel, hands, [room], step=30, lead_min=60)
        made = await book(session, visit)
        other = await book(session, visit, NINE + 2 * HOUR, key=uuid.UUID(int=2))
        # Onto its own time, half an hour later.
        moved = await actions.reschedule(session, made, NINE + HOUR / 2, by=CUSTOMER, now=NOW)
        assert (moved.start, moved.version, moved.ical_sequence, moved.resource_id) == (
            NINE + HOUR / 2,
            2,
            1,
            hands[0].id,
        )
        assert await actions.locked(session, made.id) == moved
        before = await busy(session)
        for start, refused in (
            (NINE + 2 * HOUR, SlotUnavailable),
            (NINE + HOUR / 4, OutsideAvailability),
            (NOW + HOUR / 2, LeadTime),
        ):
            with pytest.raises(refused):
                await actions.reschedule(session, moved, start, by=CUSTOMER, now=NOW)
        assert await busy(session) == before
        # With the other practitioner, in the same room.
        moved = await actions.reschedule(session, moved, NINE, by=STAFF, now=NOW, resource_id=hands[1].id)
        assert [row[1] for row in await busy(session)] == [hands[1].id, room.id, hands[0].id, room.id]
        assert (await events(session, made.id))[1:] == [
            (2, "RESCHEDULED", "CONFIRMED", "CONFIRMED", "CUSTOMER"),
            (3, "RESCHEDULED", "CONFIRMED", "CONFIRMED", "STAFF"),
        ]
        assert (await actions.locked(session, other.id)).version == 1

    await database.run(work)


async def test_a_seat_moves_to_another_session(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        course = await clinic.service(session, await make.channel(session), capacity=3, step=30)
        alone = await book(session, course, seats=2)
        moved = await actions.reschedule(session, alone, NINE + HOUR / 2, by=CUSTOMER, now=NOW)
        assert moved.session_id not in {None, alone.session_id}
        with_others = await book(session, course, NINE + 2 * HOUR, key=uuid.UUID(int=2))
        joined = await actions.reschedule(session, moved, NINE + 2 * HOUR, by=CUSTOMER, now=NOW)
        assert joined.session_id == with_others.session_id
        seats = await session.execute(select(Seat.seat_no, Seat.state, Seat.booking_id).order_by(Seat.seat_no))
        assert [tuple(row) for row in seats] == [
            (1, "TAKEN", with_others.id),
            (2, "TAKEN", alone.id),
            (3, "TAKEN", alone.id),
        ]
        assert len(list(await session.execute(select(Session.id)))) == 1
        await actions.cancel(session, joined, by=CUSTOMER, now=NOW)
        await actions.cancel(session, with_others, by=CUSTOMER, now=NOW)
        assert await busy(session) == []

    await database.run(work)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE booking_booking SET price_amount = 1, deposit_amount = 1",
        "UPDATE booking_booking SET policy_snapshot = '{}'",
        "UPDATE booking_event SET actor = 'STAFF'",
        "DELETE FROM booking_event",
        "UPDATE booking_allocation SET during = tstzrange(lower(during), upper(during), '[]')",
        "UPDATE booking_allocation SET kind = 'HOLD'",
        "UPDATE booking_booking SET status = 'CANCELLED'",
        (
            "INSERT INTO booking_allocation (resource_id, during, kind, external_uid)"
            " SELECT resource_id, tstzrange(upper(during) - interval '1 minute', upper(during) + interval '1 hour'),"
            " 'EXTERNAL', 'u' FROM booking_booking"
        ),
    ],
)
async def test_the_database_refuses(database: Database, change: str) -> None:
    async def work(session: AsyncSession) -> None:
        made = await book(session, await clinic.service(session, await make.channel(session)))
        with pytest.raises(DBAPIError):
            async with session.begin_nested():
                await session.execute(text(change))
        assert (await actions.locked(session, made.id)).policy_snapshot == FREE_CANCELLATION

    await database.run(work)
