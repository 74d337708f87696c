"""The one-time tokens in our mails: what they are bound to, and the links that carry them.

A token holds the user's key, its end and, to change an e-mail, the new one. Its signature covers the purpose and the
account as it was: once the link was used, or the password, the e-mail or the sessions changed, it fits no more. Nothing
has to be stored or cleaned up.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from shop.accounts.errors import LinkRefused
from shop.kit import keys
from shop.kit.settings import Settings


class Purpose(StrEnum):
    """What a link is for; a token of one purpose passes for no other."""

    CONFIRM = "confirm"
    RESET = "reset"
    DELETE = "delete"
    CHANGE_EMAIL = "change-email"


LIVES: Final = {
    Purpose.CONFIRM: timedelta(days=3),
    Purpose.RESET: timedelta(hours=1),
    Purpose.DELETE: timedelta(hours=1),
    Purpose.CHANGE_EMAIL: timedelta(hours=1),
}
_LONGEST: Final = 1024


@dataclass(frozen=True, slots=True)
class Account:
    """An account's state that decides whether a token still fits."""

    id: int
    email: str
    is_staff: bool
    is_active: bool
    is_confirmed: bool
    token_key: str
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class Read:
    """A token's contents, not yet believed."""

    user_id: int
    until: int
    new_email: str
    payload: str
    signature: str


def secret_of(settings: Settings) -> str:
    """The root of the links' keys. Raises: ValueError without one; `shop dev` makes one, production sets one."""
    if settings.secret_key is None:
        raise ValueError("SHOP_SECRET_KEY is not set")
    return settings.secret_key.get_secret_value()


def make(secret: str, purpose: Purpose, account: Account, *, at: datetime, new_email: str = "") -> str:
    """The token for a link mailed now."""
    until = int((at + LIVES[purpose]).timestamp())
    payload = base64.urlsafe_b64encode(f"{account.id}:{until}:{new_email}".encode()).rstrip(b"=").decode()
    return f"{payload}.{keys.sign(_key(secret, purpose), _bound(payload, account))}"


def read(token: str) -> Read:
    """What the token claims. Raises: LinkRefused."""
    payload, _, signature = token.strip().partition(".")
    try:
        if len(token) > _LONGEST:
            raise LinkRefused
        raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
        user_id, until, new_email = raw.split(":", 2)
        return Read(int(user_id), int(until), new_email, payload, signature)
    except (binascii.Error, ValueError):
        raise LinkRefused from None


def check(secret: str, purpose: Purpose, token: Read, account: Account | None, *, now: datetime) -> Account:
    """The token is the account's, for this purpose, and still good. Raises: LinkRefused, for every reason alike."""
    if account is None or account.id != token.user_id or not account.is_active or token.until <= now.timestamp():
        raise LinkRefused
    if not keys.verify(_key(secret, purpose), _bound(token.payload, account), token.signature):
        raise LinkRefused
    return account


def link(redirect_url: str, **parameters: str) -> str:
    """The address with these parameters added to those it has."""
    parts = urlsplit(redirect_url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), *parameters.items()]
    return urlunsplit(parts._replace(query=urlencode(query)))


def _key(secret: str, purpose: Purpose) -> bytes:
    return keys.derive(secret, f"account-link:{purpose.value}")


def _bound(payload: str, account: Account) -> str:
    state = (account.email, account.password_hash or "", account.token_key, str(account.is_confirmed))
    return "\0".join((payload, str(account.id), *state))
