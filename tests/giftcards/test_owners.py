"""Whose a card is, and what becomes of it when people come and go."""

from decimal import Decimal

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.events import MailboxProved
from shop.accounts.models import User
from shop.giftcards.actions import Buyer, Issued, adopt_guest_cards, spend
from shop.giftcards.errors import GiftCardNotApplicable
from shop.giftcards.models import GiftCard
from shop.kit import clock
from shop.kit.db import Database
from tests import factories as make


async def owner(session: AsyncSession, card: Issued) -> tuple[int | None, str | None]:
    found = (await session.execute(select(GiftCard.user_id, GiftCard.email).where(GiftCard.id == card.id))).one()
    return found.user_id, found.email


async def pay(session: AsyncSession, card: Issued, user_id: int | None, email: str) -> None:
    """Ten of the card for an order of theirs."""
    buyer = Buyer("USD", user_id, email)
    order_id = (await session.execute(select(func.gen_random_uuid()))).scalar_one()
    await spend(session, [card.id], Decimal(10), buyer, order_id=order_id, now=clock.now())


async def test_who_spends_first_owns_it(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        user = await make.user(session, email="owner@example.com")
        theirs, guests = await make.gift_card(session), await make.gift_card(session)
        await pay(session, theirs, user.id, "another@example.com")
        await pay(session, guests, None, "Guest@example.com")
        assert await owner(session, theirs) == (user.id, None)
        assert await owner(session, guests) == (None, "Guest@example.com")
        # An e-mail that somebody says is theirs opens no user's card.
        with pytest.raises(GiftCardNotApplicable):
            await pay(session, theirs, None, "owner@example.com")
        await pay(session, guests, user.id, "guest@example.com")
        assert await owner(session, guests) == (None, "Guest@example.com")

    await database.run(work)


async def test_a_proved_mailbox_brings_its_cards(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        user = await make.user(session, email="guest@example.com")
        card, other = await make.gift_card(session), await make.gift_card(session)
        await pay(session, card, None, "Guest@example.com")
        await pay(session, other, None, "other@example.com")
        await adopt_guest_cards(session, MailboxProved(user.id, "guest@example.com"))
        assert await owner(session, card) == (user.id, None)
        assert await owner(session, other) == (None, "other@example.com")

    await database.run(work)


async def test_without_its_user_a_card_is_nobody_s(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        user = await make.user(session)
        card = await make.gift_card(session)
        await pay(session, card, user.id, user.email)
        await session.execute(delete(User).where(User.id == user.id))
        assert await owner(session, card) == (None, None)
        await pay(session, card, None, "finder@example.com")

    await database.run(work)


async def test_a_card_has_one_owner(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        user = await make.user(session)
        with pytest.raises(IntegrityError, match="one_owner"):
            async with session.begin_nested():
                await make.gift_card(session, user_id=user.id, email=user.email)

    await database.run(work)
