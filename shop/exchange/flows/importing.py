"""An import: batches of pages with their pictures and comments, then menus; begun anew, it goes on where it stopped."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import unquote

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from shop.exchange import actions
from shop.exchange.drafts import CommentDraft, PageDraft, Refused, Source
from shop.exchange.errors import NotFetched
from shop.exchange.report import Entry, Fate, Report
from shop.exchange.rules import Ready, picture_addresses, ready
from shop.kit.db import Units
from shop.kit.db.database import sqlstate
from shop.kit.errors import Conflict
from shop.media.errors import NotAnImage
from shop.media.rules import MAX_BYTES

T = TypeVar("T")
# So many pages are one unit of work: what a kill costs, and what others wait for.
_BATCH: Final = 25
_OWN: Final = "/media/"
_STAYS: Final = "of other sites stay there, where the demo shop does not show them; --fetch-media brings them here"
_LOCK_NOT_AVAILABLE: Final = "55P03"

Progress = Callable[[int, int], None]


class Fetch(Protocol):
    """Brings a picture from elsewhere."""

    async def picture(self, address: str) -> bytes:
        """The content of the picture. Raises: NotFetched."""
        ...


@dataclass(frozen=True, slots=True)
class Options:
    """How to import.

    `publish`: drafts of an earlier import are shown now. `traces`: how long it is known where a comment came from, and
    with which program. `fetch`: brings pictures of other sites here; without it they
    stay links.
    """

    media_folder: Path
    overwrite: bool = False
    publish: bool = False
    dry_run: bool = False
    fetch: Fetch | None = None
    comments: bool = True
    traces: timedelta = timedelta(days=90)
    menus: bool = True
    progress: Progress | None = None


class _Rehearsed(Exception):
    """Leaves the unit of a rehearsal, so that nothing of it remains."""


class _OneUnit:
    """Units of work that are all one, to be undone at the end."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def run(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """The result of `work`, which nobody else sees."""
        return await work(self._session)


async def import_from(units: Units, source: Source, options: Options, *, now: datetime) -> Report:
    """What the source holds is here, and the report names what became of it; nothing is changed by a dry run.

    Each batch of pages, with their comments, is a unit of its own: after a kill, a second run finishes the work of
    the first, and the result is that of one run. Raises: UnreadableSource, Conflict where another import is at work.
    """
    try:
        if options.dry_run:
            return await _rehearsed(units, source, options, now=now)
        return await _Import(units, source, options, now).run()
    except DBAPIError as error:
        if sqlstate(error) == _LOCK_NOT_AVAILABLE:
            raise Conflict("Another import is at work; the same command goes on where this one stopped.") from error
        raise


async def _rehearsed(units: Units, source: Source, options: Options, *, now: datetime) -> Report:
    # What a source has to look through beforehand must not keep a transaction waiting.
    assert source.name
    report = Report()

    async def rehearse(session: AsyncSession) -> None:
        nonlocal report
        import_ = _Import(_OneUnit(session), source, options, now)
        report = await import_.run()
        raise _Rehearsed

    with suppress(_Rehearsed):
        await units.run(rehearse)
    return report


class _Import:
    """One import while it runs."""

    def __init__(self, units: Units, source: Source, options: Options, now: datetime) -> None:
        self._units = units
        self._source = source
        self._options = options
        self._now = now
        self._report = Report(is_rehearsal=options.dry_run)

    async def run(self) -> Report:
        for batch in _batches(self._accepted(self._source.pages()), _BATCH):
            await self._pages(batch)
            self._tell(self._source.done)
        if self._options.menus:
            for menu in self._accepted(self._source.menus()):

                async def write(session: AsyncSession, menu: Any = menu) -> Entry:
                    await actions.begin(session)
                    return await actions.write_menu(session, self._source.name, menu, overwrite=self._options.overwrite)

                self._report.add(await self._units.run(write))
        self._tell(self._source.total)
        return self._report

    def _tell(self, done: int) -> None:
        if self._options.progress is not None:
            self._options.progress(done, self._source.total)

    def _accepted(self, found: Iterable[Any]) -> Iterator[Any]:
        for one in found:
            if isinstance(one, Refused):
                self._report.add(Entry(one.kind, one.name, Fate.SKIPPED, (one.reason,)))
            else:
                yield one

    async def _pages(self, drafts: list[PageDraft]) -> None:
        pages = [await self._ready(draft) for draft in drafts]

        async def write(session: AsyncSession) -> tuple[list[Entry], Report]:
            await actions.begin(session)
            entries, rows = await actions.write_pages(
                session,
                self._source.name,
                pages,
                overwrite=self._options.overwrite,
                publish=self._options.publish,
                now=self._now,
            )
            comments: list[tuple[int, CommentDraft]] = [
                (rows[draft.key], comment)
                for draft in drafts
                if draft.key in rows and self._options.comments
                for comment in draft.comments
            ]
            # Counted apart: the unit may run again after a deadlock.
            counted = Report()
            await actions.write_comments(
                session, self._source.name, comments, counted, traces=self._options.traces, now=self._now
            )
            lost = sum(len(draft.comments) for draft in drafts if draft.key not in rows)
            counted.count("comment", Fate.SKIPPED, lost, "of pages that are not here")
            return entries, counted

        entries, counted = await self._units.run(write)
        for entry in entries:
            self._report.add(entry)
        self._report.join(counted)

    async def _ready(self, draft: PageDraft) -> Ready:
        """The page with its pictures stored, each in a unit of its own before the page's."""
        addresses = picture_addresses(draft)
        known: dict[str, dict[str, Any]] = {}
        if addresses:
            known = await self._units.run(lambda session: actions.known_pictures(session, self._source.name, addresses))
        notes: list[str] = []
        for address in addresses:
            if address in known:
                continue
            try:
                content = await self._picture(draft, address)
                if content is not None:
                    known[address] = await self._store(address, content)
            except (NotFetched, NotAnImage) as error:
                notes.append(f"a picture was not taken over: {error.message}")
        return ready(replace(draft, notes=(*draft.notes, *notes)), known)

    async def _store(self, address: str, content: bytes) -> dict[str, Any]:
        if self._options.dry_run:
            # The file would stay behind.
            return {"url": f"{_OWN}rehearsal/{len(content)}"}

        async def store(session: AsyncSession) -> dict[str, Any]:
            return await actions.store_picture(
                session, self._source.name, address, content, folder=self._options.media_folder
            )

        made = await self._units.run(store)
        self._report.count("picture", Fate.CREATED)
        return made

    async def _picture(self, draft: PageDraft, address: str) -> bytes | None:
        """The content of the picture, from beside the page's file or from elsewhere; None where it stays a link."""
        if address.startswith(("https:", "http:")):
            if self._options.fetch is None:
                self._report.count("picture", Fate.SKIPPED, reason=_STAYS)
                return None
            # A rehearsal asks nobody.
            return None if self._options.dry_run else await self._options.fetch.picture(address)
        if draft.folder is None or draft.root is None:
            return None
        root = await asyncio.to_thread(draft.root.resolve)
        # Pictures of the shop's own, as an export lays them beside the pages.
        path = root / address.lstrip("/") if address.startswith("/") else draft.folder / unquote(address)
        path = await asyncio.to_thread(path.resolve)
        return await asyncio.to_thread(_beside, path, address) if path.is_relative_to(root) else None


def _beside(path: Path, address: str) -> bytes | None:
    if not path.is_file():
        return None
    if path.stat().st_size > MAX_BYTES:
        raise NotFetched(f"{address} is larger than {MAX_BYTES // 1024**2} MB.")
    return path.read_bytes()


def _batches(found: Iterable[PageDraft], size: int) -> Iterator[list[PageDraft]]:
    rest = iter(found)
    while batch := list(islice(rest, size)):
        yield batch
