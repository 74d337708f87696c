"""How much of a variant can be sold in a channel.

A warehouse counts when it supplies the channel and sends to a shipping zone of the channel. With a country, the zones
that hold it count, each warehouse once. Without one, the zone that offers most is the answer: no address can be
promised more. Source: Saleor, ProductVariant.quantityAvailable.
"""

from sqlalchemy import DateTime, Integer, Text, Uuid, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from shop.kit.db.moments import next_moment
from shop.shipping.models import ShippingZoneChannel
from shop.stock.models import Reservation, Stock, Warehouse, WarehouseChannel, WarehouseZone
from shop.stock.supply import free, supplies

_IDS = bindparam("ids", type_=ARRAY(Integer))
_CHANNEL = bindparam("channel_id", type_=Integer)
_COUNTRY = bindparam("country", type_=Text)
_NOW = bindparam("now", type_=DateTime(timezone=True))

_in_zones = (
    select(Stock.variant_id, WarehouseZone.zone_id, func.sum(free(now=_NOW)).label("quantity"))
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
    select(Stock.variant_id, func.sum(free(now=_NOW)).cast(Integer).label("quantity"))
    .where(
        Stock.variant_id == any_(_IDS),
        supplies(_CHANNEL, _COUNTRY),
    )
    .group_by(Stock.variant_id)
)
# When the clock alone frees some of it.
NEXT_FREED = next_moment(Reservation.expires_at)
# id (of a checkout), expires_at: until when the first of its reservations holds. One without a row has none.
RESERVED_UNTIL = (
    select(Reservation.checkout_id.label("id"), func.min(Reservation.expires_at).label("expires_at"))
    .where(Reservation.checkout_id == any_(bindparam("checkout_ids", type_=ARRAY(Uuid()))))
    .where(Reservation.expires_at > func.now())
    .group_by(Reservation.checkout_id)
)

WAREHOUSE_COLUMNS = (
    Warehouse.id.label("pk"),
    Warehouse.name,
    Warehouse.slug,
    Warehouse.email,
    Warehouse.external_reference,
    Warehouse.metadata_public.label("metadata_public"),
    Warehouse.metadata_private.label("metadata_private"),
)
WAREHOUSES_BY_ID = select(*WAREHOUSE_COLUMNS).where(Warehouse.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
# What lies where of variants. Parameters: `ids`, `now`.
STOCKS_BY_VARIANT = (
    select(
        Stock.id.label("pk"),
        Stock.variant_id,
        Stock.warehouse_id,
        Stock.quantity,
        Stock.quantity_allocated,
        select(func.coalesce(func.sum(Reservation.quantity), 0).cast(Integer))
        .where(
            Reservation.stock_id == Stock.id, Reservation.expires_at > bindparam("now", type_=DateTime(timezone=True))
        )
        .scalar_subquery()
        .label("quantity_reserved"),
    )
    .where(Stock.variant_id == any_(_IDS))
    .order_by(Stock.variant_id, Stock.id)
)
