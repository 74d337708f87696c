"""A voucher on its way from the cart to the order: taken, kept, counted, and never beyond what its owner allows."""

import asyncio
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.checkout.actions import add_promo_code, remove_promo_code
from shop.checkout.actions.complete import Completion, complete
from shop.checkout.actions.quote import quote
from shop.checkout.errors import NoSuchPromoCode
from shop.checkout.queries import Priced, of, priced
from shop.checkout.rules import SYSTEM
from shop.discounts.errors import InvalidPromoCode, VoucherNotApplicable
from shop.discounts.models import Voucher
from shop.kit import clock
from shop.kit.db import Database
from shop.kit.db.statements import counting
from shop.kit.errors import Conflict
from tests import factories as make
from tests.factories.payments import Shop, broken_invariants, cart, shop, transaction

PAST = datetime(2021, 1, 1, tzinfo=UTC)


async def add(session: AsyncSession, checkout_id: uuid.UUID, code: str = "SAVE") -> None:
    await add_promo_code(session, checkout_id, code, actor=SYSTEM, now=clock.now())


async def read(session: AsyncSession, checkout_id: uuid.UUID) -> Priced:
    return (await priced(of(session), [checkout_id], now=clock.now()))[checkout_id]


async def order(session: AsyncSession, checkout_id: uuid.UUID) -> uuid.UUID:
    return await complete(session, checkout_id, Completion(SYSTEM), now=clock.now())


async def rows(session: AsyncSession, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await session.execute(text(sql))]


async def broken_books(database: Database) -> list[Any]:
    """The broken invariants, but for the ledger: these tests' payments have no events."""
    return [found for found in await broken_invariants(database) if found[0] != "I1 ledger"]


