"""`shop user`: the first member of staff, and passwords that were forgotten."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click
from sqlalchemy.ext.asyncio import AsyncSession

from shop.cli.database import note, ready_settings
from shop.kit.db import Database
from shop.kit.settings import Settings

T = TypeVar("T")


@click.group()
def command() -> None:
    """Users: make one, set a password or a picture, list the staff."""


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

    async def work(database: Database, _settings: Settings) -> int:
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

    async def work(database: Database, _settings: Settings) -> None:
        password_hash = await actions.hash_password(new)
        await database.run(
            lambda session: actions.set_password(session, email=email, password=new, password_hash=password_hash)
        )

    _run(work)
    click.echo(f"The password of {email} is changed.")


@command.command()
@click.argument("email")
@click.argument("picture", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
def avatar(email: str, picture: Path | None) -> None:
    """Show EMAIL with a PICTURE, or without one where none is named."""
    from shop.accounts import actions
    from shop.media.actions import store

    content = picture.read_bytes() if picture else None

    async def work(database: Database, settings: Settings) -> None:
        async def show(session: AsyncSession) -> None:
            asset_id = None
            if picture and content is not None:
                asset_id = (await store(session, content, picture.name, folder=settings.media_path)).id
            await actions.set_avatar(session, email=email, asset_id=asset_id)

        await database.run(show)

    _run(work)
    click.echo(f"{email} is shown with {picture.name}." if picture else f"{email} is shown without a picture.")


@command.command()
def staff() -> None:
    """List the e-mail of every active member of staff."""
    from shop.accounts import actions

    for email in _run(lambda database, _settings: database.run(actions.staff_emails)):
        click.echo(email)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


def _run(work: Callable[[Database, Settings], Awaitable[T]]) -> T:
    async def run(settings: Settings) -> T:
        assert settings.database_url is not None
        database = Database(settings.database_url, pool_size=1)
        try:
            return await work(database, settings)
        finally:
            await database.close()

    with ready_settings(note) as settings:
        return asyncio.run(run(settings))
