"""Lists of attributes: what they are filtered and sorted by, at the root and of what a type could still have."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import strawberry
from graphql import GraphQLError

from shop.api.attributes.owners import SEES_ALL_ATTRIBUTES
from shop.api.attributes.types import (
    Attribute,
    AttributeEntityTypeEnum,
    AttributeInputTypeEnum,
    AttributeTypeEnum,
    MeasurementUnitsEnum,
)
from shop.api.catalogue.below import with_those_below
from shop.api.catalogue.inputs import MetadataFilter, keys, metadata_criteria
from shop.api.catalogue.lists import Paging, Shown, list_all, list_each, rows
from shop.api.channels.scope import scope_of
from shop.api.core.connections import CountableConnection, CountableEdge
from shop.api.core.context import Context
from shop.api.core.enums import OrderDirection
from shop.api.core.filters import StringFilterInput, nested, wanted
from shop.api.core.ids import query_int
from shop.browse import listing
from shop.browse.criteria import Criteria, Parts, Value
from shop.browse.describing import ATTRIBUTE_LIST
from shop.browse.listing import Kind
from shop.browse.queries import PRODUCT_LIST
from shop.catalogue.models import Product
from shop.execution import Selection


@strawberry.type(description="An attribute of a page.")
class AttributeCountableEdge(CountableEdge[Attribute]):
    pass


@strawberry.type(description="A page of attributes.")
class AttributeCountableConnection(CountableConnection[AttributeCountableEdge]):
    pass


@strawberry.input(description="How values are entered.")
class AttributeInputTypeEnumFilterInput:
    eq: AttributeInputTypeEnum | None = strawberry.field(default=None, description="In this way.")
    one_of: list[AttributeInputTypeEnum] | None = strawberry.field(default=None, description="In one of these ways.")


@strawberry.input(description="What values refer to.")
class AttributeEntityTypeEnumFilterInput:
    eq: AttributeEntityTypeEnum | None = strawberry.field(default=None, description="To this kind of thing.")
    one_of: list[AttributeEntityTypeEnum] | None = strawberry.field(default=None, description="To one of these kinds.")


@strawberry.input(description="What has the attribute.")
class AttributeTypeEnumFilterInput:
    eq: AttributeTypeEnum | None = strawberry.field(default=None, description="This kind of thing.")
    one_of: list[AttributeTypeEnum] | None = strawberry.field(default=None, description="One of these kinds.")


@strawberry.input(description="The unit of numbers.")
class MeasurementUnitsEnumFilterInput:
    eq: MeasurementUnitsEnum | None = strawberry.field(default=None, description="This unit.")
    one_of: list[MeasurementUnitsEnum] | None = strawberry.field(default=None, description="One of these units.")


@strawberry.input(description="Which attributes to list; all that is given must hold.")
class AttributeFilterInput:
    value_required: bool | None = strawberry.field(
        default=None, description="Whether things that have it need a value."
    )
    is_variant_only: bool | None = strawberry.field(default=None, description="Whether variants alone have it.")
    visible_in_storefront: bool | None = strawberry.field(default=None, description="Whether shoppers see it.")
    metadata: list[MetadataFilter] | None = strawberry.field(default=None, description="By public metadata.")
    search: str | None = strawberry.field(default=None, description="Part of the name or of the slug.")
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="These attributes.")
    type: AttributeTypeEnum | None = strawberry.field(default=None, description="What has it.")
    in_collection: strawberry.ID | None = strawberry.field(
        default=None, description="What products of this collection have, or their variants."
    )
    in_category: strawberry.ID | None = strawberry.field(
        default=None, description="What products of this category and below it have, or their variants."
    )
    slugs: list[str] | None = strawberry.field(default=None, description="By slug.")


@strawberry.input(description="Which attributes to list; all that is given must hold.")
class AttributeWhereInput:
    metadata: list[MetadataFilter] | None = strawberry.field(default=None, description="By public metadata.")
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="These attributes.")
    name: StringFilterInput | None = strawberry.field(default=None, description="By name.")
    slug: StringFilterInput | None = strawberry.field(default=None, description="By slug.")
    with_choices: bool | None = strawberry.field(default=None, description="Whether values are chosen from a list.")
    input_type: AttributeInputTypeEnumFilterInput | None = strawberry.field(
        default=None, description="By how values are entered."
    )
    entity_type: AttributeEntityTypeEnumFilterInput | None = strawberry.field(
        default=None, description="By what values refer to."
    )
    type: AttributeTypeEnumFilterInput | None = strawberry.field(default=None, description="By what has it.")
    unit: MeasurementUnitsEnumFilterInput | None = strawberry.field(default=None, description="By the unit of numbers.")
    in_collection: strawberry.ID | None = strawberry.field(
        default=None, description="What products of this collection have, or their variants."
    )
    in_category: strawberry.ID | None = strawberry.field(
        default=None, description="What products of this category and below it have, or their variants."
    )
    value_required: bool | None = strawberry.field(
        default=None, description="Whether things that have it need a value."
    )
    visible_in_storefront: bool | None = strawberry.field(default=None, description="Whether shoppers see it.")
    and_: list["AttributeWhereInput"] | None = strawberry.field(
        default=None, name="AND", description="All of these must hold."
    )
    or_: list["AttributeWhereInput"] | None = strawberry.field(
        default=None, name="OR", description="One of these must hold."
    )


@strawberry.enum(description="What attributes are sorted by.")
class AttributeSortField(Enum):
    NAME = "NAME"
    SLUG = "SLUG"
    VALUE_REQUIRED = "VALUE_REQUIRED"
    IS_VARIANT_ONLY = "IS_VARIANT_ONLY"
    VISIBLE_IN_STOREFRONT = "VISIBLE_IN_STOREFRONT"


@strawberry.input(description="How to sort attributes.")
class AttributeSortingInput:
    direction: OrderDirection = strawberry.field(description="Upwards or downwards.")
    field: AttributeSortField = strawberry.field(description="What to sort by.")


def _common(value: AttributeFilterInput | AttributeWhereInput) -> Parts:
    parts: Parts = [
        (name, given)
        for name in ("value_required", "visible_in_storefront")
        if (given := getattr(value, name)) is not None
    ]
    if value.metadata is not None:
        parts += metadata_criteria(value.metadata)
    for name, type_name in (("in_category", "Category"), ("in_collection", "Collection")):
        text = getattr(value, name)
        if text is not None:
            key = query_int(text, type_name)
            parts.append((name, [] if key is None else [key]))
    return parts


def _filter(value: AttributeFilterInput) -> Parts:
    """What the older form asks for; empty lists ask for nothing."""
    parts = _common(value)
    if value.is_variant_only is not None:
        parts.append(("is_variant_only", value.is_variant_only))
    if value.type is not None:
        parts.append(("types", [value.type.value]))
    if value.ids:
        parts.append(("ids", keys(value.ids, "Attribute")))
    if value.slugs:
        parts.append(("slugs", value.slugs))
    return parts + _search(value.search)


def _where(value: AttributeWhereInput, depth: int = 0) -> Parts:
    parts = _common(value)
    if value.ids is not None:
        parts.append(("ids", keys(value.ids, "Attribute")))
    if value.with_choices is not None:
        parts.append(("with_choices", value.with_choices))
    texts = (("names", value.name), ("slugs", value.slug))
    parts += [(name, wanted(given)) for name, given in texts if given is not None]
    enums = (
        ("input_types", value.input_type),
        ("entity_types", value.entity_type),
        ("types", value.type),
        ("units", value.unit),
    )
    parts += [(name, _named(given)) for name, given in enums if given is not None]
    return parts + nested(value.and_, value.or_, _where, depth)


def _named(value: Any) -> list[str]:
    """The members that satisfy the filter; none for an empty one."""
    return [value.eq.value] if value.eq is not None else [each.value for each in value.one_of or []]


def _search(text: str | None) -> Parts:
    return [("search", text.strip())] if text is not None and text.strip() else []


@dataclass(frozen=True, slots=True)
class AttributeArguments:
    """The arguments that every list of attributes has."""

    filter: AttributeFilterInput | None = None
    where: AttributeWhereInput | None = None
    search: str | None = None

    @property
    def criteria(self) -> Criteria:
        """What is asked for. Raises: GraphQLError for `filter` beside `where`."""
        if self.filter is not None and self.where is not None:
            raise GraphQLError("Only one of the arguments `filter` and `where` can be used.")
        parts = [] if self.filter is None else _filter(self.filter)
        parts += [] if self.where is None else _where(self.where)
        return Criteria(tuple(parts + _search(self.search)))


async def _looked_up(context: Context, criteria: Criteria, channel: str | None) -> Criteria:
    """The criteria with types of product in the place of categories and collections. One statement for each."""
    parts: Parts = []
    for part in criteria.parts:
        if isinstance(part, Criteria):
            parts.append(await _looked_up(context, part, channel))
        elif part[0] in _HOLDERS:
            parts.append(("product_types", await _types_in(context, part, channel)))
        else:
            parts.append(part)
    return Criteria(tuple(parts), criteria.any_of)


_HOLDERS = {"in_category": "categories", "in_collection": "collections"}


async def _types_in(context: Context, part: tuple[str, Any], channel: str | None) -> list[int]:
    """The types of the products that the caller sees in a category or collection."""
    scope = await scope_of(context, channel)
    if scope is None:
        return []
    # Hand-picked lists show what the owner put there, even where other lists leave it out.
    sight = replace(scope.sight, listed=scope.sight.public and part[0] == "in_category")
    held = await with_those_below(context, Criteria(((_HOLDERS[part[0]], part[1]),)))
    statement = listing.distinct(Kind(PRODUCT_LIST, sight, held.shape, "SLUG"), Product.product_type_id)
    found = await rows(context, statement, {**held.params, **scope.params, "now": context.now})
    return [row["value"] for row in found]


def sees_all_attributes(context: Context) -> bool:
    """Whether the caller sees attributes that storefronts do not show. The reply is then nobody else's."""
    if context.caller.may(*SEES_ALL_ATTRIBUTES):
        context.is_private = True
        return True
    return False


