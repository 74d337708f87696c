"""Everything that an order needs of a checkout, priced and found to be complete."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Integer, any_, bindparam, case, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.addresses import PostalAddress, complete
from shop.accounts.queries import ADDRESSES_BY_ID
from shop.booking.calendars import ServiceFacts
from shop.catalogue.models import Product, ProductMedia, ProductType, Variant, VariantMedia
from shop.checkout.actions.contact import BILLING, SHIPPING
from shop.checkout.actions.locked import lock
from shop.checkout.actions.slots import services_of, to_pay_later
from shop.checkout.errors import NotForSale, NotReady, too_many
from shop.checkout.queries import Priced, of, price
from shop.checkout.rules import (
    SYSTEM,
    Actor,
    Cart,
    Deal,
    Line,
    LinePrice,
    Totals,
    delivery_problem,
    not_for_sale,
    requires_shipping,
    short_of,
)
from shop.discounts.errors import VoucherNotApplicable
from shop.discounts.queries import RULE_NAMES
from shop.kit.db import send
from shop.kit.errors import Many
from shop.stock.errors import InsufficientStock
from shop.tax.models import TaxClass


@dataclass(frozen=True, slots=True)
class AppliedRule:
    """The promotion that lowered a line's price."""

    name: str
    value_type: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A line with the words and the picture that its order keeps."""

    line: Line
    price: LinePrice
    promotion: AppliedRule | None
    product_name: str
    variant_name: str
    sku: str | None
    tax_class_name: str | None
    thumbnail_asset_id: int | None
    thumbnail_alt: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A checkout that may become an order, as it is while the unit that took it holds the purchase's lock.

    Shapes: `shipping_address` and `method_id` are None where nothing is sent; `services` by variant; `later` by line,
    what is due at the visit only.
    """

    cart: Cart
    email: str
    lines: tuple[SoldLine, ...]
    deal: Deal
    totals: Totals
    billing_address: PostalAddress
    shipping_address: PostalAddress | None
    method_id: int | None
    method_name: str | None
    services: Mapping[int, ServiceFacts] = field(default_factory=dict)
    later: Mapping[uuid.UUID, Decimal] = field(default_factory=dict)


_first_picture: Final = (
    select(ProductMedia.id)
    .where(ProductMedia.product_id == Product.id, ProductMedia.asset_id.is_not(None))
    # The variant's own pictures come first.
    .outerjoin(VariantMedia, (VariantMedia.media_id == ProductMedia.id) & (VariantMedia.variant_id == Variant.id))
    .order_by(case((VariantMedia.media_id.is_not(None), 0), else_=1), ProductMedia.sort_order, ProductMedia.id)
    .limit(1)
    .correlate(Product, Variant)
    .scalar_subquery()
)
_WORDS: Final = (
    select(
        Variant.id,
        Product.name,
        Variant.name,
        Variant.sku,
        TaxClass.name,
        ProductMedia.asset_id,
        func.coalesce(ProductMedia.alt, ""),
    )
    .join(Product, Product.id == Variant.product_id)
    .join(ProductType, ProductType.id == Product.product_type_id)
    .outerjoin(TaxClass, TaxClass.id == func.coalesce(Product.tax_class_id, ProductType.tax_class_id))
    .outerjoin(ProductMedia, ProductMedia.id == _first_picture)
    .where(Variant.id == any_(bindparam("variant_ids", type_=ARRAY(Integer))))
    # They stay until the order has its lines: nobody deletes what is being sold.
    .with_for_update(read=True, key_share=True, of=Variant)
)


async def snapshot(session: AsyncSession, checkout_id: uuid.UUID, *, now: datetime, actor: Actor = SYSTEM) -> Snapshot:
    """The checkout, priced now and ready to become an order; payment and the promise of stock are the caller's.

    Locks: purchase, checkout, variants. Raises: CheckoutNotFound, NotReady (NO_LINES, EMAIL_NOT_SET,
    SHIPPING_ADDRESS_NOT_SET, SHIPPING_METHOD_NOT_SET, INVALID_SHIPPING_METHOD, BILLING_ADDRESS_NOT_SET,
    CHANNEL_INACTIVE, MISSING_ADDRESS_DATA), NotForSale, BadQuantity, InsufficientStock, VoucherNotApplicable.
    """
    cart = await lock(session, checkout_id, actor)
    priced = (await price(of(session), [cart], now=now))[checkout_id]
    its_lines = priced.lines
    sends = requires_shipping(its_lines)
    _check_lines(priced, now)
    email = _check_contact(cart, sends=sends)
    _check_delivery(priced, sends=sends)
    if priced.deal.refusal is not None:
        raise VoucherNotApplicable(priced.deal.refusal.text, field="voucherCode")
    billing, shipping = await _addresses(session, cart, sends=sends)
    words: dict[int, tuple[Any, ...]] = {
        row[0]: tuple(row[1:])
        for row in await send(session, _WORDS, variant_ids=[line.offer.variant_id for line in its_lines])
    }
    if gone := {line.offer.variant_id for line in its_lines} - words.keys():
        raise NotForSale("UNAVAILABLE_VARIANT_IN_CHANNEL", gone)
    promotions = await _promotions(session, priced)
    services = await services_of(session, its_lines)
    return Snapshot(
        cart=cart,
        email=email,
        lines=tuple(
            SoldLine(line, priced.totals.lines[line.id], promotions.get(line.id), *words[line.offer.variant_id])
            for line in its_lines
        ),
        deal=priced.deal,
        totals=priced.totals,
        billing_address=billing,
        shipping_address=shipping,
        method_id=cart.method_id if sends else None,
        method_name=cart.delivery_name if sends else None,
        services=services,
        later=to_pay_later(services, its_lines, priced.totals),
    )


