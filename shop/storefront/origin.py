"""Where a request comes from. A form that another site submits is refused; links lead only to our own pages."""

from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

_LOOPBACK: Final = {"localhost", "127.0.0.1", "::1"}
_WITHOUT_COOKIES: Final = ("/static/", "/favicon.ico")


def base_url(request: Request, public_url: str | None) -> str:
    """The address of the shop without a slash at its end, as visitors know it."""
    return public_url or f"{request.url.scheme}://{request.url.netloc}"


def is_secure(request: Request, public_url: str | None) -> bool:
    """Whether visitors come by https: behind a proxy whose headers are not believed the request looks like http, and
    the shop's own address knows better.
    """
    return request.url.scheme == "https" or (public_url or "").startswith("https://")


def is_own_form(request: Request, public_url: str | None) -> bool:
    """Whether a page of ours submitted this form.

    Browsers send `Origin` with every POST, and a foreign site cannot forge it. The session cookies are SameSite=Lax
    besides, so that a foreign form would arrive without a cart.
    """
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site") == "same-origin"
    if public_url is not None and origin == _origin(public_url):
        return True
    return bool(urlsplit(origin).netloc) and urlsplit(origin).netloc == request.headers.get("host")


def local_path(target: str | None, fallback: str) -> str:
    """`target` when it is a path on this site, else `fallback`: a form must not send shoppers elsewhere."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return fallback
    return target if target.isprintable() else fallback


def other_loopback_name(request: Request, public_url: str | None) -> str | None:
    """The same page under the public address, when a developer came by another name of this machine.

    Cookies belong to one host name: a cart filled at `localhost` would be lost on the way back from the payment page
    to `127.0.0.1`. Files need none, and pages beside the shop's may not load them from elsewhere.
    """
    if public_url is None or request.url.path.startswith(_WITHOUT_COOKIES):
        return None
    public = urlsplit(public_url)
    here = urlsplit(f"//{request.headers.get('host', '')}")
    if {public.hostname, here.hostname} <= _LOOPBACK and public.port == here.port and here.netloc != public.netloc:
        query = f"?{request.url.query}" if request.url.query else ""
        return f"{public_url}{request.url.path}{query}"
    return None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
