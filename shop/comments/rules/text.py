"""What people typed, as it may be stored and shown: cleaned when it is written and again when it is rendered."""

import hashlib
import re
from functools import lru_cache
from html import unescape
from ipaddress import ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

import nh3

from shop.comments.errors import BadWebsite

DEEPEST: Final = 4
LONGEST_NAME: Final = 80
LONGEST_BODY: Final = 5_000
# With what sanitising adds: `rel` to each link, signs spelt as entities.
LONGEST_STORED: Final = 40_000
_LONGEST_WEBSITE: Final = 200
_INLINE: Final = {"b", "strong", "i", "em", "code", "a"}
_SHOWN: Final = _INLINE | {"p", "br"}
# Nothing that any tag may have: the library has a list of its own there.
_ATTRIBUTES: Final[dict[str, set[str]]] = {"*": set(), "a": {"href"}}
_REL: Final = "nofollow ugc noopener"
# Signs that cannot be seen and turn what can be: controls but tab and line feed, and those that change the direction.
_UNSEEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_SHADES: Final = 8


def cleaned(text: str) -> str:
    """The text with the allowed tags and nothing unseen; empty where nothing can be read in it."""
    # Signs may also be spelt as entities: what is unseen is removed when they have become signs.
    safe = _UNSEEN.sub("", _safe(text.replace("\r\n", "\n"), _INLINE))
    lines = "\n".join(line.rstrip() for line in safe.split("\n"))
    body = re.sub(r"\n{3,}", "\n\n", lines).strip()
    return body if plain(body) else ""


@lru_cache(maxsize=1024)
def rendered(body: str) -> str:
    """A stored body as HTML: empty lines part paragraphs, other line ends are kept."""
    paragraphs = (part.strip().replace("\n", "<br>") for part in body.split("\n\n"))
    # Cleaned as a whole: what is open at the end of a paragraph is closed there.
    return _safe("".join(f"<p>{part}</p>" for part in paragraphs if part), _SHOWN)


def _safe(html: str, tags: set[str]) -> str:
    return nh3.clean(html, tags=tags, attributes=_ATTRIBUTES, url_schemes={"http", "https"}, link_rel=_REL)


def plain(body: str) -> str:
    """The words of a body, without tags."""
    return unescape(nh3.clean(body, tags=set())).replace("\xa0", " ").strip()


def excerpt(body: str, length: int = 300) -> str:
    """The first words of a body, cut between two of them."""
    words = " ".join(plain(body).split())
    return words if len(words) <= length else f"{words[:length].rpartition(' ')[0] or words[:length]} …"


def name_of(text: str) -> str:
    """A name as it is stored: one line, without tags."""
    # Nor with what would be tags once more, spelt as entities.
    return " ".join(re.sub("[<>]", "", _UNSEEN.sub("", plain(text))).split())


def website_of(text: str) -> str | None:
    """The address of a website, or None for nothing. Raises: BadWebsite for what a browser should not be sent to."""
    given = text.strip()
    if not given:
        return None
    address = given if "://" in given else f"https://{given}"
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        is_good = parts.scheme in {"http", "https"} and "." in host.strip(".") and "@" not in parts.netloc
        # Reading the port checks it.
        is_good = is_good and (parts.port is None or parts.port > 0)
    except ValueError:
        raise BadWebsite from None
    if (
        not is_good
        or len(address) > _LONGEST_WEBSITE
        or re.search(r"[\s\"'<>\\`{}|^]", address)
        or not address.isascii()
    ):
        raise BadWebsite
    return parts.scheme + address[len(parts.scheme) :]


def initials(name: str) -> str:
    """Two letters at most, to stand where others have a picture."""
    words = [word for word in (re.sub(r"[^\w]", "", part) for part in name.split()) if word]
    return "".join(word[0] for word in [*words[:1], *words[1:][-1:]]).upper() or "?"


def shade(name: str) -> int:
    """A number from 0 to 7 for the colour of the initials; the same for the same name."""
    return hashlib.sha256(name.casefold().encode()).digest()[0] % _SHADES


def truncated(address: str) -> str | None:
    """A network that the address belongs to, of so many that it is nobody's alone; None for what is no address."""
    try:
        ip = ip_address(address)
    except ValueError:
        return None
    mapped = getattr(ip, "ipv4_mapped", None)
    ip = mapped or ip
    return str(ip_network((ip, 24 if ip.version == 4 else 48), strict=False))
