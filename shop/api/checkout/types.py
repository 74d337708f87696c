"""Checkouts in the API. Their own row comes with the object; lines and sums are one read, made on first use."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, ClassVar

import strawberry

from shop.api.accounts.types import Address
from shop.api.accounts.users import User, addresses_by_id, users_by_id
from shop.api.channels.types import Channel
from shop.api.checkout.deliveries import Delivery, fitting, methods_of
from shop.api.checkout.inputs import MANAGERS, actor
from shop.api.checkout.lines import (
    CheckoutLine,
    CheckoutLineProblem,
    CheckoutLineProblemInsufficientStock,
    CheckoutLineProblemVariantNotAvailable,
    lines_of,
    problems_of,
)
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.languages import LanguageCodeEnum
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.money import Money, TaxedMoney, money, taxed_money
from shop.api.core.permissions import require, staff_with
from shop.api.discounts.vouchers import Voucher, vouchers_by_code
from shop.api.giftcards.types import GiftCard, cards_by_id
from shop.api.payments.types import (
    PaymentGateway,
    TransactionItem,
    gateways,
    totals_by_purchase,
    transactions_by_purchase,
)
from shop.api.shipping.types import DeliveryMethod, ShippingMethod
from shop.booking.queries.holds import earliest_expiry
from shop.checkout import queries
from shop.checkout.queries import Priced
from shop.checkout.rules import (
    Cart,
    delivery_problem,
    may_touch,
    payable,
    requires_shipping,
)
from shop.execution import batch_field
from shop.kit.money import ZERO
from shop.kit.money import TaxedMoney as Price
from shop.payments.queries import PurchaseTotals
from shop.payments.rules import authorize_status, charge_status
from shop.stock.queries import RESERVED_UNTIL


@strawberry.enum(description="How much of the total is held or taken.")
class CheckoutAuthorizeStatusEnum(Enum):
    NONE = "NONE"
    PARTIAL = "PARTIAL"
    FULL = "FULL"


@strawberry.enum(description="How much of the total is taken.")
class CheckoutChargeStatusEnum(Enum):
    NONE = "NONE"
    PARTIAL = "PARTIAL"
    FULL = "FULL"
    OVERCHARGED = "OVERCHARGED"


@dataclass(slots=True)
class _Read:
    """What was read for one checkout object, so that fields beside each other share it."""

    priced: Priced | None = None
    addresses: dict[int, Address] | None = None
    paid: PurchaseTotals | None = None


@strawberry.type(description="The chosen delivery has changed since it was offered; work the deliveries out again.")
class CheckoutProblemDeliveryMethodStale:
    delivery: Delivery = strawberry.field(description="The chosen delivery.")


@strawberry.type(description="The chosen delivery is not offered any more; another one has to be chosen.")
class CheckoutProblemDeliveryMethodInvalid:
    delivery: Delivery = strawberry.field(description="The chosen delivery.")


CheckoutProblem = Annotated[
    CheckoutProblemDeliveryMethodStale
    | CheckoutProblemDeliveryMethodInvalid
    | CheckoutLineProblemInsufficientStock
    | CheckoutLineProblemVariantNotAvailable,
    strawberry.union("CheckoutProblem", description="Why a checkout cannot become an order as it is."),
]


@strawberry.type(description="A cart on its way to becoming an order. Its id is a guest's only key to it.")
class Checkout(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = MANAGERS

    cart: strawberry.Private[Cart]
    read: strawberry.Private[_Read] = field(default_factory=_Read)

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("Checkout", self.cart.id)

    @computed(description="The id without its type.")
    def token(self) -> uuid.UUID:
        return self.cart.id

    @computed(description="When it was made.")
    def created(self) -> datetime:
        return self.cart.created_at

    @computed(description="When something in it last changed.")
    def updated_at(self) -> datetime:
        return self.cart.updated_at

    @computed(description="When something in it last changed.", deprecation_reason="Use `updatedAt`.")
    def last_change(self) -> datetime:
        return self.cart.updated_at

    @batch_field(description="Whose it is; null for a guest's. For that user, and for staff that may see users.")
    @staticmethod
    async def user(parents: list["Checkout"], context: Context) -> list[User | None]:
        owners = [checkout.cart.user_id for checkout in parents]
        if any(owner not in {None, context.caller.user_id} for owner in owners):
            require(context, "MANAGE_USERS", "HANDLE_PAYMENTS")
        found = await users_by_id(context, [owner for owner in owners if owner is not None])
        return [found.get(owner) if owner is not None else None for owner in owners]

    @batch_field(description="Where it is sold.")
    @staticmethod
    async def channel(parents: list["Checkout"], context: Context) -> list[Channel]:
        return [_channel(checkout.cart) for checkout in parents]

    @computed(description="Where the confirmation goes.")
    def email(self) -> str | None:
        return self.cart.email

    @batch_field(description="Where the bill goes.")
    @staticmethod
    async def billing_address(parents: list["Checkout"], context: Context) -> list[Address | None]:
        await _read_addresses(parents, context)
        return [_address(checkout, checkout.cart.billing_address_id) for checkout in parents]

    @batch_field(description="Where the goods go.")
    @staticmethod
    async def shipping_address(parents: list["Checkout"], context: Context) -> list[Address | None]:
        await _read_addresses(parents, context)
        return [_address(checkout, checkout.cart.shipping_address_id) for checkout in parents]

    @computed(description="What the buyer wants to say.")
    def customer_note(self) -> str:
        return self.cart.note

    @computed(description="What the buyer wants to say.", deprecation_reason="Use `customerNote`.")
    def note(self) -> str:
        return self.cart.note

    @batch_field(
        description="What its voucher, or the best order promotion where it has none, takes off: off its goods or off "
        "its delivery. Lines and sums have it in them already."
    )
    @staticmethod
    async def discount(parents: list["Checkout"], context: Context) -> list[Money | None]:
        return [
            money(ZERO if found.deal.reduction is None else found.deal.reduction.amount, found.cart.currency)
            for found in await priced_of(parents, context)
        ]

    @batch_field(description="What the voucher or promotion is called that takes something off.")
    @staticmethod
    async def discount_name(parents: list["Checkout"], context: Context) -> list[str | None]:
        return [_discount_name(found) for found in await priced_of(parents, context)]

    @batch_field(description="Its name in the checkout's language.")
    @staticmethod
    async def translated_discount_name(parents: list["Checkout"], context: Context) -> list[str | None]:
        return [_discount_name(found) for found in await priced_of(parents, context)]

    @computed(
        description="The code of its voucher. One that does not apply (any more) takes nothing off, and has to be "
        "removed before the checkout can be completed."
    )
    def voucher_code(self) -> str | None:
        return self.cart.voucher_code

    @batch_field(
        description="Its voucher; null where there is none, or it is gone. Needs MANAGE_DISCOUNTS.",
        guard=staff_with("MANAGE_DISCOUNTS"),
    )
    @staticmethod
    async def voucher(parents: list["Checkout"], context: Context) -> list[Voucher | None]:
        return await vouchers_by_code(context, [(one.cart.voucher_code, one.cart.channel_id) for one in parents])

    @batch_field(description="Gift cards that pay for it as far as they reach, in the order they were given.")
    @staticmethod
    async def gift_cards(parents: list["Checkout"], context: Context) -> list[list[GiftCard]]:
        keys = [checkout.cart.id for checkout in parents if checkout.cart.gift_cards_amount is not None]
        rows = await context.rows(queries.GIFT_CARDS, ids=keys) if keys else []
        cards = await cards_by_id(context, [row["card_id"] for row in rows])
        return [
            [cards[row["card_id"]] for row in rows if row["checkout_id"] == checkout.cart.id] for checkout in parents
        ]

    @batch_field(description="Whether anything has to be sent, so that an address and a delivery are needed.")
    @staticmethod
    async def is_shipping_required(parents: list["Checkout"], context: Context) -> list[bool]:
        return [requires_shipping(priced.lines) for priced in await priced_of(parents, context)]

    @batch_field(description="How many things are in it.")
    @staticmethod
    async def quantity(parents: list["Checkout"], context: Context) -> list[int]:
        return [sum(line.quantity for line in priced.lines) for priced in await priced_of(parents, context)]

    @batch_field(
        description="Until when the first of its items or times is kept for the buyer; null where none is. For goods "
        "every change of lines begins the time anew; a slot has a time of its own."
    )
    @staticmethod
    async def stock_reservation_expires(parents: list["Checkout"], context: Context) -> list[datetime | None]:
        keys = [checkout.cart.id for checkout in parents if checkout.cart.reserve_minutes]
        rows = await context.rows(RESERVED_UNTIL, checkout_ids=keys) if keys else []
        until = {row["id"]: row["expires_at"] for row in rows}
        slots = await earliest_expiry(context.rows, {checkout.cart.id for checkout in parents})
        both = ((until.get(checkout.cart.id), slots.get(checkout.cart.id)) for checkout in parents)
        return [min((moment for moment in moments if moment is not None), default=None) for moments in both]

    @batch_field(description="What is in it, in the order it was added.")
    @staticmethod
    async def lines(parents: list["Checkout"], context: Context) -> list[list[CheckoutLine]]:
        return [lines_of(priced) for priced in await priced_of(parents, context)]

    @batch_field(description="What the delivery costs; zero while none is chosen and where nothing is sent.")
    @staticmethod
    async def shipping_price(parents: list["Checkout"], context: Context) -> list[TaxedMoney]:
        return [taxed_money(priced.totals.shipping) for priced in await priced_of(parents, context)]

    @batch_field(description="The chosen delivery; null while none is chosen and where nothing is sent.")
    @staticmethod
    async def delivery(parents: list["Checkout"], context: Context) -> list[Delivery | None]:
        return [_delivery(priced) for priced in await priced_of(parents, context)]

    @batch_field(
        description="The chosen delivery's shipping method, as it was offered.", deprecation_reason="Use `delivery`."
    )
    @staticmethod
    async def shipping_method(parents: list["Checkout"], context: Context) -> list[ShippingMethod | None]:
        return await _chosen_methods(parents, context)

    @batch_field(
        description="The chosen delivery's shipping method, as it was offered.", deprecation_reason="Use `delivery`."
    )
    @staticmethod
    async def delivery_method(parents: list["Checkout"], context: Context) -> list[DeliveryMethod | None]:
        return [*await _chosen_methods(parents, context)]

    @batch_field(
        description="The ways of delivery that fit it now; empty before the address is known. What "
        "`deliveryOptionsCalculate` would offer, without keeping the offers."
    )
    @staticmethod
    async def shipping_methods(parents: list["Checkout"], context: Context) -> list[list[ShippingMethod]]:
        return await fitting(context, await priced_of(parents, context))

    @batch_field(
        description="The ways of delivery that fit it now.", deprecation_reason="Use `deliveryOptionsCalculate`."
    )
    @staticmethod
    async def available_shipping_methods(parents: list["Checkout"], context: Context) -> list[list[ShippingMethod]]:
        return await fitting(context, await priced_of(parents, context))

    @batch_field(description="What the lines cost together.")
    @staticmethod
    async def subtotal_price(parents: list["Checkout"], context: Context) -> list[TaxedMoney]:
        return [taxed_money(priced.totals.subtotal) for priced in await priced_of(parents, context)]

    @batch_field(description="What has to be paid: lines and delivery, less what gift cards pay.")
    @staticmethod
    async def total_price(parents: list["Checkout"], context: Context) -> list[TaxedMoney]:
        return [taxed_money(_payable(priced)) for priced in await priced_of(parents, context)]

    @batch_field(description="What was paid so far less the total: negative while something is open.")
    @staticmethod
    async def total_balance(parents: list["Checkout"], context: Context) -> list[Money]:
        both = zip(await priced_of(parents, context), await _paid(parents, context), strict=True)
        return [
            money(paid.charged + paid.charge_pending - _payable(priced).gross, priced.cart.currency)
            for priced, paid in both
        ]

    @batch_field(description="How much of the total is held or taken.")
    @staticmethod
    async def authorize_status(parents: list["Checkout"], context: Context) -> list[CheckoutAuthorizeStatusEnum]:
        both = zip(await priced_of(parents, context), await _paid(parents, context), strict=True)
        return [
            CheckoutAuthorizeStatusEnum(authorize_status(_payable(priced).gross, paid.authorized, paid.charged))
            for priced, paid in both
        ]

    @batch_field(description="How much of the total is taken.")
    @staticmethod
    async def charge_status(parents: list["Checkout"], context: Context) -> list[CheckoutChargeStatusEnum]:
        both = zip(await priced_of(parents, context), await _paid(parents, context), strict=True)
        return [CheckoutChargeStatusEnum(charge_status(_payable(priced).gross, paid.charged)) for priced, paid in both]

    @batch_field(
        description="Its payments, oldest first. Needs MANAGE_CHECKOUTS or HANDLE_PAYMENTS.",
        guard=staff_with("MANAGE_CHECKOUTS", "HANDLE_PAYMENTS"),
    )
    @staticmethod
    async def transactions(parents: list["Checkout"], context: Context) -> list[list[TransactionItem] | None]:
        found = await transactions_by_purchase(context, [checkout.cart.id for checkout in parents])
        return [found[checkout.cart.id] for checkout in parents]

    @batch_field(description="The ways to pay it.", deprecation_reason="Use `paymentGatewayInitialize`.")
    @staticmethod
    async def available_payment_gateways(parents: list["Checkout"], context: Context) -> list[list[PaymentGateway]]:
        return [gateways(context.settings, [checkout.cart.currency]) for checkout in parents]

    @computed(description="Whether it is free of tax for a reason of its own.")
    def tax_exemption(self) -> bool:
        return False

    @computed(description="The buyer's language.")
    def language_code(self) -> LanguageCodeEnum:
        return LanguageCodeEnum[self.cart.language_code]

    @computed(description="Whether prices are to be shown with their tax.")
    def display_gross_prices(self) -> bool:
        return self.cart.display_gross_prices

    @batch_field(description="Why it cannot become an order as it is; empty when nothing stands in the way.")
    @staticmethod
    async def problems(parents: list["Checkout"], context: Context) -> list[list[CheckoutProblem] | None]:
        found = await priced_of(parents, context)
        lines = [lines_of(priced) for priced in found]
        told = iter(await problems_of([line for some in lines for line in some], context))
        return [
            _problems(priced, [problem for _ in some for problem in next(told)])
            for priced, some in zip(found, lines, strict=True)
        ]


def checkout_of(cart: Cart) -> Checkout:
    """The API's object for a checkout that the caller may see."""
    return Checkout(cart=cart, metadata_public=cart.metadata_public, metadata_private=cart.metadata_private)


