"""The inside of a line: what HTML writes in many ways, in the one way that blocks keep it."""

import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import Final

from shop.content.formats.tree import BLOCK_TAGS, Element, Node
from shop.content.rules import clean_inline

# EditorJS's own tools write <b> and <i>; what only looks like one of these becomes one.
_SAME: Final = {
    "strong": "b",
    "em": "i",
    "cite": "i",
    "dfn": "i",
    "var": "i",
    "del": "s",
    "strike": "s",
    "ins": "u",
    "kbd": "code",
    "samp": "code",
    "tt": "code",
}
_KEPT: Final = frozenset({"b", "i", "u", "s", "code", "mark", "sub", "sup"})
_SPACE: Final = re.compile(r"[ \t\n\r\f]+")
# Where one line ends and the next begins; never in the result.
_EDGE: Final = "<hr>"
_BREAKS: Final = re.compile(r"(?: *<[bh]r>)+ *")
_OUTER: Final = re.compile(r"\A(?:<br>| )+|(?:<br>| )+\Z")
_TAG: Final = re.compile(r"(<[^>]+>)")
_EMPTY: Final = re.compile(r"<(a|b|i|u|s|code|mark|sub|sup)(?: [^>]*)?>( ?)</\1>")


def inline(nodes: Iterable[Node]) -> str:
    """The nodes as one line of HTML in the form in which blocks store it: again through here, it stays as it is.

    What stands on lines of its own (paragraphs of a table's cell) is parted by `<br>`; pictures are left out.
    """
    html = "".join(_written(nodes, frozenset()))
    return clean_inline(_tidied(html))


def _written(nodes: Iterable[Node], inside: frozenset[str]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield escape(_SPACE.sub(" ", node), quote=False)
        elif node.tag == "br":
            yield "<br>"
        elif node.tag == "pre":
            yield _EDGE
            yield _preformatted(node)
            yield _EDGE
        elif node.tag in {"td", "th", "img"}:
            yield from _written(node.children, inside)
            yield " "
        elif node.tag in BLOCK_TAGS:
            yield _EDGE
            yield from _written(node.children, inside)
            yield _EDGE
        elif node.tag == "q":
            yield "“"
            yield from _written(node.children, inside)
            yield "”"
        else:
            yield from _element(node, inside)


def _element(node: Element, inside: frozenset[str]) -> Iterator[str]:
    tag = _SAME.get(node.tag, node.tag)
    href = node.attributes.get("href", "").strip()
    if tag in inside or not (tag in _KEPT or (tag == "a" and href)):
        yield from _written(node.children, inside)
        return
    title = node.attributes.get("title", "") if tag == "a" else ""
    attributes = f' href="{escape(href)}"' if tag == "a" else ""
    attributes += f' title="{escape(title)}"' if title else ""
    yield f"<{tag}{attributes}>"
    yield from _written(node.children, inside | {tag})
    yield f"</{tag}>"


def _preformatted(node: Element) -> str:
    """Lines and their indentation as they stand, which one line of HTML says by breaks and hard spaces."""
    text = "".join(_raw(node)).expandtabs(4).strip("\n")
    lines = [escape(line.rstrip(), quote=False) for line in text.split("\n")]
    lines = [re.sub(r"^ +| {2,}", lambda spaces: "\xa0" * len(spaces[0]), line) for line in lines]
    return f"<code>{'<br>'.join(lines)}</code>" if text.strip() else ""


def _raw(node: Element) -> Iterator[str]:
    for child in node.children:
        if isinstance(child, str):
            yield child
        elif child.tag == "br":
            yield "\n"
        else:
            yield from _raw(child)


def _tidied(html: str) -> str:
    """White space in one way: one space between words, wherever tags begin and end, none at the ends of a line."""
    parts = _TAG.split(html)
    was_space = True
    for at in range(0, len(parts), 2):
        text = _SPACE.sub(" ", parts[at])
        if was_space:
            text = text.removeprefix(" ")
        if text:
            was_space = text.endswith(" ")
        parts[at] = text
        if at + 1 < len(parts) and parts[at + 1] in {"<br>", _EDGE}:
            was_space = True
    html = _BREAKS.sub(_breaks, "".join(parts))
    while (shorter := _BREAKS.sub(_breaks, _OUTER.sub("", _EMPTY.sub(r"\2", html)))) != html:
        html = shorter
    return html


def _breaks(found: re.Match[str]) -> str:
    """One break between two lines; a second one only where it was written, as between paragraphs."""
    return "<br>" * min(max(found[0].count("<br>"), 1), 2)
