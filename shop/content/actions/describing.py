"""What pages say of the attributes of their types."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.attributes import actions as attributes
from shop.attributes.actions import OF_PAGES
from shop.attributes.queries import ATTRIBUTES_OF_PAGES
from shop.attributes.rules.given import Given, Kind
from shop.attributes.rules.keeping import Kept, Lost
from shop.content.actions.duties import Writer
from shop.content.actions.revisions import keep, keep_first
from shop.content.errors import PageNotFound
from shop.content.models import Page
from shop.content.rules import plain_text, sanitised
from shop.kit.errors import NotFound


async def describe(session: AsyncSession, page_id: int, given: Sequence[Given], *, is_new: bool = False) -> None:
    """The page has these values; a new one has all that its type needs. Rich texts are sanitised as contents are.

    Raises: PageNotFound, Many of InvalidValues. Locks: the page.
    """
    kinds = await _kinds(session, page_id, "id")
    await attributes.give(session, OF_PAGES, page_id, kinds, _cleaned(given), is_new=is_new)


async def described(session: AsyncSession, page_id: int, given: Sequence[Given]) -> dict[int, Kept]:
    """What `describe` would store, to be kept aside. Raises, Locks: as `describe`."""
    kinds = await _kinds(session, page_id, "id")
    return await attributes.settle(session, kinds, _cleaned(given), is_new=False)


async def describe_again(session: AsyncSession, page_id: int, kept: Mapping[int, Kept]) -> list[Lost]:
    """The page has the values that were kept aside, but for those that are gone, which are told. Locks: the page."""
    return await attributes.give_again(session, OF_PAGES, page_id, await _kinds(session, page_id, "id"), kept)


async def reorder_values(
    session: AsyncSession, page_id: int, attribute_id: int, moves: Sequence[tuple[int, int]], *, writer: Writer
) -> None:
    """The page's values of the attribute are in the order that the moves make. Raises: PageNotFound, NotFound."""
    if attribute_id not in {kind.id for kind in await _kinds(session, page_id, "pageId")}:
        raise NotFound("Pages of this type have no such attribute.", field="attributeId")
    await keep_first(session, [page_id])
    await attributes.reorder_values(session, OF_PAGES, page_id, attribute_id, moves)
    await keep(session, [page_id], user_id=writer.user_id)


def _cleaned(given: Sequence[Given]) -> list[Given]:
    return [
        each
        if each.rich_text is None
        else replace(each, rich_text=sanitised(each.rich_text), rich_text_name=plain_text(each.rich_text))
        for each in given
    ]


async def _kinds(session: AsyncSession, page_id: int, field: str) -> list[Kind]:
    """The attributes of the page's type. Raises: PageNotFound. Locks: the page."""
    held = await session.execute(select(Page.page_type_id).where(Page.id == page_id).with_for_update())
    page_type_id = held.scalar_one_or_none()
    if page_type_id is None:
        raise PageNotFound(field=field)
    rows = await session.execute(ATTRIBUTES_OF_PAGES, {"ids": [page_type_id], "everything": True})
    return [
        Kind(
            id=row.pk,
            name=row.name,
            input_type=row.input_name,
            entity_type=row.entity_name,
            value_required=row.value_required,
            external_reference=row.external_reference,
        )
        for row in rows
    ]
