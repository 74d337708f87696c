"""Kinds of products and what is said of their products; all of it needs MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES."""

from collections.abc import Sequence
from enum import Enum
from typing import Annotated, Final

import strawberry

from shop.api.catalogue.product_types import ProductTypeKindEnum
from shop.api.catalogue.writing import UNSET, WrittenProductType, said
from shop.api.core.context import Info
from shop.api.core.ids import required_int
from shop.api.core.mutation import mutation
from shop.api.core.ordering import ReorderInput, places
from shop.catalogue.actions import product_types
from shop.catalogue.actions.product_types import Assignment, ProductTypeFields

MANAGE_TYPES: Final = ("MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES",)

TypeId = Annotated[strawberry.ID, strawberry.argument(description="The product type's ID.")]


@strawberry.enum(description="Whether products have an attribute, or their variants.")
class ProductAttributeType(Enum):
    PRODUCT = "PRODUCT"
    VARIANT = "VARIANT"


@strawberry.input(description="What to write of a product type. What is left out stays.")
class ProductTypeInput:
    name: str | None = strawberry.field(default=UNSET, description="Name for staff; a new type needs one.")
    slug: str | None = strawberry.field(default=UNSET, description="Name in addresses; made of the name at first.")
    kind: ProductTypeKindEnum | None = strawberry.field(
        default=None, description="What becomes of a sold product; NORMAL at first."
    )
    has_variants: bool | None = strawberry.field(
        default=None,
        description="Whether its products may have several variants; yes at first.",
        deprecation_reason="Every product may have several variants.",
    )
    product_attributes: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of the attributes of its products, in order, instead of those before."
    )
    variant_attributes: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of the attributes of its variants, in order, instead of those before."
    )
    is_shipping_required: bool | None = strawberry.field(
        default=None, description="Whether its products are sent to the buyer; yes at first."
    )
    is_digital: bool | None = strawberry.field(
        default=None, description="Whether its products are downloads; no at first."
    )
    tax_class: strawberry.ID | None = strawberry.field(
        default=UNSET, description="ID of the class that taxes its products where they name none of their own."
    )


@strawberry.input(description="An attribute that a product type gets.")
class ProductAttributeAssignInput:
    id: strawberry.ID = strawberry.field(description="ID of the attribute.")
    type: ProductAttributeType = strawberry.field(description="Whether its products have it, or their variants.")
    variant_selection: bool | None = strawberry.field(
        default=None, description="Whether shoppers choose the variant by it; no."
    )


@strawberry.input(description="Whether shoppers choose variants by an attribute.")
class ProductAttributeAssignmentUpdateInput:
    id: strawberry.ID = strawberry.field(description="ID of an attribute of the type's variants.")
    variant_selection: bool = strawberry.field(description="Whether shoppers choose the variant by it.")


@strawberry.type(description="A new product type.")
class ProductTypeCreate(WrittenProductType):
    pass


@strawberry.type(description="A changed product type.")
class ProductTypeUpdate(WrittenProductType):
    pass


@strawberry.type(description="A product type with more attributes.")
class ProductAttributeAssign(WrittenProductType):
    pass


@strawberry.type(description="A product type with fewer attributes.")
class ProductAttributeUnassign(WrittenProductType):
    pass


@strawberry.type(description="A product type whose variants are chosen by other attributes.")
class ProductAttributeAssignmentUpdate(WrittenProductType):
    pass


@strawberry.type(description="A product type whose attributes are in another order.")
class ProductTypeReorderAttributes(WrittenProductType):
    pass


