"""XML read as a stream: the children of `<channel>`, one after the other, and nothing kept of those before.

A document type is refused, and with it every entity: bombs and foreign files come in by no other door.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final
from xml.parsers import expat

from shop.exchange.errors import UnreadableSource

_CHUNK: Final = 256 * 1024
# No post is as long as this; what is longer is left out of its element, which says so.
_LONGEST_TEXT: Final = 10 * 1024 * 1024
_DEEPEST: Final = 40
_PREFIXES: Final = {
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
}
# Signs that XML forbids, and that old posts hold all the same.
_FORBIDDEN: Final = bytes(code for code in range(32) if code not in b"\t\n\r")


@dataclass
class Part:
    """An element with its text and its children: `wp:post_id`, with the prefixes that WordPress uses."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Part"] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    length: int = 0

    @property
    def is_cut(self) -> bool:
        """Whether it, or something in it, was longer than any text is."""
        return self.length > _LONGEST_TEXT or any(child.is_cut for child in self.children)

    def text(self, name: str = "") -> str:
        """Its text, or that of its first child of the name; empty where there is none."""
        if not name:
            return "".join(self.texts).strip()
        return next((child.text() for child in self.children if child.name == name), "")

    def all(self, name: str) -> Iterator["Part"]:
        """Its children of the name."""
        return (child for child in self.children if child.name == name)


def parts(file: BinaryIO, read: Callable[[int], None] = lambda _: None) -> Iterator[Part]:
    """The children of `<channel>` in order; `read` hears of the bytes. Raises: UnreadableSource."""
    reader = _Reader()
    while True:
        chunk = file.read(_CHUNK)
        reader.feed(chunk, is_last=not chunk)
        read(len(chunk))
        while reader.found:
            yield reader.found.popleft()
        if not chunk:
            return


class _Reader:
    def __init__(self) -> None:
        self.found: deque[Part] = deque()
        self._open: list[Part] = []
        self._is_rss = False
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        self._parser = parser

    def feed(self, chunk: bytes, *, is_last: bool) -> None:
        try:
            self._parser.Parse(chunk.translate(None, _FORBIDDEN), is_last)
        except expat.ExpatError as error:
            raise UnreadableSource(
                f"This is no WordPress export, or a damaged one: {expat.ErrorString(error.code)}, line {error.lineno}."
            ) from error

    @staticmethod
    def _refuse(*_: object) -> None:
        raise UnreadableSource("The file declares a document type or entities, which no WordPress export does.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._open and name != "rss":
            raise UnreadableSource(f"This is no WordPress export: it begins with <{_short(name)}>.")
        if len(self._open) >= _DEEPEST:
            raise UnreadableSource("The elements of the file are nested deeper than a WordPress export's.")
        self._open.append(Part(_short(name), attributes))

    def _end(self, _name: str) -> None:
        part = self._open.pop()
        # Below <rss> and <channel>.
        if len(self._open) == 2:
            self.found.append(part)
        elif len(self._open) > 2:
            self._open[-1].children.append(part)

    def _text(self, text: str) -> None:
        part = self._open[-1]
        part.length += len(text)
        if len(self._open) > 2 and part.length <= _LONGEST_TEXT:
            part.texts.append(text)


def _short(name: str) -> str:
    space, _, local = name.rpartition(" ")
    if not space:
        return local
    # The version of the format is part of its namespace.
    prefix = _PREFIXES.get(space) or ("excerpt" if "/excerpt/" in space else "wp")
    return f"{prefix}:{local}"
