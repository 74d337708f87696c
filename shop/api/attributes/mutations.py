"""Attributes and their choices, for staff who work with the types that have them."""

from collections.abc import Sequence
from enum import Enum
from typing import Annotated, Any, Final

import strawberry

from shop.api.attributes.types import (
    Attribute,
    AttributeEntityTypeEnum,
    AttributeInputTypeEnum,
    AttributeTypeEnum,
    AttributeValue,
    MeasurementUnitsEnum,
)
from shop.api.core.context import Context, Info
from shop.api.core.fields import computed
from shop.api.core.ids import required_int
from shop.api.core.mutation import mutation
from shop.api.core.ordering import ReorderInput, places
from shop.api.core.payloads import DomainError, Payload
from shop.api.core.permissions import require
from shop.attributes import queries
from shop.attributes.actions import defining
from shop.attributes.actions.defining import AttributeFields, ChoiceFields
from shop.attributes.errors import AttributeNotFound, ValueNotFound
from shop.attributes.models import Attribute as AttributeRow
from shop.attributes.models import Value as ValueRow
from shop.execution import batch_field
from shop.kit.db.rows import key_of

_UNSET: Final[Any] = strawberry.UNSET
# By what has the attribute. Whoever may make products or pages may make choices on the way.
_OF_TYPES: Final = {
    "PRODUCT_TYPE": "MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES",
    "PAGE_TYPE": "MANAGE_PAGE_TYPES_AND_ATTRIBUTES",
}
_OF_THINGS: Final = {"PRODUCT_TYPE": "MANAGE_PRODUCTS", "PAGE_TYPE": "MANAGE_PAGES"}
_DEFINERS: Final = tuple(_OF_TYPES.values())
_CHOOSERS: Final = (*_DEFINERS, *_OF_THINGS.values())

AttributeId = Annotated[strawberry.ID | None, strawberry.argument(description="The attribute's ID.")]
ValueId = Annotated[strawberry.ID | None, strawberry.argument(description="The value's ID.")]
Reference = Annotated[str | None, strawberry.argument(description="Its name in another system, instead of its ID.")]


@strawberry.enum(description="What went wrong with an attribute.")
class AttributeErrorCode(Enum):
    ALREADY_EXISTS = "already_exists"
    GRAPHQL_ERROR = "graphql_error"
    INVALID = "invalid"
    NOT_FOUND = "not_found"
    REQUIRED = "required"
    UNIQUE = "unique"


@strawberry.type(description="An expected error of a mutation of attributes.")
class AttributeError(DomainError):
    code: AttributeErrorCode = strawberry.field(description="What went wrong, for programs.")


@strawberry.type
class AttributePayload(Payload):
    """A payload of attribute mutations."""

    errors: list[AttributeError] = strawberry.field(default_factory=list, description="Expected errors.")

    @computed(description="Expected errors.", deprecation_reason="Use `errors`.")
    def attribute_errors(self) -> list[AttributeError]:
        return self.errors


@strawberry.type
class WrittenAttribute(AttributePayload):
    """A payload that shows the attribute as it was stored."""

    attribute_key: strawberry.Private[int | None] = None

    @batch_field(description="The attribute as it is now; null where there are errors.")
    @staticmethod
    async def attribute(parents: list["WrittenAttribute"], context: Context) -> list[Attribute | None]:
        found = await _attributes(context, [each.attribute_key for each in parents if each.attribute_key])
        return [found.get(each.attribute_key) if each.attribute_key else None for each in parents]


@strawberry.type
class WrittenValue(WrittenAttribute):
    """A payload that shows a value as it was stored, and its attribute."""

    value_key: strawberry.Private[int | None] = None

    @batch_field(description="The value as it is now; null where there are errors.")
    @staticmethod
    async def attribute_value(parents: list["WrittenValue"], context: Context) -> list[AttributeValue | None]:
        found = await _values(context, [each.value_key for each in parents if each.value_key])
        return [found.get(each.value_key) if each.value_key else None for each in parents]


