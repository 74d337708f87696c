"""`shop seed`: the demo clinic, and made-up products in any number."""

import asyncio

import click

from shop.cli.database import note, ready_settings
from shop.cli.trouble import Trouble
from shop.kit.settings import Settings


@click.command()
@click.option("--size", type=click.IntRange(min=1), help="Also this many made-up products, to measure speed with.")
def command(size: int | None) -> None:
    """Put the demo clinic into the shop, or back to what it was; other rows stay."""
    with ready_settings(note) as settings:
        if settings.production:
            raise Trouble(
                "The demo does not belong into a production shop.",
                remedy="'shop apply FILE' brings a shop to what a file of your own says.",
            )
        from shop.cli.preparation import seed

        click.echo(asyncio.run(seed(settings, again=True)))
        if size is not None:
            click.echo(f"{asyncio.run(_make_products(settings, size))} products added.")


async def _make_products(settings: Settings, size: int) -> int:
    from shop.blueprint.seed import seed
    from shop.kit.db import Database

    assert settings.database_url is not None
    database = Database(settings.database_url, pool_size=1, statement_timeout_seconds=600)
    try:
        return await seed(database, size)
    finally:
        await database.close()
