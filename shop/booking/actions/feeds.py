"""Private calendar feeds: a secret address for each, of which only the hash is kept; revoking ends it at once."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import DateTime, Integer, Text, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.queries import shop_name
from shop.booking.errors import ResourceNotFound
from shop.booking.models import CalendarFeed, Resource
from shop.booking.queries import of
from shop.booking.queries.messages import VISITS_BY_TOKEN, VISITS_OF_RESOURCE, VISITS_OF_USER, Visit
from shop.booking.rules.ical import calendar_text
from shop.kit.db import send

# What is older than that is history, which a calendar keeps by itself.
_SHOWN_SINCE: Final = timedelta(days=90)

_moment: Final = DateTime(timezone=True)
_READ: Final = (
    update(CalendarFeed)
    .where(CalendarFeed.token_hash == bindparam("hash", type_=Text), CalendarFeed.revoked_at.is_(None))
    .values(last_read_at=bindparam("now", type_=_moment))
    .returning(CalendarFeed.resource_id, CalendarFeed.user_id)
)
_REVOKE: Final = (
    update(CalendarFeed)
    .where(
        CalendarFeed.resource_id.is_not_distinct_from(bindparam("resource_id", type_=Integer)),
        CalendarFeed.user_id.is_not_distinct_from(bindparam("user_id", type_=Integer)),
        CalendarFeed.revoked_at.is_(None),
    )
    .values(revoked_at=bindparam("now", type_=_moment))
    .returning(CalendarFeed.id)
)
_RESOURCE: Final = select(Resource.name, Resource.user_id).where(Resource.id == bindparam("id", type_=Integer))


@dataclass(frozen=True, slots=True)
class FeedOwner:
    """Whose appointments a feed shows: a resource's or a visitor's, one of the two."""

    resource_id: int | None = None
    user_id: int | None = None


async def owned_resource(session: AsyncSession, resource_id: int, *, user_id: int | None) -> FeedOwner:
    """The resource as the owner of feeds, for who works as it; `user_id` None: for staff who may handle all of them.

    Raises: ResourceNotFound.
    """
    rows = await send(session, _RESOURCE, id=resource_id)
    if not rows or (user_id is not None and rows[0]["user_id"] != user_id):
        raise ResourceNotFound(field="practitionerId")
    return FeedOwner(resource_id=resource_id)


async def open_feed(session: AsyncSession, owner: FeedOwner) -> str:
    """There is a new feed; the answer is its secret, which nobody can read again."""
    token = secrets.token_urlsafe(32)
    session.add(CalendarFeed(token_hash=_hash(token), resource_id=owner.resource_id, user_id=owner.user_id))
    await session.flush()
    return token


async def revoke_feeds(session: AsyncSession, owner: FeedOwner, *, now: datetime) -> int:
    """None of the owner's feeds can be read any more; the answer is how many there were."""
    return len(await send(session, _REVOKE, resource_id=owner.resource_id, user_id=owner.user_id, now=now))


async def read_feed(session: AsyncSession, token: str, *, now: datetime) -> str | None:
    """The calendar at a feed's secret address; None where there is no such feed (any more)."""
    rows = await send(session, _READ, hash=_hash(token), now=now)
    if not rows:
        return None
    resource_id, user_id = rows[0]
    since = now - _SHOWN_SINCE
    if resource_id is not None:
        (row,) = await send(session, _RESOURCE, id=resource_id)
        found = await send(session, VISITS_OF_RESOURCE, id=resource_id, since=since)
        # Who comes is not for an address that any calendar service may hold.
        return calendar_text((Visit(*one).event(to_visitor=False) for one in found), name=row["name"])
    found = await send(session, VISITS_OF_USER, id=user_id, since=since)
    return calendar_text((Visit(*one).event() for one in found), name=await shop_name(session))


async def appointment(session: AsyncSession, token: uuid.UUID) -> str | None:
    """One booking for a calendar, by its own token; None where there is no such booking."""
    found = await of(session)(VISITS_BY_TOKEN, ids=[token])
    return calendar_text([Visit(*found[0]).event()]) if found else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
