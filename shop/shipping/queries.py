"""Reads of shipping methods with what they cost in a channel."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, SQLColumnExpression, Text, any_, bindparam, cast, exists, select
from sqlalchemy.dialects.postgresql import ARRAY, array

from shop.shipping.models import ShippingMethod, ShippingMethodListing, ShippingZone, ShippingZoneChannel
from shop.shipping.rules import Terms


def reaches(channel_id: ColumnElement[int], country: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a row's method belongs to a zone that serves the channel and holds the country."""
    return (
        exists()
        .where(
            ShippingZone.id == ShippingMethod.zone_id,
            ShippingZone.countries.contains(cast(array([country]), ARRAY(Text))),
            ShippingZoneChannel.zone_id == ShippingZone.id,
            ShippingZoneChannel.channel_id == channel_id,
        )
        .correlate_except(ShippingZone, ShippingZoneChannel)
    )


def terms_columns(reached: ColumnElement[bool]) -> list[SQLColumnExpression[Any]]:
    """The columns of `rules.Terms`, in the order of its fields, of a method joined with its listing."""
    return [
        ShippingMethod.name.label("method_name"),
        ShippingMethod.type.label("method_type"),
        ShippingMethodListing.price_amount.label("method_price_amount"),
        ShippingMethodListing.minimum_order_amount,
        ShippingMethodListing.maximum_order_amount,
        ShippingMethod.minimum_weight_kg,
        ShippingMethod.maximum_weight_kg,
        reached.label("reaches"),
    ]


_channel: Final = bindparam("channel_id", type_=Integer)
_country: Final = bindparam("country", type_=Text)

# Every method that reaches a country in a channel, in the order it is offered: `(id, *Terms)`.
OFFERED: Final = (
    select(ShippingMethod.id, *terms_columns(reaches(_channel, _country)))
    .join(ShippingMethodListing, ShippingMethodListing.method_id == ShippingMethod.id)
    .where(ShippingMethodListing.channel_id == _channel, reaches(_channel, _country))
    .order_by(ShippingMethod.sort_order, ShippingMethodListing.price_amount, ShippingMethod.id)
)

# Methods as they are shown, with their price in each of some channels.
METHODS_BY_ID: Final = (
    select(
        ShippingMethod.id.label("key"),
        ShippingMethod.name,
        ShippingMethod.type.label("kind"),
        ShippingMethod.description.label("description_blocks"),
        ShippingMethod.minimum_delivery_days,
        ShippingMethod.maximum_delivery_days,
        ShippingMethod.minimum_weight_kg,
        ShippingMethod.maximum_weight_kg,
        ShippingMethod.metadata_public.label("metadata_public"),
        ShippingMethod.metadata_private.label("metadata_private"),
        ShippingMethodListing.channel_id,
        ShippingMethodListing.currency,
        ShippingMethodListing.price_amount,
        ShippingMethodListing.minimum_order_amount,
        ShippingMethodListing.maximum_order_amount,
    )
    .join(ShippingMethodListing, ShippingMethodListing.method_id == ShippingMethod.id)
    .where(
        ShippingMethod.id == any_(bindparam("ids", type_=ARRAY(Integer))),
        ShippingMethodListing.channel_id == any_(bindparam("channel_ids", type_=ARRAY(Integer))),
    )
)


def terms(row: Any, start: int = 0) -> Terms:
    """The terms that stand in a row from column `start` on."""
    return Terms(*row[start : start + len(Terms.__slots__)])


# The countries of the zones that serve channels; a country may come more than once.
COUNTRIES_BY_CHANNEL: Final = (
    select(ShippingZoneChannel.channel_id, ShippingZone.countries)
    .join(ShippingZone, ShippingZone.id == ShippingZoneChannel.zone_id)
    .where(ShippingZoneChannel.channel_id == any_(bindparam("ids", type_=ARRAY(Integer))))
    .order_by(ShippingZone.id)
)
