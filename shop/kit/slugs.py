"""Names in addresses: lower-case letters of the English alphabet, digits and single hyphens."""

import re
import unicodedata
from collections.abc import Container
from typing import Final

LONGEST: Final = 255
_VALID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_OTHERS: Final = re.compile(r"[^a-z0-9]+")
# Letters that are no base letter with a mark.
_LETTERS: Final = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "þ": "th"})


def is_slug(text: str) -> bool:
    """Whether the text can be a slug as it is."""
    return len(text) <= LONGEST and _VALID.fullmatch(text) is not None


def slugified(text: str) -> str:
    """The text as a slug; empty where it has no letter or digit that one can hold."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return _OTHERS.sub("-", plain.encode("ascii", "ignore").decode()).strip("-")[:LONGEST].rstrip("-")


def free_slug(base: str, taken: Container[str]) -> str:
    """The base, or with the first number from 2 on that is not taken."""
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base[: LONGEST - 8]}-{number}"
    return slug
