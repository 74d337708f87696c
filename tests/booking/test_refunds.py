"""What comes back and what is due, to the minor unit and to the second; amounts worked out by hand."""

from datetime import timedelta
from decimal import Decimal

import pytest

from shop.booking.rules import (
    CancellationPolicy,
    RefundTier,
    deposit_amount,
    gives_session_back,
    no_show_fee,
    package_value_at_list_price,
    package_value_pro_rata,
    refund_amount,
    value_of_last,
)
from shop.kit.money import Money

SECOND = timedelta(seconds=1)
# All of it two days ahead, half of it one day ahead, then nothing.
DAYS = CancellationPolicy((RefundTier(timedelta(hours=24), Decimal(50)), RefundTier(timedelta(hours=48), Decimal(100))))


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def policy(percent: str, fee: Money | None = None) -> CancellationPolicy:
    return CancellationPolicy((RefundTier(timedelta(), Decimal(percent)),), fee)


@pytest.mark.parametrize(
    ("notice", "expected"),
    [
        (timedelta(days=30), "80.00"),
        (timedelta(hours=48), "80.00"),
        (timedelta(hours=48) - SECOND, "40.00"),
        (timedelta(hours=48) - timedelta(microseconds=1), "40.00"),
        (timedelta(hours=24), "40.00"),
        (timedelta(hours=24) - SECOND, "0"),
        (timedelta(), "0"),
        (-SECOND, "0"),
    ],
)
def test_notice_counts_to_the_second_and_its_boundary_is_kept(notice: timedelta, expected: str) -> None:
    assert refund_amount(DAYS, usd("80.00"), notice) == usd(expected)


def test_a_tier_without_notice_ends_at_the_start() -> None:
    assert refund_amount(policy("100"), usd("80.00"), timedelta()) == usd("80.00")
    assert refund_amount(policy("100"), usd("80.00"), -timedelta(microseconds=1)) == usd("0")


@pytest.mark.parametrize(
    ("percent", "paid", "currency", "expected"),
    [
        # Half up, in whole minor units: hundredths, none, thousandths.
        ("50", "0.01", "USD", "0.01"),
        ("50", "10.01", "USD", "5.01"),
        ("50", "10.03", "USD", "5.02"),
        ("33.33", "100.00", "USD", "33.33"),
        ("33.33", "9.99", "USD", "3.33"),
        ("12.5", "0.20", "USD", "0.03"),
        ("12.5", "0.04", "USD", "0.01"),
        ("12.4", "0.04", "USD", "0.00"),
        ("50", "5001", "JPY", "2501"),
        ("33", "100", "JPY", "33"),
        ("33.5", "100", "JPY", "34"),
        ("50", "1.001", "KWD", "0.501"),
        ("33.33", "10.000", "KWD", "3.333"),
        ("100", "10.01", "USD", "10.01"),
        ("0", "10.01", "USD", "0"),
        # A policy can never pay out more than was paid.
        ("150", "10.00", "USD", "10.00"),
    ],
)
def test_the_share_is_rounded_half_up(percent: str, paid: str, currency: str, expected: str) -> None:
    found = refund_amount(policy(percent), Money(Decimal(paid), currency), timedelta(hours=1))
    assert found == Money(Decimal(expected), currency)


@pytest.mark.parametrize(
    ("percent", "paid", "fee", "expected"),
    [
        ("100", "80.00", "5.00", "75.00"),
        ("50", "80.00", "5.00", "35.00"),
        # The share is rounded before the fee is taken.
        ("50", "10.01", "0.01", "5.00"),
        ("50", "8.00", "4.00", "0.00"),
        ("50", "8.00", "4.01", "0.00"),
        ("0", "80.00", "5.00", "0.00"),
    ],
)
def test_the_fee_is_kept_but_nothing_is_demanded(percent: str, paid: str, fee: str, expected: str) -> None:
    assert refund_amount(policy(percent, usd(fee)), usd(paid), timedelta(hours=1)) == usd(expected)


@pytest.mark.parametrize("notice", [timedelta(days=3), timedelta(), -timedelta(hours=5)])
def test_who_is_cancelled_by_the_shop_gets_everything(notice: timedelta) -> None:
    assert refund_amount(policy("0", usd("5.00")), usd("80.00"), notice, by_staff=True) == usd("80.00")


def test_without_tiers_nothing_comes_back() -> None:
    assert refund_amount(CancellationPolicy(()), usd("80.00"), timedelta(days=30)) == usd("0")


def test_a_fee_in_another_currency_is_no_fee_of_this_purchase() -> None:
    with pytest.raises(ValueError, match="cannot combine"):
        refund_amount(policy("100", Money(Decimal(5), "EUR")), usd("80.00"), timedelta(hours=1))


