"""The sitemap: every public address, in files of at most 50,000. Source: sitemaps.org, protocol.

The addresses are asked of the API a hundred at a time, so a process keeps them for some minutes.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from starlette.requests import Request

from shop.storefront.api import Api, nodes
from shop.storefront.rendering import LANGUAGE

MOST_IN_A_FILE: Final = 50_000
KEPT_SECONDS: Final = 600
# A hundred addresses of each kind a round.
_MOST_ROUNDS: Final = 5_000
_KINDS: Final = ("pages", "categories", "collections", "products")


@dataclass(frozen=True, slots=True)
class Place:
    """A path or a whole address; `alternates` are the page in all languages, itself among them, by their hreflang."""

    path: str
    changed: str | None = None
    alternates: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Kept:
    places: Sequence[Place]
    until: float


@dataclass(slots=True)
class Sitemap:
    """The addresses of each channel, as of some minutes ago at most."""

    api: Api
    _kept: dict[str, _Kept] = field(default_factory=dict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def places(self, request: Request, channel: str) -> Sequence[Place]:
        """Every public address of the channel. Who comes while they are being read waits for them."""
        async with self._lock:
            known = self._kept.get(channel)
            if known is None or known.until < time.monotonic():
                known = _Kept(await self._read(request, channel), time.monotonic() + KEPT_SECONDS)
                self._kept[channel] = known
            return known.places

    async def _read(self, request: Request, channel: str) -> Sequence[Place]:
        places = [Place("/"), Place("/products")]
        cursors: dict[str, str | None] = dict.fromkeys(_KINDS)
        for _ in range(_MOST_ROUNDS):
            wanted = {f"with{kind.capitalize()}": kind in cursors for kind in _KINDS}
            data = await self.api.query_as_anyone(request, "Sitemap", channel=channel, **cursors, **wanted)
            for kind in list(cursors):
                places += [place for node in nodes(data[kind]) for place in _places(kind, node)]
                page = (data[kind] or {}).get("pageInfo") or {}
                if page.get("hasNextPage"):
                    cursors[kind] = page["endCursor"]
                else:
                    del cursors[kind]
            if not cursors:
                break
        return places


def _places(kind: str, node: dict[str, Any]) -> list[Place]:
    """The thing in each of its languages: every one of them names all. Source: sitemaps with xhtml:link, by Google."""
    path, changed = f"/{kind}/{node['slug']}", node.get("updatedAt")
    others = [(each["hreflang"], each["url"]) for each in node.get("alternates") or ()]
    alternates = ((LANGUAGE, path), *others, ("x-default", path)) if others else ()
    return [Place(each, changed, alternates) for each in (path, *(url for _, url in others))]


def file(base: str, places: Sequence[Place]) -> str:
    """A sitemap of these addresses."""
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">',
            *(_entry(base, place) for place in places),
            "</urlset>\n",
        ]
    )


def index(base: str, number: int) -> str:
    """A list of so many sitemaps."""
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
            *(f"<sitemap><loc>{escape(base)}/sitemap-{n}.xml</loc></sitemap>" for n in range(1, number + 1)),
            "</sitemapindex>\n",
        ]
    )


def _entry(base: str, place: Place) -> str:
    parts = [f"<loc>{escape(_whole(base, place.path))}</loc>"]
    if place.changed:
        parts.append(f"<lastmod>{escape(place.changed)}</lastmod>")
    parts += [
        f'<xhtml:link rel="alternate" hreflang={quoteattr(language)} href={quoteattr(_whole(base, url))}/>'
        for language, url in place.alternates
    ]
    return f"<url>{''.join(parts)}</url>"


def _whole(base: str, address: str) -> str:
    return base + address if address.startswith("/") else address
