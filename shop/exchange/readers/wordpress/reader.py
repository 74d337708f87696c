"""An export of WordPress, read twice: once for what its parts know of each other, once for the posts themselves."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape, unescape
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import unquote, urljoin, urlsplit

from shop.content.rules import former_address
from shop.exchange.drafts import CommentDraft, MenuDraft, MenuEntry, PageDraft, Refused
from shop.exchange.errors import UnreadableSource
from shop.exchange.readers.wordpress.texts import html_of
from shop.exchange.readers.wordpress.xml import Part, parts
from shop.exchange.rules import line, picture_html
from shop.kit.slugs import free_slug, slugified

_TYPES: Final = ("post", "page")
_HREF: Final = re.compile(r"""(\bhref\s*=\s*["'])([^"'#]+)""", re.IGNORECASE)
_PICTURE: Final = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg)\Z", re.IGNORECASE)
_LONGEST_TERM: Final = 200
_OLD_SLUG: Final = "_wp_old_slug"
_STATUSES: Final = {"1": "APPROVED", "approve": "APPROVED", "approved": "APPROVED", "0": "PENDING", "hold": "PENDING"}
_UNPUBLISHED: Final = ("draft", "pending", "private")
# What WordPress keeps in posts for itself.
_OWN_TYPES: Final = frozenset(
    "attachment nav_menu_item revision custom_css customize_changeset oembed_cache user_request wp_block wp_template"  # noqa: SIM905
    " wp_template_part wp_global_styles wp_navigation wp_font_family wp_font_face".split()
)
_SEO_TITLES: Final = ("_yoast_wpseo_title", "rank_math_title", "_aioseo_title")
_SEO_TEXTS: Final = ("_yoast_wpseo_metadesc", "rank_math_description", "_aioseo_description")


@dataclass
class _Index:
    """What of the export is needed to read any of its posts: small, whatever they hold."""

    site: str = ""
    # The names that it is asked for by, without www.
    hosts: set[str] = field(default_factory=set)
    authors: dict[str, str] = field(default_factory=dict)
    author_ids: set[str] = field(default_factory=set)
    attachments: dict[str, str] = field(default_factory=dict)
    alternatives: dict[str, str] = field(default_factory=dict)
    reused: dict[str, str] = field(default_factory=dict)
    # By the id of a post: its slug here; and by its former address, the same.
    slugs: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    menus: dict[str, str] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)
    others: dict[str, int] = field(default_factory=dict)


def is_export(path: Path) -> bool:
    """Whether the file begins as WordPress's exports do, and no other XML."""
    with path.open("rb") as file:
        return b"wordpress.org/export/" in file.read(4096)


