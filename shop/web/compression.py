"""Sends text compressed to whoever reads gzip: pages, style sheets, feeds, and answers of the API that are long.

Starlette's GZipMiddleware compresses as well, but it keeps strong ETags, which promise the same bytes to everybody,
compresses a file anew for each visitor, and takes `gzip;q=0` for a yes.
"""

import asyncio
import gzip
import io
import re
import secrets
from functools import lru_cache
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TEXT: Final = re.compile(
    r"text/(?!event-stream)|image/svg\+xml|application/(?:json|javascript|xml|[\w.-]+\+(?:json|xml))"
)
# What fits into one packet arrives no sooner when it is smaller.
_SMALLEST_BYTES: Final = 1_400
# An answer of the API comes alone, and this much in one go. Source: RFC 6928, ten segments.
_SMALLEST_JSON_BYTES: Final = 14_600
# Larger ones are compressed beside the event loop, and not kept.
_LARGEST_BYTES: Final = 128 * 1024
# 40 kB of a page in 0.33 ms; the best level takes twice as long for a sixth less.
_QUICK: Final = 1
_PADDING_BYTES: Final = 100
_BODILESS: Final = frozenset({204, 205, 206, 304})


class Compression:
    """ASGI middleware. Answers that come in pieces, pictures, parts of files and what is small pass as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves the request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        wanted = reads_gzip(asked.get("accept-encoding", ""))
        held: Message | None = None

        async def send_on(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if message["status"] == 304:
                    _as_it_was_sent(headers, asked.get("if-none-match", ""))
                elif message["status"] not in _BODILESS and _is_text(headers):
                    headers.add_vary_header("Accept-Encoding")
                    _weaken(headers)
                    if wanted and scope["method"] == "HEAD":
                        # How long the body would be is not known without making it.
                        del headers["content-length"]
                    elif wanted:
                        held = message
                        return
            elif held is not None:
                start, held = held, None
                if not message.get("more_body", False):
                    message = await _compressed(start, message)
                await send(start)
            await send(message)

        await self.app(scope, receive, send_on)


def reads_gzip(accept_encoding: str) -> bool:
    """Whether the header allows gzip. Source: RFC 9110, 12.5.3."""
    weights = {}
    for part in accept_encoding.lower().split(","):
        name, _, weight = part.partition(";")
        weights[name.strip()] = weight.replace(" ", "")
    allowed = weights.get("gzip", weights.get("*"))
    return allowed is not None and allowed.rstrip("0.") != "q="


def _is_text(headers: Headers) -> bool:
    return "content-encoding" not in headers and _TEXT.match(headers.get("content-type", "")) is not None


def _weaken(headers: MutableHeaders) -> None:
    """The same text in two codings is two sequences of bytes: one tag for both is a weak one."""
    tag = headers.get("etag", "")
    if tag.startswith('"'):
        headers["etag"] = f"W/{tag}"


def _as_it_was_sent(headers: MutableHeaders, known: str) -> None:
    """Who names a weak tag got text from here: the 304 carries the headers of that answer."""
    if f"W/{headers.get('etag')}" in known:
        headers.add_vary_header("Accept-Encoding")
        _weaken(headers)


async def _compressed(start: Message, message: Message) -> Message:
    """The body compressed where that pays, and the headers that tell of it."""
    headers = MutableHeaders(scope=start)
    body: bytes = message.get("body", b"")
    is_json = "json" in headers["content-type"]
    if len(body) < (_SMALLEST_JSON_BYTES if is_json else _SMALLEST_BYTES):
        return message
    if len(body) > _LARGEST_BYTES:
        body = await asyncio.to_thread(_squeezed, body)
    elif "etag" in headers and "private" not in headers.get("cache-control", ""):
        body = _kept(body)
    else:
        body = _squeezed(body)
    headers["content-encoding"] = "gzip"
    headers["content-length"] = str(len(body))
    del headers["accept-ranges"]
    return {**message, "body": body}


@lru_cache(maxsize=64)
def _kept(body: bytes) -> bytes:
    """What is the same for everybody, compressed once and well."""
    return gzip.compress(body, mtime=0)


def _squeezed(body: bytes) -> bytes:
    """What is one visitor's, compressed quickly.

    A name of random length in front: how long a page is must not tell, try by try, how much of somebody's words it
    already held (BREACH). Source: "Heal the Breach", IEEE Access 2022.
    """
    packed = io.BytesIO()
    name = "x" * secrets.randbelow(_PADDING_BYTES)
    with gzip.GzipFile(name, "wb", _QUICK, packed, mtime=0) as file:
        file.write(body)
    return packed.getvalue()
