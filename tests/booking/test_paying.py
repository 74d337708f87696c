"""Slots and money: held while being paid, booked with the order, released after the payment has ended, paid back."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking import actions as bookings
from shop.booking.actions import By
from shop.booking.errors import InvalidState, PolicyChanged
from shop.booking.flows import holds
from shop.booking.models import Service
from shop.booking.queries import of
from shop.booking.queries.holds import holds_of_purchase
from shop.catalogue.models import Variant
from shop.checkout import flows
from shop.checkout.actions import NewLine, add_lines
from shop.checkout.actions.slots import Slot
from shop.checkout.errors import NotFullyPaid, SlotRefused
from shop.checkout.rules import SYSTEM
from shop.kit import clock
from shop.kit.db import lock_purchase
from shop.kit.errors import Conflict
from shop.orders import flows as order_flows
from shop.orders.actions import By as OrderBy
from shop.orders.actions import cancel as cancel_order
from shop.orders.actions.cancel_booking import (
    CancelledBooking,
    cancel_booking,
    decline_booking,
    mark_no_show,
    quote_cancellation,
)
from shop.payments import flows as payment_flows
from shop.payments.actions import record_manual
from tests import factories as make
from tests.factories import booking as clinic
from tests.factories import payments
from tests.factories.payments import FORM, PAGE, Desk, Shop

CUSTOMER, STAFF = By("CUSTOMER"), By("STAFF")


@dataclass(frozen=True)
class Open:
    """A shop with a visit of an hour for 60.00, and a cart that holds one of them."""

    shop: Shop
    service: Service
    variant: Variant
    key: uuid.UUID


def at(hour: int) -> datetime:
    day = (clock.now() + timedelta(days=3)).astimezone(UTC)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


async def fill(desk: Desk, *, with_goods: bool = False, start: datetime | None = None, **columns: Any) -> Open:
    async def work(session: AsyncSession) -> Open:
        shop = await payments.shop(session)
        service = await clinic.service(session, shop.channel, **columns)
        variant = await session.get_one(Variant, service.variant_id)
        # 20.00 for goods and 5.00 to send them, or nothing yet.
        goods = await payments.cart(session, shop) if with_goods else None
        key = goods or (await make.ready_checkout(session, shop.channel, {})).id
        return Open(shop, service, variant, key)

    made = await desk.database.run(work)
    await take(desk, made, made.key, start or at(10))
    return made


async def take(desk: Desk, place: Open, key: uuid.UUID, start: datetime) -> None:
    line = NewLine(place.variant.id, 1, slot=Slot(start, place.service.id))
    await desk.database.run(lambda session: add_lines(session, key, [line], actor=SYSTEM, now=clock.now()))


async def rival(desk: Desk, place: Open, start: datetime) -> None:
    """Somebody else holds that slot. Raises: SlotRefused."""
    key = await desk.database.run(lambda session: payments.cart(session, place.shop))
    await take(desk, place, key, start)


async def state(desk: Desk) -> list[Any]:
    return await desk.rows("SELECT state, payment_open FROM booking_hold ORDER BY created_at, id")


async def bookings_of(desk: Desk) -> list[Any]:
    return await desk.rows("SELECT status, price_amount, deposit_amount FROM booking_booking ORDER BY created_at, id")


async def test_what_is_paid_is_booked_with_the_order(desk: Desk) -> None:
    place = await fill(desk, with_goods=True)
    assert await state(desk) == [("ACTIVE", False)]
    started = await desk.pay(place.key, PAGE)
    assert await state(desk) == [("ACTIVE", True)]
    ((expires_at,),) = await desk.rows("SELECT expires_at FROM booking_hold")
    assert timedelta(minutes=34) < expires_at - clock.now() <= timedelta(minutes=35)
    # Asked again, the same payment serves; nothing is held twice.
    await desk.pay(place.key, PAGE)
    await desk.shopper_pays(started)
    order = await desk.complete(place.key)
    assert await desk.complete(place.key) == order
    assert await state(desk) == [("CONVERTED", False)]
    assert await bookings_of(desk) == [("CONFIRMED", 60, 60)]
    assert await desk.scalar(
        "SELECT order_line_id = l.id FROM booking_booking, order_line l WHERE unit_price_gross_amount = 60"
    )
    await desk.work()
    assert await desk.scalar("SELECT count(*) FROM booking_booking") == 1
    assert await desk.broken_invariants() == []


async def test_a_slot_runs_out_only_after_its_payment_has_ended(desk: Desk) -> None:
    place = await fill(desk)
    started = await desk.pay(place.key, PAGE)
    later = clock.now() + timedelta(minutes=40)
    await holds.expire_due(desk.database, later)
    assert await state(desk) == [("EXPIRING", True)]
    with pytest.raises(SlotRefused) as refused:
        await rival(desk, place, at(10))
    assert refused.value.code == "INSUFFICIENT_STOCK"
    with pytest.raises(Conflict):
        await desk.pay(place.key, PAGE)
    assert await desk.work() == ["payments.run_call"]
    assert started.data is not None
    session = desk.sandbox.stripe.v1.checkout.sessions.retrieve(started.data["checkoutSession"]["id"])
    assert session.status == "expired"
    assert await state(desk) == [("RELEASED", False)]
    await rival(desk, place, at(10))
    assert await desk.broken_invariants() == []


async def test_who_paid_in_the_last_moment_has_the_slot(desk: Desk) -> None:
    place = await fill(desk)
    started = await desk.pay(place.key, PAGE)
    await desk.shopper_pays(started)
    await holds.expire_due(desk.database, clock.now() + timedelta(minutes=40))
    assert await state(desk) == [("EXPIRING", True)]
    await desk.work()
    assert await state(desk) == [("CONVERTED", False)]
    assert await bookings_of(desk) == [("CONFIRMED", 60, 60)]
    assert await desk.broken_invariants() == []


async def test_a_refused_card_leaves_an_ordinary_hold(desk: Desk) -> None:
    place = await fill(desk)
    started = await desk.pay(place.key, FORM)
    await payment_flows.cancel(desk.database, desk.provider, started.transaction_id, reason="test")
    assert await state(desk) == [("ACTIVE", False)]
    await holds.expire_due(desk.database, clock.now() + timedelta(minutes=40))
    assert await state(desk) == [("RELEASED", False)]


async def lose(desk: Desk, place: Open) -> None:
    """The cart's slot is somebody else's, as after a reaper that knew of no payment."""

    async def work(session: AsyncSession) -> None:
        await lock_purchase(session, place.key)
        await bookings.release(session, await holds_of_purchase(of(session), place.key))

    await desk.database.run(work)
    await rival(desk, place, at(10))


async def test_paid_for_a_lost_slot_alone_all_goes_back(desk: Desk) -> None:
    place = await fill(desk)
    started = await desk.pay(place.key, PAGE)
    await lose(desk, place)
    await desk.shopper_pays(started)
    with pytest.raises(SlotRefused):
        await desk.complete(place.key)
    for _ in range(2):
        await flows.complete_paid(desk.database, desk.provider, desk.settings, place.key, now=clock.now())
    assert await desk.scalar("SELECT count(*) FROM order_order") == 0
    assert [refund.amount for refund in desk.sandbox.stripe.v1.refunds.list().data] == [6000]
    assert await bookings_of(desk) == []
    assert await desk.broken_invariants() == []


async def test_paid_for_goods_and_a_lost_slot_only_the_slot_goes_back(desk: Desk) -> None:
    place = await fill(desk, with_goods=True)
    started = await desk.pay(place.key, PAGE)
    await lose(desk, place)
    await desk.shopper_pays(started)
    # A person is asked to choose again.
    with pytest.raises(SlotRefused):
        await desk.complete(place.key)
    for _ in range(2):
        assert await flows.complete_paid(desk.database, desk.provider, desk.settings, place.key, now=clock.now())
    await desk.work()
    assert [refund.amount for refund in desk.sandbox.stripe.v1.refunds.list().data] == [6000]
    assert await desk.rows("SELECT total_gross_amount, total_charged_amount FROM order_order") == [(85, 25)]
    assert await bookings_of(desk) == []
    assert await desk.scalar("SELECT count(*) FROM payment_alert WHERE kind = 'slot-lost'") == 1
    assert await desk.broken_invariants() == []


async def test_paid_after_release_a_free_slot_is_taken_again(desk: Desk) -> None:
    place = await fill(desk)
    started = await desk.pay(place.key, PAGE)

    async def release(session: AsyncSession) -> None:
        await lock_purchase(session, place.key)
        await bookings.release(session, await holds_of_purchase(of(session), place.key))

    await desk.database.run(release)
    await desk.shopper_pays(started)
    await desk.complete(place.key)
    assert [row[0] for row in await state(desk)] == ["RELEASED", "CONVERTED"]
    assert await bookings_of(desk) == [("CONFIRMED", 60, 60)]
    assert await desk.broken_invariants() == []


async def test_a_variant_that_takes_time_is_not_sold_without(desk: Desk) -> None:
    place = await fill(desk)
    line = NewLine(place.variant.id, 1, separate=True)
    await desk.database.run(lambda session: add_lines(session, place.key, [line], actor=SYSTEM, now=clock.now()))
    with pytest.raises(Conflict, match="A time has to be chosen"):
        await desk.pay(place.key, PAGE)
    # Nor where there is nothing to pay.
    await desk.rows("UPDATE pricing_variant_listing SET price_amount = 0 RETURNING id")
    with pytest.raises(SlotRefused):
        await desk.complete(place.key)
    assert await state(desk) == [("ACTIVE", False)]


async def sold(desk: Desk, **columns: Any) -> tuple[Open, uuid.UUID]:
    place = await fill(desk, **columns)
    started = await desk.pay(place.key, PAGE)
    await desk.shopper_pays(started)
    await desk.complete(place.key)
    (booking_id,) = (await desk.rows("SELECT id FROM booking_booking"))[0]
    return place, booking_id


async def cancel(desk: Desk, booking_id: uuid.UUID, **more: Any) -> CancelledBooking:
    options: dict[str, Any] = {"by": CUSTOMER, "now": clock.now()} | more
    return await desk.database.run(lambda session: cancel_booking(session, booking_id, **options))


@pytest.mark.parametrize(("tier", "refunded"), [("100", 60), ("50", 30), ("0", 0)])
async def test_cancelling_pays_back_what_the_terms_say(desk: Desk, tier: str, refunded: int) -> None:
    policy = await desk.database.run(lambda session: clinic.cancellation_policy(session, (60, tier)))
    _, booking_id = await sold(desk, policy_id=policy.id)
    quote = await desk.database.run(
        lambda session: quote_cancellation(session, booking_id, by=CUSTOMER, now=clock.now())
    )
    assert [quote.paid.amount, quote.refund.amount] == [60, refunded]
    if refunded < 60:
        with pytest.raises(PolicyChanged):
            await cancel(desk, booking_id)
    with pytest.raises(PolicyChanged):
        await cancel(desk, booking_id, promised=Decimal(59))
    assert await bookings_of(desk) == [("CONFIRMED", 60, 60)]
    done = await cancel(desk, booking_id, promised=quote.refund.amount)
    assert done.refund == quote.refund
    assert len(done.calls) == (1 if refunded else 0)
    await desk.work()
    assert [refund.amount for refund in desk.sandbox.stripe.v1.refunds.list().data] == (
        [refunded * 100] if refunded else []
    )
    assert await desk.scalar("SELECT total_charged_amount FROM order_order") == 60 - refunded
    with pytest.raises(InvalidState):
        await cancel(desk, booking_id, promised=quote.refund.amount)
    assert await desk.broken_invariants() == []


async def test_staff_pays_back_everything(desk: Desk) -> None:
    policy = await desk.database.run(lambda session: clinic.cancellation_policy(session, (60, "0")))
    _, booking_id = await sold(desk, policy_id=policy.id, confirmation="STAFF")
    assert await bookings_of(desk) == [("PENDING_APPROVAL", 60, 60)]
    done = await desk.database.run(lambda session: decline_booking(session, booking_id, by=STAFF, now=clock.now()))
    assert done.refund.amount == 60
    await desk.work()
    assert [refund.amount for refund in desk.sandbox.stripe.v1.refunds.list().data] == [6000]
    assert await bookings_of(desk) == [("DECLINED", 60, 60)]
    assert await desk.broken_invariants() == []


async def test_a_customer_withdraws_a_request_for_nothing(desk: Desk) -> None:
    policy = await desk.database.run(lambda session: clinic.cancellation_policy(session, (60, "0"), fee="10.00"))
    _, booking_id = await sold(desk, policy_id=policy.id, confirmation="STAFF")
    done = await cancel(desk, booking_id)
    assert (done.booking.status, done.booking.cancelled_by, str(done.refund)) == ("CANCELLED", "CUSTOMER", "$60.00")
    await desk.work()
    assert [refund.amount for refund in desk.sandbox.stripe.v1.refunds.list().data] == [6000]
    assert await desk.scalar("SELECT count(*) FROM booking_allocation") == 0
    assert await desk.broken_invariants() == []


async def authorised(desk: Desk, **columns: Any) -> uuid.UUID:
    place = await fill(desk, **columns)
    started = await desk.pay(place.key, PAGE, flow="AUTHORIZATION")
    await desk.shopper_pays(started)
    await desk.complete(place.key)
    (booking_id,) = (await desk.rows("SELECT id FROM booking_booking"))[0]
    return booking_id  # type: ignore[no-any-return]


async def test_what_was_only_authorised_is_released(desk: Desk) -> None:
    booking_id = await authorised(desk, confirmation="STAFF")
    done = await cancel(desk, booking_id)
    assert (str(done.refund), len(done.calls)) == ("$60.00", 1)
    await desk.work()
    (intent,) = desk.sandbox.stripe.v1.payment_intents.list().data
    assert intent.status == "canceled"
    assert await desk.rows("SELECT authorized_amount, cancelled_amount FROM payment_transaction") == [(0, 60)]
    assert await desk.scalar("SELECT count(*) FROM payment_alert") == 0
    assert await desk.broken_invariants() == []


async def test_a_part_of_what_was_authorised_is_somebody_s_to_charge_less(desk: Desk) -> None:
    policy = await desk.database.run(lambda session: clinic.cancellation_policy(session, (60, "50")))
    booking_id = await authorised(desk, policy_id=policy.id)
    done = await cancel(desk, booking_id, promised=Decimal(30))
    assert done.calls == ()
    assert [row[0] for row in await desk.rows("SELECT kind FROM payment_alert")] == ["refund-by-hand"]
    assert "$30.00 have to go back by hand" in await desk.scalar("SELECT detail FROM payment_alert")


@pytest.mark.parametrize(
    ("percent", "deposit", "kept", "refund", "owed"),
    [
        ("0", None, "0.00", "60.00", "0.00"),
        ("50", None, "30.00", "30.00", "0.00"),
        # A deposit of 15.00 is all there is to keep; nobody's card is charged for the rest.
        ("50", 25, "15.00", "0.00", "15.00"),
    ],
)
async def test_who_does_not_come_pays_what_the_terms_say(
    desk: Desk, percent: str, deposit: int | None, kept: str, refund: str, owed: str
) -> None:
    policy = await desk.database.run(lambda session: clinic.cancellation_policy(session, (60, "0"), no_show=percent))
    terms = {} if deposit is None else {"deposit_kind": "PERCENT", "deposit_percent": Decimal(deposit)}
    _, booking_id = await sold(desk, policy_id=policy.id, **terms)
    with pytest.raises(InvalidState):
        await desk.database.run(lambda session: mark_no_show(session, booking_id, by=STAFF, now=clock.now()))
    late = at(10) + timedelta(minutes=15)
    done = await desk.database.run(lambda session: mark_no_show(session, booking_id, by=STAFF, now=late))
    found = (done.kept.amount, done.cancelled.refund.amount, done.owed.amount)
    assert found == (Decimal(kept), Decimal(refund), Decimal(owed))
    assert await desk.rows(
        "SELECT to_status, parameters->>'kept', parameters->>'refund', parameters->>'owed' FROM booking_event"
        " WHERE booking_version = 2"
    ) == [("NO_SHOW", kept, refund, owed)]
    await desk.work()
    paid_back = [one.amount for one in desk.sandbox.stripe.v1.refunds.list().data]
    assert paid_back == ([int(Decimal(refund) * 100)] if Decimal(refund) else [])
    assert await desk.broken_invariants() == []


async def ordered_unpaid(desk: Desk, **columns: Any) -> uuid.UUID:
    """The purchase's key of a visit that was ordered in a channel that takes orders before money."""
    place = await fill(desk, **columns)
    await desk.rows("UPDATE channel_channel SET allow_unpaid_orders = true RETURNING 1")
    await desk.complete(place.key)
    return place.key


