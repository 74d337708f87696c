"""How much of a variant can be sold in a channel.

A warehouse counts when it supplies the channel and sends to a shipping zone of the channel. With a country, the zones
that hold it count, each warehouse once. Without one, the zone that offers most is the answer: no address can be
promised more. Source: Saleor, ProductVariant.quantityAvailable.
"""

from sqlalchemy import Integer, Text, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from shop.shipping.models import ShippingZoneChannel
from shop.stock.models import Stock, WarehouseChannel, WarehouseZone
from shop.stock.supply import supplies

_IDS = bindparam("ids", type_=ARRAY(Integer))
_CHANNEL = bindparam("channel_id", type_=Integer)
_COUNTRY = bindparam("country", type_=Text)

FREE = Stock.quantity - Stock.quantity_allocated


_in_zones = (
    select(Stock.variant_id, WarehouseZone.zone_id, func.sum(FREE).label("quantity"))
    .join(WarehouseChannel, WarehouseChannel.warehouse_id == Stock.warehouse_id)
    .join(WarehouseZone, WarehouseZone.warehouse_id == Stock.warehouse_id)
    .join(ShippingZoneChannel, ShippingZoneChannel.zone_id == WarehouseZone.zone_id)
    .where(
        Stock.variant_id == any_(_IDS),
        WarehouseChannel.channel_id == _CHANNEL,
        ShippingZoneChannel.channel_id == _CHANNEL,
    )
    .group_by(Stock.variant_id, WarehouseZone.zone_id)
    .subquery()
)
# variant_id, quantity: for an unknown destination. A variant without a row has no stock there.
AVAILABLE = select(_in_zones.c.variant_id, func.max(_in_zones.c.quantity).cast(Integer).label("quantity")).group_by(
    _in_zones.c.variant_id
)
# variant_id, quantity: for a country.
AVAILABLE_IN_COUNTRY = (
    select(Stock.variant_id, func.sum(FREE).cast(Integer).label("quantity"))
    .where(
        Stock.variant_id == any_(_IDS),
        supplies(_CHANNEL, _COUNTRY),
    )
    .group_by(Stock.variant_id)
)