@pytest.mark.parametrize(
    ("percent", "price", "expected"),
    [("0", "80.00", "0.00"), ("100", "80.00", "80.00"), ("50", "80.01", "40.01"), ("120", "80.00", "80.00")],
)
def test_who_does_not_come_owes_a_share_of_the_price(percent: str, price: str, expected: str) -> None:
    terms = CancellationPolicy((), no_show_percent=Decimal(percent))
    assert no_show_fee(terms, usd(price)) == usd(expected)


@pytest.mark.parametrize(
    ("kind", "value", "price", "expected"),
    [
        ("NONE", "0", Money(Decimal("80.00"), "USD"), "80.00"),
        ("FIXED", "20.00", Money(Decimal("80.00"), "USD"), "20.00"),
        ("FIXED", "100.00", Money(Decimal("80.00"), "USD"), "80.00"),
        ("PERCENT", "25", Money(Decimal("80.02"), "USD"), "20.01"),
        ("PERCENT", "25", Money(Decimal("80.01"), "USD"), "20.00"),
        ("PERCENT", "50", Money(Decimal(5001), "JPY"), "2501"),
        ("PERCENT", "50", Money(Decimal("1.001"), "KWD"), "0.501"),
        ("PERCENT", "130", Money(Decimal("80.00"), "USD"), "80.00"),
    ],
)
def test_a_deposit_is_never_more_than_the_price(kind: str, value: str, price: Money, expected: str) -> None:
    assert deposit_amount(kind, Decimal(value), price) == Money(Decimal(expected), price.currency)


def test_another_kind_of_deposit_is_refused() -> None:
    with pytest.raises(ValueError, match="no such deposit"):
        deposit_amount("BARTER", Decimal(1), usd("1.00"))


@pytest.mark.parametrize(
    ("paid", "sessions", "unused", "expected"),
    [
        (Money(Decimal("100.00"), "USD"), 3, 3, "100.00"),
        (Money(Decimal("100.00"), "USD"), 3, 2, "66.67"),
        (Money(Decimal("100.00"), "USD"), 3, 1, "33.33"),
        (Money(Decimal("100.00"), "USD"), 3, 0, "0.00"),
        (Money(Decimal("0.05"), "USD"), 2, 1, "0.03"),
        (Money(Decimal(1000), "JPY"), 3, 2, "667"),
        (Money(Decimal("10.000"), "KWD"), 3, 1, "3.333"),
    ],
)
def test_unused_sessions_are_worth_their_share(paid: Money, sessions: int, unused: int, expected: str) -> None:
    found = package_value_pro_rata(paid, sessions=sessions, unused=unused)
    assert found == Money(Decimal(expected), paid.currency)


@pytest.mark.parametrize(("sessions", "unused"), [(3, 4), (3, -1), (0, 0)])
def test_more_than_all_cannot_be_unused(sessions: int, unused: int) -> None:
    with pytest.raises(ValueError, match="cannot be unused"):
        package_value_pro_rata(usd("100.00"), sessions=sessions, unused=unused)


@pytest.mark.parametrize(("used", "expected"), [(0, "400.00"), (1, "310.00"), (3, "130.00"), (4, "40.00"), (5, "0.00")])
def test_used_sessions_cost_what_they_cost_alone(used: int, expected: str) -> None:
    assert package_value_at_list_price(usd("400.00"), used=used, list_price=usd("90.00")) == usd(expected)


@pytest.mark.parametrize(
    ("notice", "by_staff", "expected"),
    [
        (timedelta(hours=48), False, True),
        (timedelta(hours=24), False, True),
        (timedelta(hours=24) - SECOND, False, False),
        (-SECOND, True, True),
    ],
)
def test_a_session_comes_back_where_money_would(notice: timedelta, by_staff: bool, expected: bool) -> None:
    assert gives_session_back(DAYS, notice, by_staff=by_staff) is expected
    # A fee is for money: a session cannot be cut.
    dear = CancellationPolicy(DAYS.tiers, Money(Decimal(1000), "EUR"))
    assert gives_session_back(dear, notice, by_staff=by_staff) is expected


@pytest.mark.parametrize(
    ("paid", "sessions", "taken", "expected"),
    [
        # Two sessions for five cents: rounding each by itself would give six cents back.
        ("0.05", 2, [1, 1], ["0.02", "0.03"]),
        ("100.00", 3, [1, 1, 1], ["33.33", "33.34", "33.33"]),
        ("100.00", 3, [2, 1], ["66.67", "33.33"]),
        # One was given beyond the three.
        ("100.00", 3, [1, 3], ["0.00", "100.00"]),
    ],
)
def test_however_sessions_are_taken_they_are_worth_what_was_paid(
    paid: str, sessions: int, taken: list[int], expected: list[str]
) -> None:
    balance, found = sum(taken), []
    for count in taken:
        found.append(value_of_last(usd(paid), sessions=sessions, balance=balance, taken=count))
        balance -= count
    assert found == [usd(amount) for amount in expected]