async def _promotions(session: AsyncSession, priced: Priced) -> dict[uuid.UUID, AppliedRule]:
    """The promotions that lowered lines' prices, by line."""
    lowered = {
        line.id: line.offer.discount_rule_id
        for line in priced.lines
        if priced.totals.lines[line.id].promotion_amount and line.offer.discount_rule_id is not None
    }
    if not lowered:
        return {}
    rows = await send(session, RULE_NAMES, rule_ids=list(set(lowered.values())))
    rules = {row[0]: AppliedRule(*row[1:]) for row in rows}
    return {key: rules[rule] for key, rule in lowered.items() if rule in rules}


def _check_lines(priced: Priced, now: datetime) -> None:
    if not priced.cart.channel_is_active:
        raise NotReady("The channel is closed.", code="CHANNEL_INACTIVE", field="channel")
    if not priced.lines:
        raise NotReady("The cart is empty.", code="NO_LINES", field="lines")
    wanted: dict[int, int] = {}
    for line in priced.lines:
        wanted[line.offer.variant_id] = wanted.get(line.offer.variant_id, 0) + line.quantity
    for line in priced.lines:
        if (code := not_for_sale(line.offer, now)) is not None:
            raise NotForSale(code, [line.offer.variant_id])
        if wanted[line.offer.variant_id] > line.offer.quantity_limit:
            raise too_many(line.offer.variant_id, line.offer.quantity_limit)
    if short := short_of(priced.lines):
        raise InsufficientStock(short)


def _check_contact(cart: Cart, *, sends: bool) -> str:
    if not cart.email:
        raise NotReady("An e-mail address is needed for the confirmation.", code="EMAIL_NOT_SET")
    if sends and cart.shipping_address_id is None:
        raise NotReady("A shipping address is needed.", code="SHIPPING_ADDRESS_NOT_SET", field="shippingAddress")
    if cart.billing_address_id is None:
        raise NotReady("A billing address is needed.", code="BILLING_ADDRESS_NOT_SET", field="billingAddress")
    return cart.email


def _check_delivery(priced: Priced, *, sends: bool) -> None:
    if not sends:
        return
    if priced.cart.delivery_id is None:
        raise NotReady("A way of delivery has to be chosen.", code="SHIPPING_METHOD_NOT_SET", field="shippingMethod")
    problem = delivery_problem(priced.cart, priced.lines)
    if problem is not None:
        text = "no longer fits the checkout" if problem == "INVALID" else "has another price now"
        raise NotReady(
            f"The chosen way of delivery {text}; it has to be chosen again.",
            code="INVALID_SHIPPING_METHOD",
            field="shippingMethod",
        )


async def _addresses(session: AsyncSession, cart: Cart, *, sends: bool) -> tuple[PostalAddress, PostalAddress | None]:
    keys = [key for key in (cart.billing_address_id, cart.shipping_address_id) if key is not None]
    rows = {row["pk"]: _address(row) for row in await send(session, ADDRESSES_BY_ID, ids=keys)}
    assert cart.billing_address_id is not None
    billing = rows[cart.billing_address_id]
    if not sends:
        # A name and a country are enough for a receipt.
        return billing, None
    assert cart.shipping_address_id is not None
    shipping = rows[cart.shipping_address_id]
    _check_address(shipping, SHIPPING)
    _check_address(billing, BILLING)
    return billing, shipping


def _check_address(address: PostalAddress, kind: str) -> None:
    """A client may have stored less than the country needs (`validationRules`); an order needs all of it."""
    try:
        complete(address, kind=kind)
    except Many as wrong:
        fields = ", ".join(dict.fromkeys(error.field or "" for error in wrong.errors))
        raise NotReady(
            f"The {kind.lower()} address is not complete: {fields}.",
            code="MISSING_ADDRESS_DATA",
            field=f"{kind.lower()}Address",
            params={"address_type": kind},
        ) from wrong


def _address(row: Any) -> PostalAddress:
    return PostalAddress(
        first_name=row["first_name"],
        last_name=row["last_name"],
        company_name=row["company_name"],
        street_address_1=row["street_address_1"],
        street_address_2=row["street_address_2"],
        city=row["city"],
        city_area=row["city_area"],
        postal_code=row["postal_code"],
        country=row["country_code"],
        country_area=row["country_area"],
        phone=row["phone"],
        metadata=row["metadata_public"],
    )
