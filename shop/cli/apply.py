"""`shop apply`: the shop holds what a file says."""

import asyncio
from pathlib import Path

import click

from shop.cli.database import note, ready_settings
from shop.cli.trouble import Trouble
from shop.kit.settings import Settings

DIFFERENT = 2


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Change nothing, print the difference; exit code 2 where there is one.")
@click.option("--prune", is_flag=True, help="Delete what the file's sections do not mention.")
@click.pass_context
def command(context: click.Context, file: Path, dry_run: bool, prune: bool) -> None:
    """Bring the shop to what FILE says, in one transaction; a second time changes nothing.

    Slugs and skus name things; what the file does not mention stays. docs/ has the format as JSON Schema.
    """
    from shop.blueprint.errors import ShopFileError
    from shop.kit.errors import Conflict

    try:
        with ready_settings(note) as settings:
            changed = asyncio.run(_apply(settings, file, dry_run=dry_run, prune=prune))
    except ShopFileError as error:
        raise Trouble(
            f"{file} cannot be applied, so nothing was changed.",
            cause="\n".join(map(str, error.problems)),
            remedy="Correct the lines above.",
        ) from error
    except Conflict as error:
        raise Trouble(error.message, remedy="Resolve that, or leave out --prune.") from error
    if dry_run and changed:
        context.exit(DIFFERENT)


async def _apply(settings: Settings, file: Path, *, dry_run: bool, prune: bool) -> bool:
    from shop.blueprint.apply import apply_file
    from shop.kit.db import Database

    assert settings.database_url is not None
    database = Database(settings.database_url, pool_size=1, statement_timeout_seconds=60)
    try:
        report = await apply_file(database, file, media_folder=settings.media_path, dry_run=dry_run, prune=prune)
    finally:
        await database.close()
    for line in report.lines():
        click.echo(line)
    click.echo(report.summary())
    return report.changed
