"""Codes, who may spend a card, and how cards share a price."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from shop.giftcards.rules import (
    Card,
    check_amount,
    check_code,
    clean_code,
    digest,
    last_characters,
    new_code,
    refusal,
    split,
)
from shop.kit.errors import Invalid

TODAY = date(2026, 1, 31)
CARD = Card(1, "USD", Decimal(50), None, True, None, None)


def test_codes_are_long_and_never_the_same() -> None:
    codes = {new_code() for _ in range(100)}
    assert len(codes) == 100
    assert {len(clean_code(code)) for code in codes} == {16}
    assert not set("".join(codes)) & set("0O1I")


@pytest.mark.parametrize("text", ["ABCD-EFGH", "abcdefgh", " ab cd-ef gh\n"])
def test_people_write_codes_as_they_like(text: str) -> None:
    assert (digest(text), last_characters(text)) == (digest("ABCDEFGH"), "EFGH")
    assert check_code(text) == "ABCDEFGH"


@pytest.mark.parametrize("text", ["", "   ", "ABC-DEF", "X" * 65])
def test_codes_that_are_too_short_or_endless(text: str) -> None:
    with pytest.raises(Invalid):
        check_code(text)


@pytest.mark.parametrize(
    ("amount", "currency", "good"),
    [
        ("50", "USD", True),
        ("0.01", "USD", True),
        ("0", "USD", False),
        ("-1", "USD", False),
        ("0.001", "USD", False),
        ("0.001", "KWD", True),
        ("0.5", "JPY", False),
        ("1", "JPY", True),
    ],
)
def test_amounts_that_a_card_may_hold(amount: str, currency: str, good: bool) -> None:
    if good:
        assert check_amount(Decimal(amount), currency) == Decimal(amount)
        return
    with pytest.raises(Invalid):
        check_amount(Decimal(amount), currency)


@pytest.mark.parametrize(
    ("change", "buyer", "reason"),
    [
        ({}, {}, None),
        ({}, {"email": None}, None),
        ({"expires_on": TODAY}, {}, None),
        ({"expires_on": date(2026, 1, 30)}, {}, "expired"),
        ({"is_active": False}, {}, "not active"),
        ({}, {"currency": "EUR"}, "holds USD"),
        ({"current_amount": Decimal(0)}, {}, "used up"),
        ({"user_id": 7}, {"user_id": 7, "email": "new@example.com"}, None),
        ({"email": "owner@example.com"}, {"email": "Owner@Example.com"}, None),
        ({"email": "owner@example.com"}, {"user_id": 7, "email": "owner@example.com"}, None),
        ({"email": "owner@example.com"}, {}, "another customer"),
        ({"email": "owner@example.com"}, {"email": None}, "another customer"),
        ({"user_id": 7}, {"user_id": 8}, "another customer"),
        ({"user_id": 7}, {}, "another customer"),
    ],
)
def test_who_may_spend_a_card(change: dict[str, Any], buyer: dict[str, Any], reason: str | None) -> None:
    given: dict[str, Any] = {"currency": "USD", "user_id": None, "email": "buyer@example.com"} | buyer
    refused = refusal(replace(CARD, **change), today=TODAY, **given)
    assert refused is None if reason is None else reason in str(refused)


def test_cards_give_one_after_the_other() -> None:
    balances = {3: Decimal(10), 1: Decimal(5), 2: Decimal(20)}
    assert split(Decimal(12), balances) == {3: Decimal(10), 1: Decimal(2)}
    assert split(Decimal(100), balances) == balances
    assert split(Decimal(0), balances) == {}
