"""Reading orders."""

import uuid
from typing import Annotated

import strawberry
from graphql import GraphQLError

from shop.api.catalogue.lists import Paging
from shop.api.core.context import Info
from shop.api.core.fields import query
from shop.api.core.ids import query_uuid
from shop.api.core.permissions import require
from shop.api.orders.connections import OrderCountableConnection, Wanted, list_orders
from shop.api.orders.filters import OrderFilterInput, OrderSortingInput, OrderWhereInput
from shop.api.orders.lines import MANAGERS
from shop.api.orders.types import Order, orders_by_id
from shop.execution import Selection
from shop.orders import queries


@strawberry.type
class OrderQueries:
    """Queries of orders."""

    @query(
        description="An order. Its id is random and long: who knows it may see the order, but no personal data whole."
    )
    async def order(
        self,
        info: Info,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="The order's ID.")] = None,
        external_reference: Annotated[
            str | None, strawberry.argument(description="The order's id in another system; for staff.")
        ] = None,
    ) -> Order | None:
        context = info.context
        if (id is None) == (external_reference is None):
            raise GraphQLError("Exactly one of the arguments `id` and `externalReference` is required.")
        if external_reference is not None:
            # Another system's numbers can be guessed; ours cannot.
            require(context, *MANAGERS)
            found = await context.fetch(
                Order, queries.ORDER_BY_EXTERNAL_REFERENCE, external_reference=external_reference
            )
            return found[0] if found else None
        key = query_uuid(str(id), "Order")
        return None if key is None else (await orders_by_id(context, [key])).get(key)

    @query(description="An order by the UUID inside its ID; as `order` shows it.", deprecation_reason="Use `order`.")
    async def order_by_token(
        self, info: Info, token: Annotated[uuid.UUID, strawberry.argument(description="The UUID.")]
    ) -> Order | None:
        return (await orders_by_id(info.context, [token])).get(token)

    @query(description="Orders, newest first where no other order is asked for. Needs MANAGE_ORDERS.")
    async def orders(
        self,
        info: Info,
        sort_by: Annotated[
            OrderSortingInput | None, strawberry.argument(description="What to sort by instead.")
        ] = None,
        filter: Annotated[
            OrderFilterInput | None,
            strawberry.argument(description="Which orders to list.", deprecation_reason="Use `where`."),
        ] = None,
        where: Annotated[OrderWhereInput | None, strawberry.argument(description="Which orders to list.")] = None,
        search: Annotated[
            str | None,
            strawberry.argument(
                description="An order's number, part of its buyer's name or e-mail, or of what was bought."
            ),
        ] = None,
        channel: Annotated[str | None, strawberry.argument(description="Slug of the only channel to list.")] = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> OrderCountableConnection | None:
        require(info.context, *MANAGERS)
        return await list_orders(
            info.context,
            Selection.below(info),
            Wanted(filter, where, sort_by, search, channel),
            Paging("orders", first, after, last, before),
        )
