"""Lists of orders: all of them for staff, as they wish; their own for buyers, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import strawberry
from graphql import GraphQLError

from shop.api.catalogue.lists import Paging, Shown, list_all
from shop.api.core.connections import CountableConnection, CountableEdge, connect_each, window_of
from shop.api.core.context import Context
from shop.api.core.enums import OrderDirection
from shop.api.orders.filters import (
    SORTS,
    OrderFilterInput,
    OrderSortField,
    OrderSortingInput,
    OrderWhereInput,
    filter_parts,
    where_parts,
)
from shop.api.orders.types import Order
from shop.browse.criteria import Criteria, Parts
from shop.browse.listing import Kind
from shop.execution import Selection
from shop.orders import queries
from shop.orders.listing import ORDERS

_KEYS = len(queries.NEWEST_FIRST.keys)


@strawberry.type(description="An order of a page.")
class OrderCountableEdge(CountableEdge[Order]):
    pass


@strawberry.type(description="A page of orders.")
class OrderCountableConnection(CountableConnection[OrderCountableEdge]):
    pass


_SHOWN = Shown(OrderCountableConnection, OrderCountableEdge, Order)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which orders staff list, and in which order."""

    filter: OrderFilterInput | None = None
    where: OrderWhereInput | None = None
    sort_by: OrderSortingInput | None = None
    search: str | None = None
    channel: str | None = None

    @property
    def criteria(self) -> Criteria:
        """What is asked for. Raises: GraphQLError for `filter` beside `where`."""
        if self.filter is not None and self.where is not None:
            raise GraphQLError("Only one of the arguments `filter` and `where` can be used.")
        parts: Parts = []
        if self.filter is not None:
            parts += filter_parts(self.filter)
        if self.where is not None:
            parts += where_parts(self.where)
        if self.search is not None and self.search.strip():
            parts.append(("search", self.search.strip()))
        if self.channel is not None:
            parts.append(("channel_slug", self.channel))
        return Criteria(tuple(parts))

    @property
    def sort(self) -> tuple[str, bool]:
        """What is sorted by, and whether downwards; the newest come first where nothing else is asked for."""
        if self.sort_by is None or self.sort_by.field is OrderSortField.RANK:
            return "CREATED_AT", True
        name = self.sort_by.field.name
        return SORTS.get(name, name), self.sort_by.direction is OrderDirection.DESC


async def list_orders(
    context: Context, selection: Selection, wanted: Wanted, paging: Paging
) -> OrderCountableConnection:
    """A page of the orders that staff want. Two statements at most."""
    criteria = wanted.criteria
    sort, descending = wanted.sort
    kind = Kind(ORDERS, None, criteria.shape, sort, descending)
    made: OrderCountableConnection = await list_all(context, kind, criteria.params, paging, selection, _SHOWN)
    return made


async def list_orders_of_users(
    context: Context, user_ids: Sequence[int], selection: Selection, **paging: Any
) -> list[OrderCountableConnection | None]:
    """A page of the placed orders of each user, in their order, with the statements of one."""
    window = window_of(context, queries.NEWEST_FIRST, "orders", selection, **paging)
    return await connect_each(
        context,
        user_ids,
        selection,
        queries.NEWEST_FIRST,
        window,
        page=queries.users_orders_page(window.shape),
        count=queries.USERS_ORDERS_COUNT,
        node=Order,
        connection=OrderCountableConnection,
        edge=OrderCountableEdge,
    )
