"""Pages that were read, written by the actions of content, where nobody edited them here."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.content.actions import page_types, pages
from shop.content.actions.addresses import remember_addresses
from shop.content.actions.duties import Writer
from shop.content.errors import DutyNotMet
from shop.content.models import Page, PageType
from shop.content.rules.pages import PageFields
from shop.exchange.actions.records import known, remember
from shop.exchange.actions.terms import give_terms
from shop.exchange.report import Entry, Fate
from shop.exchange.rules import SHOWN, TOLD, Ready, digest, fate_of
from shop.kit.db.metadata import change_metadata
from shop.kit.errors import Many, ShopError
from shop.kit.metadata import checked

_WRITER: Final = Writer()
_HELD: Final = (
    select(
        Page.id,
        Page.content,
        Page.is_published,
        Page.metadata_public.label("metadata"),
        *(getattr(Page, name) for name in TOLD),
    )
    .order_by(Page.id)
    .with_for_update()
)


async def write_pages(
    session: AsyncSession, source: str, drafts: Sequence[Ready], *, overwrite: bool, publish: bool, now: datetime
) -> tuple[list[Entry], dict[str, int]]:
    """The pages are here as they were read, and on record; says what became of each, and which row each key is.

    A page that was edited or deleted here since stays as it is, unless `overwrite`. Whether visitors read a page is
    taken over when it is made, and later only with `publish`, which shows what was a draft until now. A wrong page is
    told of and leaves the others alone.
    Locks: the pages, by id.
    """
    records = await known(session, source, "page", (ready.draft.key for ready in drafts))
    ids = [record.id for record in records.values() if record.id is not None]
    by_id = await _held(session, ids, [ready.fields["slug"] for ready in drafts])
    by_slug = {page["slug"]: page for page in by_id.values()}
    entries: list[Entry] = []
    rows: dict[str, int] = {}
    for ready in drafts:
        record = records.get(ready.draft.key)
        page = by_id.get(record.id) if record is not None else None
        if page is None:
            page = by_slug.get(ready.fields["slug"])
        digests = (record.digest if record is not None else None, ready.draft.digest)
        metadata = {**(page["metadata"] if page else {}), **ready.draft.metadata}
        wanted = {**ready.fields, "metadata": metadata}
        fate, reason = fate_of(
            page,
            wanted,
            known=digests,
            is_deleted=record is not None and record.id is None,
            overwrite=overwrite,
        )
        notes = (*((reason,) if reason else ()), *ready.notes)
        try:
            async with session.begin_nested():
                page_id, more = await _write(session, page, ready, metadata, fate, now=now)
                is_hidden = page is not None and not page["is_published"] and fate is not Fate.SKIPPED
                if publish and is_hidden and page_id is not None and ready.fields.get("is_published"):
                    await pages.publish(session, [page_id], is_published=True, writer=_WRITER, now=now)
                    fate = Fate.UPDATED
        except ShopError as error:
            notes = (*_told(error), *notes)
            entries.append(Entry("page", ready.fields["slug"], Fate.SKIPPED, notes))
            continue
        is_draft = fate is Fate.CREATED and "is_published" not in ready.fields
        entries.append(Entry("page", ready.fields["slug"], fate, (*more, *notes), is_draft))
        # A page that only happens to have this slug is another one: nothing of this one belongs under it.
        if page_id is not None and (fate is not Fate.SKIPPED or any(digests)):
            rows[ready.draft.key] = page_id
    await remember_addresses(
        session,
        {
            address: rows[ready.draft.key]
            for ready in drafts
            if ready.draft.key in rows
            for address in ready.draft.addresses
        },
    )
    await _remember(session, source, entries, drafts, rows)
    return entries, rows


async def _held(session: AsyncSession, ids: Iterable[int], slugs: Iterable[str]) -> dict[int, dict[str, Any]]:
    statement = _HELD.where(or_(Page.id.in_(list(ids)), Page.slug.in_(list(slugs))))
    return {row["id"]: dict(row) for row in (await session.execute(statement)).mappings()}


async def _write(
    session: AsyncSession,
    page: Mapping[str, Any] | None,
    ready: Ready,
    metadata: Mapping[str, str],
    fate: Fate,
    *,
    now: datetime,
) -> tuple[int | None, tuple[str, ...]]:
    """The row of the page, and what else is to be told. Raises: as the actions of pages."""
    notes: tuple[str, ...] = ()
    page_id = page["id"] if page is not None else None
    if fate is Fate.CREATED:
        page_id, notes = await _create(session, ready, now=now)
    elif fate is Fate.UPDATED:
        assert page_id is not None
        given = {name: value for name, value in ready.fields.items() if name not in SHOWN}
        try:
            await pages.update_page(session, page_id, cast("PageFields", given), writer=_WRITER, now=now)
        except Many as refused:
            if not _is_duty(refused):
                raise
            given["is_published"] = False
            await pages.update_page(session, page_id, cast("PageFields", given), writer=_WRITER, now=now)
            notes = ("is not shown to visitors any more:", *_told(refused))
    before = page["metadata"] if page is not None else {}
    if fate in {Fate.CREATED, Fate.UPDATED} and dict(metadata) != before:
        assert page_id is not None
        await change_metadata(session, Page, page_id, lambda _: checked(metadata.items()))
    return page_id, notes


async def _create(session: AsyncSession, ready: Ready, *, now: datetime) -> tuple[int, tuple[str, ...]]:
    kind_id, notes = await _page_type(session, ready.draft.page_type)
    given = cast("PageFields", dict(ready.fields))
    try:
        page_id = await pages.create(session, kind_id, given, writer=_WRITER, now=now)
    except Many as refused:
        if not _is_duty(refused):
            raise
        given["is_published"] = False
        page_id = await pages.create(session, kind_id, given, writer=_WRITER, now=now)
        notes = (*notes, "is a draft, since its type asks for more:", *_told(refused))
    return page_id, (*notes, *await give_terms(session, page_id, kind_id, ready.draft.terms))


async def _page_type(session: AsyncSession, slug: str) -> tuple[int, tuple[str, ...]]:
    page_type_id = await session.scalar(select(PageType.id).where(PageType.slug == slug))
    if page_type_id is not None:
        return page_type_id, ()
    name = slug.replace("-", " ").capitalize()
    return await page_types.create(session, {"name": name, "slug": slug}, ()), (f"the page type {slug} was made",)


def _is_duty(refused: Many) -> bool:
    return all(isinstance(error, DutyNotMet) for error in refused.errors)


def _told(error: ShopError) -> tuple[str, ...]:
    return tuple(each.message for each in error.errors) if isinstance(error, Many) else (error.message,)


async def _remember(
    session: AsyncSession, source: str, entries: Sequence[Entry], drafts: Sequence[Ready], rows: Mapping[str, int]
) -> None:
    """What was written, or is here as it was read, is on record with how it looks now."""
    here = [
        ready.draft.key
        for entry, ready in zip(entries, drafts, strict=True)
        if entry.fate is not Fate.SKIPPED and ready.draft.key in rows
    ]
    pages_now = await _held(session, [rows[key] for key in here], [])
    await remember(session, source, "page", [(key, rows[key], digest(pages_now[rows[key]])) for key in here])
