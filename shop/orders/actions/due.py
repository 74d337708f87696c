"""What an order still costs, in the form that payments ask for."""

import uuid
from collections.abc import Callable
from typing import Final

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.channels.models import Channel
from shop.kit.errors import Conflict
from shop.orders.actions.locked import locked_order
from shop.orders.errors import OrderNotFound
from shop.orders.models import Order, OrderLine
from shop.payments.actions import Due
from shop.payments.provider import PaymentLine

_order: Final = bindparam("order_id", type_=Uuid())
_LINES: Final = (
    select(OrderLine.product_name, OrderLine.variant_name, OrderLine.quantity, OrderLine.total_gross_amount)
    .where(OrderLine.order_id == _order)
    .order_by(OrderLine.sort_order, OrderLine.id)
)
_TERMS: Final = (
    select(Channel.transaction_flow_strategy, Order.shipping_method_name, Order.shipping_gross_amount)
    .join(Order, Order.channel_id == Channel.id)
    .where(Order.id == _order)
)


async def due(session: AsyncSession, order_id: uuid.UUID, may_pay: Callable[[int | None], bool]) -> Due:
    """The order's total with its lines, and how its channel takes payments. `may_pay` is asked about its buyer.

    Locks: purchase. Raises: OrderNotFound, also for somebody else's; Conflict for one that is over.
    """
    order = await locked_order(session, order_id)
    if not may_pay(order.user_id):
        raise OrderNotFound
    if order.status in {"CANCELED", "EXPIRED"}:
        raise Conflict("An order that is over cannot be paid.", field="id")
    lines = [
        PaymentLine(", ".join(part for part in (row[0], row[1]) if part), row[2], row[3])
        for row in await session.execute(_LINES, {"order_id": order.id})
    ]
    flow, method, shipping = (await session.execute(_TERMS, {"order_id": order.id})).one()
    if shipping:
        lines.append(PaymentLine(method or "Delivery", 1, shipping))
    return Due(order.total_gross_amount, order.currency, flow, order.email or None, tuple(lines))
