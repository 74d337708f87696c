"""Which stocks a channel may sell to a country, and how much of each is free: one condition and one sum for what is
shown, what is checked and what is promised.

A warehouse supplies where it is assigned to the channel and sends to a zone that serves the channel and holds the
country, as Saleor has it.
"""

import uuid
from datetime import datetime

from sqlalchemy import ColumnElement, Integer, Text, and_, cast, exists, func, select
from sqlalchemy.dialects.postgresql import ARRAY, array

from shop.shipping.models import ShippingZone, ShippingZoneChannel
from shop.stock.models import Reservation, Stock, WarehouseChannel, WarehouseZone


def supplies(channel_id: ColumnElement[int], country: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a row of `Stock` may be sold in the channel to the country."""
    return and_(
        exists()
        .where(WarehouseChannel.warehouse_id == Stock.warehouse_id, WarehouseChannel.channel_id == channel_id)
        .correlate_except(WarehouseChannel),
        exists()
        .where(
            WarehouseZone.warehouse_id == Stock.warehouse_id,
            ShippingZone.id == WarehouseZone.zone_id,
            ShippingZone.countries.contains(cast(array([country]), ARRAY(Text))),
            ShippingZoneChannel.zone_id == ShippingZone.id,
            ShippingZoneChannel.channel_id == channel_id,
        )
        .correlate_except(WarehouseZone, ShippingZone, ShippingZoneChannel),
    )


def free(
    besides: ColumnElement[uuid.UUID] | None = None, *, now: ColumnElement[datetime] | None = None
) -> ColumnElement[int]:
    """Units of a row of `Stock` that no order was promised and no checkout keeps, `besides` its own.

    `now`: of what is shown, the moment that the answer tells of; without it the database's own, as promises need it.
    """
    kept = select(func.coalesce(func.sum(Reservation.quantity), 0)).where(
        Reservation.stock_id == Stock.id, Reservation.expires_at > (func.now() if now is None else now)
    )
    if besides is not None:
        kept = kept.where(Reservation.checkout_id.is_distinct_from(besides))
    others = kept.correlate_except(Reservation).scalar_subquery()
    # Less may lie there than is kept, when somebody has counted again.
    return func.greatest(Stock.quantity - Stock.quantity_allocated - cast(others, Integer), 0)
