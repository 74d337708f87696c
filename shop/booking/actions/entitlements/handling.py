"""What else becomes of sessions: handed on, adjusted by staff, paid back, lapsed, taken over by a new account."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.events import MailboxProved
from shop.accounts.models import User
from shop.accounts.queries import shop_name
from shop.accounts.rules import is_email
from shop.booking.actions.entitlements.entries import enter, locked
from shop.booking.errors import (
    EntitlementNotFound,
    PackageDisputed,
    PackageExhausted,
    PackageExpired,
    PackageUnpaid,
)
from shop.booking.models import Entitlement
from shop.booking.queries.entitlements import EntitlementRow, sessions_held, sessions_used, value_gone
from shop.booking.rules import package_value_at_list_price, value_of_last
from shop.kit.db import send
from shop.kit.errors import Invalid
from shop.kit.money import Money
from shop.mail.actions import queue_mail

_LARGEST: Final = 1000
_LAPSED: Final = (
    select(Entitlement.id, Entitlement.balance)
    .where(Entitlement.balance > 0, Entitlement.expires_at <= bindparam("now", type_=Entitlement.expires_at.type))
    .order_by(Entitlement.id)
    .limit(bindparam("limit", type_=BigInteger))
    .with_for_update(skip_locked=True, key_share=True)
)


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
    Locks: the entitlement. Raises: EntitlementNotFound, Invalid, PackageUnpaid, PackageExpired, PackageExhausted.
    """
    found = await locked(session, entitlement_id)
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
    if found.awaits_payment:
        raise PackageUnpaid(field="id")
    if found.is_over(now):
        raise PackageExpired(field="id")
    if count == 0 or count > found.balance - await sessions_held(session, entitlement_id):
        raise PackageExhausted(field="sessions")
    value = await _worth(session, found, count)
    await enter(session, entitlement_id, "TRANSFER_OUT", -count, by_user_id=by_user_id)
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
    await enter(session, made, "TRANSFER_IN", count, by_user_id=by_user_id)
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

    Locks: the entitlement. Raises: EntitlementNotFound, Invalid, PackageUnpaid, PackageExhausted.
    """
    found = await locked(session, entitlement_id)
    if not reason.strip():
        raise Invalid("Say why, for whoever looks at it later.", field="reason", code="REQUIRED")
    if change == 0 or abs(change) > _LARGEST:
        raise Invalid(f"Give or take between 1 and {_LARGEST} sessions.", field="change")
    if found.awaits_payment:
        raise PackageUnpaid(field="id")
    if found.balance + change < 0:
        raise PackageExhausted(field="change")
    entry = await enter(session, entitlement_id, "ADJUST", change, reason=reason.strip(), by_user_id=by_user_id)
    return entry.balance


@dataclass(frozen=True, slots=True)
class HandedIn:
    """Sessions that are gone for money: how many, what is to be paid back, and their number in the ledger."""

    sessions: int
    value: Money
    seq: int


async def take_back(
    session: AsyncSession, entitlement_id: uuid.UUID, *, list_price: Money | None = None, by_user_id: int | None
) -> HandedIn:
    """All unused sessions are gone, and what they are worth is to be paid back, which the caller does in the same unit.

    It is their share of the price; with `list_price`, what is left once each used one is charged at that price, if it
    is less. Never more than the price less what was paid back or handed on before.
    Locks: the entitlement. Raises: EntitlementNotFound, PackageUnpaid, PackageDisputed, PackageExhausted.
    """
    found = await locked(session, entitlement_id)
    if found.awaits_payment:
        raise PackageUnpaid(field="id")
    if found.dispute in {"OPEN", "LOST"}:
        raise PackageDisputed(field="id")
    if found.balance == 0:
        raise PackageExhausted(field="id")
    value = await _worth(session, found, found.balance)
    if list_price is not None:
        used = await sessions_used(session, entitlement_id)
        value = min(value, package_value_at_list_price(found.price, used=used, list_price=list_price))
    entry = await enter(session, entitlement_id, "REFUND", -found.balance, by_user_id=by_user_id, value=value.amount)
    return HandedIn(found.balance, value, entry.seq)


async def _worth(session: AsyncSession, found: EntitlementRow, count: int) -> Money:
    """What so many sessions off the balance are worth; sessions that staff gave later make the price no higher."""
    share = value_of_last(found.price, sessions=found.granted, balance=found.balance, taken=count)
    return min(share, found.price - await value_gone(session, found))


async def expire(session: AsyncSession, *, now: datetime, limit: int = 200) -> int:
    """Sessions that have lapsed are gone; the answer says of how many entitlements, `limit` at most.

    Locks: the entitlements, passing over those that somebody else holds.
    """
    lapsed = await send(session, _LAPSED, now=now, limit=limit)
    for row in lapsed:
        await enter(session, row["id"], "EXPIRE", -row["balance"])
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
