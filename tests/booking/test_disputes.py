"""A buyer's bank takes a payment back: what visits and sessions say meanwhile, and what is left of them in the end."""

import uuid
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.models import UserPermission
from shop.booking.actions import entitlements
from shop.booking.errors import PackageDisputed
from shop.booking.models import BookingEvent, Service
from shop.booking.terms import FREE_CANCELLATION
from shop.catalogue.models import Variant
from shop.kit import clock
from shop.payments import flows as payment_flows
from tests import factories as make
from tests.booking.test_paying import at, fill
from tests.factories import booking as clinic
from tests.factories import packages, payments
from tests.factories.payments import PAGE, Desk

DISPUTED_LATER = "4000000000000259"
LOSING, WINNING = "losing_evidence", "winning_evidence"


async def disputed(desk: Desk, **columns: Any) -> uuid.UUID:
    """The purchase's key of a visit for 60.00 that was paid, booked, and then disputed."""
    place = await fill(desk, **columns)
    started = await desk.pay(place.key, PAGE)
    await desk.shopper_pays(started, DISPUTED_LATER)
    await desk.complete(place.key)
    await open_dispute(desk)
    return place.key


async def open_dispute(desk: Desk) -> None:
    desk.sandbox.tool("/clock", advance_seconds=10)
    await payment_flows.audit(desk.database, desk.provider, clock.now())


async def decide(desk: Desk, evidence: str) -> None:
    """The bank has looked at what the shop sent. The shop hears of it twice."""
    found = desk.sandbox.stripe.v1.disputes.list().data[0]
    given: Any = {"evidence": {"uncategorized_text": evidence}, "submit": True}
    desk.sandbox.stripe.v1.disputes.update(found.id, given)
    for _ in range(2):
        await payment_flows.audit(desk.database, desk.provider, clock.now())


async def visits(desk: Desk) -> list[Any]:
    return await desk.rows("SELECT status, dispute, version FROM booking_booking ORDER BY created_at, id")


async def clerk(desk: Desk, email: str, *permissions: str, **columns: Any) -> None:
    async def work(session: AsyncSession) -> None:
        made = await make.user(session, email=email, is_staff=True, **columns)
        session.add_all(UserPermission(user_id=made.id, code=code) for code in permissions)

    await desk.database.run(work)


async def test_a_disputed_visit_keeps_its_time_and_staff_are_told(desk: Desk) -> None:
    await clerk(desk, "desk@example.com", "MANAGE_BOOKINGS", "MANAGE_ORDERS")
    await clerk(desk, "pictures@example.com", "MANAGE_PRODUCTS")
    await disputed(desk)
    assert await visits(desk) == [("CONFIRMED", "OPEN", 2)]
    assert await desk.scalar("SELECT count(*) FROM booking_allocation") == 1
    assert await desk.rows("SELECT type, actor, parameters->>'to' FROM booking_event ORDER BY booking_version") == [
        ("BOOKED", "CUSTOMER", None),
        ("DISPUTE_OPENED", "SYSTEM", "OPEN"),
    ]
    notes = await desk.rows("SELECT parameters FROM order_event WHERE type = 'EXTERNAL_SERVICE_NOTIFICATION'")
    assert [Decimal(note["amount"]) for (note,) in notes] == [60]
    mails = await desk.rows("SELECT recipient, subject, text FROM mail_message WHERE dedupe_key LIKE 'dispute:%'")
    assert [mail[0] for mail in mails] == ["desk@example.com"]
    number = await desk.scalar("SELECT number FROM order_order")
    assert mails[0][1].startswith(f"Dispute opened: order {number} at ")
    assert f"Booking {await desk.scalar('SELECT number FROM booking_booking')}: " in mails[0][2]
    # The visitor has no news: the only mail is the one that the sale wrote.
    await desk.work()
    assert await desk.scalar("SELECT count(*) FROM mail_message WHERE dedupe_key LIKE 'booking:%'") == 1
    assert await desk.broken_invariants() == []


async def test_a_lost_dispute_calls_the_visit_off(desk: Desk) -> None:
    await disputed(desk)
    await decide(desk, LOSING)
    assert await visits(desk) == [("CANCELLED", "LOST", 4)]
    assert await desk.scalar("SELECT count(*) FROM booking_allocation") == 0
    assert (
        await desk.scalar("SELECT parameters->>'reason' FROM booking_event WHERE to_status = 'CANCELLED'") == "dispute"
    )
    # Nothing is paid back: the bank has.
    assert await desk.scalar("SELECT count(*) FROM payment_provider_call WHERE action = 'REFUND'") == 0
    notes = await desk.scalar("SELECT count(*) FROM order_event WHERE type = 'EXTERNAL_SERVICE_NOTIFICATION'")
    assert notes == 2
    assert await desk.broken_invariants() == []


