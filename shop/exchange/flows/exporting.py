"""An export: pages, menus and comments as files, in a folder or a zip archive, as an import reads them back."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import orjson
from sqlalchemy.sql import Executable

from shop.exchange import queries
from shop.exchange.readers.files import COMMENTS, MEDIA, MENUS
from shop.exchange.rules import shown_pictures
from shop.exchange.writing import SUFFIXES, Format, comment_line, menus_file, page_file
from shop.media.rules import is_path, media_url

Rows = Callable[..., Any]
_SIZE: Final = 100
_OWN: Final = media_url("")


class Target(Protocol):
    """Where files go."""

    def write(self, path: str, content: bytes) -> None:
        """The file is there, in this folder of it."""
        ...


@dataclass(frozen=True, slots=True)
class Choice:
    """What is written out. `private`: e-mails, addresses and programs of who commented; `media`: the pictures too."""

    pages: bool = True
    menus: bool = True
    comments: bool = True
    form: Format = "markdown"
    private: bool = False
    media_folder: Path | None = None


async def export_to(rows: Rows, target: Target, choice: Choice) -> dict[str, int]:
    """Everything chosen is in the target; how much of each kind there was. `rows` reads a statement."""
    written: dict[str, int] = {}
    if choice.pages:
        written |= await _pages(rows, target, choice)
    if choice.menus:
        menus = await rows(queries.MENUS)
        target.write(MENUS, menus_file(menus, await rows(queries.MENU_ITEMS)))
        written["menus"] = len(menus)
    if choice.comments:
        lines = [
            comment_line(dict(row.items()), private=choice.private) async for row in _all(rows, queries.COMMENTS_AFTER)
        ]
        target.write(COMMENTS, b"".join(lines))
        written["comments"] = len(lines)
    return written


async def _pages(rows: Rows, target: Target, choice: Choice) -> dict[str, int]:
    shown: dict[str, list[str]] = {}
    number = 0
    async for row in _all(rows, queries.PAGES_AFTER):
        page = dict(row.items())
        for address in shown_pictures(page["content"]):
            shown.setdefault(address, []).append(page["slug"])
        target.write(f"pages/{page['slug']}{SUFFIXES[choice.form]}", page_file(page, choice.form))
        number += 1
    stored = {row["path"]: dict(row.items()) for row in await rows(queries.ASSETS_BY_PATH)}
    media = []
    for address, slugs in shown.items():
        path = address.removeprefix(_OWN) if address.startswith(_OWN) else ""
        media.append({"url": address, "pages": slugs, **stored.get(path, {})})
        if choice.media_folder is not None and is_path(path) and (file := choice.media_folder / path).is_file():
            target.write(f"media/{path}", file.read_bytes())
    target.write(MEDIA, orjson.dumps(media, option=orjson.OPT_INDENT_2) + b"\n")
    return {"pages": number, "pictures": len(media)}


async def _all(rows: Rows, statement: Executable) -> AsyncIterator[Any]:
    after = 0
    while found := await rows(statement, after=after, size=_SIZE):
        for row in found:
            yield row
        after = found[-1]["id"]
