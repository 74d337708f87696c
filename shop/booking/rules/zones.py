"""Wall clock to UTC: the one place, with the time zone rules of the installed `tzdata` package alone.

The machine's own zone files are not read: two machines may disagree about next year's summer time.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from importlib import metadata, resources
from typing import Final
from zoneinfo import ZoneInfo

from shop.booking.errors import NoSuchLocalTime, UnknownTimezone

_SECOND: Final = timedelta(seconds=1)
_NOTHING: Final = timedelta()


@cache
def timezones() -> frozenset[str]:
    """The names of all zones, as `Europe/Berlin`. Source: IANA time zone database."""
    return frozenset((resources.files("tzdata") / "zones").read_text(encoding="utf-8").split())


@cache
def tzdata_version() -> str:
    """Which edition of the zones' rules is in use; stored with each booking, whose local time depends on it."""
    return metadata.version("tzdata")


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The zone's rules. Raises: UnknownTimezone."""
    if name not in timezones():
        raise UnknownTimezone(name)
    with (resources.files("tzdata") / "zoneinfo").joinpath(*name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


# Those who are there at the same hours, and a list of a thousand of them, ask for the same times.
@lru_cache(maxsize=8192)
def clipped(local: datetime, timezone: str) -> datetime:
    """The instant of a wall-clock time: the first of two, and the clock change itself for one that it skips.

    Source: RFC 5545 (3.3.5) for times that occur twice.
    """
    rules = zone(timezone)
    first, second = _offsets(local, rules)
    if first < second:
        # Before the change the clock shows less than `local`, from it on more.
        return _change((local - second).replace(tzinfo=UTC), (local - first).replace(tzinfo=UTC), rules)
    return (local - first).replace(tzinfo=UTC)


def exact(local: datetime, timezone: str) -> datetime:
    """The instant of a time that somebody named; the first of two. Raises: NoSuchLocalTime, UnknownTimezone."""
    first, second = _offsets(local, zone(timezone))
    if first < second:
        raise NoSuchLocalTime(local, timezone)
    return (local - first).replace(tzinfo=UTC)


def local_of(instant: datetime, timezone: str) -> datetime:
    """What the clock on the wall shows at an instant; without a zone."""
    return instant.astimezone(zone(timezone)).replace(tzinfo=None)


def day_start(day: date, timezone: str) -> datetime:
    """When a date begins in a zone: its midnight, or the clock change that skips it."""
    return clipped(datetime.combine(day, time()), timezone)


def horizon_end(now: datetime, days: int, timezone: str) -> datetime:
    """The first instant that lies too far ahead: `days` dates after today's may be booked, counted in the zone."""
    return day_start(local_of(now, timezone).date() + timedelta(days=days + 1), timezone)


def next_change(start: datetime, end: datetime, timezone: str) -> datetime | None:
    """The clock change in `(start, end]`, or None; for spans so short that there is one at most."""
    rules = zone(timezone)
    if start.astimezone(rules).utcoffset() == end.astimezone(rules).utcoffset():
        return None
    return _change(start, end, rules)


def _offsets(local: datetime, rules: ZoneInfo) -> tuple[timedelta, timedelta]:
    """How far the clock is ahead of UTC before and after a change; the same where `local` occurs exactly once.

    It is set back where it was further ahead before, and `local` occurs twice; else it skips `local`.
    """
    here = local.replace(tzinfo=rules)
    return here.utcoffset() or _NOTHING, here.replace(fold=1).utcoffset() or _NOTHING


def _change(before: datetime, after: datetime, rules: ZoneInfo) -> datetime:
    """The first second in `(before, after]` at which the clock differs from UTC as it does at `after`."""
    offset = after.astimezone(rules).utcoffset()
    # Clocks change at whole seconds.
    after += timedelta(microseconds=-after.microsecond % 1_000_000)
    low, high = 0, -((before - after) // _SECOND)
    while high - low > 1:
        middle = (low + high) // 2
        if (after - middle * _SECOND).astimezone(rules).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return after - low * _SECOND
