"""Keeps held time while money may be on its way for it."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import DateTime, Integer, Uuid, and_, any_, bindparam, func, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.actions.release import release
from shop.booking.errors import HoldExpired
from shop.booking.models import Hold
from shop.booking.queries import of
from shop.booking.queries.holds import HoldRow, holds_of_purchase, is_live
from shop.booking.rules import HoldTime, renewed
from shop.kit.db import send

_times: Final = (
    func.unnest(
        bindparam("ids", type_=ARRAY(Uuid())),
        bindparam("expiries", type_=ARRAY(DateTime(timezone=True))),
        bindparam("counts", type_=ARRAY(Integer)),
    )
    .table_valued("id", "expires_at", "renewals", name="times")
    .render_derived()
)
# What the hold has (allocations, seats) expires with it, by the foreign keys.
_RENEW: Final = (
    update(Hold)
    .where(Hold.id == _times.c.id, is_live)
    .values(expires_at=_times.c.expires_at, renewals=_times.c.renewals)
    .execution_options(synchronize_session=False)
)
_FLAG: Final = (
    update(Hold)
    .where(Hold.purchase_key == bindparam("key", type_=Uuid()), Hold.state == "ACTIVE", ~Hold.payment_open)
    .values(payment_open=True)
    .execution_options(synchronize_session=False)
)
_UNFLAG: Final = (
    update(Hold)
    .where(
        and_(Hold.id == any_(bindparam("ids", type_=ARRAY(Uuid()))), Hold.state == "ACTIVE"),
    )
    .values(payment_open=False)
    .execution_options(synchronize_session=False)
)


async def renew(session: AsyncSession, holds: Sequence[HoldRow], *, now: datetime) -> None:
    """The holds last long enough for a payment that begins now, as far as they may be held at all.

    The caller holds their purchase's lock. Raises: HoldExpired where one has run out.
    """
    if any(not hold.is_live or hold.state == "EXPIRING" or hold.expires_at <= now for hold in holds):
        raise HoldExpired
    longer = []
    for hold in holds:
        time = HoldTime(hold.expires_at, hold.expires_at_latest, hold.renewals)
        if (later := renewed(time, now)) != time:
            longer.append((hold.id, later.expires_at, later.renewals))
    if longer:
        ids, expiries, counts = zip(*longer, strict=True)
        await send(session, _RENEW, ids=list(ids), expiries=list(expiries), counts=list(counts))


async def payment_begins(session: AsyncSession, purchase_key: uuid.UUID, *, now: datetime) -> None:
    """What the purchase holds outlasts the payment that begins now, and nobody else takes it while that is open.

    The caller holds the purchase's lock. Raises: HoldExpired where a slot has run out.
    """
    holds = await holds_of_purchase(of(session), purchase_key)
    if holds:
        await renew(session, holds, now=now)
        await send(session, _FLAG, key=purchase_key)


async def payment_ended(session: AsyncSession, purchase_key: uuid.UUID) -> None:
    """No money comes any more: what had run out meanwhile is released, the rest is an ordinary hold again.

    The caller holds the purchase's lock, and knows from the provider that no payment is open.
    """
    paying = [hold for hold in await holds_of_purchase(of(session), purchase_key) if hold.payment_open]
    if not paying:
        return
    await release(session, [hold for hold in paying if hold.state == "EXPIRING"])
    kept = [hold.id for hold in paying if hold.state == "ACTIVE"]
    if kept:
        await send(session, _UNFLAG, ids=kept)
