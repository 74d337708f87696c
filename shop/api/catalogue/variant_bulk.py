"""Many variants of a product at once, with stocks and prices; needs MANAGE_PRODUCTS."""

from collections.abc import Iterator
from enum import Enum
from typing import Annotated, Final

import strawberry

from shop.api.attributes.giving import AttributeValueInput
from shop.api.catalogue.variant_inputs import (
    ProductVariantChannelListingAddInput,
    StockInput,
    VariantBaseInput,
    fields_of,
    prices_of,
    stocks_of,
)
from shop.api.catalogue.variants import ProductVariant, variants_by_id
from shop.api.catalogue.writing import MANAGE_PRODUCTS, AboutAttributes, cleaned
from shop.api.core.context import Context, Info
from shop.api.core.fields import computed
from shop.api.core.ids import required_int
from shop.api.core.mutation import failed, mutation
from shop.api.core.payloads import DomainError, Payload
from shop.execution import batch_field
from shop.kit.errors import Invalid
from shop.pricing.actions import MadeVariant, NewVariant, Otherwise, make_variants

_MOST_AT_ONCE: Final = 100


@strawberry.enum(description="What becomes of several things when some of them are refused.")
class ErrorPolicyEnum(Enum):
    IGNORE_FAILED = strawberry.enum_value(
        "IGNORE_FAILED", description="Each is made as far as it can be: without refused stocks, or prices."
    )
    REJECT_EVERYTHING = strawberry.enum_value("REJECT_EVERYTHING", description="Nothing is made.")
    REJECT_FAILED_ROWS = strawberry.enum_value("REJECT_FAILED_ROWS", description="All but the refused ones are made.")


@strawberry.enum(description="What went wrong with one of several variants.")
class ProductVariantBulkErrorCode(Enum):
    ATTRIBUTE_ALREADY_ASSIGNED = "attribute_already_assigned"
    ATTRIBUTE_CANNOT_BE_ASSIGNED = "attribute_cannot_be_assigned"
    ATTRIBUTE_VARIANTS_DISABLED = "attribute_variants_disabled"
    DUPLICATED_INPUT_ITEM = "duplicated_input_item"
    GRAPHQL_ERROR = "graphql_error"
    INVALID = "invalid"
    INVALID_PRICE = "invalid_price"
    NOT_PRODUCTS_VARIANT = "not_products_variant"
    NOT_FOUND = "not_found"
    REQUIRED = "required"
    UNIQUE = "unique"
    PRODUCT_NOT_ASSIGNED_TO_CHANNEL = "product_not_assigned_to_channel"
    STOCK_ALREADY_EXISTS = "stock_already_exists"


@strawberry.type(description="Why one of several variants was refused, or a part of it.")
class ProductVariantBulkError(DomainError):
    code: ProductVariantBulkErrorCode = strawberry.field(description="What went wrong, for programs.")
    path: str | None = strawberry.field(
        default=None, description="Where in the variant's input: `sku`, `stocks.0.warehouse`."
    )
    attributes: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of the attributes that it is about."
    )
    values: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of the attribute values that it is about."
    )
    channels: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of the channels that it is about."
    )
    index: strawberry.Private[int | None] = None


@strawberry.type(description="What became of one of several variants.")
class ProductVariantBulkResult:
    variant_key: strawberry.Private[int | None] = None
    errors: list[ProductVariantBulkError] | None = strawberry.field(
        default=None, description="Why it was refused, or a part of it; null where nothing was."
    )

    @batch_field(description="The variant, in no channel; null where it was not made.")
    @staticmethod
    async def product_variant(
        parents: list["ProductVariantBulkResult"], context: Context
    ) -> list[ProductVariant | None]:
        return await variants_by_id(context, [(each.variant_key, None) for each in parents])


@strawberry.type(description="An expected error about one of several variants.")
class BulkProductError(AboutAttributes):
    index: int | None = strawberry.field(default=None, description="Which of the variants it is about, from 0 on.")
    channels: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of the channels that it is about."
    )


