"""What comes of reading an article: its blocks, what it says of itself, and what could not be kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

# What an image block says of the file of a picture: `{"url": …, "width": …, "height": …}`, by the address it had.
Pictures = Mapping[str, Mapping[str, Any]]
NO_PICTURES: Final[Pictures] = {}

# The version that clients of the API know; lists without inner lists hold plain strings in it.
EDITORJS_VERSION: Final = "2.24.3"


@dataclass(frozen=True, slots=True)
class Converted:
    """An article as blocks, sanitised as they are stored.

    `notes`: what was left out or became something else, for the person who imports it.
    `title`: the document's own `<title>`; `headline`: the text of its first block where that is a first-level heading.
    `described`: the `content` of its `<meta>` tags by their names, such as `description`.
    """

    content: dict[str, Any]
    notes: tuple[str, ...]
    title: str
    headline: str
    described: Mapping[str, str]
