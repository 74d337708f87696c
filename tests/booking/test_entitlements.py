"""Sessions of packages: every kind of entry, what is refused, and that the last one is spent once."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.events import MailboxProved
from shop.accounts.models import User
from shop.booking.actions import entitlements as act
from shop.booking.actions.entitlements import SoldPackage
from shop.booking.errors import EntitlementNotFound, PackageExhausted, PackageExpired, PackageNotForThis
from shop.booking.models import Booking, Hold, Package, Resource, Service
from shop.kit.db import Database
from shop.kit.db.statements import counting
from shop.kit.errors import Invalid, ShopError
from shop.kit.money import Money
from tests import factories as make
from tests.database import OneConnectionDatabase
from tests.factories import booking as clinic
from tests.factories import packages

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


@dataclass(frozen=True)
class World:
    """Somebody with three sessions of a package that lapses after ninety days."""

    session: AsyncSession
    service: Service
    resource: Resource
    package: Package
    user: User
    id: uuid.UUID

    async def visit(self, **columns: Any) -> Booking:
        return await packages.visit(self.session, self.service, self.resource, TOMORROW, user=self.user, **columns)

    async def redeem(self, visit: Booking, version: int = 1, seats: int = 1) -> int:
        return await act.redeem(
            self.session,
            self.id,
            booking_id=visit.id,
            booking_version=version,
            service_id=self.service.id,
            start=TOMORROW,
            seats=seats,
        )

    async def entries(self, id: uuid.UUID | None = None) -> list[tuple[str, int, int]]:
        rows = await self.session.execute(
            text(
                "SELECT kind, amount, balance_after FROM booking_entitlement_entry"
                " WHERE entitlement_id = :id ORDER BY seq"
            ),
            {"id": id or self.id},
        )
        return [(row.kind, row.amount, row.balance_after) for row in rows]


async def world(session: AsyncSession, **columns: Any) -> World:
    channel = await make.channel(session)
    service = await clinic.service(session, channel)
    package = await packages.package(session, channel, service, **({"valid_days": 90} | columns))
    user = await make.user(session)
    id = await packages.entitlement(session, package, now=NOW, user=user)
    return World(session, service, await clinic.resource(session), package, user, id)


Test = Callable[[World], Awaitable[None]]


async def run(database: Database, test: Test, **columns: Any) -> None:
    async def work(session: AsyncSession) -> None:
        await test(await world(session, **columns))

    await database.run(work)


async def test_a_sale_grants_the_sessions_of_its_packages(database: Database) -> None:
    async def test(here: World) -> None:
        session = here.session
        key, first, second = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
        with counting() as log:
            made = await act.grant(
                session,
                [
                    SoldPackage(first, here.service.variant_id, "A visit", 1, Money(Decimal("90.00"), "USD")),
                    SoldPackage(second, here.package.variant_id, "Three visits", 2, Money(Decimal("480.00"), "USD")),
                ],
                purchase_key=key,
                user_id=None,
                email="Buyer@Example.com",
                now=NOW,
            )
        assert (len(made), log.count) == (1, 3)
        row = (
            await session.execute(text("SELECT * FROM booking_entitlement WHERE order_line_id = :id"), {"id": second})
        ).one()
        assert (row.id, row.purchase_key, row.email, row.user_id) == (made[0], key, "buyer@example.com", None)
        assert (row.granted, row.balance, row.seq, row.price_amount) == (6, 6, 1, Decimal("480.000"))
        assert row.expires_at == NOW + timedelta(days=90)
        assert await here.entries(made[0]) == [("GRANT", 6, 6)]

    await run(database, test)


async def test_an_order_without_packages_costs_one_statement(database: Database) -> None:
    async def test(here: World) -> None:
        line = SoldPackage(uuid.uuid4(), here.service.variant_id, "A visit", 1, Money(Decimal(90), "USD"))
        for lines, statements in (([line], 1), ([line] * 20, 1), ([], 0)):
            with counting() as log:
                made = await act.grant(
                    here.session, lines, purchase_key=uuid.uuid4(), user_id=None, email="a@example.com", now=NOW
                )
            assert (made, log.count) == ([], statements)

    await run(database, test)


async def test_a_retired_package_grants_nothing(database: Database) -> None:
    async def test(here: World) -> None:
        here.package.is_active = False
        await here.session.flush()
        line = SoldPackage(uuid.uuid4(), here.package.variant_id, "Package", 1, Money(Decimal(90), "USD"))
        assert (
            await act.grant(here.session, [line], purchase_key=uuid.uuid4(), user_id=None, email="a@b.c", now=NOW) == []
        )

    await run(database, test)


async def test_sessions_are_spent_given_back_and_lost(database: Database) -> None:
    async def test(here: World) -> None:
        first, second = await here.visit(), await here.visit()
        assert await here.redeem(first) == 2
        assert await here.redeem(second, seats=2) == 0
        # Two seats come back together, once; a lost one never does.
        await act.release(here.session, second.id, booking_version=2)
        await act.release(here.session, second.id, booking_version=3)
        await act.forfeit(here.session, second.id, booking_version=3)
        await act.forfeit(here.session, first.id, booking_version=2)
        await act.forfeit(here.session, first.id, booking_version=3)
        await act.release(here.session, first.id, booking_version=3)
        assert await here.entries() == [
            ("GRANT", 3, 3),
            ("REDEEM", -1, 2),
            ("REDEEM", -2, 0),
            ("RELEASE", 2, 2),
            ("FORFEIT", 0, 2),
        ]

    await run(database, test)


async def test_a_visit_that_was_paid_with_money_changes_no_ledger(database: Database) -> None:
    async def test(here: World) -> None:
        visit = await here.visit()
        await act.release(here.session, visit.id, booking_version=2)
        await act.forfeit(here.session, visit.id, booking_version=2)
        assert await here.entries() == [("GRANT", 3, 3)]

    await run(database, test)


async def test_the_last_session_is_the_last(database: Database) -> None:
    async def test(here: World) -> None:
        await here.redeem(await here.visit(), seats=3)
        with pytest.raises(PackageExhausted) as caught:
            await here.redeem(await here.visit())
        assert (caught.value.code, caught.value.field) == ("PACKAGE_EXHAUSTED", "entitlementId")
        assert await here.entries() == [("GRANT", 3, 3), ("REDEEM", -3, 0)]

    await run(database, test)


async def test_sessions_lapse_before_a_later_visit(database: Database) -> None:
    async def test(here: World) -> None:
        lapses = NOW + timedelta(days=90)
        for start, refused in ((lapses, True), (lapses - timedelta(seconds=1), False)):
            visit = await here.visit()
            redeeming = act.redeem(
                here.session,
                here.id,
                booking_id=visit.id,
                booking_version=1,
                service_id=here.service.id,
                start=start,
            )
            if refused:
                with pytest.raises(PackageExpired):
                    await redeeming
            else:
                assert await redeeming == 2

    await run(database, test)


async def test_sessions_are_for_the_package_s_services(database: Database) -> None:
    async def test(here: World) -> None:
        other = await clinic.service(here.session, await make.channel(here.session))
        visit = await here.visit()
        with pytest.raises(PackageNotForThis):
            await act.redeem(
                here.session,
                here.id,
                booking_id=visit.id,
                booking_version=1,
                service_id=other.id,
                start=TOMORROW,
            )
        assert await here.entries() == [("GRANT", 3, 3)]

    await run(database, test)


async def test_a_cart_counts_what_other_carts_hold(database: Database) -> None:
    async def test(here: World) -> None:
        def check(**more: object) -> Awaitable[None]:
            asked = {"service_id": here.service.id, "start": TOMORROW, "user_id": here.user.id} | more
            return act.check_redeemable(here.session, here.id, **asked)  # type: ignore[arg-type]

        hold = Hold(
            line_id=uuid.uuid4(),
            purchase_key=uuid.uuid4(),
            service_id=here.service.id,
            resource_id=here.resource.id,
            during=(await here.visit()).during,
            timezone="UTC",
            seats=2,
            client="user:1",
            entitlement_id=here.id,
            expires_at=NOW + timedelta(minutes=15),
            expires_at_latest=NOW + timedelta(minutes=90),
        )
        here.session.add(hold)
        await here.session.flush()
        await check()
        with pytest.raises(PackageExhausted):
            await check(seats=2)
        await check(seats=3, but_hold_id=hold.id)
        hold.state, hold.ended_at = "RELEASED", NOW
        await here.session.flush()
        await check(seats=3)
        for refused in (await make.user(here.session)).id, None:
            with pytest.raises(EntitlementNotFound):
                await check(user_id=refused)
        with pytest.raises(PackageExpired):
            await check(start=NOW + timedelta(days=91))

    await run(database, test)


async def test_sessions_are_handed_on_with_their_worth(database: Database) -> None:
    async def test(here: World) -> None:
        friend = await make.user(here.session, email="friend@example.com")
        made = await act.transfer(
            here.session,
            here.id,
            email=" Friend@example.com",
            sessions=1,
            owner_id=here.user.id,
            by_user_id=here.user.id,
            now=NOW,
        )
        assert await here.entries() == [("GRANT", 3, 3), ("TRANSFER_OUT", -1, 2)]
        assert await here.entries(made) == [("TRANSFER_IN", 1, 1)]
        row = (await here.session.execute(text("SELECT * FROM booking_entitlement WHERE id = :id"), {"id": made})).one()
        assert (row.user_id, row.email, row.granted, row.balance) == (friend.id, "friend@example.com", 1, 1)
        assert (row.transferred_from_id, row.order_line_id) == (here.id, None)
        assert (row.price_amount, row.expires_at) == (Decimal("80.000"), NOW + timedelta(days=90))
        back = await act.take_back(here.session, here.id, by_user_id=None)
        assert (back.sessions, back.value, back.seq) == (2, Money(Decimal("160.00"), "USD"), 3)

    await run(database, test, is_transferable=True)


async def test_sessions_for_somebody_unknown_wait_for_their_account(database: Database) -> None:
    async def test(here: World) -> None:
        made = await act.transfer(
            here.session, here.id, email="later@example.com", owner_id=None, by_user_id=None, now=NOW
        )
        unproved = await make.user(here.session, email="unproved@example.com")
        unproved.is_confirmed = False
        await here.session.flush()

        async def owner() -> int | None:
            found = await here.session.execute(
                text("SELECT user_id FROM booking_entitlement WHERE id = :id"), {"id": made}
            )
            return found.scalar_one()  # type: ignore[no-any-return]

        assert await owner() is None
        later = await make.user(here.session, email="later@example.com")
        await act.attach_guest_entitlements(here.session, MailboxProved(unproved.id, "unproved@example.com"))
        assert await owner() is None
        await act.attach_guest_entitlements(here.session, MailboxProved(later.id, "later@example.com"))
        assert await owner() == later.id
        await act.attach_guest_entitlements(here.session, MailboxProved(unproved.id, "later@example.com"))
        assert await owner() == later.id

    await run(database, test)


@pytest.mark.parametrize(
    ("change", "error", "field"),
    [
        ({"email": "nobody@example.com", "sessions": 4}, PackageExhausted, "sessions"),
        ({"sessions": 0}, Invalid, "sessions"),
        ({"sessions": -1}, Invalid, "sessions"),
        ({"own": True}, Invalid, "email"),
        ({"now": NOW + timedelta(days=90)}, PackageExpired, "id"),
        ({"owner_id": -1}, EntitlementNotFound, "id"),
    ],
)
async def test_what_cannot_be_handed_on_stays(
    database: Database, change: dict[str, object], error: type[ShopError], field: str
) -> None:
    async def test(here: World) -> None:
        given: dict[str, object] = {
            "email": here.user.email if change.pop("own", False) else "friend@example.com",
            "owner_id": here.user.id,
            "by_user_id": here.user.id,
            "now": NOW,
        }
        with pytest.raises(error) as caught:
            await act.transfer(here.session, here.id, **(given | change))  # type: ignore[arg-type]
        assert caught.value.field == field
        assert await here.entries() == [("GRANT", 3, 3)]

    await run(database, test, is_transferable=True)


async def test_only_staff_hands_on_what_is_personal(database: Database) -> None:
    async def test(here: World) -> None:
        for owner_id in (here.user.id, None):
            handing_on = act.transfer(
                here.session,
                here.id,
                email="friend@example.com",
                owner_id=owner_id,
                by_user_id=None,
                now=NOW,
            )
            if owner_id is not None:
                with pytest.raises(Invalid, match="cannot be handed on"):
                    await handing_on
            else:
                await handing_on
        assert await here.entries() == [("GRANT", 3, 3), ("TRANSFER_OUT", -3, 0)]

    await run(database, test)


async def test_staff_gives_and_takes_with_a_reason(database: Database) -> None:
    async def test(here: World) -> None:
        clerk = await make.user(here.session, is_staff=True)
        assert await act.adjust(here.session, here.id, 2, reason=" moved house ", by_user_id=clerk.id) == 5
        assert await act.adjust(here.session, here.id, -5, reason="error", by_user_id=clerk.id) == 0
        row = (
            await here.session.execute(
                text("SELECT reason, user_id FROM booking_entitlement_entry WHERE kind = 'ADJUST' ORDER BY seq LIMIT 1")
            )
        ).one()
        assert (row.reason, row.user_id) == ("moved house", clerk.id)
        for change, reason, error, field in (
            (1, "  ", Invalid, "reason"),
            (0, "x", Invalid, "change"),
            (1001, "x", Invalid, "change"),
            (-1, "x", PackageExhausted, "change"),
        ):
            with pytest.raises(error) as caught:
                await act.adjust(here.session, here.id, change, reason=reason, by_user_id=None)
            assert caught.value.field == field
        assert len(await here.entries()) == 3

    await run(database, test)


@pytest.mark.parametrize(
    ("at_list_price", "used", "expected"),
    [
        (False, 0, "240.00"),
        (False, 1, "160.00"),
        (False, 2, "80.00"),
        # A visit costs 90.00 alone: 240 - 90 and 240 - 180.
        (True, 1, "150.00"),
        (True, 2, "60.00"),
        (True, 0, "240.00"),
    ],
)
async def test_unused_sessions_are_paid_back(database: Database, at_list_price: bool, used: int, expected: str) -> None:
    async def test(here: World) -> None:
        for _ in range(used):
            await here.redeem(await here.visit())
        # A visit that was given back was not used.
        returned = await here.visit()
        await here.redeem(returned)
        await act.release(here.session, returned.id, booking_version=2)
        back = await act.take_back(
            here.session, here.id, list_price=usd("90.00") if at_list_price else None, by_user_id=None
        )
        assert back.value == Money(Decimal(expected), "USD")
        assert (await here.entries())[-1] == ("REFUND", used - 3, 0)
        with pytest.raises(PackageExhausted):
            await act.take_back(
                here.session, here.id, list_price=usd("90.00") if at_list_price else None, by_user_id=None
            )

    await run(database, test)


async def test_sessions_that_have_lapsed_are_gone(database: Database) -> None:
    async def test(here: World) -> None:
        kept = await packages.entitlement(
            here.session, await packages.package(here.session, await make.channel(here.session)), now=NOW
        )
        lapses = NOW + timedelta(days=90)
        assert await act.expire(here.session, now=lapses - timedelta(seconds=1)) == 0
        assert await act.expire(here.session, now=lapses) == 1
        assert await act.expire(here.session, now=lapses) == 0
        assert await here.entries() == [("GRANT", 3, 3), ("EXPIRE", -3, 0)]
        assert await here.entries(kept) == [("GRANT", 3, 3)]

    await run(database, test)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE booking_entitlement_entry SET amount = 5 WHERE entitlement_id = :id",
        "DELETE FROM booking_entitlement_entry WHERE entitlement_id = :id",
        "UPDATE booking_entitlement SET balance = -1 WHERE id = :id",
        (
            "INSERT INTO booking_entitlement_entry (entitlement_id, seq, kind, amount, balance_after)"
            " VALUES (:id, 1, 'GRANT', 1, 4)"
        ),
        (
            "INSERT INTO booking_entitlement_entry (entitlement_id, seq, kind, amount, balance_after)"
            " VALUES (:id, 2, 'GRANT', -1, 2)"
        ),
    ],
)
async def test_the_database_keeps_the_ledger(database: OneConnectionDatabase, statement: str) -> None:
    async def test(here: World) -> None:
        with pytest.raises(DBAPIError):
            async with here.session.begin_nested():
                await here.session.execute(text(statement), {"id": here.id})
        assert await here.entries() == [("GRANT", 3, 3)]

    await run(database, test)


async def test_what_does_not_exist_is_not_found(database: Database) -> None:
    async def test(here: World) -> None:
        nothing = uuid.uuid4()
        with pytest.raises(EntitlementNotFound):
            await act.adjust(here.session, nothing, 1, reason="x", by_user_id=None)
        with pytest.raises(EntitlementNotFound):
            await act.take_back(here.session, nothing, by_user_id=None)

    await run(database, test)


async def test_no_more_is_paid_back_than_was_paid(database: Database) -> None:
    """Whatever staff gives later, and however often sessions are handed on or in."""

    async def test(here: World) -> None:
        friend = await act.transfer(
            here.session, here.id, email="friend@example.com", sessions=1, owner_id=None, by_user_id=None, now=NOW
        )
        first = await act.take_back(here.session, here.id, by_user_id=None)
        await act.adjust(here.session, here.id, 3, reason="for the trouble", by_user_id=None)
        other = await act.transfer(
            here.session, here.id, email="other@example.com", sessions=1, owner_id=None, by_user_id=None, now=NOW
        )
        second = await act.take_back(here.session, here.id, by_user_id=None)
        third = await act.take_back(here.session, friend, by_user_id=None)
        fourth = await act.take_back(here.session, other, by_user_id=None)
        assert [str(one.value) for one in (first, second, third, fourth)] == ["$160.00", "$0.00", "$80.00", "$0.00"]

    await run(database, test, is_transferable=True)


@pytest.mark.race
async def test_a_session_is_spent_or_paid_back(committed: Database, rounds: Callable[[int, int], int]) -> None:
    """Two want the last session for a visit and one wants its money, each round."""
    count = rounds(6, 100)

    async def fill(session: AsyncSession) -> list[tuple[World, list[uuid.UUID]]]:
        here = await world(session)
        made = []
        for _ in range(count):
            id = await packages.entitlement(session, here.package, now=NOW, user=here.user)
            await act.adjust(session, id, -2, reason="for the test", by_user_id=None)
            visits = [(await here.visit()).id for _ in range(2)]
            made.append((World(session, here.service, here.resource, here.package, here.user, id), visits))
        return made

    for here, visits in await committed.run(fill):

        async def spend(visit: uuid.UUID, here: World = here) -> int:
            return await committed.run(
                lambda session: act.redeem(
                    session, here.id, booking_id=visit, booking_version=1, service_id=here.service.id, start=TOMORROW
                )
            )

        async def hand_in(here: World = here) -> Money:
            return (await committed.run(lambda session: act.take_back(session, here.id, by_user_id=None))).value

        results = await asyncio.gather(*(spend(visit) for visit in visits), hand_in(), return_exceptions=True)
        won = [result for result in results if not isinstance(result, BaseException)]
        assert len(won) == 1, results
        assert [type(result) for result in results if isinstance(result, BaseException)] == [PackageExhausted] * 2

    async def sums(session: AsyncSession) -> tuple[int, int]:
        row = (
            await session.execute(
                text(
                    "SELECT count(*) FILTER (WHERE kind IN ('REDEEM', 'REFUND')) AS gone, (SELECT sum(balance) FROM"
                    " booking_entitlement) AS balance FROM booking_entitlement_entry"
                )
            )
        ).one()
        return row.gone, row.balance

    assert await committed.run(sums) == (count, 3)


@pytest.mark.race
async def test_the_last_session_is_spent_once(committed: Database, rounds: Callable[[int, int], int]) -> None:
    """5 rivals for one session, each round."""
    count = rounds(6, 200)

    async def fill(session: AsyncSession) -> list[tuple[World, list[uuid.UUID]]]:
        here = await world(session)
        made = []
        for _ in range(count):
            id = await packages.entitlement(session, here.package, now=NOW, user=here.user)
            await act.adjust(session, id, -2, reason="for the test", by_user_id=None)
            visits = [(await here.visit()).id for _ in range(5)]
            made.append((World(session, here.service, here.resource, here.package, here.user, id), visits))
        return made

    for here, visits in await committed.run(fill):

        async def one(visit: uuid.UUID, here: World = here) -> int:
            return await committed.run(
                lambda session: act.redeem(
                    session,
                    here.id,
                    booking_id=visit,
                    booking_version=1,
                    service_id=here.service.id,
                    start=TOMORROW,
                )
            )

        results = await asyncio.gather(*(one(visit) for visit in visits), return_exceptions=True)
        assert sorted(str(type(result)) for result in results) == sorted([str(int), *[str(PackageExhausted)] * 4]), (
            results
        )

    async def sums(session: AsyncSession) -> tuple[int, int]:
        row = (
            await session.execute(
                text(
                    "SELECT count(*) FILTER (WHERE kind = 'REDEEM') AS redeemed, (SELECT sum(balance) FROM"
                    " booking_entitlement) AS balance FROM booking_entitlement_entry"
                )
            )
        ).one()
        return row.redeemed, row.balance

    # The three sessions of the first one were never touched.
    assert await committed.run(sums) == (count, 3)
