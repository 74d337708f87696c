"""Sessions are granted by a sale, spent on visits, and come back or are lost with them."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import DateTime, Uuid, bindparam, delete, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.actions.entitlements.entries import enter, locked
from shop.booking.errors import (
    EntitlementNotFound,
    PackageDisputed,
    PackageExhausted,
    PackageExpired,
    PackageNotForThis,
    PackageUnpaid,
)
from shop.booking.events import BookingChanged
from shop.booking.models import Entitlement, EntitlementEntry
from shop.booking.queries import of
from shop.booking.queries.bookings import booking_by_id
from shop.booking.queries.entitlements import (
    EntitlementRow,
    Taken,
    covers,
    entitlement,
    packages_by_variant,
    sessions_held,
    taken_by_booking,
)
from shop.booking.rules import gives_session_back
from shop.booking.terms import policy_of
from shop.kit.db import send
from shop.kit.money import Money

# What lapses does so as long after the payment as it would have after the sale.
_BEGINS: Final = (
    update(Entitlement)
    .where(Entitlement.id == bindparam("id", type_=Uuid()))
    .values(
        expires_at=Entitlement.expires_at + (bindparam("now", type_=DateTime(timezone=True)) - Entitlement.created_at)
    )
    .execution_options(synchronize_session=False)
)
_DROP_UNPAID: Final = (
    delete(Entitlement)
    .where(Entitlement.purchase_key == bindparam("key", type_=Uuid()), Entitlement.seq == 0)
    .execution_options(synchronize_session=False)
)
_ENDED: Final = frozenset({"CANCELLED", "DECLINED", "EXPIRED", "NO_SHOW"})


@dataclass(frozen=True, slots=True)
class SoldPackage:
    """A line of a new order that may be a package. `price`: what was paid for all of it."""

    order_line_id: uuid.UUID
    variant_id: int
    name: str
    quantity: int
    price: Money


async def grant(
    session: AsyncSession,
    lines: Collection[SoldPackage],
    *,
    purchase_key: uuid.UUID,
    user_id: int | None,
    email: str,
    awaits_payment: bool = False,
    now: datetime,
) -> list[uuid.UUID]:
    """The buyer has the sessions of each line that is a package; the other lines are passed over.

    `awaits_payment`: what they cost has yet to come; until then they are sold, and none is there.
    One statement without packages, two more with some. Locks: none; the caller holds the purchase's.
    """
    packages = await packages_by_variant(session, [line.variant_id for line in lines])
    sold = [(line, packages[line.variant_id]) for line in lines if line.variant_id in packages]
    if not sold:
        return []
    rows: list[dict[str, Any]] = [
        {
            "id": uuid.uuid4(),
            "package_id": package.id,
            "order_line_id": line.order_line_id,
            "purchase_key": purchase_key,
            "user_id": user_id,
            "email": email.lower(),
            "name": line.name,
            "granted": package.sessions * line.quantity,
            "balance": 0 if awaits_payment and line.price.amount else package.sessions * line.quantity,
            "is_transferable": package.is_transferable,
            "expires_at": None if package.valid_days is None else now + timedelta(days=package.valid_days),
            "currency": line.price.currency,
            "price_amount": line.price.amount,
        }
        for line, package in sold
    ]
    entries = [
        {
            "entitlement_id": row["id"],
            "seq": 1,
            "kind": "GRANT",
            "amount": row["granted"],
            "balance_after": row["granted"],
            "user_id": user_id,
        }
        for row in rows
        if row["balance"]
    ]
    await session.execute(insert(Entitlement), [row | {"seq": 1 if row["balance"] else 0} for row in rows])
    if entries:
        await session.execute(insert(EntitlementEntry), entries)
    return [row["id"] for row in rows]


async def grant_paid(session: AsyncSession, ids: Collection[uuid.UUID], *, now: datetime) -> None:
    """The sessions that waited for their order's payment are there, to be used for as long as was sold.

    The caller holds the purchase's lock. Locks: the entitlements, by id.
    """
    for entitlement_id in sorted(ids):
        found = await locked(session, entitlement_id)
        await send(session, _BEGINS, id=entitlement_id, now=now)
        await enter(session, entitlement_id, "GRANT", found.granted)


async def drop_unpaid(session: AsyncSession, purchase_key: uuid.UUID) -> None:
    """Packages that still wait for the purchase's payment are not sold any more.

    The caller holds the purchase's lock. Locks: those entitlements.
    """
    await send(session, _DROP_UNPAID, key=purchase_key)


async def check_redeemable(
    session: AsyncSession,
    entitlement_id: uuid.UUID,
    *,
    service_id: int,
    start: datetime,
    seats: int = 1,
    user_id: int | None,
    but_hold_id: uuid.UUID | None = None,
) -> None:
    """A cart of this user may hold a visit against the entitlement; what other carts hold of it counts as spent.

    Politeness: `redeem` decides. Raises: EntitlementNotFound, PackageNotForThis, PackageUnpaid, PackageDisputed,
    PackageExpired, PackageExhausted.
    """
    found = await entitlement(session, entitlement_id)
    if found is None or user_id is None or found.user_id != user_id:
        raise EntitlementNotFound
    await _check(session, found, service_id=service_id, start=start)
    if found.balance - await sessions_held(session, entitlement_id, but=but_hold_id) < seats:
        raise PackageExhausted


async def lock_entitlements(session: AsyncSession, ids: Iterable[uuid.UUID | None]) -> None:
    """The entitlements stay as they are until the end of the unit. Locks: them, by id."""
    for entitlement_id in sorted({one for one in ids if one is not None}):
        await locked(session, entitlement_id)


async def redeem(
    session: AsyncSession,
    entitlement_id: uuid.UUID,
    *,
    booking_id: uuid.UUID,
    booking_version: int,
    service_id: int,
    start: datetime,
    seats: int = 1,
    by_user_id: int | None = None,
) -> int:
    """The visit is paid with sessions, one a seat; the answer is how many are left.

    Locks: the entitlement. Raises: EntitlementNotFound, PackageNotForThis, PackageUnpaid, PackageDisputed,
    PackageExpired, PackageExhausted.
    """
    found = await locked(session, entitlement_id)
    await _check(session, found, service_id=service_id, start=start)
    if found.balance < seats:
        raise PackageExhausted
    entry = await enter(
        session,
        entitlement_id,
        "REDEEM",
        -seats,
        booking_id=booking_id,
        booking_version=booking_version,
        by_user_id=by_user_id,
    )
    return entry.balance


async def release(
    session: AsyncSession, booking_id: uuid.UUID, *, booking_version: int, by_user_id: int | None = None
) -> None:
    """The sessions that paid for the visit can be spent again; what is lost or given back already stays so.

    For a booking that was paid otherwise nothing changes. Locks: the entitlement.
    """
    taken = await _spent(session, booking_id)
    if taken is None:
        return
    await enter(
        session,
        taken.entitlement_id,
        "RELEASE",
        taken.outstanding,
        booking_id=booking_id,
        booking_version=booking_version,
        by_user_id=by_user_id,
    )


async def forfeit(
    session: AsyncSession, booking_id: uuid.UUID, *, booking_version: int, by_user_id: int | None = None
) -> None:
    """The sessions that paid for the visit are lost: cancelled too late, or nobody came.

    For a booking that was paid otherwise nothing changes. Locks: the entitlement.
    """
    taken = await _spent(session, booking_id)
    if taken is None:
        return
    await enter(
        session,
        taken.entitlement_id,
        "FORFEIT",
        0,
        booking_id=booking_id,
        booking_version=booking_version,
        by_user_id=by_user_id,
    )


async def follow_booking(session: AsyncSession, event: BookingChanged) -> None:
    """The sessions that paid for a visit come back with it, or are lost, as its policy has it for money.

    Locks: the entitlement, behind the booking: nobody takes these two the other way round.
    """
    if event.status not in _ENDED:
        return
    found = await booking_by_id(of(session), event.booking_id)
    if found is None or found.entitlement_id is None:
        return
    kept = event.status in {"DECLINED", "EXPIRED"} or (
        event.status == "CANCELLED"
        and gives_session_back(
            policy_of(found.policy_snapshot),
            found.start - found.updated_at,
            by_staff=found.cancelled_by == "STAFF",
        )
    )
    if kept:
        # Nothing comes back to sessions that were never paid for in the end.
        spent = await entitlement(session, found.entitlement_id)
        kept = spent is not None and spent.dispute != "LOST"
    await (release if kept else forfeit)(session, event.booking_id, booking_version=event.version)


async def _spent(session: AsyncSession, booking_id: uuid.UUID) -> Taken | None:
    """What the booking can still give back or lose, with its entitlement locked."""
    taken = await taken_by_booking(session, booking_id)
    if taken is None:
        return None
    await locked(session, taken.entitlement_id)
    taken = await taken_by_booking(session, booking_id)
    return taken if taken is not None and taken.outstanding > 0 and not taken.forfeited else None


async def _check(session: AsyncSession, found: EntitlementRow, *, service_id: int, start: datetime) -> None:
    if not await covers(session, found.package_id, service_id):
        raise PackageNotForThis
    if found.awaits_payment:
        raise PackageUnpaid
    if found.dispute in {"OPEN", "LOST"}:
        raise PackageDisputed
    if found.is_over(start):
        raise PackageExpired
