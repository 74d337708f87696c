"""What many people offer over many days, as bits, kept for as long as nothing has changed that they follow from.

The grid of starts and what blocks it are the rules that `availability` asks, once for everybody with the same hours and
once for each role; lead time and horizon move with the clock and are applied to what is kept. Whoever takes time asks
`availability` and the table where time is taken, never this.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from weakref import WeakKeyDictionary

from shop.booking.availability import Slot, presence, windows
from shop.booking.calendars import Book, Calendar, Role, ServiceFacts, Standing
from shop.booking.rules import Range, blocked_bits, day_start, grid_bits, horizon_end, minutes, span_bits
from shop.kit.db import Database

_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)
# About five kilobytes each for a month.
_MOST_KEPT: Final = 8192
# Where one has been there for so long without a gap, the grid of starts depends on the days that are asked for.
_GAPLESS: Final = 8 * _DAY

_INSTANT: Final = timedelta(microseconds=1)

Span = tuple[datetime, datetime]
# Of the one who leads, and of each of the other roles.
Standings = tuple[Standing, tuple[tuple[int, tuple[Standing, ...]], ...]]


class Kept:
    """The starts of one process for one database, the least recently used forgotten first."""

    def __init__(self, most: int = _MOST_KEPT) -> None:
        self._most = most
        self._starts: OrderedDict[tuple[ServiceFacts, int, Span], tuple[Standings, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._starts)

    def get(self, service: ServiceFacts, span: Span, standings: Standings) -> int | None:
        """The starts, if they are known of calendars that stand so."""
        key = (service, standings[0].resource_id, span)
        found = self._starts.get(key)
        if found is None or found[0] != standings:
            return None
        self._starts.move_to_end(key)
        return found[1]

    def put(self, service: ServiceFacts, span: Span, standings: Standings, bits: int) -> None:
        """The starts of calendars that stood so before they were read."""
        key = (service, standings[0].resource_id, span)
        self._starts[key] = standings, bits
        self._starts.move_to_end(key)
        if len(self._starts) > self._most:
            self._starts.popitem(last=False)


_kept: WeakKeyDictionary[Database, Kept] = WeakKeyDictionary()


def kept_for(database: Database) -> Kept:
    """What this process keeps of the database."""
    return _kept.setdefault(database, Kept())


def whole_days(since: datetime, until: datetime) -> Span:
    """The days in UTC around a span: requests of one day share what is kept."""
    first = since.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return first, first + -(-(until - first) // _DAY) * _DAY


def changes_at(first: datetime | None, notice: timedelta, timezones: Iterable[str], now: datetime) -> datetime:
    """The first moment at which the clock alone may change what is offered between two fixed moments.

    `first`: the first start, which comes too close for its notice; with a new day in one of the zones the horizon
    moves on.
    """
    moments = [horizon_end(now, 0, timezone) for timezone in timezones]
    if first is not None:
        moments.append(first - notice)
    return min(moments, default=now + _DAY)


class Search:
    """The starts of a service's people in a span of whole days, bit by minute.

    `busy`: what is taken, by resource; of one resource in any order.
    """

    def __init__(self, book: Book, busy: Mapping[int, Sequence[Range]], span: Span) -> None:
        self._book = book
        self._busy = busy
        self._span = span
        self._roles: int | None = None
        # Many are there at the same hours. None: bits from the span's beginning would not tell the same.
        self._grids: dict[tuple[object, ...], int | None] = {}

    def bits(self, calendar: Calendar) -> int | None:
        """The starts with one who leads; None where bits cannot tell them."""
        if not self._book.service.is_active:
            return 0
        key = (calendar.timezone, tuple(sorted(calendar.weekly.items())), *sorted(calendar.overrides.items()))
        if key not in self._grids:
            self._grids[key] = self._grid(calendar)
        grid = self._grids[key]
        return None if grid is None else grid & ~self._blocked(calendar)

    def _grid(self, calendar: Calendar) -> int | None:
        service = self._book.service
        # A visit that begins before the end may reach into windows after it.
        there = windows(calendar, self._span[0], self._span[1] + service.duration)
        if any(end - start >= _GAPLESS for start, end in there):
            return None
        grid = grid_bits(
            there,
            *self._span,
            duration_min=service.duration_min,
            step_min=service.step_min,
            align=service.align,
            timezone=calendar.timezone,
        )
        if self._roles is None:
            self._roles = span_bits(self._span[0], *self._span)
            for role in self._book.roles[1:]:
                self._roles &= self._filled(role)
        return grid & self._roles

    def _filled(self, role: Role) -> int:
        """The minutes at which a visit may begin for which somebody can fill the role."""
        first, end, length = *self._span, self._book.service.duration
        filled = 0
        for calendar in role.calendars:
            there = 0
            for opens, closes in presence(calendar, first, end + length):
                there |= span_bits(first, opens, min(end, closes - length + _INSTANT))
            filled |= there & ~self._blocked(calendar)
        return filled

    def _blocked(self, calendar: Calendar) -> int:
        service = self._book.service
        return blocked_bits(
            self._busy.get(calendar.resource_id, ()),
            *self._span,
            duration_min=service.duration_min,
            buffer_before_min=service.buffer_before_min,
            buffer_after_min=service.buffer_after_min,
        )


@dataclass(frozen=True, slots=True)
class Offer:
    """The starts of one who leads."""

    resource_id: int
    timezone: str
    bits: int


@dataclass(frozen=True, slots=True)
class Offers:
    """What a service's people offer between two moments, in the order of preference. Shapes: bits from `origin`."""

    service: ServiceFacts
    origin: datetime
    offers: tuple[Offer, ...]
    # Until when the same is offered if nothing changes: then a start comes too close, or a day comes near enough.
    lasts_until: datetime

    @classmethod
    def now(
        cls, service: ServiceFacts, found: Iterable[Offer], span: Span, since: datetime, until: datetime, now: datetime
    ) -> "Offers":
        """Of all starts in the span those from `since` on and before `until` that are not too soon or too far."""
        notice = timedelta(minutes=service.lead_min)
        earliest = max(since, now + notice)
        masks: dict[str, int] = {}
        offers = []
        for one in found:
            mask = masks.get(one.timezone)
            if mask is None:
                horizon = horizon_end(now, service.horizon_days, one.timezone)
                mask = masks[one.timezone] = span_bits(span[0], earliest, min(until, horizon))
            if bits := one.bits & mask:
                offers.append(Offer(one.resource_id, one.timezone, bits))
        first = next((span[0] + minute * _MINUTE for minute in minutes(cls._any(offers))), None)
        return cls(service, span[0], tuple(offers), changes_at(first, notice, masks, now))

    def starting(self, first: datetime | None, *, by_start: bool) -> Iterator[list[Slot]]:
        """The slots of each start from `first` on; `by_start`: with the first who is free alone."""
        bits = self._any(self.offers)
        if first is not None:
            bits = bits >> (skipped := max(0, (first - self.origin) // _MINUTE)) << skipped
        for minute in minutes(bits):
            free = (one for one in self.offers if one.bits >> minute & 1)
            if by_start:
                yield [self._slot(next(free), minute)]
            else:
                yield [self._slot(one, minute) for one in free]

    def total(self, *, by_start: bool) -> int:
        """How many slots there are."""
        if by_start:
            return self._any(self.offers).bit_count()
        return sum(one.bits.bit_count() for one in self.offers)

    def days(self, wanted: Sequence[date], timezone: str | None) -> list[date]:
        """The dates on which anybody offers something: in that zone, else in their own."""
        zones: dict[str, int] = {}
        for one in self.offers:
            name = timezone or one.timezone
            zones[name] = zones.get(name, 0) | one.bits
        return [day for day in wanted if any(self._on(day, name, bits) for name, bits in zones.items())]

    def _on(self, day: date, timezone: str, bits: int) -> bool:
        return bool(bits & span_bits(self.origin, day_start(day, timezone), day_start(day + _DAY, timezone)))

    def _slot(self, one: Offer, minute: int) -> Slot:
        start = self.origin + minute * _MINUTE
        service = self.service
        return Slot(service.id, one.resource_id, start, start + service.duration, one.timezone, service.capacity)

    @staticmethod
    def _any(offers: Iterable[Offer]) -> int:
        bits = 0
        for one in offers:
            bits |= one.bits
        return bits


def standings_of(roles: Mapping[int, Sequence[Standing]]) -> list[Standings]:
    """What the starts of each who leads follow from: their own calendar, and those of everybody who may be needed."""
    if not roles:
        return []
    (_, leads), *others = roles.items()
    rest = tuple((role_id, tuple(standings)) for role_id, standings in others)
    return [(lead, rest) for lead in leads]
