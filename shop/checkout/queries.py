"""Reads of checkouts, their lines and what the lines stand on: one statement each, for any number of checkouts.

The same statements serve the API's reader and an action's session; `Rows` is what both have in common.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final, Protocol

from sqlalchemy import (
    ColumnElement,
    Integer,
    SQLColumnExpression,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    false,
    func,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.sql import Executable

from shop.booking.models import Hold
from shop.catalogue.models import Product, ProductType, Variant
from shop.channels.models import Channel
from shop.checkout.models import Checkout, CheckoutGiftCard, CheckoutLine, Delivery
from shop.checkout.rules import (
    NO_DEAL,
    Cart,
    ChannelFacts,
    Deal,
    Line,
    MethodFacts,
    Offer,
    Totals,
    deal,
    totals,
)
from shop.discounts.queries import ORDER_RULES, VOUCHER_TERMS, has_order_rules
from shop.discounts.rules import OrderRule, VoucherTerms, clean_code, email_digest
from shop.giftcards.models import GiftCard
from shop.giftcards.queries import spendable
from shop.kit.db import send
from shop.kit.db.arrays import hidden_array
from shop.pricing.models import ProductListing, VariantListing
from shop.shipping.models import ShippingMethod, ShippingMethodListing
from shop.shipping.queries import reaches, terms, terms_columns
from shop.shipping.rules import Terms
from shop.site.models import SiteSettings
from shop.stock.models import Stock
from shop.stock.supply import free, supplies
from shop.tax.models import TaxConfiguration, TaxRate


class Rows(Protocol):
    """Runs a statement and returns its rows: a request's reader, or `of(session)`."""

    async def __call__(self, statement: Executable, /, **params: Any) -> Sequence[Any]:
        """The rows, in the statement's order."""
        ...


def of(session: AsyncSession) -> Rows:
    """Reads inside the session's transaction."""
    return partial(send, session)


_checkout: Final = Checkout.__table__.c


_ids: Final = hidden_array("ids", Uuid())
_class_rate: Final = aliased(TaxRate, name="class_rate")
_default_rate: Final = aliased(TaxRate, name="default_rate")

