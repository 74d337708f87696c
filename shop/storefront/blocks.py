"""Descriptions arrive as EditorJS; here they become HTML. The three kinds of block a description needs, and no more.
Headers move one level down, below the title that the page itself puts above a description.

Pages are different: the API renders them whole (`contentHtml`).
"""

import json
import re
from html import unescape
from typing import Any, Final

import nh3
from markupsafe import Markup

_INLINE: Final = {"b", "strong", "i", "em", "u", "br", "a"}
_LINK_SCHEMES: Final = {"http", "https", "mailto", "tel"}
_HEADING: Final = re.compile(r'<h2 id="([^"]+)">(.*?)</h2>', re.DOTALL)
_HEADERS: Final = {2: Markup("<h3>{}</h3>"), 3: Markup("<h4>{}</h4>"), 4: Markup("<h5>{}</h5>")}


def render(source: str | None) -> Markup:
    """Safe HTML of an EditorJS document; empty when there is none or it cannot be read."""
    return Markup("\n").join(html for block in _blocks(source) if (html := _block(block)))


def plain(source: str | None, length: int = 160) -> str:
    """The document's text without any markup, cut at a word: what search engines and previews show."""
    parts = [str(block.get("data", {}).get("text", "")) for block in _blocks(source)]
    text = " ".join(unescape(nh3.clean(" ".join(part for part in parts if part), tags=set())).split())
    if len(text) <= length:
        return text
    return text[:length].rpartition(" ")[0].rstrip(" ,;:.") + "…"


def headings(html: str | None) -> list[tuple[str, str]]:
    """The second-level headings of a page's `contentHtml` that have an anchor: pairs of anchor and text."""
    return [(unescape(key), unescape(nh3.clean(text, tags=set()))) for key, text in _HEADING.findall(html or "")]


def _blocks(source: str | None) -> list[dict[str, Any]]:
    if not source:
        return []
    try:
        blocks = json.loads(source).get("blocks", [])
    except (ValueError, AttributeError):
        return []
    return [block for block in blocks if isinstance(block, dict) and isinstance(block.get("data"), dict)]


def _block(block: dict[str, Any]) -> Markup:
    data = block["data"]
    match block.get("type"):
        case "paragraph":
            return Markup("<p>{}</p>").format(_inline(data.get("text")))
        case "header":
            level = data.get("level")
            return _HEADERS.get(level, _HEADERS[2]).format(_inline(data.get("text")))
        case "list":
            shell = Markup("<ol>{}</ol>") if data.get("style") == "ordered" else Markup("<ul>{}</ul>")
            return shell.format(Markup("").join(_item(item) for item in data.get("items") or []))
        case _:
            return Markup("")


def _item(item: object) -> Markup:
    # EditorJS 2.30 wraps an item in an object; before, it was its text.
    text = item.get("content") if isinstance(item, dict) else item
    return Markup("<li>{}</li>").format(_inline(text))


def _inline(text: object) -> Markup:
    cleaned = nh3.clean(str(text or ""), tags=_INLINE, attributes={"a": {"href"}}, url_schemes=_LINK_SCHEMES)
    return Markup(cleaned)  # noqa: S704 - it was cleaned in the line above
