"""Changes of a page that nobody but staff sees until they are published. The page itself goes on as it is meanwhile."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.attributes.rules import keeping
from shop.attributes.rules.given import Given
from shop.attributes.rules.keeping import Lost
from shop.content.actions.describing import described
from shop.content.actions.duties import Writer
from shop.content.actions.pages import held_page, update_page
from shop.content.actions.revisions import keep
from shop.content.errors import DraftNotFound, DraftOutdated, RevisionNotFound
from shop.content.models import PageDraft, PageRevision
from shop.content.queries import DRAFTS_BY_PAGE
from shop.content.rules.pages import PageFields, changed_since, check_whole, checked, restorable, storable, stored


async def save_draft(
    session: AsyncSession,
    page_id: int,
    given: PageFields,
    *,
    attributes: Sequence[Given] = (),
    revision_id: int | None = None,
    writer: Writer,
) -> None:
    """The page's draft says this beside what it says already; the first one begins from the page as it is now.

    With a revision it says what that says, and nothing of what it said before. Raises: PageNotFound, RevisionNotFound,
    Many, Invalid. Locks: the page.
    """
    page = await held_page(session, page_id)
    # What it begins from is the last revision, also where a shop file wrote the page since.
    await keep(session, [page_id])
    changes = dict(checked(given))
    said = keeping.storable(await described(session, page_id, attributes)) if attributes else {}
    if revision_id is not None:
        fields, values = await _revision(session, page_id, revision_id)
    else:
        row = await session.execute(select(PageDraft.fields, PageDraft.attributes).where(PageDraft.page_id == page_id))
        draft = row.one_or_none()
        fields, values = (stored(draft.fields), draft.attributes) if draft is not None else ({}, {})
    changes = {**fields, **changes}
    check_whole({**page, **changes})
    stored_now: dict[str, Any] = {
        "fields": storable(changes),
        "attributes": {**values, **said},
        "user_id": writer.user_id,
    }
    last = select(func.max(PageRevision.number)).where(PageRevision.page_id == page_id).scalar_subquery()
    insert = upsert(PageDraft).values(page_id=page_id, base_number=last, **stored_now)
    await session.execute(
        insert.on_conflict_do_update(index_elements=["page_id"], set_={**stored_now, "updated_at": func.now()})
    )


async def publish_draft(
    session: AsyncSession, page_id: int, *, overwrite: bool, writer: Writer, now: datetime
) -> list[Lost]:
    """The page says what its draft says, which is gone; whether, when and where it is published stays.

    Told are the values of attributes that are gone since. Raises: PageNotFound, DraftNotFound, DraftOutdated unless
    told to overwrite what was written since, and as `update_page`. Locks: the page.
    """
    page = await held_page(session, page_id)
    draft = (await session.execute(DRAFTS_BY_PAGE, {"ids": [page_id]})).one_or_none()
    if draft is None:
        raise DraftNotFound
    written = [
        *changed_since(draft.base, storable(page)),
        *keeping.changed_since(draft.base_attributes or {}, draft.attributes_now),
    ]
    if written and not overwrite:
        raise DraftOutdated(written)
    said = keeping.stored(draft.attributes)
    lost = await update_page(session, page_id, stored(draft.changes), attributes=said, writer=writer, now=now)
    await session.execute(delete(PageDraft).where(PageDraft.page_id == page_id))
    return lost


async def discard_draft(session: AsyncSession, page_id: int) -> None:
    """The page has no draft any more, and is as it was. Raises: PageNotFound, DraftNotFound. Locks: the page."""
    await held_page(session, page_id)
    gone = await session.execute(delete(PageDraft).where(PageDraft.page_id == page_id).returning(PageDraft.page_id))
    if gone.first() is None:
        raise DraftNotFound


async def _revision(session: AsyncSession, page_id: int, revision_id: int) -> tuple[PageFields, Mapping[str, Any]]:
    """What the page's revision says, and of its attributes. Raises: RevisionNotFound."""
    row = await session.execute(
        select(PageRevision.fields, PageRevision.attributes).where(
            PageRevision.id == revision_id, PageRevision.page_id == page_id
        )
    )
    revision = row.one_or_none()
    if revision is None:
        raise RevisionNotFound(field="revision")
    return restorable(revision.fields), revision.attributes or {}
