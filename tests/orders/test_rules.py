"""What follows from an order's values alone."""

from decimal import Decimal

import pytest

from shop.orders.rules import initial_status, payment_status, redacted, redacted_email


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