@strawberry.type
class ProductTypeMutations:
    """Mutations of product types."""

    @mutation(
        description="Makes a kind of product. Needs MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES.", permissions=MANAGE_TYPES
    )
    async def product_type_create(
        self, info: Info, input: Annotated[ProductTypeInput, strawberry.argument(description="The product type.")]
    ) -> ProductTypeCreate | None:
        attributes = [
            *(Assignment(key) for key in _keys(input.product_attributes or (), "productAttributes")),
            *(Assignment(key, of_variants=True) for key in _keys(input.variant_attributes or (), "variantAttributes")),
        ]
        key = await product_types.create_product_type(info.context.session, _fields(input), attributes)
        return ProductTypeCreate(product_type_key=key)

    @mutation(
        description="Changes a kind of product; values of attributes that it loses go. Needs "
        "MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES.",
        permissions=MANAGE_TYPES,
    )
    async def product_type_update(
        self,
        info: Info,
        id: TypeId,
        input: Annotated[ProductTypeInput, strawberry.argument(description="What to change.")],
    ) -> ProductTypeUpdate | None:
        key = required_int(id, "ProductType", field="id")
        of_products, of_variants = input.product_attributes, input.variant_attributes
        await product_types.update_product_type(
            info.context.session,
            key,
            _fields(input),
            product_attributes=None if of_products is None else _keys(of_products, "productAttributes"),
            variant_attributes=None if of_variants is None else _keys(of_variants, "variantAttributes"),
        )
        return ProductTypeUpdate(product_type_key=key)

    @mutation(
        description="Gives the products of a type, or their variants, more attributes. Needs "
        "MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES.",
        permissions=MANAGE_TYPES,
    )
    async def product_attribute_assign(
        self,
        info: Info,
        operations: Annotated[
            list[ProductAttributeAssignInput], strawberry.argument(description="The attributes, in order.")
        ],
        product_type_id: TypeId,
    ) -> ProductAttributeAssign | None:
        key = required_int(product_type_id, "ProductType", field="productTypeId")
        attributes = [
            Assignment(
                required_int(each.id, "Attribute", field="operations"),
                of_variants=each.type is ProductAttributeType.VARIANT,
                variant_selection=bool(each.variant_selection),
            )
            for each in operations
        ]
        await product_types.assign(info.context.session, key, attributes)
        return ProductAttributeAssign(product_type_key=key)

    @mutation(
        description="Takes attributes from the products of a type and their variants, with the values that these have "
        "of them. Needs MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES.",
        permissions=MANAGE_TYPES,
    )
    async def product_attribute_unassign(
        self,
        info: Info,
        attribute_ids: Annotated[list[strawberry.ID], strawberry.argument(description="IDs of attributes.")],
        product_type_id: TypeId,
    ) -> ProductAttributeUnassign | None:
        key = required_int(product_type_id, "ProductType", field="productTypeId")
        await product_types.unassign(info.context.session, key, _keys(attribute_ids, "attributeIds"))
        return ProductAttributeUnassign(product_type_key=key)

    @mutation(
        description="Says by which of their attributes shoppers choose variants of a type. Needs "
        "MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES.",
        permissions=MANAGE_TYPES,
    )
    async def product_attribute_assignment_update(
        self,
        info: Info,
        operations: Annotated[
            list[ProductAttributeAssignmentUpdateInput], strawberry.argument(description="What to change.")
        ],
        product_type_id: TypeId,
    ) -> ProductAttributeAssignmentUpdate | None:
        key = required_int(product_type_id, "ProductType", field="productTypeId")
        chosen = [
            (required_int(each.id, "Attribute", field="operations"), each.variant_selection) for each in operations
        ]
        await product_types.choose_variants_by(info.context.session, key, chosen)
        return ProductAttributeAssignmentUpdate(product_type_key=key)

    @mutation(
        description="Puts the attributes of a type's products, or of their variants, into another order. Needs "
        "MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES.",
        permissions=MANAGE_TYPES,
    )
    async def product_type_reorder_attributes(
        self,
        info: Info,
        moves: Annotated[
            list[ReorderInput], strawberry.argument(description="Attributes, and where they go, in turn.")
        ],
        product_type_id: TypeId,
        type: Annotated[ProductAttributeType, strawberry.argument(description="Whose attributes.")],
    ) -> ProductTypeReorderAttributes | None:
        key = required_int(product_type_id, "ProductType", field="productTypeId")
        of_variants = type is ProductAttributeType.VARIANT
        wanted = places(moves, "Attribute")
        await product_types.reorder_attributes(info.context.session, key, wanted, of_variants=of_variants)
        return ProductTypeReorderAttributes(product_type_key=key)


def _keys(ids: Sequence[strawberry.ID], field: str) -> list[int]:
    return [required_int(each, "Attribute", field=field) for each in ids]


def _fields(given: ProductTypeInput) -> ProductTypeFields:
    found = said({"name": given.name, "slug": given.slug, "tax_class_id": given.tax_class})
    if found.get("tax_class_id") is not None:
        found["tax_class_id"] = required_int(found["tax_class_id"], "TaxClass", field="taxClass")
    if given.kind is not None:
        found["kind"] = given.kind.value
    # A flag is never null: that means the same as leaving it out.
    flags = ("has_variants", "is_shipping_required", "is_digital")
    found |= {name: getattr(given, name) for name in flags if getattr(given, name) is not None}
    fields: ProductTypeFields = {}
    fields.update(found)  # type: ignore[typeddict-item]
    return fields
