"""HTML of any origin → a small tree of what an article can hold.

nh3 parses it as browsers do, mends it, and takes out what runs; the standard library then only splits what nh3 wrote.
No second parser that could read the same markup differently stands between what is checked and what is stored.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final, TypeAlias

import nh3

BLOCK_TAGS: Final = frozenset(
    "address article aside blockquote caption center dd details dialog dir div dl dt fieldset figcaption"  # noqa: SIM905
    " figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr iframe img legend li main menu nav ol optgroup option p"
    " picture pre search section summary table tbody td tfoot th thead title tr ul video".split()
)
_INLINE_TAGS: Final = frozenset(
    "a abbr b br cite code del dfn em i input ins kbd mark q s samp small span strike strong sub sup tt u var".split()  # noqa: SIM905
)
_HEAD_TAGS: Final = frozenset({"meta", "link"})
_VOID: Final = frozenset({"br", "hr", "img", "input", "meta", "link"})
_ATTRIBUTES: Final = {
    "*": {"class", "id"},
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height", "title"},
    "iframe": {"src", "width", "height", "title"},
    "video": {"src", "width", "height"},
    "input": {"type", "checked"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
    "meta": {"name", "property", "content"},
    "link": {"rel", "href"},
}
_SCHEMES: Final = {"http", "https", "mailto", "tel"}
_DEEPEST: Final = 100
# Pictures that WordPress puts in the place of a character.
_DRAWN_LETTER: Final = frozenset({"emoji", "wp-smiley"})


@dataclass
class Element:
    """A tag with what is inside it."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)

    def classes(self) -> list[str]:
        """The words of its `class`."""
        return self.attributes.get("class", "").split()

    def all(self, *tags: str) -> Iterator["Element"]:
        """The elements of these tags inside it, in order, at any depth."""
        for child in self.children:
            if isinstance(child, Element):
                if child.tag in tags:
                    yield child
                yield from child.all(*tags)

    def first(self, *tags: str) -> "Element | None":
        """The first element of these tags inside it."""
        return next(self.all(*tags), None)

    def has(self, *tags: str) -> bool:
        """Whether there is an element of these tags inside it."""
        return self.first(*tags) is not None

    def text(self) -> str:
        """All text inside it, its white space as one space each."""
        return " ".join("".join(_texts(self)).split())


Node: TypeAlias = Element | str


def parse(html: str) -> Element:
    """The tree of a document or a part of one, under an element without a name; scripts and styles are gone."""
    builder = _Builder()
    builder.feed(
        nh3.clean(
            html,
            tags=set(BLOCK_TAGS | _INLINE_TAGS | _HEAD_TAGS),
            attributes=_ATTRIBUTES,
            generic_attribute_prefixes={"data-"},
            url_schemes=_SCHEMES,
            link_rel=None,
        )
    )
    builder.close()
    return builder.root


def _texts(element: Element) -> Iterator[str]:
    for child in element.children:
        if isinstance(child, str):
            yield child
        else:
            # Words of two lines or cells are two words.
            apart = " " if child.tag in BLOCK_TAGS or child.tag == "br" else ""
            yield apart
            yield from _texts(child)
            yield apart


class _Builder(HTMLParser):
    """Reads what nh3 wrote, in which every tag is closed where it has to be."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        if tag == "img" and not _DRAWN_LETTER.isdisjoint(element.classes()):
            self.handle_data(element.attributes.get("alt", ""))
            return
        is_too_deep = len(self._open) > _DEEPEST
        if not is_too_deep:
            self._open[-1].children.append(element)
        if tag not in _VOID:
            # What is nested deeper than anybody writes keeps its text, in the last element that counts.
            self._open.append(self._open[-1] if is_too_deep else element)

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)
