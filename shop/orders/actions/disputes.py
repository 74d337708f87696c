"""A buyer's bank takes a payment back: what that means for the order's visits and packages, and who is told."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.queries import staff_mailboxes
from shop.booking import actions as bookings
from shop.booking.actions import SYSTEM
from shop.booking.actions.disputes import mark_sessions_disputed
from shop.booking.actions.entitlements import lock_entitlements
from shop.booking.errors import BookingNotFound
from shop.booking.queries import of
from shop.booking.queries.bookings import BookingRow, bookings_of_purchase
from shop.booking.queries.entitlements import entitlement, entitlements_of_purchase, visits_of_sessions
from shop.booking.rules import OCCUPYING, is_ahead, local_of
from shop.jobs import enqueue
from shop.kit import clock
from shop.kit.money import ZERO, Money
from shop.mail.actions import queue_mail
from shop.orders.actions.locked import note
from shop.orders.queries import order_of_purchase, shop_name
from shop.payments.events import PaymentDisputed
from shop.payments.queries import purchase_totals

_TOLD: Final = ("MANAGE_BOOKINGS", "MANAGE_ORDERS")
_NEWS: Final = {
    "OPEN": "The buyer's bank has taken {amount} back. Visits and sessions of this order are marked; visits keep their "
    "time, sessions are not spent, until it is decided. Answer the dispute at the payment provider.",
    "WON": "The dispute over {amount} was decided for the shop: the money is here again.",
    "LOST": "The dispute over {amount} was lost. Sessions that were left are gone, and visits to come that are not "
    "paid for any more are called off.",
}


async def follow_dispute(session: AsyncSession, event: PaymentDisputed) -> None:
    """The order's visits and sessions say how its dispute stands, its history and the staff are told.

    OPEN: visits to come are marked and keep their time. LOST: those are called off, unless what is left of the order's
    money is what was due for all of its visits. WON: what was marked says so. Visits that were paid with sessions of
    the order belong to other purchases: a job looks at each.
    Locks: the purchase's is held by whoever wrote the ledger → entitlements → bookings.
    """
    now = clock.now()
    order = await order_of_purchase(session, event.purchase_key)
    if order is None:
        return
    sessions = await entitlements_of_purchase(session, event.purchase_key)
    found = await bookings_of_purchase(of(session), event.purchase_key)
    # Also those that paid for its visits, all in one order.
    await lock_entitlements(session, [*sessions, *(booking.entitlement_id for booking in found)])
    await mark_sessions_disputed(session, sessions, event.stage)
    marked = [await _mark(session, one, event.stage, now=now) for one in found if _is_concerned(one, now)]
    if event.stage == "LOST" and not await _is_still_paid(session, found, event):
        marked = [await _call_off(session, one, now=now) for one in marked]
    if sessions:
        await enqueue(session, "orders.visits_disputed", {"purchase_key": str(event.purchase_key)})
    money = Money(event.amount, event.currency)
    news = _NEWS[event.stage].format(amount=money)
    parameters = {"amount": str(event.amount), "transaction": str(event.transaction_id), "message": news}
    await note(session, order.id, "EXTERNAL_SERVICE_NOTIFICATION", parameters)
    for user_id, email in await staff_mailboxes(session, _TOLD):
        await queue_mail(
            session,
            dedupe_key=f"dispute:{event.transaction_id}:{event.stage}:{user_id}",
            recipient=email,
            template="payment-disputed",
            context={
                "shop_name": await shop_name(session),
                "number": order.number,
                "stage": event.stage,
                "news": news,
                "visits": [_line(one) for one in marked],
                "sessions": len(sessions),
            },
        )


async def visits_of_disputed_sessions(session: AsyncSession, purchase_key: uuid.UUID) -> list[uuid.UUID]:
    """The visits that were paid with sessions of the purchase."""
    return await visits_of_sessions(session, await entitlements_of_purchase(session, purchase_key))


async def follow_disputed_sessions(session: AsyncSession, booking_id: uuid.UUID, *, now: datetime) -> None:
    """A visit that a session paid for says how the dispute of its package stands, and is called off where it is lost.

    Locks: purchase → booking → entitlement.
    """
    booking = await bookings.locked(session, booking_id)
    if booking.entitlement_id is None:
        raise BookingNotFound
    spent = await entitlement(session, booking.entitlement_id)
    if spent is None or spent.dispute in {None, booking.dispute} or not _is_concerned(booking, now):
        return
    assert spent.dispute is not None
    booking = await _mark(session, booking, spent.dispute, now=now)
    if spent.dispute == "LOST":
        await _call_off(session, booking, now=now)


def _is_concerned(booking: BookingRow, now: datetime) -> bool:
    """Visits to come, and those that were when the dispute began."""
    return booking.dispute is not None or is_ahead(booking.status, booking.start, now)


async def _is_still_paid(session: AsyncSession, found: Sequence[BookingRow], event: PaymentDisputed) -> bool:
    totals = await purchase_totals(session, event.purchase_key, event.currency)
    return totals.charged >= sum((one.deposit_amount for one in found if one.status in OCCUPYING), ZERO)


async def _mark(session: AsyncSession, booking: BookingRow, stage: str, *, now: datetime) -> BookingRow:
    return booking if booking.dispute == stage else await bookings.mark_disputed(session, booking, stage, now=now)


async def _call_off(session: AsyncSession, booking: BookingRow, *, now: datetime) -> BookingRow:
    if not is_ahead(booking.status, booking.start, now):
        return booking
    return await bookings.cancel(session, booking, by=SYSTEM, now=now, details={"reason": "dispute"})


def _line(booking: BookingRow) -> dict[str, object]:
    return {
        "number": booking.number,
        "name": booking.service_snapshot["name"],
        "when": f"{local_of(booking.start, booking.timezone):%A, %d %B %Y, %H:%M}",
        "status": booking.status.replace("_", " ").lower(),
    }
