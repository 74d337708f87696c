"""Gift cards on a cart: what they take off what has to be paid, and that each of their cents is spent once."""

import asyncio
import uuid
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.channels.models import Channel
from shop.checkout.actions import add_promo_code, remove_gift_card, remove_promo_code
from shop.checkout.actions.complete import Completion, complete
from shop.checkout.actions.quote import quote
from shop.checkout.models import CheckoutGiftCard
from shop.checkout.queries import carts, of, priced
from shop.checkout.rules import CARDS_LIMIT, SYSTEM, Cart, payable
from shop.discounts.errors import InvalidPromoCode
from shop.giftcards.actions import Issued
from shop.giftcards.errors import GiftCardNotApplicable
from shop.giftcards.models import GiftCard, GiftCardEvent
from shop.kit import clock
from shop.kit.db import Database
from shop.kit.errors import ShopError
from shop.kit.money import TaxedMoney
from shop.orders.models import Order
from shop.payments.models import Transaction
from tests import factories as make
from tests.factories.payments import broken_invariants, transaction


async def sale(session: AsyncSession) -> Cart:
    """A guest's checkout of something for 80.00 that is not sent, without tax."""
    channel = await make.channel(session, charge_taxes=False)
    kind = await make.product_type(session, is_shipping_required=False)
    product = await make.product(session, channel, type=kind)
    visit = await make.variant(session, channel, product=product, price="80.00", track_inventory=False)
    return await make.ready_checkout(session, channel, {visit: 1})


async def give(session: AsyncSession, cart: Cart, card: Issued) -> Cart:
    async with session.begin_nested():
        return await add_promo_code(session, cart.id, card.code, actor=SYSTEM, now=clock.now())


async def due(session: AsyncSession, cart: Cart) -> Decimal:
    found = (await priced(of(session), [cart.id], now=clock.now()))[cart.id]
    return payable(found.cart, found.totals.total).gross


async def balance(session: AsyncSession, card: Issued) -> Decimal:
    return (await session.execute(select(GiftCard.current_amount).where(GiftCard.id == card.id))).scalar_one()


async def ledger(session: AsyncSession, card: Issued) -> list[tuple[str, Decimal, Decimal]]:
    events = GiftCardEvent.type, GiftCardEvent.amount, GiftCardEvent.balance_amount
    rows = await session.execute(select(*events).where(GiftCardEvent.card_id == card.id).order_by(GiftCardEvent.id))
    return [(row[0], row[1], row[2]) for row in rows]


async def buy(session: AsyncSession, cart: Cart) -> uuid.UUID:
    async with session.begin_nested():
        return await complete(session, cart.id, Completion(SYSTEM), now=clock.now())


@pytest.mark.parametrize(
    ("net", "gross", "card", "expected"),
    [
        ("100", "119", None, ("100", "119")),
        ("100", "119", "0", ("100", "119")),
        ("100", "119", "19", ("84.03", "100")),
        ("100", "119", "119", ("0", "0")),
        ("100", "119", "500", ("0", "0")),
        ("0", "0", "500", ("0", "0")),
    ],
)
async def test_the_tax_is_the_same_part_of_what_is_left(
    database: Database, net: str, gross: str, card: str | None, expected: tuple[str, str]
) -> None:
    async def work(session: AsyncSession) -> None:
        cart = await sale(session)
        (found,) = (await carts(of(session), [cart.id])).values()
        assert found.gift_cards_amount is None
        given = replace(found, gift_cards_amount=None if card is None else Decimal(card))
        left = payable(given, TaxedMoney(Decimal(net), Decimal(gross), "USD"))
        assert (left.net, left.gross) == (Decimal(expected[0]), Decimal(expected[1]))

    await database.run(work)