CARTS: Final = (
    select(
        Checkout.id,
        Checkout.created_at,
        Checkout.updated_at,
        Checkout.user_id,
        Checkout.email,
        Checkout.country,
        Checkout.language_code,
        Checkout.note,
        Checkout.redirect_url,
        Checkout.voucher_code,
        Checkout.billing_address_id,
        Checkout.shipping_address_id,
        Checkout.save_billing_address,
        Checkout.save_shipping_address,
        Checkout.metadata_public,
        Checkout.metadata_private,
        Checkout.channel_id,
        Channel.slug.label("channel_slug"),
        Channel.is_active.label("channel_is_active"),
        Channel.default_country,
        Checkout.currency,
        # A channel without a configuration charges no tax.
        func.coalesce(TaxConfiguration.charge_taxes, false()).label("charge_taxes"),
        func.coalesce(TaxConfiguration.prices_entered_with_tax, true()).label("prices_entered_with_tax"),
        func.coalesce(TaxConfiguration.display_gross_prices, true()).label("display_gross_prices"),
        Delivery.id.label("delivery_id"),
        Delivery.method_id,
        Delivery.name.label("delivery_name"),
        Delivery.price_amount.label("delivery_price_amount"),
        Delivery.is_valid.label("delivery_is_valid"),
        ShippingMethod.tax_class_id.label("shipping_tax_class_id"),
        _class_rate.rate.label("shipping_class_rate"),
        _default_rate.rate.label("default_rate"),
        has_order_rules(_checkout.channel_id).label("has_order_rules"),
        select(
            func.sum(
                case(
                    (spendable(_checkout.currency, _checkout.user_id, _checkout.email), GiftCard.current_amount),
                    else_=0,
                )
            )
        )
        .join(CheckoutGiftCard, CheckoutGiftCard.card_id == GiftCard.id)
        .where(CheckoutGiftCard.checkout_id == _checkout.id)
        .scalar_subquery()
        .label("gift_cards_amount"),
        select(
            case(
                (_checkout.user_id.is_(None), SiteSettings.reserve_minutes_guest),
                else_=SiteSettings.reserve_minutes_user,
            )
        )
        .scalar_subquery()
        .label("reserve_minutes"),
        *terms_columns(reaches(_checkout.channel_id, _checkout.country)),
        Channel.name.label("channel_name"),
        Channel.transaction_flow_strategy,
        Channel.metadata_public.label("channel_metadata"),
        Channel.metadata_private.label("channel_private_metadata"),
        ShippingMethod.description.label("method_description"),
        ShippingMethod.minimum_delivery_days,
        ShippingMethod.maximum_delivery_days,
        ShippingMethod.metadata_public.label("method_metadata"),
        ShippingMethod.metadata_private.label("method_private_metadata"),
    )
    .join(Channel, Channel.id == Checkout.channel_id)
    .outerjoin(TaxConfiguration, TaxConfiguration.channel_id == Checkout.channel_id)
    .outerjoin(Delivery, Delivery.id == Checkout.delivery_id)
    .outerjoin(ShippingMethod, ShippingMethod.id == Delivery.method_id)
    .outerjoin(
        ShippingMethodListing,
        and_(
            ShippingMethodListing.method_id == ShippingMethod.id,
            ShippingMethodListing.channel_id == Checkout.channel_id,
        ),
    )
    .outerjoin(
        _class_rate,
        and_(_class_rate.tax_class_id == ShippingMethod.tax_class_id, _class_rate.country == Checkout.country),
    )
    .outerjoin(_default_rate, and_(_default_rate.tax_class_id.is_(None), _default_rate.country == Checkout.country))
    .where(Checkout.id == any_(_ids))
)
# Locks the checkout's row alone; the purchase's lock is taken before it, so that the joined rows are not older.
CARTS_FOR_UPDATE: Final = CARTS.with_for_update(of=Checkout)
_TERMS_AT: Final = len(Cart.__slots__) - 3
_CHANNEL_AT: Final = _TERMS_AT + len(Terms.__slots__)
_METHOD_AT: Final = _CHANNEL_AT + len(ChannelFacts.__slots__)


def offer_columns(
    channel_id: ColumnElement[int], country: ColumnElement[str], checkout_id: ColumnElement[uuid.UUID]
) -> list[SQLColumnExpression[Any]]:
    """The columns of `rules.Offer`, in the order of its fields; `offer_joins` brings the tables.

    What the checkout keeps of the stock itself counts as available.
    """
    available = (
        select(func.coalesce(func.sum(free(checkout_id)), 0).cast(Integer))
        .where(Stock.variant_id == Variant.id, supplies(channel_id, country))
        .correlate_except(Stock)
        .scalar_subquery()
    )
    return [
        Variant.id.label("variant_id"),
        Variant.product_id,
        ProductType.is_shipping_required,
        Variant.track_inventory,
        func.coalesce(Variant.weight_kg, Product.weight_kg, 0).label("weight_kg"),
        func.coalesce(
            Variant.quantity_limit_per_customer,
            select(SiteSettings.limit_quantity_per_checkout).scalar_subquery(),
        ).label("quantity_limit"),
        _tax_class_id().label("tax_class_id"),
        _class_rate.rate.label("class_rate"),
        _default_rate.rate.label("default_rate"),
        func.coalesce(ProductListing.is_published, false()).label("is_published"),
        ProductListing.published_at,
        ProductListing.available_for_purchase_at,
        VariantListing.price_amount,
        VariantListing.prior_price_amount,
        VariantListing.discounted_price_amount,
        VariantListing.discount_rule_id,
        case((Variant.track_inventory, available)).label("available"),
    ]


