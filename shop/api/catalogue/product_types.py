"""Product types, tax classes and weights: what several types of the catalogue refer to."""

from decimal import Decimal
from enum import Enum
from typing import Annotated, ClassVar

import strawberry

from shop.api.attributes.lists import (
    AttributeArguments,
    AttributeCountableConnection,
    AttributeFilterInput,
    AttributeWhereInput,
    available_attributes,
)
from shop.api.attributes.owners import PRODUCTS, VARIANTS, attributes_of_types, in_scope
from shop.api.attributes.types import AssignedVariantAttribute, Attribute, VariantAttributeScope
from shop.api.catalogue.lists import Paging
from shop.api.core.context import Context
from shop.api.core.enums import WeightUnitsEnum
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.permissions import staff_with
from shop.catalogue import queries
from shop.execution import Selection, batch_field
from shop.tax.queries import TAX_CLASSES_BY_ID


@strawberry.type(description="A weight.")
class Weight:
    unit: WeightUnitsEnum = strawberry.field(description="The unit of the value.")
    value: float = strawberry.field(description="How much, in the unit.")


def weight_of(kilograms: Decimal | None) -> Weight | None:
    """The weight as the API shows it."""
    return None if kilograms is None else Weight(unit=WeightUnitsEnum.KG, value=float(kilograms))


@strawberry.enum(description="What becomes of a sold product.")
class ProductTypeKindEnum(Enum):
    NORMAL = "NORMAL"
    GIFT_CARD = "GIFT_CARD"


@strawberry.type(description="Things that are taxed alike.")
class TaxClass(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = ("MANAGE_TAXES",)

    pk: strawberry.Private[int]
    name: str = strawberry.field(description="Name for staff.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("TaxClass", self.pk)


async def tax_classes(context: Context, ids: list[int | None]) -> list[TaxClass | None]:
    """The tax classes in the order of their keys."""
    wanted = sorted({pk for pk in ids if pk is not None})
    rows = await context.fetch(TaxClass, TAX_CLASSES_BY_ID, ids=wanted) if wanted else []
    found = {row.pk: row for row in rows}
    return [found.get(pk) if pk is not None else None for pk in ids]


@strawberry.type(description="What products of a kind have in common.")
class ProductType(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = ("MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES",)

    pk: strawberry.Private[int]
    name: str = strawberry.field(description="Name for staff.")
    slug: str = strawberry.field(description="Name in addresses.")
    kind_name: strawberry.Private[str]
    has_variants: bool = strawberry.field(
        description="Whether its products may have several variants.",
        deprecation_reason="Every product may have several variants.",
    )
    is_shipping_required: bool = strawberry.field(description="Whether its products are sent to the buyer.")
    is_digital: bool = strawberry.field(
        description="Whether its products are downloads.", deprecation_reason="Use `isShippingRequired` instead."
    )
    tax_class_id: strawberry.Private[int | None]

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("ProductType", self.pk)

    @computed(description="Whether its products are gift cards.")
    def kind(self) -> ProductTypeKindEnum:
        return ProductTypeKindEnum(self.kind_name)

    @batch_field(description="The attributes of its products, in order.")
    @staticmethod
    async def product_attributes(parents: list["ProductType"], context: Context) -> list[list[Attribute] | None]:
        found = await attributes_of_types(context, PRODUCTS, sorted({each.pk for each in parents}))
        return [found[each.pk] for each in parents]

    @batch_field(
        description="The attributes of its products' variants, in order.",
        deprecation_reason="Use `assignedVariantAttributes`.",
    )
    @staticmethod
    async def variant_attributes(
        parents: list["ProductType"], context: Context, variant_selection: VariantAttributeScope | None = None
    ) -> list[list[Attribute] | None]:
        found = await attributes_of_types(context, VARIANTS, sorted({each.pk for each in parents}))
        return [[one for one in found[each.pk] if in_scope(one, variant_selection)] for each in parents]

    @batch_field(description="The attributes of its products' variants, and whether shoppers choose by them.")
    @staticmethod
    async def assigned_variant_attributes(
        parents: list["ProductType"], context: Context, variant_selection: VariantAttributeScope | None = None
    ) -> list[list[AssignedVariantAttribute] | None]:
        found = await attributes_of_types(context, VARIANTS, sorted({each.pk for each in parents}))
        return [
            [
                AssignedVariantAttribute(attribute=one, variant_selection=one.is_selection)
                for one in found[each.pk]
                if in_scope(one, variant_selection)
            ]
            for each in parents
        ]

    @batch_field(
        description="Attributes that its products and their variants could have beside those that they have, by name. "
        "Needs MANAGE_PRODUCTS or MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES.",
        guard=staff_with("MANAGE_PRODUCTS", "MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES"),
    )
    @staticmethod
    async def available_attributes(
        parents: list["ProductType"],
        context: Context,
        selection: Selection,
        filter: Annotated[AttributeFilterInput | None, strawberry.argument(deprecation_reason="Use `where`.")] = None,
        where: AttributeWhereInput | None = None,
        search: str | None = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> list[AttributeCountableConnection | None]:
        arguments = AttributeArguments(filter, where, search)
        paging = Paging("availableAttributes", first, after, last, before)
        ids = [each.pk for each in parents]
        return await available_attributes(context, "product type", ids, arguments, paging, selection)

    @batch_field(description="The class that taxes its products where they name none of their own.")
    @staticmethod
    async def tax_class(parents: list["ProductType"], context: Context) -> list[TaxClass | None]:
        return await tax_classes(context, [parent.tax_class_id for parent in parents])


async def product_types_by_id(context: Context, ids: set[int]) -> dict[int, ProductType]:
    """The product types, by their keys."""
    rows = await context.fetch(ProductType, queries.PRODUCT_TYPES_BY_ID, ids=sorted(ids)) if ids else []
    return {row.pk: row for row in rows}
