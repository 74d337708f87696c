"""Variants: what is put into a cart."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

import strawberry

from shop.api.accounts.types import AddressInput
from shop.api.attributes.owners import VARIANTS, Described, ObjectWithAttributes, attributes_of, in_scope, selected
from shop.api.attributes.types import SelectedAttribute, VariantAttributeScope
from shop.api.booking.types import BookableService, services_by_variant
from shop.api.catalogue.ahead import METADATA, Ahead, wanted
from shop.api.catalogue.lists import Shown
from shop.api.catalogue.media import ProductMedia
from shop.api.catalogue.prices import VariantPricingInfo, by_channel, variant_prices
from shop.api.catalogue.product_types import Weight, weight_of
from shop.api.catalogue.scoped import InScopes
from shop.api.channels.scope import Scope
from shop.api.channels.types import Channel, channels_by_id
from shop.api.core.connections import CountableConnection, CountableEdge
from shop.api.core.context import Context
from shop.api.core.enums import CountryCode, LanguageCodeEnum
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.languages import LanguageDisplay
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.money import Money, money
from shop.api.core.permissions import staff_with
from shop.api.stock.types import COUNTERS, Stock, stocks_by_variant
from shop.api.translations.texts import translated
from shop.catalogue import queries
from shop.execution import Selection, batch_field
from shop.kit.db.reader import prepare, row_factory
from shop.pricing.queries import SHOWN_VARIANTS_SOLD, VARIANT_LISTINGS, VARIANTS_SOLD
from shop.stock.queries import AVAILABLE, AVAILABLE_IN_COUNTRY

if TYPE_CHECKING:
    from shop.api.catalogue.products import Product

# What a list of variants reads ahead, by the fields that need it.
PARTS: Final = {"metadata": METADATA, "prices": frozenset({"pricing"})}


@strawberry.type(description="A variant's name in another language.")
class ProductVariantTranslation:
    id: strawberry.ID = strawberry.field(description="Global ID.")
    language: LanguageDisplay = strawberry.field(description="The language.")
    name: str = strawberry.field(description="The variant's name.")


@strawberry.type(description="A variant's price in a channel, for staff.")
class ProductVariantChannelListing:
    pk: strawberry.Private[int]
    variant_id: strawberry.Private[int]
    channel_id: strawberry.Private[int]
    currency: strawberry.Private[str]
    price_amount: strawberry.Private[Decimal]
    prior_price_amount: strawberry.Private[Decimal | None]
    cost_price_amount: strawberry.Private[Decimal | None]

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("ProductVariantChannelListing", self.pk)

    @computed(description="The price as it was entered.")
    def price(self) -> Money | None:
        return money(self.price_amount, self.currency)

    @computed(description="What it cost before a permanent reduction.")
    def prior_price(self) -> Money | None:
        return None if self.prior_price_amount is None else money(self.prior_price_amount, self.currency)

    @computed(description="What it costs the shop.")
    def cost_price(self) -> Money | None:
        return None if self.cost_price_amount is None else money(self.cost_price_amount, self.currency)

    @computed(description="Percent of the price that remain above what it costs the shop.")
    def margin(self) -> int | None:
        if self.cost_price_amount is None or not self.price_amount:
            return None
        return round((self.price_amount - self.cost_price_amount) * 100 / self.price_amount)

    @batch_field(description="The channel.")
    @staticmethod
    async def channel(parents: list["ProductVariantChannelListing"], context: Context) -> list[Channel]:
        found = await channels_by_id(context, {parent.channel_id for parent in parents})
        return [found[parent.channel_id] for parent in parents]


@strawberry.type(description="What is put into a cart: one size, one colour, one course of sessions.")
class ProductVariant(ObjectWithMetadata, ObjectWithAttributes):
    metadata_permissions: ClassVar[tuple[str, ...]] = ("MANAGE_PRODUCTS",)
    described: ClassVar[Described] = VARIANTS

    pk: strawberry.Private[int]
    product_id: strawberry.Private[int]
    weight_kg: strawberry.Private[Decimal | None]
    scope: strawberry.Private[Scope | None] = None
    ahead: strawberry.Private[Ahead | None] = None
    name: str = strawberry.field(description="What tells it from the product's other variants.")
    sku: str | None = strawberry.field(description="Article number.")
    track_inventory: bool = strawberry.field(
        description="Whether stock limits how many are sold; false for time and services."
    )
    most_in_an_order: strawberry.Private[int]
    quantity_limit_per_customer: int | None = strawberry.field(description="How many one order may hold.")
    created: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    external_reference: str | None = strawberry.field(description="Its name in another system.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("ProductVariant", self.pk)

    @computed(description="The channel in which it was read.")
    def channel(self) -> str | None:
        return self.scope.channel.slug if self.scope is not None and self.scope.channel is not None else None

    @computed(description="What one weighs.")
    def weight(self) -> Weight | None:
        return weight_of(self.weight_kg)

    @batch_field(description="The name in another language, or null where it is not translated.")
    @staticmethod
    async def translation(
        parents: list["ProductVariant"], context: Context, language_code: LanguageCodeEnum
    ) -> list[ProductVariantTranslation | None]:
        ids = [each.pk for each in parents]
        return await translated(context, ProductVariantTranslation, "variant", ids, language_code)

    @batch_field(
        description="Its attributes with their values, in the order of the product's type.",
        deprecation_reason="Use `assignedAttributes`.",
    )
    @staticmethod
    async def attributes(
        parents: list["ProductVariant"], context: Context, variant_selection: VariantAttributeScope | None = None
    ) -> list[list[SelectedAttribute]]:
        return [
            [each for each in selected(has) if in_scope(each.attribute, variant_selection)]
            for has in await attributes_of(context, parents)
        ]

    @batch_field(description="The product that it is a variant of.")
    @staticmethod
    async def product(
        parents: list["ProductVariant"], context: Context
    ) -> list[Annotated["Product", strawberry.lazy("shop.api.catalogue.products")]]:
        from shop.api.catalogue.products import products_by_id

        found = await products_by_id(context, [(parent.product_id, parent.scope) for parent in parents])
        return [product for product in found if product is not None]

    @batch_field(description="What it costs in the channel; null without a channel, or where it is not sold.")
    @staticmethod
    async def pricing(
        parents: list["ProductVariant"], context: Context, address: AddressInput | None = None
    ) -> list[VariantPricingInfo | None]:
        return await variant_prices(context, parents, _country(address))

    @batch_field(
        description="How many can be bought in the channel: what is in stock for the country (or, without one, in the "
        "zone that has most), at most 50 or the variant's own limit."
    )
    @staticmethod
    async def quantity_available(
        parents: list["ProductVariant"],
        context: Context,
        address: AddressInput | None = None,
        country_code: CountryCode | None = None,
    ) -> list[int | None]:
        country = country_code.value if country_code is not None else _country(address)
        found: dict[tuple[int, int], int] = {}
        for channel, group in by_channel(parents):
            tracked = sorted({parent.pk for parent in group if parent.track_inventory})
            params: dict[str, Any] = {"ids": tracked, "channel_id": channel.id, "now": context.now}
            statement = AVAILABLE
            if country is not None:
                statement, params["country"] = AVAILABLE_IN_COUNTRY, country
            for row in await context.rows(statement, **params) if tracked else []:
                found[row["variant_id"], channel.id] = row["quantity"]
        return [_available(parent, found) for parent in parents]

    @batch_field(
        description="How many of it lie in which warehouse. Needs MANAGE_PRODUCTS or MANAGE_ORDERS.",
        guard=staff_with(*COUNTERS),
    )
    @staticmethod
    async def stocks(
        parents: list["ProductVariant"],
        context: Context,
        address: Annotated[
            AddressInput | None, strawberry.argument(deprecation_reason="Without effect: all stocks are told.")
        ] = None,
        country_code: Annotated[
            CountryCode | None, strawberry.argument(deprecation_reason="Without effect: all stocks are told.")
        ] = None,
    ) -> list[list[Stock] | None]:
        found = await stocks_by_variant(context, [parent.pk for parent in parents])
        return [found[parent.pk] for parent in parents]

    @batch_field(description="How it is booked, for something that takes place at a time; null for goods.")
    @staticmethod
    async def bookable_service(parents: list["ProductVariant"], context: Context) -> list[BookableService | None]:
        found = await services_by_variant(context, [parent.pk for parent in parents])
        return [found.get(parent.pk) for parent in parents]

    @batch_field(description="The pictures that show this variant.")
    @staticmethod
    async def media(parents: list["ProductVariant"], context: Context) -> list[list[ProductMedia] | None]:
        ids = sorted({parent.pk for parent in parents})
        links = await context.rows(queries.MEDIA_BY_VARIANT, ids=ids)
        wanted = sorted({link["media_id"] for link in links})
        rows = await context.fetch(ProductMedia, queries.MEDIA_BY_ID, ids=wanted) if wanted else []
        found = {row.pk: row for row in rows}
        shown: dict[int, list[ProductMedia]] = {pk: [] for pk in ids}
        for link in links:
            shown[link["variant_id"]].append(found[link["media_id"]])
        return [shown[parent.pk] for parent in parents]

    @batch_field(description="Its prices in all channels. Needs MANAGE_PRODUCTS.", guard=staff_with("MANAGE_PRODUCTS"))
    @staticmethod
    async def channel_listings(
        parents: list["ProductVariant"], context: Context
    ) -> list[list[ProductVariantChannelListing] | None]:
        ids = sorted({parent.pk for parent in parents})
        listings: dict[int, list[ProductVariantChannelListing]] = {pk: [] for pk in ids}
        for row in await context.fetch(ProductVariantChannelListing, VARIANT_LISTINGS, ids=ids):
            listings[row.variant_id].append(row)
        return [listings[parent.pk] for parent in parents]


def _country(address: AddressInput | None) -> str | None:
    return address.country.value if address is not None and address.country is not None else None


def _available(variant: ProductVariant, found: dict[tuple[int, int], int]) -> int | None:
    # Never more than an order may hold, as Saleor says it: the size of the stock is not the public's to know.
    if variant.scope is None or variant.scope.channel is None:
        return None
    limit = variant.most_in_an_order
    if not variant.track_inventory:
        return limit
    return max(0, min(found.get((variant.pk, variant.scope.channel.id), 0), limit))


@strawberry.type(description="A variant of a page.")
class ProductVariantCountableEdge(CountableEdge[ProductVariant]):
    pass


@strawberry.type(description="A page of variants.")
class ProductVariantCountableConnection(CountableConnection[ProductVariantCountableEdge]):
    pass


def shown_in(scope: Scope | None) -> Shown:
    """How lists of variants are made, in a scope."""

    def complete(variant: ProductVariant, ahead: Ahead | None) -> None:
        variant.scope, variant.ahead = scope, ahead

    return Shown(ProductVariantCountableConnection, ProductVariantCountableEdge, ProductVariant, complete)


async def by_product(
    context: Context, ids: list[int], scope: Scope | None, selection: Selection
) -> dict[int, list[ProductVariant]]:
    """The variants of each of the products, in the owner's order; in a channel, those that have a price there.

    One statement, with their prices in the channel.
    """
    found: dict[int, list[ProductVariant]] = {pk: [] for pk in ids}
    if scope is None or scope.channel is None:
        statement, params = queries.VARIANTS_BY_PRODUCT, {}
    else:
        statement = VARIANTS_SOLD if wanted(selection, {"all": METADATA}) else SHOWN_VARIANTS_SOLD
        params = {"channel_id": scope.channel.id}
    records = await context.rows(statement, ids=ids, **params)
    ahead = Ahead.of(frozenset({"prices"}) if params else frozenset(), records)
    make = row_factory(ProductVariant, prepare(statement).columns[: len(queries.VARIANT_COLUMNS)])
    for record in records:
        variant = make(record)
        variant.scope, variant.ahead = scope, ahead
        found[variant.product_id].append(variant)
    return found


async def variants_by_id(
    context: Context, wanted: list[tuple[int | None, Scope | None]]
) -> list[ProductVariant | None]:
    """The variants in the order of their keys, each seen in its scope; whoever may see them is decided by the caller.

    One statement. A variant that is wanted in two scopes comes as two objects.
    """
    ids = sorted({pk for pk, _ in wanted if pk is not None})
    rows = await context.rows(queries.VARIANTS_BY_ID, ids=ids) if ids else []
    return InScopes(ProductVariant, queries.VARIANTS_BY_ID, rows).pick(wanted)
