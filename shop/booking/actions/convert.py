"""What was held is booked, in the unit that makes the order: all of it, or what is lost is told."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import DateTime, Integer, Numeric, Table, Text, Uuid, bindparam, func, null, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.actions.calendar import mark_changed
from shop.booking.actions.entitlements import lock_entitlements, redeem
from shop.booking.actions.hold import hold_slots
from shop.booking.actions.taking import Wish
from shop.booking.calendars import ServiceFacts
from shop.booking.errors import BookingError, HoldExpired
from shop.booking.events import BookingChanged
from shop.booking.models import Allocation, Booking, BookingEvent, Hold, Seat
from shop.booking.queries import of
from shop.booking.queries.bookings import RESOURCE_NAMES, policy_snapshots
from shop.booking.queries.calendars import SERVICES
from shop.booking.queries.holds import HoldRow, holds_by_line, is_live
from shop.booking.rules import local_of, tzdata_version
from shop.booking.terms import FREE_CANCELLATION, due_when_booking, service_snapshot
from shop.kit.db import send
from shop.kit.events import publish
from shop.kit.money import Money

# Whoever has paid may have back a slot that ran out meanwhile, however much is held by then.
_NO_LIMIT: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Sold:
    """A cart's line with a slot, as it is sold. `price`: what the line costs, for all its seats."""

    line_id: uuid.UUID
    order_line_id: uuid.UUID
    price: Money


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who books."""

    user_id: int | None
    email: str
    language_code: str = "EN"


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking that was made of a line."""

    booking_id: uuid.UUID
    order_line_id: uuid.UUID
    deposit: Money


@dataclass(frozen=True, slots=True)
class Converted:
    """What became of the lines: bookings, or lost slots, which somebody else has by now."""

    booked: tuple[Booked, ...]
    lost: tuple[Sold, ...]


_moment: Final = DateTime(timezone=True)
_hold: Final = bindparam("hold", type_=Uuid())
_booking: Final = bindparam("booking", type_=Uuid())
_hold_ended: Final = (
    update(Hold)
    .where(Hold.id == _hold, is_live)
    .values(state="CONVERTED", payment_open=False, ended_at=bindparam("now", type_=_moment))
    .returning(Hold.id)
    .cte("hold_ended")
)
_time_booked: Final = (
    update(Allocation)
    .where(Allocation.hold_id == _hold)
    .values(kind="BOOKING", booking_id=_booking, hold_id=null(), expires_at=null())
    .cte("time_booked")
)
_seats_taken: Final = (
    update(Seat)
    .where(Seat.hold_id == _hold)
    .values(state="TAKEN", booking_id=_booking, hold_id=null(), expires_at=null())
    .cte("seats_taken")
)
_told: Final = (
    insert(cast("Table", BookingEvent.__table__))
    .values(
        booking_id=_booking,
        booking_version=1,
        type="BOOKED",
        to_status=bindparam("status", type_=Text),
        actor="CUSTOMER",
        user_id=bindparam("user", type_=Integer),
        created_at=bindparam("now", type_=_moment),
    )
    .cte("told")
)
_BOOK: Final = (
    insert(cast("Table", Booking.__table__))
    .from_select(
        [
            "id",
            "purchase_key",
            "order_line_id",
            "hold_id",
            "user_id",
            "email",
            "language_code",
            "attendee",
            "service_id",
            "resource_id",
            "session_id",
            "service_snapshot",
            "policy_snapshot",
            "during",
            "local_start",
            "timezone",
            "tzdata_version",
            "status",
            "seats",
            "currency",
            "price_amount",
            "deposit_amount",
            "entitlement_id",
            "created_at",
            "updated_at",
        ],
        select(
            _booking,
            bindparam("key", type_=Uuid()),
            bindparam("order_line", type_=Uuid()),
            _hold,
            bindparam("user", type_=Integer),
            bindparam("mail", type_=Text),
            bindparam("language", type_=Text),
            bindparam("who", type_=JSONB),
            bindparam("service", type_=Integer),
            bindparam("resource", type_=Integer),
            bindparam("sitting", type_=Uuid()),
            bindparam("as_sold", type_=JSONB),
            bindparam("policy", type_=JSONB),
            func.tstzrange(bindparam("starts", type_=_moment), bindparam("ends", type_=_moment)),
            bindparam("local", type_=DateTime()),
            bindparam("zone", type_=Text),
            bindparam("tzdata", type_=Text),
            bindparam("status", type_=Text),
            bindparam("places", type_=Integer),
            bindparam("currency_", type_=Text),
            bindparam("price", type_=Numeric),
            bindparam("deposit", type_=Numeric),
            bindparam("entitlement", type_=Uuid()),
            bindparam("now", type_=_moment),
            bindparam("now", type_=_moment),
        ).where(select(_hold_ended.c.id).exists()),
    )
    .returning(Booking.id)
    .add_cte(_time_booked, _seats_taken, _told)
)


