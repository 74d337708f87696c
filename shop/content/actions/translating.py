"""Pages in other languages. What is shown to visitors in one meets the policy of the page's type, as the page does."""

from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from shop.content.actions.duties import Writer, let_pass
from shop.content.actions.revisions import keep, keep_first
from shop.content.errors import PageNotFound, SlugTaken
from shop.content.models import Page, PageLanguageSlug, PageType
from shop.content.rules.pages import PageFields, checked
from shop.content.rules.policy import translation_findings
from shop.kit.db.database import sqlstate
from shop.translations.models import Translation

_UNIQUE_VIOLATION: Final = "23505"


async def translate(session: AsyncSession, page_id: int, language: str, given: PageFields, *, writer: Writer) -> None:
    """The page says this in the language; what is left out stays, what is None is not translated.

    Its former slug of that language leads to it. Of a published page the texts meet the policy of its type, or are let
    pass for a reason, which is kept as a revision of the page.

    Raises: PageNotFound, Many, SlugTaken. Locks: the page, so that two who translate it add to each other.
    """
    page = await _held(session, page_id)
    values = checked(given, needs_title=False)
    slug = {"slug": values.pop("slug") or None} if "slug" in values else {}
    found = await session.execute(
        select(Translation.id, Translation.slug, Translation.texts).where(
            Translation.kind == "page", Translation.row_id == page_id, Translation.language == language
        )
    )
    before = found.one_or_none()
    texts = {name: text for name, text in ((before.texts if before else {}) | values).items() if text is not None}
    passed, reason = let_pass(translation_findings(page.policy, language, texts) if page.is_published else (), writer)
    try:
        async with session.begin_nested():
            if before is None:
                await session.execute(
                    upsert(Translation).values(kind="page", row_id=page_id, language=language, texts=texts, **slug)
                )
            else:
                await session.execute(
                    update(Translation).where(Translation.id == before.id).values(texts=texts, **slug)
                )
    except IntegrityError as error:
        if sqlstate(error) == _UNIQUE_VIOLATION:
            raise SlugTaken from None
        raise
    if slug:
        await _move(session, page_id, language, before.slug if before else None, slug["slug"])
    if reason is not None:
        await keep_first(session, [page_id])
        await keep(session, [page_id], user_id=writer.user_id, findings=passed, override_reason=reason)


async def _held(session: AsyncSession, page_id: int) -> Any:
    held = await session.execute(
        select(Page.is_published, PageType.policy)
        .join(PageType, PageType.id == Page.page_type_id)
        .where(Page.id == page_id)
        .with_for_update(of=Page)
    )
    page = held.one_or_none()
    if page is None:
        raise PageNotFound
    return page


async def _move(session: AsyncSession, page_id: int, language: str, before: str | None, after: str | None) -> None:
    """The page is found under its former slug of the language, until another page takes that."""
    await session.execute(
        delete(PageLanguageSlug).where(PageLanguageSlug.language == language, PageLanguageSlug.slug == after)
    )
    if before is not None and before != after:
        former = upsert(PageLanguageSlug).values(language=language, slug=before, page_id=page_id)
        await session.execute(
            former.on_conflict_do_update(index_elements=["language", "slug"], set_={"page_id": page_id})
        )
