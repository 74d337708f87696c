"""Lets go of held time: by its owner, by the clock, or by whoever wants time that has run out."""

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import DateTime, Integer, Select, Uuid, and_, any_, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.actions.calendar import mark_changed
from shop.booking.actions.sessions import remove_empty
from shop.booking.calendars import Taken
from shop.booking.events import HoldExpiring, HoldReleased
from shop.booking.models import Allocation, Hold, Seat
from shop.booking.queries import of
from shop.booking.queries.holds import HoldRow, holds_of_purchase, is_live
from shop.kit.db import send
from shop.kit.events import publish

_now: Final = bindparam("now", type_=DateTime(timezone=True))
_ids: Final = bindparam("ids", type_=ARRAY(Uuid()))
# Of other people's holds: run out, without a payment that may still come.
_over: Final = and_(Hold.state == "ACTIVE", ~Hold.payment_open, Hold.expires_at <= _now)


def _release(found: Any) -> Select[Any]:
    """Ends the holds that `found` selects and locks, with the time and the seats that they had."""
    gone = found.cte("gone")
    mine = select(gone.c.id)
    released = (
        update(Hold)
        .where(Hold.id.in_(mine))
        .values(state="RELEASED", payment_open=False, ended_at=func.clock_timestamp())
        .cte("released")
    )
    stood_up = delete(Seat).where(Seat.hold_id.in_(mine)).cte("stood_up")
    freed = delete(Allocation).where(Allocation.hold_id.in_(mine)).returning(Allocation.resource_id).cte("freed")
    return select(
        gone.c.service_id,
        gone.c.resource_id,
        gone.c.session_id,
        select(func.array_agg(freed.c.resource_id, type_=ARRAY(Integer))).scalar_subquery().label("freed"),
    ).add_cte(released, stood_up)


_columns: Final = (Hold.id, Hold.service_id, Hold.resource_id, Hold.session_id)
_RELEASE: Final = _release(select(*_columns).where(Hold.id == any_(_ids), is_live).order_by(Hold.id).with_for_update())
# Who is being dealt with by somebody else keeps the time: waiting for a row that we did not lock in order could
# deadlock, and its owner may be paying.
_CLEAR: Final = _release(
    select(*_columns)
    .where(
        or_(
            Hold.id == any_(_ids),
            Hold.id.in_(
                select(Seat.hold_id).where(Seat.session_id == any_(bindparam("sessions", type_=ARRAY(Uuid()))))
            ),
        ),
        _over,
    )
    .order_by(Hold.id)
    .with_for_update(skip_locked=True)
)
_END: Final = (
    update(Hold)
    .where(Hold.id == any_(_ids), Hold.state == "ACTIVE")
    .values(state="EXPIRING")
    .execution_options(synchronize_session=False)
)


async def release(session: AsyncSession, holds: Iterable[HoldRow]) -> None:
    """The holds have let go of their time and seats. The caller holds their purchase's lock."""
    await mark_changed(session, await let_go(session, holds))


async def let_go(session: AsyncSession, holds: Iterable[HoldRow]) -> set[int]:
    """As `release`, in the middle of a change: the answer is the resources that it has to mark at its end."""
    ids = sorted(hold.id for hold in holds if hold.is_live)
    return await _freed(session, await send(session, _RELEASE, ids=ids)) if ids else set()


async def clear(session: AsyncSession, in_the_way: Collection[Taken], *, now: datetime) -> set[int]:
    """What ran out and stands in somebody's way is gone, unless its owner is just being dealt with.

    The answer: the resources to mark, as `let_go`'s.
    """
    holds = sorted({one.hold_id for one in in_the_way if one.hold_id is not None})
    sessions = sorted({one.sitting.session_id for one in in_the_way if one.sitting is not None})
    if not holds and not sessions:
        return set()
    freed = await _freed(session, await send(session, _CLEAR, ids=holds, sessions=sessions, now=now))
    return freed | {one.resource_id for one in in_the_way}


async def _freed(session: AsyncSession, gone: Collection[Any]) -> set[int]:
    await remove_empty(session, {row["session_id"] for row in gone if row["session_id"] is not None})
    for row in gone:
        await publish(session, HoldReleased(row["service_id"], row["resource_id"]))
    return {row["resource_id"] for row in gone} | {key for row in gone for key in row["freed"] or ()}


async def expire(session: AsyncSession, purchase_key: uuid.UUID, *, now: datetime) -> None:
    """The purchase's holds that have run out are released, or EXPIRING where a payment is open, which will be ended.

    The caller holds the purchase's lock.
    """
    due = [hold for hold in await holds_of_purchase(of(session), purchase_key) if hold.expires_at <= now]
    paying = [hold for hold in due if hold.payment_open and hold.state == "ACTIVE"]
    if paying:
        await send(session, _END, ids=[hold.id for hold in paying])
        await publish(session, HoldExpiring(purchase_key))
    await release(session, [hold for hold in due if not hold.payment_open])
