"""Lines with a time: what they hold, what of it is sold, and how it follows their payment.

A slot that is lost is told under Saleor's code for goods that have run out, which every client knows.
"""

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Uuid, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking import actions as booking
from shop.booking.actions import Buyer, Sold, Wish
from shop.booking.actions.entitlements import check_redeemable
from shop.booking.availability import Occupied, reach, slots_of
from shop.booking.calendars import ServiceFacts
from shop.booking.errors import BookingError, HoldExpired, PackageExhausted, PackageExpired, ServiceNotFound
from shop.booking.events import HoldExpiring
from shop.booking.queries import books, taken
from shop.booking.queries.calendars import Days, services_by_variant
from shop.booking.queries.holds import HoldRow, holds_by_line, holds_of_purchase
from shop.booking.terms import due_when_booking
from shop.checkout.actions.locked import lock
from shop.checkout.errors import CheckoutNotFound, LineNotFound, SlotRefused
from shop.checkout.models import CheckoutLine
from shop.checkout.queries import of
from shop.checkout.rules import LINES_LIMIT, Actor, Cart, Line, Totals
from shop.kit.db import send
from shop.kit.errors import Conflict, Invalid
from shop.kit.money import ZERO, Money
from shop.payments.actions import request
from shop.payments.events import TransactionChanged
from shop.payments.queries import transactions_of_purchase

# The reason of the wish that ends a payment whose slot has run out.
HOLD_EXPIRED: Final = "hold-expired"


@dataclass(frozen=True, slots=True)
class Slot:
    """The time that a line wants. Without a `service_id` its variant's service is meant."""

    start: datetime
    service_id: int | None = None
    resource_id: int | None = None
    entitlement_id: uuid.UUID | None = None
    attendee: Mapping[str, Any] = field(default_factory=dict)
    # It came as the line's metadata: the line says there what it holds, for a client that cannot ask otherwise.
    is_noted: bool = False


@dataclass(frozen=True, slots=True)
class Holder:
    """Who takes slots, and how many they may have at a time."""

    client: str
    limit: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line that is to hold a slot: its seats are the line's quantity."""

    line_id: uuid.UUID
    variant_id: int
    quantity: int
    slot: Slot


@contextmanager
def _as_checkouts_say(variant_ids: Iterable[int]) -> Iterator[None]:
    try:
        yield
    except (BookingError, PackageExhausted, PackageExpired) as error:
        raise SlotRefused(error, variant_ids) from error


async def hold(
    session: AsyncSession, cart: Cart, wanted: Sequence[Wanted], holder: Holder | None, *, now: datetime
) -> list[HoldRow]:
    """Each line holds its slot, all of them or none. Without a `holder` the checkout itself is the client.

    Locks: as `booking.hold_slots`; the caller holds the purchase's.

    Raises: SlotRefused, BadSlotToken, ServiceNotFound, and what keeps an entitlement from being spent.
    """
    if not wanted:
        return []
    unnamed = {one.variant_id for one in wanted if one.slot.service_id is None}
    services = await services_by_variant(of(session), unnamed)
    wishes = []
    for one in wanted:
        service_id = one.slot.service_id
        if service_id is None:
            if one.variant_id not in services:
                raise ServiceNotFound
            service_id = services[one.variant_id].id
        if one.slot.entitlement_id is not None:
            # What the line holds already is let go of for the new time.
            before = (await holds_by_line(of(session), [one.line_id])).get(one.line_id)
            with _as_checkouts_say([one.variant_id]):
                await check_redeemable(
                    session,
                    one.slot.entitlement_id,
                    service_id=service_id,
                    start=one.slot.start,
                    seats=one.quantity,
                    user_id=cart.user_id,
                    but_hold_id=None if before is None else before.id,
                )
        wishes.append(
            Wish(
                one.line_id,
                service_id,
                one.slot.start,
                one.slot.resource_id,
                one.quantity,
                one.slot.entitlement_id,
                one.slot.attendee,
                variant_id=one.variant_id,
            )
        )
    holder = holder or Holder(f"checkout:{cart.id}", LINES_LIMIT)
    with _as_checkouts_say(one.variant_id for one in wanted):
        held = await booking.hold_slots(session, cart.id, wishes, client=holder.client, limit=holder.limit, now=now)
    noted = [(one.line_id, _notes(one_held)) for one, one_held in zip(wanted, held, strict=True) if one.slot.is_noted]
    if noted:
        await send(session, _NOTE, ids=[key for key, _ in noted], notes=[notes for _, notes in noted])
    return held


