"""An order to change: read, its purchase locked, read again."""

import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Text, Uuid, bindparam, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.db import lock_purchase
from shop.orders.errors import OrderNotFound
from shop.orders.models import Order, OrderEvent


@dataclass(frozen=True, slots=True)
class LockedOrder:
    """As much of an order as its changes are decided by; nobody else changes it before this unit ends."""

    id: uuid.UUID
    purchase_key: uuid.UUID
    number: int
    channel_id: int
    user_id: int | None
    email: str
    status: str
    currency: str
    language_code: str
    total_gross_amount: Decimal
    total_charged_amount: Decimal
    total_authorized_amount: Decimal
    billing_address_id: int | None
    shipping_address_id: int | None


_PURCHASE_KEY: Final = func.coalesce(Order.checkout_id, Order.id)
_COLUMNS: Final[list[Any]] = [
    _PURCHASE_KEY if name == "purchase_key" else getattr(Order, name) for name in LockedOrder.__dataclass_fields__
]
_KEY: Final = select(_PURCHASE_KEY).where(Order.id == bindparam("id", type_=Uuid()))
_BY_ID: Final = select(*_COLUMNS).where(Order.id == bindparam("id", type_=Uuid()))


async def purchase_key(session: AsyncSession, order_id: uuid.UUID, *, field: str = "id") -> uuid.UUID:
    """The key of the order's payments. Raises: OrderNotFound on `field`."""
    key: uuid.UUID | None = await session.scalar(_KEY, {"id": order_id})
    if key is None:
        raise OrderNotFound(field)
    return key


async def locked_order(session: AsyncSession, order_id: uuid.UUID, *, field: str = "id") -> LockedOrder:
    """The order, its purchase locked. Drafts are no orders yet. Raises: OrderNotFound on `field`."""
    await lock_purchase(session, await purchase_key(session, order_id, field=field))
    order = LockedOrder(*(await session.execute(_BY_ID, {"id": order_id})).one())
    if order.status == "DRAFT":
        raise OrderNotFound(field)
    return order


_BY_REFERENCE: Final = select(Order.id).where(
    Order.external_reference == bindparam("reference", type_=Text), Order.status != "DRAFT"
)


async def order_by_reference(session: AsyncSession, reference: str) -> uuid.UUID:
    """The order of this name in another system. Raises: OrderNotFound on `externalReference`."""
    found: uuid.UUID | None = await session.scalar(_BY_REFERENCE, {"reference": reference})
    if found is None:
        raise OrderNotFound("externalReference")
    return found


async def note(
    session: AsyncSession,
    order_id: uuid.UUID,
    type: str,
    parameters: dict[str, Any] | None = None,
    *,
    by_user_id: int | None = None,
) -> int:
    """The order's history says so; the event's id."""
    statement = (
        insert(OrderEvent)
        .values(order_id=order_id, type=type, user_id=by_user_id, parameters=parameters or {})
        .returning(OrderEvent.id)
    )
    return (await session.execute(statement)).scalar_one()
