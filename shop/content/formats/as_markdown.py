"""Blocks → Markdown that people like to read, and that `from_markdown` reads back as the same blocks.

What would not come back the same is written as a fence with the block as JSON: nothing is ever lost.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from html import unescape
from typing import Any, Final

import orjson

from shop.content.formats.markdown import FENCE, from_markdown
from shop.content.formats.tree import Element, Node, parse
from shop.content.rules import Content, render
from shop.content.rules.showing import image_url
from shop.content.rules.writing import list_style

Data = dict[str, Any]

_SPECIAL: Final = re.compile(r"[\\`*\[\]<]|&(?=#?\w+;)|~(?=~)|(?<!\w)_|_(?!\w)|(?<=~)~")
_LINE_START: Final = re.compile(r"\A(\d{1,9})([.)])|\A([-+#>=~])|\A(\| )")
_SIGNS: Final = {"b": "**", "strong": "**", "i": "*", "em": "*", "s": "~~"}
_SAFE_LINK: Final = re.compile(r"[^\s<>()\\]+\Z")
_QUIET: Final[tuple[Any, ...]] = ("", [], {}, None, False, "left")


def to_markdown(content: Content | None) -> str:
    """The article as Markdown, a blank line between its blocks; `from_markdown` gives the same blocks.

    Ids of blocks are not kept, and `<strong>` and `<em>` come back as EditorJS writes them: `<b>` and `<i>`.
    """
    blocks = content.get("blocks") if content else None
    parts: list[str] = []
    known = [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    lists = 0
    for block in known:
        # Two lists side by side are told apart by their signs.
        lists = lists + 1 if block.get("type") == "list" else 0
        parts.append(_written(block, is_second=lists % 2 == 0))
    text = "\n\n".join(parts) + "\n" if parts else ""
    if _same(_blocks_of(text), known):
        return text
    return "\n\n".join(map(_fence, known)) + "\n"


def _written(block: Mapping[str, Any], *, is_second: bool) -> str:
    data = block.get("data")
    writer = _WRITERS.get(str(block.get("type")))
    if isinstance(data, dict):
        for write in (_pretty, _tagged):
            made = writer(data, write, is_second) if writer else ""
            if made and _same(_blocks_of(made), [block]):
                return made
        # As HTML, which Markdown may hold, in one line: an empty one would end it.
        made = " ".join(render({"blocks": [block]}).split())
        if made and _same(_blocks_of(made), [block]):
            return made
    return _fence(block)


def _fence(block: Mapping[str, Any]) -> str:
    return f"```{FENCE}\n{orjson.dumps(block).decode()}\n```"


def _blocks_of(text: str) -> list[Any]:
    blocks: list[Any] = from_markdown(text).content["blocks"]
    return blocks


def _same(these: Iterable[Any], those: Iterable[Any]) -> bool:
    return [_normal(block) for block in these] == [_normal(block) for block in those]


def _normal(value: Any) -> Any:
    """The block without the ways to say the same differently: empty values, plain items of lists, `<strong>`."""
    if isinstance(value, str):
        return re.sub(r"<(/?)em>", r"<\1i>", re.sub(r"<(/?)strong>", r"<\1b>", value))
    if isinstance(value, list):
        return [_normal(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("type") == "list" and isinstance(value.get("data"), dict):
        data = value["data"]
        return {"list": list_style(data), "items": _normal_items(data.get("items")), "meta": data.get("meta") or None}
    made = {key: _normal(item) for key, item in value.items() if key != "id"}
    return {key: item for key, item in made.items() if item not in _QUIET}


def _normal_items(items: Any) -> Any:
    if not isinstance(items, list):
        return items
    return [
        {**_normal(item), "items": _normal_items(item.get("items") or [])}
        if isinstance(item, dict)
        else {"content": _normal(item), "items": []}
        for item in items
    ]


# How a text becomes Markdown: with its signs, or with HTML's tags where the signs would be misread.
Write = Callable[[str], str]


def _pretty(html: str) -> str:
    return _line(_inline(parse(html).children, signs=True))


def _tagged(html: str) -> str:
    return _line(_inline(parse(html).children, signs=False))


def _line(text: str) -> str:
    """A line that begins no heading, quotation or list."""
    return _LINE_START.sub(lambda found: f"{found[1]}\\{found[2]}" if found[1] else f"\\{found[0]}", text)


def _inline(nodes: list[Node], *, signs: bool) -> str:
    made = ""
    for at, node in enumerate(nodes):
        if isinstance(node, str):
            made += _SPECIAL.sub(lambda found: f"\\{found[0]}", node).replace("\xa0", "&nbsp;")
            continue
        following = nodes[at + 1] if at + 1 < len(nodes) else ""
        after = following[:1] if isinstance(following, str) else " " if following.tag == "br" else "x"
        made += _element(node, made[-1:], after, signs=signs)
    return made


def _element(node: Element, before: str, after: str, *, signs: bool) -> str:
    if node.tag == "br":
        return "<br>"
    inner = _inline(node.children, signs=signs)
    stands_alone = not before.isalnum() and not after.isalnum() and inner == inner.strip() and inner != ""
    if signs and node.tag in _SIGNS and stands_alone:
        sign = _SIGNS[node.tag]
        return f"{sign}{inner}{sign}"
    if signs and node.tag == "code" and all(isinstance(child, str) for child in node.children):
        text = node.text()
        if "`" not in text:
            return f"`{text}`"
    if signs and node.tag == "a" and _SAFE_LINK.match(node.attributes.get("href", "")):
        title = node.attributes.get("title", "")
        words = ' "' + title.replace("\\", "\\\\").replace('"', '\\"') + '"' if title else ""
        return f"[{inner}]({node.attributes['href']}{words})"
    attributes = "".join(
        f' {name}="{value.replace("&", "&amp;").replace(chr(34), "&quot;")}"'
        for name, value in node.attributes.items()
        if name in {"href", "title"}
    )
    return f"<{node.tag}{attributes}>{inner}</{node.tag}>"


def _text(data: Data, name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _paragraph(data: Data, write: Write, is_second: bool) -> str:
    return write(_text(data, "text"))


def _header(data: Data, write: Write, is_second: bool) -> str:
    level = data.get("level")
    return (
        "#" * (level if isinstance(level, int) else 2) + " " + re.sub(r"#+\Z", r"\\\g<0>", write(_text(data, "text")))
    )


def _list(data: Data, write: Write, is_second: bool) -> str:
    style = list_style(data)
    meta = data.get("meta")
    start = meta.get("start") if isinstance(meta, dict) else None
    sign = (")" if is_second else ".") if style == "ordered" else ("*" if is_second else "-")
    lines = _items(data.get("items"), style, sign, start if isinstance(start, int) else 1, write)
    return "\n".join(lines)


def _items(items: Any, style: str, sign: str, start: int, write: Write) -> list[str]:
    lines: list[str] = []
    for number, item in enumerate(items if isinstance(items, list) else [], start):
        entry = item if isinstance(item, dict) else {"content": item}
        marker = f"{number}{sign} " if style == "ordered" else f"{sign} "
        meta = entry.get("meta")
        checked = isinstance(meta, dict) and meta.get("checked") is True
        box = ("[x] " if checked else "[ ] ") if style == "checklist" else ""
        lines.append(f"{marker}{box}{write(_text(entry, 'content'))}")
        lines += [" " * len(marker) + line for line in _items(entry.get("items"), style, sign, 1, write)]
    return lines


def _quote(data: Data, write: Write, is_second: bool) -> str:
    paragraphs = [write(part) for part in _text(data, "text").split("<br><br>")]
    caption = _text(data, "caption")
    if caption:
        paragraphs.append(f"<cite>{write(caption)}</cite>")
    return "\n>\n".join(f"> {paragraph}" for paragraph in paragraphs)


def _delimiter(data: Data, write: Write, is_second: bool) -> str:
    return "---"


def _image(data: Data, write: Write, is_second: bool) -> str:
    url = image_url(data)
    words = _SPECIAL.sub(lambda found: f"\\{found[0]}", unescape(_text(data, "alt")))
    return f"![{words}]({url})" if _SAFE_LINK.match(url) else ""


def _embed(data: Data, write: Write, is_second: bool) -> str:
    return _text(data, "source")


def _table(data: Data, write: Write, is_second: bool) -> str:
    rows = data.get("content")
    if not isinstance(rows, list) or not rows or data.get("withHeadings") is not True:
        return ""
    lines = [
        "| " + " | ".join(write(cell).replace("|", "\\|") for cell in row if isinstance(cell, str)) + " |"
        for row in rows
        if isinstance(row, list)
    ]
    return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]])


_WRITERS: Final[Mapping[str, Callable[[Data, Write, bool], str]]] = {
    "paragraph": _paragraph,
    "header": _header,
    "list": _list,
    "quote": _quote,
    "delimiter": _delimiter,
    "image": _image,
    "embed": _embed,
    "table": _table,
}
