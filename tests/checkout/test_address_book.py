"""What an order leaves in its buyer's address book."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.actions import keep_address
from shop.accounts.actions.addresses import LONGEST_BOOK
from shop.accounts.models import Address, User
from shop.checkout.actions.complete import Completion, complete
from shop.checkout.rules import SYSTEM
from shop.kit import clock
from shop.kit.db import Database
from tests import factories as make

HOME = make.postal_address()
OFFICE = make.postal_address(street_address_1="2 Example Street")


async def book(session: AsyncSession, user: User) -> list[tuple[str, bool, bool]]:
    """Streets of the user's book, and whether they are the default for parcels and for bills."""
    await session.refresh(user)
    rows = await session.execute(select(Address).where(Address.user_id == user.id).order_by(Address.id))
    return [
        (one.street_address_1, one.id == user.default_shipping_address_id, one.id == user.default_billing_address_id)
        for one in rows.scalars()
    ]


async def buy(session: AsyncSession, user: User, **how: Any) -> None:
    """An order of something to send, at no cost."""
    channel = await make.channel(session)
    goods = await make.variant(session, channel, stock=10, price="0.00")
    zone = await make.shipping_zone(session, channel)
    parcel = await make.shipping_method(session, zone, channel, price="0.00")
    given = {"shipping_address": HOME, "billing_address": OFFICE} | how
    cart = await make.checkout(session, channel, {goods: 1}, user=user, delivery=parcel, **given)
    assert cart.delivery_price_amount == Decimal(0)
    await complete(session, cart.id, Completion(SYSTEM), now=clock.now())


async def test_an_order_s_addresses_are_in_the_book_once(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        user = await make.user(session)
        await buy(session, user)
        both = [("1 Example Street", True, False), ("2 Example Street", False, True)]
        assert await book(session, user) == both
        await buy(session, user)
        assert await book(session, user) == both
        # The defaults stay the owner's choice.
        await buy(session, user, shipping_address=OFFICE, billing_address=HOME)
        assert await book(session, user) == both

    await database.run(work)


async def test_one_address_for_both_is_one_address(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        user = await make.user(session)
        await buy(session, user, billing_address=HOME)
        assert await book(session, user) == [("1 Example Street", True, True)]

    await database.run(work)


@pytest.mark.parametrize(
    ("shipping", "billing", "kept"),
    [
        (True, False, [("1 Example Street", True, False)]),
        (False, True, [("2 Example Street", False, True)]),
        (False, False, []),
    ],
)
async def test_what_the_buyer_did_not_wish_to_save(
    database: Database, shipping: bool, billing: bool, kept: list[tuple[str, bool, bool]]
) -> None:
    async def work(session: AsyncSession) -> None:
        user = await make.user(session)
        await buy(session, user, save_shipping_address=shipping, save_billing_address=billing)
        assert await book(session, user) == kept

    await database.run(work)


async def test_a_guest_has_no_book(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        goods = await make.variant(session, channel, stock=1, price="0.00")
        zone = await make.shipping_zone(session, channel)
        parcel = await make.shipping_method(session, zone, channel, price="0.00")
        cart = await make.ready_checkout(session, channel, {goods: 1}, parcel)
        await complete(session, cart.id, Completion(SYSTEM), now=clock.now())
        owned = select(func.count()).select_from(Address).where(Address.user_id.is_not(None))
        assert await session.scalar(owned) == 0

    await database.run(work)


async def test_a_full_book_loses_its_oldest(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        user = await make.user(session)
        for number in range(LONGEST_BOOK):
            await make.address(session, user_id=user.id, street_address_1=f"{number} Full Street")
        await keep_address(session, user.id, HOME, "SHIPPING")
        streets = [street for street, _, _ in await book(session, user)]
        assert len(streets) == LONGEST_BOOK
        assert (streets[0], streets[-1]) == ("1 Full Street", "1 Example Street")

    await database.run(work)
