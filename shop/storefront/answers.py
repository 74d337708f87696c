"""Answers that are sent again only when they changed; those that are the same for everybody are kept for a while."""

import hashlib

from starlette.requests import Request
from starlette.responses import Response


def shared(request: Request, body: str | bytes, media_type: str, *, seconds: int) -> Response:
    """The body with its ETag, or 304 for who has it already. `seconds`: how long it may be used without asking."""
    content = body.encode() if isinstance(body, str) else body
    return known(request, Response(content, media_type=media_type), f"public, max-age={seconds}")


def known(request: Request, response: Response, cache_control: str) -> Response:
    """The answer with its ETag, or 304 for who has it already; and how it may be kept."""
    etag = f'"{hashlib.sha256(response.body).hexdigest()[:16]}"'
    headers = {"Cache-Control": cache_control, "ETag": etag}
    if etag in _tags(request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return response


def _tags(header: str) -> set[str]:
    # Weak comparison: a proxy that compresses makes a tag weak. Source: RFC 9110, 13.1.2.
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}
