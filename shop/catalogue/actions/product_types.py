"""Kinds of products: their names, how their products are sent and taxed, and the attributes that these have."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypedDict

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.attributes.actions import drop_unused
from shop.attributes.models import Attribute, OfProductType, ProductValue, Value, VariantValue
from shop.attributes.rules import TELLS_VARIANTS_APART, WITH_CHOICES
from shop.attributes.rules.given import moved
from shop.catalogue.errors import InvalidAttributes, ProductTypeNotFound, TaxClassNotFound
from shop.catalogue.models import Product, ProductType, Variant
from shop.catalogue.rules import checked, checked_new, repeated
from shop.kit.db.rows import insert_row, missing_of, put_in_order, update_row
from shop.kit.errors import NotFound
from shop.tax.models import TaxClass


class ProductTypeFields(TypedDict, total=False):
    """What is written of a product type; what is left out stays, or is what most shops want."""

    name: str | None
    # Empty, of a new one: made of the name.
    slug: str | None
    kind: str
    has_variants: bool
    is_shipping_required: bool
    is_digital: bool
    tax_class_id: int | None


@dataclass(frozen=True, slots=True)
class Assignment:
    """An attribute that products of the type have, or their variants, and whether shoppers choose these by it."""

    attribute_id: int
    of_variants: bool = False
    variant_selection: bool = False


_ATTRIBUTES: Final = select(OfProductType.attribute_id).order_by(OfProductType.sort_order, OfProductType.attribute_id)


async def create_product_type(
    session: AsyncSession, given: ProductTypeFields, attributes: Sequence[Assignment] = ()
) -> int:
    """There is a product type with these attributes.

    Raises: Many of Invalid and Taken, TaxClassNotFound, InvalidAttributes.
    """
    values = checked_new(given)
    await _check_tax_class(session, values)
    key = await insert_row(session, ProductType, values)
    for of_variants in (False, True):
        some = [each for each in attributes if each.of_variants is of_variants]
        await _assign(session, key, some, "variantAttributes" if of_variants else "productAttributes")
    return key


async def update_product_type(
    session: AsyncSession,
    product_type_id: int,
    given: ProductTypeFields,
    *,
    product_attributes: Sequence[int] | None = None,
    variant_attributes: Sequence[int] | None = None,
) -> None:
    """The type has these fields, and exactly these attributes where they are given.

    Raises: ProductTypeNotFound, and as `create_product_type`. Locks: the type.
    """
    values = checked(given)
    await _check_tax_class(session, values)
    await update_row(session, ProductType, product_type_id, values, ProductTypeNotFound())
    lists = ((product_attributes, False, "productAttributes"), (variant_attributes, True, "variantAttributes"))
    for wanted, of_variants, _ in lists:
        if wanted is not None:
            of_kind = _ATTRIBUTES.where(
                OfProductType.product_type_id == product_type_id, OfProductType.of_variants.is_(of_variants)
            )
            gone = set((await session.execute(of_kind)).scalars()) - set(wanted)
            await _unassign(session, product_type_id, gone)
    for wanted, of_variants, field in lists:
        if wanted is not None:
            has = set(
                (await session.execute(_ATTRIBUTES.where(OfProductType.product_type_id == product_type_id))).scalars()
            )
            new = [Assignment(key, of_variants) for key in dict.fromkeys(wanted) if key not in has]
            await _assign(session, product_type_id, new, field)
            here = (OfProductType.product_type_id == product_type_id, OfProductType.of_variants.is_(of_variants))
            await put_in_order(session, OfProductType.attribute_id, list(dict.fromkeys(wanted)), *here)


async def assign(session: AsyncSession, product_type_id: int, attributes: Sequence[Assignment]) -> None:
    """The type has these attributes too. Raises: ProductTypeNotFound, InvalidAttributes. Locks: the type."""
    held = await _hold(session, product_type_id)
    keys = [each.attribute_id for each in attributes]
    if twice := repeated(keys):
        raise InvalidAttributes("An attribute is named once.", twice, field="operations", code="DUPLICATED_INPUT_ITEM")
    has = await session.execute(_ATTRIBUTES.where(OfProductType.product_type_id == product_type_id))
    if already := set(keys) & set(has.scalars()):
        message = "Products of this type, or their variants, have these attributes already."
        raise InvalidAttributes(message, already, field="operations", code="ATTRIBUTE_ALREADY_ASSIGNED")
    of_variants = [each.attribute_id for each in attributes if each.of_variants]
    if of_variants and not held:
        message = "Products of this type have no variants to choose from."
        raise InvalidAttributes(message, of_variants, field="operations", code="ATTRIBUTE_VARIANTS_DISABLED")
    await _assign(session, product_type_id, attributes, "operations")


async def unassign(session: AsyncSession, product_type_id: int, attribute_ids: Sequence[int]) -> None:
    """The type has none of these attributes, and its products and their variants have no values of them any more.

    Raises: ProductTypeNotFound. Locks: the type.
    """
    await _hold(session, product_type_id)
    await _unassign(session, product_type_id, attribute_ids)


async def choose_variants_by(session: AsyncSession, product_type_id: int, chosen: Sequence[tuple[int, bool]]) -> None:
    """Shoppers choose variants by these attributes of theirs, or not.

    Raises: ProductTypeNotFound, InvalidAttributes. Locks: the type.
    """
    await _hold(session, product_type_id)
    keys = [key for key, _ in chosen]
    if twice := repeated(keys):
        raise InvalidAttributes("An attribute is named once.", twice, field="operations", code="DUPLICATED_INPUT_ITEM")
    here = (OfProductType.product_type_id == product_type_id, OfProductType.of_variants)
    has = await session.execute(_ATTRIBUTES.where(*here))
    if missing := set(keys) - set(has.scalars()):
        message = "Variants of this type do not have these attributes."
        raise InvalidAttributes(message, missing, field="operations", code="NOT_FOUND")
    await _check_selection(session, [key for key, is_chosen in chosen if is_chosen], "operations")
    for is_chosen in (False, True):
        some = [key for key, each in chosen if each is is_chosen]
        of_these = OfProductType.attribute_id.in_(some)
        await session.execute(update(OfProductType).where(*here, of_these).values(variant_selection=is_chosen))


async def reorder_attributes(
    session: AsyncSession, product_type_id: int, moves: Sequence[tuple[int, int]], *, of_variants: bool
) -> None:
    """The attributes of the type's products, or of their variants, are in the order that the moves make.

    Raises: ProductTypeNotFound, NotFound. Locks: the type.
    """
    await _hold(session, product_type_id)
    here = (OfProductType.product_type_id == product_type_id, OfProductType.of_variants.is_(of_variants))
    has = await session.execute(_ATTRIBUTES.where(*here))
    try:
        order = moved(list(has.scalars()), moves)
    except KeyError:
        raise NotFound("The type has no such attribute here.", field="moves") from None
    await put_in_order(session, OfProductType.attribute_id, order, *here)


async def _hold(session: AsyncSession, product_type_id: int) -> bool:
    """Whether products of the type may have several variants."""
    found = await session.execute(
        select(ProductType.has_variants).where(ProductType.id == product_type_id).with_for_update()
    )
    row = found.one_or_none()
    if row is None:
        raise ProductTypeNotFound(field="productTypeId")
    return bool(row.has_variants)


async def _check_tax_class(session: AsyncSession, values: dict[str, Any]) -> None:
    tax_class_id = values.get("tax_class_id")
    if tax_class_id is not None and await missing_of(session, TaxClass, [tax_class_id]):
        raise TaxClassNotFound


async def _check_selection(session: AsyncSession, attribute_ids: Sequence[int], field: str) -> None:
    rows = await session.execute(
        select(Attribute.id).where(
            Attribute.id.in_(attribute_ids), Attribute.input_type.not_in(sorted(TELLS_VARIANTS_APART))
        )
    )
    if others := list(rows.scalars()):
        message = "Nobody can choose a variant by attributes of this kind."
        raise InvalidAttributes(message, others, field=field, code="ATTRIBUTE_CANNOT_BE_ASSIGNED")


async def _assign(session: AsyncSession, product_type_id: int, attributes: Sequence[Assignment], field: str) -> None:
    """The type has these attributes too, after those that it has. Raises: InvalidAttributes."""
    if not attributes:
        return
    keys = {each.attribute_id for each in attributes}
    rows = await session.execute(select(Attribute.id, Attribute.type).where(Attribute.id.in_(keys)))
    kinds = {row.id: row.type for row in rows}
    if missing := keys - kinds.keys():
        raise InvalidAttributes("There are no such attributes.", missing, field=field, code="NOT_FOUND")
    if others := [key for key, kind in kinds.items() if kind != "PRODUCT_TYPE"]:
        message = "Only attributes of products can be added."
        raise InvalidAttributes(message, others, field=field, code="ATTRIBUTE_CANNOT_BE_ASSIGNED")
    if alone := [each.attribute_id for each in attributes if each.variant_selection and not each.of_variants]:
        message = "Shoppers choose variants by attributes of variants."
        raise InvalidAttributes(message, alone, field=field, code="ATTRIBUTE_CANNOT_BE_ASSIGNED")
    await _check_selection(session, [each.attribute_id for each in attributes if each.variant_selection], field)
    last = select(func.coalesce(func.max(OfProductType.sort_order), 0)).where(
        OfProductType.product_type_id == product_type_id
    )
    start = (await session.execute(last)).scalar_one() + 1
    assigned = {
        each.attribute_id: {
            "product_type_id": product_type_id,
            "attribute_id": each.attribute_id,
            "of_variants": each.of_variants,
            "variant_selection": each.variant_selection,
            "sort_order": start + at,
        }
        for at, each in enumerate(attributes)
    }
    made = await session.execute(
        upsert(OfProductType)
        .values(list(assigned.values()))
        .on_conflict_do_nothing()
        .returning(OfProductType.attribute_id)
    )
    if twice := assigned.keys() - set(made.scalars()):
        message = "Either products have an attribute or their variants, not both."
        raise InvalidAttributes(message, twice, field=field, code="ATTRIBUTE_ALREADY_ASSIGNED")


async def _unassign(session: AsyncSession, product_type_id: int, attribute_ids: Collection[int]) -> None:
    if not attribute_ids:
        return
    await session.execute(
        delete(OfProductType).where(
            OfProductType.product_type_id == product_type_id, OfProductType.attribute_id.in_(attribute_ids)
        )
    )
    values = select(Value.id).where(Value.attribute_id.in_(attribute_ids))
    products = select(Product.id).where(Product.product_type_id == product_type_id)
    variants = (
        select(Variant.id)
        .join(Product, Product.id == Variant.product_id)
        .where(Product.product_type_id == product_type_id)
    )
    gone: list[int] = []
    for links, owners in ((ProductValue.product_id, products), (VariantValue.variant_id, variants)):
        table: Any = links.parent.class_
        removed = await session.execute(
            delete(table).where(links.in_(owners), table.value_id.in_(values)).returning(table.value_id)
        )
        gone += removed.scalars()
    await _drop_own(session, gone)


async def _drop_own(session: AsyncSession, value_ids: Iterable[int]) -> None:
    """Choices are the attribute's and stay; what one product alone said goes."""
    own = await session.execute(
        select(Value.id)
        .join(Attribute, Attribute.id == Value.attribute_id)
        .where(Value.id.in_(set(value_ids)), Attribute.input_type.not_in(WITH_CHOICES))
    )
    await drop_unused(session, list(own.scalars()))