async def checkouts_by_id(context: Context, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Checkout]:
    """The checkouts that exist and that the caller may see, by id."""
    if not ids:
        return {}
    who = actor(context)
    carts = await queries.carts(context.rows, ids)
    return {key: checkout_of(cart) for key, cart in carts.items() if may_touch(who, cart.user_id)}


async def priced_of(parents: list[Checkout], context: Context) -> list[Priced]:
    """Lines and sums of the checkouts, read once for each object."""
    new = {checkout.cart.id: checkout.cart for checkout in parents if checkout.read.priced is None}
    if new:
        found = await queries.price(context.rows, new.values(), now=context.now)
        for checkout in parents:
            if checkout.read.priced is None:
                checkout.read.priced = found[checkout.cart.id]
    return [checkout.read.priced for checkout in parents if checkout.read.priced is not None]


def _discount_name(priced: Priced) -> str | None:
    return None if priced.deal.reduction is None else priced.deal.reduction.name


def _payable(priced: Priced) -> Price:
    return payable(priced.cart, priced.totals.total)


async def _chosen_methods(parents: list[Checkout], context: Context) -> list[ShippingMethod | None]:
    chosen = [_delivery(priced) for priced in await priced_of(parents, context)]
    found = iter(await methods_of([delivery for delivery in chosen if delivery is not None], context))
    return [None if delivery is None else next(found) for delivery in chosen]


