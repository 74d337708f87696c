"""A booking that was paid is called off, and what its terms say goes back: decided and wished for in one unit."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking import actions as bookings
from shop.booking.actions import By
from shop.booking.errors import PolicyChanged
from shop.booking.queries import of
from shop.booking.queries.bookings import BookingRow, bookings_of_purchase
from shop.booking.rules import can_cancel, can_decline, refund_amount
from shop.booking.terms import policy_of
from shop.kit import clock
from shop.kit.money import ZERO, Money
from shop.orders.actions.locked import purchase_key
from shop.orders.events import OrderCanceled
from shop.orders.queries import order_of_purchase
from shop.payments.actions import raise_alert, request
from shop.payments.queries import purchase_totals, transactions_of_purchase


@dataclass(frozen=True, slots=True)
class CancellationQuote:
    """What a cancellation at this moment pays back, of what was paid."""

    booking: BookingRow
    paid: Money
    refund: Money


@dataclass(frozen=True, slots=True)
class CancelledBooking:
    """The booking as it is now, and the wishes that pay back for it; the caller carries them out at once."""

    booking: BookingRow
    refund: Money
    calls: tuple[uuid.UUID, ...]


def refund_reason(booking_id: uuid.UUID) -> str:
    """What the wish for a booking's refund is called in the payments' ledger: once for each booking."""
    return f"booking:{booking_id}"


async def quote_cancellation(
    session: AsyncSession, booking_id: uuid.UUID, *, by: By, now: datetime
) -> CancellationQuote:
    """What cancelling would pay back. Locks: purchase. Raises: BookingNotFound."""
    booking = await bookings.locked(session, booking_id)
    paid = await _paid(session, booking)
    refund = refund_amount(policy_of(booking.policy_snapshot), paid, booking.start - now, by_staff=by.is_staff)
    return CancellationQuote(booking, paid, refund)


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


async def free_bookings(session: AsyncSession, event: OrderCanceled) -> None:
    """Nobody comes for a cancelled order: its visits are called off. What was paid is given back by who decides so.

    Locks: the order's purchase is held by whoever cancelled it.
    """
    now, by = clock.now(), By("SYSTEM")
    for booking in await bookings_of_purchase(of(session), await purchase_key(session, event.order_id)):
        if can_decline(booking.status):
            await bookings.decline(session, booking, by=by, now=now)
        elif can_cancel(booking.status, booking.start, now, by_staff=True):
            await bookings.cancel(session, booking, by=by, now=now)


async def _paid(session: AsyncSession, booking: BookingRow) -> Money:
    """What was paid for it: the whole price once the order is paid for, before that the deposit."""
    order = await order_of_purchase(session, booking.purchase_key)
    totals = await purchase_totals(session, booking.purchase_key, booking.currency)
    if order is None:
        return Money(ZERO, booking.currency)
    # Whatever went back meanwhile had been paid.
    ever = max(totals.charged + totals.refunded + totals.refund_pending, order.total_charged_amount)
    paid = booking.price_amount if ever >= order.total_gross_amount else min(booking.deposit_amount, ever)
    return Money(paid, booking.currency)


async def _pay_back(session: AsyncSession, booking: BookingRow, refund: Money) -> tuple[uuid.UUID, ...]:
    left = refund.amount
    calls = []
    for transaction in await transactions_of_purchase(session, booking.purchase_key):
        part = min(left, transaction.charged_amount)
        if part > 0 and transaction.currency == refund.currency:
            calls.append(await request(session, transaction, "REFUND", part, reason=refund_reason(booking.id)))
            left -= part
    if left > 0:
        # Paid by a gift card, outside of the shop, or authorised only.
        await raise_alert(
            session,
            kind="refund-by-hand",
            reference=str(booking.id),
            purchase_key=booking.purchase_key,
            detail=f"Booking {booking.number} was called off: {Money(left, refund.currency)} have to go back by hand.",
        )
    return tuple(calls)