_SHOWN = Shown(AttributeCountableConnection, AttributeCountableEdge, Attribute)


async def attributes_of_shop(
    context: Context,
    arguments: AttributeArguments,
    sort_by: AttributeSortingInput | None,
    channel: str | None,
    paging: Paging,
    selection: Selection,
) -> Any:
    """The connection of the root list."""
    criteria = await _looked_up(context, arguments.criteria, channel)
    sort = "NAME" if sort_by is None else sort_by.field.value
    descending = sort_by is not None and sort_by.direction is OrderDirection.DESC
    kind = Kind(ATTRIBUTE_LIST, sees_all_attributes(context), criteria.shape, sort, descending)
    return await list_all(context, kind, criteria.params, paging, selection, _SHOWN)


async def available_attributes(
    context: Context,
    within: str,
    parents: Sequence[int],
    arguments: AttributeArguments,
    paging: Paging,
    selection: Selection,
) -> list[Any]:
    """A connection for each type: what it could still have. `within`: `product type` or `page type`."""
    criteria = await _looked_up(context, arguments.criteria, None)
    kind = Kind(ATTRIBUTE_LIST, True, criteria.shape, "NAME", within=within)
    return await list_each(context, kind, criteria.params, paging, selection, _SHOWN, parents)


async def attribute_by(context: Context, name: str, value: str) -> Attribute | None:
    """The attribute of that `id`, `slug` or `externalReference`, if the caller may see it."""
    key = query_int(value, "Attribute") if name == "id" else None
    if name == "id" and key is None:
        return None
    parts: dict[str, tuple[str, Value]] = {
        "id": ("ids", [key]),
        "slug": ("slugs", [value]),
        "externalReference": ("external_references", [value]),
    }
    criteria = Criteria((parts[name],))
    statement = listing.matching(Kind(ATTRIBUTE_LIST, sees_all_attributes(context), criteria.shape, "NAME"))
    found = await context.fetch(Attribute, statement, **criteria.params)
    return found[0] if found else None
