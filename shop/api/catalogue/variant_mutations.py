"""Making, changing, ordering and removing variants; all of it needs MANAGE_PRODUCTS."""

from typing import Annotated

import strawberry

from shop.api.catalogue.variant_inputs import ProductVariantCreateInput, ProductVariantInput, fields_of, stocks_of
from shop.api.catalogue.variants import ProductVariant, variants_by_id
from shop.api.catalogue.writing import MANAGE_PRODUCTS, ProductPayload, WrittenProduct, WrittenVariant, cleaned
from shop.api.core.context import Context, Info
from shop.api.core.ids import required_int
from shop.api.core.mutation import mutation
from shop.api.core.ordering import ReorderInput, places
from shop.catalogue.actions import variants
from shop.catalogue.errors import VariantNotFound
from shop.catalogue.models import Variant
from shop.checkout.actions import withdraw
from shop.kit.db.rows import key_of
from shop.stock.actions import add_stocks

VariantId = Annotated[strawberry.ID | None, strawberry.argument(description="The variant's ID.")]
Sku = Annotated[str | None, strawberry.argument(description="The variant's article number, instead of its ID.")]
Reference = Annotated[
    str | None, strawberry.argument(description="The variant's name in another system, instead of its ID.")
]
ProductId = Annotated[strawberry.ID, strawberry.argument(description="The product's ID.")]


@strawberry.type(description="A new variant.")
class ProductVariantCreate(WrittenVariant):
    pass


@strawberry.type(description="A changed variant.")
class ProductVariantUpdate(WrittenVariant):
    pass


@strawberry.type(description="A variant is gone.")
class ProductVariantDelete(ProductPayload):
    product_variant: ProductVariant | None = strawberry.field(default=None, description="As it was.")


@strawberry.type(description="A product whose variants are in another order.")
class ProductVariantReorder(WrittenProduct):
    pass


@strawberry.type(description="A product for which another variant stands.")
class ProductVariantSetDefault(WrittenProduct):
    pass


@strawberry.type
class VariantMutations:
    """Mutations of variants."""

    @mutation(
        description="Makes a variant, the last one of its product; it is sold where it is given a price. Needs "
        "MANAGE_PRODUCTS.",
        permissions=MANAGE_PRODUCTS,
    )
    async def product_variant_create(
        self, info: Info, input: Annotated[ProductVariantCreateInput, strawberry.argument(description="The variant.")]
    ) -> ProductVariantCreate | None:
        session = info.context.session
        product = required_int(input.product, "Product", field="product")
        stocks = stocks_of(input.stocks)
        key = await variants.create_variant(session, product, fields_of(input), cleaned(input.attributes))
        await add_stocks(session, key, stocks)
        return ProductVariantCreate(variant_key=key)

    @mutation(description="Changes a variant. Needs MANAGE_PRODUCTS.", permissions=MANAGE_PRODUCTS)
    async def product_variant_update(
        self,
        info: Info,
        input: Annotated[ProductVariantInput, strawberry.argument(description="What to change.")],
        external_reference: Reference = None,
        id: VariantId = None,
        sku: Sku = None,
    ) -> ProductVariantUpdate | None:
        key = await variant_named(info.context, id, sku, external_reference)
        await variants.update_variant(info.context.session, key, fields_of(input), cleaned(input.attributes))
        return ProductVariantUpdate(variant_key=key)

    @mutation(
        description="Removes a variant, unless orders wait for it, somebody pays for it, or visits or sessions of it "
        "were sold. Orders keep what they were sold. Needs MANAGE_PRODUCTS.",
        permissions=MANAGE_PRODUCTS,
    )
    async def product_variant_delete(
        self, info: Info, external_reference: Reference = None, id: VariantId = None, sku: Sku = None
    ) -> ProductVariantDelete | None:
        key = await variant_named(info.context, id, sku, external_reference)
        (before,) = await variants_by_id(info.context, [(key, None)])
        await withdraw.delete_variant(info.context.session, key)
        return ProductVariantDelete(product_variant=before)

    @mutation(
        description="Puts the variants of a product into another order. Needs MANAGE_PRODUCTS.",
        permissions=MANAGE_PRODUCTS,
    )
    async def product_variant_reorder(
        self,
        info: Info,
        moves: Annotated[list[ReorderInput], strawberry.argument(description="Variants, and where they go, in turn.")],
        product_id: ProductId,
    ) -> ProductVariantReorder | None:
        key = required_int(product_id, "Product", field="productId")
        await variants.reorder_variants(info.context.session, key, places(moves, "ProductVariant"))
        return ProductVariantReorder(product_key=key)

    @mutation(
        description="Lets a variant stand for its product: it is what shoppers are shown first. Needs MANAGE_PRODUCTS.",
        permissions=MANAGE_PRODUCTS,
    )
    async def product_variant_set_default(
        self,
        info: Info,
        product_id: ProductId,
        variant_id: Annotated[strawberry.ID, strawberry.argument(description="The variant's ID.")],
    ) -> ProductVariantSetDefault | None:
        key = required_int(product_id, "Product", field="productId")
        variant = required_int(variant_id, "ProductVariant", field="variantId")
        await variants.set_default(info.context.session, key, variant)
        return ProductVariantSetDefault(product_key=key)


async def variant_named(
    context: Context,
    id: strawberry.ID | None,
    sku: str | None,
    external_reference: str | None = None,
    *,
    field: str = "id",
) -> int:
    """The key of the variant that is meant. Raises: Invalid for none or several names, VariantNotFound."""
    key = None if id is None else required_int(id, "ProductVariant", field=field)
    named = {"id": key, "sku": sku, "external_reference": external_reference}
    return await key_of(context.session, Variant, named, VariantNotFound(field=field))
