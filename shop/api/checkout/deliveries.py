"""Ways of delivery that were offered to a checkout."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import strawberry

from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.shipping.types import ShippingMethod, methods
from shop.checkout.queries import Priced
from shop.checkout.rules import entered_subtotal, requires_shipping, weight_kg
from shop.execution import batch_field
from shop.shipping.queries import OFFERED, terms
from shop.shipping.rules import applies


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
        return await methods_of(parents, context)


async def methods_of(deliveries: list[Delivery], context: Context) -> list[ShippingMethod | None]:
    """The deliveries' shipping methods, with name and price as they were offered."""
    new = [delivery for delivery in deliveries if delivery.method is None]
    found = await methods(context, [delivery.method_id for delivery in new], [delivery.channel_id for delivery in new])
    return [
        _as_offered(delivery, delivery.method or found.get((delivery.method_id, delivery.channel_id)))
        for delivery in deliveries
    ]


async def fitting(context: Context, checkouts: Sequence[Priced]) -> list[list[ShippingMethod]]:
    """The ways of delivery that fit address, price and weight of each checkout, at their price of now.

    None where nothing has to be sent or the address is not known yet. One statement for each market, and one more.
    """
    sent = [
        priced
        for priced in checkouts
        if requires_shipping(priced.lines) and priced.cart.shipping_address_id is not None
    ]
    markets = {(priced.cart.channel_id, priced.cart.country) for priced in sent}
    offered = {
        (channel_id, country): await context.rows(OFFERED, channel_id=channel_id, country=country)
        for channel_id, country in markets
    }
    keys: dict[uuid.UUID, list[int]] = {}
    for priced in sent:
        subtotal, weight = entered_subtotal(priced.lines), weight_kg(priced.lines)
        keys[priced.cart.id] = [
            row[0]
            for row in offered[priced.cart.channel_id, priced.cart.country]
            if applies(terms(row, 1), subtotal=subtotal, weight_kg=weight)
        ]
    found = await methods(
        context, [key for its in keys.values() for key in its], [channel_id for channel_id, _ in markets]
    )
    return [[found[key, priced.cart.channel_id] for key in keys.get(priced.cart.id, [])] for priced in checkouts]


def _as_offered(delivery: Delivery, method: ShippingMethod | None) -> ShippingMethod | None:
    if method is None:
        return None
    return replace(method, name=delivery.name, price_amount=delivery.price_amount, active=delivery.is_offered)
