"""Rates, and how channels tax."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, Text, any_, bindparam, false, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from shop.channels.models import Channel
from shop.tax.models import TaxClass, TaxConfiguration, TaxRate
from shop.tax.rules import Rates

_IDS = bindparam("ids", type_=ARRAY(Integer))
_SLUGS = bindparam("slugs", type_=ARRAY(Text))


@dataclass(slots=True, unsafe_hash=True)
class TaxedChannel:
    """A channel and how it taxes: everything that turns a stored price into the one that a shopper sees."""

    id: int
    slug: str
    currency: str
    default_country: str
    is_active: bool
    charge_taxes: bool
    prices_entered_with_tax: bool
    display_gross_prices: bool


# A channel without a configuration charges no tax and shows gross prices. Rows: `TaxedChannel`.
_TAXED_CHANNELS = select(
    Channel.id,
    Channel.slug,
    Channel.currency,
    Channel.default_country,
    Channel.is_active,
    func.coalesce(TaxConfiguration.charge_taxes, false()).label("charge_taxes"),
    func.coalesce(TaxConfiguration.prices_entered_with_tax, true()).label("prices_entered_with_tax"),
    func.coalesce(TaxConfiguration.display_gross_prices, true()).label("display_gross_prices"),
).outerjoin(TaxConfiguration, TaxConfiguration.channel_id == Channel.id)

TAXED_CHANNELS_BY_ID = _TAXED_CHANNELS.where(Channel.id == any_(_IDS))
TAXED_CHANNELS_BY_SLUG = _TAXED_CHANNELS.where(Channel.slug == any_(_SLUGS))
# The channel that is meant where none is named: the only active one. Two rows: none is meant.
DEFAULT_CHANNEL = _TAXED_CHANNELS.where(Channel.is_active).order_by(Channel.id).limit(2)

# All rates of some countries; `rates` makes them what `tax.rules.rate_for` takes. A country has a handful.
RATES_BY_COUNTRY = select(TaxRate.tax_class_id, TaxRate.country, TaxRate.rate).where(
    TaxRate.country == any_(bindparam("countries", type_=ARRAY(Text)))
)
# The same for some classes alone, with the country's default (the row without a class).
RATES_BY_CLASS = RATES_BY_COUNTRY.where(
    (TaxRate.tax_class_id == any_(bindparam("tax_class_ids", type_=ARRAY(Integer)))) | TaxRate.tax_class_id.is_(None)
)

TAX_CLASSES_BY_ID = select(
    TaxClass.id.label("pk"),
    TaxClass.name,
    TaxClass.metadata_public.label("metadata_public"),
    TaxClass.metadata_private.label("metadata_private"),
).where(TaxClass.id == any_(_IDS))


def rates(records: Iterable[Mapping[str, Any]]) -> Rates:
    """The records of a statement of rates as a table to look up in. Units: percent."""
    return {(record["tax_class_id"], record["country"]): record["rate"] for record in records}
