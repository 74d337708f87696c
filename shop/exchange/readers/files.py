"""Files of articles: HTML, Markdown with what stands at its head, and EditorJS as an export from here writes it.

A folder is read with everything below it, in the order of the names; beside its pages may lie `menus.yaml` and
`comments.jsonl`, as an export writes them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson
import yaml

from shop.comments.models import STATUSES
from shop.exchange.drafts import CommentDraft, Form, MenuDraft, MenuEntry, PageDraft, Refused
from shop.exchange.readers.front_matter import fields_of, parted
from shop.kit.slugs import slugified

FORMS: Final[Mapping[str, Form]] = {
    ".html": "html",
    ".htm": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".json": "blocks",
}
MENUS: Final = "menus.yaml"
COMMENTS: Final = "comments.jsonl"
MEDIA: Final = "media.json"
_LARGEST: Final = 10 * 1024 * 1024
_SOURCE: Final = "files"


class Files:
    """Articles in files, one a page. `form`: what they are, whatever their names end in."""

    def __init__(self, paths: Sequence[Path], *, form: Form | None, page_type: str, publish: bool = False) -> None:
        self._form = form
        self._page_type = page_type
        self._publish = publish
        self._files = [(path, root) for given in paths for path, root in _found(given, form)]
        self._roots = [path for path in paths if path.is_dir()]
        self._done = 0

    @property
    def name(self) -> str:
        """All files are of one source: a page is known by its slug."""
        return _SOURCE

    @property
    def total(self) -> int:
        """How many files there are."""
        return len(self._files)

    @property
    def done(self) -> int:
        """How many were read."""
        return self._done

    def pages(self) -> Iterator[PageDraft | Refused]:
        """The pages; a slug that two files claim is the first one's."""
        self._done = 0
        comments, refused = _comments(self._roots)
        yield from refused
        seen: dict[str, Path] = {}
        for path, root in self._files:
            page = self._page(path, root)
            self._done += 1
            if isinstance(page, PageDraft) and page.key in seen:
                page = Refused("page", str(path), f"{seen[page.key]} has the slug {page.key} already")
            if isinstance(page, PageDraft):
                seen[page.key] = path
                page = replace(page, comments=tuple(comments.get(page.key, ())))
            yield page

    def menus(self) -> Iterator[MenuDraft | Refused]:
        """The menus of the folders."""
        for root in self._roots:
            path = root / MENUS
            if path.is_file():
                yield from _menus(path)

    def _page(self, path: Path, root: Path) -> PageDraft | Refused:
        if path.stat().st_size > _LARGEST:
            return Refused("page", str(path), f"is larger than {_LARGEST // 1024**2} MB")
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            return Refused("page", str(path), "is not written in UTF-8")
        form = self._form or FORMS[path.suffix.lower()]
        if form == "blocks":
            said, body, notes = _stored(text)
            if body is None:
                return Refused("page", str(path), "is no page: an object with its `content` is expected")
        else:
            said, body, notes = parted(text)
        fields, metadata, unknown = fields_of(said)
        if self._publish:
            fields.setdefault("is_published", True)
        # A page of a folder of its own has the folder's name.
        name = path.parent.name if path.stem.lower() == "index" and path.parent.name else path.stem
        fields["slug"] = fields.get("slug") or slugified(name)
        page_type = said.get("type", said.get("layout"))
        exported = said.get("exported")
        return PageDraft(
            key=fields["slug"] or str(path),
            name=name,
            body=body,
            form=form,
            page_type=slugified(page_type) if isinstance(page_type, str) else self._page_type,
            fields=fields,
            metadata=metadata,
            notes=(*notes, *unknown),
            digest=exported if isinstance(exported, str) else None,
            folder=path.parent,
            root=root,
        )


def _found(given: Path, form: Form | None) -> Iterable[tuple[Path, Path]]:
    if not given.is_dir():
        return [(given, given.parent)]
    ours = {suffix for suffix, kind in FORMS.items() if form in (None, kind)}
    return [
        (path, given)
        for path in sorted(given.rglob("*"))
        if path.suffix.lower() in ours and path != given / MEDIA and path.is_file()
    ]


def _stored(text: str) -> tuple[Mapping[str, Any], str | None, tuple[str, ...]]:
    try:
        page = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}, None, ()
    if not isinstance(page, dict):
        return {}, None, ()
    content = page.pop("content", page if isinstance(page.get("blocks"), list) else None)
    said = {} if content is page else page
    if content is None and said.get("slug"):
        content = {"blocks": []}
    is_document = isinstance(content, dict) and isinstance(content.get("blocks"), list)
    return said, orjson.dumps(content).decode() if is_document else None, ()


def _menus(path: Path) -> Iterator[MenuDraft | Refused]:
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        yield Refused("menu", str(path), "is not YAML")
        return
    menus = said.get("menus") if isinstance(said, dict) else None
    for menu in menus if isinstance(menus, list) else []:
        if isinstance(menu, dict) and isinstance(menu.get("slug"), str):
            name = str(menu.get("name") or menu["slug"])
            yield MenuDraft(menu["slug"], menu["slug"], name, _entries(menu.get("items")))


def _entries(items: Any) -> tuple[MenuEntry, ...]:
    return tuple(
        MenuEntry(
            name=str(item.get("name") or ""),
            url=_text(item.get("url")),
            category=_text(item.get("category")),
            collection=_text(item.get("collection")),
            page=_text(item.get("page")),
            items=_entries(item.get("items")),
        )
        for item in (items if isinstance(items, list) else [])
        if isinstance(item, dict)
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _comments(roots: Iterable[Path]) -> tuple[dict[str, list[CommentDraft]], list[Refused]]:
    """The comments of the folders by the slugs of their pages, and the lines that are none."""
    found: dict[str, list[CommentDraft]] = {}
    refused: list[Refused] = []
    for path in (root / COMMENTS for root in roots):
        if path.is_file():
            keys: dict[str, str] = {}
            with path.open("rb") as lines:
                for number, text in enumerate(lines, 1):
                    try:
                        said = orjson.loads(text)
                        found.setdefault(str(said["page"]), []).append(_comment(said, keys))
                    except (ValueError, KeyError, TypeError):
                        refused.append(Refused("comment", f"{path}:{number}", "is no comment as an export writes it"))
    return found, refused


def _comment(said: Mapping[str, Any], keys: dict[str, str]) -> CommentDraft:
    """The comment; its key tells it from one of another shop with the same number."""
    key = keys[str(said["id"])] = f"{said['page']} {said['id']} {said['created_at']}"
    return CommentDraft(
        key=key,
        parent=keys.get(str(said.get("parent"))),
        author_name=str(said.get("author_name") or ""),
        body=str(said.get("body") or ""),
        created_at=datetime.fromisoformat(said["created_at"]),
        status=said["status"] if said.get("status") in STATUSES else "PENDING",
        is_staff=said.get("is_staff") is True,
        **{name: str(said.get(name) or "") for name in ("email", "website", "address", "agent")},
    )
