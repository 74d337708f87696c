"""Which starts are offered: cases worked out by hand, and an oracle that asks of every minute whether it fits."""

import os
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shop.booking.rules import (
    Range,
    open_windows,
    slot_starts,
)

MINUTE = timedelta(minutes=1)
DAY = "2026-06-01"  # a Monday


def at(clock: str, day: str = DAY) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}+00:00")


def window(start: str, end: str) -> Range:
    return at(start), at(end)


def clocks(starts: Sequence[datetime]) -> str:
    return " ".join(f"{start:%H:%M}" for start in starts)


MORNING = [window("09:00", "12:00")]


@pytest.mark.parametrize(
    ("windows", "duration", "step", "expected"),
    [
        (MORNING, 60, 60, "09:00 10:00 11:00"),
        (MORNING, 60, 30, "09:00 09:30 10:00 10:30 11:00"),
        (MORNING, 50, 60, "09:00 10:00 11:00"),
        (MORNING, 61, 60, "09:00 10:00"),
        (MORNING, 180, 15, "09:00"),
        (MORNING, 181, 15, ""),
        (MORNING, 45, 50, "09:00 09:50 10:40"),
        # Each window has its own grid; touching ones are one window, whose grid begins once.
        ([window("09:00", "10:00"), window("10:20", "11:20")], 30, 30, "09:00 09:30 10:20 10:50"),
        ([window("09:00", "10:10"), window("10:10", "11:00")], 30, 30, "09:00 09:30 10:00 10:30"),
        ([window("10:10", "11:00"), window("09:00", "10:30")], 30, 30, "09:00 09:30 10:00 10:30"),
        ([window("09:00", "10:00"), window("10:01", "11:00")], 60, 60, "09:00"),
        ([], 30, 30, ""),
    ],
)
def test_starts_lie_on_the_grid_and_end_within_the_window(
    windows: list[Range], duration: int, step: int, expected: str
) -> None:
    assert clocks(slot_starts(windows, duration_min=duration, step_min=step)) == expected


@pytest.mark.parametrize(
    ("busy", "before", "after", "expected"),
    [
        ([window("10:00", "10:30")], 0, 0, "09:00 09:30 10:30 11:00 11:30"),
        # Ends are free to touch, one minute more is not.
        ([window("10:01", "10:29")], 0, 0, "09:00 09:30 10:30 11:00 11:30"),
        ([window("09:59", "10:31")], 0, 0, "09:00 11:00 11:30"),
        ([window("09:30", "10:00"), window("10:30", "11:00")], 0, 0, "09:00 10:00 11:00 11:30"),
        ([window("09:30", "10:30"), window("09:00", "10:00")], 0, 0, "10:30 11:00 11:30"),
        ([window("08:00", "13:00")], 0, 0, ""),
        ([window("06:00", "09:00"), window("12:00", "13:00")], 0, 0, "09:00 09:30 10:00 10:30 11:00 11:30"),
        # What takes no time is in nobody's way.
        ([window("10:10", "10:10")], 0, 0, "09:00 09:30 10:00 10:30 11:00 11:30"),
        # Time to prepare must be free before the start, time to clean up after the end.
        ([window("10:00", "10:30")], 10, 0, "09:00 09:30 11:00 11:30"),
        ([window("10:00", "10:30")], 0, 10, "09:00 10:30 11:00 11:30"),
        ([window("10:00", "10:30")], 30, 30, "09:00 11:00 11:30"),
        ([window("10:00", "10:30")], 31, 31, "11:30"),
        # They may hang over the window's ends, but not over what is busy there.
        ([], 45, 45, "09:00 09:30 10:00 10:30 11:00 11:30"),
        ([window("08:00", "08:16")], 45, 45, "09:30 10:00 10:30 11:00 11:30"),
        ([window("08:00", "08:15")], 45, 45, "09:00 09:30 10:00 10:30 11:00 11:30"),
        ([window("12:44", "13:00")], 45, 45, "09:00 09:30 10:00 10:30 11:00"),
        ([window("12:45", "13:00")], 45, 45, "09:00 09:30 10:00 10:30 11:00 11:30"),
    ],
)
def test_what_is_busy_is_kept_clear_with_buffers(busy: list[Range], before: int, after: int, expected: str) -> None:
    found = slot_starts(
        MORNING, duration_min=30, step_min=30, busy=busy, buffer_before_min=before, buffer_after_min=after
    )
    assert clocks(found) == expected


