"""The mails that jobs write, and what they forget: each one unit."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts import actions
from shop.kit.db import Units


async def welcome(units: Units, secret: str, *, email: str, redirect_url: str, at: float) -> None:
    """Who registered is mailed. Units: `at` is in seconds since 1970."""
    moment = datetime.fromtimestamp(at, UTC)
    await units.run(lambda session: actions.welcome(session, secret, email=email, redirect_url=redirect_url, at=moment))


async def password_reset(units: Units, secret: str, *, email: str, redirect_url: str, at: float) -> None:
    """Who forgot the password is mailed. Units: `at` is in seconds since 1970."""
    moment = datetime.fromtimestamp(at, UTC)
    await units.run(
        lambda session: actions.mail_reset(session, secret, email=email, redirect_url=redirect_url, at=moment)
    )


async def email_change(
    units: Units, secret: str, *, user_id: int, new_email: str, redirect_url: str, at: float
) -> None:
    """The mailbox that an account is to move to is mailed. Units: `at` is in seconds since 1970."""
    moment = datetime.fromtimestamp(at, UTC)

    async def mail(session: AsyncSession) -> None:
        account = await actions.account_of(session, user_id)
        if account is not None and account.is_active:
            await actions.mail_email_change(
                session, secret, account, new_email=new_email, redirect_url=redirect_url, at=moment
            )

    await units.run(mail)


async def forget(units: Units, *, now: datetime) -> None:
    """Attempts of yesterday and sessions that are over are gone."""
    await units.run(lambda session: actions.forget_attempts(session, now=now))
    await units.run(lambda session: actions.forget_refresh_tokens(session, now=now))
