"""Addresses of other sites in one spelling."""

import pytest

from shop.content.rules import former_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://old.example/2024/05/Hair-Loss/", "/2024/05/hair-loss"),
        ("/2024/05/hair-loss", "/2024/05/hair-loss"),
        (" 2024/05/hair-loss ", "/2024/05/hair-loss"),
        ("//old.example/2024//", "/2024"),
        ("/gr%C3%B6%C3%9Fe/?utm_source=x#part", "/größe"),
        ("https://old.example/?p=12", "/?p=12"),
        ("https://old.example/?page_id=7&preview=true", "/?p=7"),
        ("/about/?p=12", "/about"),
        ("/?p=12;drop", None),
        ("/?p=²", None),
        ("https://old.example/", None),
        ("https://old.example", None),
        ("", None),
        ("http://[", None),
        ("/a%00b", None),
        ("/a%0Ab", None),
        ("/" + "x" * 499, "/" + "x" * 499),
        ("/" + "x" * 500, None),
    ],
)
def test_an_address_has_one_spelling(text: str, address: str | None) -> None:
    assert former_address(text) == address
