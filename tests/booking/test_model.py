"""Days of a shop by chance: slots held, paid, paid late, run out, moved, cancelled; sessions spent and handed on.

A small model knows who must have what; after every step the database agrees, and in the end no invariant is broken.
"""

import asyncio
import os
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking import actions
from shop.booking.actions import Buyer, By, Sold, Wish
from shop.booking.actions import entitlements as sessions
from shop.booking.errors import HoldExpired, PackageExhausted, SlotUnavailable
from shop.booking.events import BookingChanged
from shop.booking.flows.holds import expire_due
from shop.kit.db import Database, DatabaseUrl, lock_purchase
from shop.kit.money import Money
from tests import factories as make
from tests.factories import booking as clinic
from tests.factories import packages
from tests.factories.payments import broken_invariants

T = TypeVar("T")
MORNING = datetime(2027, 3, 1, 8, tzinfo=UTC)
# Four visits of an hour, two days later: what is cancelled comes back whole, or not at all, by a day's notice.
SLOTS = [MORNING + timedelta(days=2, hours=hour) for hour in (1, 2, 3, 4)]
MINUTE = timedelta(minutes=1)
FULL = os.environ.get("ROUNDS") == "full"
slots = st.sampled_from(SLOTS)
chosen = st.integers(0, 50)


@dataclass
class Hold:
    """What a purchase holds, as the model sees it."""

    key: uuid.UUID
    line: uuid.UUID
    start: datetime
    redeems: uuid.UUID | None
    expires: datetime
    latest: datetime
    renewals: int = 0
    paying: bool = False
    expiring: bool = False
    released: bool = False


@dataclass
class Visit:
    """A booking that takes place."""

    id: uuid.UUID
    start: datetime
    redeemed: uuid.UUID | None


@dataclass
class Model:
    """Everything that must be true."""

    now: datetime = MORNING
    holds: list[Hold] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    balances: dict[uuid.UUID, int] = field(default_factory=dict)

    def is_free(self, start: datetime, *, but: Visit | None = None) -> bool:
        """Whether somebody else may have the time: nobody is booked, and nobody holds it, or is still paying for it."""
        if any(visit.start == start and visit is not but for visit in self.visits):
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


