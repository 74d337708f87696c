"""Vouchers and order promotions by hand: every figure was worked out on paper, none by the code."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shop.discounts.rules import (
    Basket,
    Goods,
    OrderRule,
    VoucherTerms,
    best_order_rule,
    discounted_price,
    email_digest,
    refusal,
    voucher_reduction,
)
from shop.pricing.rules import percentage, share_out

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def key(number: int) -> uuid.UUID:
    return uuid.UUID(int=number)


def basket(*prices: str | tuple[str, int], currency: str = "USD", delivery: str | None = None, **more: Any) -> Basket:
    """Lines 0, 1, … of the variants 0, 1, … at these prices, one of each or as many as given."""
    pairs = [price if isinstance(price, tuple) else (price, 1) for price in prices]
    given: dict[str, Any] = {
        "currency": currency,
        "country": "US",
        "user_id": None,
        "email": "buyer@example.com",
        "goods": tuple(Goods(key(n), n, many, Decimal(price)) for n, (price, many) in enumerate(pairs)),
        "sends": True,
        "delivery_amount": None if delivery is None else Decimal(delivery),
    }
    return Basket(**(given | more))


def voucher(value: str = "10", value_type: str = "PERCENTAGE", **more: Any) -> VoucherTerms:
    given: dict[str, Any] = {
        "voucher_id": 1,
        "code_id": key(99),
        "code": "SAVE",
        "code_is_active": True,
        "name": "Savings",
        "type": "ENTIRE_ORDER",
        "value_type": value_type,
        "apply_once_per_order": False,
        "apply_once_per_customer": False,
        "only_for_staff": False,
        "usage_limit": None,
        "used": 0,
        "minimum_quantity": None,
        "countries": (),
        "starts_at": NOW - DAY,
        "ends_at": None,
        "channel_id": 1,
        "value": Decimal(value),
        "minimum_amount": None,
        "variant_ids": (),
        "staff_ids": (),
        "users_served": (),
        "emails_served": (),
    }
    return VoucherTerms(**(given | more))


def amounts(found: Any) -> list[Decimal]:
    """By line number, what is taken off; lines of which nothing is taken off have 0."""
    return [found.get(key(n), Decimal(0)) for n in range(3)]


def decimals(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


@pytest.mark.parametrize(
    ("currency", "prices", "value_type", "value", "shares"),
    [
        # Saleor's own example: 5.00 off 4.00 and 45.00.
        ("USD", ["4.00", "45.00"], "FIXED", "5.00", ["0.41", "4.59", "0"]),
        # 33.33 % of 99.99 is 33.326667.
        ("USD", ["33.33", "33.33", "33.33"], "PERCENTAGE", "33.33", ["11.11", "11.11", "11.11"]),
        # A third of 10.00 each: the cent that is left goes to the first.
        ("USD", ["33.33", "33.33", "33.33"], "FIXED", "10.00", ["3.34", "3.33", "3.33"]),
        # 11.1089, 11.1089 and 11.1122: two cents are left, and were cut off the first two.
        ("USD", ["33.33", "33.33", "33.34"], "PERCENTAGE", "33.33", ["11.11", "11.11", "11.11"]),
        # No minor unit: 33.003, 33.333 and 33.663.
        ("JPY", ["100", "101", "102"], "FIXED", "100", ["33", "33", "34"]),
        # 10 % of 333 is 33.3.
        ("JPY", ["111", "111", "111"], "PERCENTAGE", "10", ["11", "11", "11"]),
        # Three places: half of 1.235 is 0.6175; 0.6174996 and 0.0005004.
        ("KWD", ["1.234", "0.001"], "PERCENTAGE", "50", ["0.617", "0.001", "0"]),
        # Never below nothing.
        ("USD", ["4.00", "45.00"], "FIXED", "500", ["4.00", "45.00", "0"]),
        ("USD", ["0.01", "0.01", "0.01"], "PERCENTAGE", "100", ["0.01", "0.01", "0.01"]),
        # What is free already gets no share.
        ("USD", ["0.00", "10.00"], "FIXED", "1.00", ["0", "1.00", "0"]),
    ],
)
def test_a_discount_of_everything_is_shared_out(
    currency: str, prices: list[str], value_type: str, value: str, shares: list[str]
) -> None:
    made = voucher_reduction(voucher(value, value_type), basket(*prices, currency=currency))
    assert amounts(made.shares) == decimals(*shares)
    assert made.amount == sum(decimals(*shares))
    assert not made.lines
    assert made.delivery == 0


def test_a_percentage_of_three_of_one_is_that_of_the_line() -> None:
    made = voucher_reduction(voucher("33.33"), basket(("33.33", 3)))
    assert amounts(made.shares)[0] == Decimal("33.33")


@pytest.mark.parametrize(
    ("terms", "lines"),
    [
        # Saleor's own example: 10 % off two of three lines.
        ({"value": "10"}, ["4.50", "2.00", "0"]),
        ({"value": "100"}, ["45.00", "20.00", "0"]),
        ({"value": "25", "value_type": "FIXED"}, ["25.00", "20.00", "0"]),
        ({"value": "10", "apply_once_per_order": True}, ["0", "2.00", "0"]),
        ({"value": "30", "value_type": "FIXED", "apply_once_per_order": True}, ["0", "20.00", "0"]),
    ],
)
def test_single_goods(terms: dict[str, Any], lines: list[str]) -> None:
    meant = voucher(**terms, type="SPECIFIC_PRODUCT", variant_ids=(0, 1))
    made = voucher_reduction(meant, basket("45.00", "20.00", "1.99"))
    assert amounts(made.lines) == decimals(*lines)
    assert not made.shares
    assert made.delivery == 0


def test_a_fixed_value_is_taken_off_each_unit_and_a_percentage_off_the_line() -> None:
    its = basket(("12.00", 3), ("3.00", 2))
    fixed = voucher("5", "FIXED", type="SPECIFIC_PRODUCT", variant_ids=(0, 1))
    assert amounts(voucher_reduction(fixed, its).lines) == decimals("15.00", "6.00", "0")
    # Three are 1.05, a third of it 0.34965: of the line, not three times 0.12.
    share = voucher("33.3", type="SPECIFIC_PRODUCT", variant_ids=(0,))
    assert amounts(voucher_reduction(share, basket(("0.35", 3))).lines)[0] == Decimal("0.35")


def test_once_per_order_is_one_unit_of_the_cheapest_and_the_first_of_equals() -> None:
    once = voucher("5", "FIXED", apply_once_per_order=True)
    assert amounts(voucher_reduction(once, basket(("45.00", 1), ("4.00", 2))).lines) == decimals("0", "4.00", "0")
    assert amounts(voucher_reduction(once, basket("9.00", "9.00")).lines) == decimals("5.00", "0", "0")
    # What is free is not the cheapest: it would use the voucher up for nothing.
    assert amounts(voucher_reduction(once, basket("0.00", "9.00")).lines) == decimals("0", "5.00", "0")
    assert voucher_reduction(once, basket("0.00")).amount == 0


@pytest.mark.parametrize(
    ("value_type", "value", "off"), [("FIXED", "3", "3"), ("FIXED", "30", "4.90"), ("PERCENTAGE", "50", "2.45")]
)
def test_delivery(value_type: str, value: str, off: str) -> None:
    made = voucher_reduction(voucher(value, value_type, type="SHIPPING"), basket("10.00", delivery="4.90"))
    assert made.delivery == made.amount == Decimal(off)
    assert not made.lines
    assert not made.shares


REFUSED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"minimum_amount": Decimal("20.01")}, {}, "This code needs goods worth at least $20.01."),
    ({"minimum_quantity": 3}, {}, "This code needs at least 3 items in the cart."),
    ({"only_for_staff": True, "staff_ids": (7,)}, {"user_id": 8}, "This code is for members of staff."),
    ({"only_for_staff": True}, {"user_id": None}, "This code is for members of staff."),
    (
        {"apply_once_per_customer": True},
        {"email": None},
        "This code works once for each customer: an e-mail address is needed first.",
    ),
    (
        {"apply_once_per_customer": True, "users_served": (7,)},
        {"user_id": 7, "email": "another@example.com"},
        "This code works once for each customer, and has been used.",
    ),
    (
        {"apply_once_per_customer": True, "emails_served": (email_digest("buyer@example.com"),)},
        {"email": " BUYER@Example.com "},
        "This code works once for each customer, and has been used.",
    ),
    ({"type": "SPECIFIC_PRODUCT", "variant_ids": (5,)}, {}, "This code is for goods that are not in the cart."),
    ({"type": "SHIPPING"}, {"sends": False}, "This code is for the delivery, and nothing has to be sent."),
    ({"type": "SHIPPING"}, {}, "This code is for the delivery, which has to be chosen first."),
    (
        {"type": "SHIPPING", "countries": ("DE",)},
        {"delivery_amount": Decimal(5)},
        "This code is not for deliveries to this country.",
    ),
]


@pytest.mark.parametrize(("terms", "purchase", "text"), REFUSED)
def test_a_voucher_that_is_not_for_this_purchase_says_why(
    terms: dict[str, Any], purchase: dict[str, Any], text: str
) -> None:
    refused = refusal(voucher(**terms), basket("10.00", "10.00", **purchase), NOW)
    assert refused is not None
    assert (refused.text, refused.of_code) == (text, False)


@pytest.mark.parametrize(
    "terms",
    [
        {"code_is_active": False},
        {"value": None, "channel_id": None},
        {"starts_at": NOW + DAY},
        {"ends_at": NOW},
        {"usage_limit": 5, "used": 5},
    ],
)
def test_a_code_that_is_no_good_is_like_one_that_does_not_exist(terms: dict[str, Any]) -> None:
    refused = refusal(replace(voucher(), **terms), basket("10.00"), NOW)
    assert refused is not None
    assert (refused.text, refused.of_code) == ("This code is not valid.", True)


@pytest.mark.parametrize(
    ("terms", "purchase"),
    [
        ({"minimum_amount": Decimal("20.00")}, {}),
        ({"minimum_quantity": 2}, {}),
        ({"only_for_staff": True, "staff_ids": (7,)}, {"user_id": 7}),
        ({"apply_once_per_customer": True, "users_served": (8,)}, {"user_id": 7}),
        ({"starts_at": NOW, "ends_at": NOW + DAY}, {}),
        ({"usage_limit": 5, "used": 4}, {}),
        ({"type": "SPECIFIC_PRODUCT", "variant_ids": (1, 5)}, {}),
        ({"type": "SHIPPING", "countries": ("DE", "US")}, {"delivery_amount": Decimal(5)}),
    ],
)
def test_a_voucher_applies_up_to_its_bounds(terms: dict[str, Any], purchase: dict[str, Any]) -> None:
    assert refusal(voucher(**terms), basket("10.00", "10.00", **purchase), NOW) is None


def rule(
    number: int, value: str, value_type: str = "FIXED", limits: Sequence[str | None] = (None, None), **more: Any
) -> OrderRule:
    low, high = (None if limit is None else Decimal(limit) for limit in limits)
    made = OrderRule(key(number), 1, f"Rule {number}", NOW - DAY, None, value_type, Decimal(value), low, high)
    return replace(made, **more)


def test_the_order_promotion_that_saves_most_is_given_alone() -> None:
    its = basket("60.00", "40.00")
    rules = [rule(1, "12"), rule(2, "15", "PERCENTAGE"), rule(3, "14.99")]
    best = best_order_rule(rules, its, NOW)
    assert best is not None
    assert (best.name, best.type, best.amount, amounts(best.shares)) == (
        "Rule 2",
        "ORDER_PROMOTION",
        Decimal(15),
        decimals("9.00", "6.00", "0"),
    )


def test_order_promotions_keep_to_their_range_their_dates_and_their_order() -> None:
    its = basket("60.00", "40.00")
    assert best_order_rule([rule(1, "5", limits=("100.01", None))], its, NOW) is None
    assert best_order_rule([rule(1, "5", limits=(None, "99.99"))], its, NOW) is None
    assert best_order_rule([rule(1, "5", starts_at=NOW + DAY), rule(2, "5", ends_at=NOW)], its, NOW) is None
    inside = best_order_rule([rule(2, "5", limits=("100", "100")), rule(1, "5")], its, NOW)
    assert inside is not None
    assert inside.name == "Rule 1"
    assert best_order_rule([rule(1, "5")], basket("0.00"), NOW) is None


@pytest.mark.parametrize(
    ("price", "value_type", "value", "currency", "result"),
    [
        ("9.00", "PERCENTAGE", "10", "USD", "8.10"),
        ("33.33", "PERCENTAGE", "33.33", "USD", "22.22"),
        ("999", "PERCENTAGE", "33.33", "JPY", "666"),
        ("1.005", "PERCENTAGE", "50", "KWD", "0.502"),
        ("9.00", "FIXED", "10", "USD", "0.00"),
        ("9.00", "FIXED", "2.50", "USD", "6.50"),
    ],
)
def test_a_promotion_s_price(price: str, value_type: str, value: str, currency: str, result: str) -> None:
    assert discounted_price(Decimal(price), value_type, Decimal(value), currency) == Decimal(result)


def test_shares_of_nothing_and_percentages_of_too_much() -> None:
    assert share_out(Decimal(0), decimals("1.00", "2.00"), "USD") == decimals("0", "0")
    assert share_out(Decimal(5), decimals("0", "0"), "USD") == decimals("0", "0")
    assert share_out(Decimal(5), [], "USD") == []
    assert percentage(Decimal("9.99"), Decimal(250), "USD") == Decimal("9.99")