async def convert(
    session: AsyncSession,
    purchase_key: uuid.UUID,
    sold: Sequence[Sold],
    buyer: Buyer,
    *,
    awaits_payment: bool = False,
    now: datetime,
) -> Converted:
    """Each line's slot is booked. One that was released is taken again where it is still free; else it is lost.

    `awaits_payment`: what is due when booking has yet to come; until then nothing is certain.
    The caller holds the purchase's lock. Locks: entitlements, then as `hold_slots`.
    Raises: HoldExpired for a line that never had a slot; what `redeem` raises for one that sessions pay for.
    """
    rows = of(session)
    holds = await holds_by_line(rows, [one.line_id for one in sold])
    if any(one.line_id not in holds for one in sold):
        raise HoldExpired
    await lock_entitlements(session, [hold.entitlement_id for hold in holds.values()])
    current: dict[uuid.UUID, HoldRow] = {}
    for one in sold:
        hold: HoldRow | None = holds[one.line_id]
        if hold is not None and not hold.is_live:
            hold = await _again(session, hold, now=now)
        if hold is not None:
            current[one.line_id] = hold
    facts = {
        row[0]: ServiceFacts(*row)
        for row in await rows(SERVICES, ids=sorted({hold.service_id for hold in current.values()}))
    }
    names = {
        row[0]: row[1]
        for row in await rows(RESOURCE_NAMES, ids=sorted({hold.resource_id for hold in current.values()}))
    }
    policies = await policy_snapshots(
        rows, {service.policy_id for service in facts.values() if service.policy_id is not None}
    )
    booked = []
    for one in sold:
        if one.line_id not in current:
            continue
        hold = current[one.line_id]
        service = facts[hold.service_id]
        policy = FREE_CANCELLATION if service.policy_id is None else policies[service.policy_id]
        as_sold = service_snapshot(service, resource_name=names[hold.resource_id])
        booked.append(
            await _book(session, hold, one, buyer, service, as_sold, policy, awaits_payment=awaits_payment, now=now)
        )
    await mark_changed(session, _resources(current.values()))
    return Converted(tuple(booked), tuple(one for one in sold if one.line_id not in current))


def _resources(holds: Collection[HoldRow]) -> set[int]:
    return {hold.resource_id for hold in holds}


async def _again(session: AsyncSession, hold: HoldRow, *, now: datetime) -> HoldRow | None:
    """The slot that was released, held anew; None when it cannot be had any more."""
    wish = Wish(
        hold.line_id,
        hold.service_id,
        hold.start,
        hold.resource_id,
        hold.seats,
        hold.entitlement_id,
        hold.attendee,
        is_paid=True,
    )
    try:
        async with session.begin_nested():
            (again,) = await hold_slots(
                session, hold.purchase_key, [wish], client=hold.client, limit=_NO_LIMIT, now=now
            )
    except BookingError:
        return None
    return again


async def _book(
    session: AsyncSession,
    hold: HoldRow,
    sold: Sold,
    buyer: Buyer,
    service: ServiceFacts,
    as_sold: Mapping[str, Any],
    policy: Mapping[str, Any],
    *,
    awaits_payment: bool,
    now: datetime,
) -> Booked:
    booking_id = uuid.uuid4()
    deposit = due_when_booking(service, sold.price)
    status = "CONFIRMED" if service.confirmation == "AUTO" else "PENDING_APPROVAL"
    if awaits_payment and status == "CONFIRMED" and deposit:
        status = "PENDING_PAYMENT"
    made = await send(
        session,
        _BOOK,
        booking=booking_id,
        hold=hold.id,
        key=hold.purchase_key,
        order_line=sold.order_line_id,
        user=buyer.user_id,
        mail=buyer.email,
        language=buyer.language_code,
        who=dict(hold.attendee),
        service=hold.service_id,
        resource=hold.resource_id,
        sitting=hold.session_id,
        as_sold=dict(as_sold),
        policy=dict(policy),
        starts=hold.start,
        ends=hold.end,
        local=local_of(hold.start, hold.timezone),
        zone=hold.timezone,
        tzdata=tzdata_version(),
        status=status,
        places=hold.seats,
        currency_=sold.price.currency,
        price=sold.price.amount,
        deposit=deposit.amount,
        entitlement=hold.entitlement_id,
        now=now,
    )
    if not made:
        raise HoldExpired
    if hold.entitlement_id is not None:
        await redeem(
            session,
            hold.entitlement_id,
            booking_id=booking_id,
            booking_version=1,
            service_id=hold.service_id,
            start=hold.start,
            seats=hold.seats,
            by_user_id=buyer.user_id,
        )
    await publish(session, BookingChanged(booking_id, 1, status))
    return Booked(booking_id, sold.order_line_id, deposit)