def _notes(hold: HoldRow) -> dict[str, str]:
    return {
        "booking.start": hold.start.isoformat(),
        "booking.end": hold.end.isoformat(),
        "booking.timezone": hold.timezone,
        "booking.expiresAt": hold.expires_at.isoformat(),
    }


async def free(session: AsyncSession, line_ids: Collection[uuid.UUID]) -> None:
    """What the lines hold is free. The caller holds the purchase's lock."""
    if line_ids:
        await booking.release(session, (await holds_by_line(of(session), line_ids)).values())


_notes_of: Final = (
    func.unnest(bindparam("ids", type_=ARRAY(Uuid())), bindparam("notes", type_=ARRAY(JSONB)))
    .table_valued("id", "metadata", name="noted")
    .render_derived()
)
_NOTE: Final = (
    update(CheckoutLine)
    .where(CheckoutLine.id == _notes_of.c.id)
    .values({CheckoutLine.metadata_public: CheckoutLine.metadata_public.op("||")(_notes_of.c.metadata)})
)
_ALONE: Final = update(CheckoutLine).where(CheckoutLine.id == bindparam("line_id", type_=Uuid())).values(separate=True)
_CHECKOUT_OF_LINE: Final = select(CheckoutLine.checkout_id).where(CheckoutLine.id == bindparam("line_id", type_=Uuid()))


async def give_time(
    session: AsyncSession, cart: Cart, line: Line, slot: Slot, holder: Holder | None, *, now: datetime
) -> Line:
    """The line holds the slot, for a client that can only write metadata; the answer is the line as it is then.

    The caller has the checkout locked. Raises: Invalid, with the next free times where the slot is lost.
    """
    if not line.separate:
        await send(session, _ALONE, line_id=line.id)
    try:
        (held,) = await hold(
            session, cart, [Wanted(line.id, line.offer.variant_id, line.quantity, slot)], holder, now=now
        )
    except SlotRefused as error:
        free_next = await _next_free(session, slot, line.quantity, now=now)
        more = f" Free next: {', '.join(free_next)}." if free_next else ""
        raise Invalid(error.message + more, field="input") from error
    return replace(line, separate=True, metadata_public={**line.metadata_public, **_notes(held)})


async def _next_free(session: AsyncSession, slot: Slot, seats: int, *, now: datetime) -> list[str]:
    """The next three starts that the slot's service offers within two weeks of it."""
    assert slot.service_id is not None
    since = max(slot.start, now)
    until = since + timedelta(days=14)
    rows = of(session)
    known = await books(rows, [slot.service_id], Days.around(since, until))
    resources = {key for book in known.values() for key in book.resource_ids}
    occupied = Occupied(await taken(rows, resources, *reach(known, since, until), now=now))
    found = slots_of(known.values(), occupied, since, until, now=now, seats=seats)
    return list(dict.fromkeys(one.start.isoformat() for one in found))[:3]


async def extend(session: AsyncSession, line_id: uuid.UUID, *, actor: Actor, now: datetime) -> HoldRow:
    """What the line holds is held for longer, as far as it may be.

    Locks: purchase, checkout. Raises: LineNotFound, also for somebody else's; HoldExpired.
    """
    rows = await send(session, _CHECKOUT_OF_LINE, line_id=line_id)
    if not rows:
        raise LineNotFound([line_id])
    try:
        await lock(session, rows[0][0], actor)
    except CheckoutNotFound:
        raise LineNotFound([line_id]) from None
    held = (await holds_by_line(of(session), [line_id])).get(line_id)
    if held is None:
        raise HoldExpired(field="lineId")
    await booking.renew(session, [held], now=now)
    return (await holds_by_line(of(session), [line_id]))[line_id]