async def money_comes(desk: Desk, key: uuid.UUID, amount: int) -> None:
    async def pay(session: AsyncSession) -> None:
        await lock_purchase(session, key)
        await record_manual(session, key, Decimal(amount), "USD")

    await desk.database.run(pay)


async def test_a_visit_is_certain_once_it_is_paid(desk: Desk) -> None:
    key = await ordered_unpaid(desk, deposit_kind="PERCENT", deposit_percent=Decimal(25))
    assert await bookings_of(desk) == [("PENDING_PAYMENT", 60, 15)]
    assert await desk.scalar("SELECT count(*) FROM booking_allocation WHERE kind = 'BOOKING'") == 1
    await order_flows.lapse_unpaid_visits(desk.database, clock.now() + timedelta(hours=23))
    await money_comes(desk, key, 14)
    assert await bookings_of(desk) == [("PENDING_PAYMENT", 60, 15)]
    await money_comes(desk, key, 1)
    assert await bookings_of(desk) == [("CONFIRMED", 60, 15)]
    await order_flows.lapse_unpaid_visits(desk.database, clock.now() + timedelta(days=2))
    assert await bookings_of(desk) == [("CONFIRMED", 60, 15)]
    assert await desk.broken_invariants() == []


async def test_a_visit_that_nobody_pays_for_is_off_and_late_money_goes_back(desk: Desk) -> None:
    key = await ordered_unpaid(desk)
    assert await bookings_of(desk) == [("PENDING_PAYMENT", 60, 60)]
    later = clock.now() + timedelta(days=1, minutes=1)
    for _ in range(2):
        await order_flows.lapse_unpaid_visits(desk.database, later)
    assert await bookings_of(desk) == [("EXPIRED", 60, 60)]
    assert await desk.scalar("SELECT count(*) FROM booking_allocation") == 0
    await money_comes(desk, key, 60)
    # Paid outside of the shop: a person has to pay it back.
    assert await desk.rows("SELECT kind FROM payment_alert") == [("refund-by-hand",)]
    assert await desk.broken_invariants() == []


