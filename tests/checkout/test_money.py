"""Sums of carts add up to the minor unit, whatever prices, quantities, rates and currencies meet."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from shop.checkout.rules import Cart, ChannelFacts, Line, Offer, entered_subtotal, totals
from shop.kit.money import exponent, quantum

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
CHANNEL = ChannelFacts("Shop", "CHARGE", {}, {})
RATES = st.none() | st.decimals(0, 100, places=3)
_serial = count(1)


def cart_of(currency: str, *, with_tax: bool, charges: bool, delivery: Decimal | None, rate: Decimal | None) -> Cart:
    """A cart in Germany with a chosen delivery, or without one."""
    chosen = None if delivery is None else uuid.UUID(int=1)
    return Cart(
        id=uuid.UUID(int=1),
        created_at=MOMENT,
        updated_at=MOMENT,
        user_id=None,
        email=None,
        country="DE",
        language_code="EN",
        note="",
        redirect_url=None,
        voucher_code=None,
        billing_address_id=None,
        shipping_address_id=1,
        save_billing_address=True,
        save_shipping_address=True,
        metadata_public={},
        metadata_private={},
        channel_id=1,
        channel_slug="shop",
        channel_is_active=True,
        default_country="DE",
        currency=currency,
        charge_taxes=charges,
        prices_entered_with_tax=with_tax,
        display_gross_prices=with_tax,
        delivery_id=chosen,
        method_id=None if delivery is None else 1,
        delivery_name=None if delivery is None else "Parcel",
        delivery_price_amount=delivery,
        delivery_is_valid=None if delivery is None else True,
        shipping_tax_class_id=None,
        shipping_class_rate=None,
        default_rate=rate,
        has_order_rules=False,
        gift_cards_amount=None,
        reserve_minutes=0,
        terms=None,
        channel=CHANNEL,
        method=None,
    )


@st.composite
def carts(draw: st.DrawFn) -> tuple[Cart, list[Line]]:
    """Carts of up to eight lines, with prices in whole minor units of their currency."""
    currency = draw(st.sampled_from(["USD", "EUR", "JPY", "KWD"]))
    prices = st.decimals(0, 99_999, places=exponent(currency))
    default = draw(RATES)
    cart = cart_of(
        currency,
        with_tax=draw(st.booleans()),
        charges=draw(st.booleans()),
        delivery=draw(st.none() | prices),
        rate=default,
    )
    lines = [
        Line(
            id=uuid.UUID(int=next(_serial)),
            checkout_id=cart.id,
            quantity=draw(st.integers(1, 50)),
            separate=False,
            metadata_public={},
            metadata_private={},
            is_redeemed=False,
            offer=Offer(
                variant_id=1,
                product_id=1,
                requires_shipping=draw(st.booleans()),
                track_inventory=False,
                weight_kg=Decimal(0),
                quantity_limit=50,
                tax_class_id=1,
                class_rate=draw(RATES),
                default_rate=default,
                is_published=True,
                published_at=None,
                available_for_purchase_at=MOMENT,
                price_amount=draw(st.none() | prices),
                prior_price_amount=None,
                discounted_price_amount=None,
                discount_rule_id=None,
                available=None,
            ),
        )
        for _ in range(draw(st.integers(0, 8)))
    ]
    return cart, lines


@settings(deadline=None)
@given(carts())
def test_sums_add_up_to_the_minor_unit(drawn: tuple[Cart, list[Line]]) -> None:
    cart, lines = drawn
    result = totals(cart, lines)
    parts = [result.lines[line.id].total for line in lines]
    assert result.subtotal.net == sum(part.net for part in parts)
    assert result.subtotal.gross == sum(part.gross for part in parts)
    assert result.total == result.subtotal + result.shipping
    for price in (*parts, result.shipping, result.subtotal, result.total):
        assert price.net + price.tax == price.gross
        assert 0 <= price.net <= price.gross
        assert price.net % quantum(cart.currency) == price.gross % quantum(cart.currency) == 0
    # What the owner entered is charged to the last cent; only the other side of the tax is rounded.
    entered = result.subtotal.gross if cart.prices_entered_with_tax else result.subtotal.net
    assert entered == entered_subtotal(lines)
    if not cart.charge_taxes:
        assert result.total.tax == 0
    if not any(line.offer.requires_shipping for line in lines):
        assert result.shipping.gross == 0