async def test_a_won_dispute_leaves_the_visit_as_it_was(desk: Desk) -> None:
    await disputed(desk)
    await decide(desk, WINNING)
    assert await visits(desk) == [("CONFIRMED", "WON", 3)]
    assert await desk.scalar("SELECT charge_status FROM order_order") == "FULL"
    assert await desk.broken_invariants() == []


async def test_a_dispute_that_is_heard_of_when_it_is_lost(desk: Desk) -> None:
    place = await fill(desk)
    started = await desk.pay(place.key, PAGE)
    await desk.shopper_pays(started, DISPUTED_LATER)
    await desk.complete(place.key)
    desk.sandbox.tool("/clock", advance_seconds=10)
    await decide(desk, LOSING)
    assert await visits(desk) == [("CANCELLED", "LOST", 4)]
    assert await desk.broken_invariants() == []


async def test_visits_that_are_over_stay_as_they_are(desk: Desk) -> None:
    place = await fill(desk)
    started = await desk.pay(place.key, PAGE)
    await desk.shopper_pays(started, DISPUTED_LATER)
    await desk.complete(place.key)
    await desk.rows(
        "UPDATE booking_booking SET during = tstzrange(lower(during) - interval '9 days', upper(during) - "
        "interval '9 days') RETURNING 1"
    )
    await open_dispute(desk)
    await decide(desk, LOSING)
    assert await visits(desk) == [("CONFIRMED", None, 1)]


async def test_a_visit_that_was_paid_again_takes_place(desk: Desk) -> None:
    """At the desk, in cash, after the bank took the first payment back."""
    key = await disputed(desk)
    await desk.database.run(
        lambda session: payments.transaction(
            session, key, kind="MANUAL", requested_amount=Decimal(60), charged_amount=Decimal(60)
        )
    )
    await decide(desk, LOSING)
    assert await visits(desk) == [("CONFIRMED", "LOST", 3)]
    assert await desk.scalar("SELECT count(*) FROM booking_allocation") == 1


async def test_sessions_of_a_disputed_package_are_not_spent_and_gone_when_it_is_lost(desk: Desk) -> None:
    async def sell(session: AsyncSession) -> tuple[uuid.UUID, int]:
        shop = await payments.shop(session)
        treatment = await clinic.service(session, shop.channel)
        package = await packages.package(session, shop.channel, treatment, sessions=3, price="240.00")
        variant = await session.get_one(Variant, package.variant_id)
        key = (await make.ready_checkout(session, shop.channel, {variant: 1})).id
        return key, treatment.id

    key, service_id = await desk.database.run(sell)
    started = await desk.pay(key, PAGE)
    await desk.shopper_pays(started, DISPUTED_LATER)
    await desk.complete(key)
    (mine,) = (await desk.rows("SELECT id FROM booking_entitlement"))[0]

    async def book(session: AsyncSession) -> uuid.UUID:
        treatment, who = await session.get_one(Service, service_id), await clinic.resource(session)
        terms = dict(FREE_CANCELLATION)
        made = await packages.visit(session, treatment, who, at(10), policy_snapshot=terms, entitlement_id=mine)
        session.add(
            BookingEvent(booking_id=made.id, booking_version=1, type="BOOKED", to_status=made.status, actor="STAFF")
        )
        return made.id

    async def spend(booking_id: uuid.UUID, version: int) -> int:
        return await desk.database.run(
            lambda session: entitlements.redeem(
                session, mine, booking_id=booking_id, booking_version=version, service_id=service_id, start=at(10)
            )
        )

    visit_id = await desk.database.run(book)
    assert await spend(visit_id, 1) == 2
    await open_dispute(desk)
    with pytest.raises(PackageDisputed):
        await spend(visit_id, 7)
    with pytest.raises(PackageDisputed):
        await desk.database.run(lambda session: entitlements.take_back(session, mine, by_user_id=None))
    assert "orders.visits_disputed" in await desk.work()
    assert await visits(desk) == [("CONFIRMED", "OPEN", 2)]
    await decide(desk, LOSING)
    await desk.work()
    assert await visits(desk) == [("CANCELLED", "LOST", 4)]
    assert await desk.rows("SELECT kind, amount, balance_after FROM booking_entitlement_entry ORDER BY seq") == [
        ("GRANT", 3, 3),
        ("REDEEM", -1, 2),
        ("ADJUST", -2, 0),
        ("FORFEIT", 0, 0),
    ]
