"""Orders as their buyers and the staff see them. Who only knows an order's id reads no personal data whole."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

import strawberry

from shop.api.accounts.types import Address
from shop.api.accounts.users import User, addresses_by_id, users_by_id
from shop.api.booking.bookings import Booking, bookings_of_purchases
from shop.api.channels.types import Channel, channels_by_id
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.languages import LanguageCodeEnum
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.money import Money, TaxedMoney, money
from shop.api.core.permissions import staff_with
from shop.api.discounts.vouchers import Voucher, vouchers_by_id
from shop.api.giftcards.types import GiftCard, cards_of_orders
from shop.api.orders.discounts import OrderDiscount, discounts_of_orders
from shop.api.orders.enums import (
    OrderAction,
    OrderAuthorizeStatusEnum,
    OrderChargeStatusEnum,
    OrderOriginEnum,
    OrderStatus,
    PaymentChargeStatusEnum,
)
from shop.api.orders.errors import OrderError
from shop.api.orders.events import OrderEvent
from shop.api.orders.fulfillments import Fulfillment, fulfillments_by_order
from shop.api.orders.invoices import Invoice, invoices_by_order
from shop.api.orders.lines import MANAGERS, OrderLine, price_of
from shop.api.payments.types import TransactionItem, totals_by_purchase, transactions_by_purchase
from shop.api.shipping.types import DeliveryMethod, ShippingMethod, methods
from shop.execution import batch_field
from shop.orders import queries
from shop.orders.rules import can_be_marked_as_paid, payment_status, redacted, redacted_email
from shop.payments.queries import PurchaseTotals


@strawberry.type(description="A purchase. Names, prices and addresses are as they were when it was made.")
class Order(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = MANAGERS

    pk: strawberry.Private[uuid.UUID]
    purchase_key: strawberry.Private[uuid.UUID]
    checkout_pk: strawberry.Private[uuid.UUID | None]
    number_value: strawberry.Private[int]
    created: datetime = strawberry.field(description="When it was placed.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    channel_id: strawberry.Private[int]
    user_id: strawberry.Private[int | None]
    email: strawberry.Private[str]
    status_name: strawberry.Private[str]
    origin_name: strawberry.Private[str]
    currency: strawberry.Private[str]
    language: strawberry.Private[str]
    customer_note: str = strawberry.field(description="What the buyer wrote with it.")
    redirect_url: str | None = strawberry.field(description="Where the storefront shows it.")
    display_gross_prices: bool = strawberry.field(description="Whether its prices are to be shown with tax.")
    billing_address_id: strawberry.Private[int | None]
    shipping_address_id: strawberry.Private[int | None]
    shipping_method_id: strawberry.Private[int | None]
    method_name: strawberry.Private[str | None]
    shipping_net: strawberry.Private[Decimal]
    shipping_gross: strawberry.Private[Decimal]
    shipping_rate: strawberry.Private[Decimal]
    subtotal_net: strawberry.Private[Decimal]
    subtotal_gross: strawberry.Private[Decimal]
    total_net: strawberry.Private[Decimal]
    total_gross: strawberry.Private[Decimal]
    undiscounted_shipping_gross: strawberry.Private[Decimal]
    undiscounted_total_net: strawberry.Private[Decimal]
    undiscounted_total_gross: strawberry.Private[Decimal]
    voucher_id: strawberry.Private[int | None]
    voucher_code: str | None = strawberry.field(description="The code of the voucher that was used.")
    charged: strawberry.Private[Decimal]
    authorized: strawberry.Private[Decimal]
    charge_status_name: strawberry.Private[str]
    authorize_status_name: strawberry.Private[str]
    external_reference: str | None = strawberry.field(description="The order's id in another system.")
    is_shipping_required: bool = strawberry.field(description="Whether anything of it has to be sent.")
    read_discounts: strawberry.Private[list[OrderDiscount] | None] = None

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("Order", self.pk)

    @computed(description="The UUID inside the global ID.", deprecation_reason="Use `id`.")
    def token(self) -> str:
        return str(self.pk)

    @computed(description="Global ID of the checkout that it was.")
    def checkout_id(self) -> strawberry.ID | None:
        return None if self.checkout_pk is None else global_id("Checkout", self.checkout_pk)

    @batch_field(
        description="What was booked with it, by start. Who is neither the buyer nor staff reads no personal data "
        "in it."
    )
    @staticmethod
    async def bookings(parents: list["Order"], context: Context) -> list[list[Booking]]:
        found = await bookings_of_purchases(context, [order.purchase_key for order in parents])
        return [found[order.purchase_key] for order in parents]

    @computed(description="Its number, as people say it.")
    def number(self) -> str:
        return str(self.number_value)

    @computed(description="How far it is.")
    def status(self) -> OrderStatus:
        return OrderStatus(self.status_name)

    @computed(description="How far it is, for people.")
    def status_display(self) -> str:
        return self.status_name.replace("_", " ").capitalize()

    @computed(description="Where it came from.")
    def origin(self) -> OrderOriginEnum:
        return OrderOriginEnum(self.origin_name)

    @computed(description="The buyer's language.")
    def language_code_enum(self) -> LanguageCodeEnum:
        return LanguageCodeEnum[self.language]

    @computed(description="The buyer's language.", deprecation_reason="Use `languageCodeEnum`.")
    def language_code(self) -> str:
        return self.language

    @computed(description="Whether all of it was charged.")
    def is_paid(self) -> bool:
        return self.charged >= self.total_gross

    @computed(description="How much of it was charged.")
    def charge_status(self) -> OrderChargeStatusEnum:
        return OrderChargeStatusEnum(self.charge_status_name)

    @computed(description="How much of it was charged or is held.")
    def authorize_status(self) -> OrderAuthorizeStatusEnum:
        return OrderAuthorizeStatusEnum(self.authorize_status_name)

    @computed(description="What it costs.")
    def total(self) -> TaxedMoney:
        return price_of(self.total_net, self.total_gross, self.currency)

    @computed(description="What it would have cost without discounts.")
    def undiscounted_total(self) -> TaxedMoney:
        return price_of(self.undiscounted_total_net, self.undiscounted_total_gross, self.currency)

    @computed(description="What its delivery would have cost without discounts, with tax.")
    def undiscounted_shipping_price(self) -> Money:
        return money(self.undiscounted_shipping_gross, self.currency)

    @batch_field(description="What was taken off the order as a whole: off all its goods, or off its delivery.")
    @staticmethod
    async def discounts(parents: list["Order"], context: Context) -> list[list[OrderDiscount]]:
        return await _discounts(context, parents)

    @batch_field(description="What was taken off the order as a whole.", deprecation_reason="Use `discounts`.")
    @staticmethod
    async def discount(parents: list["Order"], context: Context) -> list[Money | None]:
        found = zip(parents, await _discounts(context, parents), strict=True)
        return [
            money(sum((one.total_amount for one in its), Decimal(0)), order.currency) if its else None
            for order, its in found
        ]

    @batch_field(description="What the discount was called.", deprecation_reason="Use `discounts`.")
    @staticmethod
    async def discount_name(parents: list["Order"], context: Context) -> list[str | None]:
        return [its[0].name if its else None for its in await _discounts(context, parents)]

    @batch_field(
        description="What the discount was called, in the order's language.", deprecation_reason="Use `discounts`."
    )
    @staticmethod
    async def translated_discount_name(parents: list["Order"], context: Context) -> list[str | None]:
        return [its[0].name if its else None for its in await _discounts(context, parents)]

    @batch_field(description="The voucher that was used, with the code that was; null where it is gone.")
    @staticmethod
    async def voucher(parents: list["Order"], context: Context) -> list[Voucher | None]:
        found = await vouchers_by_id(context, [(order.voucher_id, order.channel_id) for order in parents])
        return [
            None if voucher is None else replace(voucher, used_code=order.voucher_code)
            for order, voucher in zip(parents, found, strict=True)
        ]

    @computed(description="What its lines cost.")
    def subtotal(self) -> TaxedMoney:
        return price_of(self.subtotal_net, self.subtotal_gross, self.currency)

    @computed(description="What its delivery costs.")
    def shipping_price(self) -> TaxedMoney:
        return price_of(self.shipping_net, self.shipping_gross, self.currency)

    @computed(description="The share of tax in its delivery's net price: 0.19 for 19 %.")
    def shipping_tax_rate(self) -> float:
        return float(self.shipping_rate)

    @computed(description="What its delivery is called.")
    def shipping_method_name(self) -> str | None:
        return self.method_name

    @computed(description="What is held for it.")
    def total_authorized(self) -> Money:
        return money(self.authorized, self.currency)

    @computed(description="What was charged for it.")
    def total_charged(self) -> Money:
        return money(self.charged, self.currency)

    @computed(description="What was charged for it.", deprecation_reason="Use `totalCharged`.")
    def total_captured(self) -> Money:
        return money(self.charged, self.currency)

    @computed(description="What was charged beyond its total; negative while something is owed.")
    def total_balance(self) -> Money:
        return money(self.charged - self.total_gross, self.currency)

    @batch_field(description="Where it was sold.")
    @staticmethod
    async def channel(parents: list["Order"], context: Context) -> list[Channel]:
        found = await channels_by_id(context, {order.channel_id for order in parents})
        return [found[order.channel_id] for order in parents]

    @batch_field(description="What was bought.")
    @staticmethod
    async def lines(parents: list["Order"], context: Context) -> list[list[OrderLine]]:
        by_order: dict[uuid.UUID, list[OrderLine]] = defaultdict(list)
        ids = list({order.pk for order in parents})
        for line in await context.fetch(OrderLine, queries.LINES_BY_ORDER, ids=ids):
            by_order[line.order_id].append(line)
        return [by_order[order.pk] for order in parents]

    @batch_field(description="Where the confirmation went; whole for its buyer and for staff alone.")
    @staticmethod
    async def user_email(parents: list["Order"], context: Context) -> list[str | None]:
        return [order.email if sees_whole(context, order) else redacted_email(order.email) for order in parents]

    @batch_field(description="Who bought it; for the buyer and for staff alone.")
    @staticmethod
    async def user(parents: list["Order"], context: Context) -> list[User | None]:
        seen = [order.user_id if sees_whole(context, order) else None for order in parents]
        found = await users_by_id(context, [key for key in seen if key is not None])
        return [None if key is None else found.get(key) for key in seen]

    @batch_field(description="Where the bill goes; whole for its buyer and for staff alone.")
    @staticmethod
    async def billing_address(parents: list["Order"], context: Context) -> list[Address | None]:
        return await _addresses(context, parents, [order.billing_address_id for order in parents])

    @batch_field(description="Where the goods go; whole for its buyer and for staff alone.")
    @staticmethod
    async def shipping_address(parents: list["Order"], context: Context) -> list[Address | None]:
        return await _addresses(context, parents, [order.shipping_address_id for order in parents])

    @batch_field(description="How it is delivered, at the price it was sold for.")
    @staticmethod
    async def delivery_method(parents: list["Order"], context: Context) -> list[DeliveryMethod | None]:
        return await _methods(context, parents)

    @batch_field(
        description="How it is delivered, at the price it was sold for.", deprecation_reason="Use `deliveryMethod`."
    )
    @staticmethod
    async def shipping_method(parents: list["Order"], context: Context) -> list[ShippingMethod | None]:
        return await _methods(context, parents)

    @batch_field(description="How it is paid, in one word.")
    @staticmethod
    async def payment_status(parents: list["Order"], context: Context) -> list[PaymentChargeStatusEnum]:
        return [PaymentChargeStatusEnum(status) for status in await _payment_statuses(context, parents)]

    @batch_field(description="How it is paid, for people.")
    @staticmethod
    async def payment_status_display(parents: list["Order"], context: Context) -> list[str]:
        return [status.replace("_", " ").capitalize() for status in await _payment_statuses(context, parents)]

    @batch_field(description="The gift cards that paid for a part of it, each of which is among its payments too.")
    @staticmethod
    async def gift_cards(parents: list["Order"], context: Context) -> list[list[GiftCard]]:
        return await cards_of_orders(context, [order.pk for order in parents])

    @batch_field(description="Its payments. For staff.", guard=staff_with("MANAGE_ORDERS", "HANDLE_PAYMENTS"))
    @staticmethod
    async def transactions(parents: list["Order"], context: Context) -> list[list[TransactionItem]]:
        found = await transactions_by_purchase(context, [order.purchase_key for order in parents])
        return [found[order.purchase_key] for order in parents]

    @batch_field(description="What was given back for it. For staff.", guard=staff_with(*MANAGERS))
    @staticmethod
    async def total_refunded(parents: list["Order"], context: Context) -> list[Money]:
        totals = await _totals(context, parents)
        return [money(its.refunded, order.currency) for order, its in zip(parents, totals, strict=True)]

    @batch_field(description="What was held for it once and released.")
    @staticmethod
    async def total_canceled(parents: list["Order"], context: Context) -> list[Money]:
        totals = await _totals(context, parents)
        return [money(its.cancelled, order.currency) for order, its in zip(parents, totals, strict=True)]

    @batch_field(description="The parcels that left with its goods, and those that were called back.")
    @staticmethod
    async def fulfillments(parents: list["Order"], context: Context) -> list[list[Fulfillment]]:
        found = await fulfillments_by_order(context, [order.pk for order in parents])
        return [found[order.pk] for order in parents]

    @batch_field(description="Its bills; its buyer and staff see them, nobody else sees any.")
    @staticmethod
    async def invoices(parents: list["Order"], context: Context) -> list[list[Invoice]]:
        found = await invoices_by_order(context, [order.pk for order in parents if sees_whole(context, order)])
        return [found.get(order.pk, []) for order in parents]

    @computed(description="What staff may do about its payment by hand.")
    def actions(self) -> list[OrderAction]:
        payable = can_be_marked_as_paid(
            self.status_name, total=self.total_gross, charged=self.charged, authorized=self.authorized
        )
        return [OrderAction.MARK_AS_PAID] if payable else []

    @computed(description="Whether it could leave a draft; placed orders could.")
    def can_finalize(self) -> bool:
        return True

    @computed(description="Where its buyer collects it; orders are sent here, never collected.")
    def collection_point_name(self) -> str | None:
        return None

    @computed(description="The order that it replaces; none does.")
    def original(self) -> strawberry.ID | None:
        return None

    @computed(description="Whether it was freed from tax; none is, tax is what its lines say.")
    def tax_exemption(self) -> bool:
        return False

    @computed(description="What a draft still lacks; an order that was placed lacks nothing.")
    def errors(self) -> list[OrderError]:
        return []

    @computed(description="Its visitor in another system's statistics; this shop keeps none.")
    def tracking_client_id(self) -> str:
        return ""

    @batch_field(description="What is on its way back to the buyer. For staff.", guard=staff_with(*MANAGERS))
    @staticmethod
    async def total_refund_pending(parents: list["Order"], context: Context) -> list[Money]:
        totals = await _totals(context, parents)
        return [money(its.refund_pending, order.currency) for order, its in zip(parents, totals, strict=True)]

    @batch_field(
        description="What was asked to be held, without an answer yet. For staff.", guard=staff_with(*MANAGERS)
    )
    @staticmethod
    async def total_authorize_pending(parents: list["Order"], context: Context) -> list[Money]:
        totals = await _totals(context, parents)
        return [money(its.authorize_pending, order.currency) for order, its in zip(parents, totals, strict=True)]

    @batch_field(
        description="What was asked to be taken, without an answer yet. For staff.", guard=staff_with(*MANAGERS)
    )
    @staticmethod
    async def total_charge_pending(parents: list["Order"], context: Context) -> list[Money]:
        totals = await _totals(context, parents)
        return [money(its.charge_pending, order.currency) for order, its in zip(parents, totals, strict=True)]

    @batch_field(
        description="What was asked to be released, without an answer yet. For staff.", guard=staff_with(*MANAGERS)
    )
    @staticmethod
    async def total_cancel_pending(parents: list["Order"], context: Context) -> list[Money]:
        totals = await _totals(context, parents)
        return [money(its.cancel_pending, order.currency) for order, its in zip(parents, totals, strict=True)]

    @batch_field(description="Its history, oldest first. For staff.", guard=staff_with(*MANAGERS))
    @staticmethod
    async def events(parents: list["Order"], context: Context) -> list[list[OrderEvent]]:
        by_order: dict[uuid.UUID, list[OrderEvent]] = defaultdict(list)
        ids = list({order.pk for order in parents})
        for event in await context.fetch(OrderEvent, queries.EVENTS_BY_ORDER, ids=ids):
            by_order[event.order_id].append(event)
        return [by_order[order.pk] for order in parents]


async def _discounts(context: Context, orders: Sequence[Order]) -> list[list[OrderDiscount]]:
    """What was taken off each order; read once for all the fields that tell of it."""
    new = [order for order in orders if order.read_discounts is None]
    if new:
        found = await discounts_of_orders(context, [order.pk for order in new])
        for order in new:
            order.read_discounts = found[order.pk]
    return [order.read_discounts or [] for order in orders]


def sees_whole(context: Context, order: Order) -> bool:
    """Whether the caller is the order's buyer or works with orders. The reply is nobody else's then."""
    caller = context.caller
    if caller.problem is not None:
        raise caller.problem
    context.is_private = True
    return caller.may(*MANAGERS) or (caller.user_id is not None and caller.user_id == order.user_id)


async def orders_by_id(context: Context, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Order]:
    """The orders by their keys, in one statement; none for no keys."""
    if not ids:
        return {}
    return {order.pk: order for order in await context.fetch(Order, queries.ORDERS_BY_ID, ids=list(set(ids)))}


async def orders_by_purchase(context: Context, keys: Sequence[uuid.UUID]) -> dict[uuid.UUID, Order]:
    """The orders that these purchases became, by purchase key, in one statement."""
    found = await context.fetch(Order, queries.ORDERS_BY_PURCHASE, purchase_keys=list(set(keys)))
    return {order.purchase_key: order for order in found}


_PERSONAL = ("first_name", "last_name", "company_name", "street_address_1", "street_address_2", "phone", "postal_code")


def _redacted(address: Address) -> Address:
    """The same place as far as the town: enough to recognise one's own order, not enough to find a person."""
    hidden: dict[str, Any] = {name: redacted(getattr(address, name) or "") for name in _PERSONAL}
    return replace(address, **hidden, metadata_public={}, metadata_private={})


