"""Feeds in Atom. Source: RFC 4287."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape, quoteattr

# What XML 1.0 cannot hold, not even escaped.
_UNHEARD_OF: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NEVER: Final = "1970-01-01T00:00:00+00:00"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was written or said; `html` is safe to show, its links are those of the page at `url`."""

    url: str
    title: str
    author: str
    updated: str
    html: str
    published: str | None = None


def feed(address: str, site: str, title: str, entries: Sequence[Entry]) -> str:
    """The feed at `address` of what is new on `site`, the latest first."""
    updated = max((entry.updated for entry in entries), default=_NEVER)
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<id>{_text(address)}</id>",
        f"<title>{_text(title)}</title>",
        f"<updated>{_text(updated)}</updated>",
        f'<link rel="self" type="application/atom+xml" href={_attribute(address)}/>',
        f'<link rel="alternate" type="text/html" href={_attribute(site)}/>',
    ]
    for entry in entries:
        parts += [
            "<entry>",
            f"<id>{_text(entry.url)}</id>",
            f"<title>{_text(entry.title)}</title>",
            f"<updated>{_text(entry.updated)}</updated>",
            *([f"<published>{_text(entry.published)}</published>"] if entry.published else []),
            f"<author><name>{_text(entry.author)}</name></author>",
            f'<link rel="alternate" type="text/html" href={_attribute(entry.url)}/>',
            f'<content type="html" xml:base={_attribute(entry.url)}>{_text(entry.html)}</content>',
            "</entry>",
        ]
    return "\n".join([*parts, "</feed>\n"])


def _text(value: str) -> str:
    return escape(_UNHEARD_OF.sub("", value))


def _attribute(value: str) -> str:
    return quoteattr(_UNHEARD_OF.sub("", value))
