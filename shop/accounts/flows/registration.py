"""Registering: the same steps and the same answer whether or not the e-mail has an account."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts import actions
from shop.accounts.actions import NewAccount
from shop.accounts.attempts import mailing
from shop.accounts.rules import check_email, check_name, check_password
from shop.kit.db import Units


async def register(
    units: Units, new: NewAccount, *, password: str, redirect_url: str, address: str, now: datetime
) -> None:
    """The e-mail's mailbox will tell how it goes on. Raises: Invalid, WeakPassword, Delayed."""
    check_email(new.email, field="email")
    check_name(new.first_name, field="firstName")
    check_name(new.last_name, field="lastName")
    check_password(password, email=new.email)
    guards = mailing("register", new.email, address)
    await units.run(lambda session: actions.count_attempt(session, guards, now=now, field="email"))
    password_hash = await actions.hash_password(password)

    async def keep(session: AsyncSession) -> None:
        await actions.register(session, new, password_hash=password_hash)
        await actions.request(session, "welcome", redirect_url=redirect_url, at=now, email=new.email)

    await units.run(keep)
