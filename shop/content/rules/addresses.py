"""Addresses of other sites, as they are remembered and asked for when a page has moved here."""

from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

LONGEST: Final = 500
# By which WordPress finds a post where it has no address of words, and in its short links always.
_NUMBERS: Final = ("p", "page_id")


def former_address(text: str) -> str | None:
    """The path of an address or a path, as all its spellings are compared; None for a start page and what is none.

    It is decoded, in lower case, without a host and a slash at its end; of its query only the number of a post counts.
    """
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return None
    path = "/" + unquote(parts.path).strip("/").lower()
    if path == "/":
        asked = parse_qs(parts.query)
        number = next((asked[name][0] for name in _NUMBERS if name in asked), "")
        path = f"/?p={number}" if number.isascii() and number.isdigit() else ""
    return path if path and len(path) <= LONGEST and path.isprintable() else None
