"""What a password, or a link in a mail, allows: confirming, choosing a new password, asking for another e-mail."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts import actions, links, queries
from shop.accounts.attempts import mailing
from shop.accounts.errors import LinkRefused, WrongPassword
from shop.accounts.flows.sessions import Lives, Tokens, new_session
from shop.accounts.links import Account, Purpose
from shop.accounts.rules import Signer, TokenUser, check_email, check_password, normalised_email
from shop.kit.db import Reader, Units


async def confirm_account(
    units: Units,
    reader: Reader,
    secret: str,
    *,
    email: str,
    token: str,
    password: str | None,
    address: str,
    now: datetime,
) -> int:
    """The account is confirmed; with its password as well, the e-mail's guest orders are its own. Returns its id.

    Raises: LinkRefused, WrongPassword, Delayed.
    """
    given = links.read(token)
    account = links.check(secret, Purpose.CONFIRM, given, await _by_email(reader, email), now=now)
    if password:
        await _check_password(units, account, password, address=address, now=now, field="password")

    async def work(session: AsyncSession) -> int:
        found = await actions.account_of(session, account.id, lock=True)
        await actions.confirm(
            session, links.check(secret, Purpose.CONFIRM, given, found, now=now), knows_password=bool(password)
        )
        return account.id

    return await units.run(work)


async def set_password(
    units: Units,
    reader: Reader,
    signer: Signer,
    lives: Lives,
    secret: str,
    *,
    email: str,
    token: str,
    password: str,
    now: datetime,
) -> Tokens:
    """The password is chosen by the link of a reset mail, all sessions have ended and a new one is open.

    Raises: LinkRefused, WeakPassword.
    """
    given = links.read(token)
    account = links.check(secret, Purpose.RESET, given, await _by_email(reader, email), now=now)
    check_password(password, email=account.email)
    password_hash = await actions.hash_password(password)

    async def work(session: AsyncSession) -> Tokens:
        found = links.check(
            secret, Purpose.RESET, given, await actions.account_of(session, account.id, lock=True), now=now
        )
        key = await actions.renew_password(session, found, password_hash, by_mail=True)
        user = TokenUser(found.id, found.email, found.is_staff, key)
        return await new_session(session, signer, lives, user, now=now)

    return await units.run(work)


async def change_password(
    units: Units, reader: Reader, user_id: int, *, old: str | None, new: str, address: str, now: datetime
) -> None:
    """The user has the new password, and all sessions have ended, the one that asked included.

    Raises: WrongPassword, WeakPassword, Delayed.
    """
    account = await _by_id(reader, user_id)
    # An account without a password, such as one of an identity provider's, has none to ask for.
    if account.password_hash is not None:
        await _check_password(units, account, old or "", address=address, now=now, field="oldPassword")
    check_password(new, email=account.email, field="newPassword")
    password_hash = await actions.hash_password(new)
    await units.run(lambda session: actions.renew_password(session, account, password_hash, by_mail=False))


async def request_email_change(
    units: Units,
    reader: Reader,
    user_id: int,
    *,
    new_email: str,
    password: str,
    redirect_url: str,
    address: str,
    now: datetime,
) -> None:
    """The new mailbox will get the link that makes it the account's, the same whether or not anybody has it.

    Raises: WrongPassword, Invalid, Delayed.
    """
    account = await _by_id(reader, user_id)
    email = normalised_email(new_email)
    check_email(email, field="newEmail")
    await _check_password(units, account, password, address=address, now=now, field="password")
    guards = mailing("email-change", account.email, address)

    async def work(session: AsyncSession) -> None:
        await actions.count_attempt(session, guards, now=now, field="newEmail")
        await actions.request(
            session, "email_change", redirect_url=redirect_url, at=now, user_id=user_id, new_email=email
        )

    await units.run(work)


async def _check_password(
    units: Units, account: Account, password: str, *, address: str, now: datetime, field: str
) -> None:
    """The password is the account's; guessing it here waits as it does at the log-in."""
    guards = await units.run(lambda session: actions.count_guess(session, account.email, address, now=now, field=field))
    if not await actions.password_matches(password, account.password_hash):
        raise WrongPassword("Password isn't valid.", field=field)
    await units.run(lambda session: actions.guessed_right(session, account.email, address, guards, now=now))


async def _by_email(reader: Reader, email: str) -> Account | None:
    rows = await reader.rows(queries.CREDENTIALS_BY_EMAIL, email=normalised_email(email))
    return Account(**dict(rows[0])) if rows else None


async def _by_id(reader: Reader, user_id: int) -> Account:
    rows = await reader.rows(queries.CREDENTIALS_BY_ID, id=user_id)
    if not rows:
        # Deleted since the request's token was read.
        raise LinkRefused
    return Account(**dict(rows[0]))
