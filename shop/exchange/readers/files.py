"""Files of articles: HTML, Markdown with what stands at its head, and EditorJS as an export from here writes it.

A folder is read with everything below it, in the order of the names; beside its pages may lie `menus.yaml` and
`comments.jsonl`, as an export writes them.
"""

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import orjson
import yaml

from shop.comments.models import STATUSES
from shop.exchange.drafts import CommentDraft, Form, MenuDraft, MenuEntry, PageDraft, Refused
from shop.exchange.readers.front_matter import addresses_of, fields_of, parted
from shop.exchange.readers.plain_yaml import loaded
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
_MARKS: Final = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_CHARSET: Final = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
# What browsers read such a page as. Source: WHATWG Encoding, 4.2.
_TAKEN_FOR: Final = {"iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252"}
_LINK: Final = re.compile(
    r"""(?:\bhref\s*=\s*["']?|\]\(\s*<?|^\[[^\]\n]+\]:\s*)([^\s"'<>)#?]+)""", re.IGNORECASE | re.MULTILINE
)
# A link to a folder leads to the page of that folder.
_ENDS: Final = ("", "index.html", "index.htm", "index.md")
# Where a page of HTML says how it is written.
_HEAD: Final = 16 * 1024
_LARGEST: Final = 10 * 1024 * 1024
_SOURCE: Final = "files"


class Files:
    """Articles in files, one a page. `form`: what they are, whatever their names end in."""

    def __init__(self, paths: Sequence[Path], *, form: Form | None, page_type: str, publish: bool = False) -> None:
        self._form = form
        self._page_type = page_type
        self._publish = publish
        self._files = [(path, root) for given in paths for path, root in _found(given, form)]
        self._known = {path.resolve(): path for path, _ in self._files}
        self._slugs: dict[Path, str] = {}
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
        form = self._form_of(path)
        text = _decoded(path.read_bytes(), form)
        if text is None:
            return Refused("page", str(path), "is not written in UTF-8, nor in what it says it is")
        if form == "blocks":
            said, body, notes = _stored(text)
            if body is None:
                return Refused("page", str(path), "is no page: an object with its `content` is expected")
        else:
            said, body, notes = parted(text)
            if not body.strip():
                notes = (*notes, "holds no text")
        fields, metadata, unknown = fields_of(said)
        if self._publish:
            fields.setdefault("is_published", True)
        name = _name_of(path)
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
            addresses=addresses_of(said),
            links={} if form == "blocks" else self._links(body, path, root),
            notes=(*notes, *unknown),
            digest=exported if isinstance(exported, str) else None,
            folder=path.parent,
            root=root,
        )

    def _form_of(self, path: Path) -> Form:
        return self._form or FORMS[path.suffix.lower()]

    def _links(self, body: str, path: Path, root: Path) -> dict[str, str]:
        """The links of the text to other files of this import, and the addresses of their pages here."""
        found: dict[str, str] = {}
        for link in dict.fromkeys(unescape(match) for match in _LINK.findall(body)):
            name = unquote(link)
            if ":" in link or link.startswith("//") or "\0" in name:
                continue
            place = root / name.lstrip("/") if name.startswith("/") else path.parent / name
            other = next((file for end in _ENDS if (file := self._known.get((place / end).resolve()))), None)
            if other is not None and (slug := self._slug_of(other)):
                found[link] = f"/pages/{slug}"
        return found

    def _slug_of(self, path: Path) -> str:
        """The slug that a file's page has, by its head or by its name."""
        if path not in self._slugs:
            form = self._form_of(path)
            text = _decoded(path.read_bytes(), form) or ""
            said = _stored(text)[0] if form == "blocks" else parted(text)[0]
            self._slugs[path] = fields_of(said)[0].get("slug") or slugified(_name_of(path))
        return self._slugs[path]


def _name_of(path: Path) -> str:
    """The name of a page's file; a page of a folder of its own has the folder's."""
    return path.parent.name if path.stem.lower() == "index" and path.parent.name else path.stem


def _decoded(content: bytes, form: Form) -> str | None:
    """The text in the encoding that its first bytes or its HTML tell, else in UTF-8; None where it is in neither."""
    marked = next((name for mark, name in _MARKS.items() if content.startswith(mark)), None)
    said = _CHARSET.search(content[:_HEAD]) if form == "html" else None
    told = said[1].decode("ascii", "ignore").lower() if said else "utf-8"
    for name in (marked,) if marked else ("utf-8", _TAKEN_FOR.get(told, told)):
        try:
            return content.decode(name)
        except (UnicodeError, LookupError):
            continue
    return None


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
        said = loaded(path.read_text(encoding="utf-8"))
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
    at = datetime.fromisoformat(said["created_at"])
    key = keys[str(said["id"])] = f"{said['page']} {said['id']} {said['created_at']}"
    return CommentDraft(
        key=key,
        parent=keys.get(str(said.get("parent"))),
        author_name=str(said.get("author_name") or ""),
        body=str(said.get("body") or ""),
        created_at=at if at.tzinfo else at.replace(tzinfo=UTC),
        status=said["status"] if said.get("status") in STATUSES else "PENDING",
        is_staff=said.get("is_staff") is True,
        **{name: str(said.get(name) or "") for name in ("email", "website", "address", "agent")},
    )
