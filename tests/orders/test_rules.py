"""What follows from an order's values alone."""

import uuid
from decimal import Decimal

import pytest

from shop.kit import ids
from shop.orders.rules import (
    LineStand,
    Wanted,
    can_be_marked_as_paid,
    can_cancel,
    check_wanted,
    fulfillment_status,
    initial_status,
    payment_status,
    redacted,
    redacted_email,
)


@pytest.mark.parametrize(
    ("total", "charged", "more", "expected"),
    [
        ("10", "0", {}, "NOT_CHARGED"),
        ("10", "0", {"authorized": "10"}, "NOT_CHARGED"),
        ("10", "0", {"pending": "10"}, "PENDING"),
        ("10", "0", {"pending": "4", "authorized": "6"}, "NOT_CHARGED"),
        ("10", "4", {}, "PARTIALLY_CHARGED"),
        ("10", "10", {}, "FULLY_CHARGED"),
        ("10", "12", {}, "FULLY_CHARGED"),
        ("10", "4", {"refunded": "6"}, "PARTIALLY_REFUNDED"),
        ("10", "0", {"refunded": "10"}, "FULLY_REFUNDED"),
        ("0", "0", {}, "FULLY_CHARGED"),
    ],
)
def test_payment_status(total: str, charged: str, more: dict[str, str], expected: str) -> None:
    amounts = {name: Decimal(value) for name, value in more.items()}
    assert payment_status(Decimal(total), Decimal(charged), **amounts) == expected


def test_an_order_that_was_paid_too_much_waits_for_a_person() -> None:
    assert initial_status(overcharged=True) == "UNCONFIRMED"
    assert initial_status(overcharged=False) == "UNFULFILLED"


@pytest.mark.parametrize(
    ("text", "expected"), [("", ""), ("A", "A..."), ("Customer", "C..."), ("ß", "ß..."), ("1 Example Street", "1...")]
)
def test_redacted(text: str, expected: str) -> None:
    assert redacted(text) == expected


@pytest.mark.parametrize(
    ("email", "expected"),
    [("buyer@example.com", "b...@example.com"), ("a@example.com", "a...@example.com"), ("nobody", "n..."), ("", "")],
)
def test_redacted_email(email: str, expected: str) -> None:
    assert redacted_email(email) == expected


LINE, OTHER, PLACE = uuid.UUID(int=1), uuid.UUID(int=2), uuid.UUID(int=9)


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([(2, 0), (1, 0)], "UNFULFILLED"),
        ([(2, 1), (1, 0)], "PARTIALLY_FULFILLED"),
        ([(2, 2), (1, 0)], "PARTIALLY_FULFILLED"),
        ([(2, 2), (1, 1)], "FULFILLED"),
    ],
)
def test_how_far_an_order_is(lines: list[tuple[int, int]], status: str) -> None:
    assert fulfillment_status(LineStand(*line) for line in lines) == status


@pytest.mark.parametrize(
    ("status", "parcels", "may"),
    [
        ("UNFULFILLED", [], True),
        ("UNCONFIRMED", [], True),
        ("UNFULFILLED", ["CANCELED"], True),
        ("FULFILLED", ["RETURNED", "REFUNDED_AND_RETURNED"], True),
        ("PARTIALLY_FULFILLED", ["CANCELED", "FULFILLED"], False),
        ("UNFULFILLED", ["WAITING_FOR_APPROVAL"], False),
        ("CANCELED", [], False),
        ("EXPIRED", [], False),
        ("DRAFT", [], False),
    ],
)
def test_which_orders_may_be_cancelled(status: str, parcels: list[str], may: bool) -> None:
    assert can_cancel(status, parcels) is may


def test_every_line_that_lacks_units_is_named() -> None:
    lines = {LINE: LineStand(3, 1), OTHER: LineStand(1, 1)}
    assert check_wanted([Wanted(LINE, PLACE, 2), Wanted(OTHER, PLACE, 0)], lines) == []
    problems = check_wanted([Wanted(LINE, PLACE, 3), Wanted(OTHER, PLACE, 1)], lines)
    assert [(one.code, one.params["order_lines"]) for one in problems] == [
        ("FULFILL_ORDER_LINE", [ids.encode("OrderLine", LINE)]),
        ("FULFILL_ORDER_LINE", [ids.encode("OrderLine", OTHER)]),
    ]
    # Two warehouses together may not send more than is left.
    elsewhere = uuid.UUID(int=10)
    (problem,) = check_wanted([Wanted(LINE, PLACE, 1), Wanted(LINE, elsewhere, 2)], lines)
    assert problem.code == "FULFILL_ORDER_LINE"


@pytest.mark.parametrize(
    ("status", "total", "charged", "authorized", "may"),
    [
        ("UNFULFILLED", 10, 0, 0, True),
        ("UNCONFIRMED", 10, 0, 0, True),
        ("UNFULFILLED", 10, 1, 0, False),
        ("UNFULFILLED", 10, 0, 1, False),
        ("UNFULFILLED", 0, 0, 0, False),
        ("CANCELED", 10, 0, 0, False),
    ],
)
def test_which_orders_may_be_called_paid(status: str, total: int, charged: int, authorized: int, may: bool) -> None:
    amounts = {"total": Decimal(total), "charged": Decimal(charged), "authorized": Decimal(authorized)}
    assert can_be_marked_as_paid(status, **amounts) is may
