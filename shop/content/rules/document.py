"""Whole documents of EditorJS blocks: sanitised when they are written and again when they are rendered, so that
nothing stored is trusted. A block of an unknown kind is kept as it is, left out of what is shown, and reported.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from shop.content.rules import ours, showing, writing
from shop.content.rules.inline import clean_inline, plain
from shop.content.rules.kinds import NOTHING_RESOLVED, Block, Kind, Resolved, Scope

Content = Mapping[str, Any]

KINDS: Final[Mapping[str, Kind]] = {**writing.KINDS, **showing.KINDS, **ours.KINDS}
_TOO_DEEP: Final = object()
# What is nested deeper than this no editor has made.
_DEEPEST: Final = 24
_KEY: Final = re.compile(r"[\w.:-]{1,64}\Z")
# What a browser takes for a program where an address is asked for: it passes over what it cannot see.
_PROGRAM: Final = re.compile(r"(?:javascript|vbscript):|data:(?!image/(?:png|jpeg|gif|webp|avif)[;,])", re.IGNORECASE)
_UNSEEN: Final = re.compile(r"[\x00-\x20]+")
_WORD: Final = re.compile(r"\w+(?:['\u2019.-]\w+)*")
_WORDS_A_MINUTE: Final = 220


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a document, and where: `blocks[3].data.file.url`."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a document, to which a table of contents links."""

    level: int
    anchor: str
    text: str


def sanitised(content: Content) -> dict[str, Any]:
    """The document as it may be stored: every text in it cleaned, its structure kept; a second time changes nothing.

    A text that no reader sees as one may be an address to whoever shows the block: it is no program either.
    """
    blocks = content.get("blocks")
    cleaned: dict[str, Any] = _disarmed(
        _clean_value({key: value for key, value in content.items() if key != "blocks"}, 0)
    )
    if isinstance(blocks, list):
        cleaned["blocks"] = [_clean_block(block) for block in blocks]
    return cleaned


def _clean_block(block: Any) -> Any:
    cleaned = _clean_value(block, 2)
    lines: frozenset[str] = frozenset()
    if isinstance(cleaned, dict) and isinstance(cleaned.get("data"), dict):
        # By what is stored: the type was a text like any other.
        kind = KINDS.get(str(cleaned.get("type")))
        if kind is not None:
            cleaned["data"] |= kind.clean(block["data"])
            lines = frozenset(f".data.{place}" for place, _ in kind.texts(cleaned["data"]))
    return _disarmed(cleaned, lines)


def _disarmed(value: Any, lines: frozenset[str] = frozenset(), place: str = "") -> Any:
    """The value without programs; `lines` are the places of texts that readers see, which may begin as they like."""
    if isinstance(value, str):
        return "" if place not in lines and _PROGRAM.match(_UNSEEN.sub("", value)) else value
    if isinstance(value, list):
        return [_disarmed(item, lines, f"{place}[{at}]") for at, item in enumerate(value)]
    if isinstance(value, dict):
        return {key: _disarmed(item, lines, f"{place}.{key}") for key, item in value.items()}
    return value


