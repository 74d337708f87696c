"""The text of one line: which tags it may hold, and how it reads without them."""

import re
from html import unescape
from typing import Any, Final

import nh3

# What an editor's toolbar can make inside a line. Nothing that loads, runs, or moves other text.
_CLEANER: Final = nh3.Cleaner(
    tags={"b", "strong", "i", "em", "u", "s", "code", "mark", "sub", "sup", "br", "a"},
    attributes={"a": {"href", "title"}},
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel="noopener",
)
_STRIPPER: Final = nh3.Cleaner(tags=set())
# What the cleaner looks at: text without any of these is the same afterwards, and most text is without.
_MARKED: Final = re.compile("[<>&\xa0\r\0]")
_BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)


def clean_inline(html: str) -> str:
    """The text of one line with the allowed tags; everything else is removed, scripts with their content."""
    return _CLEANER.clean(html) if _MARKED.search(html) else html


def plain(html: str) -> str:
    """The text of one line without any tags; a line break in it is a space."""
    if not _MARKED.search(html):
        return html.strip()
    return unescape(_STRIPPER.clean(_BREAK.sub(" ", html))).replace("\xa0", " ").strip()


def text_of(data: dict[str, Any], name: str) -> str:
    """A text of a block's data, cleaned; empty where there is none."""
    value = data.get(name)
    return clean_inline(value) if isinstance(value, str) else ""
