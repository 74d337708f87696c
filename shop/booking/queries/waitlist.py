"""Reads of who waits for a time."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    exists,
    func,
    literal_column,
    select,
)

from shop.booking.models import Hold, WaitlistEntry
from shop.booking.queries.holds import is_live
from shop.booking.queries.rows import Rows
from shop.kit.pagination import Key, Keyset, Shape

_moment: Final = DateTime(timezone=True)
# Written out, as the partial indexes have it.
_waiting: Final[ColumnElement[bool]] = literal_column("booking_waitlist_entry.state = 'WAITING'", Boolean)

is_open: Final[ColumnElement[bool]] = literal_column("booking_waitlist_entry.state IN ('WAITING', 'OFFERED')", Boolean)


@dataclass(frozen=True, slots=True)
class EntryRow:
    """Somebody who waits. Shapes: `_columns`, in their order; from `hold_id` on: what is offered to them now."""

    id: uuid.UUID
    service_id: int
    resource_id: int | None
    channel_id: int
    user_id: int | None
    email: str
    since: datetime
    until: datetime
    seats: int
    state: str
    created_at: datetime
    hold_id: uuid.UUID | None
    offered_resource_id: int | None
    offered_start: datetime | None
    offered_until: datetime | None
    offered_timezone: str | None


_columns: Final[tuple[Any, ...]] = (
    WaitlistEntry.id,
    WaitlistEntry.service_id,
    WaitlistEntry.resource_id,
    WaitlistEntry.channel_id,
    WaitlistEntry.user_id,
    WaitlistEntry.email,
    func.lower(WaitlistEntry.wanted, type_=_moment).label("since"),
    func.upper(WaitlistEntry.wanted, type_=_moment).label("until"),
    WaitlistEntry.seats,
    WaitlistEntry.state,
    WaitlistEntry.created_at,
    Hold.id.label("hold_id"),
    Hold.resource_id.label("offered_resource_id"),
    func.lower(Hold.during, type_=_moment).label("offered_start"),
    Hold.expires_at.label("offered_until"),
    Hold.timezone.label("offered_timezone"),
)
_ENTRIES: Final = select(*_columns).outerjoin(Hold, (Hold.waitlist_entry_id == WaitlistEntry.id) & is_live)
ENTRIES_BY_ID: Final = _ENTRIES.where(WaitlistEntry.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
LATEST_FIRST: Final = Keyset(Key(WaitlistEntry.created_at, descending=True), Key(WaitlistEntry.id, descending=True))
_filters: Final[dict[str, ColumnElement[bool]]] = {
    "user_id": WaitlistEntry.user_id == bindparam("user_id", type_=Integer),
    "states": WaitlistEntry.state == any_(bindparam("states", type_=ARRAY(Text))),
}


@lru_cache(maxsize=64)
def entries_page(shape: Shape, filters: tuple[str, ...]) -> Select[Any]:
    """A page of entries, the latest first, of those that pass the named filters; the sort values come last."""
    return LATEST_FIRST.window(_ENTRIES.where(*(_filters[name] for name in filters)), shape)


@lru_cache(maxsize=4)
def entries_count(filters: tuple[str, ...]) -> Select[Any]:
    """How many pass the filters."""
    return select(func.count().label("total")).select_from(WaitlistEntry).where(*(_filters[name] for name in filters))


# The first in the queue come first; who has waited in vain for a time that is past is passed over.
_QUEUE: Final = (
    _ENTRIES.where(
        WaitlistEntry.service_id == bindparam("service_id", type_=Integer),
        _waiting,
        func.upper(WaitlistEntry.wanted) > bindparam("now", type_=_moment),
    )
    .order_by(WaitlistEntry.created_at, WaitlistEntry.id)
    .limit(bindparam("limit", type_=Integer))
)
_ANYBODY: Final = select(
    exists().where(
        WaitlistEntry.service_id == bindparam("service_id", type_=Integer),
        is_open,
    )
)


async def entry_by_id(rows: Rows, entry_id: uuid.UUID) -> EntryRow | None:
    """The entry with its offer, if there is one."""
    found = await rows(ENTRIES_BY_ID, ids=[entry_id])
    return EntryRow(*found[0]) if found else None


async def queue(rows: Rows, service_id: int, now: datetime, *, limit: int) -> list[EntryRow]:
    """Who waits for the service, first come first."""
    return [EntryRow(*row) for row in await rows(_QUEUE, service_id=service_id, now=now, limit=limit)]


async def anybody_waits(rows: Rows, service_id: int) -> bool:
    """Whether freed time of the service may be wanted."""
    (row,) = await rows(_ANYBODY, service_id=service_id)
    return bool(row[0])