@strawberry.input(description="A new choice of an attribute.")
class AttributeValueCreateInput:
    value: str | None = strawberry.field(default=_UNSET, description="The colour of a swatch, `#RRGGBB`.")
    external_reference: str | None = strawberry.field(default=_UNSET, description="Its name in another system.")
    name: str = strawberry.field(description="What it says to people; its slug is made of it.")


@strawberry.input(description="What to write of a choice. What is left out stays.")
class AttributeValueUpdateInput:
    value: str | None = strawberry.field(default=_UNSET, description="The colour of a swatch, `#RRGGBB`.")
    external_reference: str | None = strawberry.field(default=_UNSET, description="Its name in another system.")
    name: str | None = strawberry.field(default=_UNSET, description="What it says to people; its slug stays.")


@strawberry.input(description="A new attribute.")
class AttributeCreateInput:
    input_type: AttributeInputTypeEnum | None = strawberry.field(
        default=None, description="How its values are entered; DROPDOWN. It stays."
    )
    entity_type: AttributeEntityTypeEnum | None = strawberry.field(
        default=None, description="What it refers to, of a reference. It stays."
    )
    name: str = strawberry.field(description="Name.")
    slug: str | None = strawberry.field(default=None, description="Name in addresses and filters; made of the name.")
    type: AttributeTypeEnum = strawberry.field(description="What has it. It stays.")
    unit: MeasurementUnitsEnum | None = strawberry.field(default=None, description="The unit of a number.")
    values: list[AttributeValueCreateInput] | None = strawberry.field(
        default=None, description="Its choices, in order, where it has any."
    )
    value_required: bool | None = strawberry.field(
        default=None, description="Whether things that have it need a value; no."
    )
    visible_in_storefront: bool | None = strawberry.field(default=None, description="Whether shoppers see it; yes.")
    external_reference: str | None = strawberry.field(default=_UNSET, description="Its name in another system.")


@strawberry.input(description="What to change of an attribute. What is left out stays.")
class AttributeUpdateInput:
    name: str | None = strawberry.field(default=_UNSET, description="Name.")
    slug: str | None = strawberry.field(default=_UNSET, description="Name in addresses and filters.")
    unit: MeasurementUnitsEnum | None = strawberry.field(default=_UNSET, description="The unit of a number.")
    remove_values: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of values that nothing says any more."
    )
    add_values: list[AttributeValueUpdateInput] | None = strawberry.field(
        default=None, description="Choices that it has too; each needs a name."
    )
    value_required: bool | None = strawberry.field(
        default=None, description="Whether things that have it need a value, when they are made or changed."
    )
    visible_in_storefront: bool | None = strawberry.field(default=None, description="Whether shoppers see it.")
    external_reference: str | None = strawberry.field(default=_UNSET, description="Its name in another system.")


@strawberry.type(description="A new attribute.")
class AttributeCreate(WrittenAttribute):
    pass


@strawberry.type(description="A changed attribute.")
class AttributeUpdate(WrittenAttribute):
    pass


@strawberry.type(description="An attribute is gone, with what was said of it.")
class AttributeDelete(AttributePayload):
    attribute: Attribute | None = strawberry.field(default=None, description="As it was.")


@strawberry.type(description="A new choice.")
class AttributeValueCreate(WrittenValue):
    pass


@strawberry.type(description="A changed choice.")
class AttributeValueUpdate(WrittenValue):
    pass


@strawberry.type(description="A value is gone: nothing says it any more.")
class AttributeValueDelete(WrittenAttribute):
    attribute_value: AttributeValue | None = strawberry.field(default=None, description="As it was.")


@strawberry.type(description="An attribute whose choices are in another order.")
class AttributeReorderValues(WrittenAttribute):
    pass


