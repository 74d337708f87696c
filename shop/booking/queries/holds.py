"""Reads of holds."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    Integer,
    Text,
    Uuid,
    any_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from shop.booking.models import Hold
from shop.booking.queries.rows import Rows
from shop.kit.db.moments import next_moment


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A hold. Shapes: the columns of this module's statements, in their order."""

    id: uuid.UUID
    line_id: uuid.UUID | None
    waitlist_entry_id: uuid.UUID | None
    purchase_key: uuid.UUID
    service_id: int
    resource_id: int
    session_id: uuid.UUID | None
    start: datetime
    end: datetime
    timezone: str
    seats: int
    client: str
    entitlement_id: uuid.UUID | None
    attendee: Mapping[str, Any]
    state: str
    payment_open: bool
    expires_at: datetime
    expires_at_latest: datetime
    renewals: int
    created_at: datetime

    @property
    def is_live(self) -> bool:
        """Whether the time is still this hold's; run out or not."""
        return self.state in {"ACTIVE", "EXPIRING"}


# Written out, as the partial indexes have it: with a parameter the planner would not know that they apply.
is_live: Final[ColumnElement[bool]] = literal_column("booking_hold.state IN ('ACTIVE', 'EXPIRING')", Boolean)
# When the clock alone gives back some of the time that is held.
NEXT_HOLD_OVER: Final = next_moment(Hold.expires_at, where=is_live)
_columns: Final = (
    Hold.id,
    Hold.line_id,
    Hold.waitlist_entry_id,
    Hold.purchase_key,
    Hold.service_id,
    Hold.resource_id,
    Hold.session_id,
    func.lower(Hold.during, type_=DateTime(timezone=True)).label("start"),
    func.upper(Hold.during, type_=DateTime(timezone=True)).label("end"),
    Hold.timezone,
    Hold.seats,
    Hold.client,
    Hold.entitlement_id,
    Hold.attendee,
    Hold.state,
    Hold.payment_open,
    Hold.expires_at,
    Hold.expires_at_latest,
    Hold.renewals,
    Hold.created_at,
)
_LIVE_OF: Final = (
    select(*_columns)
    .where(
        or_(
            Hold.client == bindparam("client", type_=Text),
            Hold.line_id == any_(bindparam("line_ids", type_=ARRAY(Uuid()))),
        ),
        is_live,
    )
    .order_by(Hold.created_at, Hold.id)
)
_OF_PURCHASE: Final = (
    select(*_columns)
    .where(
        Hold.purchase_key == bindparam("purchase_key", type_=Uuid()),
        is_live,
    )
    .order_by(Hold.created_at, Hold.id)
)
_LATEST_OF_LINES: Final = (
    select(*_columns)
    .where(Hold.line_id == any_(bindparam("line_ids", type_=ARRAY(Uuid()))))
    .ext(distinct_on(Hold.line_id))
    .order_by(Hold.line_id, Hold.created_at.desc(), Hold.id)
)
_DUE: Final = (
    select(Hold.purchase_key, func.min(Hold.expires_at))
    .where(
        is_live,
        Hold.state == "ACTIVE",
        Hold.expires_at <= bindparam("now", type_=DateTime(timezone=True)),
    )
    .group_by(Hold.purchase_key)
    .order_by(func.min(Hold.expires_at))
    .limit(bindparam("limit", type_=Integer))
)
_EARLIEST: Final = (
    select(Hold.purchase_key, func.min(Hold.expires_at))
    .where(
        Hold.purchase_key == any_(bindparam("purchase_keys", type_=ARRAY(Uuid()))),
        is_live,
    )
    .group_by(Hold.purchase_key)
)


async def live_holds(rows: Rows, client: str, line_ids: Collection[uuid.UUID]) -> list[HoldRow]:
    """The holds that a client has, or that these lines have, run out or not."""
    found = await rows(_LIVE_OF, client=client, line_ids=sorted(line_ids))
    return [HoldRow(*row) for row in found]


async def holds_of_purchase(rows: Rows, purchase_key: uuid.UUID) -> list[HoldRow]:
    """The purchase's live holds, in the order in which they were taken."""
    return [HoldRow(*row) for row in await rows(_OF_PURCHASE, purchase_key=purchase_key)]


async def holds_by_line(rows: Rows, line_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, HoldRow]:
    """The last hold of each line that ever had one: a slot that was lost can still be told."""
    found = [HoldRow(*row) for row in await rows(_LATEST_OF_LINES, line_ids=sorted(line_ids))]
    return {hold.line_id: hold for hold in found if hold.line_id is not None}


async def due_purchases(rows: Rows, now: datetime, *, limit: int) -> list[uuid.UUID]:
    """Purchases with a hold that has run out and is not on its end yet; the longest overdue first."""
    return [row[0] for row in await rows(_DUE, now=now, limit=limit)]


async def earliest_expiry(rows: Rows, purchase_keys: Collection[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """When the first of a purchase's live holds runs out, for those that have one."""
    found = await rows(_EARLIEST, purchase_keys=sorted(purchase_keys))
    return {row[0]: row[1] for row in found}
