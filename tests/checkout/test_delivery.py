"""How a cart can be delivered, and when a choice is no longer right."""

import uuid
from decimal import Decimal

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.channels.models import Channel
from shop.checkout.actions import Option, calculate_deliveries, choose_delivery, set_address
from shop.checkout.actions.contact import BILLING, SHIPPING
from shop.checkout.models import Checkout, Delivery
from shop.checkout.queries import of, priced
from shop.checkout.rules import SYSTEM, Cart, delivery_problem
from shop.kit import clock
from shop.kit.db import Database
from shop.kit.errors import ShopError
from shop.shipping.models import ShippingMethod, ShippingMethodListing, ShippingZone
from tests import factories as make


async def options(session: AsyncSession, cart: Cart) -> list[Option]:
    return (await calculate_deliveries(session, cart.id, actor=SYSTEM))[1]


async def names(session: AsyncSession, cart: Cart) -> list[str]:
    return [option.name for option in await options(session, cart)]


async def problem(session: AsyncSession, cart: Cart) -> str | None:
    whole = (await priced(of(session), [cart.id], now=clock.now()))[cart.id]
    return delivery_problem(whole.cart, whole.lines)


async def shop(session: AsyncSession) -> tuple[Channel, ShippingZone, ShippingMethod]:
    channel = await make.channel(session)
    zone = await make.shipping_zone(session, channel, countries=("US", "CA"))
    return channel, zone, await make.shipping_method(session, zone, channel, name="Parcel", price="5.00")


async def set_price(session: AsyncSession, method: ShippingMethod, **values: Decimal) -> None:
    listing = update(ShippingMethodListing).where(ShippingMethodListing.method_id == method.id)
    await session.execute(listing.values(**values))


