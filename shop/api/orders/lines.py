"""Lines of orders, as they were sold."""

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

import strawberry

from shop.api.booking.bookings import Booking, bookings_of_lines
from shop.api.catalogue.variants import ProductVariant, variants_by_id
from shop.api.channels.scope import Scope, channels_with_taxes, sees_all_products
from shop.api.core.context import Context
from shop.api.core.enums import ThumbnailFormatEnum
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.money import Money, TaxedMoney, money, taxed_money
from shop.api.core.scalars import PositiveDecimal
from shop.api.discounts.enums import DiscountValueTypeEnum
from shop.api.media.types import Image, images
from shop.api.orders.discounts import OrderLineDiscount, discounts_of_lines
from shop.browse.queries import Sight
from shop.execution import batch_field
from shop.kit import money as kit
from shop.orders import queries
from shop.pricing.rules import round_money

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
    undiscounted_net: strawberry.Private[Decimal]
    undiscounted_gross: strawberry.Private[Decimal]
    tax_fraction: strawberry.Private[Decimal]
    tax_class_name: str | None = strawberry.field(description="The tax class's name when it was sold.")
    order_voucher_code: strawberry.Private[str | None]
    # Read once for all the fields that tell of them.
    read_discounts: strawberry.Private[list[OrderLineDiscount] | None] = None

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

    @computed(description="The price of one before discounts.")
    def undiscounted_unit_price(self) -> TaxedMoney:
        return price_of(self.undiscounted_unit_net, self.undiscounted_unit_gross, self.currency)

    @computed(description="The price of the line, its share of discounts of the whole order included.")
    def total_price(self) -> TaxedMoney:
        return price_of(self.total_net, self.total_gross, self.currency)

    @computed(description="Whether somebody set its price by hand; prices come from the listings alone.")
    def is_price_overridden(self) -> bool | None:
        return False

    @computed(description="Why somebody set its price by hand.")
    def price_override_reason(self) -> str | None:
        return None

    @computed(description="The price of the line before discounts.")
    def undiscounted_total_price(self) -> TaxedMoney:
        return price_of(self.undiscounted_net, self.undiscounted_gross, self.currency)

    @batch_field(description="What was taken off this line alone; shares of discounts of the whole order are not here.")
    @staticmethod
    async def discounts(parents: list["OrderLine"], context: Context) -> list[list[OrderLineDiscount] | None]:
        return [*await _discounts(context, parents)]

    @batch_field(description="What the line's own discounts took off each unit, rounded.")
    @staticmethod
    async def unit_discount(parents: list["OrderLine"], context: Context) -> list[Money]:
        both = zip(parents, await _discounts(context, parents), strict=True)
        return [money(_off_each(line, found), line.currency) for line, found in both]

    @batch_field(description="Whether the line's discount is an amount or a share; several make an amount.")
    @staticmethod
    async def unit_discount_type(parents: list["OrderLine"], context: Context) -> list[DiscountValueTypeEnum | None]:
        return [
            None
            if not found
            else DiscountValueTypeEnum(found[0].value_kind)
            if len(found) == 1
            else DiscountValueTypeEnum.FIXED
            for found in await _discounts(context, parents)
        ]

    @batch_field(description="The value of the line's discount: percent, or an amount; of several, what they took off.")
    @staticmethod
    async def unit_discount_value(parents: list["OrderLine"], context: Context) -> list[PositiveDecimal]:
        both = zip(parents, await _discounts(context, parents), strict=True)
        return [
            PositiveDecimal(found[0].value_amount if len(found) == 1 else _off_each(line, found))
            for line, found in both
        ]

    @batch_field(description="Why the line was cheaper.")
    @staticmethod
    async def unit_discount_reason(parents: list["OrderLine"], context: Context) -> list[str | None]:
        return [
            "; ".join(text for one in found if (text := one.reason or one.name)) or None
            for found in await _discounts(context, parents)
        ]

    @batch_field(description="The code of the voucher that was for this line; null where there was none.")
    @staticmethod
    async def voucher_code(parents: list["OrderLine"], context: Context) -> list[str | None]:
        return [
            line.order_voucher_code if any(one.kind == "VOUCHER" for one in found) else None
            for line, found in zip(parents, await _discounts(context, parents), strict=True)
        ]

    @batch_field(
        description="What was booked with it; empty for goods. Who is neither the buyer nor staff reads no personal "
        "data in it."
    )
    @staticmethod
    async def bookings(parents: list["OrderLine"], context: Context) -> list[list[Booking]]:
        found = await bookings_of_lines(context, [parent.pk for parent in parents])
        return [found[parent.pk] for parent in parents]

    @computed(description="Whether it was a gift of a promotion.")
    def is_gift(self) -> bool | None:
        return False

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


async def lines_by_id(context: Context, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, OrderLine]:
    """The lines by their keys, in one statement; none for no keys."""
    if not ids:
        return {}
    return {line.pk: line for line in await context.fetch(OrderLine, queries.LINES_BY_ID, ids=list(set(ids)))}


async def _discounts(context: Context, lines: Sequence[OrderLine]) -> list[list[OrderLineDiscount]]:
    new = [line for line in lines if line.read_discounts is None]
    if new:
        found = await discounts_of_lines(context, [line.pk for line in new])
        for line in new:
            line.read_discounts = found[line.pk]
    return [line.read_discounts or [] for line in lines]


def _off_each(line: OrderLine, found: Sequence[OrderLineDiscount]) -> Decimal:
    return round_money(sum((one.total_amount for one in found), Decimal(0)) / line.quantity, line.currency)
