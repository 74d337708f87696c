"""What becomes of an account: confirmed, changed, moved to another e-mail, deleted."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.actions.users import revoke_refresh_tokens
from shop.accounts.errors import EmailTaken, LinkRefused, StaffStays
from shop.accounts.events import AccountDeleted, MailboxProved
from shop.accounts.links import Account
from shop.accounts.models import User
from shop.accounts.queries import shop_name
from shop.kit.errors import Conflict
from shop.kit.events import publish
from shop.mail.actions import queue_mail


@dataclass(frozen=True, slots=True)
class Profile:
    """What a user may change of the account; None leaves a text as it is, metadata are added to."""

    first_name: str | None = None
    last_name: str | None = None
    language_code: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


_ACCOUNT = select(
    User.id, User.email, User.is_staff, User.is_active, User.is_confirmed, User.token_key, User.password_hash
)


async def account_of(session: AsyncSession, user_id: int, *, lock: bool = False) -> Account | None:
    """The account as it is; with `lock` it stays so until the unit ends. Locks: the user, where asked."""
    statement = _ACCOUNT.where(User.id == user_id)
    if lock:
        statement = statement.with_for_update(key_share=True)
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else Account(*row)


async def confirm(session: AsyncSession, account: Account, *, knows_password: bool) -> None:
    """The mailbox is proved; with the password known as well, guest orders of the e-mail are the user's."""
    await session.execute(_change(account.id, is_confirmed=True))
    if knows_password:
        await publish(session, MailboxProved(account.id, account.email))


async def renew_password(session: AsyncSession, account: Account, password_hash: str, *, by_mail: bool) -> str:
    """The new password holds, every session has ended, and the owner is told. Returns the new sessions' key.

    `by_mail`: by a link in a mail, which proves the mailbox, and the password is that same person's choice.
    Raises: Conflict where the password was changed since the caller read it.
    """
    token_key = uuid.uuid4().hex
    values: dict[str, Any] = {"password_hash": password_hash, "token_key": token_key}
    if by_mail:
        values["is_confirmed"] = True
    unchanged = User.password_hash.is_not_distinct_from(account.password_hash)
    done = await session.execute(_change(account.id, **values).where(unchanged).returning(User.id))
    if done.scalar_one_or_none() is None:
        raise Conflict("The password was changed in the meantime.", field="oldPassword", code="INVALID_CREDENTIALS")
    await revoke_refresh_tokens(session, account.id)
    if by_mail:
        await publish(session, MailboxProved(account.id, account.email))
    await queue_mail(
        session,
        dedupe_key=f"account-password-changed:{token_key}",
        recipient=account.email,
        template="account-password-changed",
        context={"shop_name": await shop_name(session)},
    )
    return token_key


async def change_profile(session: AsyncSession, user_id: int, profile: Profile) -> None:
    """The account has the new names, language and metadata."""
    given = {
        "first_name": profile.first_name,
        "last_name": profile.last_name,
        "language_code": profile.language_code,
    }
    values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if profile.metadata:
        values["metadata_public"] = User.metadata_public.op("||")(dict(profile.metadata))
    if values:
        await session.execute(_change(user_id, **values))


async def change_email(session: AsyncSession, account: Account, new_email: str) -> None:
    """The account goes by the new e-mail, whose mailbox is proved; every session has ended and the old mailbox is told.

    Sessions end so that no token, mailed or given out, outlives what it was made for. Raises: EmailTaken.
    """
    if not new_email:
        raise LinkRefused
    try:
        # A savepoint: the refusal of the database must not spoil the rest of the unit.
        async with session.begin_nested():
            await session.execute(_change(account.id, email=new_email, is_confirmed=True, token_key=uuid.uuid4().hex))
    except IntegrityError:
        raise EmailTaken from None
    await revoke_refresh_tokens(session, account.id)
    await publish(session, MailboxProved(account.id, new_email))
    await queue_mail(
        session,
        dedupe_key=f"account-email-changed:{account.id}:{account.token_key}",
        recipient=account.email,
        template="account-email-changed",
        context={"shop_name": await shop_name(session)},
    )


async def delete_account(session: AsyncSession, account: Account) -> None:
    """The user, the address book and all sessions are gone. Orders stay, with their own copies, as books must.

    Raises: StaffStays.
    """
    if account.is_staff:
        raise StaffStays
    await publish(session, AccountDeleted(account.id, account.email))
    await session.execute(delete(User).where(User.id == account.id).execution_options(synchronize_session=False))


def _change(user_id: int, **values: Any) -> Any:
    statement = update(User).where(User.id == user_id).values({**values, "updated_at": func.now()})
    return statement.execution_options(synchronize_session=False)
