"""The lines between `---` at the head of an article, and what they say of the page."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Final

import yaml

from shop.content.rules import former_address
from shop.exchange.readers.plain_yaml import loaded
from shop.exchange.rules import TOLD, as_date
from shop.kit.slugs import slugified

_FRONT: Final = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)(?:^|\n)---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_DATES: Final = ("last_reviewed", "review_due")
_TEXTS: Final = tuple(name for name in TOLD if name not in {*_DATES, "author_is_organization"})
# How other systems spell it.
_ALIASES: Final = {
    "permalink": "slug",
    "layout": "type",
    "category": "type",
    "description": "seo_description",
    "excerpt": "seo_description",
    "summary": "seo_description",
    "author": "author_name",
    "publishDate": "date",
    "pubDate": "date",
}
# Where the page was found before, as an export from here calls it, Hugo and Jekyll; and where its own address stands.
_FORMER: Final = ("addresses", "aliases", "redirect_from", "permalink", "url")
KNOWN: Final = frozenset(
    {
        *TOLD,
        *_ALIASES,
        *_FORMER,
        "type",
        "published",
        "draft",
        "date",
        "published_at",
        "unpublished_at",
        "metadata",
        "exported",
    }
)


def parted(text: str) -> tuple[Mapping[str, Any], str, tuple[str, ...]]:
    """What stands at the head of the article, the article itself, and what could not be read of the head."""
    found = _FRONT.match(text)
    if found is None:
        return {}, text.removeprefix("\ufeff"), ()
    try:
        said = loaded(found[1])
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 2}" if mark is not None else ""
        return {}, text[found.end() :], (f"what stands between the --- lines is not YAML{where}; it was not read",)
    if not isinstance(said, dict):
        return {}, text[found.end() :], ()
    return {str(name): value for name, value in said.items()}, text[found.end() :], ()


def fields_of(said: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str], tuple[str, ...]]:
    """The page's fields, its metadata, and what was said that nothing here knows."""
    named = {**{_ALIASES[name]: value for name, value in said.items() if name in _ALIASES}, **said}
    fields: dict[str, Any] = {}
    notes: list[str] = []
    for name in _TEXTS:
        value = named.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            fields[name] = str(value)
    if "slug" in fields:
        given = fields["slug"].strip("/").rpartition("/")[2]
        fields["slug"] = slugified(given)
        if fields["slug"] != given:
            notes.append(f"the slug {given} became {fields['slug'] or 'the name of the file'}")
    for name in _DATES:
        if (day := as_date(named.get(name))) is not None:
            fields[name] = day
    if isinstance(named.get("author_is_organization"), bool):
        fields["author_is_organization"] = named["author_is_organization"]
    fields |= _shown(named)
    metadata, rest = _metadata(said)
    if rest:
        notes.append(f"not known here, and left out: {', '.join(rest)}")
    return fields, metadata, tuple(notes)


def addresses_of(said: Mapping[str, Any]) -> tuple[str, ...]:
    """Where the page was found before it came here."""
    given = [said.get(name) for name in _FORMER]
    texts = [text for value in given for text in (value if isinstance(value, list) else [value])]
    found = [former_address(text) for text in texts if isinstance(text, str) and "/" in text and "/:" not in text]
    return tuple(dict.fromkeys(address for address in found if address))


def _shown(named: Mapping[str, Any]) -> dict[str, Any]:
    """Whether and when visitors read it, as far as that is said."""
    found: dict[str, Any] = {}
    published, draft = named.get("published"), named.get("draft")
    if isinstance(published, bool):
        found["is_published"] = published
    elif isinstance(draft, bool):
        found["is_published"] = not draft
    since = _instant(named.get("published_at", named.get("date")))
    until = _instant(named.get("unpublished_at"))
    return found | ({"published_at": since} if since else {}) | ({"unpublished_at": until} if until else {})


def _metadata(said: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """Metadata as it is given; tags and whatever else is a text or a list of texts goes there too."""
    given = said.get("metadata")
    found = {str(key): str(value) for key, value in given.items()} if isinstance(given, dict) else {}
    rest: list[str] = []
    for name, value in said.items():
        if name in KNOWN:
            continue
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            found.setdefault(name, str(value))
        elif isinstance(value, list) and all(isinstance(item, str | int) for item in value):
            found.setdefault(name, ", ".join(map(str, value)))
        else:
            rest.append(name)
    return found, rest


def _instant(value: Any) -> datetime | None:
    """A time, in UTC where no zone is given; a day is its beginning."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return datetime.combine(value, time.min, UTC) if isinstance(value, date) else None
