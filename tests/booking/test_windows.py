"""Open hours in UTC. Each expected instant follows from the zone's published rules, not from the code.

New York: UTC-5, UTC-4 from 2026-03-08 07:00Z to 2026-11-01 06:00Z. Berlin: UTC+1, UTC+2 from 2026-03-29 01:00Z to
2026-10-25 01:00Z. Lord Howe: UTC+11 until 2026-04-04 15:00Z, then UTC+10:30 until 2026-10-03 15:30Z. Istanbul: UTC+3
all year. Apia: UTC-10 until 2011-12-30 10:00Z, then UTC+14: no 30 December.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo, reset_tzpath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shop.booking.errors import InvalidHours, NoSuchLocalTime, UnknownTimezone
from shop.booking.rules import (
    Range,
    day_start,
    exact,
    horizon_end,
    local_of,
    merged,
    open_windows,
    timezones,
    tzdata_version,
    without,
    zone,
)

Hours = Sequence[tuple[str, str]]


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


def ranges(*texts: str) -> list[Range]:
    return [(at(start), at(end)) for start, end in (text.split(" - ") for text in texts)]


def every_day(*hours: tuple[str, str]) -> dict[int, Hours]:
    return dict.fromkeys(range(1, 8), hours)


NINE_TO_FIVE = every_day(("09:00", "17:00"))


@pytest.mark.parametrize(
    ("timezone", "day", "hours", "expected"),
    [
        # An ordinary day, east and west.
        ("Europe/Istanbul", "2026-03-29", ("09:00", "17:00"), "2026-03-29T06:00 - 2026-03-29T14:00"),
        ("Europe/Istanbul", "2026-10-25", ("09:00", "17:00"), "2026-10-25T06:00 - 2026-10-25T14:00"),
        ("America/New_York", "2026-03-07", ("09:00", "17:00"), "2026-03-07T14:00 - 2026-03-07T22:00"),
        # Summer time begins: 02:00 to 03:00 is skipped.
        ("America/New_York", "2026-03-08", ("09:00", "17:00"), "2026-03-08T13:00 - 2026-03-08T21:00"),
        ("America/New_York", "2026-03-08", ("01:00", "04:00"), "2026-03-08T06:00 - 2026-03-08T08:00"),
        ("America/New_York", "2026-03-08", ("02:30", "04:00"), "2026-03-08T07:00 - 2026-03-08T08:00"),
        ("America/New_York", "2026-03-08", ("01:00", "02:30"), "2026-03-08T06:00 - 2026-03-08T07:00"),
        ("America/New_York", "2026-03-08", ("02:00", "03:00"), None),
        ("America/New_York", "2026-03-08", ("02:15", "02:45"), None),
        ("Europe/Berlin", "2026-03-29", ("01:30", "03:30"), "2026-03-29T00:30 - 2026-03-29T01:30"),
        ("Europe/Berlin", "2026-03-29", ("02:30", "03:30"), "2026-03-29T01:00 - 2026-03-29T01:30"),
        ("Australia/Lord_Howe", "2026-10-04", ("01:00", "03:00"), "2026-10-03T14:30 - 2026-10-03T16:00"),
        ("Australia/Lord_Howe", "2026-10-04", ("02:10", "03:00"), "2026-10-03T15:30 - 2026-10-03T16:00"),
        # Summer time ends: what occurs twice is its first occurrence.
        ("America/New_York", "2026-11-01", ("00:00", "03:00"), "2026-11-01T04:00 - 2026-11-01T08:00"),
        ("America/New_York", "2026-11-01", ("01:30", "03:00"), "2026-11-01T05:30 - 2026-11-01T08:00"),
        ("America/New_York", "2026-11-01", ("00:30", "01:30"), "2026-11-01T04:30 - 2026-11-01T05:30"),
        ("Europe/Berlin", "2026-10-25", ("02:00", "03:00"), "2026-10-25T00:00 - 2026-10-25T02:00"),
        ("Australia/Lord_Howe", "2026-04-05", ("01:30", "02:00"), "2026-04-04T14:30 - 2026-04-04T15:30"),
        ("Australia/Lord_Howe", "2026-04-05", ("01:45", "02:30"), "2026-04-04T14:45 - 2026-04-04T16:00"),
        # The whole day does not exist; the evening before ends where it would begin.
        ("Pacific/Apia", "2011-12-30", ("09:00", "17:00"), None),
        ("Pacific/Apia", "2011-12-29", ("09:00", "17:00"), "2011-12-29T19:00 - 2011-12-30T03:00"),
        ("Pacific/Apia", "2011-12-29", ("22:00", "26:00"), "2011-12-30T08:00 - 2011-12-30T10:00"),
        ("Pacific/Apia", "2011-12-31", ("00:00", "02:00"), "2011-12-30T10:00 - 2011-12-30T12:00"),
        # Past midnight, also over a change of the clocks.
        ("Europe/Istanbul", "2026-06-01", ("22:00", "26:00"), "2026-06-01T19:00 - 2026-06-01T23:00"),
        ("America/New_York", "2026-03-07", ("22:00", "28:00"), "2026-03-08T03:00 - 2026-03-08T08:00"),
        ("America/New_York", "2026-10-31", ("22:00", "28:00"), "2026-11-01T02:00 - 2026-11-01T09:00"),
        ("Europe/Istanbul", "2026-06-01", ("00:00", "24:00"), "2026-05-31T21:00 - 2026-06-01T21:00"),
        ("Europe/Istanbul", "2026-06-01", ("25:00", "48:00"), "2026-06-01T22:00 - 2026-06-02T21:00"),
    ],
)
def test_hours_on_the_wall_are_these_instants(
    timezone: str, day: str, hours: tuple[str, str], expected: str | None
) -> None:
    first = date.fromisoformat(day)
    found = open_windows(timezone, every_day(hours), first, first.fromordinal(first.toordinal() + 1))
    assert found == ([] if expected is None else ranges(expected))


def test_days_follow_the_week_and_the_last_one_is_not_included() -> None:
    # 2026-06-01 is a Monday.
    weekly: dict[int, Hours] = {1: [("09:00", "12:00"), ("13:00", "15:00")], 3: [("10:00", "11:00")], 7: []}
    assert open_windows("UTC", weekly, date(2026, 6, 1), date(2026, 6, 8)) == ranges(
        "2026-06-01T09:00 - 2026-06-01T12:00",
        "2026-06-01T13:00 - 2026-06-01T15:00",
        "2026-06-03T10:00 - 2026-06-03T11:00",
    )
    assert open_windows("UTC", weekly, date(2026, 6, 2), date(2026, 6, 3)) == []
    assert open_windows("UTC", weekly, date(2026, 6, 3), date(2026, 6, 3)) == []
    assert open_windows("UTC", weekly, date(2026, 6, 9), date(2026, 6, 2)) == []


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ([("09:00", "12:00"), ("12:00", "15:00")], ["2026-06-01T09:00 - 2026-06-01T15:00"]),
        ([("13:00", "15:00"), ("09:00", "14:00")], ["2026-06-01T09:00 - 2026-06-01T15:00"]),
        ([("09:00", "17:00"), ("10:00", "11:00")], ["2026-06-01T09:00 - 2026-06-01T17:00"]),
        (
            [("12:01", "15:00"), ("09:00", "12:00")],
            ["2026-06-01T09:00 - 2026-06-01T12:00", "2026-06-01T12:01 - 2026-06-01T15:00"],
        ),
    ],
)
def test_touching_and_overlapping_windows_are_one(hours: Hours, expected: list[str]) -> None:
    assert open_windows("UTC", {1: hours}, date(2026, 6, 1), date(2026, 6, 2)) == ranges(*expected)


def test_a_night_joins_the_next_day() -> None:
    weekly: dict[int, Hours] = {1: [("22:00", "26:00")], 2: [("02:00", "04:00")]}
    assert open_windows("UTC", weekly, date(2026, 6, 1), date(2026, 6, 3)) == ranges(
        "2026-06-01T22:00 - 2026-06-02T04:00"
    )


def test_a_date_s_override_takes_the_place_of_its_hours() -> None:
    overrides: dict[date, Hours] = {date(2026, 6, 2): (), date(2026, 6, 3): [("20:00", "21:00")]}
    assert open_windows("UTC", NINE_TO_FIVE, date(2026, 6, 1), date(2026, 6, 5), overrides) == ranges(
        "2026-06-01T09:00 - 2026-06-01T17:00",
        "2026-06-03T20:00 - 2026-06-03T21:00",
        "2026-06-04T09:00 - 2026-06-04T17:00",
    )


def test_an_override_opens_a_day_that_is_closed_by_the_week() -> None:
    assert open_windows("UTC", {}, date(2026, 6, 1), date(2026, 6, 2), {date(2026, 6, 1): [("08:00", "09:00")]}) == (
        ranges("2026-06-01T08:00 - 2026-06-01T09:00")
    )


@pytest.mark.parametrize(
    ("time_off", "left"),
    [
        (["2026-06-01T00:00 - 2026-06-02T00:00"], []),
        (["2026-06-01T09:00 - 2026-06-01T17:00"], []),
        (["2026-06-01T08:00 - 2026-06-01T09:00"], ["2026-06-01T09:00 - 2026-06-01T17:00"]),
        (["2026-06-01T17:00 - 2026-06-01T18:00"], ["2026-06-01T09:00 - 2026-06-01T17:00"]),
        (["2026-06-01T08:00 - 2026-06-01T10:30"], ["2026-06-01T10:30 - 2026-06-01T17:00"]),
        (
            ["2026-06-01T12:00 - 2026-06-01T13:00"],
            ["2026-06-01T09:00 - 2026-06-01T12:00", "2026-06-01T13:00 - 2026-06-01T17:00"],
        ),
        (
            ["2026-06-01T12:30 - 2026-06-01T13:00", "2026-06-01T12:00 - 2026-06-01T12:45"],
            ["2026-06-01T09:00 - 2026-06-01T12:00", "2026-06-01T13:00 - 2026-06-01T17:00"],
        ),
        (["2026-06-01T12:00 - 2026-06-01T12:00"], ["2026-06-01T09:00 - 2026-06-01T17:00"]),
    ],
)
def test_time_off_is_cut_out(time_off: list[str], left: list[str]) -> None:
    found = open_windows("UTC", NINE_TO_FIVE, date(2026, 6, 1), date(2026, 6, 2), time_off=ranges(*time_off))
    assert found == ranges(*left)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("17:00", "09:00"),
        ("09:00", "09:00"),
        ("22:00", "02:00"),
        ("9:00", "17:00"),
        ("09:60", "17:00"),
        ("09:00", "48:01"),
        ("09:00", "49:00"),
        ("", "17:00"),
        ("09:00 ", "17:00"),
        ("-1:00", "17:00"),
        ("09:00:00", "17:00"),
        ("٠٩:٠٠", "17:00"),
    ],
)
def test_what_is_no_window_is_refused(start: str, end: str) -> None:
    with pytest.raises(InvalidHours, match="no opening hours"):
        open_windows("UTC", every_day((start, end)), date(2026, 6, 1), date(2026, 6, 2))


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../../etc/passwd", "europe/berlin", "Europe", "x" * 5000])
def test_unknown_zones_are_refused(name: str) -> None:
    with pytest.raises(UnknownTimezone) as caught:
        open_windows(name, NINE_TO_FIVE, date(2026, 6, 1), date(2026, 6, 2))
    assert (caught.value.code, caught.value.field) == ("INVALID", "timezone")
    assert len(caught.value.message) < 200


def test_zones_come_from_the_package_whatever_the_machine_has(tmp_path: Path) -> None:
    wrong = tmp_path / "Europe" / "Berlin"
    wrong.parent.mkdir()
    wrong.write_bytes((files("tzdata") / "zoneinfo" / "Asia" / "Tokyo").read_bytes())
    reset_tzpath([tmp_path])
    zone.cache_clear()
    try:
        noon = at("2026-06-01T12:00")
        assert noon.astimezone(ZoneInfo.no_cache("Europe/Berlin")).hour == 21
        assert noon.astimezone(zone("Europe/Berlin")).hour == 14
    finally:
        reset_tzpath()
        zone.cache_clear()
    listed = (files("tzdata") / "zones").read_text(encoding="utf-8").split()
    assert timezones() == set(listed)
    assert tzdata_version()[:4].isdigit()


def test_every_zone_can_be_read() -> None:
    for name in timezones():
        assert zone(name).key == name


@pytest.mark.parametrize(
    ("timezone", "local", "expected"),
    [
        ("Europe/Berlin", "2026-06-01T12:00", "2026-06-01T10:00"),
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30"),
        ("America/New_York", "2026-03-08T03:00", "2026-03-08T07:00"),
        ("America/New_York", "2026-03-08T01:59", "2026-03-08T06:59"),
    ],
)
def test_a_named_time_is_its_first_occurrence(timezone: str, local: str, expected: str) -> None:
    assert exact(datetime.fromisoformat(local), timezone) == at(expected)
    assert local_of(at(expected), timezone) == datetime.fromisoformat(local)


@pytest.mark.parametrize(
    ("timezone", "local"),
    [
        ("America/New_York", "2026-03-08T02:00"),
        ("America/New_York", "2026-03-08T02:59"),
        ("Australia/Lord_Howe", "2026-10-04T02:29"),
        ("Pacific/Apia", "2011-12-30T12:00"),
    ],
)
def test_a_named_time_that_the_clocks_skip_is_refused(timezone: str, local: str) -> None:
    with pytest.raises(NoSuchLocalTime, match="the clocks skip"):
        exact(datetime.fromisoformat(local), timezone)


def test_a_day_begins_where_its_midnight_would_be() -> None:
    # In Beirut the clocks go from midnight to one on the last Sunday of March; in Havana they go back from one.
    assert day_start(date(2026, 3, 29), "Asia/Beirut") == at("2026-03-28T22:00")
    assert day_start(date(2026, 11, 1), "America/Havana") == at("2026-11-01T04:00")
    assert day_start(date(2026, 6, 1), "Asia/Kathmandu") == at("2026-05-31T18:15")


def test_the_horizon_counts_dates_of_the_zone() -> None:
    # 23:30Z on the first of June is the second in Berlin: three dates more are the third, fourth and fifth.
    assert horizon_end(at("2026-06-01T23:30"), 3, "Europe/Berlin") == at("2026-06-05T22:00")
    assert horizon_end(at("2026-06-01T23:30"), 3, "America/New_York") == at("2026-06-05T04:00")
    # The last day has 25 hours.
    assert horizon_end(at("2026-10-24T12:00"), 1, "Europe/Berlin") == at("2026-10-25T23:00")


BASE = datetime(2026, 6, 1, tzinfo=UTC)
minutes = st.integers(0, 300)
some_ranges = st.lists(st.tuples(minutes, minutes), max_size=12)


def spans(pairs: list[tuple[int, int]]) -> list[Range]:
    return [
        (BASE.fromtimestamp(BASE.timestamp() + 60 * a, UTC), BASE.fromtimestamp(BASE.timestamp() + 60 * b, UTC))
        for a, b in pairs
    ]


def covered(found: Sequence[Range]) -> set[int]:
    return {
        minute
        for start, end in found
        for minute in range(int((start - BASE).total_seconds()) // 60, int((end - BASE).total_seconds()) // 60)
    }


@settings(deadline=None)
@given(some_ranges, some_ranges)
def test_merging_and_cutting_keep_every_minute(opened: list[tuple[int, int]], cut: list[tuple[int, int]]) -> None:
    windows = merged(spans(opened))
    assert covered(windows) == covered(spans(opened))
    left = without(windows, merged(spans(cut)))
    assert covered(left) == covered(spans(opened)) - covered(spans(cut))
    for found in (windows, left):
        assert all(start < end for start, end in found)
        assert all(first[1] < second[0] for first, second in pairwise(found))
