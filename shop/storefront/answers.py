"""Answers that are the same for everybody: kept for a while by whoever asks, and sent again only when they changed."""

import hashlib

from starlette.requests import Request
from starlette.responses import Response


def shared(request: Request, body: str | bytes, media_type: str, *, seconds: int) -> Response:
    """The body with its ETag, or 304 for who has it already. `seconds`: how long it may be used without asking."""
    content = body.encode() if isinstance(body, str) else body
    etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    headers = {"Cache-Control": f"public, max-age={seconds}", "ETag": etag}
    if etag in _tags(request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def _tags(header: str) -> set[str]:
    # Weak comparison: a proxy that compresses makes a tag weak. Source: RFC 9110, 13.1.2.
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}
