"""Saleor's global IDs: base64 of `Type:pk`. Checkout, order and their lines have random UUIDs, the rest integers."""

import base64
import binascii
import uuid
from functools import lru_cache

INT32_MAX = 2**31 - 1


class InvalidId(ValueError):
    """The text is no global ID, or one of another type."""

    def __init__(self, text: str, expected: str, *, other_type: bool = False) -> None:
        super().__init__(f"Invalid ID: {text}. Expected: {expected}.")
        self.text = text
        self.other_type = other_type


def encode(type_name: str, pk: int | str | uuid.UUID) -> str:
    """The global ID of a row."""
    return binascii.b2a_base64(f"{type_name}:{pk}".encode(), newline=False).decode()


# Longer than any ID; what is cached must not grow with what clients send.
_LONGEST = 256


def _split(text: str) -> tuple[str, str] | None:
    return _decoded(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=4096)
def _decoded(text: str) -> tuple[str, str] | None:
    try:
        # Clients strip or keep the padding; the alphabet is checked.
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    name, colon, pk = decoded.partition(":")
    return (name, pk) if colon and name and pk else None


def type_of(text: str) -> str | None:
    """The type that a global ID names, or None when it is malformed."""
    parts = _split(text)
    return parts[0] if parts else None


def pk_of(text: str) -> str | None:
    """The key inside a global ID of whatever type, or None when it is malformed."""
    parts = _split(text)
    return parts[1] if parts else None


def decode_int(text: str, type_name: str) -> int:
    """The integer key inside a global ID of exactly this type. Raises: InvalidId."""
    parts = _split(text)
    if parts is None:
        raise InvalidId(text, type_name)
    if parts[0] != type_name:
        raise InvalidId(text, type_name, other_type=True)
    if not (parts[1].isascii() and parts[1].isdigit()) or len(parts[1]) > 10 or int(parts[1]) > INT32_MAX:
        raise InvalidId(text, type_name)
    return int(parts[1])


def decode_uuid(text: str, type_name: str) -> uuid.UUID:
    """The UUID inside a global ID of exactly this type. Raises: InvalidId."""
    parts = _split(text)
    if parts is None:
        raise InvalidId(text, type_name)
    if parts[0] != type_name:
        raise InvalidId(text, type_name, other_type=True)
    try:
        return uuid.UUID(parts[1])
    except ValueError:
        raise InvalidId(text, type_name) from None
