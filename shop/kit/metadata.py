"""Saleor's metadata: what may be stored as key and value. The columns are `kit.db.models.HasMetadata`'s."""

from collections.abc import Iterable, Mapping
from typing import Final

from shop.kit.errors import Invalid

KEY_LIMIT: Final = 256
VALUE_LIMIT: Final = 10_000
KEYS_LIMIT: Final = 100


def checked(entries: Iterable[tuple[str, str]], *, field: str = "metadata") -> dict[str, str]:
    """The entries as they may be stored; of a repeated key the last one. Raises: Invalid (REQUIRED, INVALID)."""
    result: dict[str, str] = {}
    for key, value in entries:
        if not key.strip():
            raise Invalid("A metadata key cannot be empty.", field=field, code="REQUIRED")
        if len(key) > KEY_LIMIT or len(value) > VALUE_LIMIT:
            raise Invalid(f"A metadata key holds at most {KEY_LIMIT} characters, a value {VALUE_LIMIT}.", field=field)
        result[key] = value
    return within_limit(result, field=field)


def within_limit(values: Mapping[str, str], *, field: str = "metadata") -> dict[str, str]:
    """The same values. Raises: Invalid when an object would carry too many keys."""
    if len(values) > KEYS_LIMIT:
        raise Invalid(f"An object carries at most {KEYS_LIMIT} metadata keys.", field=field)
    return dict(values)
