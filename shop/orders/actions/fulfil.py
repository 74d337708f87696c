"""Parcels leave with an order's goods, are followed on their way, and are called back."""

import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ARRAY, Integer, Uuid, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.catalogue.models import Variant
from shop.kit.errors import Invalid, Many
from shop.orders.actions.locked import LockedOrder, locked_order, note
from shop.orders.actions.tell import mail_to_buyer
from shop.orders.errors import CannotCancelFulfillment, CannotFulfill, FulfillmentNotFound
from shop.orders.models import Fulfillment, FulfillmentLine, Order, OrderLine
from shop.orders.rules import LIVE_PARCELS, LineStand, Wanted, check_wanted, fulfillment_status
from shop.site.models import SiteSettings
from shop.stock.actions import put_back, require_warehouses, take
from shop.stock.rules import Demand, Take

_LINES: Final = (
    select(
        OrderLine.id,
        OrderLine.variant_id,
        OrderLine.product_name,
        OrderLine.variant_name,
        OrderLine.quantity,
        OrderLine.quantity_fulfilled,
        func.coalesce(Variant.track_inventory, False).label("tracked"),
    )
    .outerjoin(Variant, Variant.id == OrderLine.variant_id)
    .where(OrderLine.order_id == bindparam("order_id", type_=Uuid()))
    .order_by(OrderLine.sort_order, OrderLine.id)
)
_changes: Final = (
    func.unnest(bindparam("line_ids", type_=ARRAY(Uuid())), bindparam("quantities", type_=ARRAY(Integer)))
    .table_valued("line_id", "quantity", name="change")
    .render_derived()
)
_COUNT: Final = (
    update(OrderLine)
    .where(OrderLine.id == _changes.c.line_id)
    .values(quantity_fulfilled=OrderLine.quantity_fulfilled + _changes.c.quantity)
    .execution_options(synchronize_session=False)
)
_LAST_NUMBER: Final = select(func.coalesce(func.max(Fulfillment.number), 0)).where(
    Fulfillment.order_id == bindparam("order_id", type_=Uuid())
)


@dataclass(frozen=True, slots=True)
class Dispatch:
    """How goods leave. `order_url`: where the buyer sees the order; `{id}` in it becomes the order's global ID.

    `beyond_stock`: what a warehouse lacks leaves uncounted.
    """

    by_user_id: int | None = None
    notify: bool = True
    beyond_stock: bool = False
    tracking_number: str = ""
    order_url: str | None = None


async def fulfil(session: AsyncSession, order_id: uuid.UUID, wanted: Collection[Wanted], how: Dispatch) -> list[int]:
    """A parcel for each warehouse has left; stock and promises are lessened, lines and status moved on.

    The answer: the parcels' ids. Locks: purchase → stock. Raises: OrderNotFound, CannotFulfill, Many, and what
    `stock.actions.take` raises.
    """
    order = await locked_order(session, order_id, field="order")
    await _check_order(session, order)
    lines = {row.id: row for row in await session.execute(_LINES, {"order_id": order.id})}
    problems = check_wanted(
        wanted, {key: LineStand(row.quantity, row.quantity_fulfilled) for key, row in lines.items()}
    )
    if problems:
        raise Many([*problems])
    leaving = [one for one in wanted if one.quantity > 0]
    await require_warehouses(session, {one.warehouse_id for one in leaving})
    await take(
        session,
        [
            Take(one.line_id, lines[one.line_id].variant_id, one.warehouse_id, one.quantity)
            for one in leaving
            if lines[one.line_id].tracked
        ],
        beyond=how.beyond_stock,
    )
    parcels = await _pack(session, order, leaving, {key for key, row in lines.items() if row.tracked}, how)
    await _count(session, order, leaving, 1)
    for parcel_id, number, packed in parcels:
        await _tell_of_parcel(
            session, order, parcel_id, number, [(lines[one.line_id], one.quantity) for one in packed], how
        )
    return [parcel_id for parcel_id, _, _ in parcels]


async def _check_order(session: AsyncSession, order: LockedOrder) -> None:
    if order.status == "UNCONFIRMED":
        raise CannotFulfill("The order has to be confirmed first.")
    if order.status not in {"UNFULFILLED", "PARTIALLY_FULFILLED"}:
        raise CannotFulfill("Nothing of this order is left to fulfill.")
    if order.total_charged_amount < order.total_gross_amount:
        unpaid_too = await session.scalar(select(SiteSettings.fulfillment_allow_unpaid))
        if not unpaid_too:
            raise CannotFulfill("Cannot fulfill unpaid order.", "CANNOT_FULFILL_UNPAID_ORDER")


async def _pack(
    session: AsyncSession, order: LockedOrder, leaving: Sequence[Wanted], tracked: set[uuid.UUID], how: Dispatch
) -> list[tuple[int, int, list[Wanted]]]:
    by_warehouse: dict[uuid.UUID, list[Wanted]] = {}
    for one in leaving:
        by_warehouse.setdefault(one.warehouse_id, []).append(one)
    last: int = (await session.execute(_LAST_NUMBER, {"order_id": order.id})).scalar_one()
    made = await session.execute(
        insert(Fulfillment).returning(Fulfillment.id, sort_by_parameter_order=True),
        [
            {
                "order_id": order.id,
                "number": number,
                "warehouse_id": warehouse_id,
                "tracking_number": how.tracking_number,
            }
            for number, warehouse_id in enumerate(by_warehouse, start=last + 1)
        ],
    )
    parcels = [
        (parcel_id, number, packed)
        for parcel_id, (number, packed) in zip(
            made.scalars(), enumerate(by_warehouse.values(), start=last + 1), strict=True
        )
    ]
    await session.execute(
        insert(FulfillmentLine),
        [
            {
                "fulfillment_id": parcel_id,
                "order_line_id": one.line_id,
                "quantity": one.quantity,
                "from_stock": one.line_id in tracked,
            }
            for parcel_id, _, packed in parcels
            for one in packed
        ],
    )
    return parcels