async def test_the_order_keeps_what_was_taken_off(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        its = await shop(session)
        await make.voucher(session, its.channel, code="Save10", value="33.33", name="Spring")
        key = await cart(session, its, {its.cream: 3, its.shampoo: 1})
        await add(session, key, "  sAVE10 ")
        found = await read(session, key)
        # 33.33 % of 50.00 is 16.665: 16.67, of which 10.00 and 6.67 belong to the lines; the delivery stays 5.00.
        assert found.totals.total.gross == Decimal("38.33")
        await transaction(session, key, charged_amount=Decimal("38.33"), requested_amount=Decimal("38.33"))
        await order(session, key)
        assert await rows(
            session,
            "SELECT voucher_code, total_gross_amount::text, undiscounted_total_gross_amount::text, charge_status "
            "FROM order_order",
        ) == [("Save10", "38.330", "55.000", "FULL")]
        assert await rows(
            session,
            "SELECT total_gross_amount::text, undiscounted_total_gross_amount::text, unit_price_gross_amount::text, "
            "undiscounted_unit_price_gross_amount::text FROM order_line ORDER BY sort_order",
        ) == [("20.000", "30.000", "6.670", "10.000"), ("13.330", "20.000", "13.330", "20.000")]
        assert await rows(
            session, "SELECT line_id, type, name, value_type, value::text, reason, amount::text FROM order_discount"
        ) == [(None, "VOUCHER", "Spring", "PERCENTAGE", "33.330", "Voucher code: Save10", "16.670")]
        assert await rows(session, "SELECT used, is_active FROM discount_voucher_code") == [(1, True)]
        ((words,),) = await rows(session, "SELECT text FROM mail_message")
        assert "Discount Save10, in these prices   -$16.67" in words
        assert "Subtotal   $33.33" in words

    await database.run(work)
    assert await broken_books(database) == []


async def test_single_goods_and_delivery_are_kept_where_they_belong(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        its = await shop(session)
        await make.voucher(
            session,
            its.channel,
            code="FREE-CREAM",
            value="100",
            type="SPECIFIC_PRODUCT",
            targets=make.targets(variant_ids=[its.cream.id]),
        )
        await make.voucher(session, its.channel, code="NO-POSTAGE", value="100", type="SHIPPING")
        for code, total in (("FREE-CREAM", "25.00"), ("NO-POSTAGE", "30.00")):
            key = await cart(session, its, {its.cream: 1, its.shampoo: 1})
            await add(session, key, code)
            await transaction(session, key, charged_amount=Decimal(total), requested_amount=Decimal(total))
            await order(session, key)
        assert await rows(
            session,
            "SELECT o.voucher_code, l.variant_id, d.amount::text, o.shipping_gross_amount::text, "
            "o.undiscounted_shipping_gross_amount::text FROM order_discount d JOIN order_order o ON o.id = d.order_id "
            "LEFT JOIN order_line l ON l.id = d.line_id ORDER BY o.number",
        ) == [("FREE-CREAM", its.cream.id, "10.000", "5.000", "5.000"), ("NO-POSTAGE", None, "5.000", "0.000", "5.000")]

    await database.run(work)
    assert await broken_books(database) == []


async def test_goods_are_meant_by_product_variant_collection_and_any_category_above(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session, charge_taxes=False)
        above = await make.category(session)
        below = await make.category(session, parent=above)
        plain = await make.variant(session, channel, price="10.00")
        in_category = await make.variant(
            session, channel, price="10.00", product=await make.product(session, channel, category=below)
        )
        collected = await make.product(session, channel)
        listed = await make.collection(session, channel, products=(collected,))
        in_collection = await make.variant(session, channel, price="10.00", product=collected)
        by_product = await make.variant(session, channel, price="10.00")
        by_variant = await make.variant(session, channel, price="10.00")
        await make.voucher(
            session,
            channel,
            type="SPECIFIC_PRODUCT",
            targets=make.targets(
                product_ids=[by_product.product_id],
                variant_ids=[by_variant.id],
                collection_ids=[listed.id],
                category_ids=[above.id],
            ),
        )
        variants = [plain, in_category, in_collection, by_product, by_variant]
        made = await make.checkout(session, channel, dict.fromkeys(variants, 1))
        await add(session, made.id)
        found = await read(session, made.id)
        off = {line.offer.variant_id: found.totals.lines[line.id].voucher_amount for line in found.lines}
        assert off == {plain.id: 0} | {variant.id: 1 for variant in variants[1:]}

    await database.run(work)


async def test_a_voucher_that_stops_applying_gives_nothing_and_makes_no_order(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        its = await shop(session)
        voucher = await make.voucher(session, its.channel, minimum="20.00")
        key = await cart(session, its)
        await add(session, key)
        assert (await read(session, key)).totals.total.gross == 23
        await session.execute(update(Voucher).where(Voucher.id == voucher).values(ends_at=clock.now()))
        ended = await read(session, key)
        assert ended.totals.total.gross == 25
        assert ended.cart.voucher_code == "SAVE"
        # Nobody pays for what could not become an order; who has paid already gets none.
        with pytest.raises(Conflict, match="removed before paying"):
            await quote(session, key, SYSTEM)
        await transaction(session, key, charged_amount=Decimal(25), requested_amount=Decimal(25))
        with pytest.raises(VoucherNotApplicable):
            await order(session, key)
        assert await rows(session, "SELECT count(*) FROM order_order") == [(0,)]
        # Without the code it is an order.
        await remove_promo_code(session, key, "save", actor=SYSTEM)
        await order(session, key)
        assert await rows(session, "SELECT used FROM discount_voucher") == [(0,)]

    await database.run(work)


async def test_a_code_for_single_use_is_spent_and_the_others_of_its_voucher_are_not(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        its = await shop(session)
        await make.voucher(session, its.channel, codes=["ONE", "TWO"], value="100", single_use=True)
        first, second = [await free_cart(session, its) for _ in range(2)]
        for key in (first, second):
            await add(session, key, "ONE")
        await order(session, first)
        with pytest.raises(VoucherNotApplicable):
            await order(session, second)
        with pytest.raises(InvalidPromoCode):
            await add(session, await free_cart(session, its), "ONE")
        await add(session, second, "TWO")
        await order(session, second)
        assert await rows(session, "SELECT code, used, is_active FROM discount_voucher_code ORDER BY code") == [
            ("ONE", 1, False),
            ("TWO", 1, False),
        ]

    await database.run(work)
    assert await broken_invariants(database) == []


async def test_once_per_customer_knows_the_account_and_the_mailbox(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        its = await shop(session)
        await make.voucher(session, its.channel, value="100", apply_once_per_customer=True)
        user = await make.user(session, email="someone@example.com")

        async def cart_of(**more: Any) -> uuid.UUID:
            billing = make.postal_address()
            kind = await make.product_type(session, is_shipping_required=False)
            visit = await make.product(session, its.channel, type=kind)
            thing = await make.variant(session, its.channel, product=visit, price="5.00", track_inventory=False)
            made = await make.checkout(session, its.channel, {thing: 1}, billing_address=billing, **more)
            return made.id

        first = await cart_of(user=user, email="someone@example.com")
        await add(session, first)
        await order(session, first)
        # The same person by account, by mailbox, and by a mailbox written in another way.
        for who in (
            {"user": user, "email": "other@example.com"},
            {"email": "someone@example.com"},
            {"email": "SomeOne@EXAMPLE.com"},
        ):
            with pytest.raises(VoucherNotApplicable, match="has been used"):
                await add(session, await cart_of(**who))
        await add(session, await cart_of(email="another@example.com"))

    await database.run(work)


async def test_no_voucher_costs_no_statement_and_one_costs_one(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        its = await shop(session)
        await make.voucher(session, its.channel)
        carts = [await cart(session, its) for _ in range(3)]
        with counting() as log:
            await priced(of(session), carts, now=clock.now())
        assert log.count == 2
        for key in carts:
            await add(session, key)
        with counting() as log:
            await priced(of(session), carts, now=clock.now())
        assert log.count == 3

    await database.run(work)


async def free_cart(session: AsyncSession, its: Shop) -> uuid.UUID:
    """A checkout that a voucher of everything makes free: nothing has to be sent."""
    kind = await make.product_type(session, is_shipping_required=False)
    visit = await make.product(session, its.channel, type=kind)
    thing = await make.variant(session, its.channel, product=visit, price="5.00", track_inventory=False)
    return (await make.ready_checkout(session, its.channel, {thing: 1})).id


async def at_once(database: Database, work: Iterable[Any]) -> list[Any]:
    """What became of each unit, 20 of them at a time: as many as there are connections."""
    doors = asyncio.Semaphore(20)

    async def one(unit: Any) -> Any:
        async with doors:
            return await database.run(unit)

    return await asyncio.gather(*map(one, work), return_exceptions=True)


@pytest.mark.race
async def test_five_of_fifty_rivals_get_a_voucher_that_works_five_times(committed: Database) -> None:
    """50 buyers on 20 connections, each with a unit of their own."""

    async def fill(session: AsyncSession) -> list[uuid.UUID]:
        its = await shop(session)
        await make.voucher(session, its.channel, value="100", usage_limit=5)
        keys = [await free_cart(session, its) for _ in range(50)]
        for key in keys:
            await add(session, key)
        return keys

    keys = await committed.run(fill)
    results = await at_once(committed, [partial(order, checkout_id=key) for key in keys])
    refused = [result for result in results if isinstance(result, BaseException)]
    assert {type(result) for result in refused} == {VoucherNotApplicable}
    assert len(refused) == 45
    counts = await committed.run(
        lambda session: rows(
            session,
            "SELECT used, (SELECT count(*) FROM discount_redemption), (SELECT count(*) FROM order_order), "
            "(SELECT count(*) FROM checkout_checkout) FROM discount_voucher",
        )
    )
    assert counts == [(5, 5, 5, 45)]
    assert await broken_invariants(committed) == []


@pytest.mark.race
async def test_two_carts_of_one_customer_at_once_use_it_once(committed: Database) -> None:
    async def fill(session: AsyncSession) -> list[uuid.UUID]:
        its = await shop(session)
        await make.voucher(session, its.channel, value="100", apply_once_per_customer=True)
        keys = [await free_cart(session, its) for _ in range(10)]
        for key in keys:
            await add(session, key)
        return keys

    keys = await committed.run(fill)
    # Each cart is completed twice, too: a double click is no second use.
    results = await at_once(committed, [partial(order, checkout_id=key) for key in keys * 2])
    orders = {result for result in results if isinstance(result, uuid.UUID)}
    assert len(orders) == 1
    assert {type(result) for result in results if isinstance(result, BaseException)} == {VoucherNotApplicable}
    assert await committed.run(lambda session: rows(session, "SELECT used FROM discount_voucher")) == [(1,)]
    assert await broken_invariants(committed) == []


@pytest.mark.race
async def test_codes_of_many_tabs_leave_one_and_the_last_word_is_consistent(committed: Database) -> None:
    async def fill(session: AsyncSession) -> uuid.UUID:
        its = await shop(session)
        for number in range(5):
            await make.voucher(session, its.channel, code=f"TAB-{number}", value=str(10 + number))
        return await cart(session, its)

    key = await committed.run(fill)
    work: list[Any] = [partial(add, checkout_id=key, code=f"TAB-{number % 5}") for number in range(20)]
    work += [partial(remove_promo_code, checkout_id=key, code="TAB-0", actor=SYSTEM)] * 5
    results = await at_once(committed, work)
    # A tab may have been too late to remove a code; nobody sees anything worse.
    assert {type(result) for result in results if isinstance(result, BaseException)} <= {NoSuchPromoCode}
    found = await committed.run(lambda session: read(session, key))
    if found.cart.voucher_code is not None:
        percent = 10 + int(found.cart.voucher_code[-1])
        assert found.totals.subtotal.gross == 20 - Decimal(percent) / 5
    else:
        assert found.totals.subtotal.gross == 20
