"""EditorJS blocks to HTML, sanitised when they are written and again when they are rendered: nothing stored is trusted.

Renders paragraph, header, list and image; a block of another type is skipped and reported by `unknown_blocks`.
"""

import re
from collections.abc import Mapping
from html import escape, unescape
from typing import Any, Final

import nh3

# What an editor's toolbar can make inside a line. Nothing that loads, runs, or moves other text.
_INLINE_TAGS: Final = {"b", "strong", "i", "em", "u", "s", "code", "mark", "sub", "sup", "br", "a"}
_ATTRIBUTES: Final = {"a": {"href", "title"}}
_SCHEMES: Final = {"http", "https", "mailto", "tel"}
_LINK_REL: Final = "noopener"
_DEEPEST_LIST: Final = 8
_IMAGE_URL: Final = re.compile(r"(https://|/media/)[^\s\"'<>]+\Z")


def clean_inline(html: str) -> str:
    """The text of one line with the allowed tags; everything else is removed, scripts with their content."""
    return nh3.clean(html, tags=_INLINE_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=_LINK_REL)


def plain(html: str) -> str:
    """The text of one line without any tags."""
    return unescape(nh3.clean(html, tags=set())).replace("\xa0", " ").strip()


def sanitised(content: Mapping[str, Any]) -> dict[str, Any]:
    """The blocks as they may be stored: every text in them cleaned, their structure kept."""
    return {key: _clean_value(value) if key == "blocks" else value for key, value in content.items()}


def _clean_value(value: Any) -> Any:
    if isinstance(value, str):
        return clean_inline(value)
    if isinstance(value, list):
        return [_clean_value(item) for item in value]
    if isinstance(value, dict):
        return {key: _clean_value(item) for key, item in value.items()}
    return value


def render(content: Mapping[str, Any] | None) -> str:
    """The blocks as HTML that is safe to show. Headings carry an `id` made of their text, for links into the page."""
    seen: dict[str, int] = {}
    return "\n".join(part for block in _blocks(content) if (part := _render_block(block, seen)))


def unknown_blocks(content: Mapping[str, Any] | None) -> list[str]:
    """The types of blocks that `render` leaves out, in order."""
    return [str(block.get("type")) for block in _blocks(content) if block.get("type") not in _RENDERERS]


def plain_text(content: Mapping[str, Any] | None) -> str:
    """All text of the blocks, a line a block, for search and for descriptions."""
    lines: list[str] = []
    for block in _blocks(content):
        data = block.get("data")
        if isinstance(data, dict):
            if isinstance(data.get("text"), str):
                lines.append(plain(data["text"]))
            lines += [plain(text) for text in _item_texts(data.get("items"))]
    return "\n".join(line for line in lines if line)


def _item_texts(items: Any) -> list[str]:
    texts: list[str] = []
    for item in items if isinstance(items, list) else []:
        if isinstance(item, str):
            texts.append(item)
        elif isinstance(item, dict):
            texts.append(str(item.get("content", "")))
            texts += _item_texts(item.get("items"))
    return texts


def _blocks(content: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    blocks = content.get("blocks") if content else None
    return [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []


def _render_block(block: dict[str, Any], seen: dict[str, int]) -> str:
    renderer = _RENDERERS.get(str(block.get("type")))
    data = block.get("data")
    return renderer(data, seen) if renderer is not None and isinstance(data, dict) else ""


def _paragraph(data: dict[str, Any], seen: dict[str, int]) -> str:
    text = clean_inline(str(data.get("text", "")))
    return f"<p>{text}</p>" if text.strip() else ""


def _header(data: dict[str, Any], seen: dict[str, int]) -> str:
    level = data.get("level")
    # The page's title is its only h1.
    level = min(max(level, 2), 6) if isinstance(level, int) else 2
    text = clean_inline(str(data.get("text", "")))
    if not text.strip():
        return ""
    return f'<h{level} id="{escape(_anchor(plain(text), seen))}">{text}</h{level}>'


def _anchor(text: str, seen: dict[str, int]) -> str:
    words = "".join(letter if letter.isalnum() else " " for letter in text.lower()).split()
    base = "-".join(words)[:80].strip("-") or "section"
    seen[base] = seen.get(base, 0) + 1
    return base if seen[base] == 1 else f"{base}-{seen[base]}"


def _list(data: dict[str, Any], seen: dict[str, int]) -> str:
    tag = "ol" if data.get("style") == "ordered" else "ul"
    return _render_items(tag, data.get("items"), 1)


def _render_items(tag: str, items: Any, depth: int) -> str:
    if not isinstance(items, list) or depth > _DEEPEST_LIST:
        return ""
    parts: list[str] = []
    for item in items:
        if isinstance(item, str):
            parts.append(f"<li>{clean_inline(item)}</li>")
        elif isinstance(item, dict):
            nested = _render_items(tag, item.get("items"), depth + 1)
            parts.append(f"<li>{clean_inline(str(item.get('content', '')))}{nested}</li>")
    return f"<{tag}>{''.join(parts)}</{tag}>" if parts else ""


def _image(data: dict[str, Any], seen: dict[str, int]) -> str:
    file = data.get("file")
    url = unescape(str(file.get("url", ""))) if isinstance(file, dict) else ""
    # A picture of our own or of another site by a safe connection; nothing that a browser could run.
    if not isinstance(file, dict) or not _IMAGE_URL.match(url):
        return ""
    size = "".join(
        f' {name}="{value}"' for name in ("width", "height") if isinstance(value := file.get(name), int) and value > 0
    )
    alt = escape(plain(str(data.get("alt", ""))))
    caption = clean_inline(str(data.get("caption", "")))
    caption = f"<figcaption>{caption}</figcaption>" if caption.strip() else ""
    return f'<figure><img src="{escape(url)}" alt="{alt}"{size} loading="lazy">{caption}</figure>'


_RENDERERS: Final = {"paragraph": _paragraph, "header": _header, "list": _list, "image": _image}
