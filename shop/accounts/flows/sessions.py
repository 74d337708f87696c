"""Logging in: the password is checked between two units, so that no transaction waits for it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts import actions, queries
from shop.accounts.errors import InvalidCredentials, NotConfirmed, TokenRefused
from shop.accounts.rules import InvalidToken, NotOurs, Signer, TokenUser, normalised_email, token_hash, user_id_of
from shop.kit.db import Reader, Units


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a log-in gives."""

    user_id: int
    access: str
    refresh: str
    csrf: str


@dataclass(frozen=True, slots=True)
class Lives:
    """How long tokens are good."""

    access: timedelta
    refresh: timedelta


async def log_in(
    units: Units,
    reader: Reader,
    signer: Signer,
    lives: Lives,
    *,
    email: str,
    password: str,
    address: str,
    now: datetime,
) -> Tokens:
    """Both tokens of a session; a password stored with older parameters is stored anew.

    Raises: Delayed, InvalidCredentials, NotConfirmed.
    """
    name = normalised_email(email)
    guards = await units.run(lambda session: actions.count_guess(session, name, address, now=now, field="email"))
    rows = await reader.rows(queries.CREDENTIALS_BY_EMAIL, email=name)
    row = rows[0] if rows else None
    if not await actions.password_matches(password, row["password_hash"] if row else None) or row is None:
        raise InvalidCredentials
    if not row["is_active"]:
        raise InvalidCredentials
    if not row["is_confirmed"]:
        raise NotConfirmed
    before = row["password_hash"]
    fresh = await actions.rehashed(password, before)
    user = TokenUser(row["id"], row["email"], row["is_staff"], row["token_key"])

    async def open_session(session: AsyncSession) -> Tokens:
        await actions.guessed_right(session, name, address, guards, now=now)
        if fresh is not None:
            await actions.keep_rehashed(session, user.id, before=before, password_hash=fresh)
        return await new_session(session, signer, lives, user, now=now)

    return await units.run(open_session)


async def new_session(session: AsyncSession, signer: Signer, lives: Lives, user: TokenUser, *, now: datetime) -> Tokens:
    """Tokens of a session that starts now, in the caller's unit."""
    csrf = secrets.token_urlsafe(32)
    refresh = signer.make(user, "refresh", now, lives.refresh, csrf)
    await actions.keep_refresh_token(session, user.id, refresh, now=now, until=now + lives.refresh)
    return Tokens(user.id, signer.make(user, "access", now, lives.access), refresh, csrf)


async def is_current(reader: Reader, user_id: int, claims: Mapping[str, Any]) -> bool:
    """Whether the token's user is active and has not ended the token's session."""
    rows = await reader.rows(queries.CALLER_BY_ID, id=user_id)
    return bool(rows) and bool(rows[0]["is_active"]) and rows[0]["token_key"] == claims.get("token")


async def refreshed(
    reader: Reader, signer: Signer, lives: Lives, *, token: str | None, now: datetime
) -> tuple[int, str]:
    """The user's id and a new access token.

    The refresh token stays good until it expires, as Saleor's clients need: their payload has no field for a new one.
    Raises: TokenRefused.
    """
    if token is None or not token.strip():
        raise TokenRefused.missing("refreshToken")
    try:
        claims = signer.read(token, "refresh", now)
        user_id = user_id_of(claims)
    except NotOurs:
        raise TokenRefused.undecodable("refreshToken") from None
    except InvalidToken as error:
        if error.reason == "ExpiredSignatureError":
            raise TokenRefused.expired("refreshToken") from None
        raise TokenRefused("Invalid token.", field="refreshToken") from None
    known = await reader.rows(queries.REFRESH_TOKEN_BY_HASH, token_hash=token_hash(token))
    rows = await reader.rows(queries.CALLER_BY_ID, id=user_id)
    if (
        not known
        or known[0]["revoked_at"] is not None
        or known[0]["user_id"] != user_id
        or not rows
        or not rows[0]["is_active"]
        or rows[0]["token_key"] != claims.get("token")
    ):
        raise TokenRefused("Invalid token.", field="refreshToken")
    user = TokenUser(user_id, rows[0]["email"], rows[0]["is_staff"], rows[0]["token_key"])
    return user_id, signer.make(user, "access", now, lives.access)
