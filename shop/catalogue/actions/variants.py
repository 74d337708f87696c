"""Variants: they are made, changed, put in order, and one of them stands for its product.

Their prices are pricing's, their quantities stock's; they are removed by `checkout.actions.withdraw`.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, TypedDict

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.attributes.rules.given import Given, moved
from shop.catalogue.actions.describing import describe_variant
from shop.catalogue.actions.products import hold_product
from shop.catalogue.errors import NotOfTheProduct, VariantNotFound
from shop.catalogue.models import Product, Variant
from shop.catalogue.rules import checked
from shop.kit.db.rows import insert_row, put_in_order, update_row
from shop.kit.errors import NotFound


class VariantFields(TypedDict, total=False):
    """What is written of a variant; what is left out stays, or is what most shops want."""

    # Empty, of a new one: what shoppers choose it by, else its article number.
    name: str | None
    sku: str | None
    track_inventory: bool
    weight_kg: Decimal | None
    quantity_limit_per_customer: int | None
    external_reference: str | None
    metadata_public: Mapping[str, str]
    metadata_private: Mapping[str, str]


_VARIANTS: Final = select(Variant.id).order_by(Variant.sort_order, Variant.id)
_DEFAULT_VARIANTS: Final = text("""
    UPDATE catalogue_product SET default_variant_id = best.first_id
    FROM (
        SELECT product.id, (array_agg(variant.id ORDER BY variant.sort_order, variant.id))[1] AS first_id,
               coalesce(bool_or(variant.id = product.default_variant_id), false) AS has_one
        FROM catalogue_product product LEFT JOIN catalogue_variant variant ON variant.product_id = product.id
        WHERE product.id = ANY(:products) GROUP BY product.id
    ) best
    WHERE best.id = catalogue_product.id AND NOT best.has_one
    AND catalogue_product.default_variant_id IS DISTINCT FROM best.first_id
""")


async def create_variant(
    session: AsyncSession, product_id: int, given: VariantFields, attributes: Sequence[Given] = ()
) -> int:
    """The product has one more variant, its last one, with these values; it is sold nowhere yet.

    Raises: ProductNotFound, Many of Invalid, Taken and InvalidValues, SameChoice. Locks: the product.
    """
    values = checked(given, needs_name=False)
    await hold_product(session, product_id, "product")
    last = select(func.coalesce(func.max(Variant.sort_order), -1)).where(Variant.product_id == product_id)
    place = (await session.execute(last)).scalar_one() + 1
    named = {"name": values.get("name") or "", "product_id": product_id, "sort_order": place}
    key = await insert_row(session, Variant, {**values, **named})
    chosen_by = await describe_variant(session, key, product_id, attributes, is_new=True)
    if not named["name"] and (name := chosen_by or values.get("sku")):
        await session.execute(update(Variant).where(Variant.id == key).values(name=name))
    await choose_defaults(session, [product_id])
    return key


async def update_variant(
    session: AsyncSession, variant_id: int, given: VariantFields, attributes: Sequence[Given] = ()
) -> None:
    """The variant has these fields and values. Raises: VariantNotFound, and as `create_variant`. Locks: the product."""
    values = checked(given, needs_name=False)
    if "name" in values:
        values["name"] = values["name"] or ""
    product_id = await session.scalar(select(Variant.product_id).where(Variant.id == variant_id))
    if product_id is None:
        raise VariantNotFound
    await hold_product(session, product_id, "id")
    await update_row(session, Variant, variant_id, {**values, "updated_at": func.now()}, VariantNotFound())
    if attributes:
        await describe_variant(session, variant_id, product_id, attributes, is_new=False)


async def reorder_variants(session: AsyncSession, product_id: int, moves: Sequence[tuple[int, int]]) -> None:
    """The product's variants are in the order that the moves make.

    Raises: ProductNotFound, NotFound for a variant of another product. Locks: the product.
    """
    await hold_product(session, product_id, "productId")
    has = await session.execute(_VARIANTS.where(Variant.product_id == product_id))
    try:
        order = moved(list(has.scalars()), moves)
    except KeyError:
        raise NotFound("The product has no such variant.", field="moves") from None
    await put_in_order(session, Variant.id, order, Variant.product_id == product_id)


async def set_default(session: AsyncSession, product_id: int, variant_id: int) -> None:
    """The variant stands for its product. Raises: ProductNotFound, VariantNotFound, NotOfTheProduct."""
    await hold_product(session, product_id, "productId")
    owner = await session.scalar(select(Variant.product_id).where(Variant.id == variant_id))
    if owner is None:
        raise VariantNotFound(field="variantId")
    if owner != product_id:
        raise NotOfTheProduct([variant_id], field="variantId")
    await session.execute(update(Product).where(Product.id == product_id).values(default_variant_id=variant_id))


async def choose_defaults(session: AsyncSession, product_ids: Sequence[int]) -> None:
    """A variant stands for each of the products that has any: the same as before, else its first."""
    await session.execute(_DEFAULT_VARIANTS, {"products": sorted(product_ids)})