def _delivery(priced: Priced) -> Delivery | None:
    cart = priced.cart
    if cart.delivery_id is None or cart.method_id is None or not requires_shipping(priced.lines):
        return None
    return Delivery(
        key=cart.delivery_id,
        method_id=cart.method_id,
        channel_id=cart.channel_id,
        name=cart.delivery_name or "",
        price_amount=cart.delivery_price_amount or Decimal(0),
        is_offered=delivery_problem(cart, priced.lines) != "INVALID",
        method=_method(cart),
    )


def _method(cart: Cart) -> ShippingMethod | None:
    """The chosen delivery's method, which came with the checkout's row."""
    terms, facts = cart.terms, cart.method
    if cart.method_id is None or terms is None or facts is None:
        return None
    return ShippingMethod(
        key=cart.method_id,
        channel_id=cart.channel_id,
        kind=terms.type,
        name=terms.name,
        description_blocks=facts.description,
        minimum_delivery_days=facts.minimum_delivery_days,
        maximum_delivery_days=facts.maximum_delivery_days,
        minimum_weight_kg=terms.minimum_weight_kg,
        maximum_weight_kg=terms.maximum_weight_kg,
        currency=cart.currency,
        price_amount=terms.price_amount,
        minimum_order_amount=terms.minimum_order_amount,
        maximum_order_amount=terms.maximum_order_amount,
        metadata_public=facts.metadata_public,
        metadata_private=facts.metadata_private,
    )