async def test_a_card_lessens_what_has_to_be_paid_and_is_not_spent_by_it(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        cart = await sale(session)
        one, two = await make.gift_card(session, "50.00"), await make.gift_card(session, "20.00")
        assert await due(session, cart) == 80
        assert (await give(session, cart, one)).gift_cards_amount == 50
        assert (await give(session, cart, one)).gift_cards_amount == 50
        assert (await give(session, cart, two)).gift_cards_amount == 70
        assert await due(session, cart) == 10
        asked = await quote(session, cart.id, SYSTEM)
        assert (asked.total, [line.amount for line in asked.lines]) == (Decimal(10), [Decimal(10)])
        assert (await remove_promo_code(session, cart.id, one.code.lower(), actor=SYSTEM)).gift_cards_amount == 20
        assert (await remove_gift_card(session, cart.id, two.id, actor=SYSTEM)).gift_cards_amount is None
        for gone in (one.code, "NOBODY-KNOWS-IT"):
            with pytest.raises(ShopError) as caught:
                await remove_promo_code(session, cart.id, gone, actor=SYSTEM)
            assert (caught.value.code, caught.value.field) == ("NOT_FOUND", "promoCode")
        with pytest.raises(ShopError) as caught:
            await remove_gift_card(session, cart.id, one.id, actor=SYSTEM)
        assert (caught.value.code, caught.value.field) == ("NOT_FOUND", "promoCodeId")
        assert await ledger(session, one) == [("ISSUED", Decimal(50), Decimal(50))]

    await database.run(work)


YESTERDAY = date(2020, 1, 1)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"expires_on": YESTERDAY}, "expired"),
        ({"is_active": False}, "not active"),
        ({"currency": "EUR"}, "holds EUR"),
        ({"current_amount": Decimal(0)}, "used up"),
        ({"email": "other@example.com"}, "another customer"),
    ],
)
async def test_cards_that_cannot_be_spent(database: Database, columns: dict[str, Any], reason: str) -> None:
    async def work(session: AsyncSession) -> None:
        cart = await sale(session)
        bad = await make.gift_card(session, "100.00", **columns)
        # Somebody else's is no card at all, for who only knows its code.
        theirs = "email" in columns
        with pytest.raises(ShopError, match="not valid" if theirs else reason) as refused:
            await give(session, cart, bad)
        code = "INVALID" if theirs else "GIFT_CARD_NOT_APPLICABLE"
        assert (refused.value.code, refused.value.field) == (code, "promoCode")
        assert await session.scalar(select(func.count()).select_from(CheckoutGiftCard)) == 0
        # The database judges as the rule does, when a card goes bad after it was given.
        good = await make.gift_card(session, "100.00")
        assert (await give(session, cart, good)).gift_cards_amount == 100
        await session.execute(update(GiftCard).where(GiftCard.id == good.id).values(**columns))
        assert await due(session, cart) == 80
        with pytest.raises(GiftCardNotApplicable, match=reason) as caught:
            await buy(session, cart)
        assert caught.value.field is None
        assert await session.scalar(select(func.count()).select_from(Order)) == 0

    await database.run(work)


