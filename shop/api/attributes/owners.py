"""What has attributes: products, variants and pages. Two statements read them, however many."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final

import strawberry
from sqlalchemy.sql import Executable

from shop.api.attributes import assigned as kinds
from shop.api.attributes.assigned import AssignedAttribute
from shop.api.attributes.references import Refers
from shop.api.attributes.referring import MULTI, SINGLE
from shop.api.attributes.types import MANY, Attribute, AttributeValue, SelectedAttribute, VariantAttributeScope
from shop.api.core.context import Context
from shop.api.core.scalars import PositiveInt
from shop.attributes import queries
from shop.catalogue.queries import TYPES_BY_PRODUCT
from shop.execution import batch_field

# Staff who work with attributes, or with what has them, see also those that storefronts do not show.
SEES_ALL_ATTRIBUTES: Final = (
    "MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES",
    "MANAGE_PAGE_TYPES_AND_ATTRIBUTES",
    "MANAGE_PRODUCTS",
    "MANAGE_PAGES",
)


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """How a kind of thing has attributes: its statements, and the attribute of its objects that leads to their type.

    `through_product`: that attribute is the id of a product, which knows the type.
    """

    attributes: Executable
    values: Executable
    type_key: str
    through_product: bool = False


PRODUCTS: Final = Described(queries.ATTRIBUTES_OF_PRODUCTS, queries.VALUES_OF_PRODUCTS, "product_type_id")
VARIANTS: Final = Described(
    queries.ATTRIBUTES_OF_VARIANTS, queries.VALUES_OF_VARIANTS, "product_id", through_product=True
)
PAGES: Final = Described(queries.ATTRIBUTES_OF_PAGES, queries.VALUES_OF_PAGES, "page_type_id")

# Attributes with the values that something has of them.
Has = list[tuple[Attribute, list[AttributeValue]]]
_Maker = Callable[[Attribute, list[AttributeValue]], AssignedAttribute]


@strawberry.interface(description="Something that has attributes.")
class ObjectWithAttributes:
    described: ClassVar[Described]

    def as_it_says(self, has: Has) -> Has:
        """Its attributes, where it says something else than what is stored."""
        return has

    @batch_field(description="One of its attributes, with its value; null where it has none of that slug.")
    @staticmethod
    async def assigned_attribute(
        parents: list["ObjectWithAttributes"], context: Context, slug: str
    ) -> list[AssignedAttribute | None]:
        return [
            next((assigned(parent, *each) for each in has if each[0].slug == slug), None)
            for parent, has in zip(parents, await attributes_of(context, parents), strict=True)
        ]

    @batch_field(description="Its attributes with their values, in the order of its type.")
    @staticmethod
    async def assigned_attributes(
        parents: list["ObjectWithAttributes"], context: Context, limit: PositiveInt | None = MANY
    ) -> list[list[AssignedAttribute]]:
        return [
            [assigned(parent, *each) for each in has[:limit]]
            for parent, has in zip(parents, await attributes_of(context, parents), strict=True)
        ]


def _seen() -> dict[tuple[type[Any], int], Has]:
    """What a request has read so far, by type and key: a page asks for a product's attributes in several ways."""
    return {}


async def attributes_of(context: Context, parents: Sequence[Any]) -> list[Has]:
    """The attributes that each of them has by its type, with its values.

    Statements: two a kind, variants three; none for what the request has asked for before.
    """
    found = context.remember(_seen)
    missing = {(type(parent), parent.pk): parent for parent in parents if (type(parent), parent.pk) not in found}
    for kind in {kind for kind, _ in missing}:
        group = [parent for parent in missing.values() if type(parent) is kind]
        found |= await _attributes_of(context, kind.described, group)
    return [parent.as_it_says(found[type(parent), parent.pk]) for parent in parents]


async def _attributes_of(
    context: Context, described: Described, parents: list[Any]
) -> dict[tuple[type[Any], int], Has]:
    types = {parent.pk: getattr(parent, described.type_key) for parent in parents}
    if described.through_product:
        rows = await context.rows(TYPES_BY_PRODUCT, ids=sorted(set(types.values())))
        by_product = {row["id"]: row["product_type_id"] for row in rows}
        types = {pk: by_product[product_id] for pk, product_id in types.items()}
    attributes = await attributes_of_types(context, described, sorted(set(types.values())))
    if not any(attributes.values()):
        return {(type(parent), parent.pk): [] for parent in parents}
    values: dict[tuple[int, int], list[AttributeValue]] = defaultdict(list)
    by_key = {attribute.pk: attribute for each in attributes.values() for attribute in each}
    for value in await context.fetch(AttributeValue, described.values, ids=sorted(types)):
        value.attribute = by_key.get(value.attribute_id)
        values[value.owner_id, value.attribute_id].append(value)
    return {
        (type(parent), parent.pk): [
            (attribute, values.get((parent.pk, attribute.pk), [])) for attribute in attributes[types[parent.pk]]
        ]
        for parent in parents
    }


