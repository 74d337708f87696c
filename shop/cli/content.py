"""`shop content`: what is written in pages, descriptions and attributes, as a whole."""

import asyncio
from functools import partial
from typing import Any, Final

import click

from shop.cli.database import note, ready_settings, with_tables

# So many rows are one unit of work: what others wait for.
_BATCH: Final = 200


@click.group()
def command() -> None:
    """Pages, descriptions and attributes: what is stored of them."""


@command.command()
@click.option("--dry-run", is_flag=True, help="Tell what would be changed, and change nothing.")
def clean(dry_run: bool) -> None:
    """Run every stored text of blocks through today's sanitiser.

    What visitors see is sanitised whenever it is shown. This cleans what is stored, for clients that read the blocks:
    pages with their drafts and revisions, translations, widgets, attributes, descriptions of products, categories,
    collections, promotions and methods of shipping. A second run changes nothing.
    """
    with ready_settings(note) as settings, with_tables():
        assert settings.database_url is not None
        found = asyncio.run(_clean(settings.database_url, dry_run=dry_run))
    for column, read, changed in found:
        click.echo(f"{column:<36}{read:>8} read{len(changed):>8} changed")
        if changed:
            click.echo(f"    rows {', '.join(map(str, changed))}")
    if dry_run:
        click.echo("This was a rehearsal: nothing was changed.")


async def _clean(url: str, *, dry_run: bool) -> list[tuple[str, int, list[Any]]]:
    """Of each column that holds documents how many rows were read, and the keys of those that were changed."""
    from shop.cli.documents import DOCUMENTS
    from shop.content.actions.cleaning import clean as clean_batch
    from shop.kit.db import Database

    database = Database(url, pool_size=1)
    found = []
    try:
        for column in DOCUMENTS:
            read, after = 0, None
            changed: list[Any] = []
            while True:
                batch = await database.run(
                    partial(clean_batch, column=column, after=after, size=_BATCH, dry_run=dry_run)
                )
                read, after = read + batch.read, batch.last
                changed += batch.changed
                if batch.read < _BATCH:
                    break
            found.append((f"{column.parent.class_.__tablename__}.{column.key}", read, changed))
    finally:
        await database.close()
    return found