class Clinic(RuleBasedStateMachine):
    """One practitioner, one service, one owner of sessions; `url` is set by the test."""

    url: DatabaseUrl

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.database = Database(self.url, pool_size=2)
        self.model = Model()
        self.service_id, self.resource_id, self.user_id, package = self.run(self._open)
        self.model.balances[package] = 3
        # A full book to begin with: chance alone would rarely come to what happens to it.
        for start, redeems in zip(SLOTS, (0, None, 0, None), strict=True):
            self.hold(start, redeems)
        for _ in SLOTS[:3]:
            self.pay(0)

    def run(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        return self.runner.run(self.database.run(work))

    @staticmethod
    async def _open(session: AsyncSession) -> tuple[int, int, int, uuid.UUID]:
        channel = await make.channel(session)
        practitioner = await clinic.resource(session, hours=(("09:00", "13:00"),))
        policy = await clinic.cancellation_policy(session, (24 * 60, "100"))
        service = await clinic.service(session, channel, [practitioner], step=60, policy_id=policy.id)
        package = await packages.package(session, channel, service, is_transferable=True)
        user = await make.user(session)
        return (
            service.id,
            practitioner.id,
            user.id,
            await packages.entitlement(session, package, now=MORNING, user=user),
        )

    @contextmanager
    def expecting(self, error: type[Exception] | None) -> Iterator[None]:
        if error is None:
            yield
        else:
            with pytest.raises(error):
                yield

    def _pick(self, number: int, kind: list[T]) -> T:
        return kind[number % len(kind)]

    @rule(start=slots, redeems=st.none() | chosen)
    def hold(self, start: datetime, redeems: int | None) -> None:
        """A cart takes a slot, to be paid with money or with a session."""
        model, key, line = self.model, uuid.uuid4(), uuid.uuid4()
        spent = None if redeems is None else self._pick(redeems, list(model.balances))
        wish = Wish(line, self.service_id, start, entitlement_id=spent)
        free = model.is_free(start)

        async def work(session: AsyncSession) -> None:
            await lock_purchase(session, key)
            await actions.hold_slots(session, key, [wish], client=str(key), limit=5, now=model.now)

        with self.expecting(None if free else SlotUnavailable):
            self.run(work)
        if free:
            model.clear(start)
            model.holds.append(Hold(key, line, start, spent, model.now + 15 * MINUTE, model.now + 90 * MINUTE))

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
        """The money is there, in time or late: the slot is booked, or lost to somebody else."""
        model, hold = self.model, self._pick(which, self.model.holds)
        has_it = not hold.released or model.is_free(hold.start)
        broke = hold.redeems is not None and model.balances[hold.redeems] < 1

        async def work(session: AsyncSession) -> list[uuid.UUID]:
            await lock_purchase(session, hold.key)
            price = Money(Decimal(0 if hold.redeems else 60), "USD")
            converted = await actions.convert(
                session,
                hold.key,
                [Sold(hold.line, uuid.uuid4(), price)],
                Buyer(self.user_id, "buyer@example.com"),
                now=model.now,
            )
            return [booked.booking_id for booked in converted.booked]

        with self.expecting(PackageExhausted if has_it and broke else None):
            booked = self.run(work)
            assert len(booked) == has_it
            if has_it:
                if hold.released:
                    model.clear(hold.start)
                model.visits.append(Visit(booked[0], hold.start, hold.redeems))
                if hold.redeems is not None:
                    model.balances[hold.redeems] -= 1
            model.holds.remove(hold)

    @rule()
    def let_the_reaper_run(self) -> None:
        """What has run out is released, or on its end while somebody pays for it."""
        model = self.model
        self.runner.run(expire_due(self.database, model.now))
        for hold in model.holds:
            if not hold.released and hold.expires <= model.now:
                hold.expiring, hold.released = hold.paying, not hold.paying

    @precondition(lambda self: self.model.visits)
    @rule(which=chosen, by=st.sampled_from(["CUSTOMER", "STAFF"]))
    def cancel(self, which: int, by: str) -> None:
        """A day ahead, so that a session comes back."""
        model, visit = self.model, self._pick(which, self.model.visits)

        async def work(session: AsyncSession) -> None:
            found = await actions.cancel(session, await actions.locked(session, visit.id), by=By(by), now=model.now)
            await sessions.follow_booking(session, BookingChanged(visit.id, found.version, found.status))

        self.run(work)
        model.visits.remove(visit)
        if visit.redeemed is not None:
            model.balances[visit.redeemed] += 1

    @precondition(lambda self: self.model.visits)
    @rule(which=chosen, start=slots)
    def move(self, which: int, start: datetime) -> None:
        """To another time, or to the same."""
        model, visit = self.model, self._pick(which, self.model.visits)
        free = model.is_free(start, but=visit)

        async def work(session: AsyncSession) -> None:
            booking = await actions.locked(session, visit.id)
            await actions.reschedule(session, booking, start, by=By("CUSTOMER"), now=model.now)

        with self.expecting(None if free else SlotUnavailable):
            self.run(work)
        if free:
            model.clear(start)
            visit.start = start

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

    @rule(minutes=st.sampled_from([1, 14, 16, 40]))
    def time_passes(self, minutes: int) -> None:
        self.model.now += minutes * MINUTE

    @invariant()
    def the_database_agrees(self) -> None:
        async def work(session: AsyncSession) -> tuple[dict[datetime, str], dict[Any, int]]:
            taken = await session.execute(
                text("SELECT lower(during), kind FROM booking_allocation WHERE resource_id = :id"),
                {"id": self.resource_id},
            )
            left = await session.execute(
                text("SELECT id, balance FROM booking_entitlement WHERE id = ANY(:ids)"),
                {"ids": list(self.model.balances)},
            )
            return {row[0]: row[1] for row in taken}, {row[0]: row[1] for row in left}

        taken, left = self.run(work)
        expected = {visit.start: "BOOKING" for visit in self.model.visits}
        expected |= {hold.start: "HOLD" for hold in self.model.holds if not hold.released}
        assert taken == expected
        assert left == self.model.balances

    def teardown(self) -> None:
        assert self.runner.run(broken_invariants(self.database)) == []
        self.runner.run(self.database.close())
        self.runner.close()


def test_whatever_happens_everybody_has_what_is_theirs(committed_url: DatabaseUrl) -> None:
    class Here(Clinic):
        url = committed_url

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=200 if FULL else 6,
            stateful_step_count=40 if FULL else 12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=not FULL,
        ),
    )
