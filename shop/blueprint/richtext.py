"""The light way to write rich text in a shop file, and its EditorJS form. Sanitising stays with `shop.content`."""

import re
from html import escape
from typing import Any

# The version that clients of the API know; lists hold plain strings in it.
EDITORJS_VERSION = "2.24.3"

_LINK = re.compile(r"\[([^\[\]]+)\]\(([^()\s]+)\)")
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_ITALIC = re.compile(r"(?<![*\w])\*(?=[^\s*])(.+?)(?<=[^\s*])\*(?![*\w])")
_SAFE_TARGET = re.compile(r"(https?://|mailto:|/(?!/)|#)", re.IGNORECASE)


def inline(text: str) -> str:
    """The text as EditorJS keeps it: escaped HTML, with `**bold**`, `*italic*` and `[label](target)` as tags.

    A link whose target is no web address, path or anchor stays as it was written.
    """
    html = escape(" ".join(text.split()), quote=False)
    html = _LINK.sub(_link, html)
    html = _BOLD.sub(r"<b>\1</b>", html)
    return _ITALIC.sub(r"<i>\1</i>", html)


def _link(match: re.Match[str]) -> str:
    label, target = match.groups()
    if not _SAFE_TARGET.match(target):
        return match[0]
    return f'<a href="{target.replace(chr(34), "%22")}">{label}</a>'


def paragraph(text: str) -> dict[str, Any]:
    """A paragraph block."""
    return {"type": "paragraph", "data": {"text": inline(text)}}


def header(text: str, level: int) -> dict[str, Any]:
    """A header block."""
    return {"type": "header", "data": {"text": inline(text), "level": level}}


def listing(items: list[str], *, ordered: bool) -> dict[str, Any]:
    """A list block."""
    style = "ordered" if ordered else "unordered"
    return {"type": "list", "data": {"style": style, "items": [inline(item) for item in items]}}


def document(blocks: list[dict[str, Any]]) -> dict[str, Any]:
    """The whole EditorJS value. It carries no time, so that the same text is always the same value."""
    return {"blocks": blocks, "version": EDITORJS_VERSION}


def paragraphs(text: str) -> list[str]:
    """Plain text, parted at its empty lines."""
    return [part for part in re.split(r"\n\s*\n", text.strip()) if part.strip()]
