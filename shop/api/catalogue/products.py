"""Products."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Final

import strawberry

from shop.api.accounts.types import AddressInput
from shop.api.attributes.owners import PRODUCTS, Described, ObjectWithAttributes, attributes_of, selected
from shop.api.attributes.types import SelectedAttribute
from shop.api.catalogue.ahead import DESCRIPTION, METADATA, Ahead, read_ahead, wanted
from shop.api.catalogue.categories import Category, categories_by_id
from shop.api.catalogue.collections import Collection, collections_by_product
from shop.api.catalogue.lists import Paging, Shown, list_each
from shop.api.catalogue.media import ProductMedia
from shop.api.catalogue.prices import ProductPricingInfo, by_channel, product_prices
from shop.api.catalogue.product_listings import ProductChannelListing
from shop.api.catalogue.product_types import ProductType, TaxClass, Weight, product_types_by_id, tax_classes, weight_of
from shop.api.catalogue.scoped import InScopes, by_scope
from shop.api.catalogue.variants import PARTS, ProductVariant, ProductVariantCountableConnection, variants_by_id
from shop.api.catalogue.variants import by_product as variants_by_product
from shop.api.catalogue.variants import shown_in as variants_in
from shop.api.channels.scope import Scope, sees_all_products
from shop.api.content.html import rendered
from shop.api.core.connections import CountableConnection, CountableEdge
from shop.api.core.context import Context
from shop.api.core.enums import LanguageCodeEnum, ThumbnailFormatEnum
from shop.api.core.fields import computed
from shop.api.core.ids import global_id, query_int
from shop.api.core.languages import LanguageDisplay
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.permissions import staff_with
from shop.api.core.scalars import JSONString
from shop.api.media.types import Image, picture_urls
from shop.api.translations.texts import translated
from shop.browse.listing import Kind
from shop.browse.queries import AVAILABLE_PRODUCTS, VARIANT_LIST, Sight
from shop.catalogue import queries
from shop.execution import Selection, batch_field
from shop.pricing.queries import PRODUCT_LISTINGS

# What a list of products reads ahead, by the fields that need it; prices and availability only within a channel.
_PARTS: Final = {"description": DESCRIPTION, "metadata": METADATA, "picture": frozenset({"thumbnail"})}
_PARTS_IN_CHANNEL: Final = _PARTS | {"availability": frozenset({"isAvailable"}), "prices": frozenset({"pricing"})}
_ACROSS_CHANNELS = Sight(in_channel=False, public=False)


@strawberry.type(description="A product in another language.")
class ProductTranslation:
    id: strawberry.ID = strawberry.field(description="Global ID.")
    language: LanguageDisplay = strawberry.field(description="The language.")
    seo_title: str | None = strawberry.field(description="Title for search engines.")
    seo_description: str | None = strawberry.field(description="Description for search engines.")
    slug: str | None = strawberry.field(description="Name in addresses of this language.")
    name: str | None = strawberry.field(description="Name.")
    description: JSONString | None = strawberry.field(description="EditorJS blocks.")


@strawberry.type(description="Something that can be bought, in one or more variants.")
class Product(ObjectWithMetadata, ObjectWithAttributes):
    metadata_permissions: ClassVar[tuple[str, ...]] = ("MANAGE_PRODUCTS",)
    described: ClassVar[Described] = PRODUCTS

    pk: strawberry.Private[int]
    description_blocks: strawberry.Private[dict[str, Any] | None]
    weight_kg: strawberry.Private[Decimal | None]
    product_type_id: strawberry.Private[int]
    category_id: strawberry.Private[int | None]
    tax_class_id: strawberry.Private[int | None]
    default_variant_id: strawberry.Private[int | None]
    scope: strawberry.Private[Scope | None] = None
    ahead: strawberry.Private[Ahead | None] = None
    name: str = strawberry.field(description="Name.")
    slug: str = strawberry.field(description="Name in addresses.")
    seo_title: str | None = strawberry.field(description="Title for search engines.")
    seo_description: str | None = strawberry.field(description="Description for search engines.")
    created: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    rating: float | None = strawberry.field(description="How buyers rate it.")
    external_reference: str | None = strawberry.field(description="Its name in another system.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("Product", self.pk)

    @computed(description="The channel in which it was read.")
    def channel(self) -> str | None:
        return self.scope.channel.slug if self.scope is not None and self.scope.channel is not None else None

    @computed(description="EditorJS blocks, as a JSON text.")
    def description(self) -> JSONString | None:
        return None if self.description_blocks is None else JSONString(self.description_blocks)

    @computed(description="The description as HTML that is safe to show.")
    def description_html(self) -> str | None:
        return rendered(self.description_blocks)

    @computed(description="EditorJS blocks, as a JSON text.", deprecation_reason="Use the `description` field instead.")
    def description_json(self) -> JSONString | None:
        return JSONString(self.description_blocks or {})

    @computed(description="What one weighs where its variant does not say.")
    def weight(self) -> Weight | None:
        return weight_of(self.weight_kg)

    @batch_field(description="The product in another language, or null where it is not translated.")
    @staticmethod
    async def translation(
        parents: list["Product"], context: Context, language_code: LanguageCodeEnum
    ) -> list[ProductTranslation | None]:
        ids = [each.pk for each in parents]
        return await translated(context, ProductTranslation, "product", ids, language_code)

    @batch_field(description="One of its attributes, with its values.", deprecation_reason="Use `assignedAttribute`.")
    @staticmethod
    async def attribute(parents: list["Product"], context: Context, slug: str) -> list[SelectedAttribute | None]:
        return [
            next((each for each in selected(has) if each.attribute.slug == slug), None)
            for has in await attributes_of(context, parents)
        ]

    @batch_field(
        description="Its attributes with their values, in the order of its type.",
        deprecation_reason="Use `assignedAttributes`.",
    )
    @staticmethod
    async def attributes(parents: list["Product"], context: Context) -> list[list[SelectedAttribute]]:
        return [selected(has) for has in await attributes_of(context, parents)]

    @batch_field(description="What kind of product it is.")
    @staticmethod
    async def product_type(parents: list["Product"], context: Context) -> list[ProductType]:
        found = await product_types_by_id(context, {parent.product_type_id for parent in parents})
        return [found[parent.product_type_id] for parent in parents]

    @batch_field(description="The category that it stands in.")
    @staticmethod
    async def category(parents: list["Product"], context: Context) -> list[Category | None]:
        found = await categories_by_id(context, [each.category_id for each in parents if each.category_id is not None])
        return [found.get(each.category_id) if each.category_id is not None else None for each in parents]

    @batch_field(description="Its first picture, in a size and format.")
    @staticmethod
    async def thumbnail(
        parents: list["Product"],
        context: Context,
        size: int | None = None,
        format: ThumbnailFormatEnum | None = ThumbnailFormatEnum.ORIGINAL,
    ) -> list[Image | None]:
        rows = read_ahead(parents, "picture")
        if rows is None:
            ids = sorted({parent.pk for parent in parents})
            rows = {row["product_id"]: row for row in await context.rows(queries.PICTURES_BY_PRODUCT, ids=ids)}
        url_of = picture_urls(context, size, format)
        return [
            Image(url=url_of(row["asset_path"]), alt=row["alt"])
            if (row := rows.get(parent.pk)) is not None and row["asset_path"] is not None
            else None
            for parent in parents
        ]

    @batch_field(description="What it costs in the channel; null without a channel, or where it is not listed.")
    @staticmethod
    async def pricing(
        parents: list["Product"], context: Context, selection: Selection, address: AddressInput | None = None
    ) -> list[ProductPricingInfo | None]:
        country = address.country.value if address is not None and address.country is not None else None
        return await product_prices(context, parents, country, selection)

    @batch_field(
        description="Whether it can be bought in the channel now: published, for sale, and a variant with a price has "
        "stock or needs none. Null without a channel."
    )
    @staticmethod
    async def is_available(
        parents: list["Product"],
        context: Context,
        address: AddressInput | None = None,
    ) -> list[bool | None]:
        ahead = read_ahead(parents, "availability")
        if ahead is not None:
            return [ahead[parent.pk]["is_available"] for parent in parents]
        available: set[tuple[int, int]] = set()
        for channel, group in by_channel(parents):
            ids = sorted({parent.pk for parent in group})
            rows = await context.rows(AVAILABLE_PRODUCTS, ids=ids, channel_id=channel.id, now=context.now)
            available |= {(row["product_id"], channel.id) for row in rows}
        return [
            (parent.pk, parent.scope.channel.id) in available if parent.scope and parent.scope.channel else None
            for parent in parents
        ]

    @batch_field(description="Its variants that have a price in the channel, in the owner's order.")
    @staticmethod
    async def product_variants(
        parents: list["Product"],
        context: Context,
        selection: Selection,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> list[ProductVariantCountableConnection | None]:
        paging = Paging("productVariants", first, after, last, before)
        made: dict[int, ProductVariantCountableConnection] = {}
        for seen, group in by_scope(parents):
            scope = seen or Scope(_ACROSS_CHANNELS, None)
            ahead = wanted(selection.under("edges", "node"), PARTS)
            kind = Kind(VARIANT_LIST, scope.sight, ("and",), "ORDER", within="product", wanted=ahead)
            if scope.channel is None:
                kind = replace(kind, wanted=ahead - {"prices"})
            params = {**scope.params, "now": context.now}
            keys = [parent.pk for parent in group]
            pages = await list_each(context, kind, params, paging, selection, variants_in(scope), keys)
            made |= {id(parent): page for parent, page in zip(group, pages, strict=True)}
        return [made[id(parent)] for parent in parents]

    @batch_field(
        description="Its variants that have a price in the channel, in the owner's order.",
        deprecation_reason="Use the `productVariants` field instead.",
    )
    @staticmethod
    async def variants(
        parents: list["Product"], context: Context, selection: Selection
    ) -> list[list[ProductVariant] | None]:
        made: dict[int, list[ProductVariant]] = {}
        for scope, group in by_scope(parents):
            found = await variants_by_product(context, sorted({parent.pk for parent in group}), scope, selection)
            made |= {id(parent): found[parent.pk] for parent in group}
        return [made[id(parent)] for parent in parents]

    @batch_field(description="The variant that is chosen at first.")
    @staticmethod
    async def default_variant(parents: list["Product"], context: Context) -> list[ProductVariant | None]:
        return await variants_by_id(context, [(parent.default_variant_id, parent.scope) for parent in parents])

    @batch_field(description="Its pictures and videos, in the owner's order.")
    @staticmethod
    async def media(
        parents: list["Product"], context: Context, selection: Selection
    ) -> list[list[ProductMedia] | None]:
        ids = sorted({parent.pk for parent in parents})
        shown: dict[int, list[ProductMedia]] = {pk: [] for pk in ids}
        more = wanted(selection, {"all": METADATA | {"oembedData"}})
        statement = queries.MEDIA_BY_PRODUCT if more else queries.SHOWN_MEDIA_BY_PRODUCT
        for row in await context.fetch(ProductMedia, statement, ids=ids):
            shown[row.owner_id].append(row)
        return [shown[parent.pk] for parent in parents]

    @batch_field(description="One of its pictures or videos.")
    @staticmethod
    async def media_by_id(parents: list["Product"], context: Context, id: strawberry.ID) -> list[ProductMedia | None]:
        key = query_int(id, "ProductMedia")
        rows = await context.fetch(ProductMedia, queries.MEDIA_BY_ID, ids=[key]) if key is not None else []
        return [next((row for row in rows if row.owner_id == parent.pk), None) for parent in parents]

    @batch_field(description="The collections that hold it, as far as the caller may see them.")
    @staticmethod
    async def collections(
        parents: list["Product"], context: Context, selection: Selection
    ) -> list[list[Collection] | None]:
        shown: dict[int, list[Collection]] = {}
        for seen, group in by_scope(parents):
            scope = seen or Scope(_ACROSS_CHANNELS, None)
            held: dict[int, list[Collection]] = {}
            if scope.channel is not None or sees_all_products(context):
                ids = sorted({parent.pk for parent in group})
                held = await collections_by_product(context, ids, scope, selection)
            shown |= {id(parent): held.get(parent.pk, []) for parent in group}
        return [shown[id(parent)] for parent in parents]

    @batch_field(
        description="The class that taxes it where it names one of its own. Staff only.",
        guard=staff_with("MANAGE_TAXES", "MANAGE_PRODUCTS"),
    )
    @staticmethod
    async def tax_class(parents: list["Product"], context: Context) -> list[TaxClass | None]:
        return await tax_classes(context, [parent.tax_class_id for parent in parents])

    @batch_field(description="Where it is listed. Needs MANAGE_PRODUCTS.", guard=staff_with("MANAGE_PRODUCTS"))
    @staticmethod
    async def channel_listings(parents: list["Product"], context: Context) -> list[list[ProductChannelListing] | None]:
        ids = sorted({parent.pk for parent in parents})
        listings: dict[int, list[ProductChannelListing]] = {pk: [] for pk in ids}
        for row in await context.fetch(ProductChannelListing, PRODUCT_LISTINGS, ids=ids):
            listings[row.product_key].append(row)
        return [listings[parent.pk] for parent in parents]

    @batch_field(description="From when it can be bought in the channel; null without one, or when it cannot.")
    @staticmethod
    async def available_for_purchase_at(parents: list["Product"], context: Context) -> list[datetime | None]:
        return await _for_sale_from(context, parents)

    @batch_field(
        description="The day from which it can be bought in the channel.",
        deprecation_reason="Use the `availableForPurchaseAt` field instead.",
    )
    @staticmethod
    async def available_for_purchase(parents: list["Product"], context: Context) -> list[date | None]:
        return [moment.date() if moment else None for moment in await _for_sale_from(context, parents)]

    @batch_field(description="Whether it can be bought in the channel by now; null without a channel.")
    @staticmethod
    async def is_available_for_purchase(parents: list["Product"], context: Context) -> list[bool | None]:
        moments = await _for_sale_from(context, parents)
        return [
            (moment is not None and moment <= context.now) if parent.scope and parent.scope.channel else None
            for parent, moment in zip(parents, moments, strict=True)
        ]


async def _for_sale_from(context: Context, parents: list[Product]) -> list[datetime | None]:
    rows = await context.rows(PRODUCT_LISTINGS, ids=sorted({parent.pk for parent in parents}))
    found = {(row["product_key"], row["channel_key"]): row["available_for_purchase_at"] for row in rows}
    return [
        found.get((parent.pk, parent.scope.channel.id)) if parent.scope and parent.scope.channel else None
        for parent in parents
    ]


@strawberry.type(description="A product of a page.")
class ProductCountableEdge(CountableEdge[Product]):
    pass


@strawberry.type(description="A page of products.")
class ProductCountableConnection(CountableConnection[ProductCountableEdge]):
    pass


def shown_in(scope: Scope | None) -> Shown:
    """How lists of products are made, in a scope."""

    def complete(product: Product, ahead: Ahead | None) -> None:
        product.scope, product.ahead = scope, ahead

    return Shown(ProductCountableConnection, ProductCountableEdge, Product, complete)


def wanted_of(selection: Selection, scope: Scope) -> frozenset[str]:
    """What a list of products in that scope reads with its rows; `selection` is what stands below the list."""
    parts = _PARTS if scope.channel is None else _PARTS_IN_CHANNEL
    return wanted(selection.under("edges", "node"), parts)


async def products_by_id(context: Context, wanted: Sequence[tuple[int | None, Scope | None]]) -> list[Product | None]:
    """The products in the order of their keys, each seen in its scope; whoever may see them is decided by the caller.

    One statement. A product that is wanted in two scopes comes as two objects.
    """
    ids = sorted({pk for pk, _ in wanted if pk is not None})
    rows = await context.rows(queries.PRODUCTS_BY_ID, ids=ids) if ids else []
    return InScopes(Product, queries.PRODUCTS_BY_ID, rows).pick(wanted)
