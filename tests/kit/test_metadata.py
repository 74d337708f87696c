"""What may be stored as metadata."""

import pytest

from shop.kit.errors import Invalid
from shop.kit.metadata import KEY_LIMIT, KEYS_LIMIT, VALUE_LIMIT, checked, within_limit


def test_the_last_value_of_a_key_counts() -> None:
    assert checked([("a", "1"), ("b", ""), ("a", "2")]) == {"a": "2", "b": ""}


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([("", "x")], "REQUIRED"),
        ([(" \t", "x")], "REQUIRED"),
        ([("k" * (KEY_LIMIT + 1), "x")], "INVALID"),
        ([("k", "x" * (VALUE_LIMIT + 1))], "INVALID"),
        ([(str(number), "x") for number in range(KEYS_LIMIT + 1)], "INVALID"),
    ],
)
def test_what_is_refused(entries: list[tuple[str, str]], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        checked(entries, field="input")
    assert (caught.value.code, caught.value.field) == (code, "input")


def test_the_limits_themselves_are_allowed() -> None:
    assert checked([("k" * KEY_LIMIT, "x" * VALUE_LIMIT)])
    assert len(within_limit({str(number): "x" for number in range(KEYS_LIMIT)})) == KEYS_LIMIT