def _channel(cart: Cart) -> Channel:
    """The checkout's channel, which came with the checkout's row."""
    return Channel(
        pk=cart.channel_id,
        slug=cart.channel_slug,
        name=cart.channel.name,
        active=cart.channel_is_active,
        currency_code=cart.currency,
        country=cart.default_country,
        transaction_flow_strategy=cart.channel.transaction_flow_strategy,
        metadata_public=cart.channel.metadata_public,
        metadata_private=cart.channel.metadata_private,
    )


def _problems(priced: Priced, of_lines: list[CheckoutLineProblem]) -> list[CheckoutProblem] | None:
    problems: list[CheckoutProblem] = list(of_lines)
    delivery = _delivery(priced)
    if delivery is not None:
        match delivery_problem(priced.cart, priced.lines):
            case "INVALID":
                problems.append(CheckoutProblemDeliveryMethodInvalid(delivery=delivery))
            case "STALE":
                problems.append(CheckoutProblemDeliveryMethodStale(delivery=delivery))
    return problems


async def _read_addresses(parents: list[Checkout], context: Context) -> None:
    new = [checkout for checkout in parents if checkout.read.addresses is None]
    if new:
        keys = [key for one in new for key in (one.cart.billing_address_id, one.cart.shipping_address_id)]
        found = await addresses_by_id(context, keys)
        for checkout in new:
            checkout.read.addresses = found


def _address(checkout: Checkout, key: int | None) -> Address | None:
    return None if key is None or checkout.read.addresses is None else checkout.read.addresses.get(key)


async def _paid(parents: list[Checkout], context: Context) -> list[PurchaseTotals]:
    """What the payments of the checkouts add up to, read once for each object."""
    new = [checkout for checkout in parents if checkout.read.paid is None]
    if new:
        found = await totals_by_purchase(context, [checkout.cart.id for checkout in new])
        for checkout in new:
            cart = checkout.cart
            checkout.read.paid = found.get(cart.id) or PurchaseTotals(cart.id, cart.currency)
    return [checkout.read.paid for checkout in parents if checkout.read.paid is not None]
