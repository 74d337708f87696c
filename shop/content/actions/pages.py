"""Writing, publishing and deleting pages. Every write keeps a revision; what is published meets its type's policy."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ARRAY, Integer, any_, bindparam, delete, null, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from shop.attributes.actions import OF_PAGES, drop_unused, own_values
from shop.attributes.rules.given import Given
from shop.attributes.rules.keeping import Kept, Lost, stored
from shop.content.actions.describing import describe, describe_again
from shop.content.actions.duties import Writer, found_in_page, found_in_translations, let_pass
from shop.content.actions.revisions import keep, keep_first
from shop.content.errors import PageNotFound, PageTypeNotFound, RevisionNotFound, SlugTaken
from shop.content.models import Page, PageRevision, PageSlug, PageType
from shop.content.rules.pages import PageFields, check_whole, checked, restorable
from shop.content.rules.policy import Finding
from shop.kit.db.database import sqlstate
from shop.kit.errors import Invalid, Many, ShopError
from shop.kit.slugs import free_slug, slugified

_UNIQUE_VIOLATION: Final = "23505"
_WRITTEN: Final = tuple(PageFields.__annotations__)
_HELD: Final = (
    select(Page.id, PageType.policy, *(getattr(Page, name) for name in _WRITTEN))
    .join(PageType, PageType.id == Page.page_type_id)
    .where(Page.id == any_(bindparam("ids", type_=ARRAY(Integer))))
    .order_by(Page.id)
    .with_for_update(of=Page)
)


async def create(
    session: AsyncSession,
    page_type_id: int,
    given: PageFields,
    *,
    attributes: Sequence[Given] | None = None,
    writer: Writer,
    now: datetime,
) -> int:
    """There is a page with these fields, and with all values that its type needs; None: nobody asks for them.

    Raises: Many, Invalid, SlugTaken, PageTypeNotFound, DutyNotMet.
    """
    policies = await session.execute(
        select(PageType.policy).where(PageType.id == page_type_id).with_for_update(read=True)
    )
    kind = policies.one_or_none()
    if kind is None:
        raise PageTypeNotFound(field="pageType")
    empty: dict[str, Any] = dict.fromkeys(_WRITTEN) | {"is_published": False, "author_is_organization": False}
    page = _dated(empty | checked({"title": None, **given}), now) | {"policy": kind.policy}
    check_whole(page)
    found, reason = _let_pass(page, (), writer, now)
    page["slug"] = page["slug"] or await _free_slug(session, page["title"])
    made = await session.execute(
        upsert(Page)
        .values(page_type_id=page_type_id, **_stored(page))
        .on_conflict_do_nothing(index_elements=["slug"])
        .returning(Page.id)
    )
    page_id = made.scalar_one_or_none()
    if page_id is None:
        raise SlugTaken
    await session.execute(delete(PageSlug).where(PageSlug.slug == page["slug"]))
    if attributes is not None:
        await describe(session, page_id, attributes, is_new=True)
    await keep(session, [page_id], user_id=writer.user_id, findings=found, override_reason=reason)
    return page_id


async def update_page(
    session: AsyncSession,
    page_id: int,
    given: PageFields,
    *,
    attributes: Sequence[Given] | Mapping[int, Kept] = (),
    writer: Writer,
    now: datetime,
) -> list[Lost]:
    """The page has these fields and values; its former slug leads to it. Raises: as `create`, and PageNotFound.

    Told are the values that were kept aside, and cannot be given again.
    """
    before = await held_page(session, page_id)
    changed = checked(given)
    if "slug" in changed and not changed["slug"]:
        raise Invalid("A page needs a slug.", field="slug", code="REQUIRED")
    page = _dated({**before, **changed}, now)
    check_whole(page)
    in_translations = await _translated(session, [before], [page])
    found, reason = _let_pass(page, in_translations.get(page_id, ()), writer, now)
    await keep_first(session, [page_id])
    if page["slug"] != before["slug"]:
        await _move(session, page_id, before["slug"], page["slug"])
    await session.execute(update(Page).where(Page.id == page_id).values(_stored(page)))
    lost: list[Lost] = []
    if isinstance(attributes, Mapping):
        lost = await describe_again(session, page_id, attributes)
    elif attributes:
        await describe(session, page_id, attributes)
    await keep(session, [page_id], user_id=writer.user_id, findings=found, override_reason=reason)
    return lost


async def publish(
    session: AsyncSession, page_ids: Iterable[int], *, is_published: bool, writer: Writer, now: datetime
) -> int:
    """All of these pages are published, or none is any more; says how many. Raises: Many of DutyNotMet, Invalid."""
    held = await _held(session, page_ids)
    pages = [_dated({**page, "is_published": is_published}, now) for page in held]
    told: list[ShopError] = []
    passed: list[tuple[int, Sequence[Finding], str | None]] = []
    in_translations = await _translated(session, held, pages)
    for page in pages:
        try:
            found, reason = _let_pass(page, in_translations.get(page["id"], ()), writer, now)
        except Many as refused:
            for error in refused.errors:
                error.message = f"{page['title']}: {error.message}"
            told += refused.errors
        else:
            passed.append((page["id"], found, reason))
    if told:
        raise Many(told)
    await keep_first(session, [page["id"] for page in pages])
    for page in pages:
        await session.execute(
            update(Page)
            .where(Page.id == page["id"])
            .values(is_published=page["is_published"], published_at=page["published_at"])
        )
    for page_id, found, reason in passed:
        await keep(session, [page_id], user_id=writer.user_id, findings=found, override_reason=reason)
    return len(pages)


async def restore(session: AsyncSession, revision_id: int, *, writer: Writer, now: datetime) -> tuple[int, list[Lost]]:
    """The page says again what it said in this revision; where it is found, and whether, stays.

    Says which page, and which values of its attributes are gone since. Raises: RevisionNotFound, and as `update_page`.
    """
    row = await session.execute(
        select(PageRevision.page_id, PageRevision.fields, PageRevision.attributes).where(PageRevision.id == revision_id)
    )
    revision = row.one_or_none()
    if revision is None:
        raise RevisionNotFound
    page_id = int(revision.page_id)
    attributes = stored(revision.attributes or {})
    fields = restorable(revision.fields)
    return page_id, await update_page(session, page_id, fields, attributes=attributes, writer=writer, now=now)


async def delete_pages(session: AsyncSession, page_ids: Iterable[int]) -> int:
    """The pages are gone, with their revisions, former slugs, menu entries and values; says how many there were."""
    ids = sorted(set(page_ids))
    values = await own_values(session, OF_PAGES, ids)
    found = await session.execute(delete(Page).where(Page.id.in_(ids)).returning(Page.id))
    await drop_unused(session, values)
    return len(found.all())


async def held_page(session: AsyncSession, page_id: int) -> dict[str, Any]:
    """The page's columns, and the policy of its type. Raises: PageNotFound. Locks: the page."""
    held = await _held(session, [page_id])
    if not held:
        raise PageNotFound
    return held[0]


