"""Mails about accounts, decided and written where nobody who asked for them can time it; and forgetting."""

from shop.accounts.flows import mails
from shop.accounts.links import secret_of
from shop.jobs import JobContext, job
from shop.kit import clock


@job("accounts.welcome")
async def welcome(context: JobContext, *, email: str, redirect_url: str, at: float) -> None:
    """Who registered is mailed."""
    secret = secret_of(context.settings)
    await mails.welcome(context.database, secret, email=email, redirect_url=redirect_url, at=at)


@job("accounts.password_reset")
async def password_reset(context: JobContext, *, email: str, redirect_url: str, at: float) -> None:
    """Who forgot the password is mailed."""
    secret = secret_of(context.settings)
    await mails.password_reset(context.database, secret, email=email, redirect_url=redirect_url, at=at)


@job("accounts.email_change")
async def email_change(context: JobContext, *, user_id: int, new_email: str, redirect_url: str, at: float) -> None:
    """The mailbox that an account is to move to is mailed."""
    await mails.email_change(
        context.database,
        secret_of(context.settings),
        user_id=user_id,
        new_email=new_email,
        redirect_url=redirect_url,
        at=at,
    )


@job("accounts.forget", attempts=3, cron="41 * * * * 0")
async def forget(context: JobContext) -> None:
    """Attempts of yesterday and sessions that are over are gone."""
    await mails.forget(context.database, now=clock.now())