async def test_what_fits_is_offered_in_order_and_keeps_its_id(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel, zone, _ = await shop(session)
        await make.shipping_method(session, zone, channel, name="Express", price="15.00", sort_order=1)
        await make.shipping_method(session, zone, channel, name="Free from 100", price="0", minimum="100")
        await make.shipping_method(session, zone, channel, name="Up to 50", price="4", maximum="50.00")
        await make.shipping_method(
            session, zone, channel, name="Heavy", type="WEIGHT", price="1", minimum_weight_kg=Decimal(3)
        )
        await make.shipping_method(session, zone, name="Not sold here")
        other = await make.channel(session)
        await make.shipping_method(session, zone, other, name="Other channel")
        abroad = await make.shipping_zone(session, channel, countries=("DE",))
        await make.shipping_method(session, abroad, channel, name="Abroad")
        goods = await make.variant(session, channel, price="25.00", weight_kg=Decimal(1))
        address = make.postal_address()
        two = await make.checkout(session, channel, {goods: 2}, shipping_address=address)
        assert await names(session, two) == ["Up to 50", "Parcel", "Express"]
        four = await make.checkout(session, channel, {goods: 4}, shipping_address=address)
        assert await names(session, four) == ["Free from 100", "Heavy", "Parcel", "Express"]
        before = await options(session, four)
        assert await options(session, four) == before
        # Offers of before that no longer fit are withdrawn.
        await set_address(session, four.id, SHIPPING, make.postal_address(country="DE"), actor=SYSTEM)
        assert await names(session, four) == ["Abroad"]
        rows = await session.execute(
            select(Delivery.name).where(Delivery.checkout_id == four.id, Delivery.is_valid).order_by(Delivery.name)
        )
        assert rows.scalars().all() == ["Abroad"]

    await database.run(work)


async def test_nothing_is_offered_before_the_address_or_where_nothing_is_sent(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel, _, parcel = await shop(session)
        goods = await make.variant(session, channel)
        kind = await make.product_type(session, is_shipping_required=False)
        product = await make.product(session, channel, type=kind)
        visit = await make.variant(session, channel, track_inventory=False, product=product)
        unaddressed = await make.checkout(session, channel, {goods: 1}, billing_address=make.postal_address())
        assert await options(session, unaddressed) == []
        virtual = await make.checkout(session, channel, {visit: 1}, shipping_address=make.postal_address())
        assert await options(session, virtual) == []
        for cart, code in ((unaddressed, "SHIPPING_ADDRESS_NOT_SET"), (virtual, "SHIPPING_NOT_REQUIRED")):
            with pytest.raises(ShopError) as caught:
                await choose_delivery(session, cart.id, method_id=parcel.id, actor=SYSTEM)
            assert caught.value.code == code

    await database.run(work)


async def test_a_delivery_is_chosen_by_its_own_or_its_method_s_id(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel, zone, parcel = await shop(session)
        dear = await make.shipping_method(session, zone, channel, name="Only dear", minimum="1000")
        goods = await make.variant(session, channel)
        address = make.postal_address()
        cart = await make.checkout(session, channel, {goods: 1}, shipping_address=address)
        (offer,) = await options(session, cart)
        cart = await choose_delivery(session, cart.id, delivery_id=offer.delivery_id, actor=SYSTEM)
        assert (cart.delivery_id, cart.delivery_name, cart.delivery_price_amount) == (
            offer.delivery_id,
            "Parcel",
            Decimal("5.00"),
        )
        cart = await choose_delivery(session, cart.id, actor=SYSTEM)
        assert (cart.delivery_id, cart.terms) == (None, None)
        cart = await choose_delivery(session, cart.id, method_id=parcel.id, actor=SYSTEM)
        assert cart.delivery_id == offer.delivery_id

        stranger = await make.checkout(session, channel, {goods: 1}, shipping_address=address)
        (foreign,) = await options(session, stranger)
        for delivery_id in (uuid.uuid4(), foreign.delivery_id):
            with pytest.raises(ShopError) as caught:
                await choose_delivery(session, cart.id, delivery_id=delivery_id, actor=SYSTEM)
            assert (caught.value.code, caught.value.field) == ("NOT_FOUND", "deliveryMethodId")
        for method_id in (dear.id, 2_000_000_000):
            with pytest.raises(ShopError) as caught:
                await choose_delivery(session, cart.id, method_id=method_id, actor=SYSTEM)
            assert caught.value.code == "DELIVERY_METHOD_NOT_APPLICABLE"
        await set_price(session, parcel, minimum_order_amount=Decimal(500))
        with pytest.raises(ShopError) as caught:
            await choose_delivery(session, cart.id, delivery_id=offer.delivery_id, actor=SYSTEM)
        assert caught.value.code == "DELIVERY_METHOD_NOT_APPLICABLE"
        kept = (await session.execute(select(Checkout.delivery_id).where(Checkout.id == cart.id))).scalar_one()
        assert kept == offer.delivery_id

    await database.run(work)


async def test_a_choice_grows_stale_with_the_price_and_invalid_with_the_terms(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel, _, parcel = await shop(session)
        goods = await make.variant(session, channel)
        cart = await make.ready_checkout(session, channel, {goods: 1}, parcel)
        assert await problem(session, cart) is None
        await set_price(session, parcel, price_amount=Decimal(6))
        assert await problem(session, cart) == "STALE"
        # Until it is worked out anew, it costs what it was offered for.
        assert (await priced(of(session), [cart.id], now=clock.now()))[cart.id].totals.shipping.gross == 5
        await options(session, cart)
        assert await problem(session, cart) is None
        assert (await priced(of(session), [cart.id], now=clock.now()))[cart.id].totals.shipping.gross == 6
        await set_address(session, cart.id, SHIPPING, make.postal_address(country="CA"), actor=SYSTEM)
        assert await problem(session, cart) is None
        await set_address(session, cart.id, SHIPPING, make.postal_address(country="DE"), actor=SYSTEM)
        assert await problem(session, cart) == "INVALID"
        await set_address(session, cart.id, SHIPPING, make.postal_address(country="US"), actor=SYSTEM)
        await set_price(session, parcel, minimum_order_amount=Decimal(11))
        assert await problem(session, cart) == "INVALID"
        await session.execute(delete(ShippingMethodListing).where(ShippingMethodListing.method_id == parcel.id))
        assert await problem(session, cart) == "INVALID"
        await session.execute(delete(ShippingMethod).where(ShippingMethod.id == parcel.id))
        assert await problem(session, cart) is None
        whole = (await priced(of(session), [cart.id], now=clock.now()))[cart.id]
        assert (whole.cart.delivery_id, whole.totals.shipping.gross) == (None, Decimal(0))

    await database.run(work)


async def test_the_country_is_where_it_goes_else_where_the_bill_goes(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        cart = await make.checkout(session, channel)
        assert cart.country == "US"
        bill, goods = make.postal_address(country="FR"), make.postal_address(country="DE")
        cart = await set_address(session, cart.id, BILLING, bill, save=False, actor=SYSTEM)
        assert (cart.country, cart.save_billing_address, cart.save_shipping_address) == ("FR", False, True)
        cart = await set_address(session, cart.id, SHIPPING, goods, actor=SYSTEM)
        assert cart.country == "DE"
        again = await set_address(session, cart.id, BILLING, bill, actor=SYSTEM)
        assert (again.country, again.save_billing_address) == ("DE", True)
        # One row for each address, however often it changes.
        assert (again.billing_address_id, again.shipping_address_id) == (
            cart.billing_address_id,
            cart.shipping_address_id,
        )

    await database.run(work)
