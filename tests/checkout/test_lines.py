"""Filling a cart: what is merged, what is refused, and that a refusal changes nothing."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.checkout.actions import (
    LineChange,
    NewCheckout,
    NewLine,
    add_lines,
    create,
    delete_lines,
    lock,
    remove,
    update_lines,
)
from shop.checkout.models import Checkout, CheckoutLine
from shop.checkout.queries import lines, of
from shop.checkout.rules import LINES_LIMIT, SYSTEM, Actor, Cart
from shop.kit import ids
from shop.kit.db import Database
from shop.kit.db.statements import counting
from shop.kit.errors import NotFound, ShopError
from shop.kit.metadata import KEYS_LIMIT
from shop.pricing.models import ProductListing
from shop.site.models import SiteSettings
from tests import factories as make

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
ANYONE = Actor()


async def contents(session: AsyncSession, checkout_id: uuid.UUID) -> list[tuple[int, int]]:
    found = (await lines(of(session), [checkout_id])).get(checkout_id, [])
    return [(line.offer.variant_id, line.quantity) for line in found]


async def updated(session: AsyncSession, cart: Cart) -> datetime:
    return (await session.execute(select(Checkout.updated_at).where(Checkout.id == cart.id))).scalar_one()


async def refused(session: AsyncSession, cart: Cart, code: str, change: Callable[[], Awaitable[object]]) -> ShopError:
    """The change fails with the code, and lines and checkout are as they were."""
    before = await contents(session, cart.id), await updated(session, cart)
    with pytest.raises(ShopError) as caught:
        async with session.begin_nested():
            await change()
    assert caught.value.code == code
    assert (await contents(session, cart.id), await updated(session, cart)) == before
    return caught.value


async def test_ordinary_lines_of_a_variant_are_one_and_separate_lines_stay_apart(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        one, two = await make.variant(session, channel), await make.variant(session, channel)
        cart = await make.checkout(session, channel)
        new = [
            NewLine(two.id, 1, metadata={"a": "1"}),
            NewLine(one.id, 2),
            NewLine(two.id, 3, metadata={"b": "2"}),
            NewLine(one.id, 1, separate=True),
        ]
        after = await add_lines(session, cart.id, new, actor=ANYONE, now=NOW)
        assert after.updated_at > cart.updated_at
        assert await contents(session, cart.id) == [(two.id, 4), (one.id, 2), (one.id, 1)]
        await add_lines(session, cart.id, [NewLine(one.id, 5, metadata={"c": "3"})], actor=ANYONE, now=NOW)
        assert await contents(session, cart.id) == [(two.id, 4), (one.id, 7), (one.id, 1)]
        found = (await lines(of(session), [cart.id]))[cart.id]
        assert [line.metadata_public for line in found] == [{"a": "1", "b": "2"}, {"c": "3"}, {}]

    await database.run(work)


async def test_statements_do_not_depend_on_the_number_of_lines(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        variants = [await make.variant(session, channel) for _ in range(20)]
        counts = []
        for number in (1, 20):
            cart = await make.checkout(session, channel)
            with counting() as log:
                new = [NewLine(variant.id, 1) for variant in variants[:number]]
                await add_lines(session, cart.id, new, actor=ANYONE, now=NOW)
            added = log.count
            found = (await lines(of(session), [cart.id]))[cart.id]
            with counting() as log:
                changes = [LineChange(line.id, None, 2) for line in found]
                await update_lines(session, cart.id, changes, actor=ANYONE, now=NOW)
            counts.append((added, log.count))
        assert counts == [(5, 5), (5, 5)]

    await database.run(work)


async def test_every_refusal_of_a_new_line(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel, other = await make.channel(session), await make.channel(session, currency="EUR")
        good = await make.variant(session, channel, stock=10)
        elsewhere = await make.variant(session, other)
        hidden = await make.variant(session, channel, product=await make.product(session, channel, is_published=False))
        later = await make.variant(
            session, channel, product=await make.product(session, channel, published_at=NOW + timedelta(seconds=1))
        )
        shown_only = await make.variant(
            session, channel, product=await make.product(session, channel, available_for_purchase_at=None)
        )
        soon = await make.variant(
            session,
            channel,
            product=await make.product(session, channel, available_for_purchase_at=NOW + timedelta(seconds=1)),
        )
        few = await make.variant(session, channel, quantity_limit_per_customer=2)
        service = await make.variant(session, channel, track_inventory=False)
        cart = await make.checkout(session, channel, {good: 4})

        async def no(code: str, variant_id: int, quantity: int = 1) -> ShopError:
            new = [NewLine(service.id, 1), NewLine(variant_id, quantity)]
            return await refused(session, cart, code, lambda: add_lines(session, cart.id, new, actor=ANYONE, now=NOW))

        error = await no("NOT_FOUND", 2_000_000_000)
        assert (error.field, error.params["variants"]) == ("variantId", [ids.encode("ProductVariant", 2_000_000_000)])
        error = await no("UNAVAILABLE_VARIANT_IN_CHANNEL", elsewhere.id)
        assert (error.field, error.params["variants"]) == ("lines", [ids.encode("ProductVariant", elsewhere.id)])
        await no("PRODUCT_NOT_PUBLISHED", hidden.id)
        await no("PRODUCT_NOT_PUBLISHED", later.id)
        await no("PRODUCT_UNAVAILABLE_FOR_PURCHASE", shown_only.id)
        await no("PRODUCT_UNAVAILABLE_FOR_PURCHASE", soon.id)
        for quantity in (0, -1, -(2**31)):
            error = await no("ZERO_QUANTITY", good.id, quantity)
            assert error.field == "quantity"
        for quantity in (51, 2**31 - 1):
            await no("QUANTITY_GREATER_THAN_LIMIT", service.id, quantity)
        await no("QUANTITY_GREATER_THAN_LIMIT", few.id, 3)
        error = await no("INSUFFICIENT_STOCK", good.id, 7)
        assert (error.field, error.params["variants"]) == ("quantity", [ids.encode("ProductVariant", good.id)])
        await add_lines(session, cart.id, [NewLine(good.id, 6)], actor=ANYONE, now=NOW)
        assert await contents(session, cart.id) == [(good.id, 10)]

        many = [NewLine(service.id, 1, separate=True)] * 49
        await add_lines(session, cart.id, many, actor=ANYONE, now=NOW)
        await refused(
            session,
            cart,
            "QUANTITY_GREATER_THAN_LIMIT",
            lambda: add_lines(session, cart.id, many, actor=ANYONE, now=NOW),
        )

    await database.run(work)


async def test_the_shop_s_own_limit_of_quantities(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        ordinary = await make.variant(session, channel)
        limited = await make.variant(session, channel, quantity_limit_per_customer=60)
        cart = await make.checkout(session, channel)
        await session.execute(update(SiteSettings).values(limit_quantity_per_checkout=3))

        async def add(variant_id: int, quantity: int) -> None:
            await add_lines(session, cart.id, [NewLine(variant_id, quantity)], actor=ANYONE, now=NOW)

        await add(ordinary.id, 3)
        await refused(session, cart, "QUANTITY_GREATER_THAN_LIMIT", lambda: add(ordinary.id, 1))
        await add(limited.id, 60)
        await refused(session, cart, "QUANTITY_GREATER_THAN_LIMIT", lambda: add(limited.id, 1))

    await database.run(work)


async def test_a_line_carries_a_bounded_number_of_notes(database: Database) -> None:
    def notes(name: str, number: int) -> dict[str, str]:
        return {f"{name}-{n}": "x" for n in range(number)}

    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        variant = await make.variant(session, channel)
        cart = await make.checkout(session, channel)

        async def add(metadata: dict[str, str]) -> None:
            await add_lines(session, cart.id, [NewLine(variant.id, 1, metadata=metadata)], actor=ANYONE, now=NOW)

        await add(notes("first", KEYS_LIMIT - 1))
        # A key that is there already makes it no more.
        await add(notes("first", 1) | notes("second", 1))
        await refused(session, cart, "INVALID", lambda: add(notes("third", 1)))

    await database.run(work)


async def test_a_cart_holds_a_bounded_number_of_lines(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        variants = [await make.variant(session, channel, track_inventory=False) for _ in range(LINES_LIMIT // 50 + 2)]
        cart = await make.checkout(session, channel)
        await add_lines(session, cart.id, [NewLine(variants[0].id, 1)], actor=ANYONE, now=NOW)
        for variant, number in zip(variants[1:-1], [50] * (LINES_LIMIT // 50 - 1) + [49], strict=True):
            new = [NewLine(variant.id, 1, separate=True)] * number
            await add_lines(session, cart.id, new, actor=ANYONE, now=NOW)
        # More of a line that is there makes the cart no longer.
        await add_lines(session, cart.id, [NewLine(variants[0].id, 1)], actor=ANYONE, now=NOW)
        await refused(
            session,
            cart,
            "INVALID",
            lambda: add_lines(session, cart.id, [NewLine(variants[-1].id, 1)], actor=ANYONE, now=NOW),
        )

    await database.run(work)


async def test_quantities_are_set_and_zero_removes(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        one, two, new = [await make.variant(session, channel, stock=10) for _ in range(3)]
        cart = await make.checkout(session, channel, {one: 4, two: 5})
        first, second = (line.id for line in (await lines(of(session), [cart.id]))[cart.id])

        async def change(*changes: LineChange) -> None:
            await update_lines(session, cart.id, changes, actor=ANYONE, now=NOW)

        await change(LineChange(first, None, 1), LineChange(None, two.id, 0), LineChange(None, new.id, 2))
        assert await contents(session, cart.id) == [(one.id, 1), (new.id, 2)]
        # Of two changes of one line the last one counts; no quantity leaves it as it is.
        await change(LineChange(first, None, 9), LineChange(first, None, None, metadata={"gift": "yes"}))
        assert await contents(session, cart.id) == [(one.id, 1), (new.id, 2)]
        await change(LineChange(None, one.id, 10))
        assert await contents(session, cart.id) == [(one.id, 10), (new.id, 2)]

        async def no(code: str, *changes: LineChange) -> ShopError:
            return await refused(session, cart, code, lambda: change(*changes))

        assert (await no("NOT_FOUND", LineChange(second, None, 1))).field == "lineId"
        assert (await no("NOT_FOUND", LineChange(uuid.uuid4(), None, 1))).field == "lineId"
        await no("NOT_FOUND", LineChange(None, 2_000_000_000, 1))
        await no("ZERO_QUANTITY", LineChange(first, None, -1))
        await no("ZERO_QUANTITY", LineChange(None, two.id, None))
        await no("INSUFFICIENT_STOCK", LineChange(first, None, 11))
        await no("QUANTITY_GREATER_THAN_LIMIT", LineChange(first, None, 2**31 - 1))
        # A line that cannot be bought any more can still be taken out, and nothing else.
        hide = update(ProductListing).where(ProductListing.product_id == one.product_id)
        await session.execute(hide.values(is_published=False))
        await no("PRODUCT_NOT_PUBLISHED", LineChange(first, None, 2))
        await change(LineChange(first, None, 0))
        assert await contents(session, cart.id) == [(new.id, 2)]

    await database.run(work)


async def test_lines_are_deleted_all_or_none(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        one, two = await make.variant(session, channel), await make.variant(session, channel)
        cart = await make.checkout(session, channel, {one: 1, two: 2})
        foreign = await make.checkout(session, channel, {one: 1})
        first, second = (line.id for line in (await lines(of(session), [cart.id]))[cart.id])
        strange = (await lines(of(session), [foreign.id]))[foreign.id][0].id
        error = await refused(
            session, cart, "NOT_FOUND", lambda: delete_lines(session, cart.id, [first, strange], actor=ANYONE)
        )
        assert (error.field, error.params["lines"]) == ("lineId", [ids.encode("CheckoutLine", strange)])
        await delete_lines(session, cart.id, [second, second], actor=ANYONE)
        assert await contents(session, cart.id) == [(one.id, 1)]
        assert await contents(session, foreign.id) == [(one.id, 1)]

    await database.run(work)


async def test_a_user_s_cart_is_a_stranger_s_unknown_cart(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session)
        owner, other = await make.user(session), await make.user(session)
        theirs = await make.checkout(session, channel, user=owner)
        for who, checkout_id in ((Actor(), theirs.id), (Actor(other.id), theirs.id), (SYSTEM, uuid.uuid4())):
            with pytest.raises(NotFound, match="There is no such checkout"):
                await lock(session, checkout_id, who)
        refusal = PermissionError("the token has expired")
        with pytest.raises(PermissionError):
            await lock(session, theirs.id, Actor(refusal=refusal))
        for who in (Actor(owner.id), Actor(other.id, manages=True), SYSTEM):
            assert (await lock(session, theirs.id, who)).id == theirs.id

    await database.run(work)


async def test_a_checkout_starts_with_what_its_user_has(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        channel = await make.channel(session, country="DE", currency="EUR")
        user = await make.user(session, email="owner@example.com", language_code="DE")
        home = await make.address(session, user_id=user.id, country="FR", city="Exempleville")
        user.default_shipping_address_id = user.default_billing_address_id = home.id
        await session.flush()
        cart = await make.checkout(session, channel, user=user)
        assert (cart.email, cart.language_code, cart.country, cart.currency) == ("owner@example.com", "DE", "FR", "EUR")
        assert None not in {cart.shipping_address_id, cart.billing_address_id}
        # Copies: the address book stays the user's.
        assert len({cart.shipping_address_id, cart.billing_address_id, home.id}) == 3
        guest = await make.checkout(session, channel)
        assert (guest.email, guest.language_code, guest.country, guest.user_id) == (None, "EN", "DE", None)
        assert await remove(session, cart.id)
        assert not await remove(session, cart.id)

    await database.run(work)


@pytest.mark.parametrize(
    ("new", "code", "field"),
    [
        (NewCheckout(channel=None), "MISSING_CHANNEL_SLUG", "channel"),
        (NewCheckout(channel="nowhere"), "NOT_FOUND", "channel"),
        (NewCheckout(channel="closed"), "CHANNEL_INACTIVE", "channel"),
        (NewCheckout(channel="open", email=""), "REQUIRED", "email"),
        (NewCheckout(channel="open", email="nobody"), "INVALID", "email"),
        (NewCheckout(channel="open", lines=[NewLine(1, 0)]), "ZERO_QUANTITY", "quantity"),
        (NewCheckout(channel="open", lines=[NewLine(2_000_000_000, 1)]), "NOT_FOUND", "variantId"),
    ],
)
async def test_what_cannot_be_created(database: Database, new: NewCheckout, code: str, field: str) -> None:
    async def work(session: AsyncSession) -> None:
        await make.channel(session, slug="open")
        await make.channel(session, slug="closed", is_active=False)
        with pytest.raises(ShopError) as caught:
            async with session.begin_nested():
                await create(session, new, user_id=None, now=NOW)
        assert (caught.value.code, caught.value.field) == (code, field)
        assert (await session.execute(select(Checkout.id))).first() is None

    await database.run(work)


@pytest.mark.race
async def test_a_double_click_adds_twice_and_loses_nothing(committed: Database) -> None:
    async def prepare(session: AsyncSession) -> tuple[uuid.UUID, list[int]]:
        channel = await make.channel(session)
        variants = [await make.variant(session, channel, stock=50) for _ in range(2)]
        return (await make.checkout(session, channel)).id, [variant.id for variant in variants]

    checkout_id, variant_ids = await committed.run(prepare)

    async def click(number: int) -> None:
        new = [NewLine(variant_id, 1) for variant_id in (variant_ids if number % 2 else variant_ids[::-1])]
        await committed.run(lambda session: add_lines(session, checkout_id, new, actor=ANYONE, now=NOW))

    await asyncio.gather(*(click(number) for number in range(20)))
    async with committed.unit() as session:
        rows = await session.execute(select(CheckoutLine.variant_id, CheckoutLine.quantity))
        assert {row[0]: row[1] for row in rows} == dict.fromkeys(variant_ids, 20)
