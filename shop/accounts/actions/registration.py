"""Registering, and the mails that prove a mailbox. What tells known from unknown e-mails happens in jobs, where nobody
who asked can see or time it.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts import links
from shop.accounts.links import Account, Purpose
from shop.accounts.models import User
from shop.accounts.queries import shop_name
from shop.jobs import enqueue
from shop.mail.actions import queue_mail


@dataclass(frozen=True, slots=True)
class NewAccount:
    """Who wants an account. Shapes: `email` is normalised."""

    email: str
    first_name: str = ""
    last_name: str = ""
    language_code: str = "EN"
    metadata: Mapping[str, str] = field(default_factory=dict)


async def register(session: AsyncSession, new: NewAccount, *, password_hash: str) -> None:
    """The account waits for its confirmation. A confirmed account, and one that was closed, stays as it is.

    One that still waits takes the newest password and names: the link mailed for it confirms these and no others.
    """
    values: dict[str, Any] = {
        "first_name": new.first_name,
        "last_name": new.last_name,
        "language_code": new.language_code,
        "password_hash": password_hash,
        "token_key": uuid.uuid4().hex,
    }
    metadata = dict(new.metadata)
    statement = insert(User).values(email=new.email, metadata_public=metadata, **values)
    statement = statement.on_conflict_do_update(
        index_elements=[User.email],
        # By the column's own name.
        set_={**values, "metadata": metadata, "updated_at": func.now()},
        where=User.is_confirmed.is_(False) & User.is_active & User.is_staff.is_(False),
    )
    await session.execute(statement)


async def request(session: AsyncSession, name: str, *, redirect_url: str, at: datetime, **values: Any) -> None:
    """The mail that this job decides on will be sent soon, if it is. `at` fixes the link's end over all attempts."""
    arguments = {"redirect_url": redirect_url, "at": at.timestamp(), **values}
    await enqueue(session, f"accounts.{name}", arguments, queue="mail")


async def welcome(session: AsyncSession, secret: str, *, email: str, redirect_url: str, at: datetime) -> None:
    """Who registered has the link to confirm it; who has an account already is told that somebody tried."""
    account = await _account(session, email)
    if account is None or not account.is_active:
        return
    if account.is_confirmed:
        await _tell_of_account(session, account, at)
        return
    await _mail(session, secret, Purpose.CONFIRM, account, "account-confirm", redirect_url=redirect_url, at=at)


async def mail_reset(session: AsyncSession, secret: str, *, email: str, redirect_url: str, at: datetime) -> None:
    """Whoever has an active account has the link to choose a new password; nobody else gets anything."""
    account = await _account(session, email)
    if account is not None and account.is_active:
        await _mail(session, secret, Purpose.RESET, account, "account-password-reset", redirect_url=redirect_url, at=at)


async def mail_deletion(
    session: AsyncSession, secret: str, account: Account, *, redirect_url: str, at: datetime
) -> None:
    """The user has the link to delete the account."""
    await _mail(session, secret, Purpose.DELETE, account, "account-delete", redirect_url=redirect_url, at=at)


async def mail_email_change(
    session: AsyncSession, secret: str, account: Account, *, new_email: str, redirect_url: str, at: datetime
) -> None:
    """The new mailbox has the link that makes it the account's; if it is somebody's already, they are told instead."""
    other = await _account(session, new_email)
    if other is not None:
        if other.is_active:
            await _tell_of_account(session, other, at)
        return
    await _mail(
        session,
        secret,
        Purpose.CHANGE_EMAIL,
        account,
        "account-email-change",
        redirect_url=redirect_url,
        at=at,
        new_email=new_email,
    )


async def _account(session: AsyncSession, email: str) -> Account | None:
    statement = select(
        User.id, User.email, User.is_staff, User.is_active, User.is_confirmed, User.token_key, User.password_hash
    ).where(User.email == email)
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else Account(*row)


async def _mail(
    session: AsyncSession,
    secret: str,
    purpose: Purpose,
    account: Account,
    template: str,
    *,
    redirect_url: str,
    at: datetime,
    new_email: str = "",
) -> None:
    token = links.make(secret, purpose, account, at=at, new_email=new_email)
    recipient = new_email or account.email
    parameters = {"token": token} if new_email else {"email": recipient, "token": token}
    hours = int(links.LIVES[purpose].total_seconds()) // 3600
    await queue_mail(
        session,
        dedupe_key=f"{template}:{account.id}:{at.timestamp()}",
        recipient=recipient,
        template=template,
        context={
            "shop_name": await shop_name(session),
            "url": links.link(redirect_url, **parameters),
            "hours": hours,
        },
    )


async def _tell_of_account(session: AsyncSession, account: Account, at: datetime) -> None:
    # Once a day is enough, however often somebody tries.
    await queue_mail(
        session,
        dedupe_key=f"account-exists:{account.id}:{at:%Y-%m-%d}",
        recipient=account.email,
        template="account-exists",
        context={"shop_name": await shop_name(session)},
    )
