"""Lists of orders: all of them for staff, their own for buyers; newest first."""

from collections.abc import Sequence
from typing import Any

import strawberry

from shop.api.core.connections import CountableConnection, CountableEdge, connect, nodes_of, window_of
from shop.api.core.context import Context
from shop.api.orders.types import Order
from shop.execution import Selection
from shop.kit.pagination import PARENT
from shop.orders import queries

_KEYS = len(queries.NEWEST_FIRST.keys)


@strawberry.type(description="An order of a page.")
class OrderCountableEdge(CountableEdge[Order]):
    pass


@strawberry.type(description="A page of orders.")
class OrderCountableConnection(CountableConnection[OrderCountableEdge]):
    pass


async def list_orders(
    context: Context, selection: Selection, channel: str | None, **paging: Any
) -> OrderCountableConnection:
    """A page of all orders, or of one channel's. Two statements at most."""
    window = window_of(queries.NEWEST_FIRST, "orders", selection, **paging)
    params = {} if channel is None else {"channel": channel}
    statement = queries.orders_page(window.shape, in_channel=channel is not None)
    page = queries.NEWEST_FIRST.page(await context.rows(statement, **params, **window.params), window)
    total = None
    if "totalCount" in selection:
        total = (await context.rows(queries.orders_count(in_channel=channel is not None), **params))[0]["total"]
    nodes = nodes_of(Order, statement, page.items, extra=_KEYS)
    made: OrderCountableConnection = connect(
        OrderCountableConnection, OrderCountableEdge, page, nodes, total_count=total
    )
    return made


async def list_orders_of_users(
    context: Context, user_ids: Sequence[int], selection: Selection, **paging: Any
) -> list[OrderCountableConnection | None]:
    """A page of the placed orders of each user, in their order, with the statements of one."""
    window = window_of(queries.NEWEST_FIRST, "orders", selection, **paging)
    parents = sorted(set(user_ids))
    statement = queries.users_orders_page(window.shape)
    records = await context.rows(statement, parents=parents, **window.params)
    totals: dict[int, int] = {}
    if "totalCount" in selection:
        rows = await context.rows(queries.USERS_ORDERS_COUNT, parents=parents)
        totals = {row[PARENT]: row["total"] for row in rows}
    made: dict[int, OrderCountableConnection] = {}
    for user_id, page in queries.NEWEST_FIRST.pages(records, window, parents).items():
        nodes = nodes_of(Order, statement, page.items, extra=_KEYS + 1)
        made[user_id] = connect(
            OrderCountableConnection, OrderCountableEdge, page, nodes, total_count=totals.get(user_id)
        )
    return [made[user_id] for user_id in user_ids]
