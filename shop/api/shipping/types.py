"""Shipping methods as shoppers see them: with their price in a channel, or the one at which they were offered."""

from collections.abc import Collection
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, ClassVar

import strawberry

from shop.api.catalogue.product_types import Weight, weight_of
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.languages import LanguageCodeEnum, LanguageDisplay
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.money import Money, money
from shop.api.core.scalars import JSONString
from shop.api.translations.texts import translated
from shop.execution import batch_field
from shop.shipping import queries


@strawberry.enum(description="What limits a shipping method.")
class ShippingMethodTypeEnum(Enum):
    PRICE = "PRICE"
    WEIGHT = "WEIGHT"


@strawberry.type(description="A way to send goods, in another language.")
class ShippingMethodTranslation:
    id: strawberry.ID = strawberry.field(description="Global ID.")
    language: LanguageDisplay = strawberry.field(description="The language.")
    name: str | None = strawberry.field(description="What it is called.")
    description: JSONString | None = strawberry.field(description="More about it, as EditorJS blocks.")


@strawberry.type(description="A way to send goods.")
class ShippingMethod(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = ("MANAGE_SHIPPING",)

    key: strawberry.Private[int]
    channel_id: strawberry.Private[int]
    kind: strawberry.Private[str]
    name: str = strawberry.field(description="What it is called.")
    description_blocks: strawberry.Private[dict[str, Any] | None]
    minimum_delivery_days: int | None = strawberry.field(description="Days that it takes at least.")
    maximum_delivery_days: int | None = strawberry.field(description="Days that it takes at most.")
    minimum_weight_kg: strawberry.Private[Decimal | None]
    maximum_weight_kg: strawberry.Private[Decimal | None]
    currency: strawberry.Private[str]
    price_amount: strawberry.Private[Decimal]
    minimum_order_amount: strawberry.Private[Decimal | None]
    maximum_order_amount: strawberry.Private[Decimal | None]
    active: bool = strawberry.field(default=True, description="Whether it can be chosen.")
    message: str | None = strawberry.field(default="", description="Why it cannot be chosen, or empty.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("ShippingMethod", self.key)

    @computed(description="What limits it.", deprecation_reason="No client needs to know.")
    def type(self) -> ShippingMethodTypeEnum | None:
        return ShippingMethodTypeEnum(self.kind)

    @computed(description="More about it, as EditorJS blocks.")
    def description(self) -> JSONString | None:
        return None if self.description_blocks is None else JSONString(self.description_blocks)

    @computed(description="What it costs, as prices are entered in the channel.")
    def price(self) -> Money:
        return money(self.price_amount, self.currency)

    @computed(description="Lowest price of the goods.", deprecation_reason="Offered methods fit already.")
    def minimum_order_price(self) -> Money | None:
        return None if self.minimum_order_amount is None else money(self.minimum_order_amount, self.currency)

    @computed(description="Highest price of the goods.", deprecation_reason="Offered methods fit already.")
    def maximum_order_price(self) -> Money | None:
        return None if self.maximum_order_amount is None else money(self.maximum_order_amount, self.currency)

    @computed(description="Lowest weight of the goods.", deprecation_reason="Offered methods fit already.")
    def minimum_order_weight(self) -> Weight | None:
        return weight_of(self.minimum_weight_kg)

    @computed(description="Highest weight of the goods.", deprecation_reason="Offered methods fit already.")
    def maximum_order_weight(self) -> Weight | None:
        return weight_of(self.maximum_weight_kg)

    @batch_field(description="The method in another language, or null where it is not translated.")
    @staticmethod
    async def translation(
        parents: list["ShippingMethod"], context: Context, language_code: LanguageCodeEnum
    ) -> list[ShippingMethodTranslation | None]:
        ids = [each.key for each in parents]
        return await translated(context, ShippingMethodTranslation, "shipping_method", ids, language_code)


DeliveryMethod = Annotated[ShippingMethod, strawberry.union("DeliveryMethod", description="How goods are delivered.")]


async def methods(
    context: Context, ids: Collection[int], channel_ids: Collection[int]
) -> dict[tuple[int, int], ShippingMethod]:
    """Methods by their key and channel, in one statement; none for a channel that does not sell the method."""
    if not ids:
        return {}
    found = await context.fetch(
        ShippingMethod, queries.METHODS_BY_ID, ids=sorted(set(ids)), channel_ids=sorted(set(channel_ids))
    )
    return {(method.key, method.channel_id): method for method in found}
