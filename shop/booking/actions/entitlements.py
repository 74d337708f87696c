"""Sessions of packages: granted by a sale, spent on visits, given back, lost, handed on. Each change is an entry.

The entitlement's row is locked first; it holds the balance and the number of its last entry, which the database checks.
"""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, Integer, Text, Uuid, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.events import MailboxProved
from shop.accounts.models import User
from shop.accounts.queries import shop_name
from shop.accounts.rules import is_email
from shop.booking.errors import EntitlementNotFound, PackageExhausted, PackageExpired, PackageNotForThis
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
    sessions_used,
    taken_by_booking,
)
from shop.booking.rules import gives_session_back, package_value_at_list_price, value_of_last
from shop.booking.terms import policy_of
from shop.kit.db import send
from shop.kit.errors import Invalid
from shop.kit.money import Money
from shop.mail.actions import queue_mail

_amount: Final = bindparam("amount", type_=Integer)
_changed = (
    update(Entitlement)
    .where(Entitlement.id == bindparam("id", type_=Uuid()))
    .values(balance=Entitlement.balance + _amount, seq=Entitlement.seq + 1, updated_at=func.now())
    .returning(Entitlement.id, Entitlement.seq, Entitlement.balance)
    .cte("changed")
)
# One statement, so that balance and entries cannot come apart.
_ENTER: Final = (
    insert(EntitlementEntry)
    .from_select(
        [
            "entitlement_id",
            "seq",
            "balance_after",
            "amount",
            "kind",
            "booking_id",
            "booking_version",
            "reason",
            "user_id",
        ],
        select(
            _changed.c.id,
            _changed.c.seq,
            _changed.c.balance,
            _amount,
            bindparam("kind", type_=Text),
            bindparam("booking_id", type_=Uuid()),
            bindparam("booking_version", type_=Integer),
            bindparam("reason", type_=Text),
            bindparam("by_user_id", type_=Integer),
        ),
        include_defaults=False,
    )
    .returning(EntitlementEntry.balance_after)
)


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
    now: datetime,
) -> list[uuid.UUID]:
    """The buyer has the sessions of each line that is a package; the other lines are passed over.

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
            "balance": package.sessions * line.quantity,
            "seq": 1,
            "is_transferable": package.is_transferable,
            "expires_at": None if package.valid_days is None else now + timedelta(days=package.valid_days),
            "currency": line.price.currency,
            "price_amount": line.price.amount,
        }
        for line, package in sold
    ]
    await session.execute(insert(Entitlement), rows)
    await session.execute(
        insert(EntitlementEntry),
        [
            {
                "entitlement_id": row["id"],
                "seq": 1,
                "kind": "GRANT",
                "amount": row["granted"],
                "balance_after": row["granted"],
                "user_id": user_id,
            }
            for row in rows
        ],
    )
    return [row["id"] for row in rows]


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

    Politeness: `redeem` decides. Raises: EntitlementNotFound, PackageNotForThis, PackageExpired, PackageExhausted.
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
        await _locked(session, entitlement_id)


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

    Locks: the entitlement. Raises: EntitlementNotFound, PackageNotForThis, PackageExpired, PackageExhausted.
    """
    found = await _locked(session, entitlement_id)
    await _check(session, found, service_id=service_id, start=start)
    if found.balance < seats:
        raise PackageExhausted
    return await _enter(
        session,
        entitlement_id,
        "REDEEM",
        -seats,
        booking_id=booking_id,
        booking_version=booking_version,
        by_user_id=by_user_id,
    )


