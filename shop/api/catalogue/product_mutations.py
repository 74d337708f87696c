"""Making, changing, listing and removing products; all of it needs MANAGE_PRODUCTS."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

import strawberry

from shop.api.attributes.giving import AttributeValueInput
from shop.api.catalogue.product_type_mutations import MANAGE_TYPES
from shop.api.catalogue.product_types import ProductType, product_types_by_id
from shop.api.catalogue.products import Product, products_by_id
from shop.api.catalogue.writing import (
    MANAGE_PRODUCTS,
    UNSET,
    AboutAttributes,
    ProductPayload,
    WrittenProduct,
    cleaned,
    document,
    kilograms,
    metadata_of,
    moment_of,
    said,
    seo_of,
)
from shop.api.content.page_inputs import SeoInput
from shop.api.core.context import Context, Info
from shop.api.core.fields import computed
from shop.api.core.ids import required_int
from shop.api.core.mutation import mutation
from shop.api.core.payloads import Payload
from shop.api.core.scalars import JSONString, WeightScalar
from shop.api.metadata.inputs import MetadataInput
from shop.catalogue import models as rows
from shop.catalogue.actions import products
from shop.catalogue.actions.products import ProductFields
from shop.catalogue.errors import ProductNotFound
from shop.checkout.actions import withdraw
from shop.content.rules import plain_text
from shop.execution import batch_field
from shop.kit.db.rows import key_of
from shop.kit.errors import Invalid
from shop.pricing.actions import Listing, list_product

ProductId = Annotated[strawberry.ID | None, strawberry.argument(description="The product's ID.")]
Reference = Annotated[
    str | None, strawberry.argument(description="The product's name in another system, instead of its ID.")
]


@strawberry.input(description="What to write of a product. What is left out stays; null empties it.")
class ProductInput:
    attributes: list[AttributeValueInput] | None = strawberry.field(
        default=None, description="What it is to say of the attributes of its type; those left out stay as they are."
    )
    category: strawberry.ID | None = strawberry.field(default=UNSET, description="ID of the category it stands in.")
    collections: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of the collections that hold it, instead of those before."
    )
    description: JSONString | None = strawberry.field(
        default=UNSET, description="EditorJS blocks, as a JSON text; they are sanitised."
    )
    name: str | None = strawberry.field(default=UNSET, description="Name; a new product needs one.")
    slug: str | None = strawberry.field(default=UNSET, description="Name in addresses; made of the name at first.")
    tax_class: strawberry.ID | None = strawberry.field(
        default=UNSET, description="ID of the class that taxes it; without one, that of its type."
    )
    seo: SeoInput | None = strawberry.field(default=UNSET, description="What search engines are told.")
    weight: WeightScalar | None = strawberry.field(
        default=UNSET, description="What one weighs where its variant does not say, in kilograms."
    )
    rating: float | None = strawberry.field(default=UNSET, description="How buyers rate it.")
    metadata: list[MetadataInput] | None = strawberry.field(
        default=None, description="Public metadata; keys that are not named stay."
    )
    private_metadata: list[MetadataInput] | None = strawberry.field(
        default=None, description="Private metadata; keys that are not named stay."
    )
    external_reference: str | None = strawberry.field(default=UNSET, description="Its name in another system.")


@strawberry.input(description="A new product.")
class ProductCreateInput(ProductInput):
    product_type: strawberry.ID = strawberry.field(description="ID of its type; it stays.")


@strawberry.input(description="How a product is listed in a channel. What is left out stays.")
class ProductChannelListingAddInput:
    channel_id: strawberry.ID = strawberry.field(description="ID of the channel.")
    is_published: bool | None = strawberry.field(
        default=None, description="Whether visitors see it, once `publishedAt` has come; not at first."
    )
    publication_date: date | None = strawberry.field(
        default=UNSET, description="The day from which visitors see it.", deprecation_reason="Use `publishedAt`."
    )
    published_at: datetime | None = strawberry.field(
        default=UNSET, description="From when visitors see it; now, where it is published without."
    )
    visible_in_listings: bool | None = strawberry.field(
        default=None, description="Whether lists and searches show it; yes at first."
    )
    is_available_for_purchase: bool | None = strawberry.field(
        default=None,
        description="Whether it can be bought, from `availableForPurchaseAt` on, now without; not at first.",
    )
    available_for_purchase_date: date | None = strawberry.field(
        default=UNSET,
        description="The day from which it can be bought.",
        deprecation_reason="Use `availableForPurchaseAt`.",
    )
    available_for_purchase_at: datetime | None = strawberry.field(
        default=UNSET, description="From when it can be bought, where `isAvailableForPurchase` is true."
    )
    add_variants: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description="IDs of variants that are to be sold there; each is once it has a price there: "
        "`productVariantChannelListingUpdate`.",
    )
    remove_variants: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of variants that are not sold there any more; their prices there go."
    )


@strawberry.input(description="In which channels a product is listed, and in which no longer.")
class ProductChannelListingUpdateInput:
    update_channels: list[ProductChannelListingAddInput] | None = strawberry.field(
        default=None, description="Channels in which it is listed, whether it was already or not."
    )
    remove_channels: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of channels in which it is not listed any more; its variants' prices there go."
    )


@strawberry.type(description="A new product, without variants yet and listed nowhere.")
class ProductCreate(WrittenProduct):
    pass


@strawberry.type(description="A changed product.")
class ProductUpdate(WrittenProduct):
    pass


@strawberry.type(description="A product is gone.")
class ProductDelete(ProductPayload):
    product: Product | None = strawberry.field(default=None, description="As it was.")


@strawberry.type(description="A product type is gone, with all its products.")
class ProductTypeDelete(ProductPayload):
    product_type: ProductType | None = strawberry.field(default=None, description="As it was.")


@strawberry.type(description="An expected error about the channels of a product or a variant.")
class ProductChannelListingError(AboutAttributes):
    channels: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of the channels that it is about."
    )
    variants: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of the variants that it is about."
    )


@strawberry.type
class ListingPayload(Payload):
    """A payload of mutations of listings."""

    errors: list[ProductChannelListingError] = strawberry.field(default_factory=list, description="Expected errors.")

    @computed(description="Expected errors.", deprecation_reason="Use `errors`.")
    def product_channel_listing_errors(self) -> list[ProductChannelListingError]:
        return self.errors


@strawberry.type(description="A product that is listed in other channels.")
class ProductChannelListingUpdate(ListingPayload):
    product_key: strawberry.Private[int | None] = None

    @batch_field(description="The product as it is now, in no channel; null where there are errors.")
    @staticmethod
    async def product(parents: list["ProductChannelListingUpdate"], context: Context) -> list[Product | None]:
        return await products_by_id(context, [(each.product_key, None) for each in parents])


@strawberry.type
class ProductMutations:
    """Mutations of products."""

    @mutation(
        description="Makes a product, without variants and listed nowhere. Needs MANAGE_PRODUCTS.",
        permissions=MANAGE_PRODUCTS,
    )
    async def product_create(
        self, info: Info, input: Annotated[ProductCreateInput, strawberry.argument(description="The product.")]
    ) -> ProductCreate | None:
        key = await products.create_product(
            info.context.session,
            required_int(input.product_type, "ProductType", field="productType"),
            _fields(input),
            attributes=cleaned(input.attributes),
            collection_ids=_keys(input.collections or (), "Collection", "collections"),
        )
        return ProductCreate(product_key=key)

    @mutation(description="Changes a product. Needs MANAGE_PRODUCTS.", permissions=MANAGE_PRODUCTS)
    async def product_update(
        self,
        info: Info,
        input: Annotated[ProductInput, strawberry.argument(description="What to change.")],
        external_reference: Reference = None,
        id: ProductId = None,
    ) -> ProductUpdate | None:
        key = await _named(info.context, id, external_reference)
        held = input.collections
        await products.update_product(
            info.context.session,
            key,
            _fields(input),
            attributes=cleaned(input.attributes),
            collection_ids=None if held is None else _keys(held, "Collection", "collections"),
        )
        return ProductUpdate(product_key=key)

    @mutation(
        description="Removes a product with its variants, unless orders wait for it, somebody pays for it, or visits "
        "or sessions of it were sold. Orders keep what they were sold. Needs MANAGE_PRODUCTS.",
        permissions=MANAGE_PRODUCTS,
    )
    async def product_delete(
        self, info: Info, external_reference: Reference = None, id: ProductId = None
    ) -> ProductDelete | None:
        key = await _named(info.context, id, external_reference)
        (before,) = await products_by_id(info.context, [(key, None)])
        await withdraw.delete_product(info.context.session, key)
        return ProductDelete(product=before)

    @mutation(
        description="Removes a kind of product with all its products, unless one of them is still needed, as "
        "`productDelete` says. Needs MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES.",
        permissions=MANAGE_TYPES,
    )
    async def product_type_delete(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The product type's ID.")]
    ) -> ProductTypeDelete | None:
        key = required_int(id, "ProductType", field="id")
        before = (await product_types_by_id(info.context, {key})).get(key)
        await withdraw.delete_product_type(info.context.session, key)
        return ProductTypeDelete(product_type=before)

    @mutation(
        description="Lists a product in channels, or no longer. Needs MANAGE_PRODUCTS.", permissions=MANAGE_PRODUCTS
    )
    async def product_channel_listing_update(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The product's ID.")],
        input: Annotated[ProductChannelListingUpdateInput, strawberry.argument(description="Where it is listed.")],
    ) -> ProductChannelListingUpdate | None:
        context = info.context
        key = required_int(id, "Product", field="id")
        listings = [_listing(each, context.now) for each in input.update_channels or ()]
        removed = _keys(input.remove_channels or (), "Channel", "removeChannels")
        await list_product(context.session, key, listings, removed, now=context.now)
        return ProductChannelListingUpdate(product_key=key)


async def _named(context: Context, id: strawberry.ID | None, external_reference: str | None) -> int:
    key = None if id is None else required_int(id, "Product", field="id")
    named = {"id": key, "external_reference": external_reference}
    return await key_of(context.session, rows.Product, named, ProductNotFound())


def _keys(ids: Sequence[strawberry.ID], kind: str, field: str) -> list[int]:
    return [required_int(each, kind, field=field) for each in ids]


def _fields(given: ProductInput) -> ProductFields:
    found = said(
        {
            "name": given.name,
            "slug": given.slug,
            "description": document(given.description),
            "category_id": given.category,
            "tax_class_id": given.tax_class,
            "weight_kg": kilograms(given.weight),
            "rating": given.rating,
            "external_reference": given.external_reference,
        }
        | seo_of(given.seo)
    )
    for column, kind, field in (("category_id", "Category", "category"), ("tax_class_id", "TaxClass", "taxClass")):
        if found.get(column) is not None:
            found[column] = required_int(found[column], kind, field=field)
    if "description" in found:
        found["description_text"] = plain_text(found["description"])
    fields: ProductFields = {}
    fields.update({**found, **metadata_of(given.metadata, given.private_metadata)})  # type: ignore[typeddict-item]
    return fields


def _listing(given: ProductChannelListingAddInput, now: datetime) -> Listing:
    values: dict[str, Any] = {}
    if given.is_published is not None:
        values["is_published"] = given.is_published
    if given.visible_in_listings is not None:
        values["visible_in_listings"] = given.visible_in_listings
    published_at = moment_of(given.published_at, given.publication_date, "publicationDate")
    if published_at is not UNSET:
        values["published_at"] = published_at
    for_sale_from = moment_of(
        given.available_for_purchase_at, given.available_for_purchase_date, "availableForPurchaseDate"
    )
    if given.is_available_for_purchase:
        values["available_for_purchase_at"] = now if for_sale_from in (None, UNSET) else for_sale_from
    elif given.is_available_for_purchase is False or for_sale_from is not UNSET:
        if for_sale_from not in (None, UNSET):
            message = "What cannot be bought has no moment from which it can: pass `isAvailableForPurchase`."
            raise Invalid(message, field="availableForPurchaseAt")
        values["available_for_purchase_at"] = None
    return Listing(
        required_int(given.channel_id, "Channel", field="updateChannels"),
        values,
        with_variants=_keys(given.add_variants or (), "ProductVariant", "addVariants"),
        without_variants=_keys(given.remove_variants or (), "ProductVariant", "removeVariants"),
    )
