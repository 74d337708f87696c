"""What an import decides: the fields of a page from what was read, and whether a page here may be written over."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from html import escape, unescape
from typing import Any, Final

import orjson

from shop.content.formats import Converted, Pictures, from_html, from_markdown
from shop.content.formats import markdown_picture_addresses as in_markdown
from shop.content.formats import picture_addresses as in_html
from shop.content.rules import plain, sanitised, unknown_blocks
from shop.content.rules.pages import RESTORED
from shop.content.rules.showing import image_url
from shop.exchange.drafts import PageDraft
from shop.exchange.report import Fate
from shop.kit.slugs import slugified

# What an import writes and an export tells: everything of a page but its content, its kind and when it is shown.
TOLD: Final = ("title", "slug", *(name for name in RESTORED if name not in ("title", "content")))
# Whether and when visitors read a page is decided here, once it is here.
SHOWN: Final = ("is_published", "published_at", "unpublished_at")
_LONGEST: Final = {"title": 250, "seo_title": 70, "seo_description": 300, "author_name": 250}
_EDITED: Final = "was edited here since; --overwrite takes the imported text"
_WRITTEN_HERE: Final = "a page with this slug was written here; --overwrite takes the imported text"


@dataclass(frozen=True, slots=True)
class Ready:
    """A page as it may be written: fields by the names of their columns, content among them, and what to tell of it."""

    draft: PageDraft
    fields: Mapping[str, Any]
    notes: tuple[str, ...]


def digest(page: Mapping[str, Any]) -> str:
    """What a page looks like, in short: two pages that say the same have the same."""
    told = {name: page.get(name) for name in (*TOLD, "content")} | {"metadata": page.get("metadata") or {}}
    return sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def picture_addresses(draft: PageDraft) -> list[str]:
    """The addresses of the pictures that the page shows, as it gives them."""
    if draft.form == "blocks":
        return shown_pictures(orjson.loads(draft.body))
    return in_markdown(draft.body) if draft.form == "markdown" else in_html(draft.body)


def shown_pictures(content: Mapping[str, Any] | None) -> list[str]:
    """The addresses of the pictures in blocks, each once."""
    return list(dict.fromkeys(address for data in _images(content) if (address := image_url(data))))


def _images(content: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The data of image blocks; what is stored may be anything."""
    blocks = content.get("blocks") if content else None
    return [
        block["data"]
        for block in (blocks if isinstance(blocks, list) else [])
        if isinstance(block, dict) and block.get("type") == "image" and isinstance(block.get("data"), dict)
    ]


_HREF: Final = re.compile(r'(<a [^<>]*?href=")([^"#?]+)')


def _linked(value: Any, links: Mapping[str, str]) -> Any:
    """Blocks, or a part of them, whose links lead where `links` says."""
    if isinstance(value, dict):
        return {name: _linked(part, links) for name, part in value.items()}
    if isinstance(value, list):
        return [_linked(part, links) for part in value]
    if isinstance(value, str) and "<a " in value:
        return _HREF.sub(lambda found: found[1] + links.get(unescape(found[2]), found[2]), value)
    return value


def ready(draft: PageDraft, pictures: Pictures) -> Ready:
    """The page with its text as blocks; what is not said of it is taken from the text and from its name."""
    found = _converted(draft, pictures)
    content = _linked(found.content, draft.links) if draft.links else found.content
    notes = [*draft.notes, *found.notes]
    given = {name: value.strip() if isinstance(value, str) else value for name, value in draft.fields.items()}
    fields = {name: value for name, value in given.items() if value not in (None, "")}
    if not fields.get("title"):
        fields["title"] = found.headline or found.title or draft.name
    if found.headline and found.headline == fields["title"]:
        # The page shows its title itself.
        content = {**content, "blocks": content["blocks"][1:]}
    if not fields.get("slug"):
        fields["slug"] = slugified(draft.name) or slugified(fields["title"]) or f"page-{slugified(draft.key)}"
    if found.described.get("description"):
        fields.setdefault("seo_description", found.described["description"])
    for name, longest in _LONGEST.items():
        value = fields.get(name)
        if isinstance(value, str) and len(value) > longest:
            fields[name] = _cut(value, longest)
            notes.append(f"the {name.replace('_', ' ')} was cut to {longest} characters: {value}")
    return Ready(draft, {**fields, "content": content}, tuple(dict.fromkeys(notes)))


def _converted(draft: PageDraft, pictures: Pictures) -> Converted:
    if draft.form == "markdown":
        return from_markdown(draft.body, pictures)
    if draft.form == "html":
        # A post is all article; a file may be a page with everything around it.
        return from_html(draft.body, pictures, main_only=draft.root is not None)
    content = sanitised(orjson.loads(draft.body))
    for data in _images(content):
        if image_url(data) in pictures:
            data["file"] = dict(pictures[image_url(data)])
    unknown = unknown_blocks(content)
    notes = (f"blocks that are not shown: {', '.join(dict.fromkeys(unknown))}",) if unknown else ()
    return Converted(content, notes, "", "", {})


def _cut(text: str, longest: int) -> str:
    """As many whole words as fit, with a sign that some are missing."""
    return f"{text[: longest - 1].rpartition(' ')[0] or text[: longest - 1]}…"


def changes(page: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What of a page here differs from what was read, but for when it is shown."""
    return {
        name: value
        for name, value in wanted.items()
        if name not in SHOWN and _said(name, page.get(name)) != _said(name, value)
    }


def _said(name: str, value: Any) -> Any:
    """A field without what is not read: which version of the editor wrote the blocks, and when."""
    return ((value or {}).get("blocks") or []) if name == "content" else value


def fate_of(
    page: Mapping[str, Any] | None,
    wanted: Mapping[str, Any],
    *,
    known: tuple[str | None, ...],
    is_deleted: bool,
    overwrite: bool,
) -> tuple[Fate, str]:
    """What becomes of a page that was read, and why, where it is skipped.

    `page`: the one here, if there is one; `known`: what it looked like when it was last written or exported;
    `is_deleted`: it was brought in before and is gone.
    """
    if page is None:
        if is_deleted and not overwrite:
            return Fate.SKIPPED, "was deleted here; --overwrite brings it back"
        return Fate.CREATED, ""
    if not changes(page, wanted):
        return Fate.UNCHANGED, ""
    if overwrite or digest(page) in known:
        return Fate.UPDATED, ""
    return Fate.SKIPPED, _EDITED if any(known) else _WRITTEN_HERE


def as_date(value: Any) -> date | None:
    """A date, however YAML read it; None for everything else."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def picture_html(address: str, alt: str) -> str:
    """A picture as HTML, to stand before a text."""
    return f'<figure><img src="{escape(address)}" alt="{escape(alt)}"></figure>' if address else ""


def line(text: str) -> str:
    """A text of another system as one line without tags."""
    return " ".join(plain(text).split())
