"""A booking that was paid is called off, or nobody comes: what its terms say goes back, decided and wished for in one
unit.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking import actions as bookings
from shop.booking.actions import By
from shop.booking.actions.entitlements import drop_unpaid, lock_entitlements
from shop.booking.errors import PolicyChanged
from shop.booking.queries import of
from shop.booking.queries.bookings import BookingRow, bookings_of_purchase
from shop.booking.rules import can_cancel, can_decline, gives_session_back, no_show_fee, refund_amount
from shop.booking.terms import policy_of
from shop.kit import clock
from shop.kit.money import ZERO, Money
from shop.orders.actions.locked import purchase_key
from shop.orders.actions.pay_back import pay_back
from shop.orders.events import OrderCanceled
from shop.orders.queries import order_of_purchase
from shop.payments.queries import purchase_totals
from shop.pricing.rules import round_money


@dataclass(frozen=True, slots=True)
class CancellationQuote:
    """What a cancellation at this moment pays back, of what was paid."""

    booking: BookingRow
    paid: Money
    refund: Money
    # Of a visit that a package pays for: whether its session is there again afterwards.
    returns_session: bool | None


@dataclass(frozen=True, slots=True)
class CancelledBooking:
    """The booking as it is now, and the wishes that pay back for it; the caller carries them out at once."""

    booking: BookingRow
    refund: Money
    calls: tuple[uuid.UUID, ...]


@dataclass(frozen=True, slots=True)
class NoShow:
    """A visit that nobody came to: what its terms keep of what was paid, and what they ask for beyond that."""

    cancelled: CancelledBooking
    kept: Money
    owed: Money


def refund_reason(booking_id: uuid.UUID) -> str:
    """What the wish for a booking's refund is called in the payments' ledger: once for each booking."""
    return f"booking:{booking_id}"


async def quote_cancellation(
    session: AsyncSession, booking_id: uuid.UUID, *, by: By, now: datetime
) -> CancellationQuote:
    """What cancelling would pay back: all of it as long as the visit is not certain.

    Locks: purchase. Raises: BookingNotFound.
    """
    booking = await bookings.locked(session, booking_id)
    paid = await _paid(session, booking)
    policy, notice = policy_of(booking.policy_snapshot), booking.start - now
    returns = None
    if booking.entitlement_id is not None:
        returns = gives_session_back(policy, notice, by_staff=by.is_staff)
    if booking.status in {"PENDING_APPROVAL", "PENDING_PAYMENT"}:
        return CancellationQuote(booking, paid, paid, returns)
    return CancellationQuote(booking, paid, refund_amount(policy, paid, notice, by_staff=by.is_staff), returns)


async def cancel_booking(
    session: AsyncSession, booking_id: uuid.UUID, *, by: By, now: datetime, promised: Decimal | None = None
) -> CancelledBooking:
    """It is called off, its time is free, and the refund is wished for.

    `promised`: what the caller was told; without it a customer cancels only where everything goes back.
    Locks: purchase → transactions → booking. Raises: BookingNotFound, InvalidState, PolicyChanged.
    """
    quote = await quote_cancellation(session, booking_id, by=by, now=now)
    if promised is not None and promised != quote.refund.amount:
        raise PolicyChanged
    if promised is None and not by.is_staff and quote.refund != quote.paid:
        raise PolicyChanged
    details = {"refund": str(quote.refund.amount), "currency": quote.refund.currency}
    cancelled = await bookings.cancel(session, quote.booking, by=by, now=now, details=details)
    return CancelledBooking(cancelled, quote.refund, await _pay_back(session, cancelled, quote.refund))


async def decline_booking(session: AsyncSession, booking_id: uuid.UUID, *, by: By, now: datetime) -> CancelledBooking:
    """Staff will not have it: all that was paid goes back. As `cancel_booking`."""
    booking = await bookings.locked(session, booking_id)
    paid = await _paid(session, booking)
    declined = await bookings.decline(session, booking, by=by, now=now)
    return CancelledBooking(declined, paid, await _pay_back(session, declined, paid))


async def mark_no_show(session: AsyncSession, booking_id: uuid.UUID, *, by: By, now: datetime) -> NoShow:
    """Nobody came: the part of the price that the booking's terms say is kept of what was paid, the rest goes back.

    What was paid is all there is to keep: what the terms ask for beyond it is `owed`, and no card is charged for it,
    since none is kept for that. Locks: purchase → transactions → booking. Raises: BookingNotFound, InvalidState.
    """
    booking = await bookings.locked(session, booking_id)
    paid = await _paid(session, booking)
    fee = no_show_fee(policy_of(booking.policy_snapshot), Money(booking.price_amount, booking.currency))
    kept = min(paid, fee)
    refund, owed = paid - kept, fee - kept
    told = {"kept": kept, "refund": refund, "owed": owed}
    details = {name: str(round_money(money.amount, money.currency)) for name, money in told.items()}
    details["currency"] = booking.currency
    absent = await bookings.mark_no_show(session, booking, by=by, now=now, details=details)
    return NoShow(CancelledBooking(absent, refund, await _pay_back(session, absent, refund)), kept, owed)


async def free_bookings(session: AsyncSession, event: OrderCanceled) -> None:
    """Nobody comes for a cancelled order: its visits are called off, and packages that wait for its payment grant
    nothing any more. What was paid is given back by who decides so.

    Locks: the order's purchase is held by whoever cancelled it → entitlements → bookings.
    """
    now, by = clock.now(), By("SYSTEM")
    purchase = await purchase_key(session, event.order_id)
    found = await bookings_of_purchase(of(session), purchase)
    # Before the first visit is changed: one behind its calendar would meet whoever books with both the other way round.
    await lock_entitlements(session, [booking.entitlement_id for booking in found])
    await drop_unpaid(session, purchase)
    for booking in found:
        if can_decline(booking.status):
            await bookings.decline(session, booking, by=by, now=now)
        elif can_cancel(booking.status, booking.start, now, by_staff=True):
            await bookings.cancel(session, booking, by=by, now=now)


async def _paid(session: AsyncSession, booking: BookingRow) -> Money:
    """What was paid for it: the whole price once the order is paid for, before that the deposit.

    What is authorised counts: it is the shop's to charge.
    """
    order = await order_of_purchase(session, booking.purchase_key)
    totals = await purchase_totals(session, booking.purchase_key, booking.currency)
    if order is None:
        return Money(ZERO, booking.currency)
    # Whatever went back meanwhile had been paid.
    ever = totals.charged + totals.refunded + totals.refund_pending + totals.authorized
    ever = max(ever, order.total_charged_amount)
    paid = booking.price_amount if ever >= order.total_gross_amount else min(booking.deposit_amount, ever)
    return Money(paid, booking.currency)


async def pay_back_lapsed(session: AsyncSession, booking: BookingRow) -> None:
    """What came for a visit after it had lapsed goes back, once. Locks: purchase, held by the caller."""
    await _pay_back(session, booking, Money(booking.deposit_amount, booking.currency))


async def _pay_back(session: AsyncSession, booking: BookingRow, refund: Money) -> tuple[uuid.UUID, ...]:
    why = f"Booking {booking.number} is {booking.status}"
    reason = refund_reason(booking.id)
    return (await pay_back(session, booking.purchase_key, refund, reason=reason, why=why)).calls
