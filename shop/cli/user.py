"""`shop user`: the first member of staff, and passwords that were forgotten."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from shop.cli.database import note, ready_settings
from shop.kit.db import Database
from shop.kit.settings import Settings

T = TypeVar("T")


@click.group()
def command() -> None:
    """Users: make one, set a password, list the staff."""


@command.command()
@click.argument("email")
@click.option("--staff", is_flag=True, help="A member of staff, who may log in to a dashboard.")
@click.option("--permission", "permissions", multiple=True, metavar="CODE", help="MANAGE_ORDERS, …; may be repeated.")
@click.option("--all-permissions", is_flag=True, help="Everything that staff can be allowed.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of standard input.")
def create(email: str, staff: bool, permissions: tuple[str, ...], all_permissions: bool, password_stdin: bool) -> None:
    """Make a confirmed user, or change who EMAIL is; asks for the password."""
    from shop.accounts import actions
    from shop.accounts.rules import check_password

    unknown = sorted(set(permissions) - set(actions.PERMISSIONS))
    if unknown:
        raise click.UsageError(f"There is no permission {', '.join(unknown)}. Known: {', '.join(actions.PERMISSIONS)}.")
    if (permissions or all_permissions) and not staff:
        raise click.UsageError("Only staff have permissions: add --staff.")
    password = _password(password_stdin)
    check_password(password, email=email)

    async def work(database: Database) -> int:
        password_hash = await actions.hash_password(password)
        return await database.run(
            lambda session: actions.save_user(
                session,
                email=email,
                password_hash=password_hash,
                is_staff=staff,
                permissions=actions.PERMISSIONS if all_permissions else permissions,
            )
        )

    _run(work)
    click.echo(f"{email} can log in.")


@command.command()
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of standard input.")
def password(email: str, password_stdin: bool) -> None:
    """Set a new password for EMAIL; every session opened with the old one ends."""
    from shop.accounts import actions

    new = _password(password_stdin)

    async def work(database: Database) -> None:
        password_hash = await actions.hash_password(new)
        await database.run(
            lambda session: actions.set_password(session, email=email, password=new, password_hash=password_hash)
        )

    _run(work)
    click.echo(f"The password of {email} is changed.")


@command.command()
def staff() -> None:
    """List the e-mail of every active member of staff."""
    from shop.accounts import actions

    for email in _run(lambda database: database.run(actions.staff_emails)):
        click.echo(email)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


def _run(work: Callable[[Database], Awaitable[T]]) -> T:
    async def run(settings: Settings) -> T:
        assert settings.database_url is not None
        database = Database(settings.database_url, pool_size=1)
        try:
            return await work(database)
        finally:
            await database.close()

    with ready_settings(note) as settings:
        return asyncio.run(run(settings))