async def _tell_of_parcel(
    session: AsyncSession, order: LockedOrder, parcel_id: int, number: int, packed: list[tuple[Any, int]], how: Dispatch
) -> None:
    parcel = {"fulfillment": parcel_id, "composed_id": f"{order.number}-{number}"}
    await note(session, order.id, "FULFILLMENT_FULFILLED_ITEMS", parcel, by_user_id=how.by_user_id)
    if how.tracking_number:
        told = {"fulfillment": parcel_id, "message": how.tracking_number}
        await note(session, order.id, "TRACKING_UPDATED", told, by_user_id=how.by_user_id)
    if how.notify:
        await mail_to_buyer(
            session,
            order,
            "order-fulfilled",
            key=f"order-fulfilled:{parcel_id}",
            kind="FULFILLMENT_CONFIRMATION",
            order_url=how.order_url,
            by_user_id=how.by_user_id,
            tracking_number=how.tracking_number,
            lines=[
                {
                    "quantity": quantity,
                    "name": ", ".join(part for part in (line.product_name, line.variant_name) if part),
                }
                for line, quantity in packed
            ],
        )


async def _count(session: AsyncSession, order: LockedOrder, moved: Sequence[Any], sign: int) -> None:
    """The lines' fulfilled units and the order's status follow from what has left or come back."""
    totals: Counter[uuid.UUID] = Counter()
    for one in moved:
        totals[one.line_id] += sign * one.quantity
    await session.execute(_COUNT, {"line_ids": list(totals), "quantities": list(totals.values())})
    rows = (await session.execute(_LINES, {"order_id": order.id})).all()
    status = fulfillment_status(LineStand(row.quantity, row.quantity_fulfilled) for row in rows)
    await session.execute(update(Order).where(Order.id == order.id).values(status=status, updated_at=func.now()))


_PARCEL: Final = select(Fulfillment.order_id, Fulfillment.number, Fulfillment.status).where(
    Fulfillment.id == bindparam("id", type_=Integer)
)
_PACKED: Final = (
    select(
        FulfillmentLine.order_line_id.label("line_id"),
        OrderLine.variant_id,
        FulfillmentLine.quantity,
        FulfillmentLine.from_stock,
    )
    .join(OrderLine, OrderLine.id == FulfillmentLine.order_line_id)
    .where(FulfillmentLine.fulfillment_id == bindparam("id", type_=Integer))
    .order_by(FulfillmentLine.id)
)


async def cancel_fulfillment(
    session: AsyncSession, parcel_id: int, *, warehouse_id: uuid.UUID | None, by_user_id: int | None
) -> uuid.UUID:
    """The parcel is called back: its goods lie in the warehouse, promised to the order again. The answer: the order.

    Locks: purchase → stock.
    Raises: FulfillmentNotFound, CannotCancelFulfillment, WarehouseNotFound, Invalid (REQUIRED).
    """
    order, number, status = await _locked_parcel(session, parcel_id)
    if status not in LIVE_PARCELS:
        raise CannotCancelFulfillment
    if warehouse_id is None:
        raise Invalid("The warehouse that the goods go to is needed.", field="warehouseId", code="REQUIRED")
    packed = (await session.execute(_PACKED, {"id": parcel_id})).all()
    back = [
        Demand(one.line_id, one.variant_id, one.quantity)
        for one in packed
        if one.from_stock and one.variant_id is not None
    ]
    await put_back(session, back, warehouse_id)
    await session.execute(
        update(Fulfillment).where(Fulfillment.id == parcel_id).values(status="CANCELED", updated_at=func.now())
    )
    await _count(session, order, packed, -1)
    parcel = {"fulfillment": parcel_id, "composed_id": f"{order.number}-{number}"}
    await note(session, order.id, "FULFILLMENT_CANCELED", parcel, by_user_id=by_user_id)
    if back:
        restocked = {"quantity": sum(one.quantity for one in back), "warehouse": str(warehouse_id)}
        await note(session, order.id, "FULFILLMENT_RESTOCKED_ITEMS", restocked, by_user_id=by_user_id)
    return order.id


async def update_tracking(session: AsyncSession, parcel_id: int, how: Dispatch) -> uuid.UUID:
    """The parcel can be followed by the number, and its buyer was told if that was wished. The answer: the order.

    Raises: FulfillmentNotFound.
    """
    order, _, _ = await _locked_parcel(session, parcel_id)
    await session.execute(
        update(Fulfillment)
        .where(Fulfillment.id == parcel_id)
        .values(tracking_number=how.tracking_number, updated_at=func.now())
    )
    told = {"fulfillment": parcel_id, "message": how.tracking_number}
    event_id = await note(session, order.id, "TRACKING_UPDATED", told, by_user_id=how.by_user_id)
    if how.notify and how.tracking_number:
        await mail_to_buyer(
            session,
            order,
            "order-tracking",
            key=f"order-tracking:{event_id}",
            kind="TRACKING_UPDATED",
            order_url=how.order_url,
            by_user_id=how.by_user_id,
            tracking_number=how.tracking_number,
        )
    return order.id


async def _locked_parcel(session: AsyncSession, parcel_id: int) -> tuple[LockedOrder, int, str]:
    found = (await session.execute(_PARCEL, {"id": parcel_id})).one_or_none()
    if found is None:
        raise FulfillmentNotFound
    order = await locked_order(session, found.order_id)
    parcel = (await session.execute(_PARCEL, {"id": parcel_id})).one()
    return order, parcel.number, parcel.status
