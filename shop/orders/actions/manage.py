"""What staff do to an order besides sending it: confirm, cancel, call it paid, correct and annotate it."""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from sqlalchemy import Text, Uuid, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.addresses import PostalAddress
from shop.accounts.models import Address
from shop.accounts.rules import check_email
from shop.discounts.actions import release
from shop.kit.errors import Conflict, Invalid
from shop.kit.events import publish
from shop.kit.metadata import within_limit
from shop.orders.actions.gift_cards import refund_gift_cards
from shop.orders.actions.locked import locked_order, note
from shop.orders.actions.tell import mail_to_buyer
from shop.orders.errors import CannotCancelOrder, CannotMarkAsPaid, OrderNotFound
from shop.orders.events import OrderCanceled, OrderConfirmed
from shop.orders.models import Fulfillment, Order, OrderLine
from shop.orders.rules import can_be_marked_as_paid, can_cancel
from shop.payments.actions import record_manual, request
from shop.payments.errors import ReferenceTaken
from shop.payments.queries import transactions_of_purchase
from shop.stock.actions import deallocate

ORDER_CANCELED: Final = "order-canceled"
_NOTE_LIMIT: Final = 10_000
_order: Final = bindparam("order_id", type_=Uuid())
_PARCELS: Final = select(Fulfillment.status).where(Fulfillment.order_id == _order)
_LINE_IDS: Final = select(OrderLine.id).where(OrderLine.order_id == _order)


@dataclass(frozen=True, slots=True)
class By:
    """Who acts. `order_url`: where the buyer sees the order; `{id}` in it becomes the order's global ID."""

    user_id: int | None = None
    order_url: str | None = None


async def cancel(session: AsyncSession, order_id: uuid.UUID, by: By) -> None:
    """The order is over: its promises of stock are free, its voucher can be used again, gift cards have back what they
    paid, and an open payment will be ended.

    Other money stays where it is, until who decides so gives it back.
    Locks: purchase → transaction → voucher → gift card → stock. Raises: OrderNotFound, CannotCancelOrder.
    """
    order = await locked_order(session, order_id)
    if not can_cancel(order.status, (await session.scalars(_PARCELS, {"order_id": order.id})).all()):
        raise CannotCancelOrder
    await session.execute(update(Order).where(Order.id == order.id).values(status="CANCELED", updated_at=func.now()))
    for transaction in await transactions_of_purchase(session, order.purchase_key):
        if transaction.status == "OPEN":
            await request(session, transaction, "CANCEL", transaction.requested_amount, reason=ORDER_CANCELED)
    await release(session, order.purchase_key)
    await refund_gift_cards(session, order.purchase_key, by_user_id=by.user_id, message=ORDER_CANCELED)
    await deallocate(session, (await session.scalars(_LINE_IDS, {"order_id": order.id})).all())
    await note(session, order.id, "CANCELED", by_user_id=by.user_id)
    await mail_to_buyer(
        session,
        order,
        "order-canceled",
        key=f"order-canceled:{order.id}",
        kind="ORDER_CANCEL",
        order_url=by.order_url,
        by_user_id=by.user_id,
    )
    await publish(session, OrderCanceled(order.id))


async def confirm(session: AsyncSession, order_id: uuid.UUID, by: By) -> None:
    """An order that was held may be fulfilled, and its buyer knows. Raises: OrderNotFound, Conflict."""
    order = await locked_order(session, order_id)
    if order.status != "UNCONFIRMED":
        raise Conflict("Only an unconfirmed order can be confirmed.", field="id")
    await session.execute(update(Order).where(Order.id == order.id).values(status="UNFULFILLED", updated_at=func.now()))
    await note(session, order.id, "CONFIRMED", by_user_id=by.user_id)
    await mail_to_buyer(
        session,
        order,
        "order-confirmed",
        key=f"order-confirmed:{order.id}",
        kind="CONFIRMED",
        order_url=by.order_url,
        by_user_id=by.user_id,
    )
    await publish(session, OrderConfirmed(order.id))


