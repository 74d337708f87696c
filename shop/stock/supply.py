"""Which stocks a channel may sell to a country: one condition for what is shown, what is checked and what is promised.

A warehouse supplies where it is assigned to the channel and sends to a zone that serves the channel and holds the
country, as Saleor has it.
"""

from sqlalchemy import ColumnElement, Text, and_, cast, exists
from sqlalchemy.dialects.postgresql import ARRAY, array

from shop.shipping.models import ShippingZone, ShippingZoneChannel
from shop.stock.models import Stock, WarehouseChannel, WarehouseZone


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
