"""What is offered: the one place that puts calendars, services and taken time before the rules.

The list of slots, the hold, the move to another time and staff all ask here, so that what one shows no other refuses.
Pure: it works on values that `queries` brings.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from shop.booking.calendars import Book, Calendar, Role, Sitting, Taken
from shop.booking.errors import BeyondHorizon, BookingError, LeadTime, OutsideAvailability, SessionFull, SlotUnavailable
from shop.booking.rules import Range, horizon_end, local_of, merged, open_windows, slot_starts

_DAY: Final = timedelta(days=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Windows reach into a day from two days before it; only hours without a gap make one look back further.
_LOOK_BACK: Final = 2
_LOOK_BACK_FAR: Final = 9
_ALL_DAY: Final = dict.fromkeys(range(1, 8), (("00:00", "24:00"),))


@dataclass(frozen=True, slots=True)
class Slot:
    """A start at which a service can be had from one who leads."""

    service_id: int
    resource_id: int
    start: datetime
    end: datetime
    timezone: str
    seats: int


class Occupied:
    """What is taken, by resource; sessions that can be joined are told apart."""

    def __init__(self, taken: Iterable[Taken], *, without: Collection[object] = ()) -> None:
        """`without`: ids of holds and bookings that are about to let go of their time."""
        self._ranges: dict[int, list[Taken]] = defaultdict(list)
        for one in taken:
            if one.hold_id not in without and one.booking_id not in without:
                self._ranges[one.resource_id].append(one)
        self._extra: dict[int, list[Range]] = defaultdict(list)

    def busy(self, resource_id: int) -> list[Range]:
        """Merged and sorted; what is over does not count."""
        ranges = [(one.start, one.end) for one in self._ranges[resource_id] if not one.is_over]
        return merged(ranges + self._extra[resource_id])

    def sittings(self, service_id: int, resource_id: int) -> list[Sitting]:
        """The sessions of the service that the resource leads."""
        return [
            one.sitting
            for one in self._ranges[resource_id]
            if one.sitting is not None
            and not one.is_over
            and one.sitting.service_id == service_id
            and one.sitting.resource_id == resource_id
        ]

    def over(self, resource_ids: Collection[int], span: Range) -> list[Taken]:
        """What has run out and still stands in the way of these resources."""
        return [
            one
            for resource_id in resource_ids
            for one in self._ranges[resource_id]
            if one.is_over and one.start < span[1] and span[0] < one.end
        ]

    def take(self, resource_ids: Iterable[int], span: Range) -> None:
        """The resources are taken for this long as well."""
        for resource_id in resource_ids:
            self._extra[resource_id].append(span)


def windows(calendar: Calendar, since: datetime, until: datetime) -> list[Range]:
    """The resource's open windows that reach into `[since, until)`, with their true beginnings.

    A window's slots are counted from its beginning, so that it must not depend on what was asked for. Hours without
    any gap have no beginning; theirs is counted from a fixed instant.
    """
    last = local_of(until, calendar.timezone).date() + _DAY
    for days in (_LOOK_BACK, _LOOK_BACK_FAR):
        first = local_of(since, calendar.timezone).date() - days * _DAY
        found = open_windows(calendar.timezone, calendar.weekly, first, last, calendar.overrides)
        if not found or local_of(found[0][0], calendar.timezone) > datetime.combine(first, datetime.min.time()):
            break
    return [window for window in found if window[1] > since]


def presence(calendar: Calendar, since: datetime, until: datetime) -> list[Range]:
    """When the resource can fill a role that does not lead, from `since` until before `until`."""
    if not calendar.is_always_there:
        return windows(calendar, since, until)
    if not calendar.overrides:
        return [(since, until)]
    return windows(replace(calendar, weekly=_ALL_DAY), since, until)


def _anchored(window: Range, calendar: Calendar, since: datetime, step_min: int) -> Range:
    # Most begin so late that no calendar has to be asked how many dates lie between.
    if since - window[0] < (_LOOK_BACK_FAR - 1) * _DAY:
        return window
    if local_of(since, calendar.timezone).date() - local_of(window[0], calendar.timezone).date() < (
        _LOOK_BACK_FAR * _DAY
    ):
        return window
    step = timedelta(minutes=step_min)
    return window[0] + (_EPOCH - window[0]) % step, window[1]


def _starts(
    book: Book,
    calendar: Calendar,
    occupied: Occupied,
    since: datetime,
    until: datetime,
    *,
    first: datetime,
    end: datetime,
) -> list[datetime]:
    """Every start in `[first, end)` of `[since, until)` at which all that the visit needs is there and free."""
    service = book.service
    # A visit that begins before the end may reach into windows after it.
    there = windows(calendar, since, until + service.duration)
    found = slot_starts(
        [_anchored(window, calendar, since, service.step_min) for window in there],
        duration_min=service.duration_min,
        step_min=service.step_min,
        busy=occupied.busy(calendar.resource_id),
        buffer_before_min=service.buffer_before_min,
        buffer_after_min=service.buffer_after_min,
        now=first,
        horizon=end,
        align=service.align,
        timezone=calendar.timezone,
    )
    for role in book.roles[1:]:
        found = _possible(book, role, found, occupied)
    return found


def slots(
    book: Book,
    calendar: Calendar,
    occupied: Occupied,
    since: datetime,
    until: datetime,
    *,
    now: datetime,
    seats: int = 1,
    lead: bool = True,
) -> list[Slot]:
    """What the resource that leads offers from `since` until before `until`, in order.

    `lead=False`: without the notice that the service asks for, as staff book.
    """
    service = book.service
    if not service.is_active or since >= until:
        return []
    horizon = horizon_end(now, service.horizon_days, calendar.timezone)
    earliest = max(since, now + timedelta(minutes=service.lead_min if lead else 0))
    found: dict[datetime, int] = {}
    if seats <= service.capacity:
        there = _starts(book, calendar, occupied, since, until, first=earliest, end=min(horizon, until))
        found = dict.fromkeys(there, service.capacity)
    for sitting in occupied.sittings(service.id, calendar.resource_id):
        if earliest <= sitting.start < min(until, horizon) and sitting.free >= seats:
            found[sitting.start] = sitting.free
    return [
        Slot(service.id, calendar.resource_id, start, start + service.duration, calendar.timezone, free)
        for start, free in sorted(found.items())
    ]


def _possible(book: Book, role: Role, found: Sequence[datetime], occupied: Occupied) -> list[datetime]:
    """The starts at which somebody can fill the role."""
    left = list(found)
    possible: set[datetime] = set()
    for calendar in role.calendars:
        if not left:
            break
        free = set(_free(book, calendar, left, occupied))
        possible |= free
        left = [start for start in left if start not in free]
    return [start for start in found if start in possible]


def _free(book: Book, calendar: Calendar, found: Sequence[datetime], occupied: Occupied) -> list[datetime]:
    """The starts at which the resource is there and not taken."""
    service = book.service
    busy = occupied.busy(calendar.resource_id)
    result = [start for start in found if _disjoint(service.occupied(start), busy)]
    if not result:
        return result
    there = presence(calendar, result[0], result[-1] + service.duration)
    return [start for start in result if _inside(service.visit(start), there)]


def _disjoint(span: Range, busy: Sequence[Range]) -> bool:
    """Whether the span meets none of the merged ranges."""
    place = bisect_right(busy, span[0], key=lambda one: one[1])
    return place == len(busy) or busy[place][0] >= span[1]


def _inside(span: Range, there: Sequence[Range]) -> bool:
    place = bisect_right(there, span[0], key=lambda one: one[0]) - 1
    return place >= 0 and span[1] <= there[place][1]


@dataclass(frozen=True, slots=True)
class Choice:
    """Who serves a slot: one resource for each role, the one that leads first; or a session that takes them already."""

    book: Book
    start: datetime
    timezone: str
    resource_ids: tuple[int, ...]
    sitting: Sitting | None = None

    @property
    def lead_id(self) -> int:
        """Who leads."""
        return self.resource_ids[0]


def choose(
    book: Book,
    occupied: Occupied,
    start: datetime,
    *,
    resource_id: int | None,
    now: datetime,
    seats: int = 1,
    lead: bool = True,
) -> Choice:
    """Who serves the service at this start; the named one leads, else the first who can.

    Raises: LeadTime, BeyondHorizon, OutsideAvailability, SlotUnavailable, SessionFull: why nobody can.
    """
    leads = [one for one in book.lead if resource_id is None or one.resource_id == resource_id]
    until = start + timedelta(microseconds=1)
    for calendar in leads:
        if not slots(book, calendar, occupied, start, until, now=now, seats=seats, lead=lead):
            continue
        for sitting in occupied.sittings(book.service.id, calendar.resource_id):
            if sitting.start == start:
                return Choice(book, start, calendar.timezone, (calendar.resource_id,), sitting)
        others = tuple(
            next(one.resource_id for one in role.calendars if _free(book, one, [start], occupied))
            for role in book.roles[1:]
        )
        return Choice(book, start, calendar.timezone, (calendar.resource_id, *others))
    raise _refusal(book, leads, occupied, start, now=now, seats=seats, lead=lead)


def _refusal(
    book: Book,
    leads: Sequence[Calendar],
    occupied: Occupied,
    start: datetime,
    *,
    now: datetime,
    seats: int,
    lead: bool,
) -> BookingError:
    service = book.service
    notice = timedelta(minutes=service.lead_min if lead else 0)
    if start < now + notice:
        return LeadTime(service.lead_min)
    if leads and all(start >= horizon_end(now, service.horizon_days, one.timezone) for one in leads):
        return BeyondHorizon(service.horizon_days)
    if seats > service.capacity:
        return SessionFull(service.capacity)
    for calendar in leads:
        full = [one.free for one in occupied.sittings(service.id, calendar.resource_id) if one.start == start]
        if full:
            return SessionFull(full[0])
    nothing = Occupied(())
    until = start + timedelta(microseconds=1)
    if any(slots(book, one, nothing, start, until, now=now, lead=lead) for one in leads):
        return SlotUnavailable()
    return OutsideAvailability()


def slots_of(
    books: Iterable[Book],
    occupied: Occupied,
    since: datetime,
    until: datetime,
    *,
    now: datetime,
    resource_ids: Collection[int] | None = None,
    seats: int = 1,
) -> list[Slot]:
    """All that the services offer, with whom the visitor may choose; by start, then by the order of preference."""
    found = [
        slot
        for book in books
        for calendar in book.lead
        if resource_ids is None or calendar.resource_id in resource_ids
        for slot in slots(book, calendar, occupied, since, until, now=now, seats=seats)
    ]
    # Stable: within a start the order of preference stays.
    return sorted(found, key=lambda slot: slot.start)


def reach(books: Mapping[int, Book], since: datetime, until: datetime) -> Range:
    """How far around the span taken time matters to the services: visits and buffers hang over its ends."""
    before = max((book.service.before for book in books.values()), default=timedelta())
    after = max((book.service.duration + book.service.after for book in books.values()), default=timedelta())
    return since - before, until + after
