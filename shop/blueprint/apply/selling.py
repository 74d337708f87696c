"""Site, taxes, warehouses, channels and shipping of a shop file."""

from typing import Any

from sqlalchemy import select

from shop.accounts.models import Address
from shop.blueprint import format as form
from shop.blueprint.apply.assets import Assets
from shop.blueprint.apply.names import Names
from shop.blueprint.apply.table import Row, Scope, Sync
from shop.blueprint.format.content import editorjs
from shop.channels.models import Channel
from shop.shipping.models import ShippingMethod, ShippingMethodListing, ShippingZone, ShippingZoneChannel
from shop.site.models import SiteSettings
from shop.stock.models import Warehouse, WarehouseChannel, WarehouseZone
from shop.tax.models import TaxClass, TaxConfiguration, TaxRate


def everywhere(shop: form.ShopFile, section: str) -> Scope | None:
    """Where a section's things may be pruned: everywhere if the file has the section, else nowhere."""
    return Scope() if section in shop.model_fields_set else None


async def apply_site(sync: Sync, shop: form.ShopFile) -> None:
    """The shop's own row says what the file says."""
    if shop.site is None:
        return
    site = shop.site
    values: dict[str, Any] = {
        "name": site.name,
        "description": site.description,
        "header_text": site.header,
        "contact_email": site.contact_email,
        "limit_quantity_per_checkout": site.quantity_limit,
        "reserve_minutes_guest": site.reserve_minutes.guest,
        "reserve_minutes_user": site.reserve_minutes.user,
        "fulfillment_allow_unpaid": site.ship_unpaid,
    }
    if site.seller is not None:
        known = (await sync.columns(SiteSettings, "id", [1], "company_address_id")).get(1)
        address_id = known if known is not None else (await sync.allocate(Address, 1))[0]
        await sync.table(
            Address, "seller address", ["id"], [Row((address_id,), site.name, _address(site.seller.address))]
        )
        values |= {"company_address_id": address_id, "company_vat_number": site.seller.vat_number}
    await sync.table(SiteSettings, "site", ["id"], [Row((1,), site.name, values)])


async def apply_taxes(sync: Sync, names: Names, shop: form.ShopFile) -> None:
    """Tax classes and rates are stored."""
    rows = [Row((tax.name,), tax.name) for tax in shop.tax_classes]
    names.learn(
        "tax class", await sync.table(TaxClass, "tax class", ["name"], rows, scope=everywhere(shop, "tax_classes"))
    )
    rates = [
        Row((names.id("tax class", tax.name), country), f"{tax.name} {country}", {"rate": rate})
        for tax in shop.tax_classes
        for country, rate in tax.rates.items()
    ]
    classes = {names.id("tax class", tax.name) for tax in shop.tax_classes}
    await sync.table(
        TaxRate,
        "tax rate",
        ["tax_class_id", "country"],
        rates,
        scope=Scope({"tax_class_id": classes}),
        label=lambda row: f"{names.name('tax class', row['tax_class_id'])} {row['country']}",
    )
    defaults = [
        Row((None, country), f"default {country}", {"rate": rate}) for country, rate in shop.default_tax_rates.items()
    ]
    await sync.table(
        TaxRate,
        "tax rate",
        ["tax_class_id", "country"],
        defaults,
        scope=Scope({"tax_class_id": {None}}) if "default_tax_rates" in shop.model_fields_set else None,
        label=lambda row: f"default {row['country']}",
    )


async def apply_warehouses(sync: Sync, names: Names, shop: form.ShopFile) -> None:
    """Warehouses are stored, each with its own address."""
    slugs = [warehouse.slug for warehouse in shop.warehouses]
    known = await sync.columns(Warehouse, "slug", slugs, "address_id")
    without = [slug for slug in slugs if known.get(slug) is None]
    fresh = await sync.allocate(Address, len(without))
    address_ids = known | dict(zip(without, fresh, strict=True))
    addresses = [
        Row((address_ids[warehouse.slug],), warehouse.slug, _address(warehouse.address))
        for warehouse in shop.warehouses
    ]
    await sync.table(Address, "warehouse address", ["id"], addresses)
    rows = [
        Row(
            (warehouse.slug,),
            warehouse.slug,
            {
                "name": warehouse.name,
                "email": warehouse.email,
                "address_id": address_ids[warehouse.slug],
                "metadata": warehouse.metadata,
            },
        )
        for warehouse in shop.warehouses
    ]
    scope = everywhere(shop, "warehouses")
    if sync.prune and scope is not None:
        others = select(Warehouse.address_id).where(Warehouse.slug.not_in(slugs), Warehouse.address_id.is_not(None))
        sync.doom(Address, (await sync.session.execute(others)).scalars())
    names.learn("warehouse", await sync.table(Warehouse, "warehouse", ["slug"], rows, scope=scope, label=slug_of))


def slug_of(row: Any) -> str:
    """The label of a row that has a slug."""
    return str(row["slug"])


def _address(address: form.Address) -> dict[str, Any]:
    return {
        "company_name": address.company,
        "street_address_1": address.street,
        "street_address_2": address.street_2,
        "city": address.city,
        "postal_code": address.postal_code,
        "country": address.country,
        "country_area": address.area,
        "phone": address.phone,
    }


