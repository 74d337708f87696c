"""Tokens that go out to visitors, of the form and of links in mails: signed, each for one purpose, nothing stored."""

import uuid
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from shop.comments.errors import LinkRefused
from shop.kit.keys import derive, sign, verify

FORM_LIFE: Final = timedelta(days=1)
_CONFIRM_LIFE: Final = timedelta(days=7)
_LONGEST: Final = 200


class Purpose(StrEnum):
    """What a token is for; one of one purpose passes for no other."""

    FORM = "comment form"
    CONFIRM = "comment answers wanted"
    UNSUBSCRIBE = "comment answers unwanted"


def form_token(secret: str, page_id: int, *, now: datetime) -> str:
    """The token of a page's form, as of now."""
    return _signed(secret, Purpose.FORM, f"{page_id}.{now.timestamp():.3f}")


def form_age(secret: str, token: str, page_id: int, *, now: datetime) -> timedelta | None:
    """Since when the visitor had the form; None for another page's token, one that is too old, or none of ours."""
    text = _opened(secret, Purpose.FORM, token)
    if text is None:
        return None
    page, _, moment = text.partition(".")
    age = now - datetime.fromtimestamp(float(moment), UTC)
    return age if int(page) == page_id and timedelta(0) <= age <= FORM_LIFE else None


def confirm_token(secret: str, subscription: uuid.UUID, *, now: datetime) -> str:
    """The token with which a mailbox agrees to be told of answers, good for a week."""
    return _signed(secret, Purpose.CONFIRM, f"{subscription.hex}.{int((now + _CONFIRM_LIFE).timestamp())}")


def confirmed(secret: str, token: str, *, now: datetime) -> uuid.UUID:
    """Whose mailbox agrees. Raises: LinkRefused."""
    text = _opened(secret, Purpose.CONFIRM, token)
    if text is None:
        raise LinkRefused
    key, _, until = text.partition(".")
    if int(until) <= now.timestamp():
        raise LinkRefused
    return uuid.UUID(key)


def unsubscribe_token(secret: str, subscription: uuid.UUID) -> str:
    """The token with which a mailbox is told no more; good for ever."""
    return _signed(secret, Purpose.UNSUBSCRIBE, subscription.hex)


def unsubscribed(secret: str, token: str) -> uuid.UUID:
    """Who is to be told no more. Raises: LinkRefused."""
    text = _opened(secret, Purpose.UNSUBSCRIBE, token)
    if text is None:
        raise LinkRefused
    return uuid.UUID(text)


def _signed(secret: str, purpose: Purpose, text: str) -> str:
    return f"{text}~{sign(derive(secret, purpose), text)}"


def _opened(secret: str, purpose: Purpose, token: str) -> str | None:
    text, _, signature = token.strip()[:_LONGEST].rpartition("~")
    return text if verify(derive(secret, purpose), text, signature) else None