async def mark_as_paid(session: AsyncSession, order_id: uuid.UUID, by: By, *, reference: str | None = None) -> None:
    """A payment of the whole total, taken outside of the shop, is in the ledger.

    Locks: purchase. Raises: OrderNotFound, CannotMarkAsPaid.
    """
    order = await locked_order(session, order_id)
    payments = await transactions_of_purchase(session, order.purchase_key)
    if any(one.status == "OPEN" or one.charged_amount + one.authorized_amount > 0 for one in payments):
        raise CannotMarkAsPaid("Orders with payments can not be manually marked as paid.", "TRANSACTION_ERROR")
    if not can_be_marked_as_paid(
        order.status,
        total=order.total_gross_amount,
        charged=order.total_charged_amount,
        authorized=order.total_authorized_amount,
    ):
        raise CannotMarkAsPaid("This order can't be marked as paid.", "INVALID")
    await note(session, order.id, "ORDER_MARKED_AS_PAID", by_user_id=by.user_id)
    try:
        await record_manual(
            session, order.purchase_key, order.total_gross_amount, order.currency, reference=reference or None
        )
    except ReferenceTaken as error:
        raise CannotMarkAsPaid(error.message, "TRANSACTION_ERROR", "transactionReference") from error


async def add_note(session: AsyncSession, order_id: uuid.UUID, message: str, by: By) -> int:
    """The order's history holds the note; the event's id. Raises: Invalid."""
    text = message.strip()
    if not text:
        raise Invalid("Message can't be empty.", field="message", code="REQUIRED")
    if len(text) > _NOTE_LIMIT:
        raise Invalid(f"A note holds at most {_NOTE_LIMIT} characters.", field="message", code="GRAPHQL_ERROR")
    try:
        order = await locked_order(session, order_id)
    except OrderNotFound as error:
        # Saleor knows no other code here.
        raise Invalid(error.message, field="order", code="GRAPHQL_ERROR") from error
    return await note(session, order.id, "NOTE_ADDED", {"message": text}, by_user_id=by.user_id)


@dataclass(frozen=True, slots=True)
class Corrections:
    """What of an order is to be another; None leaves a part as it is."""

    email: str | None = None
    language_code: str | None = None
    external_reference: str | None = None
    billing_address: PostalAddress | None = None
    shipping_address: PostalAddress | None = None
    metadata_public: Mapping[str, str] = field(default_factory=dict)
    metadata_private: Mapping[str, str] = field(default_factory=dict)


_REFERENCED: Final = select(Order.id).where(
    Order.external_reference == bindparam("reference", type_=Text), Order.id != bindparam("id", type_=Uuid())
)


async def correct(session: AsyncSession, order_id: uuid.UUID, corrections: Corrections, by: By) -> None:
    """The order says so; addresses are its own copies, so that nobody else's change. Raises: OrderNotFound, Invalid."""
    order = await locked_order(session, order_id)
    if order.status in {"CANCELED", "EXPIRED"}:
        raise Conflict("An order that is over can't be changed.", field="id", code="NOT_EDITABLE")
    if corrections.email is not None:
        check_email(corrections.email, field="userEmail")
    values: dict[str, Any] = {
        name: value
        for name in ("email", "language_code", "external_reference")
        if (value := getattr(corrections, name)) is not None
    }
    reference = corrections.external_reference
    if reference and await session.scalar(_REFERENCED, {"reference": reference, "id": order.id}) is not None:
        raise Conflict("Another order has this reference.", field="externalReference", code="UNIQUE")
    for kind in ("billing_address", "shipping_address"):
        address: PostalAddress | None = getattr(corrections, kind)
        if address is not None:
            values[f"{kind}_id"] = await _own_copy(session, address)
            await note(session, order.id, "UPDATED_ADDRESS", {"kind": kind}, by_user_id=by.user_id)
    if corrections.metadata_public or corrections.metadata_private:
        stored = (
            await session.execute(select(Order.metadata_public, Order.metadata_private).where(Order.id == order.id))
        ).one()
        values["metadata_public"] = within_limit({**stored[0], **corrections.metadata_public})
        values["metadata_private"] = within_limit(
            {**stored[1], **corrections.metadata_private}, field="privateMetadata"
        )
    if values:
        await session.execute(update(Order).where(Order.id == order.id).values(**values, updated_at=func.now()))


async def _own_copy(session: AsyncSession, address: PostalAddress) -> int:
    row = {name: value for name, value in asdict(address).items() if name != "metadata"}
    statement = insert(Address).values(**row, metadata_public=dict(address.metadata)).returning(Address.id)
    return (await session.execute(statement)).scalar_one()