class WordPress:
    """The export in a file. Constant memory, but for the addresses and slugs of its posts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size = path.stat().st_size
        self._done = 0
        self._index: _Index | None = None

    @property
    def name(self) -> str:
        """The address of the site: ids of posts belong to it."""
        return self._indexed().site

    @property
    def total(self) -> int:
        """Bytes, for both times that the file is read."""
        return 2 * self._size

    @property
    def done(self) -> int:
        """Bytes that were read."""
        return self._done

    def pages(self) -> Iterator[PageDraft | Refused]:
        """Posts and pages, in the order of the file, and what else stands there but cannot be brought in."""
        index = self._indexed()
        for kind, number in index.others.items():
            yield Refused("post", f"{number} of type {kind}", "only posts, pages and menus are brought in")
        self._done = self._size
        with self._path.open("rb") as file:
            for part in parts(file, self._read):
                if part.name == "item" and part.text("wp:post_type") in _TYPES:
                    yield _page(part, index)

    def menus(self) -> Iterator[MenuDraft | Refused]:
        """The menus, whose entries lie between the posts."""
        index = self._indexed()
        for slug, name in index.menus.items():
            entries = [entry for entry in index.entries if entry["menu"] == slug]
            yield MenuDraft(slug, slugified(slug) or "menu", name, _tree(entries, "0", 0))

    def _read(self, number: int) -> None:
        self._done += number

    def _indexed(self) -> _Index:
        if self._index is None:
            self._done = 0
            with self._path.open("rb") as file:
                self._index = _indexed(file, self._path, self._read)
        return self._index


def _indexed(file: BinaryIO, path: Path, read: Any) -> _Index:
    index = _Index()
    is_export = False
    taken: set[str] = set()
    for part in parts(file, read):
        if part.name == "wp:wxr_version":
            is_export = True
        elif part.name in {"wp:base_blog_url", "link"} and (part.name != "link" or not index.site):
            index.site = part.text().rstrip("/") or index.site
        elif part.name == "wp:author":
            index.authors[part.text("wp:author_login")] = line(part.text("wp:author_display_name"))
            index.author_ids.add(part.text("wp:author_id"))
        elif part.name == "item":
            _index_item(index, part, taken)
    if not is_export:
        raise UnreadableSource(f"{path} is an RSS feed, but no WordPress export: Tools > Export makes one.")
    index.hosts |= {_host(index.site)} - {""}
    index.site = index.site or path.name
    return index


def _index_item(index: _Index, part: Part, taken: set[str]) -> None:
    key, kind = part.text("wp:post_id"), part.text("wp:post_type")
    if kind in _TYPES:
        base = slugified(unquote(part.text("wp:post_name"))) or slugified(line(part.text("title"))) or f"post-{key}"
        slug = free_slug(base, taken)
        taken.add(slug)
        index.slugs[key] = slug
        index.hosts |= {_host(part.text("link"))} - {""}
        index.addresses |= dict.fromkeys(_addresses(part), slug)
    elif kind == "attachment":
        index.attachments[key] = part.text("wp:attachment_url")
        index.alternatives[key] = _meta(part).get("_wp_attachment_image_alt", "")
    elif kind == "wp_block":
        index.reused[key] = part.text("content:encoded")
    elif kind == "nav_menu_item":
        _index_entry(index, part, key)
    elif kind not in _OWN_TYPES:
        index.others[kind or "no type"] = index.others.get(kind or "no type", 0) + 1


def _index_entry(index: _Index, part: Part, key: str) -> None:
    meta = _meta(part)
    for menu in part.all("category"):
        if menu.attributes.get("domain") == "nav_menu":
            slug = menu.attributes.get("nicename", "menu")
            index.menus[slug] = line(menu.text()) or slug
            index.entries.append(
                {
                    "menu": slug,
                    "key": key,
                    "parent": meta.get("_menu_item_menu_item_parent") or "0",
                    "order": int(part.text("wp:menu_order") or 0) if part.text("wp:menu_order").isdigit() else 0,
                    "entry": _entry(part, meta, index),
                }
            )


def _entry(part: Part, meta: dict[str, str], index: _Index) -> MenuEntry:
    name, target = line(part.text("title")), meta.get("_menu_item_object_id", "")
    kind = meta.get("_menu_item_type")
    if kind == "post_type":
        return MenuEntry(name, page=target, is_key=True)
    if kind == "taxonomy":
        return MenuEntry(name or target, category=f"{meta.get('_menu_item_object', 'category')} {target} of WordPress")
    url = meta.get("_menu_item_url", "")
    return MenuEntry(name, url="/" if url.rstrip("/") == index.site else url or None)


def _tree(entries: list[dict[str, Any]], parent: str, depth: int) -> tuple[MenuEntry, ...]:
    keys = {entry["key"] for entry in entries}
    mine = [
        entry
        for entry in entries
        if (entry["parent"] if entry["parent"] in keys and entry["parent"] != entry["key"] else "0") == parent
    ]
    found = sorted(mine, key=lambda entry: entry["order"])
    if depth > 20:
        return ()
    return tuple(MenuEntry(**_values(entry["entry"]), items=_tree(entries, entry["key"], depth + 1)) for entry in found)


def _values(entry: MenuEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in ("name", "url", "category", "collection", "page", "is_key")}


def _page(part: Part, index: _Index) -> PageDraft | Refused:
    key = part.text("wp:post_id")
    title = line(part.text("title"))
    name = title or index.slugs[key]
    status = part.text("wp:status")
    if status not in {"publish", "future", *_UNPUBLISHED}:
        return Refused("page", name, f"is {status or 'of no status'} in WordPress")
    if part.is_cut:
        return Refused("page", name, "is longer than any article")
    notes: list[str] = []
    meta = _meta(part)
    html = html_of(part.text("content:encoded"), index.attachments, index.reused, notes)
    html = _HREF.sub(lambda found: found[1] + escape(_moved(unescape(found[2]), index, notes)), html)
    picture = index.attachments.get(meta.get("_thumbnail_id", ""), "")
    if picture and picture not in html:
        html = picture_html(picture, index.alternatives.get(meta["_thumbnail_id"], "")) + html
    has_password = bool(part.text("wp:post_password"))
    if has_password:
        notes.append("was protected by a password in WordPress, and is a draft here")
    if status == "private":
        notes.append("was private in WordPress, and is a draft here")
    fields: dict[str, Any] = {
        "title": name,
        "slug": index.slugs[key],
        "author_name": index.authors.get(part.text("dc:creator"), ""),
        "seo_title": next((meta[each] for each in _SEO_TITLES if meta.get(each) and "%" not in meta[each]), ""),
        "seo_description": next((meta[each] for each in _SEO_TEXTS if meta.get(each) and "%" not in meta[each]), "")
        or line(part.text("excerpt:encoded")),
        "is_published": status in {"publish", "future"} and not has_password,
    }
    if (published_at := _time(part, "post_date")) is not None and status in {"publish", "future"}:
        fields["published_at"] = published_at
    return PageDraft(
        key=key,
        name=name,
        body=html,
        form="html",
        page_type=part.text("wp:post_type"),
        fields=fields,
        metadata=_metadata(part),
        terms=_terms(part),
        comments=tuple(_comments(part, index.author_ids, notes)),
        addresses=_addresses(part),
        notes=tuple(dict.fromkeys(notes)),
    )


def _terms(part: Part) -> dict[str, tuple[str, ...]]:
    terms: dict[str, list[str]] = {}
    for term in part.all("category"):
        domain = term.attributes.get("domain", "category")
        kind = {"category": "categories", "post_tag": "tags"}.get(domain, domain)
        if (name := line(term.text())) and slugified(kind) and domain != "post_format":
            terms.setdefault(kind, []).append(name[:_LONGEST_TERM])
    return {kind: tuple(dict.fromkeys(names)) for kind, names in terms.items()}


def _metadata(part: Part) -> dict[str, str]:
    """Categories, tags and other terms by their kinds, and that comments were closed.

    Open ones are not told of: nearly all are, also on what is ten years old, and here an age closes them.
    """
    found = {kind: ", ".join(names) for kind, names in _terms(part).items()}
    if part.text("wp:comment_status") == "closed":
        found["comments"] = "closed"
    return found


def _comments(part: Part, author_ids: set[str], notes: list[str]) -> Iterator[CommentDraft]:
    left: dict[str, int] = {}
    for comment in part.all("wp:comment"):
        kind = comment.text("wp:comment_type") or "comment"
        status = _STATUSES.get(comment.text("wp:comment_approved"))
        if kind != "comment" or status is None:
            why = kind if kind != "comment" else comment.text("wp:comment_approved") or "without a status"
            left[why] = left.get(why, 0) + 1
            continue
        parent = comment.text("wp:comment_parent")
        yield CommentDraft(
            key=comment.text("wp:comment_id"),
            parent=parent if parent not in {"", "0"} else None,
            author_name=unescape(comment.text("wp:comment_author")),
            body=_lines(comment.text("wp:comment_content")),
            created_at=_time(comment, "comment_date") or _time(part, "post_date") or datetime.fromtimestamp(0, UTC),
            status=status,
            email=comment.text("wp:comment_author_email"),
            website=comment.text("wp:comment_author_url"),
            address=comment.text("wp:comment_author_IP"),
            agent=comment.text("wp:comment_agent"),
            # Who wrote articles there works here; others may only have registered.
            is_staff=comment.text("wp:comment_user_id") in author_ids,
        )
    notes += [f"{number} comments are left out: {why}" for why, number in left.items()]


def _lines(html: str) -> str:
    """A comment's text with the lines that its tags make."""
    html = re.sub(r"<br\s*/?>\n?", "\n", html.replace("\r\n", "\n"), flags=re.IGNORECASE)
    return re.sub(r"</(?:p|li|blockquote|div)>\s*", "\n\n", html, flags=re.IGNORECASE)