async def resized(
    session: AsyncSession, lines: Iterable[tuple[Line, int]], *, without: Collection[uuid.UUID]
) -> list[Wanted]:
    """The slots of lines whose quantity is another one now: the same time with as many seats."""
    changed = {line.id: (line, quantity) for line, quantity in lines if line.id not in without}
    if not changed:
        return []
    holds = await holds_by_line(of(session), changed)
    return [
        Wanted(
            key,
            line.offer.variant_id,
            quantity,
            Slot(held.start, held.service_id, held.resource_id, held.entitlement_id, held.attendee),
        )
        for key, (line, quantity) in changed.items()
        if (held := holds.get(key)) is not None
    ]


async def services_of(session: AsyncSession, lines: Iterable[Line]) -> dict[int, ServiceFacts]:
    """The services among the variants, by variant. Goods that are counted are none, unless a line has a time."""
    return await services_by_variant(
        of(session), {line.offer.variant_id for line in lines if line.separate or not line.offer.track_inventory}
    )


def to_pay_later(
    services: Mapping[int, ServiceFacts], lines: Iterable[Line], totals: Totals
) -> dict[uuid.UUID, Decimal]:
    """What of each line's price is due only at the visit: all but the deposit. Lines without such a part are absent."""
    result: dict[uuid.UUID, Decimal] = {}
    for line in lines:
        service = services.get(line.offer.variant_id)
        if service is None:
            continue
        price = totals.lines[line.id].total
        later = price.gross - due_when_booking(service, Money(price.gross, price.currency)).amount
        if later > ZERO:
            result[line.id] = later
    return result


async def hold_while_paying(session: AsyncSession, checkout_id: uuid.UUID, *, now: datetime) -> None:
    """What the checkout holds outlasts a payment that begins now. The caller holds the purchase's lock.

    Raises: Conflict where a slot has run out: nobody pays for time that may be somebody else's.
    """
    try:
        await booking.payment_begins(session, checkout_id, now=now)
    except HoldExpired as error:
        raise Conflict(error.message, field="id") from error


@dataclass(frozen=True, slots=True)
class SoldSlot:
    """A line with a time, the order's line that it becomes, and what it costs."""

    line: Line
    order_line_id: uuid.UUID
    price: Money


async def book(
    session: AsyncSession, cart: Cart, sold: Sequence[SoldSlot], buyer: Buyer, *, is_paid: bool, now: datetime
) -> list[SoldSlot]:
    """The lines' slots are booked, or kept until the order `is_paid`; the answer: lines whose slot is lost by now.

    Locks: as `booking.convert`. Raises: SlotRefused for a line that never had a time, or whose package is spent.
    """
    if not sold:
        return []
    with _as_checkouts_say(one.line.offer.variant_id for one in sold):
        converted = await booking.convert(
            session,
            cart.id,
            [Sold(one.line.id, one.order_line_id, one.price) for one in sold],
            buyer,
            awaits_payment=not is_paid,
            now=now,
        )
    lost = {one.order_line_id for one in converted.lost}
    return [one for one in sold if one.order_line_id in lost]


async def slots_follow_payment(session: AsyncSession, event: TransactionChanged) -> None:
    """Once no money can come any more, what a purchase holds is an ordinary hold again, or free if it had run out."""
    holds = await holds_of_purchase(of(session), event.purchase_key)
    if not any(hold.payment_open for hold in holds):
        return
    if not await _money_may_come(session, event.purchase_key):
        await booking.payment_ended(session, event.purchase_key)


async def end_payment(session: AsyncSession, event: HoldExpiring) -> None:
    """A slot's time has run out: the payment for it is ended at the provider first, and only then is it free."""
    for transaction in await transactions_of_purchase(session, event.purchase_key):
        if transaction.status == "OPEN":
            await request(session, transaction, "CANCEL", transaction.requested_amount, reason=HOLD_EXPIRED)
            return
    if not await _money_may_come(session, event.purchase_key):
        await booking.payment_ended(session, event.purchase_key)


async def _money_may_come(session: AsyncSession, purchase_key: uuid.UUID) -> bool:
    return any(
        transaction.status == "OPEN"
        or (transaction.status == "SUCCEEDED" and transaction.charged_amount + transaction.authorized_amount > 0)
        for transaction in await transactions_of_purchase(session, purchase_key)
    )