async def _addresses(context: Context, orders: Sequence[Order], ids: list[int | None]) -> list[Address | None]:
    found = await addresses_by_id(context, ids)
    result: list[Address | None] = []
    for order, key in zip(orders, ids, strict=True):
        address = found.get(key) if key is not None else None
        if address is not None and not sees_whole(context, order):
            address = _redacted(address)
        result.append(address)
    return result


async def _methods(context: Context, orders: Sequence[Order]) -> list[ShippingMethod | None]:
    ids = [order.shipping_method_id for order in orders if order.shipping_method_id is not None]
    found = await methods(context, ids, [order.channel_id for order in orders])
    return [_method(order, found.get((order.shipping_method_id or 0, order.channel_id))) for order in orders]


def _method(order: Order, today: ShippingMethod | None) -> ShippingMethod | None:
    """The method as it was sold: its name and price are the order's own, and stay when the method is gone."""
    if order.method_name is None:
        return None
    if today is not None:
        return replace(today, name=order.method_name, price_amount=order.shipping_gross)
    return ShippingMethod(
        key=order.shipping_method_id or 0,
        channel_id=order.channel_id,
        kind="PRICE",
        name=order.method_name,
        description_blocks=None,
        minimum_delivery_days=None,
        maximum_delivery_days=None,
        minimum_weight_kg=None,
        maximum_weight_kg=None,
        currency=order.currency,
        price_amount=order.shipping_gross,
        minimum_order_amount=None,
        maximum_order_amount=None,
        metadata_public={},
        metadata_private={},
        active=False,
    )


async def _totals(context: Context, orders: Sequence[Order]) -> list[PurchaseTotals]:
    found = await totals_by_purchase(context, [order.purchase_key for order in orders])
    return [found.get(order.purchase_key) or PurchaseTotals(order.purchase_key, order.currency) for order in orders]


async def _payment_statuses(context: Context, orders: Sequence[Order]) -> list[str]:
    totals = await _totals(context, orders)
    return [
        payment_status(
            order.total_gross,
            order.charged,
            refunded=its.refunded + its.refund_pending,
            pending=its.charge_pending + its.authorize_pending,
            authorized=its.authorized,
        )
        for order, its in zip(orders, totals, strict=True)
    ]
