"""Which starts are offered: one engine for the list of slots, the hold, the move to another time, and for staff."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, repeat
from operator import add
from typing import Final

from shop.booking.rules.bitmaps import points, stretches
from shop.booking.rules.windows import Range, merged
from shop.booking.rules.zones import next_change, zone

WINDOW_START: Final = "WINDOW_START"
LOCAL_CLOCK: Final = "LOCAL_CLOCK"

# Instants are swept as whole microseconds since this one: several times faster than as datetimes, and as exact.
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MINUTE: Final = 60_000_000
_DAY: Final = 1440 * _MINUTE

_Span = tuple[int, int]
# The first start, and how many there are, one step apart.
_Run = tuple[int, int]


def slot_starts(
    windows: Sequence[Range],
    *,
    duration_min: int,
    step_min: int,
    busy: Sequence[Range] = (),
    buffer_before_min: int = 0,
    buffer_after_min: int = 0,
    now: datetime | None = None,
    lead_min: int = 0,
    horizon: datetime | None = None,
    align: str = WINDOW_START,
    timezone: str = "UTC",
) -> list[datetime]:
    """Every start that fits into one window, keeps its buffers clear of what is busy, and is not too soon or too late.

    `busy` is what all needed resources have taken, their own buffers included; a buffer may hang over a window's end.
    A start exactly `lead_min` ahead is offered, one at the horizon is not; without `now` none is too soon.
    `align` says where the grid begins: WINDOW_START counts elapsed steps from each window's start, LOCAL_CLOCK offers
    the times at which the minutes since local midnight divide by the step.
    """
    blocked = _blocked(busy, buffer_before_min, duration_min + buffer_after_min)
    earliest = None if now is None else _number(now) + lead_min * _MINUTE
    apart = timedelta(minutes=step_min)
    starts: list[datetime] = []
    for start, count in _runs(windows, duration_min, step_min, align, timezone, blocked, earliest, horizon):
        starts += accumulate(repeat(apart, count - 1), add, initial=_EPOCH + timedelta(microseconds=start))
    return starts


def grid_bits(
    windows: Sequence[Range],
    origin: datetime,
    end: datetime,
    *,
    duration_min: int,
    step_min: int,
    align: str,
    timezone: str,
) -> int:
    """The starts of `slot_starts` from the origin on and before the end, were nothing busy: a bit for each minute.

    Raises: ValueError for a start between two minutes.
    """
    first = _number(origin)
    runs = []
    for start, count in _runs(windows, duration_min, step_min, align, timezone, (), first, end):
        minute, rest = divmod(start - first, _MINUTE)
        if rest:
            raise ValueError(f"a start is no whole minute after {origin}")
        runs.append(range(minute, minute + count * step_min, step_min))
    return points(runs)


def blocked_bits(
    busy: Sequence[Range],
    origin: datetime,
    end: datetime,
    *,
    duration_min: int,
    buffer_before_min: int,
    buffer_after_min: int,
) -> int:
    """The minutes from the origin on and before the end at which a visit that starts would meet something busy."""
    first = _number(origin)
    length = -((first - _number(end)) // _MINUTE)
    minutes = []
    for low, high in _blocked(busy, buffer_before_min, duration_min + buffer_after_min):
        begin, stop = max(0, (low - first) // _MINUTE + 1), min(length, -((first - high) // _MINUTE))
        if begin < stop:
            minutes.append((begin, stop))
    return stretches(minutes)


def _runs(
    windows: Sequence[Range],
    duration_min: int,
    step_min: int,
    align: str,
    timezone: str,
    blocked: Sequence[_Span],
    earliest: int | None,
    horizon: datetime | None,
) -> list[_Run]:
    """The free starts that the windows have room for."""
    if duration_min <= 0 or step_min <= 0:
        raise ValueError("an appointment and the step between two starts last at least a minute")
    length, step = duration_min * _MINUTE, step_min * _MINUTE
    latest = None if horizon is None else _number(horizon) - 1
    runs: list[_Run] = []
    position = 0
    for opens, closes in merged(windows):
        last = _number(closes) - length
        if latest is not None and latest < last:
            last = latest
        for grid, until in _grids(opens, closes, step_min, align, timezone):
            first = grid if earliest is None else _on_grid(earliest, grid, step)
            position = _sweep(runs, first, min(until, last), step, blocked, position)
    return runs


def _sweep(runs: list[_Run], first: int, last: int, step: int, blocked: Sequence[_Span], position: int) -> int:
    """The free starts from `first` to `last`, both included, are added; returns the first block still of interest."""
    start = first
    while start <= last:
        while position < len(blocked) and blocked[position][1] <= start:
            position += 1
        low, high = blocked[position] if position < len(blocked) else (last, last)
        if low >= start:
            count = (min(low, last) - start) // step + 1
            runs.append((start, count))
            start += count * step
        else:
            start = _on_grid(high, start, step)
    return position


def _blocked(busy: Sequence[Range], before_min: int, after_min: int) -> list[_Span]:
    """The starts that would meet something busy: open spans, sorted, apart. The ends themselves are free.

    Units: an appointment takes `before_min` before its start and `after_min` from it on, its own length included.
    """
    before, after = before_min * _MINUTE, after_min * _MINUTE
    spans = sorted((_number(start) - after, _number(end) + before) for start, end in busy if start < end)
    result: list[_Span] = []
    for low, high in spans:
        if result and low < result[-1][1]:
            if high > result[-1][1]:
                result[-1] = (result[-1][0], high)
        else:
            result.append((low, high))
    return result


def _grids(opens: datetime, closes: datetime, step_min: int, align: str, timezone: str) -> list[_Span]:
    """For each stretch of the window with one regular grid: its first start, and the last instant it may have."""
    if align == WINDOW_START:
        return [(_number(opens), _number(closes))]
    if align != LOCAL_CLOCK:
        raise ValueError(f"no such alignment: {align}")
    rules = zone(timezone)
    step = step_min * _MINUTE
    grids: list[_Span] = []
    start = opens
    while start < closes:
        # Up to the next midnight, or to a change of the clocks before it.
        offset = (start.astimezone(rules).utcoffset() or timedelta()) // _MICROSECOND
        begin = _number(start)
        midnight = begin + _DAY - (begin + offset) % _DAY
        end = min(_EPOCH + midnight * _MICROSECOND, closes)
        end = next_change(start, end, timezone) or end
        minutes_passed = (begin + offset) % _DAY
        grids.append((begin + -minutes_passed % step, _number(end) - 1))
        start = end
    return grids


def _on_grid(instant: int, grid: int, step: int) -> int:
    """The first grid point at or after both the instant and the grid's beginning."""
    return grid if instant <= grid else instant + (grid - instant) % step


def _number(instant: datetime) -> int:
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
