"""Stock that is kept for a cart: for whom, how long, and that nobody else gets it meanwhile."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.catalogue.models import Variant
from shop.channels.models import Channel
from shop.checkout.actions import LineChange, NewLine, add_lines, delete_lines, remove, set_address, update_lines
from shop.checkout.actions.complete import Completion, complete
from shop.checkout.models import Checkout, CheckoutLine
from shop.checkout.queries import lines, of
from shop.checkout.rules import SYSTEM, Actor, Cart
from shop.kit import clock
from shop.kit.db import Database
from shop.kit.db.statements import counting
from shop.kit.errors import ShopError
from shop.site.models import SiteSettings
from shop.stock import flows
from shop.stock.actions import allocate, forget_reservations
from shop.stock.errors import InsufficientStock
from shop.stock.models import Reservation, Stock
from shop.stock.queries import AVAILABLE, AVAILABLE_IN_COUNTRY
from shop.stock.rules import Demand
from tests import factories as make

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINUTES = timedelta(minutes=15)


async def keep(session: AsyncSession, *, guest: int = 15, user: int = 15) -> None:
    await session.execute(update(SiteSettings).values(reserve_minutes_guest=guest, reserve_minutes_user=user))


async def kept(session: AsyncSession, cart: Cart) -> dict[int, int]:
    """How many of each variant are kept for the cart, expired ones too."""
    statement = (
        select(Stock.variant_id, func.sum(Reservation.quantity))
        .join(Reservation, Reservation.stock_id == Stock.id)
        .where(Reservation.checkout_id == cart.id)
        .group_by(Stock.variant_id)
    )
    return {row[0]: row[1] for row in await session.execute(statement)}


async def available(session: AsyncSession, channel: Channel, variant: Variant) -> int:
    """What the shop shows of the variant; the same with a country as without one."""
    where = {"ids": [variant.id], "channel_id": channel.id, "now": await session.scalar(select(func.clock_timestamp()))}
    (whole,) = await session.execute(AVAILABLE, where)
    (local,) = await session.execute(AVAILABLE_IN_COUNTRY, where | {"country": channel.default_country})
    assert whole.quantity == local.quantity
    return int(whole.quantity)


async def expire(session: AsyncSession) -> None:
    await session.execute(update(Reservation).values(expires_at=func.now() - timedelta(seconds=1)))


async def add(session: AsyncSession, cart: Cart, variant: Variant, quantity: int) -> None:
    async with session.begin_nested():
        await add_lines(session, cart.id, [NewLine(variant.id, quantity)], actor=SYSTEM, now=NOW)


async def test_a_shop_keeps_nothing_unless_it_says_so(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        goods = await make.variant(session, channel, stock=10)
        cart = await make.checkout(session, channel, {goods: 10})
        assert await kept(session, cart) == {}
        assert await available(session, channel, goods) == 10

    await database.run(work)


async def test_what_one_cart_keeps_no_other_cart_gets(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        goods = await make.variant(session, channel, stock=10)
        service = await make.variant(session, channel, track_inventory=False)
        await keep(session)
        cart = await make.checkout(session, channel, {goods: 4, service: 3})
        other = await make.checkout(session, channel)
        assert await kept(session, cart) == {goods.id: 4}
        assert await available(session, channel, goods) == 6
        with pytest.raises(InsufficientStock) as caught:
            await add(session, other, goods, 7)
        assert (caught.value.field, caught.value.available) == ("quantity", {goods.id: 6})
        assert await kept(session, other) == {}
        await add(session, other, goods, 6)
        assert await available(session, channel, goods) == 0
        # One's own do not stand in one's way.
        (line, _) = (await lines(of(session), [cart.id]))[cart.id]
        assert line.offer.available == 4
        await update_lines(session, cart.id, [LineChange(line.id, None, 2)], actor=SYSTEM, now=NOW)
        assert await kept(session, cart) == {goods.id: 2}
        await add(session, cart, goods, 2)
        with pytest.raises(InsufficientStock):
            await add(session, cart, goods, 1)
        assert await kept(session, cart) == {goods.id: 4}

    await database.run(work)


async def test_time_ends_it_and_a_change_begins_it_anew(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        goods, more = [await make.variant(session, channel, stock=10) for _ in range(2)]
        await keep(session)
        cart = await make.checkout(session, channel, {goods: 10})
        until, now = (await session.execute(select(Reservation.expires_at, func.statement_timestamp()))).one()
        assert MINUTES - timedelta(seconds=10) < until - now <= MINUTES
        await expire(session)
        assert await available(session, channel, goods) == 10
        await add(session, cart, more, 1)
        assert await kept(session, cart) == {goods.id: 10, more.id: 1}
        assert await available(session, channel, goods) == 0
        await expire(session)
        other = await make.checkout(session, channel, {goods: 8})
        # Of what was not asked for again, as much as there still is.
        await add(session, cart, more, 1)
        assert await kept(session, cart) == {goods.id: 2, more.id: 2}
        with pytest.raises(InsufficientStock):
            await add(session, cart, goods, 1)
        assert await kept(session, other) == {goods.id: 8}

    await database.run(work)


async def test_expired_ones_are_tidied_away(database: Database) -> None:
    async def work(session: AsyncSession) -> Cart:
        channel = await make.channel(session)
        goods = await make.variant(session, channel, stock=10)
        await keep(session)
        await make.checkout(session, channel, {goods: 1})
        await expire(session)
        return await make.checkout(session, channel, {goods: 2})

    fresh = await database.run(work)
    await flows.tidy(database)
    async with database.unit() as session:
        assert list(await session.scalars(select(Reservation.checkout_id))) == [fresh.id]
        assert await forget_reservations(session) == 0


async def test_guests_and_users_have_times_of_their_own(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        goods = await make.variant(session, channel, stock=10)
        await keep(session, guest=0, user=30)
        guest = await make.checkout(session, channel, {goods: 1})
        user = await make.checkout(session, channel, {goods: 1}, user=await make.user(session))
        assert (guest.reserve_minutes, user.reserve_minutes) == (0, 30)
        assert (await kept(session, guest), await kept(session, user)) == ({}, {goods.id: 1})

    await database.run(work)


async def test_whoever_leaves_gives_it_back(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        goods, more = [await make.variant(session, channel, stock=10) for _ in range(2)]
        await keep(session)
        cart = await make.checkout(session, channel, {goods: 4, more: 1})
        first, _ = (await lines(of(session), [cart.id]))[cart.id]
        await delete_lines(session, cart.id, [first.id], actor=SYSTEM)
        assert await kept(session, cart) == {more.id: 1}
        await update_lines(session, cart.id, [LineChange(None, more.id, 0)], actor=SYSTEM, now=NOW)
        assert await kept(session, cart) == {}
        await add(session, cart, goods, 4)
        await remove(session, cart.id)
        assert await session.scalar(select(func.count()).select_from(Reservation)) == 0
        assert await available(session, channel, goods) == 10

    await database.run(work)


async def test_an_order_takes_what_was_kept_for_it_and_nothing_of_others(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        goods = await make.variant(session, channel, stock=10, price="0.00")
        zone = await make.shipping_zone(session, channel)
        parcel = await make.shipping_method(session, zone, channel, price="0.00")
        late = await make.ready_checkout(session, channel, {goods: 5}, parcel)
        await keep(session)
        early = await make.ready_checkout(session, channel, {goods: 7}, parcel)
        with pytest.raises(InsufficientStock):
            async with session.begin_nested():
                await complete(session, late.id, Completion(SYSTEM), now=clock.now())
        with pytest.raises(InsufficientStock):
            async with session.begin_nested():
                await allocate(session, [Demand(uuid.uuid4(), goods.id, 4)], channel_id=channel.id, country="US")
        await complete(session, early.id, Completion(SYSTEM), now=clock.now())
        assert (await session.execute(select(Stock.quantity, Stock.quantity_allocated))).one() == (10, 7)
        assert await session.scalar(select(func.count()).select_from(Reservation)) == 0
        assert await available(session, channel, goods) == 3

    await database.run(work)


async def test_several_warehouses_keep_one_line_and_follow_its_country(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        here, there = [await make.shipping_zone(session, channel, countries=(one,)) for one in ("US", "FR")]
        first = await make.warehouse(session, channel, zones=(here, there))
        second = await make.warehouse(session, channel, zones=(here,))
        abroad = await make.warehouse(session, channel, zones=(there,))
        goods = await make.variant(session, channel, stock=None)
        stocks = [await make.stock(session, goods.id, place, number) for place, number in ((first, 3), (second, 9))]
        far = await make.stock(session, goods.id, abroad, 4)
        await keep(session)
        cart = await make.checkout(session, channel, {goods: 8})

        async def shares() -> dict[int, int]:
            rows = await session.execute(select(Reservation.stock_id, Reservation.quantity))
            return {row[0]: row[1] for row in rows}

        held = await shares()
        assert sum(held.values()) == 8
        assert held.keys() == {one.id for one in stocks}
        await set_address(session, cart.id, "SHIPPING", make.postal_address(country="FR"), actor=SYSTEM)
        # There is less there: as much as there is.
        assert await shares() == {stocks[0].id: 3, far.id: 4}

    await database.run(work)


async def test_keeping_stock_takes_two_statements_more(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        variants = [await make.variant(session, channel) for _ in range(20)]
        counts = []
        for minutes in (0, 15):
            await keep(session, guest=minutes)
            for number in (1, 20):
                cart = await make.checkout(session, channel)
                new = [NewLine(variant.id, 1) for variant in variants[:number]]
                with counting() as log:
                    await add_lines(session, cart.id, new, actor=SYSTEM, now=NOW)
                counts.append(log.count)
        assert counts[0] == counts[1]
        assert counts[2:] == [counts[0] + 2] * 2

    await database.run(work)


@pytest.mark.race
async def test_of_fifty_carts_ten_get_the_ten(committed: Database) -> None:
    """50 carts over 20 connections, each with both variants in another order; then all of them wish to buy."""

    async def prepare(session: AsyncSession) -> tuple[list[int], list[uuid.UUID]]:
        channel = await make.channel(session)
        goods, more = [await make.variant(session, channel, stock=10, price="0.00") for _ in range(2)]
        zone = await make.shipping_zone(session, channel)
        parcel = await make.shipping_method(session, zone, channel, price="0.00")
        await keep(session)
        service = await make.variant(session, channel, price="0.00", track_inventory=False)
        carts = [(await make.ready_checkout(session, channel, {service: 1}, parcel)).id for _ in range(50)]
        return [goods.id, more.id], carts

    variants, carts = await committed.run(prepare)

    async def fill(number: int, checkout_id: uuid.UUID) -> bool:
        new = [NewLine(variant_id, 1) for variant_id in (variants if number % 2 else variants[::-1])]
        try:
            await committed.run(lambda session: add_lines(session, checkout_id, new, actor=Actor(), now=clock.now()))
        except InsufficientStock:
            return False
        return True

    filled = await asyncio.gather(*(fill(number, checkout_id) for number, checkout_id in enumerate(carts)))
    winners = {checkout_id for checkout_id, got in zip(carts, filled, strict=True) if got}
    assert len(winners) == 10

    async def settle(session: AsyncSession) -> None:
        # The losers' carts hold the same without a reservation, and race the winners to the till.
        assert await session.scalar(select(func.count()).select_from(CheckoutLine)) == 50 + 20
        for checkout_id in set(carts) - winners:
            session.add_all(
                CheckoutLine(checkout_id=checkout_id, variant_id=variant, quantity=1) for variant in variants
            )
        # A delivery needs to be chosen where something is sent.
        await session.execute(delete(CheckoutLine).where(CheckoutLine.variant_id.not_in(variants)))

    await committed.run(settle)

    async def buy(checkout_id: uuid.UUID) -> str:
        try:
            await committed.run(lambda session: complete(session, checkout_id, Completion(SYSTEM), now=clock.now()))
        except ShopError as error:
            return error.code
        return "BOUGHT"

    outcomes = dict(zip(carts, await asyncio.gather(*map(buy, carts)), strict=True))
    assert {key for key, outcome in outcomes.items() if outcome == "BOUGHT"} == winners
    assert {outcomes[key] for key in set(carts) - winners} == {"INSUFFICIENT_STOCK"}
    async with committed.unit() as session:
        assert (await session.execute(select(Stock.quantity_allocated))).scalars().all() == [10, 10]
        assert await session.scalar(select(func.count()).select_from(Reservation)) == 0
        assert await session.scalar(select(func.count()).select_from(Checkout)) == 40
