"""What variants cost and how many of them lie where; all of it needs MANAGE_PRODUCTS."""

from enum import Enum
from typing import Annotated

import strawberry

from shop.api.catalogue.product_mutations import ListingPayload
from shop.api.catalogue.variant_inputs import ProductVariantChannelListingAddInput, StockInput, prices_of, stocks_of
from shop.api.catalogue.variant_mutations import Sku, VariantId, variant_named
from shop.api.catalogue.variants import ProductVariant, variants_by_id
from shop.api.catalogue.writing import MANAGE_PRODUCTS, AboutAttributes
from shop.api.core.context import Context, Info
from shop.api.core.fields import computed
from shop.api.core.ids import required_uuid
from shop.api.core.mutation import mutation
from shop.api.core.payloads import DomainError, Payload
from shop.execution import batch_field
from shop.pricing.actions import price_variant
from shop.stock import actions as stock

Stocks = Annotated[list[StockInput], strawberry.argument(description="How many lie where.")]


@strawberry.type(description="An expected error about one of several stocks.")
class BulkStockError(AboutAttributes):
    index: int | None = strawberry.field(default=None, description="Which of the stocks it is about, from 0 on.")


@strawberry.enum(description="What went wrong with a stock.")
class StockErrorCode(Enum):
    ALREADY_EXISTS = "already_exists"
    GRAPHQL_ERROR = "graphql_error"
    INVALID = "invalid"
    NOT_FOUND = "not_found"
    REQUIRED = "required"
    UNIQUE = "unique"


@strawberry.type(description="An expected error of a mutation of stocks.")
class StockError(DomainError):
    code: StockErrorCode = strawberry.field(description="What went wrong, for programs.")


@strawberry.type
class StocksPayload(Payload):
    """A payload that shows the variant whose stocks were counted."""

    variant_key: strawberry.Private[int | None] = None
    errors: list[BulkStockError] = strawberry.field(default_factory=list, description="Expected errors.")

    @computed(description="Expected errors.", deprecation_reason="Use `errors`.")
    def bulk_stock_errors(self) -> list[BulkStockError]:
        return self.errors

    @batch_field(description="The variant as it is now, in no channel; null where there are errors.")
    @staticmethod
    async def product_variant(parents: list["StocksPayload"], context: Context) -> list[ProductVariant | None]:
        return await variants_by_id(context, [(each.variant_key, None) for each in parents])


@strawberry.type(description="A variant that is counted in more warehouses.")
class ProductVariantStocksCreate(StocksPayload):
    pass


@strawberry.type(description="A variant that was counted again.")
class ProductVariantStocksUpdate(StocksPayload):
    pass


@strawberry.type(description="A variant that is counted in fewer warehouses.")
class ProductVariantStocksDelete(Payload):
    variant_key: strawberry.Private[int | None] = None
    errors: list[StockError] = strawberry.field(default_factory=list, description="Expected errors.")

    @computed(description="Expected errors.", deprecation_reason="Use `errors`.")
    def stock_errors(self) -> list[StockError]:
        return self.errors

    @batch_field(description="The variant as it is now, in no channel; null where there are errors.")
    @staticmethod
    async def product_variant(
        parents: list["ProductVariantStocksDelete"], context: Context
    ) -> list[ProductVariant | None]:
        return await variants_by_id(context, [(each.variant_key, None) for each in parents])


@strawberry.type(description="A variant with other prices.")
class ProductVariantChannelListingUpdate(ListingPayload):
    variant_key: strawberry.Private[int | None] = None

    @batch_field(description="The variant as it is now, in no channel; null where there are errors.")
    @staticmethod
    async def variant(
        parents: list["ProductVariantChannelListingUpdate"], context: Context
    ) -> list[ProductVariant | None]:
        return await variants_by_id(context, [(each.variant_key, None) for each in parents])


@strawberry.type
class VariantSellingMutations:
    """Mutations of prices and stocks."""

    @mutation(
        description="Sells a variant in channels at these prices; in the others it is sold as before. Needs "
        "MANAGE_PRODUCTS.",
        permissions=MANAGE_PRODUCTS,
    )
    async def product_variant_channel_listing_update(
        self,
        info: Info,
        input: Annotated[
            list[ProductVariantChannelListingAddInput], strawberry.argument(description="Channels and prices.")
        ],
        id: VariantId = None,
        sku: Sku = None,
    ) -> ProductVariantChannelListingUpdate | None:
        key = await variant_named(info.context, id, sku)
        await price_variant(info.context.session, key, prices_of(input))
        return ProductVariantChannelListingUpdate(variant_key=key)

    @mutation(
        description="Counts a variant in warehouses where it was not counted yet. Needs MANAGE_PRODUCTS.",
        permissions=MANAGE_PRODUCTS,
    )
    async def product_variant_stocks_create(
        self,
        info: Info,
        stocks: Stocks,
        variant_id: Annotated[strawberry.ID, strawberry.argument(description="The variant's ID.")],
    ) -> ProductVariantStocksCreate | None:
        key = await variant_named(info.context, variant_id, None, field="variantId")
        await stock.add_stocks(info.context.session, key, stocks_of(stocks))
        return ProductVariantStocksCreate(variant_key=key)

    @mutation(
        description="Says how many of a variant lie in warehouses, whether it was counted there before or not; never "
        "fewer than orders were promised. Needs MANAGE_PRODUCTS.",
        permissions=MANAGE_PRODUCTS,
    )
    async def product_variant_stocks_update(
        self, info: Info, stocks: Stocks, sku: Sku = None, variant_id: VariantId = None
    ) -> ProductVariantStocksUpdate | None:
        key = await variant_named(info.context, variant_id, sku, field="variantId")
        await stock.set_stocks(info.context.session, key, stocks_of(stocks))
        return ProductVariantStocksUpdate(variant_key=key)

    @mutation(
        description="Counts a variant in these warehouses no longer, unless orders were promised some of it there. "
        "Needs MANAGE_PRODUCTS.",
        permissions=MANAGE_PRODUCTS,
    )
    async def product_variant_stocks_delete(
        self,
        info: Info,
        sku: Sku = None,
        variant_id: VariantId = None,
        warehouse_ids: Annotated[
            list[strawberry.ID] | None, strawberry.argument(description="IDs of the warehouses.")
        ] = None,
    ) -> ProductVariantStocksDelete | None:
        key = await variant_named(info.context, variant_id, sku, field="variantId")
        wanted = [required_uuid(each, "Warehouse", field="warehouseIds") for each in warehouse_ids or ()]
        await stock.drop_stocks(info.context.session, key, wanted)
        return ProductVariantStocksDelete(variant_key=key)