def _meta(part: Part) -> dict[str, str]:
    return {meta.text("wp:meta_key"): meta.text("wp:meta_value") for meta in part.all("wp:postmeta")}


def _time(part: Part, name: str) -> datetime | None:
    """The time in UTC; that of the site's clock, where WordPress never noted the other."""
    for text in (part.text(f"wp:{name}_gmt"), part.text(f"wp:{name}")):
        try:
            return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _addresses(part: Part) -> tuple[str, ...]:
    """Where the post was found: by its address of words, by those that it had before, and by its number."""
    link, key = part.text("link"), part.text("wp:post_id")
    olds = [meta.text("wp:meta_value") for meta in part.all("wp:postmeta") if meta.text("wp:meta_key") == _OLD_SLUG]
    found = [former_address(link), *(former_address(urljoin(link.rstrip("/"), old)) for old in olds)]
    return tuple(dict.fromkeys(address for address in [*found, former_address(f"/?p={key}")] if address))


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.removeprefix("www.").lower()
    except ValueError:
        return ""


def _moved(url: str, index: _Index, notes: list[str]) -> str:
    """Where a link leads from here on: to the article that is brought in, else where it led; theirs are told of."""
    is_ours = _host(url) in index.hosts if url.startswith(("https://", "http://")) else url[:1] == "/" != url[1:2]
    if not is_ours:
        return url
    address = former_address(url)
    if address is None and not urlsplit(url).path.strip("/"):
        return "/"
    if address in index.addresses:
        return f"/pages/{index.addresses[address]}"
    # A picture shows itself, and has no link here.
    if not _PICTURE.search(url):
        notes.append(f"a link leads to what was not brought in: {url[:200]}")
    return url
