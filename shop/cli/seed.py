"""`shop seed`: the demo clinic."""

import asyncio

import click

from shop.cli.database import note, ready_settings
from shop.cli.trouble import Trouble


@click.command()
def command() -> None:
    """Put the demo clinic into the shop, or back to what it was; other rows stay."""
    with ready_settings(note) as settings:
        if settings.production:
            raise Trouble(
                "The demo does not belong into a production shop.",
                remedy="'shop apply FILE' brings a shop to what a file of your own says.",
            )
        from shop.cli.preparation import seed

        click.echo(asyncio.run(seed(settings, again=True)))
