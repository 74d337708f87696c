"""Kinds of pages: their names, the policy of their pages, and the attributes that these have."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypedDict

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from shop.attributes.models import Attribute, OfPageType
from shop.attributes.rules.given import moved
from shop.content.actions.pages import delete_pages
from shop.content.errors import InvalidAttributes, PageTypeNotFound, SlugTaken
from shop.content.models import Page, PageType
from shop.content.rules.policy import default_policy
from shop.kit.db.database import sqlstate
from shop.kit.errors import Invalid, NotFound
from shop.kit.slugs import free_slug, is_slug, slugified

_LONGEST_NAME: Final = 250
_UNIQUE_VIOLATION: Final = "23505"
_ATTRIBUTES: Final = select(OfPageType.attribute_id).order_by(OfPageType.sort_order, OfPageType.attribute_id)


class PageTypeFields(TypedDict, total=False):
    """What is written of a page type; what is left out stays, or is what most shops want."""

    name: str | None
    slug: str | None
    policy: str | None


async def create(session: AsyncSession, given: PageTypeFields, attribute_ids: Sequence[int]) -> int:
    """There is a page type with these attributes. Without a policy it has the one that its slug stands for.

    Raises: Invalid, SlugTaken, InvalidAttributes.
    """
    values = _checked({"name": None, **given})
    if not values.get("slug"):
        base = slugified(values["name"]) or "page-type"
        taken = await session.execute(select(PageType.slug).where(PageType.slug.like(f"{base}%")))
        values["slug"] = free_slug(base, set(taken.scalars()))
    values = {"policy": default_policy(values["slug"])} | values
    made = await session.execute(
        upsert(PageType).values(**values).on_conflict_do_nothing(index_elements=["slug"]).returning(PageType.id)
    )
    page_type_id = made.scalar_one_or_none()
    if page_type_id is None:
        raise SlugTaken
    await _assign(session, page_type_id, attribute_ids, "addAttributes")
    return page_type_id


async def update_page_type(
    session: AsyncSession,
    page_type_id: int,
    given: PageTypeFields,
    *,
    add_attributes: Sequence[int] = (),
    remove_attributes: Sequence[int] = (),
) -> None:
    """The type has these fields and attributes; what is published stays so. Raises: PageTypeNotFound, as `create`."""
    await _hold(session, page_type_id, "id")
    if both := set(add_attributes) & set(remove_attributes):
        message = "An attribute is added or removed, not both."
        raise InvalidAttributes(message, both, field="removeAttributes", code="DUPLICATED_INPUT_ITEM")
    values = _checked(given)
    if "slug" in values and not values["slug"]:
        raise Invalid("A page type needs a slug.", field="slug", code="REQUIRED")
    if values:
        try:
            async with session.begin_nested():
                await session.execute(update(PageType).where(PageType.id == page_type_id).values(**values))
        except IntegrityError as error:
            if sqlstate(error) == _UNIQUE_VIOLATION:
                raise SlugTaken from None
            raise
    await _unassign(session, page_type_id, remove_attributes)
    await _assign(session, page_type_id, add_attributes, "addAttributes")


async def assign(session: AsyncSession, page_type_id: int, attribute_ids: Sequence[int]) -> None:
    """The type has these attributes too. Raises: PageTypeNotFound, NotFound, InvalidAttributes."""
    await _hold(session, page_type_id, "pageTypeId")
    has = await session.execute(_ATTRIBUTES.where(OfPageType.page_type_id == page_type_id))
    if twice := set(attribute_ids) & set(has.scalars()):
        message = "Pages of this type have these attributes already."
        raise InvalidAttributes(message, twice, field="attributeIds", code="ATTRIBUTE_ALREADY_ASSIGNED")
    await _assign(session, page_type_id, attribute_ids, "attributeIds")


async def unassign(session: AsyncSession, page_type_id: int, attribute_ids: Sequence[int]) -> None:
    """The type has none of these attributes. Raises: PageTypeNotFound."""
    await _hold(session, page_type_id, "pageTypeId")
    await _unassign(session, page_type_id, attribute_ids)


async def reorder_attributes(session: AsyncSession, page_type_id: int, moves: Sequence[tuple[int, int]]) -> None:
    """The type's attributes are in the order that the moves make. Raises: PageTypeNotFound, NotFound."""
    await _hold(session, page_type_id, "pageTypeId")
    has = await session.execute(_ATTRIBUTES.where(OfPageType.page_type_id == page_type_id))
    try:
        order = moved(list(has.scalars()), moves)
    except KeyError:
        raise NotFound("Pages of this type have no such attribute.", field="moves") from None
    for place, attribute_id in enumerate(order):
        await session.execute(
            update(OfPageType)
            .where(OfPageType.page_type_id == page_type_id, OfPageType.attribute_id == attribute_id)
            .values(sort_order=place)
        )


