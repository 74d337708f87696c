"""Changes of users and their tokens, and the slow part of passwords."""

import asyncio
import uuid
from datetime import datetime
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.models import RefreshToken, User, UserPermission
from shop.accounts.rules import TokenUser, check_password, normalised_email, token_hash
from shop.kit.errors import NotFound

# Argon2id with the library's defaults, which follow RFC 9106's low-memory recommendation.
_hasher = PasswordHasher()


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    """What a password is compared with where there is none; made on first use, since making it takes a while."""
    return _hasher.hash("nobody has this password")


PERMISSIONS = (
    "MANAGE_APPS",
    # Ours: resources, services, hours and everybody's bookings.
    "MANAGE_BOOKINGS",
    "MANAGE_CHANNELS",
    "MANAGE_CHECKOUTS",
    # Ours: the queue of comments, for who does not write pages.
    "MANAGE_COMMENTS",
    "MANAGE_DISCOUNTS",
    "MANAGE_GIFT_CARD",
    "MANAGE_MENUS",
    "MANAGE_ORDERS",
    "MANAGE_PAGES",
    "MANAGE_PAGE_TYPES_AND_ATTRIBUTES",
    "MANAGE_PLUGINS",
    "MANAGE_PRODUCTS",
    "MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES",
    "MANAGE_SETTINGS",
    "MANAGE_SHIPPING",
    "MANAGE_STAFF",
    "MANAGE_TAXES",
    "MANAGE_TRANSLATIONS",
    "MANAGE_USERS",
    # Ours: what visitors answered before a visit. Nothing else includes it; each look is written down.
    "READ_INTAKE_ANSWERS",
    "HANDLE_CHECKOUTS",
    "HANDLE_PAYMENTS",
    "HANDLE_TAXES",
    "IMPERSONATE_USER",
)


async def password_matches(password: str, password_hash: str | None) -> bool:
    """Whether the password is the hash's. Takes as long for no hash at all: time must not tell who has an account."""
    return await asyncio.to_thread(_matches, password, password_hash)


def _matches(password: str, password_hash: str | None) -> bool:
    try:
        _hasher.verify(password_hash or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


async def rehashed(password: str, password_hash: str) -> str | None:
    """A hash with today's parameters for a password that has just matched one with others; None where it has them."""
    return await hash_password(password) if _hasher.check_needs_rehash(password_hash) else None


async def hash_password(password: str) -> str:
    """The hash to store. About 50 ms of CPU on another thread: call it before a unit of work, not in one."""
    return await asyncio.to_thread(_hasher.hash, password)


async def save_user(
    session: AsyncSession,
    *,
    email: str,
    password_hash: str | None,
    is_staff: bool,
    permissions: tuple[str, ...] = (),
    first_name: str = "",
    last_name: str = "",
) -> int:
    """The user exists, is active and confirmed; one that existed keeps what is not given. Returns its id."""
    values = {"is_staff": is_staff, "is_active": True, "is_confirmed": True}
    if password_hash is not None:
        values["password_hash"] = password_hash  # type: ignore[assignment]
    statement = insert(User).values(email=normalised_email(email), first_name=first_name, last_name=last_name, **values)
    statement = statement.on_conflict_do_update(index_elements=[User.email], set_={**values, "updated_at": func.now()})
    user_id = (await session.execute(statement.returning(User.id))).scalar_one()
    await session.execute(delete(UserPermission).where(UserPermission.user_id == user_id))
    if permissions:
        rows = [{"user_id": user_id, "code": code} for code in permissions]
        await session.execute(insert(UserPermission).values(rows))
    return user_id


async def keep_rehashed(session: AsyncSession, user_id: int, *, before: str, password_hash: str) -> None:
    """The same password is stored with today's parameters, unless it was changed meanwhile."""
    statement = update(User).where(User.id == user_id, User.password_hash == before)
    await session.execute(statement.values(password_hash=password_hash, updated_at=User.updated_at))


async def set_password(session: AsyncSession, *, email: str, password: str, password_hash: str) -> None:
    """The user has the new password, and every session opened with the old one has ended.

    Raises: NotFound, WeakPassword.
    """
    # An operator's choice: the demo's is meant to be easy.
    check_password(password, email=email, common=True)
    statement = (
        update(User)
        .where(User.email == normalised_email(email))
        .values(password_hash=password_hash, token_key=uuid.uuid4().hex)
        .returning(User.id)
    )
    user_id = (await session.execute(statement)).scalar_one_or_none()
    if user_id is None:
        raise NotFound(f"No user has the e-mail {email}.", field="email")
    await revoke_refresh_tokens(session, user_id)


async def set_avatar(session: AsyncSession, *, email: str, asset_id: int | None) -> None:
    """The user is shown with the stored picture, or with none. Raises: NotFound."""
    statement = (
        update(User)
        .where(User.email == normalised_email(email))
        .values(avatar_asset_id=asset_id, updated_at=func.now())
        .returning(User.id)
    )
    if (await session.execute(statement)).scalar_one_or_none() is None:
        raise NotFound(f"No user has the e-mail {email}.", field="email")


async def keep_refresh_token(
    session: AsyncSession, user_id: int, token: str, *, now: datetime, until: datetime
) -> None:
    """The token is known by its hash and the user's log-in noted; tokens that are long over are forgotten."""
    await session.execute(delete(RefreshToken).where(RefreshToken.user_id == user_id, RefreshToken.expires_at < now))
    await session.execute(
        insert(RefreshToken).values(
            token_hash=token_hash(token), user_id=user_id, family=uuid.uuid4(), created_at=now, expires_at=until
        )
    )
    # Not `updated_at`: logging in changes nothing of the account itself.
    await session.execute(update(User).where(User.id == user_id).values(last_login=now, updated_at=User.updated_at))


async def token_user(session: AsyncSession, user_id: int) -> TokenUser:
    """What a token says of the user. Raises: NotFound."""
    statement = select(User.id, User.email, User.is_staff, User.token_key).where(User.id == user_id)
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise NotFound("There is no such user.")
    return TokenUser(row.id, row.email, row.is_staff, row.token_key)


async def end_sessions(session: AsyncSession, user_id: int) -> None:
    """Neither access nor refresh tokens of the user work any more."""
    await session.execute(update(User).where(User.id == user_id).values(token_key=uuid.uuid4().hex))
    await revoke_refresh_tokens(session, user_id)


async def revoke_refresh_tokens(session: AsyncSession, user_id: int) -> None:
    """None of the user's refresh tokens works any more."""
    await session.execute(
        update(RefreshToken)
        .where(RefreshToken.user_id == user_id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=func.now())
    )


async def staff_emails(session: AsyncSession) -> list[str]:
    """The e-mails of all active staff."""
    statement = select(User.email).where(User.is_staff, User.is_active).order_by(User.email)
    return list((await session.execute(statement)).scalars())


async def forget_refresh_tokens(session: AsyncSession, *, now: datetime) -> None:
    """Refresh tokens that are over are gone; one that is good and revoked stays to be known as revoked."""
    await session.execute(delete(RefreshToken).where(RefreshToken.expires_at < now))
