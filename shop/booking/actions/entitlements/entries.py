"""The ledger's own writing: an entitlement is locked, then changed together with the entry that says why."""

import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import Integer, Numeric, Text, Uuid, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.errors import EntitlementNotFound
from shop.booking.models import Entitlement, EntitlementEntry
from shop.booking.queries.entitlements import EntitlementRow, entitlement
from shop.kit.db import send

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
            "value_amount",
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
            bindparam("value", type_=Numeric),
        ),
        include_defaults=False,
    )
    .returning(EntitlementEntry.seq, EntitlementEntry.balance_after)
)


@dataclass(frozen=True, slots=True)
class Entered:
    """A new entry: its number in the entitlement's ledger, and how many sessions are left."""

    seq: int
    balance: int


async def locked(session: AsyncSession, entitlement_id: uuid.UUID) -> EntitlementRow:
    """The entitlement, while nobody else changes it. Locks: it. Raises: EntitlementNotFound."""
    found = await entitlement(session, entitlement_id, lock=True)
    if found is None:
        raise EntitlementNotFound
    return found


async def enter(
    session: AsyncSession,
    entitlement_id: uuid.UUID,
    kind: str,
    amount: int,
    *,
    booking_id: uuid.UUID | None = None,
    booking_version: int | None = None,
    reason: str = "",
    by_user_id: int | None = None,
    value: Decimal | None = None,
) -> Entered:
    """The balance is so much more, or less, and an entry says why. `value`: what is paid back, of a REFUND alone.

    The caller has it `locked`.
    """
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
        value=value,
    )
    return Entered(row["seq"], row["balance_after"])
