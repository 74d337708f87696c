"""The calendar of the picker: whole weeks from Monday on, five at a time."""

from datetime import date, timedelta

import pytest

from shop.storefront import weeks

# A Wednesday.
TODAY = date(2026, 11, 25)


def ahead(*days: int) -> list[date]:
    return [TODAY + timedelta(days=number) for number in days]


def test_five_weeks_from_the_monday_of_this_week() -> None:
    free = ahead(0, 6, 7)
    shown = weeks.around(free[1], free, TODAY)
    days = [day for week in shown.weeks for day in week]
    assert [len(week) for week in shown.weeks] == [7] * 5
    assert (days[0].date, days[-1].date) == (date(2026, 11, 23), date(2026, 12, 27))
    assert shown.title == "November to December 2026"
    assert [day.date for day in days if day.is_free] == free
    assert [day.date for day in days if day.is_chosen] == [free[1]]
    assert [day.date for day in days if day.says_month] == [date(2026, 11, 23), date(2026, 12, 1)]
    assert days[2].name == "Wednesday 25 November"
    assert (shown.earlier, shown.later) == (None, None)


def test_the_weeks_before_and_after_are_reached_by_their_first_free_day() -> None:
    free = ahead(3, 9, 40, 60, 70, 110)
    assert weeks.around(free[0], free, TODAY).later == free[2]
    middle = weeks.around(free[3], free, TODAY)
    assert middle.weeks[0][0].date == date(2026, 12, 28)
    assert (middle.earlier, middle.later) == (free[0], free[4])
    assert middle.title == "December 2026 to January 2027"
    # Weeks without anything free are passed over.
    last = weeks.around(free[-1], free, TODAY)
    assert (last.earlier, last.later) == (free[4], None)


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (date(2026, 11, 23), date(2026, 11, 23), date(2026, 12, 27)),
        (date(2026, 11, 29), date(2026, 11, 23), date(2026, 12, 27)),
        (date(2027, 3, 1), date(2027, 3, 1), date(2027, 4, 4)),
    ],
)
def test_a_week_begins_on_monday(today: date, first: date, last: date) -> None:
    shown = weeks.around(today, [today], today)
    assert (shown.weeks[0][0].date, shown.weeks[-1][-1].date) == (first, last)
    assert [day.date.weekday() for day in shown.weeks[0]] == list(range(7))