@strawberry.type
class AttributeMutations:
    """Mutations of attributes. Who may depends on what has the attribute, products or pages."""

    @mutation(
        description="Makes an attribute. Needs MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES for one of products, "
        "MANAGE_PAGE_TYPES_AND_ATTRIBUTES for one of pages.",
        permissions=_DEFINERS,
    )
    async def attribute_create(
        self, info: Info, input: Annotated[AttributeCreateInput, strawberry.argument(description="The attribute.")]
    ) -> AttributeCreate | None:
        require(info.context, _OF_TYPES[input.type.value])
        key = await defining.create_attribute(
            info.context.session,
            input.type.value,
            (input.input_type or AttributeInputTypeEnum.DROPDOWN).value,
            _fields(input),
            entity_type=input.entity_type.value if input.entity_type else None,
            choices=[_choice(each) for each in input.values or ()],
        )
        return AttributeCreate(attribute_key=key)

    @mutation(
        description="Changes an attribute. Needs the permission of `attributeCreate`.",
        permissions=_DEFINERS,
    )
    async def attribute_update(
        self,
        info: Info,
        input: Annotated[AttributeUpdateInput, strawberry.argument(description="What to change.")],
        external_reference: Reference = None,
        id: AttributeId = None,
    ) -> AttributeUpdate | None:
        attribute = await _named(info.context, id, external_reference)
        await defining.update_attribute(
            info.context.session,
            attribute.pk,
            _fields(input),
            add=[_choice(each) for each in input.add_values or ()],
            remove=[required_int(each, "AttributeValue", field="removeValues") for each in input.remove_values or ()],
        )
        return AttributeUpdate(attribute_key=attribute.pk)

    @mutation(
        description="Removes an attribute from all types, with what was said of it. Needs the permission of "
        "`attributeCreate`.",
        permissions=_DEFINERS,
    )
    async def attribute_delete(
        self, info: Info, external_reference: Reference = None, id: AttributeId = None
    ) -> AttributeDelete | None:
        attribute = await _named(info.context, id, external_reference)
        await defining.delete_attribute(info.context.session, attribute.pk)
        return AttributeDelete(attribute=attribute)

    @mutation(
        description="Makes a choice, the last one of its attribute. Needs the permission of `attributeCreate`, or "
        "MANAGE_PRODUCTS or MANAGE_PAGES.",
        permissions=_CHOOSERS,
    )
    async def attribute_value_create(
        self,
        info: Info,
        attribute: Annotated[strawberry.ID, strawberry.argument(description="The attribute's ID.")],
        input: Annotated[AttributeValueCreateInput, strawberry.argument(description="The choice.")],
    ) -> AttributeValueCreate | None:
        key = required_int(attribute, "Attribute", field="attribute")
        of = (await _attributes(info.context, [key])).get(key)
        if of is None:
            raise AttributeNotFound(field="attribute")
        require(info.context, _OF_TYPES[of.type_name], _OF_THINGS[of.type_name])
        value = await defining.create_choice(info.context.session, key, _choice(input))
        return AttributeValueCreate(attribute_key=key, value_key=value)

    @mutation(
        description="Changes a choice, wherever it is said. Needs the permission of `attributeCreate`.",
        permissions=_DEFINERS,
    )
    async def attribute_value_update(
        self,
        info: Info,
        input: Annotated[AttributeValueUpdateInput, strawberry.argument(description="What to change.")],
        external_reference: Reference = None,
        id: ValueId = None,
    ) -> AttributeValueUpdate | None:
        value = await _value_named(info.context, id, external_reference)
        await defining.update_choice(info.context.session, value.pk, _choice(input))
        return AttributeValueUpdate(attribute_key=value.attribute_id, value_key=value.pk)

    @mutation(
        description="Removes a value: nothing says it any more. Needs the permission of `attributeCreate`.",
        permissions=_DEFINERS,
    )
    async def attribute_value_delete(
        self, info: Info, external_reference: Reference = None, id: ValueId = None
    ) -> AttributeValueDelete | None:
        value = await _value_named(info.context, id, external_reference)
        await defining.delete_value(info.context.session, value.pk)
        return AttributeValueDelete(attribute_key=value.attribute_id, attribute_value=value)

    @mutation(
        description="Puts the choices of an attribute into another order. Needs the permission of `attributeCreate`.",
        permissions=_DEFINERS,
    )
    async def attribute_reorder_values(
        self,
        info: Info,
        attribute_id: Annotated[strawberry.ID, strawberry.argument(description="The attribute's ID.")],
        moves: Annotated[list[ReorderInput], strawberry.argument(description="Choices, and where they go, in turn.")],
    ) -> AttributeReorderValues | None:
        key = required_int(attribute_id, "Attribute", field="attributeId")
        of = (await _attributes(info.context, [key])).get(key)
        if of is None:
            raise AttributeNotFound(field="attributeId")
        require(info.context, _OF_TYPES[of.type_name])
        await defining.reorder_choices(info.context.session, key, places(moves, "AttributeValue"))
        return AttributeReorderValues(attribute_key=key)


