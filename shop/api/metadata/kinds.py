"""Which objects' metadata can be written by their ID: where their rows are, and who may.

Public metadata of checkouts and their lines is not here: guests write it, by actions of the checkout's own.
"""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import select
from sqlalchemy.sql import Executable

from shop.accounts import queries as accounts
from shop.accounts.models import Address as AddressRow
from shop.accounts.models import User as UserRow
from shop.api.accounts.types import Address
from shop.api.accounts.users import User
from shop.api.attributes.types import Attribute
from shop.api.catalogue.categories import Category
from shop.api.catalogue.collections import Collection
from shop.api.catalogue.media import ProductMedia
from shop.api.catalogue.product_types import ProductType, TaxClass
from shop.api.catalogue.products import Product
from shop.api.catalogue.variants import ProductVariant
from shop.api.channels.types import Channel
from shop.api.checkout.lines import CheckoutLine
from shop.api.checkout.types import Checkout, checkouts_by_id
from shop.api.content.menus import Menu, MenuItem
from shop.api.content.page_types import PageType
from shop.api.content.pages import Page
from shop.api.core.context import Context
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.permissions import require
from shop.api.discounts.promotions import Promotion, promotions_by_id
from shop.api.discounts.vouchers import Voucher
from shop.api.giftcards.types import GiftCard, cards_by_id
from shop.api.orders.fulfillments import Fulfillment, fulfillments_by_id
from shop.api.orders.invoices import Invoice
from shop.api.orders.lines import OrderLine, lines_by_id
from shop.api.orders.types import Order, orders_by_id
from shop.api.payments.types import TransactionItem
from shop.api.shipping.types import ShippingMethod, methods
from shop.api.site.queries import Shop
from shop.api.stock.types import Warehouse
from shop.attributes import queries as attributes
from shop.attributes.models import Attribute as AttributeRow
from shop.catalogue import models as catalogue_rows
from shop.catalogue import queries as catalogue
from shop.channels import queries as channels
from shop.channels.models import Channel as ChannelRow
from shop.checkout import models as checkout_rows
from shop.content import models as content_rows
from shop.content import queries as content
from shop.discounts import models as discount_rows
from shop.discounts import queries as discounts
from shop.giftcards.models import GiftCard as GiftCardRow
from shop.kit.db.models import HasMetadata
from shop.kit.errors import NotFound
from shop.orders import models as order_rows
from shop.orders import queries as orders
from shop.payments import queries as payments
from shop.payments.models import Transaction
from shop.shipping.models import ShippingMethod as ShippingMethodRow
from shop.site import queries as site
from shop.site.models import SiteSettings
from shop.stock import models as stock_rows
from shop.stock import queries as stock
from shop.tax import queries as tax
from shop.tax.models import TaxClass as TaxClassRow

Key = Any
"""An int or a UUID, as the kind has it."""
Load = Callable[[Context, Key], Awaitable[ObjectWithMetadata | None]]
Guard = Callable[[Context, Key, bool], Awaitable[None]]
T = TypeVar("T", bound=ObjectWithMetadata)


@dataclass(frozen=True, slots=True)
class Kind:
    """Objects of a type: their rows, how one is read for the reply, and who may write it.

    `guard` raises where the caller may not write the public (False) or the private (True) part.
    """

    row: type[HasMetadata]
    load: Load
    guard: Guard
    has_uuid: bool = False


def _staff(kind: type[ObjectWithMetadata]) -> Guard:
    """Staff with a permission of the type's."""

    async def guard(context: Context, _key: Key, _private: bool) -> None:
        require(context, *kind.metadata_permissions)

    return guard


def _read(into: type[T], statement: Executable) -> Load:
    """By a statement that takes `ids`."""

    async def load(context: Context, key: Key) -> ObjectWithMetadata | None:
        found = await context.fetch(into, statement, ids=[key])
        return found[0] if found else None

    return load


def _of(read: Callable[[Context, list[Any]], Awaitable[Mapping[Any, ObjectWithMetadata]]]) -> Load:
    """By a function that reads many by their keys."""

    async def load(context: Context, key: Key) -> ObjectWithMetadata | None:
        return (await read(context, [key])).get(key)

    return load


def _kind(into: type[T], row: type[HasMetadata], statement: Executable) -> Kind:
    return Kind(row, _read(into, statement), _staff(into))


async def _menu(context: Context, key: Key) -> ObjectWithMetadata | None:
    found = await context.fetch(Menu, content.MENU_BY_ID, id=key)
    return found[0] if found else None


async def _fulfillment(context: Context, key: Key) -> ObjectWithMetadata | None:
    found = await fulfillments_by_id(context, [key])
    return found[0] if found else None


async def _shop(context: Context, _key: Key) -> ObjectWithMetadata | None:
    return (await context.fetch(Shop, site.SETTINGS))[0]


async def _method(context: Context, key: Key) -> ObjectWithMetadata | None:
    """As it is sold in the first of its channels; a method that is sold nowhere has no price to be shown with."""
    everywhere = [row["pk"] for row in await context.rows(channels.CHANNELS)]
    found = await methods(context, [key], everywhere)
    return found[min(found)] if found else None


