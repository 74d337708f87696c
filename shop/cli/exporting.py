"""`shop export`: pages, menus and comments as files."""

import asyncio
import zipfile
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

import click

from shop.cli.database import note, ready_settings, with_tables
from shop.cli.trouble import Trouble
from shop.kit.settings import Settings

if TYPE_CHECKING:
    from shop.exchange.flows.exporting import Choice, Target


@click.command()
@click.argument("target", metavar="DIR|FILE.zip", type=click.Path(path_type=Path))
@click.option("--pages", is_flag=True, help="Pages; without any of these three, all of them are written.")
@click.option("--menus", is_flag=True, help="Menus.")
@click.option("--comments", is_flag=True, help="Comments, without what tells who wrote them.")
@click.option("--private", is_flag=True, help="With e-mails, addresses and programs of who commented.")
@click.option("--media", is_flag=True, help="Copy the shop's own pictures too; otherwise they are only listed.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "json"]),
    default="markdown",
    show_default=True,
    help="Pages as Markdown to read and edit, or as JSON with their very blocks.",
)
def command(target: Path, pages: bool, menus: bool, comments: bool, private: bool, media: bool, form: str) -> None:
    """Write pages, menus and comments into a new folder or a zip archive, as 'shop import' reads them back.

    media.json lists the pictures that the pages show.
    """
    from shop.exchange.flows.exporting import Choice

    everything = not (pages or menus or comments)
    if private and not (comments or everything):
        raise click.UsageError("--private belongs to comments.")
    if target.exists() and (target.is_file() or any(target.iterdir())):
        raise Trouble(f"There is something in {target} already.", remedy="Name a new folder or file.")
    with ready_settings(note) as settings, with_tables():
        choice = Choice(
            pages=pages or everything,
            menus=menus or everything,
            comments=comments or everything,
            form="json" if form == "json" else "markdown",
            private=private,
            media_folder=settings.media_path if media else None,
        )
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=target.parent, prefix=".shop-export-") as beside:
            # Half an export is none.
            whole = Path(beside) / target.name
            with _opened(whole) as files:
                written = asyncio.run(_export(settings, files, choice))
            whole.replace(target)
    told = ", ".join(f"{number} {kind}" for kind, number in written.items())
    click.echo(f"{target}: {told}.")


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path
        path.mkdir(parents=True, exist_ok=True)

    def write(self, path: str, content: bytes) -> None:
        file = self._path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


class _Archive:
    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "x", compression=zipfile.ZIP_DEFLATED)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def write(self, path: str, content: bytes) -> None:
        self._zip.writestr(path, content)


def _opened(target: Path) -> "AbstractContextManager[Target]":
    return _Archive(target) if target.suffix.lower() == ".zip" else nullcontext(_Folder(target))


async def _export(settings: Settings, files: "Target", choice: "Choice") -> dict[str, int]:
    from shop.exchange.flows.exporting import export_to
    from shop.kit.db import Database

    assert settings.database_url is not None
    database = Database(settings.database_url, pool_size=1, statement_timeout_seconds=60)
    reader = database.reader()
    try:
        return await export_to(reader.rows, files, choice)
    finally:
        await reader.close()
        await database.close()
