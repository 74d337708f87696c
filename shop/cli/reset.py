"""`shop reset`: a clone as it was before its first run."""

import shutil

import click

from shop.cli.database import embedded_folder
from shop.kit.postgres import remove
from shop.kit.settings import Settings


@click.command()
@click.option("--yes", is_flag=True, help="Do it without asking.")
def command(yes: bool) -> None:
    """Remove the embedded database, the sandbox's payments, the pictures and the development keys.

    A database that SHOP_DATABASE_URL names is never touched.
    """
    settings = Settings()
    if not yes:
        click.confirm(f"Remove everything that was kept in {settings.state_folder.resolve()}?", abort=True)
    if not settings.state_folder.exists():
        click.echo("Nothing to remove.")
        return
    places = [str(settings.state_folder.resolve())]
    if embedded_folder(settings).exists():
        home = remove(embedded_folder(settings), home=settings.pg_home)
        if not home.is_relative_to(settings.state_folder.resolve()):
            places.append(str(home))
    shutil.rmtree(settings.state_folder)
    click.echo(f"Removed {' and '.join(places)}")