def offer_joins(source: Any, channel_id: ColumnElement[int], country: ColumnElement[str]) -> Any:
    """The statement with the tables of `offer_columns` joined to `Variant`."""
    return (
        source.join(Product, Product.id == Variant.product_id)
        .join(ProductType, ProductType.id == Product.product_type_id)
        .outerjoin(
            ProductListing,
            and_(ProductListing.product_id == Product.id, ProductListing.channel_id == channel_id),
        )
        .outerjoin(
            VariantListing,
            and_(VariantListing.variant_id == Variant.id, VariantListing.channel_id == channel_id),
        )
        .outerjoin(_class_rate, and_(_class_rate.tax_class_id == _tax_class_id(), _class_rate.country == country))
        .outerjoin(_default_rate, and_(_default_rate.tax_class_id.is_(None), _default_rate.country == country))
    )


def _tax_class_id() -> ColumnElement[int | None]:
    return func.coalesce(Product.tax_class_id, ProductType.tax_class_id)


# Whether the time that the line holds, or held last, is paid with a session of a package. Only lines that are never
# merged hold one.
_is_redeemed: Final = case(
    (
        CheckoutLine.separate,
        func.coalesce(
            select(Hold.entitlement_id.is_not(None))
            .where(Hold.line_id == CheckoutLine.id)
            .order_by(Hold.created_at.desc(), Hold.id)
            .limit(1)
            .scalar_subquery(),
            false(),
        ),
    ),
    else_=false(),
)
LINES: Final = (
    offer_joins(
        select(
            CheckoutLine.id,
            CheckoutLine.checkout_id,
            CheckoutLine.quantity,
            CheckoutLine.separate,
            CheckoutLine.metadata_public,
            CheckoutLine.metadata_private,
            _is_redeemed.label("is_redeemed"),
            *offer_columns(_checkout.channel_id, _checkout.country, _checkout.id),
        )
        .join(Checkout, Checkout.id == CheckoutLine.checkout_id)
        .join(Variant, Variant.id == CheckoutLine.variant_id),
        _checkout.channel_id,
        _checkout.country,
    )
    .where(CheckoutLine.checkout_id == any_(_ids))
    .order_by(CheckoutLine.created_at, CheckoutLine.id)
)
_OFFER_AT: Final = len(Line.__slots__) - 1

# checkout_id, card_id: the gift cards of checkouts, in the order they were given.
GIFT_CARDS: Final = (
    select(CheckoutGiftCard.checkout_id, CheckoutGiftCard.card_id)
    .where(CheckoutGiftCard.checkout_id == any_(_ids))
    .order_by(CheckoutGiftCard.created_at, CheckoutGiftCard.card_id)
)

_channel_id: Final = bindparam("channel_id", type_=Integer)
_country: Final = bindparam("country", type_=Text)

# What somebody wants to put into a checkout: `(in_cart, line_count, *Offer)`. `in_cart` counts what lies there of the
# variant already, `line_count` the checkout's lines.
OFFERS: Final = offer_joins(
    select(
        select(func.coalesce(func.sum(CheckoutLine.quantity), 0).cast(Integer))
        .where(
            CheckoutLine.variant_id == Variant.id,
            CheckoutLine.checkout_id == bindparam("checkout_id", type_=Uuid()),
        )
        .correlate(Variant)
        .scalar_subquery()
        .label("in_cart"),
        select(func.count())
        .where(CheckoutLine.checkout_id == bindparam("checkout_id", type_=Uuid()))
        .scalar_subquery()
        .label("line_count"),
        *offer_columns(_channel_id, _country, bindparam("checkout_id", type_=Uuid())),
    ).select_from(Variant),
    _channel_id,
    _country,
).where(Variant.id == any_(hidden_array("variant_ids", Integer())))


@dataclass(frozen=True, slots=True)
class Priced:
    """A checkout read whole: what is in it, what it is given, and what it costs now."""

    cart: Cart
    lines: tuple[Line, ...]
    deal: Deal
    totals: Totals