@pytest.mark.parametrize(
    ("now", "lead", "expected"),
    [
        ("08:00", 0, "09:00 09:30 10:00 10:30 11:00 11:30"),
        ("09:00", 0, "09:00 09:30 10:00 10:30 11:00 11:30"),
        ("09:00:01", 0, "09:30 10:00 10:30 11:00 11:30"),
        ("09:00", 60, "10:00 10:30 11:00 11:30"),
        ("09:00:00.000001", 60, "10:30 11:00 11:30"),
        ("11:30", 0, "11:30"),
        ("11:31", 0, ""),
        ("23:00", 60, ""),
    ],
)
def test_a_start_exactly_the_lead_time_ahead_is_offered(now: str, lead: int, expected: str) -> None:
    assert clocks(slot_starts(MORNING, duration_min=30, step_min=30, now=at(now), lead_min=lead)) == expected


@pytest.mark.parametrize(
    ("horizon", "expected"),
    [
        ("10:00", "09:00 09:30"),
        ("10:00:01", "09:00 09:30 10:00"),
        ("09:00", ""),
        ("12:00", "09:00 09:30 10:00 10:30 11:00 11:30"),
    ],
)
def test_a_start_at_the_horizon_is_not(horizon: str, expected: str) -> None:
    assert clocks(slot_starts(MORNING, duration_min=30, step_min=30, horizon=at(horizon))) == expected


def test_the_lead_time_moves_no_grid() -> None:
    found = slot_starts([window("09:10", "12:00")], duration_min=30, step_min=30, now=at("09:00"), lead_min=15)
    assert clocks(found) == "09:40 10:10 10:40 11:10"


@pytest.mark.parametrize(
    ("timezone", "windows", "step", "expected"),
    [
        ("UTC", [window("09:10", "11:00")], 30, "09:30 10:00 10:30"),
        ("UTC", [window("09:00", "11:00")], 30, "09:00 09:30 10:00 10:30"),
        # 45 divides 540 (09:00), 585 (09:45), 630 (10:30) minutes.
        ("UTC", [window("08:50", "11:10")], 45, "09:00 09:45 10:30"),
        # 05:45 ahead: on the hour there is a quarter past in UTC.
        ("Asia/Kathmandu", [window("04:00", "07:00")], 60, "04:15 05:15 06:15"),
        # 420 minutes count anew from each local midnight (Berlin's is 22:00Z): 00:00, 07:00, 14:00, 21:00.
        ("Europe/Berlin", [(at("16:00"), at("07:00", "2026-06-02"))], 420, "19:00 22:00 05:00"),
        # New York falls back at 06:00Z: one o'clock comes twice. Berlin springs forward at 01:00Z: two o'clock never.
        (
            "America/New_York",
            [(at("03:50", "2026-11-01"), at("08:30", "2026-11-01"))],
            60,
            "04:00 05:00 06:00 07:00 08:00",
        ),
        (
            "America/New_York",
            [(at("03:50", "2026-11-01"), at("10:30", "2026-11-01"))],
            120,
            "04:00 07:00 09:00",
        ),
        ("Europe/Berlin", [(at("22:50", "2026-03-28"), at("04:30", "2026-03-29"))], 120, "23:00 02:00 04:00"),
        # Lord Howe goes back half an hour at 15:00Z: 01:30 and 01:45 come twice, the rest once.
        (
            "Australia/Lord_Howe",
            [(at("14:00", "2026-04-04"), at("17:00", "2026-04-04"))],
            60,
            "14:00 15:30 16:30",
        ),
    ],
)
def test_the_clock_s_grid_is_the_local_clock_s(timezone: str, windows: list[Range], step: int, expected: str) -> None:
    found = slot_starts(windows, duration_min=30, step_min=step, align="LOCAL_CLOCK", timezone=timezone)
    assert clocks(found) == expected


def test_a_window_s_grid_counts_elapsed_time_over_a_change_of_the_clocks() -> None:
    # Berlin, 00:30 to 04:30 on the day that has no two o'clock: three hours.
    windows = open_windows("Europe/Berlin", {7: [("00:30", "04:30")]}, date(2026, 3, 29), date(2026, 3, 30))
    found = slot_starts(windows, duration_min=60, step_min=60, timezone="Europe/Berlin")
    assert [start.astimezone(ZoneInfo("Europe/Berlin")).strftime("%H:%M") for start in found] == [
        "00:30",
        "01:30",
        "03:30",
    ]


