"""Attributes and their values."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

import strawberry

from shop.api.attributes.choices import (
    AttributeChoicesSortingInput,
    AttributeValueFilterInput,
    AttributeValueWhereInput,
    choice_criteria,
)
from shop.api.catalogue.lists import Paging, Shown, list_each, nothing
from shop.api.core.connections import CountableConnection, CountableEdge
from shop.api.core.context import Context
from shop.api.core.enums import OrderDirection
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.languages import LanguageCodeEnum, LanguageDisplay
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.scalars import JSONString, PositiveInt
from shop.api.media.types import File
from shop.api.translations.texts import translated
from shop.attributes.rules import UNITS, WITH_CHOICES
from shop.browse.describing import CHOICE_LIST
from shop.browse.listing import Kind
from shop.execution import Selection, batch_field
from shop.media.rules import media_url


@strawberry.enum(description="How values of an attribute are entered.")
class AttributeInputTypeEnum(Enum):
    DROPDOWN = "DROPDOWN"
    MULTISELECT = "MULTISELECT"
    FILE = "FILE"
    REFERENCE = "REFERENCE"
    SINGLE_REFERENCE = "SINGLE_REFERENCE"
    NUMERIC = "NUMERIC"
    RICH_TEXT = "RICH_TEXT"
    PLAIN_TEXT = "PLAIN_TEXT"
    SWATCH = "SWATCH"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"
    DATE_TIME = "DATE_TIME"


@strawberry.enum(description="What has an attribute.")
class AttributeTypeEnum(Enum):
    PRODUCT_TYPE = "PRODUCT_TYPE"
    PAGE_TYPE = "PAGE_TYPE"


@strawberry.enum(description="What an attribute refers to.")
class AttributeEntityTypeEnum(Enum):
    PAGE = "PAGE"
    PRODUCT = "PRODUCT"
    PRODUCT_VARIANT = "PRODUCT_VARIANT"
    CATEGORY = "CATEGORY"
    COLLECTION = "COLLECTION"


if TYPE_CHECKING:

    class MeasurementUnitsEnum(Enum):
        """A unit; its members are made at run time from `attributes.rules`."""

else:
    MeasurementUnitsEnum = strawberry.enum(
        Enum("MeasurementUnitsEnum", {unit: unit for unit in UNITS}), description="The unit of a number."
    )


@strawberry.enum(description="Which attributes of a variant: those that shoppers choose it by, the others, or all.")
class VariantAttributeScope(Enum):
    ALL = "ALL"
    VARIANT_SELECTION = "VARIANT_SELECTION"
    NOT_VARIANT_SELECTION = "NOT_VARIANT_SELECTION"


# How many values or attributes are shown where nobody says how many.
MANY: Final = PositiveInt(100)
# The type in the API of what an attribute refers to.
ENTITY_TYPES: Final = {
    "PAGE": "Page",
    "PRODUCT": "Product",
    "PRODUCT_VARIANT": "ProductVariant",
    "CATEGORY": "Category",
    "COLLECTION": "Collection",
}


@strawberry.type(description="An attribute in another language.")
class AttributeTranslation:
    id: strawberry.ID = strawberry.field(description="Global ID.")
    language: LanguageDisplay = strawberry.field(description="The language.")
    name: str = strawberry.field(description="Name.")


@strawberry.type(description="A value in another language.")
class AttributeValueTranslation:
    id: strawberry.ID = strawberry.field(description="Global ID.")
    language: LanguageDisplay = strawberry.field(description="The language.")
    name: str = strawberry.field(description="Name.")
    rich_text: JSONString | None = strawberry.field(description="EditorJS blocks, of a rich text.")
    plain_text: str | None = strawberry.field(description="The text, of a plain one.")


@strawberry.type(description="Something that can be said of products, variants or pages, such as their size.")
class Attribute(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = (
        "MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES",
        "MANAGE_PAGE_TYPES_AND_ATTRIBUTES",
    )

    pk: strawberry.Private[int]
    type_name: strawberry.Private[str]
    input_name: strawberry.Private[str]
    entity_name: strawberry.Private[str | None]
    unit_name: strawberry.Private[str | None]
    # The product or page type by which it was found, and whether that type's variants are chosen by it.
    type_id: strawberry.Private[int] = 0
    is_selection: strawberry.Private[bool] = False
    name: str = strawberry.field(description="Name.")
    slug: str = strawberry.field(description="Name in addresses and filters.")
    value_required: bool = strawberry.field(description="Whether things that have it need a value.")
    visible_in_storefront: bool = strawberry.field(description="Whether shoppers see it.")
    external_reference: str | None = strawberry.field(description="Its name in another system.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("Attribute", self.pk)

    @computed(description="Whether products and variants have it, or pages.")
    def type(self) -> AttributeTypeEnum:
        return AttributeTypeEnum(self.type_name)

    @computed(description="How its values are entered.")
    def input_type(self) -> AttributeInputTypeEnum | None:
        return AttributeInputTypeEnum(self.input_name)

    @computed(description="What its values refer to, where they do.")
    def entity_type(self) -> AttributeEntityTypeEnum | None:
        return None if self.entity_name is None else AttributeEntityTypeEnum(self.entity_name)

    @computed(description="The unit of its numbers.")
    def unit(self) -> MeasurementUnitsEnum | None:
        return None if self.unit_name is None else MeasurementUnitsEnum(self.unit_name)

    @computed(description="Whether its values are chosen from a list.")
    def with_choices(self) -> bool:
        return self.input_name in WITH_CHOICES

    @batch_field(description="The attribute in another language, or null where it is not translated.")
    @staticmethod
    async def translation(
        parents: list["Attribute"], context: Context, language_code: LanguageCodeEnum
    ) -> list[AttributeTranslation | None]:
        ids = [each.pk for each in parents]
        return await translated(context, AttributeTranslation, "attribute", ids, language_code)

    @batch_field(description="What can be chosen, in the owner's order; nothing where `withChoices` is false.")
    @staticmethod
    async def choices(
        parents: list["Attribute"],
        context: Context,
        selection: Selection,
        sort_by: AttributeChoicesSortingInput | None = None,
        filter: Annotated[
            AttributeValueFilterInput | None, strawberry.argument(deprecation_reason="Use `where`.")
        ] = None,
        where: AttributeValueWhereInput | None = None,
        search: str | None = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> list[Annotated["AttributeValueCountableConnection", strawberry.lazy("shop.api.attributes.types")] | None]:
        criteria = choice_criteria(filter, where, search)
        sort = "ORDER" if sort_by is None else sort_by.field.value
        descending = sort_by is not None and sort_by.direction is OrderDirection.DESC
        kind = Kind(CHOICE_LIST, None, criteria.shape, sort, descending, within="attribute")
        paging = Paging("choices", first, after, last, before)
        by_key = {each.pk: each for each in parents if each.input_name in WITH_CHOICES}

        def complete(value: AttributeValue, _ahead: object) -> None:
            value.attribute = by_key[value.attribute_id]

        shown = Shown(AttributeValueCountableConnection, AttributeValueCountableEdge, AttributeValue, complete)
        keys = list(by_key)
        found = await list_each(context, kind, criteria.params, paging, selection, shown, keys) if keys else []
        made = dict(zip(keys, found, strict=True))
        return [made.get(each.pk) or nothing(context, kind, paging, selection, shown) for each in parents]


@strawberry.type(description="A value of an attribute.")
class AttributeValue:
    pk: strawberry.Private[int]
    attribute_id: strawberry.Private[int]
    text_blocks: strawberry.Private[dict[str, Any] | None]
    number: strawberry.Private[Decimal | None]
    moment: strawberry.Private[datetime | None]
    reference_id: strawberry.Private[int | None]
    asset_path: strawberry.Private[str | None]
    mime_type: strawberry.Private[str | None]
    # Whose it is, where it was read for somebody.
    owner_id: strawberry.Private[int] = 0
    attribute: strawberry.Private[Attribute | None] = None
    name: str | None = strawberry.field(description="What it says to people.")
    slug: str | None = strawberry.field(description="Name in addresses and filters.")
    value: str | None = strawberry.field(description="The colour of a swatch, `#RRGGBB`; else empty.")
    plain_text: str | None = strawberry.field(description="The text, of a plain one.")
    boolean: bool | None = strawberry.field(description="Yes or no.")
    external_reference: str | None = strawberry.field(description="Its name in another system.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("AttributeValue", self.pk)

    @computed(description="How it was entered.")
    def input_type(self) -> AttributeInputTypeEnum | None:
        return None if self.attribute is None else self.attribute.input_type()

    @computed(description="The global ID of what it refers to.")
    def reference(self) -> strawberry.ID | None:
        if self.reference_id is None or self.attribute is None or self.attribute.entity_name is None:
            return None
        return global_id(ENTITY_TYPES[self.attribute.entity_name], self.reference_id)

    @computed(description="EditorJS blocks, of a rich text.")
    def rich_text(self) -> JSONString | None:
        return None if self.text_blocks is None else JSONString(self.text_blocks)

    @computed(description="The day.")
    def date(self) -> date | None:
        if self.moment is None or self.attribute is None or self.attribute.input_name != "DATE":
            return None
        return self.moment.date()

    @computed(description="The moment.")
    def date_time(self) -> datetime | None:
        return self.moment if self.attribute is not None and self.attribute.input_name == "DATE_TIME" else None

    @batch_field(description="The file.")
    @staticmethod
    async def file(parents: list["AttributeValue"], context: Context) -> list[File | None]:
        return [file_of(context, each) for each in parents]

    @batch_field(description="The value in another language, or null where it is not translated.")
    @staticmethod
    async def translation(
        parents: list["AttributeValue"], context: Context, language_code: LanguageCodeEnum
    ) -> list[AttributeValueTranslation | None]:
        ids = [each.pk for each in parents]
        return await translated(context, AttributeValueTranslation, "attribute_value", ids, language_code)


@strawberry.type(description="A value of a page.")
class AttributeValueCountableEdge(CountableEdge[AttributeValue]):
    pass


@strawberry.type(description="A page of values.")
class AttributeValueCountableConnection(CountableConnection[AttributeValueCountableEdge]):
    pass


def file_of(context: Context, value: AttributeValue) -> File | None:
    """The value's file."""
    if value.asset_path is None:
        return None
    return File(url=context.base_url + media_url(value.asset_path), content_type=value.mime_type)


@strawberry.type(description="An attribute of something, with the values that it has.")
class SelectedAttribute:
    attribute: Attribute = strawberry.field(description="The attribute.")
    values: list[AttributeValue] = strawberry.field(description="Its values, in the owner's order.")


@strawberry.type(description="An attribute of a product type's variants.")
class AssignedVariantAttribute:
    attribute: Attribute = strawberry.field(description="The attribute.")
    variant_selection: bool = strawberry.field(description="Whether shoppers choose the variant by it.")
