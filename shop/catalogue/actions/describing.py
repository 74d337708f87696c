"""What products and variants say of the attributes of their types."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Integer, Row, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.attributes import actions as attributes
from shop.attributes.actions import OF_PRODUCTS, OF_VARIANTS
from shop.attributes.models import Attribute, OfProductType, Value, VariantValue
from shop.attributes.queries import ATTRIBUTES_OF_PRODUCTS, ATTRIBUTES_OF_VARIANTS
from shop.attributes.rules.given import Given, Kind
from shop.catalogue.errors import SameChoice
from shop.catalogue.models import Product

# What shoppers choose each variant of a product by: the attribute, and the name of the value.
_CHOICES: Final = (
    select(VariantValue.variant_id, Attribute.id, Value.name)
    .join(Value, Value.id == VariantValue.value_id)
    .join(Attribute, Attribute.id == Value.attribute_id)
    .join(Product, Product.id == VariantValue.product_id)
    .join(
        OfProductType,
        (OfProductType.product_type_id == Product.product_type_id) & (OfProductType.attribute_id == Attribute.id),
    )
    .where(VariantValue.product_id == bindparam("product_id", type_=Integer), OfProductType.variant_selection)
    .order_by(VariantValue.variant_id, OfProductType.sort_order, Attribute.id)
)


async def describe_product(
    session: AsyncSession, product_id: int, product_type_id: int, given: Sequence[Given], *, is_new: bool
) -> None:
    """The product has these values; a new one has all that its type needs.

    Rich texts are stored as they are given: whoever takes them from outside has sanitised them. The caller holds the
    product. Raises: Many of InvalidValues.
    """
    kinds = await _kinds(session, ATTRIBUTES_OF_PRODUCTS, product_type_id)
    await attributes.give(session, OF_PRODUCTS, product_id, kinds, given, is_new=is_new)


async def describe_variant(
    session: AsyncSession, variant_id: int, product_id: int, given: Sequence[Given], *, is_new: bool
) -> str:
    """The variant has these values, and differs in what shoppers choose by. The answer: what that is called.

    As `describe_product`; the caller holds the product. Raises: Many of InvalidValues, SameChoice.
    """
    product_type_id = select(Product.product_type_id).where(Product.id == product_id)
    kinds = await _kinds(session, ATTRIBUTES_OF_VARIANTS, (await session.execute(product_type_id)).scalar_one())
    await attributes.give(session, OF_VARIANTS, variant_id, kinds, given, is_new=is_new)
    choices: dict[int, list[tuple[int, str]]] = {}
    for owner, attribute_id, name in await session.execute(_CHOICES, {"product_id": product_id}):
        choices.setdefault(owner, []).append((attribute_id, name))
    own = choices.pop(variant_id, [])
    if own and own in choices.values():
        raise SameChoice(attribute_id for attribute_id, _ in own)
    return " / ".join(name for _, name in own)


async def _kinds(session: AsyncSession, statement: Any, product_type_id: int) -> list[Kind]:
    rows = await session.execute(statement, {"ids": [product_type_id], "everything": True})
    return [_kind(row) for row in rows]


def _kind(row: Row[Any]) -> Kind:
    return Kind(
        id=row.pk,
        name=row.name,
        input_type=row.input_name,
        entity_type=row.entity_name,
        value_required=row.value_required,
        external_reference=row.external_reference,
    )