async def test_a_visit_is_kept_while_its_payment_is_under_way(desk: Desk) -> None:
    key = await ordered_unpaid(desk)
    await desk.database.run(
        lambda session: payments.transaction(session, key, status="OPEN", charged_amount=Decimal(0))
    )
    later = clock.now() + timedelta(days=1, minutes=1)
    await order_flows.lapse_unpaid_visits(desk.database, later)
    assert await bookings_of(desk) == [("PENDING_PAYMENT", 60, 60)]
    await desk.rows("UPDATE payment_transaction SET status = 'CANCELLED' RETURNING 1")
    await order_flows.lapse_unpaid_visits(desk.database, later)
    assert await bookings_of(desk) == [("EXPIRED", 60, 60)]


async def test_a_deposit_now_the_rest_at_the_visit(desk: Desk) -> None:
    place = await fill(desk, with_goods=True, deposit_kind="PERCENT", deposit_percent=Decimal(25))
    started = await desk.pay(place.key, PAGE)
    assert started.data is not None
    session = desk.sandbox.stripe.v1.checkout.sessions.retrieve(started.data["checkoutSession"]["id"])
    # 25.00 for goods and parcel, 15.00 of 60.00.
    assert session.amount_total == 4000
    with pytest.raises(NotFullyPaid):
        await desk.complete(place.key)
    await desk.shopper_pays(started)
    await desk.complete(place.key)
    assert await desk.rows("SELECT total_gross_amount, total_charged_amount, charge_status FROM order_order") == [
        (85, 40, "PARTIAL")
    ]
    assert await bookings_of(desk) == [("CONFIRMED", 60, 15)]
    (booking_id,) = (await desk.rows("SELECT id FROM booking_booking"))[0]
    done = await cancel(desk, booking_id)
    assert done.refund.amount == 15
    await desk.work()
    assert [refund.amount for refund in desk.sandbox.stripe.v1.refunds.list().data] == [1500]
    assert await desk.broken_invariants() == []


async def test_a_refund_is_wished_for_with_the_cancellation(desk: Desk) -> None:
    _, booking_id = await sold(desk)
    done = await cancel(desk, booking_id)
    assert len(done.calls) == 1
    assert await desk.rows("SELECT state FROM payment_provider_call WHERE action = 'REFUND'") == [("PENDING",)]
    await desk.work()
    assert await desk.rows("SELECT state FROM payment_provider_call WHERE action = 'REFUND'") == [("DONE",)]
    assert await desk.rows(
        "SELECT from_status, to_status, parameters->>'refund' FROM booking_event ORDER BY booking_version"
    ) == [(None, "CONFIRMED", None), ("CONFIRMED", "CANCELLED", "60.00")]


async def test_a_cancelled_order_frees_its_time(desk: Desk) -> None:
    await sold(desk)
    (order_id,) = (await desk.rows("SELECT id FROM order_order"))[0]
    await desk.database.run(lambda session: cancel_order(session, order_id, OrderBy()))
    assert await bookings_of(desk) == [("CANCELLED", 60, 60)]
    assert await desk.scalar("SELECT count(*) FROM booking_allocation") == 0
    assert await desk.broken_invariants() == []
