"""Ways of delivery that were offered to a checkout."""

import uuid
from dataclasses import replace
from decimal import Decimal

import strawberry

from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.shipping.types import ShippingMethod, methods
from shop.execution import batch_field


@strawberry.type(description="A way of delivery that was offered to a checkout, at the price it was offered for.")
class Delivery:
    key: strawberry.Private[uuid.UUID]
    method_id: strawberry.Private[int]
    channel_id: strawberry.Private[int]
    name: strawberry.Private[str]
    price_amount: strawberry.Private[Decimal]
    is_offered: strawberry.Private[bool]
    # Where it was read already, with the checkout.
    method: strawberry.Private[ShippingMethod | None] = None

    @computed(description="Global ID: what checkoutDeliveryMethodUpdate takes.")
    def id(self) -> strawberry.ID:
        return global_id("CheckoutDelivery", self.key)

    @batch_field(description="The shipping method, with name and price as they were offered.")
    @staticmethod
    async def shipping_method(parents: list["Delivery"], context: Context) -> list[ShippingMethod | None]:
        new = [delivery for delivery in parents if delivery.method is None]
        found = await methods(
            context, [delivery.method_id for delivery in new], [delivery.channel_id for delivery in new]
        )
        return [
            _as_offered(delivery, delivery.method or found.get((delivery.method_id, delivery.channel_id)))
            for delivery in parents
        ]


def _as_offered(delivery: Delivery, method: ShippingMethod | None) -> ShippingMethod | None:
    if method is None:
        return None
    return replace(method, name=delivery.name, price_amount=delivery.price_amount, active=delivery.is_offered)
