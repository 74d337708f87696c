"""Which texts are e-mail addresses."""

import pytest

from shop.accounts.rules import is_email, normalised_email


@pytest.mark.parametrize(
    "text", ["a@example.com", "first.last+tag@sub.example.co", "ü@example.com", "o'hara@example.com"]
)
def test_addresses(text: str) -> None:
    assert is_email(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a@",
        "@example.com",
        "a@b",
        "a b@example.com",
        "a@exam ple.com",
        '"Name"<a@example.com>',
        "a@example.com,b@x.com",
        "a;b@example.com",
        "a@[127.0.0.1]",
        "a\\b@example.com",
        "a@example.com\nBcc: b@example.com",
        "x" * 300 + "@example.com",
    ],
)
def test_what_is_no_address_or_several(text: str) -> None:
    assert not is_email(text)


def test_spaces_around_and_capitals_do_not_count() -> None:
    assert normalised_email("  A@Example.COM ") == "a@example.com"
