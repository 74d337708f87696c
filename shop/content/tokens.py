"""Tokens that let somebody without an account read one page that is not published, for a while."""

from datetime import UTC, datetime
from typing import Final

from shop.kit.keys import derive, sign, verify

_PURPOSE: Final = "page preview"


def preview_token(secret: str, page_id: int, expires_at: datetime) -> str:
    """The token that shows this page until then."""
    text = f"{page_id}.{int(expires_at.timestamp())}"
    return f"{text}.{sign(derive(secret, _PURPOSE), text)}"


def previewed(secret: str, token: str, now: datetime) -> int | None:
    """The id of the page that the token shows now; None for one that is forged, damaged or over."""
    text, _, signature = token.rpartition(".")
    if not text or not verify(derive(secret, _PURPOSE), text, signature):
        return None
    page_id, _, expires = text.partition(".")
    return int(page_id) if datetime.fromtimestamp(int(expires), UTC) > now else None
