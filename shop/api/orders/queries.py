"""Reading orders."""

from typing import Annotated

import strawberry

from shop.api.core.context import Info
from shop.api.core.fields import query
from shop.api.core.ids import query_uuid
from shop.api.orders.types import Order, orders_by_id


@strawberry.type
class OrderQueries:
    """Queries of orders."""

    @query(
        description="An order. Its id is random and long: who knows it may see the order, but no personal data whole."
    )
    async def order(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The order's ID.")]
    ) -> Order | None:
        key = query_uuid(id, "Order")
        if key is None:
            return None
        return (await orders_by_id(info.context, [key])).get(key)