async def _checkout_line(context: Context, key: Key) -> ObjectWithMetadata | None:
    rows = await context.rows(
        select(checkout_rows.CheckoutLine.checkout_id).where(checkout_rows.CheckoutLine.id == key)
    )
    if not rows:
        return None
    owner = (await checkouts_by_id(context, [rows[0][0]])).get(rows[0][0])
    if owner is None:
        return None
    (lines,) = await Checkout.lines([owner], context)
    return next((line for line in lines if line.line.id == key), None)


async def _guard_user(context: Context, key: Key, private: bool) -> None:
    """Users write their own public part; customers are MANAGE_USERS', members of staff MANAGE_STAFF's."""
    if not private and context.caller.user_id == key:
        return
    require(context, *User.metadata_permissions)
    is_staff = await context.session.scalar(select(UserRow.is_staff).where(UserRow.id == key))
    require(context, "MANAGE_STAFF" if is_staff else "MANAGE_USERS")


async def _guard_address(context: Context, key: Key, private: bool) -> None:
    """Addresses of address books alone: what an order or a checkout copied stays as it was."""
    owner_id = await context.session.scalar(select(AddressRow.user_id).where(AddressRow.id == key))
    if private or owner_id is None or owner_id != context.caller.user_id:
        require(context, *Address.metadata_permissions)
    if owner_id is None:
        raise NotFound("There is no such address in an address book.", field="id")


KINDS: Final[Mapping[str, Kind]] = {
    "Address": Kind(AddressRow, _read(Address, accounts.ADDRESSES_BY_ID), _guard_address),
    "Attribute": _kind(Attribute, AttributeRow, attributes.ATTRIBUTES_BY_ID),
    "Category": _kind(Category, catalogue_rows.Category, catalogue.CATEGORIES_BY_ID),
    "Channel": _kind(Channel, ChannelRow, channels.CHANNELS_BY_ID),
    "Checkout": Kind(checkout_rows.Checkout, _of(checkouts_by_id), _staff(Checkout), has_uuid=True),
    "CheckoutLine": Kind(checkout_rows.CheckoutLine, _checkout_line, _staff(CheckoutLine), has_uuid=True),
    "Collection": _kind(Collection, catalogue_rows.Collection, catalogue.COLLECTIONS_BY_ID),
    "Fulfillment": Kind(order_rows.Fulfillment, _fulfillment, _staff(Fulfillment)),
    "GiftCard": Kind(GiftCardRow, _of(cards_by_id), _staff(GiftCard)),
    "Invoice": _kind(Invoice, order_rows.Invoice, orders.INVOICES_BY_ID),
    "Menu": Kind(content_rows.Menu, _menu, _staff(Menu)),
    "MenuItem": _kind(MenuItem, content_rows.MenuItem, content.ITEMS_BY_ID),
    "Order": Kind(order_rows.Order, _of(orders_by_id), _staff(Order), has_uuid=True),
    "OrderLine": Kind(order_rows.OrderLine, _of(lines_by_id), _staff(OrderLine), has_uuid=True),
    "Page": _kind(Page, content_rows.Page, content.PAGES_BY_ID),
    "PageType": _kind(PageType, content_rows.PageType, content.PAGE_TYPES_BY_ID),
    "Product": _kind(Product, catalogue_rows.Product, catalogue.PRODUCTS_BY_ID),
    "ProductMedia": _kind(ProductMedia, catalogue_rows.ProductMedia, catalogue.MEDIA_BY_ID),
    "ProductType": _kind(ProductType, catalogue_rows.ProductType, catalogue.PRODUCT_TYPES_BY_ID),
    "ProductVariant": _kind(ProductVariant, catalogue_rows.Variant, catalogue.VARIANTS_BY_ID),
    "Promotion": Kind(discount_rows.Promotion, _of(promotions_by_id), _staff(Promotion), has_uuid=True),
    "ShippingMethod": Kind(ShippingMethodRow, _method, _staff(ShippingMethod)),
    "Shop": Kind(SiteSettings, _shop, _staff(Shop)),
    "TaxClass": _kind(TaxClass, TaxClassRow, tax.TAX_CLASSES_BY_ID),
    "TransactionItem": Kind(
        Transaction, _read(TransactionItem, payments.TRANSACTIONS_BY_ID), _staff(TransactionItem), has_uuid=True
    ),
    "User": Kind(UserRow, _read(User, accounts.USERS_BY_ID), _guard_user),
    "Voucher": _kind(Voucher, discount_rows.Voucher, discounts.VOUCHERS_BY_ID),
    "Warehouse": Kind(stock_rows.Warehouse, _read(Warehouse, stock.WAREHOUSES_BY_ID), _staff(Warehouse), has_uuid=True),
}
"""By the type inside the ID."""


async def loaded(context: Context, type_name: str, key: int | uuid.UUID) -> ObjectWithMetadata | None:
    """The object as it stands now."""
    return await KINDS[type_name].load(context, key)
