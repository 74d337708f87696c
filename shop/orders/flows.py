"""What leaves the database between two units: an order's payments are asked, its invoices written to disk."""

import asyncio
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.actions import By
from shop.booking.actions import locked as locked_booking
from shop.booking.queries.bookings import BookingRow
from shop.kit.db import Units
from shop.media.actions import store_private
from shop.orders import actions
from shop.orders.actions import cancel_booking as bookings
from shop.orders.actions import disputes, unpaid
from shop.orders.actions.cancel_booking import CancellationQuote, CancelledBooking, NoShow, quote_cancellation
from shop.orders.actions.locked import note
from shop.orders.queries import order_of_purchase
from shop.orders.sheet import Sheet
from shop.payments import flows as payments
from shop.payments.provider import Provider, ProviderError

_BATCH: Final = 200
_log = structlog.get_logger(__name__)
# Saleor's word for each action, and the ledger's.
_ACTIONS: Final = {"CHARGE": "CAPTURE", "REFUND": "REFUND", "CANCEL": "CANCEL"}


@dataclass(frozen=True, slots=True)
class Request:
    """CHARGE, REFUND or CANCEL is asked of a payment. No `amount` means all there is; `message` says why."""

    transaction_id: uuid.UUID
    action: str
    amount: Decimal | None = None
    by_user_id: int | None = None
    message: str | None = None


async def request_action(units: Units, provider: Provider, request: Request) -> None:
    """The payment was asked, and the order's history says by whom; a provider that is silent is asked again later.

    What a gift card paid goes back to the card at once. Raises: UnknownTransaction, NoProvider, ActionNotAvailable.
    """
    if request.action == "REFUND" and await units.run(
        lambda session: actions.refund_gift_card(
            session,
            request.transaction_id,
            request.amount,
            by_user_id=request.by_user_id,
            message=request.message,
        )
    ):
        return

    async def tell(session: AsyncSession, purchase_key: uuid.UUID, amount: Decimal) -> None:
        order = await order_of_purchase(session, purchase_key)
        if order is not None:
            parameters = {"amount": str(amount), "transaction": str(request.transaction_id)}
            if request.message:
                parameters["message"] = request.message
            kind = f"TRANSACTION_{request.action}_REQUESTED"
            await note(session, order.id, kind, parameters, by_user_id=request.by_user_id)

    try:
        await payments.act(
            units,
            provider,
            request.transaction_id,
            _ACTIONS[request.action],
            request.amount,
            reason=f"staff:{uuid.uuid4()}",
            message=request.message,
            also=tell,
        )
    except ProviderError as error:
        _log.warning("payment action stays wished", transaction=str(request.transaction_id), error=error.message)


async def make_invoice(units: Units, folder: Path, invoice_id: int) -> None:
    """The invoice's file is there, made once however often this is asked; its sheet is as the order is now.

    Raises: whatever went wrong, after it was written down: the job tries again.
    """
    sheet = await units.run(lambda session: actions.invoice_sheet(session, invoice_id))
    if sheet is None:
        return
    try:
        content = await asyncio.to_thread(_as_pdf, sheet)
        path = await store_private(content, "pdf", folder=folder)
    except Exception as error:
        message = f"{type(error).__name__}: {error}"
        await units.run(lambda session: actions.invoice_failed(session, invoice_id, message))
        raise
    await units.run(lambda session: actions.invoice_made(session, invoice_id, path))


def _as_pdf(sheet: Sheet) -> bytes:
    # Loaded with the first invoice: most processes make none, and the library is 13 MB.
    from shop.orders.pdf import invoice_pdf

    return invoice_pdf(sheet)


Promise = Callable[[BookingRow], Decimal | None]


async def quote_booking(units: Units, booking_id: uuid.UUID, *, by: By, now: datetime) -> CancellationQuote:
    """What cancelling the booking would pay back. Raises: BookingNotFound."""
    return await units.run(lambda session: quote_cancellation(session, booking_id, by=by, now=now))


async def cancel_booking(
    units: Units, provider: Provider | None, booking_id: uuid.UUID, promise: Promise, *, by: By, now: datetime
) -> None:
    """The booking is called off, and its refund asked for at once; a silent provider is asked again later.

    `promise`: what the caller was told, of the booking as it is under its lock. Raises: as the action.
    """

    async def work(session: AsyncSession) -> CancelledBooking:
        promised = promise(await locked_booking(session, booking_id))
        return await bookings.cancel_booking(session, booking_id, by=by, now=now, promised=promised)

    await _ask(units, provider, (await units.run(work)).calls)


async def decline_booking(
    units: Units, provider: Provider | None, booking_id: uuid.UUID, *, by: By, now: datetime
) -> None:
    """Staff will not have the booking, and all that was paid is asked back at once. As `cancel_booking`."""
    declined = await units.run(lambda session: bookings.decline_booking(session, booking_id, by=by, now=now))
    await _ask(units, provider, declined.calls)


async def mark_no_show(
    units: Units, provider: Provider | None, booking_id: uuid.UUID, *, by: By, now: datetime
) -> NoShow:
    """Nobody came: what the terms do not keep of what was paid is asked back at once. As `cancel_booking`."""
    absent = await units.run(lambda session: bookings.mark_no_show(session, booking_id, by=by, now=now))
    await _ask(units, provider, absent.cancelled.calls)
    return absent


async def refund_sessions(
    units: Units,
    provider: Provider | None,
    entitlement_id: uuid.UUID,
    *,
    session_price: Decimal | None,
    by_user_id: int | None,
) -> actions.RefundedSessions:
    """Unused sessions are gone and their worth is asked back at once; a silent provider is asked again later.

    Raises: as the action.
    """
    refunded = await units.run(
        lambda session: actions.refund_sessions(
            session, entitlement_id, session_price=session_price, by_user_id=by_user_id
        )
    )
    await _ask(units, provider, refunded.calls)
    return refunded


async def follow_disputed_sessions(units: Units, purchase_key: uuid.UUID, now: datetime) -> None:
    """Visits that were paid with sessions of the purchase follow its dispute; each is a unit, under its own lock."""
    for booking_id in await units.run(lambda session: disputes.visits_of_disputed_sessions(session, purchase_key)):
        await units.run(partial(disputes.follow_disputed_sessions, booking_id=booking_id, now=now))


async def lapse_unpaid_visits(units: Units, now: datetime) -> None:
    """Visits that nobody has paid for in time are off; each is a unit, under its own purchase's lock."""
    for booking_id in await units.run(lambda session: unpaid.due_visits(session, now=now, limit=_BATCH)):
        try:
            await units.run(partial(unpaid.lapse_unpaid, booking_id=booking_id, now=now))
        except Exception:  # noqa: BLE001 - one visit must not keep the others waiting; its next turn comes by itself
            _log.exception("unpaid visit not released", booking=str(booking_id))


async def _ask(units: Units, provider: Provider | None, calls: Iterable[uuid.UUID]) -> None:
    """Each wish is asked for now; without a provider, or from a silent one, the queue asks again."""
    for call_id in calls if provider is not None else ():
        assert provider is not None
        try:
            await payments.run_call(units, provider, call_id)
        except ProviderError as error:
            _log.warning("a refund has to wait", call=str(call_id), error=error.message)
