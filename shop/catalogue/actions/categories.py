"""The one tree of categories: its nodes are made, changed and removed."""

from collections.abc import Mapping
from typing import Any, Final, TypedDict

from sqlalchemy import Integer, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.catalogue.errors import CategoryNotFound
from shop.catalogue.events import ProductsChanged
from shop.catalogue.models import Category, Product
from shop.catalogue.queries import CATEGORIES_BELOW
from shop.catalogue.rules import checked, checked_new
from shop.kit.db.rows import insert_row, update_row
from shop.kit.events import publish


class CategoryFields(TypedDict, total=False):
    """What is written of a category; what is left out stays."""

    name: str | None
    # Empty, of a new one: made of the name.
    slug: str | None
    description: Mapping[str, Any] | None
    seo_title: str | None
    seo_description: str | None
    background_image_alt: str | None
    metadata_public: Mapping[str, str]
    metadata_private: Mapping[str, str]


# The path ends in the row's own id, so the id is taken first.
_NEXT_ID: Final = select(func.nextval(func.pg_get_serial_sequence(Category.__tablename__, "id")).cast(Integer))
_INSIDE: Final = select(Product.id).where(Product.category_id.in_(CATEGORIES_BELOW)).order_by(Product.id)


async def create_category(session: AsyncSession, given: CategoryFields, parent_id: int | None = None) -> int:
    """There is a category, the last one below its parent. Raises: Many of Invalid and Taken, CategoryNotFound."""
    values = checked_new(given)
    path: list[int] = []
    if parent_id is not None:
        # Held, so that nobody moves it with what is below while this one comes.
        held = await session.execute(select(Category.path).where(Category.id == parent_id).with_for_update(read=True))
        row = held.one_or_none()
        if row is None:
            raise CategoryNotFound(field="parent")
        path = row.path
    last = select(func.coalesce(func.max(Category.sort_order), -1)).where(
        Category.parent_id.is_not_distinct_from(parent_id)
    )
    key = (await session.execute(_NEXT_ID)).scalar_one()
    values |= {
        "id": key,
        "parent_id": parent_id,
        "path": [*path, key],
        "sort_order": (await session.execute(last)).scalar_one() + 1,
    }
    return await insert_row(session, Category, values)


async def update_category(session: AsyncSession, category_id: int, given: CategoryFields) -> None:
    """The category has these fields. Raises: CategoryNotFound, Many of Invalid and Taken. Locks: the category."""
    await update_row(session, Category, category_id, checked(given), CategoryNotFound())


async def delete_category(session: AsyncSession, category_id: int) -> None:
    """The category is gone with everything below it; its products stay, without a category.

    Raises: CategoryNotFound. Locks: the category, then what it holds.
    """
    held = await session.execute(select(Category.id).where(Category.id == category_id).with_for_update())
    if held.first() is None:
        raise CategoryNotFound
    products = tuple((await session.execute(_INSIDE, {"ids": [category_id]})).scalars())
    await session.execute(delete(Category).where(Category.id == category_id))
    if products:
        await publish(session, ProductsChanged(products))