async def _attributes(context: Context, keys: Sequence[int]) -> dict[int, Attribute]:
    rows = await context.fetch(Attribute, queries.ATTRIBUTES_BY_ID, ids=sorted(set(keys))) if keys else []
    return {row.pk: row for row in rows}


async def _values(context: Context, keys: Sequence[int]) -> dict[int, AttributeValue]:
    rows = await context.fetch(AttributeValue, queries.VALUES_BY_ID, ids=sorted(set(keys))) if keys else []
    found = await _attributes(context, [row.attribute_id for row in rows])
    for row in rows:
        row.attribute = found.get(row.attribute_id)
    return {row.pk: row for row in rows}


async def _named(context: Context, id: strawberry.ID | None, external_reference: str | None) -> Attribute:
    """The attribute that is meant, which the caller may write. Raises: Invalid, AttributeNotFound, Denied."""
    key = None if id is None else required_int(id, "Attribute", field="id")
    named = {"id": key, "external_reference": external_reference}
    key = await key_of(context.session, AttributeRow, named, AttributeNotFound())
    attribute = (await _attributes(context, [key]))[key]
    require(context, _OF_TYPES[attribute.type_name])
    return attribute


async def _value_named(context: Context, id: strawberry.ID | None, external_reference: str | None) -> AttributeValue:
    """The value that is meant, which the caller may write. Raises: Invalid, ValueNotFound, Denied."""
    key = None if id is None else required_int(id, "AttributeValue", field="id")
    named = {"id": key, "external_reference": external_reference}
    key = await key_of(context.session, ValueRow, named, ValueNotFound())
    value = (await _values(context, [key]))[key]
    assert value.attribute is not None
    require(context, _OF_TYPES[value.attribute.type_name])
    return value


def _fields(given: AttributeCreateInput | AttributeUpdateInput) -> AttributeFields:
    found: dict[str, Any] = {
        "name": given.name,
        "slug": given.slug,
        "unit": given.unit.value if isinstance(given.unit, MeasurementUnitsEnum) else given.unit,
        "external_reference": given.external_reference,
    }
    # A flag is never null: that means the same as leaving it out.
    flags = ("value_required", "visible_in_storefront")
    found |= {name: getattr(given, name) for name in flags if getattr(given, name) is not None}
    fields: AttributeFields = {}
    fields.update({name: value for name, value in found.items() if value is not _UNSET})  # type: ignore[typeddict-item]
    return fields


def _choice(given: AttributeValueCreateInput | AttributeValueUpdateInput) -> ChoiceFields:
    found = {"name": given.name, "value": given.value, "external_reference": given.external_reference}
    fields: ChoiceFields = {}
    fields.update({name: value for name, value in found.items() if value is not _UNSET})  # type: ignore[typeddict-item]
    return fields
