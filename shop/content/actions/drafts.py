"""Changes of a page that nobody but staff sees until they are published. The page itself goes on as it is meanwhile."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.content.actions.duties import Writer
from shop.content.actions.pages import held_page, update_page
from shop.content.actions.revisions import keep
from shop.content.errors import DraftNotFound, DraftOutdated, RevisionNotFound
from shop.content.models import PageDraft, PageRevision
from shop.content.rules.pages import PageFields, changed_since, check_whole, checked, restorable, storable, stored


async def save_draft(
    session: AsyncSession, page_id: int, given: PageFields, *, revision_id: int | None = None, writer: Writer
) -> None:
    """The page's draft says this beside what it says already; the first one begins from the page as it is now.

    With a revision it says what that says, and nothing of what it said before. Raises: PageNotFound, RevisionNotFound,
    Many, Invalid. Locks: the page.
    """
    page = await held_page(session, page_id)
    # What it begins from is the last revision, also where a shop file wrote the page since.
    await keep(session, [page_id])
    changes = dict(checked(given))
    if revision_id is not None:
        changes = {**await _revision(session, page_id, revision_id), **changes}
    else:
        row = await session.execute(select(PageDraft.fields).where(PageDraft.page_id == page_id))
        changes = {**stored(row.scalar_one_or_none() or {}), **changes}
    check_whole({**page, **changes})
    values: dict[str, Any] = {"fields": storable(changes), "user_id": writer.user_id}
    last = select(func.max(PageRevision.number)).where(PageRevision.page_id == page_id).scalar_subquery()
    draft = upsert(PageDraft).values(page_id=page_id, base_number=last, **values)
    await session.execute(
        draft.on_conflict_do_update(index_elements=["page_id"], set_={**values, "updated_at": func.now()})
    )


async def publish_draft(session: AsyncSession, page_id: int, *, overwrite: bool, writer: Writer, now: datetime) -> None:
    """The page says what its draft says, which is gone; whether, when and where it is published stays.

    Raises: PageNotFound, DraftNotFound, DraftOutdated unless told to overwrite what was written since, and as
    `update_page`. Locks: the page.
    """
    page = await held_page(session, page_id)
    row = await session.execute(
        select(PageDraft.fields, PageRevision.fields.label("base"))
        .join(
            PageRevision, (PageRevision.page_id == PageDraft.page_id) & (PageRevision.number == PageDraft.base_number)
        )
        .where(PageDraft.page_id == page_id)
    )
    draft = row.one_or_none()
    if draft is None:
        raise DraftNotFound
    written = changed_since(draft.base, storable(page))
    if written and not overwrite:
        raise DraftOutdated(written)
    await update_page(session, page_id, stored(draft.fields), writer=writer, now=now)
    await session.execute(delete(PageDraft).where(PageDraft.page_id == page_id))


async def discard_draft(session: AsyncSession, page_id: int) -> None:
    """The page has no draft any more, and is as it was. Raises: PageNotFound, DraftNotFound. Locks: the page."""
    await held_page(session, page_id)
    gone = await session.execute(delete(PageDraft).where(PageDraft.page_id == page_id).returning(PageDraft.page_id))
    if gone.first() is None:
        raise DraftNotFound


async def _revision(session: AsyncSession, page_id: int, revision_id: int) -> PageFields:
    """What the page's revision says. Raises: RevisionNotFound."""
    row = await session.execute(
        select(PageRevision.fields).where(PageRevision.id == revision_id, PageRevision.page_id == page_id)
    )
    fields = row.scalar_one_or_none()
    if fields is None:
        raise RevisionNotFound(field="revision")
    return restorable(fields)
