"""A calendar of a few whole weeks, on which the days that can be chosen are links. Pure: today is an argument."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_WEEKS: Final = 5
_DAYS: Final = 7 * _WEEKS
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the calendar."""

    date: date
    is_free: bool
    is_chosen: bool
    # The first day that is shown, and each month's first, say their month.
    says_month: bool

    @property
    def name(self) -> str:
        """As `Tuesday 24 November`."""
        return spoken(self.date)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Weeks from Monday to Sunday. `earlier` and `later`: the first day that is free in the weeks before and after."""

    title: str
    weeks: tuple[tuple[Day, ...], ...]
    earlier: date | None
    later: date | None


def around(chosen: date, free: Sequence[date], today: date) -> Calendar:
    """The weeks around the chosen day; the first ones begin with the week of today.

    Shapes: `free` ascends and holds `chosen`.
    """
    first = _beginning(chosen, today)
    after = first + _DAYS * _DAY
    shown = [first + number * _DAY for number in range(_DAYS)]
    before = [day for day in free if day < first]
    back = _beginning(before[-1], today) if before else first
    days = [Day(day, day in free, day == chosen, day.day == 1 or day == first) for day in shown]
    return Calendar(
        title=_title(first, shown[-1]),
        weeks=tuple(tuple(days[start : start + 7]) for start in range(0, _DAYS, 7)),
        earlier=next((day for day in before if day >= back), None),
        later=next((day for day in free if day >= after), None),
    )


def spoken(day: date) -> str:
    """A day in words, without its year."""
    return f"{day:%A} {day.day} {day:%B}"


def _beginning(day: date, today: date) -> date:
    monday = today - today.weekday() * _DAY
    return monday + (day - monday).days // _DAYS * _DAYS * _DAY


def _title(first: date, last: date) -> str:
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%B %Y}"
    return f"{first:%B} to {last:%B %Y}" if first.year == last.year else f"{first:%B %Y} to {last:%B %Y}"
