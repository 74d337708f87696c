"""An order's payment status follows its transactions."""

from sqlalchemy import func, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.events import publish
from shop.orders.events import OrderPaymentChanged
from shop.orders.models import Order, OrderEvent
from shop.orders.queries import order_of_purchase
from shop.payments.actions import raise_alert
from shop.payments.events import TransactionChanged
from shop.payments.queries import purchase_totals
from shop.payments.rules import authorize_status, charge_status


async def payment_changed(session: AsyncSession, event: TransactionChanged) -> None:
    """The order's totals and statuses are what its transactions add up to; a purchase without an order is left alone.

    Locks: the purchase's is held by whoever changed the transaction.
    """
    order = await order_of_purchase(session, event.purchase_key)
    if order is None:
        return
    totals = await purchase_totals(session, event.purchase_key, order.currency)
    if (totals.charged, totals.authorized) == (order.total_charged_amount, order.total_authorized_amount):
        return
    status = charge_status(order.total_gross_amount, totals.charged)
    await session.execute(
        update(Order)
        .where(Order.id == order.id)
        .values(
            total_charged_amount=totals.charged,
            total_authorized_amount=totals.authorized,
            charge_status=status,
            authorize_status=authorize_status(order.total_gross_amount, totals.authorized, totals.charged),
            updated_at=func.now(),
        )
    )
    change = totals.charged - order.total_charged_amount
    kind = "PAYMENT_CAPTURED" if change > 0 else "PAYMENT_REFUNDED" if change < 0 else "TRANSACTION_EVENT"
    events = [(kind, {"amount": str(abs(change)), "transaction": str(event.transaction_id)})]
    if status in {"FULL", "OVERCHARGED"} and order.charge_status in {"NONE", "PARTIAL"}:
        events.append(("ORDER_FULLY_PAID", {}))
    await session.execute(
        insert(OrderEvent),
        [{"order_id": order.id, "type": type_, "parameters": parameters} for type_, parameters in events],
    )
    if status == "OVERCHARGED":
        # A payment that was open while another one placed the order, and was paid before it could be ended.
        await raise_alert(
            session,
            kind="overcharged",
            reference=str(order.id),
            purchase_key=event.purchase_key,
            detail=f"The order costs {order.total_gross_amount} {order.currency}, {totals.charged} was charged.",
        )
    await publish(session, OrderPaymentChanged(order.id))
