"""What readers hand over: pages, comments and menus as another system has them, before anything is decided here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

Form = Literal["html", "markdown", "blocks"]


@dataclass(frozen=True, slots=True)
class CommentDraft:
    """A comment under a page. `parent`: the key of the one it answers; `status`: as `comments.models` names it."""

    key: str
    parent: str | None
    author_name: str
    body: str
    created_at: datetime
    status: str
    email: str = ""
    website: str = ""
    address: str = ""
    agent: str = ""
    is_staff: bool = False


@dataclass(frozen=True, slots=True)
class PageDraft:
    """A page: where it is known as `key`, what it says in which form, and what else is said of it.

    `fields`: columns of a page by their names, `title` and `slug` among them where they are known; what is left out is
    for this shop to decide. `terms`: the categories, tags and the like that a new page has. `addresses`: where it was
    found there; `links`: where its links to pages beside it lead here. `digest`: of the page that was exported from
    here, if this is one. `folder`: where the pictures lie that it names by their paths, and `root`, which these never
    leave.
    """

    key: str
    name: str
    body: str
    form: Form
    page_type: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    comments: tuple[CommentDraft, ...] = ()
    addresses: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    digest: str | None = None
    folder: Path | None = None
    root: Path | None = None


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A link of a menu; at most one of the targets. `page` is a slug here, or a key of the source with `is_key`."""

    name: str
    url: str | None = None
    category: str | None = None
    collection: str | None = None
    page: str | None = None
    is_key: bool = False
    items: tuple["MenuEntry", ...] = ()


@dataclass(frozen=True, slots=True)
class MenuDraft:
    """A menu with its entries."""

    key: str
    slug: str
    name: str
    items: tuple[MenuEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that a reader cannot hand over, and why."""

    kind: str
    name: str
    reason: str


class Source(Protocol):
    """Another system, read from its beginning each time: pages first, then menus.

    `name` is what its keys belong to. `total` and `done` are of the same unit, for a progress bar.
    """

    @property
    def name(self) -> str:
        """What the keys belong to."""
        ...

    @property
    def total(self) -> int:
        """How much there is to read."""
        ...

    @property
    def done(self) -> int:
        """How much of it was read."""
        ...

    def pages(self) -> Iterator[PageDraft | Refused]:
        """The pages, one after the other."""
        ...

    def menus(self) -> Iterator[MenuDraft | Refused]:
        """The menus, once the pages were read."""
        ...