async def attributes_of_types(context: Context, described: Described, ids: list[int]) -> dict[int, list[Attribute]]:
    """The attributes of product or page types that the caller may see, in the types' order. One statement."""
    everything = context.caller.may(*SEES_ALL_ATTRIBUTES)
    if everything:
        context.is_private = True
    found: dict[int, list[Attribute]] = {pk: [] for pk in ids}
    for attribute in await context.fetch(Attribute, described.attributes, ids=ids, everything=everything):
        found[attribute.type_id].append(attribute)
    return found


def in_scope(attribute: Attribute, scope: VariantAttributeScope | None) -> bool:
    """Whether a variant's attribute is one of those that are asked for."""
    if scope is None or scope is VariantAttributeScope.ALL:
        return True
    return attribute.is_selection is (scope is VariantAttributeScope.VARIANT_SELECTION)


def selected(has: Has) -> list[SelectedAttribute]:
    """The attributes in the older form."""
    return [SelectedAttribute(attribute=attribute, values=values) for attribute, values in has]


def _choice(value: AttributeValue) -> kinds.AssignedChoiceAttributeValue:
    return kinds.AssignedChoiceAttributeValue(given=value, name=value.name, slug=value.slug)


def _single_choice(attribute: Attribute, values: list[AttributeValue]) -> AssignedAttribute:
    chosen = _choice(values[0]) if values else None
    return kinds.AssignedSingleChoiceAttribute(attribute=attribute, value=chosen)


def _multi_choice(attribute: Attribute, values: list[AttributeValue]) -> AssignedAttribute:
    return kinds.AssignedMultiChoiceAttribute(attribute=attribute, chosen=[_choice(value) for value in values])


def _swatch(attribute: Attribute, values: list[AttributeValue]) -> AssignedAttribute:
    chosen = [kinds.AssignedSwatchAttributeValue(given=value, name=value.name, slug=value.slug) for value in values[:1]]
    return kinds.AssignedSwatchAttribute(attribute=attribute, value=chosen[0] if chosen else None)


def _of_value(type_: Callable[..., AssignedAttribute]) -> _Maker:
    """The field reads the value itself."""
    return lambda attribute, values: type_(attribute=attribute, given=values[0] if values else None)


def _plain(type_: Callable[..., AssignedAttribute], read: Callable[[AttributeValue], Any]) -> _Maker:
    """The field is one of the value's."""
    return lambda attribute, values: type_(attribute=attribute, value=read(values[0]) if values else None)


def _number(value: AttributeValue) -> float | None:
    return None if value.number is None else float(value.number)


def _day(value: AttributeValue) -> date | None:
    return None if value.moment is None else value.moment.date()


_MAKERS: Final[dict[str, _Maker]] = {
    "DROPDOWN": _single_choice,
    "MULTISELECT": _multi_choice,
    "SWATCH": _swatch,
    "FILE": _of_value(kinds.AssignedFileAttribute),
    "RICH_TEXT": _of_value(kinds.AssignedTextAttribute),
    "PLAIN_TEXT": _of_value(kinds.AssignedPlainTextAttribute),
    "NUMERIC": _plain(kinds.AssignedNumericAttribute, _number),
    "BOOLEAN": _plain(kinds.AssignedBooleanAttribute, lambda value: value.boolean),
    "DATE": _plain(kinds.AssignedDateAttribute, _day),
    "DATE_TIME": _plain(kinds.AssignedDateTimeAttribute, lambda value: value.moment),
}
_REFERRING: Final[dict[str, Mapping[str, Callable[..., AssignedAttribute]]]] = {
    "SINGLE_REFERENCE": SINGLE,
    "REFERENCE": MULTI,
}


def assigned(parent: Any, attribute: Attribute, values: list[AttributeValue]) -> AssignedAttribute:
    """The attribute with its value, as the type of its kind; without a value, the type's empty one."""
    if attribute.input_name in _REFERRING and attribute.entity_name is not None:
        ids = tuple(value.reference_id for value in values if value.reference_id is not None)
        refers = Refers(ids, getattr(parent, "scope", None))
        return _REFERRING[attribute.input_name][attribute.entity_name](attribute=attribute, refers=refers)
    return _MAKERS[attribute.input_name](attribute, values)


# The schema finds these behind the interface only when it is told of them.
ASSIGNED_TYPES: Final = (
    kinds.AssignedNumericAttribute,
    kinds.AssignedTextAttribute,
    kinds.AssignedPlainTextAttribute,
    kinds.AssignedFileAttribute,
    kinds.AssignedSingleChoiceAttribute,
    kinds.AssignedMultiChoiceAttribute,
    kinds.AssignedSwatchAttribute,
    kinds.AssignedBooleanAttribute,
    kinds.AssignedDateAttribute,
    kinds.AssignedDateTimeAttribute,
    *SINGLE.values(),
    *MULTI.values(),
)
