"""What a cart costs, what is wrong with it and who may touch it; decided from values alone.

Prices are never stored on a cart: they follow from the listings and rates at hand, until an order freezes them.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from shop.accounts.rules import is_email
from shop.discounts.rules import (
    Basket,
    Goods,
    OrderRule,
    Reduction,
    Refusal,
    VoucherTerms,
    best_order_rule,
    refusal,
    voucher_reduction,
)
from shop.kit.errors import Invalid
from shop.kit.money import ZERO, TaxedMoney
from shop.pricing.rules import round_money, taxed, total
from shop.shipping.rules import Terms, applies
from shop.tax.rules import rate_for

LINES_LIMIT: Final = 200
NOTE_LENGTH: Final = 10_000
CARDS_LIMIT: Final = 10


@dataclass(frozen=True, slots=True)
class Actor:
    """Who wants something of a checkout."""

    user_id: int | None = None
    # Staff or an app that may handle everybody's checkouts, or the shop itself.
    manages: bool = False
    # Why a caller with a token is not known as a user: an expired token must not look like a lost cart.
    refusal: Exception | None = None


SYSTEM: Final = Actor(manages=True)


def may_touch(actor: Actor, owner_id: int | None) -> bool:
    """A guest's checkout opens to who knows its id; a user's checkout to that user and to those who manage."""
    return actor.manages or owner_id is None or owner_id == actor.user_id


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """What there is to show of a checkout's channel."""

    name: str
    transaction_flow_strategy: str
    metadata_public: dict[str, str]
    metadata_private: dict[str, str]


@dataclass(frozen=True, slots=True)
class MethodFacts:
    """What there is to show of the chosen shipping method, beside its terms."""

    description: dict[str, Any] | None
    minimum_delivery_days: int | None
    maximum_delivery_days: int | None
    metadata_public: dict[str, str]
    metadata_private: dict[str, str]


@dataclass(frozen=True, slots=True)
class Cart:
    """A checkout with all that there is one of: its channel, its tax settings, its chosen delivery.

    Shapes: the fields up to `terms` are columns of `queries.CARTS`, in their order; the three last ones hold the rest.
    """

    id: uuid.UUID
    created_at: datetime
    updated_at: datetime
    user_id: int | None
    email: str | None
    country: str
    language_code: str
    note: str
    redirect_url: str | None
    voucher_code: str | None
    billing_address_id: int | None
    shipping_address_id: int | None
    save_billing_address: bool
    save_shipping_address: bool
    metadata_public: dict[str, str]
    metadata_private: dict[str, str]
    channel_id: int
    channel_slug: str
    channel_is_active: bool
    default_country: str
    currency: str
    charge_taxes: bool
    prices_entered_with_tax: bool
    display_gross_prices: bool
    # The chosen delivery as it was offered, and its method's tax class; None without one.
    delivery_id: uuid.UUID | None
    method_id: int | None
    delivery_name: str | None
    delivery_price_amount: Decimal | None
    delivery_is_valid: bool | None
    shipping_tax_class_id: int | None
    shipping_class_rate: Decimal | None
    default_rate: Decimal | None
    # Whether the channel has order promotions that could apply.
    has_order_rules: bool
    # What its gift cards can pay; None: it has none.
    gift_cards_amount: Decimal | None
    # How long its stock is kept for it after a change; 0: not at all.
    reserve_minutes: int
    # The same method as it would be offered today; None when it is not sold in the channel any more.
    terms: Terms | None
    channel: ChannelFacts
    method: MethodFacts | None


