"""Pictures of other sites, brought here with care: what an export names may be a trap laid for this machine."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx

from shop.exchange.errors import NotFetched
from shop.media.rules import MAX_BYTES

Resolve = Callable[[str], Awaitable[list[str]]]

_MOST_REDIRECTS: Final = 4
_TIMEOUT: Final = httpx.Timeout(20, connect=5)
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# What a network without IPv4 reaches it by. Source: RFC 6052.
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")


async def resolve(host: str) -> list[str]:
    """The addresses of a host. Raises: OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class WebPictures:
    """Fetches pictures by https from public addresses. A connection goes to the very address that was checked."""

    def __init__(
        self,
        *,
        allow_private: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
        resolve: Resolve = resolve,
        most_bytes: int = MAX_BYTES,
    ) -> None:
        self._allow_private = allow_private
        self._transport = transport
        self._resolve = resolve
        self._most_bytes = most_bytes

    async def picture(self, address: str) -> bytes:
        """The content of the picture. Raises: NotFetched with the reason."""
        # No proxy and no certificates of the environment: it decides nothing about strangers' addresses.
        async with httpx.AsyncClient(transport=self._transport, timeout=_TIMEOUT, trust_env=False) as client:
            for _ in range(_MOST_REDIRECTS + 1):
                try:
                    found = await self._ask(client, address)
                except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
                    raise NotFetched(f"{address}: {type(error).__name__}") from error
                if isinstance(found, bytes):
                    return found
                address = found
        raise NotFetched(f"{address}: too many redirects")

    async def _ask(self, client: httpx.AsyncClient, address: str) -> bytes | str:
        """The content, or where it was moved to."""
        parts = urlsplit(address)
        host = parts.hostname or ""
        if parts.scheme != "https" or not host or parts.username is not None:
            raise NotFetched(f"{address}: only https:// addresses are fetched")
        checked = await self._checked(host, address)
        authority = f"[{checked}]" if ":" in checked else checked
        target = parts._replace(netloc=f"{authority}:{parts.port or 443}", fragment="").geturl()
        headers = {"Host": host if parts.port in (None, 443) else f"{host}:{parts.port}", "Accept": "image/*"}
        extensions = {"sni_hostname": host}
        async with client.stream("GET", target, headers=headers, extensions=extensions) as response:
            if response.status_code in _REDIRECTS and "location" in response.headers:
                return urljoin(address, response.headers["location"])
            if response.status_code != httpx.codes.OK:
                raise NotFetched(f"{address}: answers {response.status_code}")
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            if not kind.startswith("image/"):
                raise NotFetched(f"{address}: is {kind or 'of no kind'}, no picture")
            return await self._content(response, address)

    async def _content(self, response: httpx.Response, address: str) -> bytes:
        content = bytearray()
        async for part in response.aiter_bytes():
            content += part
            if len(content) > self._most_bytes:
                raise NotFetched(f"{address}: is larger than {self._most_bytes // 1024**2} MB")
        return bytes(content)

    async def _checked(self, host: str, address: str) -> str:
        """An address of the host; one among them that is not public refuses it. Raises: NotFetched, OSError."""
        found = await self._resolve(host)
        if not found:
            raise NotFetched(f"{address}: there is no such host")
        for one in found:
            if not self._allow_private and not _is_public(ip_address(one.partition("%")[0])):
                raise NotFetched(f"{address}: leads to {one}, which is not on the public internet")
        return found[0].partition("%")[0]


def _is_public(ip: IPv4Address | IPv6Address) -> bool:
    """Whether it is an address of the public internet, and hides none that is not."""
    if ip.version == 6:
        translated = IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _TRANSLATED else None
        inner = ip.ipv4_mapped or ip.sixtofour or translated
        if inner is not None:
            return _is_public(inner)
        if ip.teredo is not None:
            return False
    return ip.is_global and not ip.is_multicast
