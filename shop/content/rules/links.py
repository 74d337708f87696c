"""Where a link of a menu or a widget may lead."""

import re
from typing import Final

# A path of this shop, a place on the page, or an address that no browser takes for a program.
_SAFE: Final = re.compile(r"(?:https?://[^\s/]|mailto:[^\s]|tel:[+0-9]|/(?![/\\])|#|\?)[^\s<>\"\\]*|/", re.IGNORECASE)


def is_safe_target(url: str) -> bool:
    """Whether visitors may be sent there: a path, an anchor, or an http, https, mailto or tel address."""
    return _SAFE.fullmatch(url) is not None