def to_cart(row: Any) -> Cart:
    """The cart that a row of `CARTS` describes."""
    offered = terms(row, _TERMS_AT)
    listed = row[_TERMS_AT + 2] is not None
    own: list[Any] = [
        *row[:_TERMS_AT],
        offered if listed else None,
        ChannelFacts(*row[_CHANNEL_AT:_METHOD_AT]),
        MethodFacts(*row[_METHOD_AT:]) if listed else None,
    ]
    return Cart(*own)


def to_line(row: Any) -> Line:
    """The line that a row of `LINES` describes."""
    own: list[Any] = [*row[:_OFFER_AT], Offer(*row[_OFFER_AT:])]
    return Line(*own)


async def carts(rows: Rows, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Cart]:
    """The checkouts that exist, by id."""
    return {row[0]: to_cart(row) for row in await rows(CARTS, ids=list(ids))}


async def lines(rows: Rows, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Line]]:
    """The lines of checkouts, by checkout, in the order they were added."""
    result: dict[uuid.UUID, list[Line]] = defaultdict(list)
    for row in await rows(LINES, ids=list(ids)):
        result[row[1]].append(to_line(row))
    return result


async def priced(rows: Rows, ids: Collection[uuid.UUID], *, now: datetime) -> dict[uuid.UUID, Priced]:
    """The checkouts that exist, whole, in two statements; one or two more where there are vouchers or promotions."""
    found = await carts(rows, ids)
    return await price(rows, found.values(), now=now)


async def price(rows: Rows, its_carts: Collection[Cart], *, now: datetime) -> dict[uuid.UUID, Priced]:
    """The checkouts with their lines, priced. No further statement where no voucher and no order promotion is about."""
    their = await lines(rows, [cart.id for cart in its_carts])
    vouchers = await _voucher_terms(
        rows, [(cart, their[cart.id]) for cart in its_carts if cart.voucher_code is not None]
    )
    rules: dict[int, list[OrderRule]] = defaultdict(list)
    promoted = {cart.channel_id for cart in its_carts if cart.has_order_rules and not cart.voucher_code}
    if promoted:
        for row in await rows(ORDER_RULES, channel_ids=list(promoted)):
            rule = OrderRule(*row)
            rules[rule.channel_id].append(rule)
    result = {}
    for cart in its_carts:
        its_lines = tuple(their[cart.id])
        its_deal = NO_DEAL
        if cart.voucher_code is not None or cart.channel_id in rules:
            its_deal = deal(cart, its_lines, vouchers.get(cart.id), rules[cart.channel_id], now)
        result[cart.id] = Priced(cart, its_lines, its_deal, totals(cart, its_lines, its_deal.reduction))
    return result


async def _voucher_terms(rows: Rows, filled: Collection[tuple[Cart, Sequence[Line]]]) -> dict[uuid.UUID, VoucherTerms]:
    """The vouchers that the checkouts name, as they stand in each one's channel; none where the code is gone."""
    if not filled:
        return {}
    found = await rows(
        VOUCHER_TERMS,
        codes=list({clean_code(cart.voucher_code or "") for cart, _ in filled}),
        channel_ids=list({cart.channel_id for cart, _ in filled}),
        variant_ids=list({line.offer.variant_id for _, its_lines in filled for line in its_lines}),
        user_ids=list({cart.user_id for cart, _ in filled if cart.user_id is not None}),
        email_digests=list({email_digest(cart.email) for cart, _ in filled if cart.email is not None}),
    )
    by_code: dict[str, dict[int | None, VoucherTerms]] = defaultdict(dict)
    for row in found:
        terms = VoucherTerms(*row)
        by_code[clean_code(terms.code)][terms.channel_id] = terms
    result = {}
    for cart, _ in filled:
        its = by_code[clean_code(cart.voucher_code or "")]
        if its:
            listed = its.get(cart.channel_id)
            # Worth something elsewhere alone: nothing here.
            result[cart.id] = listed or replace(next(iter(its.values())), channel_id=None, value=None)
    return result
