"""Every pair of states, and how long a hold lives."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from shop.booking.rules import (
    BOOKING_CHANGES,
    HOLD_CHANGES,
    HOLDING,
    OCCUPYING,
    HoldTime,
    can_become,
    can_cancel,
    can_check_in,
    can_complete,
    can_confirm,
    can_decline,
    can_hold_become,
    can_mark_no_show,
    can_reschedule,
    has_lapsed,
    is_ahead,
    new_hold,
    renewed,
)

# As the design has them, written out once more.
BOOKING = {
    "PENDING_PAYMENT CONFIRMED",
    "PENDING_PAYMENT EXPIRED",
    "PENDING_PAYMENT CANCELLED",
    "PENDING_APPROVAL CONFIRMED",
    "PENDING_APPROVAL DECLINED",
    "PENDING_APPROVAL CANCELLED",
    "CONFIRMED CHECKED_IN",
    "CONFIRMED CANCELLED",
    "CONFIRMED NO_SHOW",
    "CHECKED_IN COMPLETED",
}
HOLD = {"ACTIVE CONVERTED", "ACTIVE RELEASED", "ACTIVE EXPIRING", "EXPIRING RELEASED", "EXPIRING CONVERTED"}
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_booking_changes_along_these_lines_only() -> None:
    assert len(BOOKING_CHANGES) == 9
    assert {f"{a} {b}" for a, b in product(BOOKING_CHANGES, repeat=2) if can_become(a, b)} == BOOKING
    assert all(following in BOOKING_CHANGES for after in BOOKING_CHANGES.values() for following in after)


def test_a_hold_changes_along_these_lines_only() -> None:
    assert {f"{a} {b}" for a, b in product(HOLD_CHANGES, repeat=2) if can_hold_become(a, b)} == HOLD


def test_what_is_over_frees_its_time() -> None:
    assert set(BOOKING_CHANGES) - OCCUPYING == {"CANCELLED", "DECLINED", "EXPIRED"}
    assert set(HOLD_CHANGES) - HOLDING == {"CONVERTED", "RELEASED"}


def test_questions_have_the_table_s_answers() -> None:
    def asked(question: str) -> set[str]:
        questions = {
            "confirm": can_confirm,
            "decline": can_decline,
            "check in": can_check_in,
            "complete": can_complete,
        }
        return {status for status in BOOKING_CHANGES if questions[question](status)}

    assert asked("confirm") == {"PENDING_PAYMENT", "PENDING_APPROVAL"}
    assert asked("decline") == {"PENDING_APPROVAL"}
    assert asked("check in") == {"CONFIRMED"}
    assert asked("complete") == {"CHECKED_IN"}


@pytest.mark.parametrize(
    ("ahead", "customer", "staff", "no_show"),
    [(SECOND, True, True, False), (timedelta(), False, True, True), (-timedelta(hours=1), False, True, True)],
)
def test_before_its_start_a_customer_cancels_and_from_then_on_staff_judges(
    ahead: timedelta, customer: bool, staff: bool, no_show: bool
) -> None:
    start = NOW + ahead
    for ask in (can_cancel, can_reschedule):
        assert ask("CONFIRMED", start, NOW) is customer
        assert ask("CONFIRMED", start, NOW, by_staff=True) is staff
    assert can_mark_no_show("CONFIRMED", start, NOW) is no_show
    # What is not certain yet is called off like what is, but has no time to be moved from.
    for status in ("PENDING_APPROVAL", "PENDING_PAYMENT"):
        assert can_cancel(status, start, NOW) is customer
        assert is_ahead(status, start, NOW) is is_ahead("CONFIRMED", start, NOW) is customer
    for status in set(BOOKING_CHANGES) - {"CONFIRMED"}:
        assert can_cancel(status, start, NOW, by_staff=True) is status.startswith("PENDING")
        assert not can_reschedule(status, start, NOW, by_staff=True)
        assert not can_mark_no_show(status, start, NOW)


@pytest.mark.parametrize(
    ("status", "start", "made", "lapsed"),
    [
        ("PENDING_PAYMENT", timedelta(days=9), timedelta(days=-1), True),
        ("PENDING_PAYMENT", timedelta(days=9), timedelta(days=-1) + SECOND, False),
        ("PENDING_PAYMENT", timedelta(), -SECOND, True),
        ("PENDING_PAYMENT", SECOND, -SECOND, False),
        ("CONFIRMED", -SECOND, timedelta(days=-9), False),
        ("EXPIRED", -SECOND, timedelta(days=-9), False),
    ],
)
def test_time_is_kept_for_a_day_without_money(status: str, start: timedelta, made: timedelta, lapsed: bool) -> None:
    assert has_lapsed(status, NOW + start, NOW + made, NOW) is lapsed


def minutes(hold: HoldTime) -> tuple[int, int]:
    return int((hold.expires_at - NOW) / timedelta(minutes=1)), hold.renewals


def after(count: float) -> datetime:
    return NOW + timedelta(minutes=count)


def test_a_slot_is_held_for_a_quarter_of_an_hour_or_as_its_service_says() -> None:
    assert new_hold(NOW) == HoldTime(after(15), after(90))
    assert new_hold(NOW, 40) == HoldTime(after(40), after(90))
    assert new_hold(NOW, 240) == HoldTime(after(90), after(90))


def test_two_payments_may_begin_within_ninety_minutes() -> None:
    first = renewed(new_hold(NOW), after(10))
    assert minutes(first) == (45, 1)
    # The first payment was given up; another begins.
    second = renewed(first, after(40))
    assert minutes(second) == (75, 2)
    assert renewed(second, after(70)) == second


@pytest.mark.parametrize(
    ("expires", "asked_at", "expected"),
    [
        # Long enough for the payment: 31 minutes.
        (40, 9, (40, 0)),
        (40, 9.5, (44, 1)),
        # Run out: not revived.
        (15, 15, (15, 0)),
        (15, 14.9, (49, 1)),
        # The end of all.
        (60, 58, (90, 1)),
        (89, 88, (90, 1)),
        (90, 88, (90, 0)),
    ],
)
def test_a_hold_is_renewed_where_it_would_end_before_its_payment(
    expires: int, asked_at: float, expected: tuple[int, int]
) -> None:
    assert minutes(renewed(HoldTime(after(expires), after(90)), after(asked_at))) == expected
