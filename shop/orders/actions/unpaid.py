"""Orders that were placed before they were paid for: visits are kept for a while and certain once the money is there,
sessions of packages are there with it.
"""

import uuid
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, DateTime, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking import actions as bookings
from shop.booking.actions import SYSTEM
from shop.booking.actions.entitlements import grant_paid
from shop.booking.models import Booking
from shop.booking.queries import of
from shop.booking.queries.bookings import bookings_of_purchase
from shop.booking.queries.entitlements import awaiting_payment
from shop.booking.rules import UNPAID_FOR, has_lapsed
from shop.kit import clock
from shop.kit.db import send
from shop.kit.money import ZERO
from shop.orders.actions.cancel_booking import pay_back_lapsed
from shop.orders.actions.locked import purchase_key
from shop.orders.events import OrderPaymentChanged
from shop.orders.queries import order_of_purchase
from shop.payments.queries import purchase_totals, transactions_of_purchase

_now: Final = bindparam("now", type_=DateTime(timezone=True))
_DUE: Final = (
    select(Booking.id)
    .where(
        Booking.status == "PENDING_PAYMENT",
        or_(Booking.created_at <= _now - UNPAID_FOR, func.lower(Booking.during) <= _now),
    )
    .order_by(Booking.created_at)
    .limit(bindparam("limit", type_=BigInteger))
)


async def certain_when_paid(session: AsyncSession, event: OrderPaymentChanged) -> None:
    """Once all is there that was due when ordering, visits are certain and packages grant their sessions; what came too
    late for a visit goes back.

    Locks: the purchase's is held by whoever wrote the ledger → entitlements → bookings.
    """
    key = await purchase_key(session, event.order_id)
    visits = await bookings_of_purchase(of(session), key)
    waiting = [one for one in visits if one.status in {"PENDING_PAYMENT", "EXPIRED"}]
    sessions = await awaiting_payment(session, key)
    order = await order_of_purchase(session, key) if waiting or sessions else None
    if order is None:
        return
    totals = await purchase_totals(session, key, order.currency)
    later = sum((one.price_amount - one.deposit_amount for one in visits), ZERO)
    if totals.charged + totals.authorized < order.total_gross_amount - later:
        return
    now = clock.now()
    await grant_paid(session, sessions, now=now)
    for visit in waiting:
        if visit.status == "EXPIRED":
            await pay_back_lapsed(session, visit)
        else:
            await bookings.confirm(session, visit, by=SYSTEM, now=now)


async def due_visits(session: AsyncSession, *, now: datetime, limit: int) -> list[uuid.UUID]:
    """Visits whose time is kept no longer for who has not paid, the longest overdue first."""
    return [row[0] for row in await send(session, _DUE, now=now, limit=limit)]


async def lapse_unpaid(session: AsyncSession, booking_id: uuid.UUID, *, now: datetime) -> None:
    """The visit's time is free, unless it was paid for meanwhile or a payment for it is under way.

    Locks: purchase → booking.
    """
    visit = await bookings.locked(session, booking_id)
    if not has_lapsed(visit.status, visit.start, visit.created_at, now):
        return
    payments = await transactions_of_purchase(session, visit.purchase_key)
    if not any(one.status == "OPEN" for one in payments):
        await bookings.lapse(session, visit, now=now)
