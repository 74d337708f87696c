"""Global IDs."""

import base64
import uuid

import pytest

from shop.kit import ids

KEY = uuid.UUID("8d3f3f0e-4d9f-4f6b-9a55-7a3f0f9f9a10")


def test_ids_go_there_and_back() -> None:
    assert ids.decode_int(ids.encode("Product", 12), "Product") == 12
    assert ids.decode_uuid(ids.encode("Checkout", KEY), "Checkout") == KEY
    assert ids.type_of(ids.encode("Product", 12)) == "Product"
    assert ids.encode("Product", 12) == "UHJvZHVjdDoxMg=="


def test_padding_may_be_missing() -> None:
    assert ids.decode_int("UHJvZHVjdDoxMg", "Product") == 12


def _text(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "",
        "!!!",
        "💥",
        _text("Product"),
        _text("Product:"),
        _text("Product:abc"),
        _text("Product:-1"),
        _text("Product:99999999999"),
        _text("Product:2147483648"),
        _text("Product:1.5"),
        _text("Product:١٢"),
    ],
)
def test_malformed_ids_are_refused(text: str) -> None:
    with pytest.raises(ids.InvalidId) as caught:
        ids.decode_int(text, "Product")
    assert str(caught.value) == f"Invalid ID: {text}. Expected: Product."
    assert not caught.value.other_type


def test_another_type_is_told_apart() -> None:
    with pytest.raises(ids.InvalidId) as caught:
        ids.decode_int(ids.encode("Category", 1), "Product")
    assert caught.value.other_type
    with pytest.raises(ids.InvalidId):
        ids.decode_uuid(ids.encode("Checkout", 1), "Checkout")


def test_what_is_too_long_for_an_id_is_not_remembered() -> None:
    remembered = ids._decoded.cache_info().currsize
    assert ids.type_of(_text("Product:" + "1" * 100_000)) is None
    assert ids._decoded.cache_info().currsize == remembered
