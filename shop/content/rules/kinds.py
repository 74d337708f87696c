"""What a kind of block is: how it is stored, shown, lowered and checked. The kinds themselves live beside this file."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final

Data = dict[str, Any]
Block = dict[str, Any]
# A place inside a block's data, and what is wrong there or what is written there.
Told = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True, order=True)
class Card:
    """What a block shows of a product. The block stores the product's ID alone: its name and picture are read anew."""

    name: str
    # Where a click leads.
    href: str
    description: str = ""
    picture: str = ""


# By the ID that a block stores; a product that the reader cannot see is missing, and its block is left out.
Resolved = Mapping[str, Card]
NOTHING_RESOLVED: Final[Resolved] = {}


@dataclass(slots=True)
class Scope:
    """What blocks of one document share while they are rendered."""

    resolved: Resolved = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    references: int = 0

    def anchor(self, text: str) -> str:
        """An `id` made of a heading's text, of its own within the document."""
        words = "".join(letter if letter.isalnum() else " " for letter in text.lower()).split()
        base = "-".join(words)[:80].strip("-") or "section"
        self.seen[base] = self.seen.get(base, 0) + 1
        return base if self.seen[base] == 1 else f"{base}-{self.seen[base]}"

    def reference(self) -> str:
        """The `id` of the next work that is cited: `ref-1`, to which a text can link."""
        self.references += 1
        return f"ref-{self.references}"


def _as_it_is(_data: Data) -> Data:
    return {}


def _silent(_data: Data) -> Told:
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of block.

    `render`: as safe HTML, whatever the data is; empty where there is nothing to show.
    `texts`: the lines that a reader sees, by their places.
    `clean`: the parts of the data that this kind knows, as they may be stored; every other text is cleaned as a line.
    `problems`: what keeps the block, or a part of it, from being shown.
    `lower`: the block in the standard kinds that every EditorJS renderer knows; None for one that is standard itself.
    `product`: the ID of the product that it shows.
    """

    render: Callable[[Data, Scope], str]
    texts: Callable[[Data], Told] = _silent
    clean: Callable[[Data], Data] = _as_it_is
    problems: Callable[[Data], Told] = _silent
    lower: Callable[[Data, Resolved], list[Block]] | None = None
    product: Callable[[Data], str] | None = None


def attribute(text: str) -> str:
    """The text as the value of an HTML attribute in double quotes."""
    return escape(text, quote=True)


def texts_of(*names: str) -> Callable[[Data], Told]:
    """The texts that a kind holds directly in its data."""
    return lambda data: [(name, data[name]) for name in names if isinstance(data.get(name), str)]


def rows(value: Any) -> list[Any]:
    """The value where it is a list, else nothing: what is stored may be anything."""
    return value if isinstance(value, list) else []