async def _held(session: AsyncSession, page_ids: Iterable[int]) -> list[dict[str, Any]]:
    rows = await session.execute(_HELD, {"ids": sorted(set(page_ids))})
    return [dict(row) for row in rows.mappings()]


def _dated(page: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A page that is published without a date is published now."""
    return page | {"published_at": now} if page["is_published"] and page["published_at"] is None else page


async def _translated(
    session: AsyncSession, held: Sequence[Mapping[str, Any]], pages: Sequence[Mapping[str, Any]]
) -> Mapping[int, Sequence[Finding]]:
    """What is found in the translations of the pages that this write publishes; those that are out stay out."""
    policies = {
        page["id"]: page["policy"]
        for before, page in zip(held, pages, strict=True)
        if page["is_published"] and not before["is_published"]
    }
    return await found_in_translations(session, policies)


def _let_pass(
    page: Mapping[str, Any], in_translations: Sequence[Finding], writer: Writer, now: datetime
) -> tuple[Sequence[Finding], str | None]:
    """What the policy finds and the writer lets pass, with the reason. Raises: Many of DutyNotMet, Invalid."""
    found = found_in_page(page["policy"], page, now) if page["is_published"] else []
    return let_pass([*found, *in_translations], writer)


def _stored(page: Mapping[str, Any]) -> dict[str, Any]:
    """The page's columns. None in a JSON column would be JSON's null."""
    values = {name: page[name] for name in _WRITTEN}
    return values | {"content": null() if values["content"] is None else values["content"]}


async def _free_slug(session: AsyncSession, title: str) -> str:
    base = slugified(title) or "page"
    taken = await session.execute(select(Page.slug).where(Page.slug.like(f"{base}%")))
    return free_slug(base, set(taken.scalars()))


async def _move(session: AsyncSession, page_id: int, before: str, after: str) -> None:
    """The page has another slug, and is found under the former one until another page takes that. Raises: SlugTaken."""
    try:
        async with session.begin_nested():
            await session.execute(update(Page).where(Page.id == page_id).values(slug=after))
    except IntegrityError as error:
        if sqlstate(error) == _UNIQUE_VIOLATION:
            raise SlugTaken from None
        raise
    await session.execute(delete(PageSlug).where(PageSlug.slug == after))
    former = upsert(PageSlug).values(slug=before, page_id=page_id)
    await session.execute(former.on_conflict_do_update(index_elements=["slug"], set_={"page_id": page_id}))
