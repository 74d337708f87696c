"""The reducer: what events add up to, in whatever order they come."""

from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.payments.models import EVENT_TYPES
from shop.payments.rules import Amounts, Entry, amounts_of, authorize_status, available_actions, charge_status

PI = "pi_1"


def entry(type: str, amount: str, reference: str = PI, key: str = "") -> Entry:
    return Entry(type, Decimal(amount), reference, key)


def amounts(**values: str) -> Amounts:
    return Amounts(**{name: Decimal(value) for name, value in values.items()})


CASES: dict[str, tuple[list[Entry], Amounts]] = {
    "nothing": ([], amounts()),
    "waits for the shopper": ([entry("CHARGE_ACTION_REQUIRED", "10")], amounts()),
    "declined": ([entry("CHARGE_FAILURE", "10", PI, "ch_1")], amounts()),
    "charged": ([entry("CHARGE_SUCCESS", "10")], amounts(charged="10", captured="10")),
    "declined, then charged": (
        [entry("CHARGE_FAILURE", "10", PI, "ch_1"), entry("CHARGE_SUCCESS", "10")],
        amounts(charged="10", captured="10"),
    ),
    "settles later": ([entry("CHARGE_REQUEST", "10", PI, "py_1")], amounts(charge_pending="10")),
    "settled": (
        [entry("CHARGE_REQUEST", "10", PI, "py_1"), entry("CHARGE_SUCCESS", "10")],
        amounts(charged="10", captured="10"),
    ),
    "settling failed": (
        [entry("CHARGE_REQUEST", "10", PI, "py_1"), entry("CHARGE_FAILURE", "10", PI, "py_1")],
        amounts(),
    ),
    "settling failed, second attempt under way": (
        [
            entry("CHARGE_REQUEST", "10", PI, "py_1"),
            entry("CHARGE_FAILURE", "10", PI, "py_1"),
            entry("CHARGE_REQUEST", "10", PI, "py_2"),
        ],
        amounts(charge_pending="10"),
    ),
    "authorised": ([entry("AUTHORIZATION_SUCCESS", "10")], amounts(authorized="10")),
    "authorisation pending": ([entry("AUTHORIZATION_REQUEST", "10", PI, "py_1")], amounts(authorize_pending="10")),
    "capture asked for": (
        [entry("AUTHORIZATION_SUCCESS", "10"), entry("CHARGE_REQUEST", "4", PI, "call")],
        amounts(authorized="6", charge_pending="4"),
    ),
    "capture refused": (
        [
            entry("AUTHORIZATION_SUCCESS", "10"),
            entry("CHARGE_REQUEST", "4", PI, "call"),
            entry("CHARGE_FAILURE", "4", PI, "call"),
        ],
        amounts(authorized="10"),
    ),
    "partial capture releases the rest": (
        [
            entry("AUTHORIZATION_SUCCESS", "10"),
            entry("CHARGE_REQUEST", "4", PI, "call"),
            entry("CHARGE_SUCCESS", "4"),
            entry("CANCEL_SUCCESS", "6", PI, "remainder"),
        ],
        amounts(charged="4", captured="4", cancelled="6"),
    ),
    "released": (
        [
            entry("AUTHORIZATION_SUCCESS", "10"),
            entry("CANCEL_REQUEST", "10", PI, "call"),
            entry("CANCEL_SUCCESS", "10"),
        ],
        amounts(cancelled="10"),
    ),
    "release asked for": (
        [entry("AUTHORIZATION_SUCCESS", "10"), entry("CANCEL_REQUEST", "10", PI, "call")],
        amounts(cancel_pending="10"),
    ),
    "never paid, ended": ([entry("CANCEL_SUCCESS", "10")], amounts()),
    "refund asked for": (
        [entry("CHARGE_SUCCESS", "10"), entry("REFUND_REQUEST", "4", PI, "call")],
        amounts(charged="6", captured="10", refund_pending="4"),
    ),
    "refund told twice, by us and by the provider, is one": (
        [
            entry("CHARGE_SUCCESS", "10"),
            entry("REFUND_REQUEST", "4", PI, "call"),
            entry("REFUND_REQUEST", "4", "re_1", "call"),
        ],
        amounts(charged="6", captured="10", refund_pending="4"),
    ),
    "refunded in part": (
        [
            entry("CHARGE_SUCCESS", "10"),
            entry("REFUND_REQUEST", "4", PI, "call"),
            entry("REFUND_SUCCESS", "4", "re_1", "call"),
        ],
        amounts(charged="6", captured="10", refunded="4"),
    ),
    "one refund done, another asked for": (
        [
            entry("CHARGE_SUCCESS", "10"),
            entry("REFUND_REQUEST", "4", PI, "call"),
            entry("REFUND_SUCCESS", "4", "re_1", "call"),
            entry("REFUND_REQUEST", "5", PI, "call2"),
        ],
        amounts(charged="1", captured="10", refunded="4", refund_pending="5"),
    ),
    "refund refused": (
        [
            entry("CHARGE_SUCCESS", "10"),
            entry("REFUND_REQUEST", "4", PI, "call"),
            entry("REFUND_FAILURE", "4", PI, "call"),
        ],
        amounts(charged="10", captured="10"),
    ),
    "refund sent back by the bank": (
        [
            entry("CHARGE_SUCCESS", "10"),
            entry("REFUND_REQUEST", "4", PI, "call"),
            entry("REFUND_SUCCESS", "4", "re_1", "call"),
            entry("REFUND_REVERSE", "4", "re_1", "call"),
        ],
        amounts(charged="10", captured="10"),
    ),
    "refund made at the provider by hand, pending": (
        [entry("CHARGE_SUCCESS", "10"), entry("REFUND_REQUEST", "3", "re_9")],
        amounts(charged="7", captured="10", refund_pending="3"),
    ),
    "the same, done": (
        [entry("CHARGE_SUCCESS", "10"), entry("REFUND_REQUEST", "3", "re_9"), entry("REFUND_SUCCESS", "3", "re_9")],
        amounts(charged="7", captured="10", refunded="3"),
    ),
    "more refunded than captured": (
        [entry("CHARGE_SUCCESS", "10"), entry("REFUND_SUCCESS", "12", "re_1")],
        amounts(charged="0", captured="10", refunded="12"),
    ),
    "disputed": (
        [entry("CHARGE_SUCCESS", "10"), entry("CHARGE_BACK", "10", "du_1")],
        amounts(captured="10", charged_back="10"),
    ),
    "dispute won": (
        [entry("CHARGE_SUCCESS", "10"), entry("CHARGE_BACK", "10", "du_1"), entry("REFUND_REVERSE", "10", "du_1")],
        amounts(charged="10", captured="10"),
    ),
    "a note changes nothing": (
        [entry("CHARGE_SUCCESS", "10"), entry("INFO", "99")],
        amounts(charged="10", captured="10"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_amounts_in_every_order(name: str) -> None:
    events, expected = CASES[name]
    assert {amounts_of(order) for order in permutations(events)} == {expected}


def test_six_events_in_all_720_orders() -> None:
    events = [
        entry("AUTHORIZATION_SUCCESS", "30"),
        entry("CHARGE_REQUEST", "20", PI, "capture"),
        entry("CHARGE_SUCCESS", "20"),
        entry("CANCEL_SUCCESS", "10", PI, "remainder"),
        entry("REFUND_REQUEST", "5", PI, "refund"),
        entry("REFUND_SUCCESS", "5", "re_1", "refund"),
    ]
    results = {amounts_of(order) for order in permutations(events)}
    assert results == {amounts(charged="15", captured="20", cancelled="10", refunded="5")}


@given(
    st.lists(
        st.builds(
            Entry,
            st.sampled_from(EVENT_TYPES),
            st.decimals(0, 1000, places=2),
            st.sampled_from([PI, "re_1", "re_2", "du_1"]),
            st.sampled_from(["", "k1", "k2"]),
        ),
        max_size=6,
        unique_by=lambda e: (e.type, e.psp_reference, e.dedupe_key),
    ),
    st.randoms(),
)
def test_no_amount_is_negative_whatever_comes(events: list[Entry], random: Any) -> None:
    result = amounts_of(events)
    assert all(getattr(result, name) >= 0 for name in Amounts.__dataclass_fields__)
    assert result.charged <= result.captured
    assert result.authorized + result.cancelled <= sum(e.amount for e in events if e.type == "AUTHORIZATION_SUCCESS")
    # A keyed request is one however it is told, but its tellings must agree: only then has the order no say.
    keyed = [(e.type, e.dedupe_key) for e in events if e.type.endswith("_REQUEST") and e.dedupe_key]
    if len(keyed) == len(set(keyed)):
        shuffled = list(events)
        random.shuffle(shuffled)
        assert amounts_of(shuffled) == result


@pytest.mark.parametrize(
    ("total", "charged", "expected"),
    [
        ("10", "0", "NONE"),
        ("10", "0.01", "PARTIAL"),
        ("10", "9.99", "PARTIAL"),
        ("10", "10", "FULL"),
        ("10", "10.01", "OVERCHARGED"),
        ("0", "0", "FULL"),
        ("0", "1", "OVERCHARGED"),
    ],
)
def test_charge_status(total: str, charged: str, expected: str) -> None:
    assert charge_status(Decimal(total), Decimal(charged)) == expected


@pytest.mark.parametrize(
    ("total", "authorized", "charged", "expected"),
    [
        ("10", "0", "0", "NONE"),
        ("10", "1", "0", "PARTIAL"),
        ("10", "0", "1", "PARTIAL"),
        ("10", "4", "6", "FULL"),
        ("10", "10", "0", "FULL"),
        ("10", "0", "11", "FULL"),
        ("0", "0", "0", "FULL"),
    ],
)
def test_authorize_status(total: str, authorized: str, charged: str, expected: str) -> None:
    assert authorize_status(Decimal(total), Decimal(authorized), Decimal(charged)) == expected


def test_actions_follow_from_the_amounts() -> None:
    assert available_actions(amounts()) == ()
    assert available_actions(amounts(authorized="1")) == ("CHARGE", "CANCEL")
    assert available_actions(amounts(charged="1")) == ("REFUND",)
    assert available_actions(amounts(authorized="1", charged="1")) == ("CHARGE", "CANCEL", "REFUND")