@strawberry.type(description="Many new variants.")
class ProductVariantBulkCreate(Payload):
    count: int = strawberry.field(default=0, description="How many were made.")
    results: list[ProductVariantBulkResult] = strawberry.field(
        default_factory=list, description="What became of each of them, in the order in which they were given."
    )
    errors: list[BulkProductError] = strawberry.field(
        default_factory=list, description="What was refused; `results` says it variant by variant."
    )

    @computed(description="What was refused.", deprecation_reason="Use `errors`.")
    def bulk_product_errors(self) -> list[BulkProductError]:
        return self.errors

    @batch_field(description="The variants that were made, in no channel.", deprecation_reason="Use `results`.")
    @staticmethod
    async def product_variants(
        parents: list["ProductVariantBulkCreate"], context: Context
    ) -> list[list[ProductVariant]]:
        keys = [[each.variant_key for each in parent.results if each.variant_key] for parent in parents]
        found = iter(await variants_by_id(context, [(key, None) for some in keys for key in some]))
        return [[one for _ in some if (one := next(found)) is not None] for some in keys]


@strawberry.input(description="What a variant says of one attribute: the field for the attribute's input type says it.")
class BulkAttributeValueInput(AttributeValueInput):
    pass


@strawberry.input(description="One of several new variants.")
class ProductVariantBulkCreateInput(VariantBaseInput):
    attributes: list[BulkAttributeValueInput] = strawberry.field(
        description="What it says of the attributes that variants of its type have; a list that may be empty."
    )
    stocks: list[StockInput] | None = strawberry.field(default=None, description="How many of it lie where.")
    channel_listings: list[ProductVariantChannelListingAddInput] | None = strawberry.field(
        default=None, description="What it costs where."
    )


@strawberry.type
class VariantBulkMutations:
    """Mutations of many variants."""

    @mutation(
        description="Makes many variants of a product, with stocks and prices; a hundred at most. Needs "
        "MANAGE_PRODUCTS.",
        permissions=MANAGE_PRODUCTS,
    )
    async def product_variant_bulk_create(
        self,
        info: Info,
        product: Annotated[strawberry.ID, strawberry.argument(description="The product's ID.")],
        variants: Annotated[list[ProductVariantBulkCreateInput], strawberry.argument(description="The variants.")],
        error_policy: Annotated[
            ErrorPolicyEnum | None,
            strawberry.argument(description="What becomes of the rest when some are refused: nothing is made."),
        ] = None,
    ) -> ProductVariantBulkCreate | None:
        key = required_int(product, "Product", field="product")
        if len(variants) > _MOST_AT_ONCE:
            raise Invalid(f"At most {_MOST_AT_ONCE} at once.", field="variants")
        wanted = [
            NewVariant(
                fields_of(each), cleaned(each.attributes), stocks_of(each.stocks), prices_of(each.channel_listings)
            )
            for each in variants
        ]
        otherwise = Otherwise.REJECT_EVERYTHING if error_policy is None else Otherwise(error_policy.name)
        made = await make_variants(info.context.session, key, wanted, otherwise)
        results = [ProductVariantBulkResult(variant_key=each.key, errors=list(_told(each)) or None) for each in made]
        return ProductVariantBulkCreate(
            count=sum(each.key is not None for each in made),
            results=results,
            errors=[error for at, each in enumerate(made) for error in _numbered(at, each)],
        )


def _told(made: MadeVariant) -> Iterator[ProductVariantBulkError]:
    for refusal in made.refusals:
        for error in failed(ProductVariantBulkResult, refusal.error).errors:
            error.path = ".".join(
                str(each) for each in (refusal.part, error.index, error.field) if each not in ("", None)
            )
            yield error


def _numbered(at: int, made: MadeVariant) -> Iterator[BulkProductError]:
    for refusal in made.refusals:
        for error in failed(ProductVariantBulkCreate, refusal.error).errors:
            error.index = at
            yield error