@pytest.mark.parametrize(("duration", "step"), [(0, 15), (30, 0), (-30, 15)])
def test_time_that_does_not_pass_is_refused(duration: int, step: int) -> None:
    with pytest.raises(ValueError, match="at least a minute"):
        slot_starts(MORNING, duration_min=duration, step_min=step)


def test_another_alignment_is_refused() -> None:
    with pytest.raises(ValueError, match="alignment"):
        slot_starts(MORNING, duration_min=30, step_min=30, align="MOON")


# The oracle. It knows the definition and nothing of the engine: every minute is asked, one by one.

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Havana")
# Nights around changes of the clocks in these zones, and an ordinary one.
NIGHTS = (
    datetime(2026, 3, 7, 20, tzinfo=UTC),
    datetime(2026, 3, 28, 20, tzinfo=UTC),
    datetime(2026, 4, 4, 9, tzinfo=UTC),
    datetime(2026, 6, 1, 9, tzinfo=UTC),
    datetime(2026, 10, 3, 9, tzinfo=UTC),
    datetime(2026, 10, 24, 18, tzinfo=UTC),
    datetime(2026, 10, 31, 22, tzinfo=UTC),
)
SPAN = 16 * 60


@cache
def pinned(name: str) -> ZoneInfo:
    """The zone's rules as the shop has them installed; the machine's own files may tell of another Havana."""
    with (resources.files("tzdata") / "zoneinfo").joinpath(*name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file)


def offered_minute_by_minute(
    windows: Sequence[Range],
    busy: Sequence[Range],
    *,
    origin: datetime,
    duration: int,
    step: int,
    before: int,
    after: int,
    earliest: datetime,
    horizon: datetime,
    timezone: str | None,
) -> list[datetime]:
    def is_open(minute: datetime) -> bool:
        return any(start <= minute < end for start, end in windows)

    def is_free(minute: datetime) -> bool:
        return not any(start < minute + MINUTE and minute < end for start, end in busy)

    found = []
    since_opening = 0
    for number in range(-10, SPAN + 10):
        start = origin + number * MINUTE
        since_opening = since_opening + 1 if is_open(start) and is_open(start - MINUTE) else 0
        if timezone is None:
            on_grid = since_opening % step == 0
        else:
            local = start.astimezone(pinned(timezone))
            on_grid = (local.hour * 60 + local.minute) % step == 0
        if (
            on_grid
            and earliest <= start < horizon
            and all(is_open(start + passed * MINUTE) for passed in range(duration))
            and all(is_free(start + passed * MINUTE) for passed in range(-before, duration + after))
        ):
            found.append(start)
    return found


EXAMPLES = 3000 if os.environ.get("ROUNDS") == "full" else 80
pairs = st.tuples(st.integers(0, SPAN), st.integers(1, 240))


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.sampled_from(NIGHTS),
    st.sampled_from(ZONES),
    st.booleans(),
    st.lists(pairs, max_size=4),
    st.lists(pairs, max_size=6),
    st.integers(1, 90),
    st.sampled_from((5, 7, 15, 30, 45, 60, 90)),
    st.integers(0, 20),
    st.integers(0, 20),
    st.integers(-60, 300),
    st.integers(0, 120),
    st.integers(300, SPAN),
)
def test_every_minute_that_fits_is_offered_and_no_other(
    origin: datetime,
    timezone: str,
    by_clock: bool,
    opened: list[tuple[int, int]],
    taken: list[tuple[int, int]],
    duration: int,
    step: int,
    before: int,
    after: int,
    now: int,
    lead: int,
    horizon: int,
) -> None:
    windows, busy = (
        [(origin + start * MINUTE, origin + min(start + length, SPAN) * MINUTE) for start, length in chosen]
        for chosen in (opened, taken)
    )
    expected = offered_minute_by_minute(
        windows,
        busy,
        origin=origin,
        duration=duration,
        step=step,
        before=before,
        after=after,
        earliest=origin + (now + lead) * MINUTE,
        horizon=origin + horizon * MINUTE,
        timezone=timezone if by_clock else None,
    )
    assert expected == slot_starts(
        windows,
        duration_min=duration,
        step_min=step,
        busy=busy,
        buffer_before_min=before,
        buffer_after_min=after,
        now=origin + now * MINUTE,
        lead_min=lead,
        horizon=origin + horizon * MINUTE,
        align="LOCAL_CLOCK" if by_clock else "WINDOW_START",
        timezone=timezone,
    )
