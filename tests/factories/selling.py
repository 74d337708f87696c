"""Channels, taxes, warehouses and stock."""

from decimal import Decimal
from itertools import count

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.models import Address
from shop.channels.models import Channel
from shop.shipping.models import ShippingZone, ShippingZoneChannel
from shop.stock.models import Stock, Warehouse, WarehouseChannel, WarehouseZone
from shop.tax.models import TaxClass, TaxConfiguration, TaxRate

_serial = count(1)


async def channel(
    session: AsyncSession,
    *,
    slug: str | None = None,
    currency: str = "USD",
    country: str = "US",
    is_active: bool = True,
    charge_taxes: bool = True,
    prices_entered_with_tax: bool = True,
    display_gross_prices: bool = True,
) -> Channel:
    """A channel with its tax configuration."""
    slug = slug or f"channel-{next(_serial)}"
    made = Channel(slug=slug, name=slug.capitalize(), currency=currency, default_country=country, is_active=is_active)
    session.add(made)
    await session.flush()
    session.add(
        TaxConfiguration(
            channel_id=made.id,
            charge_taxes=charge_taxes,
            prices_entered_with_tax=prices_entered_with_tax,
            display_gross_prices=display_gross_prices,
        )
    )
    await session.flush()
    return made


async def tax_class(session: AsyncSession, *, name: str | None = None, rates: dict[str, str] | None = None) -> TaxClass:
    """A tax class with its rates: country to percent."""
    made = TaxClass(name=name or f"Tax class {next(_serial)}")
    session.add(made)
    await session.flush()
    for country, rate in (rates or {}).items():
        await tax_rate(session, country, rate, tax_class=made)
    return made


async def tax_rate(session: AsyncSession, country: str, rate: str, *, tax_class: TaxClass | None = None) -> TaxRate:
    """The percent of a class in a country; without a class, the country's default."""
    made = TaxRate(tax_class_id=tax_class.id if tax_class else None, country=country, rate=Decimal(rate))
    session.add(made)
    await session.flush()
    return made


async def shipping_zone(
    session: AsyncSession, *channels: Channel, countries: tuple[str, ...] = ("US",)
) -> ShippingZone:
    """A zone that serves the channels."""
    made = ShippingZone(name=f"Zone {next(_serial)}", countries=list(countries))
    session.add(made)
    await session.flush()
    session.add_all(ShippingZoneChannel(zone_id=made.id, channel_id=each.id) for each in channels)
    await session.flush()
    return made


async def warehouse(
    session: AsyncSession,
    *channels: Channel,
    countries: tuple[str, ...] = ("US",),
    zones: tuple[ShippingZone, ...] = (),
    slug: str | None = None,
) -> Warehouse:
    """A warehouse that supplies the channels and sends to the zones; without zones, to a new one of the countries."""
    slug = slug or f"warehouse-{next(_serial)}"
    address = Address(country=countries[0] if countries else "US", city="Example City", street_address_1="1 Example St")
    session.add(address)
    await session.flush()
    made = Warehouse(name=slug.capitalize(), slug=slug, address_id=address.id)
    session.add(made)
    await session.flush()
    if not zones and countries:
        zones = (await shipping_zone(session, *channels, countries=countries),)
    session.add_all(WarehouseChannel(warehouse_id=made.id, channel_id=each.id) for each in channels)
    session.add_all(WarehouseZone(warehouse_id=made.id, zone_id=zone.id) for zone in zones)
    await session.flush()
    return made


async def stock(
    session: AsyncSession, variant_id: int, warehouse: Warehouse, quantity: int, *, allocated: int = 0
) -> Stock:
    """Units of a variant in a warehouse."""
    made = Stock(variant_id=variant_id, warehouse_id=warehouse.id, quantity=quantity, quantity_allocated=allocated)
    session.add(made)
    await session.flush()
    return made


async def any_warehouse(session: AsyncSession, channel: Channel) -> Warehouse:
    """The first warehouse that supplies the channel, made if there is none."""
    found = await session.scalar(
        select(Warehouse)
        .join(WarehouseChannel, WarehouseChannel.warehouse_id == Warehouse.id)
        .where(WarehouseChannel.channel_id == channel.id)
        .order_by(Warehouse.slug)
        .limit(1)
    )
    return found or await warehouse(session, channel, countries=(channel.default_country,))
