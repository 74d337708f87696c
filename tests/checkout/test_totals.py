"""What a cart costs, exactly, in channels whose prices hold the tax and in those whose prices do not."""

from dataclasses import fields
from decimal import Decimal

import pytest
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.checkout import queries
from shop.checkout.models import CheckoutLine
from shop.checkout.queries import Priced, of, priced
from shop.checkout.rules import Cart, ChannelFacts, Line, MethodFacts, Offer, requires_shipping
from shop.kit import clock
from shop.kit.db import Database
from shop.kit.money import TaxedMoney
from shop.pricing.models import VariantListing
from shop.shipping.rules import Terms
from tests import factories as make


def money(net: str, gross: str, currency: str = "EUR") -> TaxedMoney:
    return TaxedMoney(Decimal(net), Decimal(gross), currency)


async def read(session: AsyncSession, cart: Cart) -> Priced:
    return (await priced(of(session), [cart.id], now=clock.now()))[cart.id]


def test_rows_have_the_columns_that_the_rules_name() -> None:
    own = [field.name for field in fields(Cart)][:-3]
    columns = [column.name for column in queries.CARTS.selected_columns]
    renamed = {"metadata": "metadata_public", "private_metadata": "metadata_private"}
    assert [renamed.get(name, name) for name in columns][: len(own)] == own
    rest = (Terms, ChannelFacts, MethodFacts)
    assert len(columns) == len(own) + sum(len(fields(part)) for part in rest)
    own = [field.name for field in fields(Line)][:-1]
    columns = [column.name for column in queries.LINES.selected_columns]
    assert [renamed.get(name, name) for name in columns][: len(own)] == own
    assert len(columns) == len(own) + len(fields(Offer))
    names = {"is_shipping_required": "requires_shipping"}
    assert [names.get(name, name) for name in columns[len(own) :]] == [field.name for field in fields(Offer)]


@pytest.mark.parametrize(
    ("with_tax", "subtotal", "shipping", "total"),
    [
        # Three of 33.33 at 19 % and two of 10.00 at 7 %; delivery 4.90 at the country's default of 19 %.
        (True, money("102.72", "119.99"), money("4.12", "4.90"), money("106.84", "124.89")),
        (False, money("119.99", "140.39"), money("4.90", "5.83"), money("124.89", "146.22")),
    ],
)
async def test_totals_are_exact_with_and_without_tax_in_the_prices(
    database: Database, with_tax: bool, subtotal: TaxedMoney, shipping: TaxedMoney, total: TaxedMoney
) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session, currency="EUR", country="DE", prices_entered_with_tax=with_tax)
        await make.tax_rate(session, "DE", "19")
        reduced = await make.tax_class(session, rates={"DE": "7", "US": "3"})
        cream = await make.variant(session, channel, price="33.33")
        book = await make.variant(
            session, channel, price="10.00", product=await make.product(session, channel, tax_class=reduced)
        )
        zone = await make.shipping_zone(session, channel, countries=("DE",))
        parcel = await make.shipping_method(session, zone, channel, price="4.90")
        cart = await make.ready_checkout(session, channel, {cream: 3, book: 2}, parcel)
        result = await read(session, cart)
        assert [line.quantity for line in result.lines] == [3, 2]
        assert result.totals.subtotal == subtotal
        assert result.totals.shipping == shipping
        assert result.totals.total == total
        assert result.totals.shipping_tax_rate == 19
        first, second = (result.totals.lines[line.id] for line in result.lines)
        assert [first.tax_rate, second.tax_rate] == [Decimal(19), Decimal(7)]
        if with_tax:
            assert first.unit == money("28.01", "33.33")
            # Taxed as a whole: not three times 28.01.
            assert first.total == money("84.03", "99.99")
            assert second.total == money("18.69", "20.00")
        else:
            assert first.unit == money("33.33", "39.66")
            assert first.total == money("99.99", "118.99")
            assert second.total == money("20.00", "21.40")
        assert (first.unit_amount, first.total_amount) == (Decimal("33.33"), Decimal("99.99"))

    await database.run(work)


async def test_the_type_s_class_taxes_where_the_product_has_none_and_the_method_s_class_taxes_delivery(
    database: Database,
) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session, currency="EUR", country="DE", prices_entered_with_tax=False)
        await make.tax_rate(session, "DE", "19")
        reduced = await make.tax_class(session, rates={"DE": "7"})
        unknown_here = await make.tax_class(session, rates={"US": "3"})
        kind = await make.product_type(session, tax_class=reduced)
        by_type = await make.variant(
            session, channel, price="100", product=await make.product(session, channel, type=kind)
        )
        by_default = await make.variant(
            session, channel, price="100", product=await make.product(session, channel, tax_class=unknown_here)
        )
        zone = await make.shipping_zone(session, channel, countries=("DE",))
        parcel = await make.shipping_method(session, zone, channel, price="10", tax_class=reduced)
        cart = await make.ready_checkout(session, channel, {by_type: 1, by_default: 1}, parcel)
        result = await read(session, cart)
        rates = {line.offer.variant_id: result.totals.lines[line.id].tax_rate for line in result.lines}
        assert rates == {by_type.id: 7, by_default.id: 19}
        assert result.totals.shipping == money("10", "10.70")

    await database.run(work)


async def test_a_channel_that_charges_no_tax_has_net_equal_to_gross(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session, currency="JPY", country="JP", charge_taxes=False)
        await make.tax_rate(session, "JP", "10")
        variant = await make.variant(session, channel, price="333")
        result = await read(session, await make.checkout(session, channel, {variant: 3}))
        assert result.totals.total == TaxedMoney(Decimal(999), Decimal(999), "JPY")

    await database.run(work)


async def test_delivery_costs_nothing_when_nothing_is_sent(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        zone = await make.shipping_zone(session, channel)
        parcel = await make.shipping_method(session, zone, channel, price="7.50")
        goods = await make.variant(session, channel, price="10")
        kind = await make.product_type(session, is_shipping_required=False)
        visit = await make.variant(
            session,
            channel,
            price="200",
            track_inventory=False,
            product=await make.product(session, channel, type=kind),
        )
        cart = await make.ready_checkout(session, channel, {goods: 1, visit: 2}, parcel)
        both = await read(session, cart)
        assert requires_shipping(both.lines)
        assert both.totals.total.gross == Decimal("417.50")
        await session.execute(delete(CheckoutLine).where(CheckoutLine.variant_id == goods.id))
        alone = await read(session, cart)
        assert not requires_shipping(alone.lines)
        assert alone.totals.shipping.gross == 0
        assert alone.totals.total.gross == 400

    await database.run(work)


async def test_prices_follow_the_listings(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        variant = await make.variant(session, channel, price="10", prior_price="12.50")
        cart = await make.checkout(session, channel, {variant: 2})
        line = (await read(session, cart)).lines[0]
        assert (await read(session, cart)).totals.lines[line.id].prior_total_amount == 25
        listing = update(VariantListing).where(VariantListing.variant_id == variant.id)
        await session.execute(listing.values(price_amount=Decimal(11)))
        assert (await read(session, cart)).totals.subtotal.gross == 22
        await session.execute(delete(VariantListing).where(VariantListing.variant_id == variant.id))
        gone = await read(session, cart)
        assert gone.totals.subtotal.gross == 0
        assert gone.lines[0].offer.price_amount is None

    await database.run(work)
