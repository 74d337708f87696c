"""Products: they are made and changed. They are removed by `checkout.actions.withdraw`, which knows who needs them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypedDict

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.attributes.rules.given import Given
from shop.catalogue.actions.collections import put_into
from shop.catalogue.actions.describing import describe_product
from shop.catalogue.errors import CategoryNotFound, ProductNotFound, ProductTypeNotFound, TaxClassNotFound
from shop.catalogue.events import ProductsChanged
from shop.catalogue.models import Category, Product, ProductType
from shop.catalogue.rules import checked, checked_new
from shop.kit.db.rows import insert_row, missing_of, update_row
from shop.kit.events import publish
from shop.tax.models import TaxClass


class ProductFields(TypedDict, total=False):
    """What is written of a product; what is left out stays."""

    name: str | None
    # Empty, of a new one: made of the name.
    slug: str | None
    # EditorJS blocks, and the plain text of the same.
    description: Mapping[str, Any] | None
    description_text: str
    category_id: int | None
    tax_class_id: int | None
    seo_title: str | None
    seo_description: str | None
    weight_kg: Decimal | None
    rating: float | None
    external_reference: str | None
    metadata_public: Mapping[str, str]
    metadata_private: Mapping[str, str]


async def create_product(
    session: AsyncSession,
    product_type_id: int,
    given: ProductFields,
    *,
    attributes: Sequence[Given] = (),
    collection_ids: Sequence[int] = (),
) -> int:
    """There is a product, without variants and listed nowhere, with these values and in these collections.

    Raises: ProductTypeNotFound, CategoryNotFound, TaxClassNotFound, CollectionsNotFound, Many of Invalid, Taken and
    InvalidValues.
    """
    values = checked_new(given)
    if await missing_of(session, ProductType, [product_type_id]):
        raise ProductTypeNotFound(field="productType")
    await _check_place(session, values)
    key = await insert_row(session, Product, {**values, "product_type_id": product_type_id})
    await describe_product(session, key, product_type_id, attributes, is_new=True)
    if collection_ids:
        await put_into(session, key, collection_ids)
    return key


async def update_product(
    session: AsyncSession,
    product_id: int,
    given: ProductFields,
    *,
    attributes: Sequence[Given] = (),
    collection_ids: Sequence[int] | None = None,
) -> None:
    """The product has these fields and values, and stands in exactly these collections where they are given.

    Raises: ProductNotFound, and as `create_product`. Locks: the product, then the collections.
    """
    values = checked(given)
    await _check_place(session, values)
    # Whatever is changed of it, it was changed now.
    before = await update_row(session, Product, product_id, {**values, "updated_at": func.now()}, ProductNotFound())
    if attributes:
        await describe_product(session, product_id, before["product_type_id"], attributes, is_new=False)
    if collection_ids is not None:
        await put_into(session, product_id, collection_ids)
    # What promotions say of it depends on where it stands.
    if collection_ids is not None or "category_id" in values:
        await publish(session, ProductsChanged((product_id,)))


async def _check_place(session: AsyncSession, values: Mapping[str, Any]) -> None:
    category_id, tax_class_id = values.get("category_id"), values.get("tax_class_id")
    if category_id is not None and await missing_of(session, Category, [category_id]):
        raise CategoryNotFound(field="category")
    if tax_class_id is not None and await missing_of(session, TaxClass, [tax_class_id]):
        raise TaxClassNotFound


async def hold_product(session: AsyncSession, product_id: int, field: str) -> None:
    """Nobody else changes the product or the list of its variants until the unit ends. Raises: ProductNotFound."""
    held = await session.execute(select(Product.id).where(Product.id == product_id).with_for_update())
    if held.first() is None:
        raise ProductNotFound(field=field)
