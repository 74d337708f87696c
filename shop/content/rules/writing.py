"""The kinds of block that are text: paragraph, header, list, quote, delimiter, table."""

from typing import Any, Final

from shop.content.rules.inline import clean_inline, plain, text_of
from shop.content.rules.kinds import Data, Kind, Scope, Told, attribute, rows, texts_of

DEEPEST_LIST: Final = 8
_STYLES: Final = ("unordered", "ordered", "checklist")
_ALIGNMENTS: Final = ("left", "center")


def _paragraph(data: Data, _scope: Scope) -> str:
    text = text_of(data, "text")
    return f"<p>{text}</p>" if text.strip() else ""


def _no_text(data: Data) -> Told:
    if not isinstance(data.get("text"), str):
        yield "text", "A text is needed."


def header_level(data: Data) -> int:
    """The level of a header: 2 to 6, since the page's title is its only first-level heading."""
    level = data.get("level")
    return min(max(level, 2), 6) if isinstance(level, int) and not isinstance(level, bool) else 2


def _header(data: Data, scope: Scope) -> str:
    text = text_of(data, "text")
    if not text.strip():
        return ""
    level = header_level(data)
    return f'<h{level} id="{attribute(scope.anchor(plain(text)))}">{text}</h{level}>'


def _header_problems(data: Data) -> Told:
    yield from _no_text(data)
    if data.get("level") != header_level(data):
        yield "level", "The level of a header is 2 to 6; the page's title is the first level."


def list_style(data: Data) -> str:
    """Whether a list is `unordered`, `ordered` or a `checklist`."""
    return str(data["style"]) if data.get("style") in _STYLES else "unordered"


def _list(data: Data, _scope: Scope) -> str:
    style = list_style(data)
    meta = data.get("meta")
    start = meta.get("start") if isinstance(meta, dict) else None
    numbered_from = (
        f' start="{start}"'
        if style == "ordered" and isinstance(start, int) and not isinstance(start, bool) and 1 < start < 10**6
        else ""
    )
    return _items(style, data.get("items"), numbered_from, 1)


def _items(style: str, items: Any, numbered_from: str, depth: int) -> str:
    if depth > DEEPEST_LIST:
        return ""
    parts: list[str] = []
    for item in rows(items):
        if isinstance(item, str):
            parts.append(f"<li>{_mark(style, {})}{clean_inline(item)}</li>")
        elif isinstance(item, dict):
            nested = _items(style, item.get("items"), "", depth + 1)
            parts.append(f"<li>{_mark(style, item)}{text_of(item, 'content')}{nested}</li>")
    if not parts:
        return ""
    tag = "ol" if style == "ordered" else "ul"
    looks = ' class="checklist"' if style == "checklist" else ""
    return f"<{tag}{looks}{numbered_from}>{''.join(parts)}</{tag}>"


def _mark(style: str, item: Data) -> str:
    """The box before an entry of a checklist: a sign with a name, since nobody can tick it on a page."""
    if style != "checklist":
        return ""
    meta = item.get("meta")
    checked = isinstance(meta, dict) and meta.get("checked") is True
    return f'<span role="img" aria-label="{"Done" if checked else "Not done"}">{"☑" if checked else "☐"}</span> '


def _list_texts(data: Data) -> Told:
    yield from _item_texts(data.get("items"), "items", 1)


def _item_texts(items: Any, place: str, depth: int) -> Told:
    if depth > DEEPEST_LIST:
        return
    for at, item in enumerate(rows(items)):
        if isinstance(item, str):
            yield f"{place}[{at}]", item
        elif isinstance(item, dict):
            if isinstance(item.get("content"), str):
                yield f"{place}[{at}].content", item["content"]
            yield from _item_texts(item.get("items"), f"{place}[{at}].items", depth + 1)


def _list_problems(data: Data) -> Told:
    if data.get("style") not in _STYLES:
        yield "style", f"A list is one of {', '.join(_STYLES)}."
    if not rows(data.get("items")):
        yield "items", "A list needs items."
    yield from _item_problems(data.get("items"), "items", 1)


def _item_problems(items: Any, place: str, depth: int) -> Told:
    if rows(items) and depth > DEEPEST_LIST:
        yield place, f"Lists are shown {DEEPEST_LIST} levels deep."
        return
    for at, item in enumerate(rows(items)):
        if isinstance(item, dict) and isinstance(item.get("content"), str):
            yield from _item_problems(item.get("items"), f"{place}[{at}].items", depth + 1)
        elif not isinstance(item, str):
            yield f"{place}[{at}]", "An item is a text, or an object with its text as `content`."


def _quote(data: Data, _scope: Scope) -> str:
    text, caption = text_of(data, "text"), text_of(data, "caption")
    if not text.strip():
        return ""
    caption = f"<figcaption>{caption}</figcaption>" if caption.strip() else ""
    return f'<figure class="quote"><blockquote><p>{text}</p></blockquote>{caption}</figure>'


def _clean_quote(data: Data) -> Data:
    if "alignment" not in data:
        return {}
    return {"alignment": data["alignment"] if data["alignment"] in _ALIGNMENTS else "left"}


def _delimiter(_data: Data, _scope: Scope) -> str:
    return "<hr>"


def _table(data: Data, _scope: Scope) -> str:
    cells = [[clean_inline(cell) if isinstance(cell, str) else "" for cell in rows(row)] for row in _table_rows(data)]
    cells = [row for row in cells if row]
    if not cells:
        return ""
    head = ""
    if data.get("withHeadings") is True:
        first, *cells = cells
        head = "<thead><tr>" + "".join(f'<th scope="col">{cell}</th>' for cell in first) + "</tr></thead>"
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in cells)
    # A wide table scrolls by itself on a phone, and a keyboard can reach it.
    return (
        f'<div class="table" role="region" aria-label="Table" tabindex="0"><table>{head}<tbody>{body}</tbody></table>'
        "</div>"
    )


def _table_rows(data: Data) -> list[Any]:
    return rows(data.get("content"))


def _clean_table(data: Data) -> Data:
    return {"withHeadings": data.get("withHeadings") is True}


def _table_texts(data: Data) -> Told:
    for at, row in enumerate(_table_rows(data)):
        for column, cell in enumerate(rows(row)):
            if isinstance(cell, str):
                yield f"content[{at}][{column}]", cell


def _table_problems(data: Data) -> Told:
    if not _table_rows(data):
        yield "content", "A table needs rows."
    widths = [len(row) if isinstance(row, list) else -1 for row in _table_rows(data)]
    for at, width in enumerate(widths):
        if width < 0:
            yield f"content[{at}]", "A row is a list of texts."
        elif width != widths[0]:
            yield f"content[{at}]", f"The row has {width} cells, the first one {widths[0]}."


KINDS: Final = {
    "paragraph": Kind(_paragraph, texts_of("text"), problems=_no_text),
    "header": Kind(_header, texts_of("text"), problems=_header_problems),
    "list": Kind(_list, _list_texts, lambda data: {"style": list_style(data)}, _list_problems),
    "quote": Kind(_quote, texts_of("text", "caption"), _clean_quote, _no_text),
    "delimiter": Kind(_delimiter),
    "table": Kind(_table, _table_texts, _clean_table, _table_problems),
}