def _clean_value(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return clean_inline(value)
    if isinstance(value, list | dict) and depth > _DEEPEST:
        return _TOO_DEEP
    if isinstance(value, list):
        return [made for item in value if (made := _clean_value(item, depth + 1)) is not _TOO_DEEP]
    if isinstance(value, dict):
        return {
            key: made
            for key, item in value.items()
            if _KEY.match(key) and (made := _clean_value(item, depth + 1)) is not _TOO_DEEP
        }
    return value


def render(content: Content | None, resolved: Resolved = NOTHING_RESOLVED) -> str:
    """The blocks as HTML that is safe to show. Headings carry an `id` made of their text, for links into the page."""
    scope = Scope(resolved)
    return "\n".join(part for _, kind, data in _known(content) if (part := kind.render(data, scope)))


def lowered(content: Content | None, resolved: Resolved = NOTHING_RESOLVED) -> dict[str, Any] | None:
    """The document in standard kinds alone, for renderers that drop what they do not know: with its disclaimers."""
    if content is None:
        return None
    blocks: list[Block] = []
    for block in _blocks(content):
        kind, data = KINDS.get(str(block.get("type"))), block.get("data")
        if kind is None or kind.lower is None:
            blocks.append(block)
        elif isinstance(data, dict):
            made = kind.lower(data, resolved)
            # A block keeps its id: editors and readers' marks refer to it.
            blocks += [{"id": block["id"], **each} if "id" in block and len(made) == 1 else each for each in made]
    return {**content, "blocks": blocks}


def plain_text(content: Content | None) -> str:
    """All text of the blocks, a line each, for search and for descriptions."""
    return "\n".join(line for _, text in texts(content) if (line := plain(text)))


def texts(content: Content | None) -> Iterator[tuple[str, str]]:
    """The lines that a reader sees, with their places, as inline HTML."""
    for at, kind, data in _known(content):
        for place, text in kind.texts(data):
            yield f"blocks[{at}].data.{place}", text


def toc(content: Content | None) -> list[Heading]:
    """The headings in order, with the anchors that `render` gives them."""
    scope = Scope()
    found = [
        (writing.header_level(data), plain(data["text"]))
        for _, kind, data in _known(content)
        if kind is KINDS["header"] and isinstance(data.get("text"), str)
    ]
    return [Heading(level, scope.anchor(text), text) for level, text in found if text]


def reading_time_minutes(content: Content | None) -> int:
    """How long a grown-up reads, in whole minutes; none for an empty document."""
    return math.ceil(len(_WORD.findall(plain_text(content))) / _WORDS_A_MINUTE)


def product_ids(content: Content | None) -> set[str]:
    """The global IDs of the products that its blocks show, which `Resolved` is asked for."""
    found = {kind.product(data) for _, kind, data in _known(content) if kind.product is not None}
    return found - {""}


def unknown_blocks(content: Content | None) -> list[str]:
    """The types of blocks that `render` leaves out, in order."""
    return [str(block.get("type")) for block in _blocks(content) if str(block.get("type")) not in KINDS]


def problems(content: Any) -> list[Problem]:
    """What keeps blocks, or parts of them, from being shown, with their places."""
    if not isinstance(content, Mapping):
        return [Problem("", "The content is an object with `blocks`, as EditorJS saves it.")]
    if not isinstance(content.get("blocks"), list):
        return [Problem("blocks", "The blocks are a list.")]
    found: list[Problem] = []
    for at, block in enumerate(content["blocks"]):
        place = f"blocks[{at}]"
        if not isinstance(block, dict) or not isinstance(block.get("type"), str):
            found.append(Problem(place, "A block is an object with its `type` and its `data`."))
        elif block["type"] not in KINDS:
            found.append(Problem(f"{place}.type", f"Blocks of type {block['type'][:40]!r} are not shown."))
        elif not isinstance(block.get("data"), dict):
            found.append(Problem(f"{place}.data", "The data of a block is an object."))
        else:
            told = KINDS[block["type"]].problems(block["data"])
            found += [Problem(f"{place}.data.{where}", message) for where, message in told]
    return found


def _blocks(content: Content | None) -> list[Block]:
    blocks = content.get("blocks") if content else None
    return [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []


def _known(content: Content | None) -> Iterator[tuple[int, Kind, dict[str, Any]]]:
    """The blocks that can be shown: their places, kinds and data."""
    blocks = content.get("blocks") if content else None
    for at, block in enumerate(blocks if isinstance(blocks, list) else []):
        if isinstance(block, dict):
            kind, data = KINDS.get(str(block.get("type"))), block.get("data")
            if kind is not None and isinstance(data, dict):
                yield at, kind, data
