"""Packages in the cart: bought like anything else, then spent on visits that cost nothing any more."""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.models import User
from shop.booking.actions import By, cancel, locked
from shop.booking.actions.entitlements import adjust, follow_booking
from shop.booking.errors import EntitlementNotFound, PackageExhausted
from shop.booking.events import BookingChanged
from shop.channels.models import Channel
from shop.checkout import actions
from shop.checkout.actions import NewLine
from shop.checkout.actions.complete import Completion, complete
from shop.checkout.actions.slots import Slot
from shop.checkout.errors import SlotRefused
from shop.checkout.queries import Priced, of, priced
from shop.checkout.rules import SYSTEM
from shop.kit import clock
from shop.kit.db import Database
from shop.orders.actions.cancel_booking import quote_cancellation
from tests import factories as make
from tests.factories import booking as clinic
from tests.factories import packages, payments

NOW = clock.now().replace(microsecond=0)
# Ten o'clock in a week.
START = datetime.combine((NOW + timedelta(days=7)).date(), datetime.min.time(), NOW.tzinfo) + timedelta(hours=10)


async def place(session: AsyncSession, channel: Channel, user: User, lines: list[NewLine]) -> Priced:
    """The user's cart with these lines, and all that an order needs but its payment."""
    cart = await make.checkout(
        session, channel, user=user, email=user.email, billing_address=make.postal_address(country="US")
    )
    await actions.add_lines(session, cart.id, lines, actor=SYSTEM, now=NOW)
    return (await priced(of(session), [cart.id], now=NOW))[cart.id]


async def rows(session: AsyncSession, statement: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await session.execute(text(statement))]


LEDGER = "SELECT kind, amount, balance_after FROM booking_entitlement_entry ORDER BY id"


async def test_a_package_is_bought_and_spent_and_comes_back(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session, charge_taxes=False)
        user = await make.user(session)
        visit = await clinic.service(session, channel, price="90.00")
        package = await packages.package(session, channel, visit, sessions=3, price="240.00")
        # Bought with a visit that is paid with money: one order, one payment.
        first = await place(
            session,
            channel,
            user,
            [NewLine(package.variant_id, 2), NewLine(visit.variant_id, 1, slot=Slot(START))],
        )
        assert first.totals.total.gross == Decimal("570.00")
        await payments.transaction(
            session,
            first.cart.id,
            requested_amount=Decimal("570.00"),
            charged_amount=Decimal("570.00"),
        )
        await complete(session, first.cart.id, Completion(SYSTEM), now=NOW)
        ((id, balance, price, owner),) = await rows(
            session, "SELECT id, balance, price_amount, user_id FROM booking_entitlement"
        )
        assert (balance, price, owner) == (6, Decimal("480.000"), user.id)
        assert isinstance(id, uuid.UUID)

        # A session pays for the next visit: its line keeps its price and is taken off whole.
        later = START + timedelta(days=1)
        second = await place(
            session, channel, user, [NewLine(visit.variant_id, 1, slot=Slot(later, entitlement_id=id))]
        )
        (line,) = second.lines
        cost = second.totals.lines[line.id]
        assert line.is_redeemed
        assert (cost.undiscounted_total.gross, cost.total.gross) == (Decimal("90.00"), Decimal("0.00"))
        assert (cost.session_amount, second.totals.total.gross) == (Decimal("90.00"), Decimal("0.00"))
        order_id = await complete(session, second.cart.id, Completion(SYSTEM), now=NOW)
        assert await rows(session, LEDGER) == [("GRANT", 6, 6), ("REDEEM", -1, 5)]
        (order,) = await rows(
            session, f"SELECT total_gross_amount, charge_status FROM order_order WHERE id = '{order_id}'"
        )
        assert order == (Decimal("0.000"), "FULL")
        assert await rows(session, "SELECT type, value_type, value, amount FROM order_discount") == [
            ("MANUAL", "PERCENTAGE", Decimal("100.000"), Decimal("90.000"))
        ]
        ((booking_id,),) = await rows(session, f"SELECT id FROM booking_booking WHERE entitlement_id = '{id}'")
        assert isinstance(booking_id, uuid.UUID)

        # Cancelled in time, the session comes back.
        found = await cancel(session, await locked(session, booking_id), by=By("CUSTOMER", user.id), now=NOW)
        await follow_booking(session, BookingChanged(booking_id, found.version, found.status))
        assert (await rows(session, LEDGER))[2:] == [("RELEASE", 1, 6)]

    await database.run(work)


@pytest.mark.parametrize(
    ("ahead", "by", "kind"),
    [
        (timedelta(hours=25), "CUSTOMER", "RELEASE"),
        (timedelta(hours=23), "CUSTOMER", "FORFEIT"),
        (timedelta(hours=23), "STAFF", "RELEASE"),
    ],
)
async def test_who_cancels_late_loses_the_session(database: Database, ahead: timedelta, by: str, kind: str) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session, charge_taxes=False)
        user = await make.user(session)
        policy = await clinic.cancellation_policy(session, (24 * 60, "50"), fee="5.00")
        visit = await clinic.service(session, channel, policy_id=policy.id)
        package = await packages.package(session, channel, visit)
        id = await packages.entitlement(session, package, now=NOW, user=user)
        cart = await place(session, channel, user, [NewLine(visit.variant_id, 1, slot=Slot(START, entitlement_id=id))])
        await complete(session, cart.cart.id, Completion(SYSTEM), now=NOW)
        ((booking_id,),) = await rows(session, "SELECT id FROM booking_booking")
        assert isinstance(booking_id, uuid.UUID)
        quote = await quote_cancellation(session, booking_id, by=By(by), now=START - ahead)
        assert quote.returns_session is (kind == "RELEASE")
        found = await cancel(session, await locked(session, booking_id), by=By(by), now=START - ahead)
        await follow_booking(session, BookingChanged(booking_id, found.version, found.status))
        assert [entry[0] for entry in await rows(session, LEDGER)] == ["GRANT", "REDEEM", kind]

    await database.run(work)


async def test_a_cart_cannot_spend_what_is_not_its_owner_s_or_not_left(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        user, other = await make.user(session), await make.user(session)
        visit = await clinic.service(session, channel)
        package = await packages.package(session, channel, visit)
        id = await packages.entitlement(session, package, now=NOW, user=user)
        slot = NewLine(visit.variant_id, 1, slot=Slot(START, entitlement_id=id))
        with pytest.raises(EntitlementNotFound):
            await place(session, channel, other, [slot])
        await adjust(session, id, -3, reason="for the test", by_user_id=None)
        with pytest.raises(SlotRefused) as caught:
            await place(session, channel, user, [slot])
        assert isinstance(caught.value.__cause__, PackageExhausted)

    await database.run(work)


async def test_sessions_that_went_elsewhere_meanwhile_stop_the_order(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        user = await make.user(session)
        visit = await clinic.service(session, channel)
        package = await packages.package(session, channel, visit)
        id = await packages.entitlement(session, package, now=NOW, user=user)
        cart = await place(session, channel, user, [NewLine(visit.variant_id, 1, slot=Slot(START, entitlement_id=id))])
        await adjust(session, id, -3, reason="for the test", by_user_id=None)
        with pytest.raises(SlotRefused) as caught:
            async with session.begin_nested():
                await complete(session, cart.cart.id, Completion(SYSTEM), now=NOW)
        assert isinstance(caught.value.__cause__, PackageExhausted)
        assert await rows(session, "SELECT count(*) FROM order_order") == [(0,)]
        assert await rows(session, "SELECT count(*) FROM booking_booking") == [(0,)]

    await database.run(work)