async def delete_page_types(session: AsyncSession, page_type_ids: Iterable[int]) -> int:
    """The types are gone with all their pages, as in Saleor; says how many types there were."""
    ids = sorted(page_type_ids)
    pages = await session.execute(select(Page.id).where(Page.page_type_id.in_(ids)))
    await delete_pages(session, pages.scalars())
    found = await session.execute(delete(PageType).where(PageType.id.in_(ids)).returning(PageType.id))
    return len(found.all())


def _checked(given: PageTypeFields) -> dict[str, Any]:
    values: dict[str, Any] = dict(given)
    if "name" in values:
        values["name"] = (values["name"] or "").strip()
        if not values["name"]:
            raise Invalid("A page type needs a name.", field="name", code="REQUIRED")
        if len(values["name"]) > _LONGEST_NAME:
            raise Invalid(f"At most {_LONGEST_NAME} characters fit here.", field="name")
    if values.get("slug") and not is_slug(values["slug"]):
        raise Invalid("A slug is made of small letters, digits and single hyphens.", field="slug")
    return values


async def _hold(session: AsyncSession, page_type_id: int, field: str) -> None:
    found = await session.execute(select(PageType.id).where(PageType.id == page_type_id).with_for_update())
    if found.first() is None:
        raise PageTypeNotFound(field=field)


async def _unassign(session: AsyncSession, page_type_id: int, attribute_ids: Sequence[int]) -> None:
    if attribute_ids:
        await session.execute(
            delete(OfPageType).where(
                OfPageType.page_type_id == page_type_id, OfPageType.attribute_id.in_(attribute_ids)
            )
        )


async def _assign(session: AsyncSession, page_type_id: int, attribute_ids: Sequence[int], field: str) -> None:
    """The type has these attributes too, after those that it has. Raises: Invalid, NotFound."""
    if not attribute_ids:
        return
    rows = await session.execute(select(Attribute.id, Attribute.type).where(Attribute.id.in_(attribute_ids)))
    kinds = {row.id: row.type for row in rows}
    if missing := set(attribute_ids) - kinds.keys():
        message = f"There is no attribute with {len(missing)} of these IDs."
        raise InvalidAttributes(message, missing, field=field, code="NOT_FOUND")
    if others := [key for key, kind in kinds.items() if kind != "PAGE_TYPE"]:
        raise InvalidAttributes("Only attributes of pages can be added.", others, field=field)
    last = select(func.coalesce(func.max(OfPageType.sort_order), -1)).where(OfPageType.page_type_id == page_type_id)
    start = int((await session.execute(last)).scalar_one()) + 1
    await session.execute(
        upsert(OfPageType).on_conflict_do_nothing(),
        [
            {"page_type_id": page_type_id, "attribute_id": attribute_id, "sort_order": start + at}
            for at, attribute_id in enumerate(dict.fromkeys(attribute_ids))
        ],
    )