@dataclass(frozen=True, slots=True)
class Offer:
    """A variant as a channel sells it to a country. Shapes: the columns of `queries.offer_columns`, in their order."""

    variant_id: int
    product_id: int
    requires_shipping: bool
    track_inventory: bool
    weight_kg: Decimal
    # How many one order may hold: the variant's own limit, else the shop's.
    quantity_limit: int
    tax_class_id: int | None
    class_rate: Decimal | None
    default_rate: Decimal | None
    is_published: bool
    published_at: datetime | None
    available_for_purchase_at: datetime | None
    # None: not listed in the channel.
    price_amount: Decimal | None
    prior_price_amount: Decimal | None
    # What a promotion makes of the price, and its rule; None: none does.
    discounted_price_amount: Decimal | None
    discount_rule_id: uuid.UUID | None
    # None: the inventory is not tracked, any quantity can be sold.
    available: int | None

    @property
    def sold_at_amount(self) -> Decimal | None:
        """What one costs now, promotions of the catalogue included; None: not listed in the channel."""
        if self.price_amount is None or self.discounted_price_amount is None:
            return self.price_amount
        return min(self.price_amount, self.discounted_price_amount)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a cart, with the offer it stands on."""

    id: uuid.UUID
    checkout_id: uuid.UUID
    quantity: int
    separate: bool
    metadata_public: dict[str, str]
    metadata_private: dict[str, str]
    # A session of a package pays for it.
    is_redeemed: bool
    offer: Offer

    @property
    def sold_at_amount(self) -> Decimal:
        """What one costs in this cart, before anything is taken off the cart as a whole."""
        return ZERO if self.is_redeemed else self.offer.sold_at_amount or ZERO


@dataclass(frozen=True, slots=True)
class LinePrice:
    """What a line costs. Units: the amounts are as the owner entered them, before tax is told apart.

    The line's undiscounted amount less what its four discounts take off it is what is charged, on the side of the tax
    on which prices are entered.
    """

    unit: TaxedMoney
    total: TaxedMoney
    undiscounted_unit: TaxedMoney
    undiscounted_total: TaxedMoney
    unit_amount: Decimal
    total_amount: Decimal
    prior_unit_amount: Decimal | None
    prior_total_amount: Decimal | None
    tax_rate: Decimal
    # What a promotion of the catalogue, a session of a package, a voucher for single goods, and the line's share of a
    # discount of all goods take off the line.
    promotion_amount: Decimal = ZERO
    session_amount: Decimal = ZERO
    voucher_amount: Decimal = ZERO
    share_amount: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Totals:
    """What a cart costs; `lines` by line id. Units: tax rates in percent."""

    lines: Mapping[uuid.UUID, LinePrice]
    subtotal: TaxedMoney
    shipping: TaxedMoney
    undiscounted_shipping: TaxedMoney
    shipping_tax_rate: Decimal
    total: TaxedMoney


@dataclass(frozen=True, slots=True)
class Deal:
    """What a cart is given beside the prices of the catalogue. `refusal`: why its voucher gives nothing now."""

    reduction: Reduction | None = None
    voucher: VoucherTerms | None = None
    refusal: Refusal | None = None


NO_DEAL: Final = Deal()
_UNKNOWN_CODE: Final = Refusal("This code is not valid.", of_code=True)


def clean_email(text: str) -> str:
    """The address without blanks around it. Raises: Invalid (REQUIRED, INVALID) on `email`."""
    email = text.strip()
    if not email:
        raise Invalid("An e-mail address is needed.", field="email", code="REQUIRED")
    if not is_email(email):
        raise Invalid("This is not an e-mail address.", field="email")
    return email


def clean_note(text: str) -> str:
    """The note without blanks around it. Raises: Invalid on `customerNote`."""
    note = text.strip()
    if len(note) > NOTE_LENGTH:
        raise Invalid(f"A note holds at most {NOTE_LENGTH} characters.", field="customerNote")
    return note


def not_for_sale(offer: Offer, now: datetime) -> str | None:
    """Why the variant cannot be bought now, as Saleor's error code; None when it can."""
    if offer.price_amount is None:
        return "UNAVAILABLE_VARIANT_IN_CHANNEL"
    if not offer.is_published or (offer.published_at is not None and offer.published_at > now):
        return "PRODUCT_NOT_PUBLISHED"
    if offer.available_for_purchase_at is None or offer.available_for_purchase_at > now:
        return "PRODUCT_UNAVAILABLE_FOR_PURCHASE"
    return None


def payable(cart: Cart, price: TaxedMoney) -> TaxedMoney:
    """What has to be paid of the price: what its gift cards do not. The tax is the same part of it as of the whole.

    Source: Saleor, Checkout.totalPrice.
    """
    if not cart.gift_cards_amount or not price.gross:
        return price
    gross = max(price.gross - cart.gift_cards_amount, ZERO)
    return TaxedMoney(
        net=round_money(price.net * gross / price.gross, price.currency), gross=gross, currency=price.currency
    )


def requires_shipping(lines: Collection[Line]) -> bool:
    """Whether anything in the cart has to be sent."""
    return any(line.offer.requires_shipping for line in lines)


def weight_kg(lines: Collection[Line]) -> Decimal:
    """What is sent weighs this much."""
    return sum((line.offer.weight_kg * line.quantity for line in lines if line.offer.requires_shipping), ZERO)


def entered_subtotal(lines: Collection[Line]) -> Decimal:
    """The goods' price as it is entered in the channel, with or without tax: what limits of deliveries go by.

    Promotions of the catalogue count, what is taken off a whole cart does not: a voucher never takes a delivery away.
    """
    return sum((line.sold_at_amount * line.quantity for line in lines), ZERO)


def basket(cart: Cart, lines: Collection[Line]) -> Basket:
    """The cart as vouchers and order promotions see it."""
    return Basket(
        currency=cart.currency,
        country=cart.country,
        user_id=cart.user_id,
        email=cart.email,
        goods=tuple(
            Goods(
                key=line.id,
                variant_id=line.offer.variant_id,
                quantity=line.quantity,
                unit_amount=round_money(line.sold_at_amount, cart.currency),
            )
            for line in lines
        ),
        sends=requires_shipping(lines),
        delivery_amount=None
        if cart.delivery_price_amount is None
        else round_money(cart.delivery_price_amount, cart.currency),
    )