async def release(
    session: AsyncSession, booking_id: uuid.UUID, *, booking_version: int, by_user_id: int | None = None
) -> None:
    """The sessions that paid for the visit can be spent again; what is lost or given back already stays so.

    For a booking that was paid otherwise nothing changes. Locks: the entitlement.
    """
    taken = await _spent(session, booking_id)
    if taken is None:
        return
    await _enter(
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
    await _enter(
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
    await (release if kept else forfeit)(session, event.booking_id, booking_version=event.version)


async def transfer(
    session: AsyncSession,
    entitlement_id: uuid.UUID,
    *,
    email: str,
    sessions: int | None = None,
    owner_id: int | None,
    by_user_id: int | None,
    now: datetime,
) -> uuid.UUID:
    """So many sessions, or all that are left, belong to who reads that mailbox; the answer is their new entitlement.

    They keep what they cost and when they lapse, and a mail tells of them. `owner_id`: whose it must be; None where
    staff decides.
    Locks: the entitlement. Raises: EntitlementNotFound, Invalid, PackageExpired, PackageExhausted.
    """
    found = await _locked(session, entitlement_id)
    if owner_id is not None and found.user_id != owner_id:
        raise EntitlementNotFound
    if owner_id is not None and not found.is_transferable:
        raise Invalid("Sessions of this package cannot be handed on.", field="id")
    recipient = email.strip().lower()
    if not is_email(recipient):
        raise Invalid("This is no e-mail address.", field="email")
    if recipient == found.email:
        raise Invalid("The sessions belong to this address already.", field="email")
    count = found.balance if sessions is None else sessions
    if sessions is not None and sessions <= 0:
        raise Invalid("At least one session has to be handed on.", field="sessions")
    if found.is_over(now):
        raise PackageExpired(field="id")
    if count == 0 or count > found.balance - await sessions_held(session, entitlement_id):
        raise PackageExhausted(field="sessions")
    value = value_of_last(found.price, sessions=found.granted, balance=found.balance, taken=count)
    await _enter(session, entitlement_id, "TRANSFER_OUT", -count, by_user_id=by_user_id)
    # Without an account that has proved the mailbox they wait for one, as a guest's orders do.
    user_id = await session.scalar(select(User.id).where(User.email == recipient, User.is_confirmed, User.is_active))
    made = uuid.uuid4()
    await session.execute(
        insert(Entitlement).values(
            id=made,
            package_id=found.package_id,
            transferred_from_id=entitlement_id,
            user_id=user_id,
            email=recipient,
            name=found.name,
            granted=count,
            is_transferable=found.is_transferable,
            expires_at=found.expires_at,
            currency=found.currency,
            price_amount=value.amount,
        )
    )
    await _enter(session, made, "TRANSFER_IN", count, by_user_id=by_user_id)
    await queue_mail(
        session,
        dedupe_key=f"sessions-received:{made}",
        recipient=recipient,
        template="sessions-received",
        context={
            "shop_name": await shop_name(session),
            "name": found.name,
            "sessions": count,
            "expires_on": None if found.expires_at is None else found.expires_at.date(),
        },
    )
    return made


async def adjust(
    session: AsyncSession, entitlement_id: uuid.UUID, change: int, *, reason: str, by_user_id: int | None
) -> int:
    """Staff has given sessions or taken some, and said why; the answer is how many are left.

    Locks: the entitlement. Raises: EntitlementNotFound, Invalid, PackageExhausted.
    """
    found = await _locked(session, entitlement_id)
    if not reason.strip():
        raise Invalid("Say why, for whoever looks at it later.", field="reason", code="REQUIRED")
    if change == 0 or abs(change) > _LARGEST:
        raise Invalid(f"Give or take between 1 and {_LARGEST} sessions.", field="change")
    if found.balance + change < 0:
        raise PackageExhausted(field="change")
    return await _enter(session, entitlement_id, "ADJUST", change, reason=reason.strip(), by_user_id=by_user_id)


async def take_back(
    session: AsyncSession, entitlement_id: uuid.UUID, *, list_price: Money | None = None, by_user_id: int | None
) -> Money:
    """All unused sessions are gone, and this much is to be paid back for them, which the caller does in the same unit.

    It is their share of the price; with `list_price`, what is left once each used one is charged at that price, if it
    is less. Locks: the entitlement. Raises: EntitlementNotFound, PackageExhausted.
    """
    found = await _locked(session, entitlement_id)
    if found.balance == 0:
        raise PackageExhausted(field="id")
    share = value_of_last(found.price, sessions=found.granted, balance=found.balance, taken=found.balance)
    if list_price is not None:
        used = await sessions_used(session, entitlement_id)
        share = min(share, package_value_at_list_price(found.price, used=used, list_price=list_price))
    await _enter(session, entitlement_id, "REFUND", -found.balance, by_user_id=by_user_id)
    return share


_LARGEST: Final = 1000
_ENDED: Final = frozenset({"CANCELLED", "DECLINED", "EXPIRED", "NO_SHOW"})
_LAPSED: Final = (
    select(Entitlement.id, Entitlement.balance)
    .where(Entitlement.balance > 0, Entitlement.expires_at <= bindparam("now", type_=Entitlement.expires_at.type))
    .order_by(Entitlement.id)
    .limit(bindparam("limit", type_=BigInteger))
    .with_for_update(skip_locked=True)
)


async def expire(session: AsyncSession, *, now: datetime, limit: int = 200) -> int:
    """Sessions that have lapsed are gone; the answer says of how many entitlements, `limit` at most.

    Locks: the entitlements, passing over those that somebody else holds.
    """
    lapsed = await send(session, _LAPSED, now=now, limit=limit)
    for row in lapsed:
        await _enter(session, row["id"], "EXPIRE", -row["balance"])
    return len(lapsed)


async def attach_guest_entitlements(session: AsyncSession, event: MailboxProved) -> None:
    """Sessions of this e-mail that are nobody's are the user's. Another account's stay its own."""
    statement = (
        update(Entitlement)
        .where(Entitlement.email == event.email, Entitlement.user_id.is_(None))
        .values(user_id=event.user_id, updated_at=func.now())
        .execution_options(synchronize_session=False)
    )
    await session.execute(statement)


async def _locked(session: AsyncSession, entitlement_id: uuid.UUID) -> EntitlementRow:
    found = await entitlement(session, entitlement_id, lock=True)
    if found is None:
        raise EntitlementNotFound
    return found


async def _spent(session: AsyncSession, booking_id: uuid.UUID) -> Taken | None:
    """What the booking can still give back or lose, with its entitlement locked."""
    taken = await taken_by_booking(session, booking_id)
    if taken is None:
        return None
    await _locked(session, taken.entitlement_id)
    taken = await taken_by_booking(session, booking_id)
    return taken if taken is not None and taken.outstanding > 0 and not taken.forfeited else None


async def _check(session: AsyncSession, found: EntitlementRow, *, service_id: int, start: datetime) -> None:
    if not await covers(session, found.package_id, service_id):
        raise PackageNotForThis
    if found.is_over(start):
        raise PackageExpired


async def _enter(
    session: AsyncSession,
    entitlement_id: uuid.UUID,
    kind: str,
    amount: int,
    *,
    booking_id: uuid.UUID | None = None,
    booking_version: int | None = None,
    reason: str = "",
    by_user_id: int | None = None,
) -> int:
    (row,) = await send(
        session,
        _ENTER,
        id=entitlement_id,
        kind=kind,
        amount=amount,
        booking_id=booking_id,
        booking_version=booking_version,
        reason=reason,
        by_user_id=by_user_id,
    )
    return int(row["balance_after"])