async def apply_channels(sync: Sync, names: Names, shop: form.ShopFile) -> None:
    """Channels are stored, with how they tax and which warehouses supply them."""
    rows = [
        Row(
            (channel.slug,),
            channel.slug,
            {
                "name": channel.name,
                "is_active": channel.active,
                "currency": channel.currency,
                "default_country": channel.default_country,
                "transaction_flow_strategy": "CHARGE" if channel.payment == "charge" else "AUTHORIZATION",
                "allow_unpaid_orders": channel.unpaid_orders,
                "automatically_confirm_new_orders": not channel.confirm_orders,
                "metadata": channel.metadata,
            },
        )
        for channel in shop.channels
    ]
    scope = everywhere(shop, "channels")
    names.learn("channel", await sync.table(Channel, "channel", ["slug"], rows, scope=scope, label=slug_of))
    taxes = [
        Row(
            (names.id("channel", channel.slug),),
            channel.slug,
            {
                "charge_taxes": channel.tax.charge,
                "prices_entered_with_tax": channel.tax.prices_entered_with_tax,
                "display_gross_prices": channel.tax.display_gross_prices,
            },
        )
        for channel in shop.channels
    ]
    await sync.table(TaxConfiguration, "tax configuration", ["channel_id"], taxes)
    links = [
        Row(
            (names.id("warehouse", slug), names.id("channel", channel.slug)),
            f"{slug} for {channel.slug}",
            {"sort_order": at},
        )
        for channel in shop.channels
        for at, slug in enumerate(channel.warehouses)
    ]
    await sync.table(
        WarehouseChannel,
        "warehouse of channel",
        ["warehouse_id", "channel_id"],
        links,
        scope=Scope({"channel_id": {names.id("channel", channel.slug) for channel in shop.channels}}),
        label=lambda row: (
            f"{names.name('warehouse', row['warehouse_id'])} for {names.name('channel', row['channel_id'])}"
        ),
    )


async def apply_shipping(sync: Sync, names: Names, assets: Assets, shop: form.ShopFile) -> None:
    """Zones are stored, with their channels, warehouses, methods and prices."""
    rows = [
        Row(
            (zone.name,),
            zone.name,
            {"description": zone.description, "countries": zone.countries, "metadata": zone.metadata},
        )
        for zone in shop.shipping_zones
    ]
    scope = everywhere(shop, "shipping_zones")
    names.learn("zone", await sync.table(ShippingZone, "shipping zone", ["name"], rows, scope=scope))
    zones = [(names.id("zone", zone.name), zone) for zone in shop.shipping_zones]
    within = Scope({"zone_id": {zone_id for zone_id, _ in zones}})
    await sync.table(
        ShippingZoneChannel,
        "channel of zone",
        ["zone_id", "channel_id"],
        [
            Row((zone_id, names.id("channel", slug)), f"{slug} in {zone.name}")
            for zone_id, zone in zones
            for slug in zone.channels
        ],
        scope=within,
        label=lambda row: f"{names.name('channel', row['channel_id'])} in {names.name('zone', row['zone_id'])}",
    )
    await sync.table(
        WarehouseZone,
        "warehouse of zone",
        ["warehouse_id", "zone_id"],
        [
            Row((names.id("warehouse", slug), zone_id), f"{slug} for {zone.name}")
            for zone_id, zone in zones
            for slug in zone.warehouses
        ],
        scope=within,
        label=lambda row: f"{names.name('warehouse', row['warehouse_id'])} for {names.name('zone', row['zone_id'])}",
    )
    await _apply_methods(sync, names, assets, zones, within)


async def _apply_methods(
    sync: Sync, names: Names, assets: Assets, zones: list[tuple[int, form.ShippingZone]], within: Scope
) -> None:
    rows = [
        Row(
            (zone_id, method.name),
            f"{zone.name}: {method.name}",
            {
                "description": editorjs(method.description, assets.images),
                "type": method.type.upper(),
                "minimum_weight_kg": method.minimum_weight,
                "maximum_weight_kg": method.maximum_weight,
                "minimum_delivery_days": method.minimum_days,
                "maximum_delivery_days": method.maximum_days,
                "sort_order": at,
                "tax_class_id": names.optional("tax class", method.tax_class),
                "metadata": method.metadata,
            },
        )
        for zone_id, zone in zones
        for at, method in enumerate(zone.methods)
    ]
    ids = await sync.table(
        ShippingMethod,
        "shipping method",
        ["zone_id", "name"],
        rows,
        scope=within,
        label=lambda row: f"{names.name('zone', row['zone_id'])}: {row['name']}",
    )
    names.learn("shipping method", {(row.name,): ids[row.key] for row in rows})
    listings = [
        Row(
            (ids[zone_id, method.name], names.id("channel", slug)),
            f"{zone.name}: {method.name} in {slug}",
            {
                "currency": names.currencies[slug],
                "price_amount": price,
                "minimum_order_amount": method.minimum_order.get(slug),
                "maximum_order_amount": method.maximum_order.get(slug),
            },
        )
        for zone_id, zone in zones
        for method in zone.methods
        for slug, price in method.prices.items()
    ]
    await sync.table(
        ShippingMethodListing,
        "shipping price",
        ["method_id", "channel_id"],
        listings,
        scope=Scope({"method_id": set(ids.values())}),
    )
