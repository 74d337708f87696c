"""Days of a shop by chance: slots held, paid, paid late, run out, moved, cancelled, attended; sessions spent and handed
on; staff who agree, decline and take time off.

A small model knows who must have what; after every step the database agrees, and no invariant is broken.
"""

import asyncio
import os
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy.ext.asyncio import AsyncSession

import shop
from shop.booking import actions
from shop.booking.actions import Buyer, By, Sold, Wish
from shop.booking.actions import entitlements as sessions
from shop.booking.actions.staff import create_time_off, delete_time_off
from shop.booking.errors import (
    HoldExpired,
    InvalidState,
    LeadTime,
    PackageExhausted,
    SlotUnavailable,
    StillBooked,
)
from shop.booking.events import BookingChanged
from shop.booking.flows.holds import expire_due
from shop.booking.queries.bookings import BookingRow
from shop.kit.db import Database, DatabaseUrl, lock_purchase
from shop.kit.money import Money
from tests import factories as make
from tests.database import OneConnectionDatabase
from tests.factories import booking as clinic
from tests.factories import packages
from tests.factories.payments import broken_invariants

T = TypeVar("T")
MORNING = datetime(2027, 3, 1, 8, tzinfo=UTC)
# Four visits of an hour, two days later: their sessions come back by a day's notice, whole or not at all.
SLOTS = [MORNING + timedelta(days=2, hours=hour) for hour in (1, 2, 3, 4)]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FULL = os.environ.get("ROUNDS") == "full"
INVARIANTS = (Path(shop.__file__).parent / "booking" / "invariants.sql").read_text(encoding="utf-8")
slots = st.sampled_from(SLOTS)
chosen = st.integers(0, 50)


@dataclass
class Hold:
    """What a purchase holds, as the model sees it."""

    key: uuid.UUID
    line: uuid.UUID
    start: datetime
    asks_staff: bool
    redeems: uuid.UUID | None
    expires: datetime
    latest: datetime
    renewals: int = 0
    paying: bool = False
    expiring: bool = False
    released: bool = False


@dataclass
class Visit:
    """A booking that takes its time."""

    id: uuid.UUID
    start: datetime
    redeemed: uuid.UUID | None
    status: str


@dataclass
class Model:
    """Everything that must be true."""

    now: datetime = MORNING
    holds: list[Hold] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    absences: dict[int, datetime] = field(default_factory=dict)
    balances: dict[uuid.UUID, int] = field(default_factory=dict)

    def is_free(self, start: datetime, *, but: Visit | None = None) -> bool:
        """Whether somebody else may have the time: nobody is booked, and nobody holds it, or is still paying for it."""
        if any(visit.start == start and visit is not but for visit in self.visits) or start in self.absences.values():
            return False
        return not any(
            hold.start == start and not hold.released and (hold.paying or hold.expires > self.now)
            for hold in self.holds
        )

    def clear(self, start: datetime) -> None:
        """Who takes the time takes it from holds that had run out."""
        for hold in self.holds:
            if hold.start == start and not hold.released and not hold.paying and hold.expires <= self.now:
                hold.released = True


@dataclass(frozen=True)
class Opened:
    """The clinic: a service that is certain when it is paid, and one that staff must agree to."""

    service_ids: tuple[int, int]
    resource_id: int
    user_id: int
    package: uuid.UUID


async def open_clinic(session: AsyncSession) -> Opened:
    channel = await make.channel(session)
    practitioner = await clinic.resource(session, hours=(("09:00", "13:00"),))
    policy = await clinic.cancellation_policy(session, (24 * 60, "100"))
    first, second = [
        await clinic.service(session, channel, [practitioner], step=60, policy_id=policy.id, confirmation=confirmation)
        for confirmation in ("AUTO", "STAFF")
    ]
    package = await packages.package(session, channel, first, second, is_transferable=True)
    user = await make.user(session)
    mine = await packages.entitlement(session, package, now=MORNING, user=user)
    return Opened((first.id, second.id), practitioner.id, user.id, mine)


