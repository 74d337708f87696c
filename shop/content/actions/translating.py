"""Pages in other languages."""

from typing import Final

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from shop.content.errors import PageNotFound, SlugTaken
from shop.content.models import Page
from shop.content.rules.pages import PageFields, checked
from shop.kit.db.database import sqlstate
from shop.translations.models import Translation

_UNIQUE_VIOLATION: Final = "23505"


async def translate(session: AsyncSession, page_id: int, language: str, given: PageFields) -> None:
    """The page says this in the language; what is left out stays, what is None is not translated.

    Raises: PageNotFound, Many, SlugTaken. Locks: the page, so that two who translate it add to each other.
    """
    held = await session.execute(select(Page.id).where(Page.id == page_id).with_for_update())
    if held.first() is None:
        raise PageNotFound
    values = checked(given, needs_title=False)
    slug = {"slug": values.pop("slug") or None} if "slug" in values else {}
    found = await session.execute(
        select(Translation.id, Translation.texts).where(
            Translation.kind == "page", Translation.row_id == page_id, Translation.language == language
        )
    )
    before = found.one_or_none()
    texts = {name: text for name, text in ((before.texts if before else {}) | values).items() if text is not None}
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
