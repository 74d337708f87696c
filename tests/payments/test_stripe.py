"""Stripe's amounts and parameters, from values alone."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from shop.payments.provider import Kind, NewPayment, PaymentLine
from shop.payments.stripe.client import SESSION_SECONDS, _intent_params, _session_params
from shop.payments.stripe.minor import NotRepresentable, from_minor, to_minor

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def payment(**more: Any) -> NewPayment:
    given: dict[str, Any] = {
        "key": "k",
        "kind": Kind.CHECKOUT_SESSION,
        "transaction_id": uuid.UUID(int=1),
        "purchase_key": uuid.UUID(int=2),
        "amount": Decimal("30.00"),
        "currency": "USD",
        "manual": False,
        "created_at": AT,
    }
    return NewPayment(**(given | more))


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("25", "USD", 2500),
        ("0.01", "EUR", 1),
        ("25.000", "USD", 2500),
        ("500", "JPY", 500),
        ("1.230", "KWD", 1230),
        ("1", "ISK", 100),
        ("1", "UGX", 100),
        ("999999.99", "USD", 99_999_999),
    ],
)
def test_minor_units_both_ways(amount: str, currency: str, minor: int) -> None:
    assert to_minor(Decimal(amount), currency) == minor
    assert from_minor(minor, currency) == Decimal(amount)


@pytest.mark.parametrize(
    ("amount", "currency"), [("0.001", "USD"), ("0.5", "JPY"), ("1.234", "KWD"), ("1.2345", "KWD")]
)
def test_nothing_is_rounded_on_the_way(amount: str, currency: str) -> None:
    with pytest.raises(NotRepresentable):
        to_minor(Decimal(amount), currency)


def test_lines_that_add_up_are_listed_and_others_are_one_line() -> None:
    shampoo = PaymentLine("Shampoo, 200 ml", 3, Decimal("20.00"))  # 6.666… each
    cream = PaymentLine("Cream", 2, Decimal("10.00"))
    listed = _session_params(payment(lines=(shampoo, cream)))["line_items"]
    assert [(item["quantity"], item["price_data"]["unit_amount"]) for item in listed] == [(1, 2000), (2, 500)]
    assert [item["price_data"]["product_data"]["name"] for item in listed] == ["3 x Shampoo, 200 ml", "Cream"]
    part = _session_params(payment(amount=Decimal("12.34"), lines=(shampoo, cream)))["line_items"]
    assert [(item["quantity"], item["price_data"]["unit_amount"]) for item in part] == [(1, 1234)]
    many = tuple(PaymentLine("Cream", 1, Decimal("0.30")) for _ in range(100))
    assert len(_session_params(payment(lines=many))["line_items"]) == 100
    assert len(_session_params(payment(lines=(*many, PaymentLine("x", 1, Decimal(0)))))["line_items"]) == 1


def test_the_same_payment_is_always_asked_for_alike() -> None:
    assert _session_params(payment()) == _session_params(payment())
    assert _session_params(payment())["expires_at"] == int(AT.timestamp()) + SESSION_SECONDS
    assert SESSION_SECONDS == 31 * 60


def test_metadata_stands_on_the_page_and_on_its_payment_intent() -> None:
    params = _session_params(payment(manual=True, email="buyer@example.com"))
    assert params["metadata"] == params["payment_intent_data"]["metadata"]
    assert params["payment_intent_data"]["capture_method"] == "manual"
    assert params["customer_email"] == "buyer@example.com"
    assert "customer_email" not in _session_params(payment())


@pytest.mark.parametrize(("method", "types"), [("card", ["card"]), ("apple_pay", ["card"]), ("klarna", ["klarna"])])
def test_an_intent_takes_the_method_that_was_chosen(method: str, types: list[str]) -> None:
    params = _intent_params(payment(kind=Kind.PAYMENT_INTENT, method=method))
    assert params["allowed_payment_method_types"] == types
    assert params["capture_method"] == "automatic"
