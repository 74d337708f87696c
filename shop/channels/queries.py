"""Channels, read by their keys."""

from sqlalchemy import Integer, Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from shop.channels.models import Channel

COLUMNS = (
    Channel.id.label("pk"),
    Channel.slug,
    Channel.name,
    Channel.is_active.label("active"),
    Channel.currency.label("currency_code"),
    Channel.default_country.label("country"),
    Channel.transaction_flow_strategy,
    Channel.metadata_public.label("metadata_public"),
    Channel.metadata_private.label("metadata_private"),
)

_IDS = bindparam("ids", type_=ARRAY(Integer))
_SLUGS = bindparam("slugs", type_=ARRAY(Text))

CHANNELS = select(*COLUMNS).order_by(Channel.slug)
CHANNELS_BY_ID = select(*COLUMNS).where(Channel.id == any_(_IDS))
CHANNELS_BY_SLUG = select(*COLUMNS).where(Channel.slug == any_(_SLUGS))
