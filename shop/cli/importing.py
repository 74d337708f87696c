"""`shop import`: articles, menus and comments of other systems."""

import asyncio
import json
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from shop.cli.database import note, ready_settings, with_tables
from shop.cli.progress import bar
from shop.cli.trouble import Trouble
from shop.kit.settings import Settings

if TYPE_CHECKING:
    from shop.exchange.drafts import Source
    from shop.exchange.flows import Options
    from shop.exchange.report import Report

_LARGEST_ARCHIVE = 4 * 1024**3
_KINDS = ("html", "markdown", "blocks", "wordpress")


_EXAMPLES = """\b
shop import --dry-run articles/         look first
shop import articles/ --publish         a folder of .md and .html files
shop import export.xml --fetch-media    WordPress: Tools > Export > All content
"""


@click.command(epilog=_EXAMPLES)
@click.argument(
    "paths", nargs=-1, required=True, metavar="FILE…", type=click.Path(exists=True, readable=True, path_type=Path)
)
@click.option(
    "--from",
    "kind",
    type=click.Choice(_KINDS),
    help="What the files are. Without it their names tell: .html, .md, .json (an export from here), .xml (WordPress).",
)
@click.option("--type", "page_type", default="article", show_default=True, help="Page type of files that name none.")
@click.option("--publish", is_flag=True, help="Show pages at once whose files do not say; otherwise they are drafts.")
@click.option("--overwrite", is_flag=True, help="Take the imported text also where a page was edited here since.")
@click.option("--fetch-media", is_flag=True, help="Bring pictures of other sites here; otherwise they stay links.")
@click.option(
    "--allow-private-addresses", is_flag=True, help="With --fetch-media: also from this machine and its network."
)
@click.option("--no-comments", is_flag=True, help="Leave comments out.")
@click.option("--no-menus", is_flag=True, help="Leave menus out.")
@click.option("--dry-run", is_flag=True, help="Change nothing, only report what would happen.")
@click.option(
    "--report",
    "report_path",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Also as JSON, here.",
)
def command(
    paths: tuple[Path, ...],
    kind: str | None,
    page_type: str,
    publish: bool,
    overwrite: bool,
    fetch_media: bool,
    allow_private_addresses: bool,
    no_comments: bool,
    no_menus: bool,
    dry_run: bool,
    report_path: Path | None,
) -> None:
    """Bring in articles from HTML, Markdown, WordPress or what 'shop export' wrote. FILE may be a folder.

    A second time finds the pages of the first by their slugs, or by their ids in WordPress. What was edited here
    since is left alone and reported. An import that was interrupted goes on where it stopped.
    """
    from shop.exchange.flows import Options
    from shop.exchange.flows.fetching import WebPictures
    from shop.kit.slugs import is_slug

    if not is_slug(page_type):
        raise click.BadParameter("a slug has lower-case letters, digits and hyphens", param_hint="--type")
    if allow_private_addresses and not fetch_media:
        raise click.UsageError("--allow-private-addresses belongs to --fetch-media.")
    with _unpacked(paths) as found:
        sources = _sources(found, kind, page_type=page_type, publish=publish)
        with ready_settings(note) as settings, with_tables():
            options = Options(
                media_folder=settings.media_path,
                overwrite=overwrite,
                publish=publish,
                dry_run=dry_run,
                fetch=WebPictures(allow_private=allow_private_addresses) if fetch_media else None,
                comments=not no_comments,
                traces=timedelta(days=settings.comments_traces_days),
                menus=not no_menus,
            )
            report = asyncio.run(_import(settings, sources, options))
    for line in report.lines():
        click.echo(line)
    if report.drafts and not publish:
        click.echo(f"\n{report.drafts} of the new pages are drafts; the same command with --publish shows them.")
    if report_path is not None:
        report_path.write_text(json.dumps(report.as_json(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


@contextmanager
def _unpacked(paths: tuple[Path, ...]) -> Iterator[tuple[Path, ...]]:
    """The paths, with a folder in the place of each zip archive, for as long as the block lasts."""
    with ExitStack() as folders:
        found = []
        for path in paths:
            if path.suffix.lower() != ".zip":
                found.append(path)
                continue
            folder = Path(folders.enter_context(TemporaryDirectory(prefix="shop-import-")))
            try:
                with zipfile.ZipFile(path) as archive:
                    if sum(entry.file_size for entry in archive.infolist()) > _LARGEST_ARCHIVE:
                        raise Trouble(f"{path} holds more than {_LARGEST_ARCHIVE // 1024**3} GB.")
                    # It writes inside of the folder alone, whatever the names in the archive say.
                    archive.extractall(folder)
            except (zipfile.BadZipFile, OSError) as error:
                raise Trouble(f"{path} is no zip archive that can be read.", cause=str(error)) from error
            found.append(folder)
        yield tuple(found)


def _sources(paths: tuple[Path, ...], kind: str | None, *, page_type: str, publish: bool) -> "list[Source]":
    """WordPress's exports each for itself, all other files together: these are one source."""
    from shop.exchange.readers.files import FORMS, Files
    from shop.exchange.readers.wordpress import WordPress, is_export

    exports = [path for path in paths if kind == "wordpress" or (kind is None and path.suffix.lower() == ".xml")]
    files = [path for path in paths if path not in exports]
    # WordPress.com hands out an archive, and large sites in several files.
    inside = {path: sorted(one for one in path.rglob("*.xml") if is_export(one)) for path in paths if path.is_dir()}
    if kind is None:
        exports += [one for found in inside.values() for one in found]
    exports = [one for path in exports for one in inside.get(path, [path])]
    for path in files:
        if kind is None and path.is_file() and path.suffix.lower() not in FORMS:
            raise Trouble(f"What {path} is cannot be told from its name.", remedy=f"Say so: --from {'|'.join(_KINDS)}.")
    if kind == "wordpress" and not exports:
        raise Trouble("There is no export of WordPress in the folder.", remedy="Name the .xml file that it wrote.")
    form = kind if kind in set(FORMS.values()) else None
    found: list[Source] = [WordPress(path) for path in exports]
    if files:
        found.append(Files(files, form=form, page_type=page_type, publish=publish))
    return found


async def _import(settings: Settings, sources: "list[Source]", options: "Options") -> "Report":
    from dataclasses import replace

    from shop.exchange.flows import import_from
    from shop.exchange.report import Report
    from shop.kit import clock
    from shop.kit.db import Database

    assert settings.database_url is not None
    database = Database(settings.database_url, pool_size=1, statement_timeout_seconds=60)
    whole = Report(options.dry_run)
    try:
        for source in sources:
            with bar("Importing") as progress:
                whole.join(await import_from(database, source, replace(options, progress=progress), now=clock.now()))
    finally:
        await database.close()
    return whole
