"""The kinds of block that show something from elsewhere: image and embed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from shop.content.rules.inline import plain, text_of
from shop.content.rules.kinds import Data, Kind, Scope, Told, attribute, texts_of

_IMAGE_URL: Final = re.compile(r"(https://|/media/)[^\s\"'<>\\]+\Z")
_SIDE: Final = 32_768


def image_url(data: Data) -> str:
    """Where a picture is: our own, or another site's by a safe connection. Empty for everything else."""
    file = data.get("file")
    found = file.get("url") if isinstance(file, dict) else data.get("url")
    url = unescape(found) if isinstance(found, str) else ""
    # Nothing that a browser could run.
    return url if _IMAGE_URL.match(url) else ""


def _image(data: Data, _scope: Scope) -> str:
    url = image_url(data)
    if not url:
        return ""
    file = data.get("file")
    size = "".join(f' {name}="{side}"' for name, side in _size(file if isinstance(file, dict) else {}).items())
    alt = attribute(plain(text_of(data, "alt")))
    caption = text_of(data, "caption")
    caption = f"<figcaption>{caption}</figcaption>" if caption.strip() else ""
    return f'<figure><img src="{attribute(url)}" alt="{alt}"{size} loading="lazy">{caption}</figure>'


def _size(file: Mapping[str, Any]) -> dict[str, int]:
    return {
        name: side
        for name in ("width", "height")
        if isinstance(side := file.get(name), int) and not isinstance(side, bool) and 0 < side <= _SIDE
    }


def _clean_image(data: Data) -> Data:
    file = data.get("file")
    if not isinstance(file, dict):
        return {"url": image_url(data)} if "url" in data else {}
    return {"file": {"url": image_url(data), **_size(file)}}


def _image_problems(data: Data) -> Told:
    if not image_url(data):
        yield "file.url", "A picture comes from this shop or from an address that begins with https://."
    if not text_of(data, "alt").strip():
        yield "alt", "Who cannot see the picture needs words for it."


@dataclass(frozen=True, slots=True)
class Service:
    """Whose players may be linked to: its name, its hosts, and its player's address without cookies."""

    name: str
    hosts: frozenset[str]
    player: str


_SERVICES: Final = {
    "youtube": Service(
        "YouTube",
        frozenset({"www.youtube.com", "youtube.com", "m.youtube.com", "youtu.be", "www.youtube-nocookie.com"}),
        "https://www.youtube-nocookie.com/embed/{}",
    ),
    "vimeo": Service(
        "Vimeo",
        frozenset({"vimeo.com", "www.vimeo.com", "player.vimeo.com"}),
        "https://player.vimeo.com/video/{}?dnt=1",
    ),
}
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{5,32}\Z")


@dataclass(frozen=True, slots=True)
class Embed:
    """Something to be watched elsewhere: the service's key and name, the page, and the player's address."""

    service: str
    name: str
    source: str
    player: str


def embed_of(data: Data) -> Embed | None:
    """What an embed block leads to; None where its address is of no service on the list."""
    for name in ("source", "embed"):
        value = data.get(name)
        found = _embed(unescape(value)) if isinstance(value, str) else None
        if found is not None:
            return found
    return None


def _embed(url: str) -> Embed | None:
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    if parts.scheme != "https" or port is not None or parts.username is not None:
        return None
    key = next((key for key, service in _SERVICES.items() if host in service.hosts), None)
    if key is None:
        return None
    asked = parse_qs(parts.query).get("v") if key == "youtube" else None
    item = asked[0] if asked else parts.path.rstrip("/").rpartition("/")[2]
    if not _KEY.match(item) or (key == "vimeo" and not item.isdigit()):
        return None
    service = _SERVICES[key]
    source = f"https://www.youtube.com/watch?v={item}" if key == "youtube" else f"https://vimeo.com/{item}"
    return Embed(key, service.name, source, service.player.format(item))


def _embed_card(data: Data, _scope: Scope) -> str:
    # A link, not a frame: nobody else learns of the reader before a click. A storefront that has the reader's consent
    # finds the player's address beside it.
    found = embed_of(data)
    if found is None:
        return ""
    caption = text_of(data, "caption")
    caption = f"<figcaption>{caption}</figcaption>" if caption.strip() else ""
    return (
        f'<figure class="embed" data-service="{found.service}" data-player="{attribute(found.player)}">'
        f'<a href="{attribute(found.source)}" rel="noopener noreferrer">Watch on {found.name}</a>{caption}</figure>'
    )


def _clean_embed(data: Data) -> Data:
    found = embed_of(data)
    if found is None:
        return {"service": "", "source": "", "embed": ""}
    return {"service": found.service, "source": found.source, "embed": found.player}


def _embed_problems(data: Data) -> Told:
    if embed_of(data) is None:
        names = ", ".join(service.name for service in _SERVICES.values())
        yield "source", f"Only pages of {names} can be embedded, by their https:// address."


KINDS: Final = {
    "image": Kind(_image, texts_of("caption", "alt"), _clean_image, _image_problems),
    "embed": Kind(_embed_card, texts_of("caption"), _clean_embed, _embed_problems),
}
