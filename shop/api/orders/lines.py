"""Lines of orders, as they were sold."""

import uuid
from decimal import Decimal
from typing import ClassVar

import strawberry

from shop.api.catalogue.variants import ProductVariant, variants_by_id
from shop.api.channels.scope import Scope, channels_with_taxes, sees_all_products
from shop.api.core.context import Context
from shop.api.core.enums import ThumbnailFormatEnum
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.money import Money, TaxedMoney, money, taxed_money
from shop.api.media.types import Image, images
from shop.browse.queries import Sight
from shop.execution import batch_field
from shop.kit import money as kit

MANAGERS = ("MANAGE_ORDERS",)


def price_of(net: Decimal, gross: Decimal, currency: str) -> TaxedMoney:
    """A price that an order keeps."""
    return taxed_money(kit.TaxedMoney(net=net, gross=gross, currency=currency))


@strawberry.type(description="A line of an order, as it was sold.")
class OrderLine(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = MANAGERS

    pk: strawberry.Private[uuid.UUID]
    order_id: strawberry.Private[uuid.UUID]
    channel_id: strawberry.Private[int]
    variant_id: strawberry.Private[int | None]
    product_name: str = strawberry.field(description="The product's name when it was sold.")
    variant_name: str = strawberry.field(description="The variant's name when it was sold, or empty.")
    product_sku: str | None = strawberry.field(description="The variant's SKU when it was sold.")
    thumbnail_asset_id: strawberry.Private[int | None]
    thumbnail_alt: strawberry.Private[str]
    is_shipping_required: bool = strawberry.field(description="Whether it has to be sent.")
    quantity: int = strawberry.field(description="How many were sold.")
    quantity_fulfilled: int = strawberry.field(description="How many of them are with the buyer.")
    currency: strawberry.Private[str]
    unit_net: strawberry.Private[Decimal]
    unit_gross: strawberry.Private[Decimal]
    undiscounted_unit_net: strawberry.Private[Decimal]
    undiscounted_unit_gross: strawberry.Private[Decimal]
    total_net: strawberry.Private[Decimal]
    total_gross: strawberry.Private[Decimal]
    tax_fraction: strawberry.Private[Decimal]
    tax_class_name: str | None = strawberry.field(description="The tax class's name when it was sold.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("OrderLine", self.pk)

    @computed(description="Global ID of the variant that was sold; null where it is gone.")
    def product_variant_id(self) -> str | None:
        return None if self.variant_id is None else global_id("ProductVariant", self.variant_id)

    @computed(description="How many are still to be fulfilled.")
    def quantity_to_fulfill(self) -> int:
        return self.quantity - self.quantity_fulfilled

    @computed(description="The tax's share of the net price: 0.19 for 19 %.")
    def tax_rate(self) -> float:
        return float(self.tax_fraction)

    @computed(description="The price of one.")
    def unit_price(self) -> TaxedMoney:
        return price_of(self.unit_net, self.unit_gross, self.currency)

    @computed(description="The price of one before a reduction.")
    def undiscounted_unit_price(self) -> TaxedMoney:
        return price_of(self.undiscounted_unit_net, self.undiscounted_unit_gross, self.currency)

    @computed(description="The price of the line.")
    def total_price(self) -> TaxedMoney:
        return price_of(self.total_net, self.total_gross, self.currency)

    @computed(description="How much cheaper one was than before a reduction.")
    def unit_discount(self) -> Money:
        return money(self.undiscounted_unit_gross - self.unit_gross, self.currency)

    @batch_field(description="The picture when it was sold.")
    @staticmethod
    async def thumbnail(
        parents: list["OrderLine"],
        context: Context,
        size: int | None = None,
        format: ThumbnailFormatEnum | None = ThumbnailFormatEnum.ORIGINAL,
    ) -> list[Image | None]:
        pictures = [(line.thumbnail_asset_id, line.thumbnail_alt) for line in parents]
        return await images(context, pictures, size, format)

    @batch_field(description="The variant as it is sold today, in the order's channel; null where it is gone.")
    @staticmethod
    async def variant(parents: list["OrderLine"], context: Context) -> list[ProductVariant | None]:
        channels = await channels_with_taxes(context, {line.channel_id for line in parents})
        sight = Sight(in_channel=True, public=not sees_all_products(context))
        scopes = {key: Scope(sight, channel) for key, channel in channels.items()}
        return await variants_by_id(context, [(line.variant_id, scopes.get(line.channel_id)) for line in parents])
