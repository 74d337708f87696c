"""Reading a checkout."""

import uuid

import strawberry

from shop.api.checkout.inputs import CheckoutId, Token, actor
from shop.api.checkout.types import Checkout, checkout_of
from shop.api.core.context import Info
from shop.api.core.fields import query
from shop.api.core.ids import query_uuid
from shop.checkout import queries
from shop.checkout.rules import may_touch


@strawberry.type
class CheckoutQueries:
    """Queries about checkouts."""

    @query(description="A checkout by its ID; null when there is none or it is somebody else's.")
    async def checkout(self, info: Info, id: CheckoutId = None, token: Token = None) -> Checkout | None:
        key: uuid.UUID | None = token if id is None else query_uuid(id, "Checkout")
        if key is None:
            return None
        who = actor(info.context)
        cart = (await queries.carts(info.context.rows, [key])).get(key)
        if cart is None:
            return None
        if not may_touch(who, cart.user_id):
            if who.refusal is not None:
                raise who.refusal
            return None
        return checkout_of(cart)
