"""An attribute that refers to other things: one type for each kind of thing, for one and for several of it."""

from typing import TYPE_CHECKING, Annotated, Final

import strawberry

from shop.api.attributes.assigned import AssignedAttribute
from shop.api.attributes.references import Refers, referred
from shop.api.attributes.types import MANY
from shop.api.core.context import Context
from shop.api.core.scalars import PositiveInt
from shop.execution import batch_field

if TYPE_CHECKING:
    from shop.api.catalogue.categories import Category
    from shop.api.catalogue.collections import Collection
    from shop.api.catalogue.products import Product
    from shop.api.catalogue.variants import ProductVariant
    from shop.api.content.pages import Page


@strawberry.type(description="A reference to a page.")
class AssignedSinglePageReferenceAttribute(AssignedAttribute):
    refers: strawberry.Private[Refers]

    @batch_field(description="The page, where the caller may see it.")
    @staticmethod
    async def value(
        parents: list["AssignedSinglePageReferenceAttribute"], context: Context
    ) -> list[Annotated["Page", strawberry.lazy("shop.api.content.pages")] | None]:
        found = await referred(context, "PAGE", [each.refers for each in parents])
        return [each[0] if each else None for each in found]


@strawberry.type(description="References to pages.")
class AssignedMultiPageReferenceAttribute(AssignedAttribute):
    refers: strawberry.Private[Refers]

    @batch_field(description="The pages that the caller may see, in the owner's order.")
    @staticmethod
    async def value(
        parents: list["AssignedMultiPageReferenceAttribute"],
        context: Context,
        limit: PositiveInt | None = MANY,
    ) -> list[list[Annotated["Page", strawberry.lazy("shop.api.content.pages")]]]:
        return [each[:limit] for each in await referred(context, "PAGE", [each.refers for each in parents])]


@strawberry.type(description="A reference to a product.")
class AssignedSingleProductReferenceAttribute(AssignedAttribute):
    refers: strawberry.Private[Refers]

    @batch_field(description="The product, where the caller may see it.")
    @staticmethod
    async def value(
        parents: list["AssignedSingleProductReferenceAttribute"], context: Context
    ) -> list[Annotated["Product", strawberry.lazy("shop.api.catalogue.products")] | None]:
        found = await referred(context, "PRODUCT", [each.refers for each in parents])
        return [each[0] if each else None for each in found]


@strawberry.type(description="References to products.")
class AssignedMultiProductReferenceAttribute(AssignedAttribute):
    refers: strawberry.Private[Refers]

    @batch_field(description="The products that the caller may see, in the owner's order.")
    @staticmethod
    async def value(
        parents: list["AssignedMultiProductReferenceAttribute"],
        context: Context,
        limit: PositiveInt | None = MANY,
    ) -> list[list[Annotated["Product", strawberry.lazy("shop.api.catalogue.products")]]]:
        return [each[:limit] for each in await referred(context, "PRODUCT", [each.refers for each in parents])]


@strawberry.type(description="A reference to a variant.")
class AssignedSingleProductVariantReferenceAttribute(AssignedAttribute):
    refers: strawberry.Private[Refers]

    @batch_field(description="The variant, where the caller may see it.")
    @staticmethod
    async def value(
        parents: list["AssignedSingleProductVariantReferenceAttribute"], context: Context
    ) -> list[Annotated["ProductVariant", strawberry.lazy("shop.api.catalogue.variants")] | None]:
        found = await referred(context, "PRODUCT_VARIANT", [each.refers for each in parents])
        return [each[0] if each else None for each in found]


@strawberry.type(description="References to variants.")
class AssignedMultiProductVariantReferenceAttribute(AssignedAttribute):
    refers: strawberry.Private[Refers]

    @batch_field(description="The variants that the caller may see, in the owner's order.")
    @staticmethod
    async def value(
        parents: list["AssignedMultiProductVariantReferenceAttribute"],
        context: Context,
        limit: PositiveInt | None = MANY,
    ) -> list[list[Annotated["ProductVariant", strawberry.lazy("shop.api.catalogue.variants")]]]:
        return [each[:limit] for each in await referred(context, "PRODUCT_VARIANT", [each.refers for each in parents])]


@strawberry.type(description="A reference to a category.")
class AssignedSingleCategoryReferenceAttribute(AssignedAttribute):
    refers: strawberry.Private[Refers]

    @batch_field(description="The category, where the caller may see it.")
    @staticmethod
    async def value(
        parents: list["AssignedSingleCategoryReferenceAttribute"], context: Context
    ) -> list[Annotated["Category", strawberry.lazy("shop.api.catalogue.categories")] | None]:
        found = await referred(context, "CATEGORY", [each.refers for each in parents])
        return [each[0] if each else None for each in found]


@strawberry.type(description="References to categories.")
class AssignedMultiCategoryReferenceAttribute(AssignedAttribute):
    refers: strawberry.Private[Refers]

    @batch_field(description="The categories that the caller may see, in the owner's order.")
    @staticmethod
    async def value(
        parents: list["AssignedMultiCategoryReferenceAttribute"],
        context: Context,
        limit: PositiveInt | None = MANY,
    ) -> list[list[Annotated["Category", strawberry.lazy("shop.api.catalogue.categories")]]]:
        return [each[:limit] for each in await referred(context, "CATEGORY", [each.refers for each in parents])]


@strawberry.type(description="A reference to a collection.")
class AssignedSingleCollectionReferenceAttribute(AssignedAttribute):
    refers: strawberry.Private[Refers]

    @batch_field(description="The collection, where the caller may see it.")
    @staticmethod
    async def value(
        parents: list["AssignedSingleCollectionReferenceAttribute"], context: Context
    ) -> list[Annotated["Collection", strawberry.lazy("shop.api.catalogue.collections")] | None]:
        found = await referred(context, "COLLECTION", [each.refers for each in parents])
        return [each[0] if each else None for each in found]


@strawberry.type(description="References to collections.")
class AssignedMultiCollectionReferenceAttribute(AssignedAttribute):
    refers: strawberry.Private[Refers]

    @batch_field(description="The collections that the caller may see, in the owner's order.")
    @staticmethod
    async def value(
        parents: list["AssignedMultiCollectionReferenceAttribute"],
        context: Context,
        limit: PositiveInt | None = MANY,
    ) -> list[list[Annotated["Collection", strawberry.lazy("shop.api.catalogue.collections")]]]:
        return [each[:limit] for each in await referred(context, "COLLECTION", [each.refers for each in parents])]


# By what is referred to.
SINGLE: Final = {
    "PAGE": AssignedSinglePageReferenceAttribute,
    "PRODUCT": AssignedSingleProductReferenceAttribute,
    "PRODUCT_VARIANT": AssignedSingleProductVariantReferenceAttribute,
    "CATEGORY": AssignedSingleCategoryReferenceAttribute,
    "COLLECTION": AssignedSingleCollectionReferenceAttribute,
}
MULTI: Final = {
    "PAGE": AssignedMultiPageReferenceAttribute,
    "PRODUCT": AssignedMultiProductReferenceAttribute,
    "PRODUCT_VARIANT": AssignedMultiProductVariantReferenceAttribute,
    "CATEGORY": AssignedMultiCategoryReferenceAttribute,
    "COLLECTION": AssignedMultiCollectionReferenceAttribute,
}
