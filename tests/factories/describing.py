"""Attributes with their values, and translations."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shop.attributes.models import Attribute, OfPageType, OfProductType, PageValue, ProductValue, Value, VariantValue
from shop.catalogue.models import Product, ProductType, Variant
from shop.content.models import Page, PageType
from shop.translations.models import Translation
from tests.factories.catalogue import serial


async def attribute(
    session: AsyncSession,
    *kinds: ProductType | PageType,
    slug: str | None = None,
    name: str | None = None,
    input_type: str = "DROPDOWN",
    of_variants: bool = False,
    variant_selection: bool = False,
    **columns: Any,
) -> Attribute:
    """An attribute of these types, after the others that they have; `columns` are the model's own."""
    slug = slug or f"attribute-{serial()}"
    made = Attribute(
        slug=slug,
        name=name or slug.capitalize(),
        input_type=input_type,
        type="PAGE_TYPE" if any(isinstance(kind, PageType) for kind in kinds) else "PRODUCT_TYPE",
        **columns,
    )
    session.add(made)
    await session.flush()
    for kind in kinds:
        if isinstance(kind, PageType):
            session.add(OfPageType(page_type_id=kind.id, attribute_id=made.id, sort_order=serial()))
        else:
            session.add(
                OfProductType(
                    product_type_id=kind.id,
                    attribute_id=made.id,
                    of_variants=of_variants,
                    variant_selection=variant_selection,
                    sort_order=serial(),
                )
            )
    await session.flush()
    return made


async def attribute_value(
    session: AsyncSession,
    attribute: Attribute,
    *owners: Product | Variant | Page,
    slug: str | None = None,
    name: str | None = None,
    **columns: Any,
) -> Value:
    """A value of the attribute that these products, variants and pages have; `columns` are the model's own."""
    number = serial()
    made = Value(
        attribute_id=attribute.id,
        slug=slug or f"value-{number}",
        name=name or f"Value {number}",
        sort_order=number,
        **columns,
    )
    session.add(made)
    await session.flush()
    await assign(session, made, *owners)
    return made


async def assign(session: AsyncSession, value: Value, *owners: Product | Variant | Page) -> None:
    """These things have the value, after the others that they have."""
    for owner in owners:
        order = serial()
        if isinstance(owner, Product):
            session.add(ProductValue(product_id=owner.id, value_id=value.id, sort_order=order))
        elif isinstance(owner, Variant):
            session.add(VariantValue(variant_id=owner.id, value_id=value.id, sort_order=order))
        else:
            session.add(PageValue(page_id=owner.id, value_id=value.id, sort_order=order))
    await session.flush()


async def translation(
    session: AsyncSession, kind: str, row_id: int, language: str = "de", *, slug: str | None = None, **texts: Any
) -> Translation:
    """What a row says in a language."""
    made = Translation(kind=kind, row_id=row_id, language=language, slug=slug, texts=texts)
    session.add(made)
    await session.flush()
    return made
