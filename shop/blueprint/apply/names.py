"""What a shop file mentions: every name is found, in the file or in the shop, before anything is written."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, cast

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.actions import PERMISSIONS
from shop.blueprint.errors import Problem, ShopFileError
from shop.blueprint.format import Promotion, ShopFile, Voucher
from shop.blueprint.format.content import PageBlock
from shop.blueprint.load import Loaded, categories, menu_levels
from shop.blueprint.source import Path
from shop.booking.models import CancellationPolicy, IntakeForm, Resource
from shop.catalogue.models import Category, Collection, Product, ProductType, Variant
from shop.channels.models import Channel
from shop.content.models import Menu, Page, PageType
from shop.kit.db.models import Base
from shop.kit.money import exponent
from shop.stock.models import Warehouse
from shop.tax.models import TaxClass

# Kind of thing: its model, the column that names it, and the section that may define it.
_KINDS: Final[dict[str, tuple[type[Base], str, str]]] = {
    "tax class": (TaxClass, "name", "tax_classes"),
    "warehouse": (Warehouse, "slug", "warehouses"),
    "channel": (Channel, "slug", "channels"),
    "product type": (ProductType, "slug", "product_types"),
    "category": (Category, "slug", "categories"),
    "product": (Product, "slug", "products"),
    "collection": (Collection, "slug", "collections"),
    "page type": (PageType, "slug", "page_types"),
    "page": (Page, "slug", "pages"),
    "menu": (Menu, "slug", "menus"),
    "variant": (Variant, "sku", "products"),
    "resource": (Resource, "slug", "resources"),
    "cancellation policy": (CancellationPolicy, "slug", "cancellation_policies"),
    "intake form": (IntakeForm, "slug", "intake_forms"),
}

_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?")

Mention = tuple[str, str, Path]


@dataclass
class Names:
    """The ids of everything that has been met so far, by kind and name; and the currency of each channel."""

    ids: dict[str, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    currencies: dict[str, str] = field(default_factory=dict)

    def learn(self, kind: str, found: dict[tuple[Any, ...], Any]) -> None:
        """These rows are stored."""
        self.ids[kind].update({key[0]: identity for key, identity in found.items()})

    def id(self, kind: str, name: str) -> Any:
        """The id of a thing that was checked to exist."""
        return self.ids[kind][name]

    def optional(self, kind: str, name: str | None) -> Any:
        """The id, or None for no name."""
        return None if name is None else self.id(kind, name)

    def name(self, kind: str, identity: Any) -> str:
        """The name of an id, for reports."""
        return next((name for name, known in self.ids[kind].items() if known == identity), f"#{identity}")


async def resolve(session: AsyncSession, loaded: Loaded, *, prune: bool) -> Names:
    """The names that the file mentions but does not define, found in the shop.

    Raises: ShopFileError, with every mention of something that exists in neither, and every price that its channel's
    currency cannot express and every permission that does not exist.
    """
    shop, source = loaded.shop, loaded.source
    names = Names()
    defined = {kind: set(_defined(shop, kind)) for kind in _KINDS}
    problems: list[Problem] = []
    outside: dict[str, dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for kind, name, path in _mentions(shop):
        if name not in defined[kind]:
            outside[kind][name].append(path)
    for kind, mentioned in outside.items():
        model, column, section = _KINDS[kind]
        if not (prune and section in shop.model_fields_set):
            table = cast("Table", model.__table__)
            result = await session.execute(select(table.c[column], table.c.id).where(table.c[column].in_(mentioned)))
            names.ids[kind].update({row[0]: row[1] for row in result})
        for name, paths in mentioned.items():
            if name not in names.ids[kind]:
                where = "in this file" if prune and section in shop.model_fields_set else "in this file or in the shop"
                problems += [source.problem(path, f"There is no {kind} {name!r} {where}.") for path in paths]
    problems += await _currency_problems(session, loaded, names, outside["channel"])
    problems += _attribute_problems(loaded)
    problems += _booking_problems(loaded)
    for at, user in enumerate(shop.staff):
        if user.permissions != "all":
            problems += [
                source.problem(("staff", at, "permissions", n), f"There is no permission {code!r}.")
                for n, code in enumerate(user.permissions)
                if code not in PERMISSIONS
            ]
    if problems:
        raise ShopFileError(problems)
    return names


async def _currency_problems(
    session: AsyncSession, loaded: Loaded, names: Names, outside: dict[str, list[Path]]
) -> list[Problem]:
    shop, source = loaded.shop, loaded.source
    mentioned = {channel.slug for channel in shop.channels} | outside.keys()
    result = await session.execute(select(Channel.slug, Channel.currency).where(Channel.slug.in_(mentioned)))
    stored: dict[str, str] = {row.slug: row.currency for row in result}
    names.currencies = stored | {channel.slug: channel.currency for channel in shop.channels}
    problems = [
        source.problem(
            ("channels", at, "currency"),
            f"Channel {channel.slug!r} sells in {stored[channel.slug]}; a channel keeps its currency.",
        )
        for at, channel in enumerate(shop.channels)
        if stored.get(channel.slug, channel.currency) != channel.currency
    ]
    for prices, path in _prices(shop):
        for slug, price in prices.items():
            currency = names.currencies.get(slug)
            if (
                currency is not None
                and -int(price.as_tuple().exponent) > exponent(currency)
                and price != round(price, exponent(currency))
            ):
                places = exponent(currency)
                problems.append(source.problem((*path, slug), f"{currency} has {places} decimal places, not {price}."))
    return problems


def _attribute_problems(loaded: Loaded) -> Iterator[Problem]:
    """Attributes of products that the file does not define, and values that they cannot have."""
    declared = {attribute.slug: attribute for attribute in loaded.shop.attributes}
    for at, product in enumerate(loaded.shop.products):
        for slug, given in product.attributes.items():
            path: Path = ("products", at, "attributes", slug)
            attribute = declared.get(slug)
            if attribute is None:
                yield loaded.source.problem(path, f"There is no attribute {slug!r} in this file.")
            elif attribute.input != "multiselect" and not isinstance(given, str):
                yield loaded.source.problem(path, f"Only a multiselect has several values, not {slug!r}.")
            elif attribute.input == "numeric" and not (isinstance(given, str) and _NUMBER.fullmatch(given)):
                yield loaded.source.problem(path, f"Expected a number (found {given!r}).")


def _booking_problems(loaded: Loaded) -> Iterator[Problem]:
    """Roles that a resource of another kind should fill, and packages of something that is no service."""
    shop, source = loaded.shop, loaded.source
    kinds = {resource.slug: resource.kind for resource in shop.resources}
    for at, service in enumerate(shop.services):
        for place, role in enumerate(service.roles):
            for n, slug in enumerate(role.resources):
                if kinds.get(slug, role.kind) != role.kind:
                    path: Path = ("services", at, "roles", place, "resources", n)
                    yield source.problem(path, f"{slug!r} is a {kinds[slug]}, not a {role.kind}.")
    services = {service.variant for service in shop.services}
    for at, package in enumerate(shop.packages):
        for n, sku in enumerate(package.services):
            if sku not in services:
                yield source.problem(("packages", at, "services", n), f"There is no service of {sku!r} in this file.")


def _defined(shop: ShopFile, kind: str) -> Iterator[str]:
    if kind == "category":
        yield from (category.slug for category, _, _ in categories(shop))
    elif kind == "variant":
        yield from (variant.sku for product in shop.products for variant in product.variants)
    else:
        _, column, section = _KINDS[kind]
        yield from (getattr(item, column) for item in getattr(shop, section))


def _prices(shop: ShopFile) -> Iterator[tuple[dict[str, Any], Path]]:
    for at, product in enumerate(shop.products):
        for place, variant in enumerate(product.variants):
            yield variant.prices, ("products", at, "variants", place, "prices")
    for at, zone in enumerate(shop.shipping_zones):
        for place, method in enumerate(zone.methods):
            for name in ("prices", "minimum_order", "maximum_order"):
                yield getattr(method, name), ("shipping_zones", at, "methods", place, name)

    for at, voucher in enumerate(shop.vouchers):
        yield voucher.amounts, ("vouchers", at, "amounts")
        yield voucher.minimum, ("vouchers", at, "minimum")
    for at, promotion in enumerate(shop.promotions):
        yield promotion.amounts, ("promotions", at, "amounts")


def _mentions(shop: ShopFile) -> Iterator[Mention]:
    yield from _selling_mentions(shop)
    for prices, path in _prices(shop):
        yield from (("channel", slug, (*path, slug)) for slug in prices)
    for at, product_type in enumerate(shop.product_types):
        if product_type.tax_class is not None:
            yield "tax class", product_type.tax_class, ("product_types", at, "tax_class")
    yield from _product_mentions(shop)
    for at, collection in enumerate(shop.collections):
        here: Path = ("collections", at)
        yield from (("channel", slug, (*here, "channels", n)) for n, slug in enumerate(collection.channels))
        yield from (("product", slug, (*here, "products", n)) for n, slug in enumerate(collection.products))
    for at, page in enumerate(shop.pages):
        yield "page type", page.type, ("pages", at, "type")
        yield from _block_mentions(page.content, ("pages", at, "content"))
        for language, translated in page.translations.items():
            yield from _block_mentions(translated.content, ("pages", at, "translations", language, "content"))
    yield from (("page", comment.page, ("comments", at, "page")) for at, comment in enumerate(shop.comments))
    yield from _menu_mentions(shop)
    yield from _widget_mentions(shop)
    yield from _discount_mentions(shop)
    yield from _booking_mentions(shop)


def _booking_mentions(shop: ShopFile) -> Iterator[Mention]:
    for at, service in enumerate(shop.services):
        here: Path = ("services", at)
        yield "variant", service.variant, (*here, "variant")
        if service.policy is not None:
            yield "cancellation policy", service.policy, (*here, "policy")
        if service.intake is not None:
            yield "intake form", service.intake, (*here, "intake")
        for place, role in enumerate(service.roles):
            yield from (
                ("resource", slug, (*here, "roles", place, "resources", n)) for n, slug in enumerate(role.resources)
            )
    for at, package in enumerate(shop.packages):
        yield "variant", package.variant, ("packages", at, "variant")


def _discount_mentions(shop: ShopFile) -> Iterator[Mention]:
    for section in ("vouchers", "promotions"):
        discounts: list[Voucher | Promotion] = getattr(shop, section)
        for at, discount in enumerate(discounts):
            for kind, slugs in (
                ("channel", discount.channels),
                ("product", discount.products),
                ("collection", discount.collections),
            ):
                yield from ((kind, slug, (section, at, f"{kind}s", n)) for n, slug in enumerate(slugs))
            yield from (
                ("category", slug, (section, at, "categories", n)) for n, slug in enumerate(discount.categories)
            )


def _selling_mentions(shop: ShopFile) -> Iterator[Mention]:
    for at, channel in enumerate(shop.channels):
        yield from (("warehouse", slug, ("channels", at, "warehouses", n)) for n, slug in enumerate(channel.warehouses))
    for at, zone in enumerate(shop.shipping_zones):
        here: Path = ("shipping_zones", at)
        yield from (("channel", slug, (*here, "channels", n)) for n, slug in enumerate(zone.channels))
        yield from (("warehouse", slug, (*here, "warehouses", n)) for n, slug in enumerate(zone.warehouses))
        for place, method in enumerate(zone.methods):
            if method.tax_class is not None:
                yield "tax class", method.tax_class, (*here, "methods", place, "tax_class")


def _block_mentions(content: list[PageBlock], path: Path) -> Iterator[Mention]:
    for at, block in enumerate(content):
        for kind in ("product", "booking"):
            if (slug := getattr(block, kind)) is not None:
                yield "product", slug, (*path, at, kind)


def _menu_mentions(shop: ShopFile) -> Iterator[Mention]:
    for at, menu in enumerate(shop.menus):
        for items, path in menu_levels(menu.items, ("menus", at, "items")):
            for n, item in enumerate(items):
                for kind in ("category", "collection", "page"):
                    if (slug := getattr(item, kind)) is not None:
                        yield kind, slug, (*path, n, kind)


def _widget_mentions(shop: ShopFile) -> Iterator[Mention]:
    for at, area in enumerate(shop.widget_areas):
        for n, widget in enumerate(area.widgets):
            here: Path = ("widget_areas", at, "widgets", n)
            if widget.menu is not None:
                yield "menu", widget.menu, (*here, "menu")
            if widget.booking is not None:
                yield "product", widget.booking, (*here, "booking")
            if widget.pages is not None and widget.pages.type is not None:
                yield "page type", widget.pages.type, (*here, "pages", "type")
            if widget.products is not None:
                for kind in ("collection", "category"):
                    if (slug := getattr(widget.products, kind)) is not None:
                        yield kind, slug, (*here, "products", kind)


def _product_mentions(shop: ShopFile) -> Iterator[Mention]:
    for at, product in enumerate(shop.products):
        here: Path = ("products", at)
        yield "product type", product.type, (*here, "type")
        if product.category is not None:
            yield "category", product.category, (*here, "category")
        if product.tax_class is not None:
            yield "tax class", product.tax_class, (*here, "tax_class")
        yield from (("channel", slug, (*here, "channels", slug)) for slug in product.channels)
        for place, variant in enumerate(product.variants):
            yield from (("warehouse", slug, (*here, "variants", place, "stock", slug)) for slug in variant.stock)
