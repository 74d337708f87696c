"""When somebody can be booked at all: weekly hours, dates that differ, time off; as ranges in UTC."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from shop.booking.errors import InvalidHours
from shop.booking.rules.zones import clipped

# Half open, aware, in UTC.
Range = tuple[datetime, datetime]
Hours = Sequence[tuple[str, str]]

_DAY: Final = timedelta(days=1)
_TIME: Final = re.compile(r"([0-4][0-9]):([0-5][0-9])", re.ASCII)
_LATEST: Final = timedelta(hours=48)


def open_windows(
    timezone: str,
    weekly: Mapping[int, Hours],
    first: date,
    last: date,
    overrides: Mapping[date, Hours] = {},
    time_off: Sequence[Range] = (),
) -> list[Range]:
    """The windows that begin on the dates from `first` until before `last`: sorted, apart, none of them empty.

    A date's override takes the place of its weekly hours, `()` closes it; time off is cut out. Windows that touch are
    one. A window past midnight (`22:00-26:00`) belongs to the date on which it begins: who wants all that is open on a
    date asks from the day before.

    Shapes: `weekly` by ISO weekday, Monday is 1; dates and hours on the clock of the zone.
    Raises: UnknownTimezone, InvalidHours.
    """
    windows: list[Range] = []
    for number in range((last - first).days):
        day = first + number * _DAY
        midnight = datetime.combine(day, time())
        hours = overrides.get(day)
        for start, end in weekly.get(day.isoweekday(), ()) if hours is None else hours:
            since, until = parsed_hours(start, end)
            windows.append((clipped(midnight + since, timezone), clipped(midnight + until, timezone)))
    return without(merged(windows), merged(time_off)) if time_off else merged(windows)


def parsed_hours(start: str, end: str) -> tuple[timedelta, timedelta]:
    """Both ends as time after midnight on the clock; up to 48 hours. Raises: InvalidHours."""
    since, until = _after_midnight(start), _after_midnight(end)
    if since is None or until is None or not since < until <= _LATEST:
        raise InvalidHours(start, end)
    return since, until


def merged(ranges: Iterable[Range]) -> list[Range]:
    """The same time, sorted, as ranges of which no two overlap or touch; empty ones are gone."""
    result: list[Range] = []
    for start, end in sorted(ranges):
        if start >= end:
            continue
        if result and start <= result[-1][1]:
            if end > result[-1][1]:
                result[-1] = (result[-1][0], end)
        else:
            result.append((start, end))
    return result


def without(windows: Sequence[Range], cut: Sequence[Range]) -> list[Range]:
    """What is left of the windows where nothing is cut. Shapes: both merged."""
    result: list[Range] = []
    position = 0
    for window_start, end in windows:
        start = window_start
        while position < len(cut) and cut[position][1] <= start:
            position += 1
        following = position
        while following < len(cut) and cut[following][0] < end:
            if cut[following][0] > start:
                result.append((start, cut[following][0]))
            start = cut[following][1]
            following += 1
        if start < end:
            result.append((start, end))
    return result


@lru_cache(maxsize=2048)
def _after_midnight(text: str) -> timedelta | None:
    match = _TIME.fullmatch(text)
    return timedelta(hours=int(match[1]), minutes=int(match[2])) if match else None
