"""Shipping methods, addresses, users and checkouts."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.addresses import PostalAddress
from shop.accounts.models import Address, User
from shop.catalogue.models import Variant
from shop.channels.models import Channel
from shop.checkout import actions
from shop.checkout.actions import NewCheckout, NewLine
from shop.checkout.rules import SYSTEM, Cart
from shop.kit import clock
from shop.shipping.models import ShippingMethod, ShippingMethodListing, ShippingZone
from shop.tax.models import TaxClass

_serial = count(1)


def postal_address(**texts: Any) -> PostalAddress:
    """A complete address in the United States, but for what the test says."""
    given = {
        "first_name": "Example",
        "last_name": "Customer",
        "street_address_1": "1 Example Street",
        "city": "Example City",
        "postal_code": "10001",
        "country": "US",
        "country_area": "NY",
    }
    return PostalAddress(**(given | texts))


async def address(session: AsyncSession, **columns: Any) -> Address:
    """A row with an address."""
    value = postal_address()
    texts = {name: getattr(value, name) for name in ("first_name", "last_name", "street_address_1", "city")}
    made = Address(**(texts | {"postal_code": "10001", "country": "US", "country_area": "NY"} | columns))
    session.add(made)
    await session.flush()
    return made


async def user(session: AsyncSession, *, email: str | None = None, is_staff: bool = False, **columns: Any) -> User:
    """A user who may log in."""
    made = User(
        email=email or f"customer-{next(_serial)}@example.com",
        is_staff=is_staff,
        is_confirmed=True,
        **columns,
    )
    session.add(made)
    await session.flush()
    return made


async def shipping_method(
    session: AsyncSession,
    zone: ShippingZone,
    *channels: Channel,
    name: str | None = None,
    price: str = "5.00",
    type: str = "PRICE",
    minimum: str | None = None,
    maximum: str | None = None,
    tax_class: TaxClass | None = None,
    **columns: Any,
) -> ShippingMethod:
    """A method of the zone with its price, and its limits of order prices, in the channels."""
    made = ShippingMethod(
        zone_id=zone.id,
        name=name or f"Method {next(_serial)}",
        type=type,
        tax_class_id=tax_class.id if tax_class else None,
        **columns,
    )
    session.add(made)
    await session.flush()
    session.add_all(
        ShippingMethodListing(
            method_id=made.id,
            channel_id=channel.id,
            currency=channel.currency,
            price_amount=Decimal(price),
            minimum_order_amount=Decimal(minimum) if minimum else None,
            maximum_order_amount=Decimal(maximum) if maximum else None,
        )
        for channel in channels
    )
    await session.flush()
    return made


async def checkout(
    session: AsyncSession,
    channel: Channel,
    lines: Mapping[Variant, int] | None = None,
    *,
    user: User | None = None,
    email: str | None = None,
    shipping_address: PostalAddress | None = None,
    billing_address: PostalAddress | None = None,
    delivery: ShippingMethod | None = None,
    **columns: Any,
) -> Cart:
    """A checkout made by the action itself, with its delivery chosen where a method is given."""
    cart = await actions.create(
        session,
        NewCheckout(
            channel=channel.slug,
            lines=[NewLine(variant.id, quantity) for variant, quantity in (lines or {}).items()],
            email=email,
            shipping_address=shipping_address,
            billing_address=billing_address,
            **columns,
        ),
        user_id=user.id if user else None,
        now=clock.now(),
    )
    if delivery is not None:
        cart = await actions.choose_delivery(session, cart.id, method_id=delivery.id, actor=SYSTEM)
    return cart


async def ready_checkout(
    session: AsyncSession, channel: Channel, lines: Mapping[Variant, int], delivery: ShippingMethod | None = None
) -> Cart:
    """A guest's checkout that lacks nothing but its payment."""
    somewhere = postal_address(country=channel.default_country)
    return await checkout(
        session,
        channel,
        lines,
        email="buyer@example.com",
        shipping_address=somewhere if delivery is not None else None,
        billing_address=somewhere,
        delivery=delivery,
    )