class Stage:
    """A database in which a clinic is open, on one connection. What is played on it is undone."""

    def __init__(self, url: DatabaseUrl) -> None:
        self._runner = asyncio.Runner()
        self._outer = Database(url, pool_size=1)
        self.clinic = self.run(self._outer.run(open_clinic))
        self.run(self._connect())

    async def _connect(self) -> None:
        self._connection = await self._outer.engine.connect()
        raw = await self._connection.get_raw_connection()
        driver: Any = raw.driver_connection
        self._driver = driver
        await driver.execute("SET idle_in_transaction_session_timeout = 0")
        self.database = OneConnectionDatabase(self._outer, self._connection, self._driver)

    def run(self, work: Any) -> Any:
        return self._runner.run(work)

    def fetch(self, sql: str, *values: Any) -> list[Any]:
        found: list[Any] = self.run(self._driver.fetch(sql, *values))
        return found

    def begin(self) -> None:
        self._transaction = self._driver.transaction()
        self.run(self._transaction.start())

    def undo(self) -> None:
        self.run(self._transaction.rollback())

    def close(self) -> None:
        self.run(self._connection.close())
        self.run(self._outer.close())
        self._runner.close()


class Clinic(RuleBasedStateMachine):
    """One practitioner, two services, one owner of sessions; `stage` is set by the test."""

    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.stage.begin()
        self.clinic = self.stage.clinic
        self.model = Model(balances={self.clinic.package: 3})
        # A full book to begin with: chance alone would rarely come to what happens to it.
        for number, (start, redeems) in enumerate(zip(SLOTS, (0, None, 0, None), strict=True)):
            self.hold(start, redeems, asks_staff=number == 2)
        for _ in SLOTS[:3]:
            self.pay(0)

    def run(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        found: T = self.stage.run(self.stage.database.run(work))
        return found

    @contextmanager
    def expecting(self, error: type[Exception] | None) -> Iterator[None]:
        if error is None:
            yield
        else:
            with pytest.raises(error):
                yield

    def _pick(self, number: int, kind: list[T]) -> T:
        return kind[number % len(kind)]

    def _change(self, visit: Visit, change: Callable[..., Awaitable[BookingRow]], by: str, **more: Any) -> str:
        """The visit's new status; its sessions have followed it."""

        async def work(session: AsyncSession) -> str:
            booking = await actions.locked(session, visit.id)
            found = await change(session, booking, by=By(by), now=self.model.now, **more)
            await sessions.follow_booking(session, BookingChanged(visit.id, found.version, found.status))
            return found.status

        return self.run(work)

    def _give_back(self, visit: Visit) -> None:
        if visit.redeemed is not None:
            self.model.balances[visit.redeemed] += 1

    @rule(start=slots, redeems=st.none() | chosen, asks_staff=st.booleans())
    def hold(self, start: datetime, redeems: int | None, asks_staff: bool) -> None:
        """A cart takes a slot, to be paid with money or with a session."""
        model, key, line = self.model, uuid.uuid4(), uuid.uuid4()
        spent = None if redeems is None else self._pick(redeems, list(model.balances))
        wish = Wish(line, self.clinic.service_ids[asks_staff], start, entitlement_id=spent)
        refusal = LeadTime if start < model.now else None if model.is_free(start) else SlotUnavailable

        async def work(session: AsyncSession) -> None:
            await lock_purchase(session, key)
            await actions.hold_slots(session, key, [wish], client=str(key), limit=5, now=model.now)

        with self.expecting(refusal):
            self.run(work)
        if refusal is None:
            model.clear(start)
            expires, latest = model.now + 15 * MINUTE, model.now + 90 * MINUTE
            model.holds.append(Hold(key, line, start, asks_staff, spent, expires, latest))

    @precondition(lambda self: self.model.holds)
    @rule(which=chosen)
    def begin_paying(self, which: int) -> None:
        """The buyer opens the payment page."""
        model, hold = self.model, self._pick(which, self.model.holds)
        if hold.released:
            return
        late = hold.expiring or hold.expires <= model.now

        async def work(session: AsyncSession) -> None:
            await lock_purchase(session, hold.key)
            await actions.payment_begins(session, hold.key, now=model.now)

        with self.expecting(HoldExpired if late else None):
            self.run(work)
        if not late:
            hold.paying = True
            if hold.expires < model.now + 31 * MINUTE and hold.renewals < 2 and hold.expires < hold.latest:
                hold.renewals += 1
                hold.expires = min(model.now + 35 * MINUTE, hold.latest)

    @precondition(lambda self: any(hold.paying for hold in self.model.holds))
    @rule(which=chosen)
    def give_up_paying(self, which: int) -> None:
        """The provider says that no money comes any more."""
        hold = self._pick(which, [hold for hold in self.model.holds if hold.paying])

        async def work(session: AsyncSession) -> None:
            await lock_purchase(session, hold.key)
            await actions.payment_ended(session, hold.key)

        self.run(work)
        hold.paying = False
        if hold.expiring:
            hold.expiring, hold.released = False, True

    @precondition(lambda self: self.model.holds)
    @rule(which=chosen)
    def pay(self, which: int) -> None:
        """The money is there, in time or late: the slot is booked, or lost to somebody else or to the clock."""
        model, hold = self.model, self._pick(which, self.model.holds)
        has_it = not hold.released or (model.is_free(hold.start) and model.now <= hold.start)
        broke = hold.redeems is not None and model.balances[hold.redeems] < 1

        async def work(session: AsyncSession) -> list[uuid.UUID]:
            await lock_purchase(session, hold.key)
            price = Money(Decimal(0 if hold.redeems else 60), "USD")
            converted = await actions.convert(
                session,
                hold.key,
                [Sold(hold.line, uuid.uuid4(), price)],
                Buyer(self.clinic.user_id, "buyer@example.com"),
                now=model.now,
            )
            return [booked.booking_id for booked in converted.booked]

        with self.expecting(PackageExhausted if has_it and broke else None):
            booked = self.run(work)
            assert len(booked) == has_it
            if has_it:
                if hold.released:
                    model.clear(hold.start)
                status = "PENDING_APPROVAL" if hold.asks_staff else "CONFIRMED"
                model.visits.append(Visit(booked[0], hold.start, hold.redeems, status))
                if hold.redeems is not None:
                    model.balances[hold.redeems] -= 1
            model.holds.remove(hold)

    @rule()
    def let_the_reaper_run(self) -> None:
        """What has run out is released, or on its end while somebody pays for it."""
        model = self.model
        self.stage.run(expire_due(self.stage.database, model.now))
        for hold in model.holds:
            if not hold.released and hold.expires <= model.now:
                hold.expiring, hold.released = hold.paying, not hold.paying

    @precondition(lambda self: self.model.visits)
    @rule(which=chosen, by=st.sampled_from(["CUSTOMER", "STAFF"]))
    def cancel(self, which: int, by: str) -> None:
        """A session comes back by a day's notice, or when staff call the visit off."""
        model, visit = self.model, self._pick(which, self.model.visits)
        may = visit.status in {"CONFIRMED", "PENDING_APPROVAL"} and (by == "STAFF" or model.now < visit.start)
        with self.expecting(None if may else InvalidState):
            self._change(visit, actions.cancel, by)
        if may:
            model.visits.remove(visit)
            if by == "STAFF" or visit.start - model.now >= DAY:
                self._give_back(visit)

    @precondition(lambda self: self.model.visits)
    @rule(which=chosen, agrees=st.booleans())
    def staff_answer(self, which: int, agrees: bool) -> None:
        """Staff agree to a visit, or will not have it."""
        visit = self._pick(which, self.model.visits)
        may = visit.status == "PENDING_APPROVAL"
        with self.expecting(None if may else InvalidState):
            self._change(visit, actions.confirm if agrees else actions.decline, "STAFF")
        if may and agrees:
            visit.status = "CONFIRMED"
        elif may:
            self.model.visits.remove(visit)
            self._give_back(visit)

    @precondition(lambda self: self.model.visits)
    @rule(which=chosen, change=st.sampled_from(["CHECKED_IN", "COMPLETED", "NO_SHOW"]))
    def attend(self, which: int, change: str) -> None:
        """The visitor arrives, leaves, or does not come: the time stays taken, and a session that was spent is."""
        visit = self._pick(which, self.model.visits)
        action, before = {
            "CHECKED_IN": (actions.check_in, "CONFIRMED"),
            "COMPLETED": (actions.complete, "CHECKED_IN"),
            "NO_SHOW": (actions.mark_no_show, "CONFIRMED"),
        }[change]
        may = visit.status == before and (change != "NO_SHOW" or self.model.now >= visit.start)
        with self.expecting(None if may else InvalidState):
            visit.status = self._change(visit, action, "STAFF")
        assert not may or visit.status == change

    @precondition(lambda self: self.model.visits)
    @rule(which=chosen, start=slots, by=st.sampled_from(["CUSTOMER", "STAFF"]))
    def move(self, which: int, start: datetime, by: str) -> None:
        """To another time, or to the same."""
        model, visit = self.model, self._pick(which, self.model.visits)
        refusal: type[Exception] | None = None
        if visit.status != "CONFIRMED" or (by == "CUSTOMER" and model.now >= visit.start):
            refusal = InvalidState
        elif start < model.now:
            refusal = LeadTime
        elif not model.is_free(start, but=visit):
            refusal = SlotUnavailable
        with self.expecting(refusal):
            self._change(visit, actions.reschedule, by, start=start)
        if refusal is None:
            model.clear(start)
            visit.start = start

    @rule(start=slots)
    def take_time_off(self, start: datetime) -> None:
        """The practitioner is away for an hour, if nobody comes then."""
        model = self.model
        free = model.is_free(start)

        async def work(session: AsyncSession) -> int:
            end = start + HOUR
            return await create_time_off(session, self.clinic.resource_id, start, end, reason="", now=model.now)

        with self.expecting(None if free else StillBooked):
            made = self.run(work)
            model.clear(start)
            model.absences[made] = start

    @precondition(lambda self: self.model.absences)
    @rule(which=chosen)
    def come_back(self, which: int) -> None:
        """The practitioner is there after all."""
        absence = self._pick(which, list(self.model.absences))
        self.run(lambda session: delete_time_off(session, absence))
        del self.model.absences[absence]

    @rule(which=chosen, count=st.integers(1, 3))
    def hand_on(self, which: int, count: int) -> None:
        """Sessions go to somebody else, as many as no cart holds."""
        model = self.model
        source = self._pick(which, list(model.balances))
        held = sum(hold.redeems == source and not hold.released for hold in model.holds)
        enough = count <= model.balances[source] - held

        async def work(session: AsyncSession) -> uuid.UUID:
            return await sessions.transfer(
                session,
                source,
                email=f"{uuid.uuid4()}@example.com",
                sessions=count,
                owner_id=None,
                by_user_id=None,
                now=model.now,
            )

        with self.expecting(None if enough else PackageExhausted):
            made = self.run(work)
            model.balances[source] -= count
            model.balances[made] = count

    @rule(which=chosen)
    def pay_back(self, which: int) -> None:
        """What is left of a package is paid back."""
        model = self.model
        source = self._pick(which, list(model.balances))
        left = model.balances[source]
        with self.expecting(None if left else PackageExhausted):
            self.run(lambda session: sessions.take_back(session, source, by_user_id=None))
            model.balances[source] = 0

    @rule(minutes=st.sampled_from([1, 14, 16, 40, 10 * 60, 25 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.model.now += minutes * MINUTE

    @invariant()
    def the_database_agrees(self) -> None:
        model, fetch = self.model, self.stage.fetch
        taken = fetch(
            "SELECT lower(during), kind FROM booking_allocation WHERE resource_id = $1", self.clinic.resource_id
        )
        expected = [(visit.start, "BOOKING") for visit in model.visits]
        expected += [(hold.start, "HOLD") for hold in model.holds if not hold.released]
        expected += [(start, "TIME_OFF") for start in model.absences.values()]
        assert sorted(map(tuple, taken)) == sorted(expected)
        booked = fetch("SELECT id, status FROM booking_booking WHERE status NOT IN ('CANCELLED', 'DECLINED')")
        assert {row[0]: row[1] for row in booked} == {visit.id: visit.status for visit in model.visits}
        left = fetch("SELECT id, balance FROM booking_entitlement")
        assert {row[0]: row[1] for row in left} == model.balances
        assert fetch(INVARIANTS) == []

    def teardown(self) -> None:
        try:
            assert self.stage.run(broken_invariants(self.stage.database)) == []
        finally:
            self.stage.undo()


def test_whatever_happens_everybody_has_what_is_theirs(
    committed_url: DatabaseUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What others do about the changes is tested with them.
    monkeypatch.setattr("shop.kit.events._handlers", {})

    class Here(Clinic):
        stage = Stage(committed_url)

    try:
        run_state_machine_as_test(
            Here,
            settings=settings(
                max_examples=200 if FULL else 4,
                stateful_step_count=40 if FULL else 10,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                derandomize=not FULL,
            ),
        )
    finally:
        Here.stage.close()
