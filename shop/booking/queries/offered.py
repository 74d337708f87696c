"""What a service's people offer, from what is kept of it; only what has changed is read and searched again."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from shop.booking import availability
from shop.booking.calendars import ServiceFacts
from shop.booking.errors import TooManyDays
from shop.booking.offers import Kept, Offer, Offers, Search, Span, Standings, standings_of, whole_days
from shop.booking.queries.calendars import Days, book_of_some, standings
from shop.booking.queries.rows import Rows
from shop.booking.queries.taken import busy

# A thousand people's month and a little more: searching them all keeps a process busy for a third of a second.
_MOST_UNKNOWN: Final = timedelta(days=40_000)
_AT_ONCE: Final = 25


async def offered(
    rows: Rows,
    kept: Kept,
    service: ServiceFacts,
    resource_ids: Collection[int] | None,
    since: datetime,
    until: datetime,
    *,
    now: datetime,
) -> Offers | None:
    """What these people, or all, offer to one visitor; None where bits cannot tell it.

    One statement where all is known, three where it is not. Raises: TooManyDays.
    """
    # Read before what it stands for: whatever changes in between makes what is kept stale, never wrong.
    found = standings_of(await standings(rows, service.id, now=now))
    leads = [one for one in found if resource_ids is None or one[0].resource_id in resource_ids]
    span = whole_days(since, until)
    known = {one[0].resource_id: kept.get(service, span, one) for one in leads}
    missing = [one for one in leads if known[one[0].resource_id] is None]
    if len(missing) * (span[1] - span[0]) > _MOST_UNKNOWN:
        raise TooManyDays
    if missing:
        searched = await _searched(rows, kept, service, missing, span, now=now)
        if searched is None:
            return None
        known |= searched
    offers = [Offer(lead.resource_id, lead.timezone, known[lead.resource_id] or 0) for lead, _ in leads]
    return Offers.now(service, offers, span, since, until, now)


async def _searched(
    rows: Rows, kept: Kept, service: ServiceFacts, missing: Sequence[Standings], span: Span, *, now: datetime
) -> dict[int, int] | None:
    # The others are the same for everybody who leads.
    others = {standing.resource_id for _, role in missing[0][1] for standing in role}
    ids = others | {lead.resource_id for lead, _ in missing}
    book = await book_of_some(rows, service, ids, Days.around(*span))
    times = await busy(rows, service.id, ids, *availability.reach({service.id: book}, *span), now=now)
    if any(one.has_sessions for one in times.values()):
        return None
    # Time alone frees seats, too, and marks no calendar.
    seated = {one.resource_id for one in times.values() if one.is_seated}
    calendars = {calendar.resource_id: calendar for calendar in book.lead}
    search = Search(book, {key: one.ranges for key, one in times.items()}, span)
    found: dict[int, int] = {}
    for number, one in enumerate(missing):
        key = one[0].resource_id
        if key not in calendars:
            continue
        bits = search.bits(calendars[key])
        if bits is None:
            return None
        found[key] = bits
        if seated.isdisjoint({key, *others}):
            kept.put(service, span, one, bits)
        if number % _AT_ONCE == _AT_ONCE - 1:
            # Others are served meanwhile.
            await asyncio.sleep(0)
    return found