def deal(
    cart: Cart, lines: Collection[Line], voucher: VoucherTerms | None, rules: Collection[OrderRule], now: datetime
) -> Deal:
    """What the cart is given: by its voucher, else by the best order promotion. They are never given together."""
    its = basket(cart, lines)
    if cart.voucher_code is None:
        return Deal(best_order_rule(rules, its, now))
    if voucher is None:
        return Deal(refusal=_UNKNOWN_CODE)
    refused = refusal(voucher, its, now)
    return Deal(None if refused else voucher_reduction(voucher, its), voucher, refused)


def totals(cart: Cart, lines: Sequence[Line], reduction: Reduction | None = None) -> Totals:
    """What the cart costs now. A line whose variant is no longer sold in the channel costs nothing and cannot be
    bought; delivery costs what it was offered for, and nothing when nothing is sent.
    """
    prices = {line.id: _line_price(cart, line, reduction) for line in lines}
    subtotal = total([price.total for price in prices.values()], cart.currency)
    shipping_rate = _rate(cart, cart.shipping_tax_class_id, cart.shipping_class_rate, cart.default_rate)
    amount = (cart.delivery_price_amount if requires_shipping(lines) else None) or ZERO
    shipping = undiscounted = _taxed(cart, amount, shipping_rate)
    if reduction is not None and reduction.delivery:
        shipping = _taxed(cart, amount - reduction.delivery, shipping_rate)
    return Totals(
        lines=prices,
        subtotal=subtotal,
        shipping=shipping,
        undiscounted_shipping=undiscounted,
        shipping_tax_rate=shipping_rate,
        total=total([subtotal, shipping], cart.currency),
    )


def _line_price(cart: Cart, line: Line, reduction: Reduction | None) -> LinePrice:
    offer = line.offer
    rate = _rate(cart, offer.tax_class_id, offer.class_rate, offer.default_rate)
    listed = round_money(offer.price_amount or ZERO, cart.currency)
    sold = round_money(offer.sold_at_amount or ZERO, cart.currency)
    by_voucher = reduction.lines.get(line.id, ZERO) if reduction is not None else ZERO
    share = reduction.shares.get(line.id, ZERO) if reduction is not None else ZERO
    by_session = sold * line.quantity if line.is_redeemed else ZERO
    charged = sold * line.quantity - by_session - by_voucher - share
    # A unit's price is shown; what is charged, and taxed, is the line's.
    unit_charged = round_money(charged / line.quantity, cart.currency) if by_session or by_voucher or share else sold
    unit = undiscounted_unit = _taxed(cart, unit_charged, rate)
    whole = undiscounted_total = _taxed(cart, charged, rate)
    if unit_charged != listed:
        undiscounted_unit = _taxed(cart, listed, rate)
    if charged != listed * line.quantity:
        undiscounted_total = _taxed(cart, listed * line.quantity, rate)
    prior = offer.prior_price_amount
    return LinePrice(
        unit=unit,
        total=whole,
        undiscounted_unit=undiscounted_unit,
        undiscounted_total=undiscounted_total,
        unit_amount=listed,
        total_amount=listed * line.quantity,
        prior_unit_amount=prior,
        prior_total_amount=None if prior is None else prior * line.quantity,
        tax_rate=rate,
        promotion_amount=(listed - sold) * line.quantity,
        session_amount=by_session,
        voucher_amount=by_voucher,
        share_amount=share,
    )


def _taxed(cart: Cart, amount: Decimal, rate: Decimal) -> TaxedMoney:
    return taxed(amount, rate, entered_with_tax=cart.prices_entered_with_tax, currency=cart.currency)


def _rate(cart: Cart, tax_class_id: int | None, class_rate: Decimal | None, default: Decimal | None) -> Decimal:
    """The row carries the two rates that could apply; which one does is the tax slice's rule."""
    rates: dict[tuple[int | None, str], Decimal] = {}
    if class_rate is not None:
        rates[tax_class_id, cart.country] = class_rate
    if default is not None:
        rates[None, cart.country] = default
    return rate_for(rates, tax_class_id, cart.country, charge_taxes=cart.charge_taxes)


def short_of(lines: Collection[Line]) -> dict[int, int]:
    """For each variant of which the cart holds more than there is: how many there are."""
    wanted: dict[int, int] = {}
    for line in lines:
        wanted[line.offer.variant_id] = wanted.get(line.offer.variant_id, 0) + line.quantity
    return {
        line.offer.variant_id: max(line.offer.available, 0)
        for line in lines
        if line.offer.available is not None and wanted[line.offer.variant_id] > line.offer.available
    }


def delivery_problem(cart: Cart, lines: Collection[Line]) -> str | None:
    """`INVALID` when the chosen delivery is not offered (any more), `STALE` when its price has changed since.

    None when there is none to judge: nothing was chosen, or nothing has to be sent.
    """
    if cart.delivery_id is None or not requires_shipping(lines):
        return None
    if cart.shipping_address_id is None or cart.terms is None or not cart.delivery_is_valid:
        return "INVALID"
    if not applies(cart.terms, subtotal=entered_subtotal(lines), weight_kg=weight_kg(lines)):
        return "INVALID"
    return "STALE" if cart.terms.price_amount != cart.delivery_price_amount else None