async def test_unknown_codes_are_no_codes(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        cart = await sale(session)
        with pytest.raises(InvalidPromoCode):
            await add_promo_code(session, cart.id, "NOBODY-KNOWS-IT", actor=SYSTEM, now=clock.now())

    await database.run(work)


async def test_a_checkout_takes_a_bounded_number_of_cards(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        cart = await sale(session)
        for _ in range(CARDS_LIMIT):
            await give(session, cart, await make.gift_card(session, "1.00"))
        with pytest.raises(ShopError, match="at most"):
            await give(session, cart, await make.gift_card(session, "1.00"))
        assert await due(session, cart) == 80 - CARDS_LIMIT

    await database.run(work)


async def test_a_cart_that_cards_cover_needs_no_payment(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        cart = await sale(session)
        one, two, idle = [await make.gift_card(session, amount) for amount in ("50.00", "40.00", "5.00")]
        for card in (one, two, idle):
            await give(session, cart, card)
        assert await due(session, cart) == 0
        order_id = await buy(session, cart)
        columns = Order.total_gross_amount, Order.total_charged_amount, Order.charge_status, Order.status
        order = (await session.execute(select(*columns).where(Order.id == order_id))).one()
        assert tuple(order) == (80, 80, "FULL", "UNFULFILLED")
        assert await ledger(session, one) == [
            ("ISSUED", Decimal(50), Decimal(50)),
            ("USED_IN_ORDER", Decimal(-50), Decimal(0)),
        ]
        assert (await ledger(session, two))[1:] == [("USED_IN_ORDER", Decimal(-30), Decimal(10))]
        assert (await ledger(session, idle))[1:] == []
        paid = await session.execute(
            select(Transaction.name, Transaction.charged_amount).order_by(Transaction.charged_amount.desc())
        )
        assert [tuple(row) for row in paid] == [
            (f"Gift card {one.code[-4:]}", 50),
            (f"Gift card {two.code[-4:]}", 30),
        ]
        # Once spent, it is the spender's.
        owner = (await session.execute(select(GiftCard.email).where(GiftCard.id == two.id))).scalar_one()
        assert owner == "buyer@example.com"
        # A second completion answers with the same order, and takes nothing more.
        assert await buy(session, cart) == order_id
        assert await balance(session, two) == 10

    await database.run(work)
    assert await broken_invariants(database) == []


async def test_money_pays_what_cards_leave(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        cart = await sale(session)
        card = await make.gift_card(session, "50.00")
        await give(session, cart, card)
        with pytest.raises(ShopError) as caught:
            await buy(session, cart)
        assert caught.value.code == "CHECKOUT_NOT_FULLY_PAID"
        assert await balance(session, card) == 50
        await transaction(session, cart.id, charged_amount=Decimal(30))
        order_id = await buy(session, cart)
        assert await balance(session, card) == 0
        charged = select(Order.total_charged_amount, Order.charge_status).where(Order.id == order_id)
        assert tuple((await session.execute(charged)).one()) == (80, "FULL")

    await database.run(work)


async def test_a_card_that_came_too_late_is_not_touched(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        cart = await sale(session)
        card = await make.gift_card(session, "50.00")
        await transaction(session, cart.id, charged_amount=Decimal(80))
        await give(session, cart, card)
        await buy(session, cart)
        assert await balance(session, card) == 50

    await database.run(work)


async def test_a_voucher_counts_before_a_card(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        cart = await sale(session)
        channel = await session.get_one(Channel, cart.channel_id)
        await make.voucher(session, channel, code="TENTH", value="10", value_type="PERCENTAGE")
        card = await make.gift_card(session, "50.00", code="TENTH-OF-IT")
        await give(session, cart, card)
        await add_promo_code(session, cart.id, "tenth", actor=SYSTEM, now=clock.now())
        assert await due(session, cart) == 22
        await transaction(session, cart.id, charged_amount=Decimal(22))
        await buy(session, cart)
        assert await balance(session, card) == 0
        assert await session.scalar(select(Order.total_gross_amount)) == 72

    await database.run(work)


@pytest.mark.race
async def test_one_card_in_many_carts_is_spent_once(committed: Database) -> None:
    """30 carts over 20 connections; two cards pay for five of them, given in another order in each cart."""

    async def prepare(session: AsyncSession) -> tuple[list[uuid.UUID], list[Issued]]:
        channel = await make.channel(session, charge_taxes=False)
        kind = await make.product_type(session, is_shipping_required=False)
        product = await make.product(session, channel, type=kind)
        visit = await make.variant(session, channel, product=product, price="20.00", track_inventory=False)
        cards = [await make.gift_card(session, "50.00"), await make.gift_card(session, "50.00")]
        made = [await make.ready_checkout(session, channel, {visit: 1}) for _ in range(30)]
        for number, cart in enumerate(made):
            for card in cards if number % 2 else cards[::-1]:
                await add_promo_code(session, cart.id, card.code, actor=SYSTEM, now=clock.now())
        return [cart.id for cart in made], cards

    keys, cards = await committed.run(prepare)

    async def one(key: uuid.UUID) -> str:
        try:
            await committed.run(lambda session: complete(session, key, Completion(SYSTEM), now=clock.now()))
        except ShopError as error:
            return error.code
        return "BOUGHT"

    outcomes = await asyncio.gather(*(one(key) for key in keys))
    assert sorted(outcomes) == ["BOUGHT"] * 5 + ["GIFT_CARD_NOT_APPLICABLE"] * 25
    async with committed.unit() as session:
        assert [await balance(session, card) for card in cards] == [0, 0]
        assert await session.scalar(select(func.sum(Order.total_charged_amount))) == 100
    assert await broken_invariants(committed) == []
