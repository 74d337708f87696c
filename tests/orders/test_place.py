"""A new order: copies of everything, a confirmation, and a history that follows its payments."""

import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit import ids
from shop.kit.db import Database
from shop.kit.db.statements import counting
from shop.kit.money import TaxedMoney
from shop.orders import actions
from shop.orders.actions import NewLine, NewOrder
from shop.payments.events import TransactionChanged
from tests import factories as make
from tests.factories import payments


def price(net: str, gross: str) -> TaxedMoney:
    return TaxedMoney(net=Decimal(net), gross=Decimal(gross), currency="EUR")


async def new_order(session: AsyncSession, **more: Any) -> NewOrder:
    """An order of three creams at 19 % and their delivery: 64.85 with tax."""
    channel = await make.channel(session, currency="EUR", country="DE")
    variant = await make.variant(session, channel)
    line = NewLine(
        id=uuid.uuid4(),
        variant_id=variant.id,
        product_name="Cream",
        variant_name="50 ml",
        sku="CREAM-50",
        quantity=3,
        is_shipping_required=True,
        unit=price("16.79", "19.98"),
        undiscounted_unit=price("20.00", "23.80"),
        total=price("50.37", "59.94"),
        tax_rate=Decimal(19),
        tax_class_name="Standard",
        metadata_public={"engraving": "none"},
    )
    new = NewOrder(
        checkout_id=uuid.uuid4(),
        channel_id=channel.id,
        user_id=None,
        email="buyer@example.com",
        currency="EUR",
        language_code="DE",
        customer_note="Please ring twice.",
        redirect_url=None,
        display_gross_prices=True,
        billing_address=make.postal_address(country="DE"),
        shipping_address=make.postal_address(country="DE", first_name="Somebody"),
        shipping_method_id=None,
        shipping_method_name="Parcel",
        shipping=price("4.13", "4.91"),
        shipping_tax_rate=Decimal(19),
        subtotal=price("50.37", "59.94"),
        total=price("54.50", "64.85"),
        lines=(line,),
        charged=Decimal("64.85"),
        authorized=Decimal(0),
        metadata_public={},
        metadata_private={},
        order_url="http://shop.test/orders/{id}",
    )
    return replace(new, **more)


async def rows(session: AsyncSession, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await session.execute(text(sql))]


async def test_everything_is_copied_in_few_statements(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        new = await new_order(session)
        with counting() as log:
            placed = await actions.place(session, new)
        assert log.count == 7
        assert placed.held is False
        assert await rows(
            session,
            "SELECT number, status, charge_status, total_gross_amount::text, shipping_tax_rate::text FROM order_order",
        ) == [(placed.number, "UNFULFILLED", "FULL", "64.850", "0.19000")]
        assert await rows(
            session,
            "SELECT product_name, quantity, total_net_amount::text, tax_rate::text, metadata->>'engraving' "
            "FROM order_line",
        ) == [("Cream", 3, "50.370", "0.19000", "none")]
        assert await rows(
            session,
            "SELECT b.first_name, s.first_name, b.user_id FROM order_order o JOIN account_address b "
            "ON b.id = o.billing_address_id JOIN account_address s ON s.id = o.shipping_address_id",
        ) == [("Example", "Somebody", None)]
        assert await rows(session, "SELECT type FROM order_event ORDER BY id") == [
            ("PLACED",),
            ("ORDER_FULLY_PAID",),
            ("EMAIL_SENT",),
        ]

    await database.run(work)


async def test_the_confirmation_says_what_was_bought(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        placed = await actions.place(session, await new_order(session))
        ((recipient, subject, words),) = await rows(session, "SELECT recipient, subject, text FROM mail_message")
        assert recipient == "buyer@example.com"
        assert str(placed.number) in subject
        for part in ("3 × Cream, 50 ml   €59.94", "Parcel   €4.91", "Total   €64.85"):
            assert part in words
        assert f"http://shop.test/orders/{ids.encode('Order', placed.id)}" in words
        assert "Tax" not in words

    await database.run(work)


async def test_a_checkout_becomes_one_order(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        new = await new_order(session)
        await actions.place(session, new)
        again = replace(new, lines=(replace(new.lines[0], id=uuid.uuid4()),))
        with pytest.raises(IntegrityError, match="checkout_id"):
            async with session.begin_nested():
                await actions.place(session, again)
        assert await rows(session, "SELECT count(*) FROM order_order") == [(1,)]

    await database.run(work)


async def test_a_total_that_does_not_add_up_is_refused(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        wrong = await new_order(session, total=price("54.50", "64.84"))
        with pytest.raises(IntegrityError, match="gross_adds_up"):
            async with session.begin_nested():
                await actions.place(session, wrong)

    await database.run(work)


@pytest.mark.parametrize(
    ("charged", "status", "held"), [("0", "NONE", False), ("10", "PARTIAL", False), ("70", "OVERCHARGED", True)]
)
async def test_statuses_follow_from_what_was_charged(database: Database, charged: str, status: str, held: bool) -> None:
    async def work(session: AsyncSession) -> None:
        placed = await actions.place(session, await new_order(session, charged=Decimal(charged)))
        assert placed.held is held
        assert await rows(session, "SELECT charge_status, status FROM order_order") == [
            (status, "UNCONFIRMED" if held else "UNFULFILLED")
        ]

    await database.run(work)


async def test_an_order_s_history_follows_its_payments(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        new = await new_order(session, charged=Decimal(0))
        await actions.place(session, new)
        transaction = await payments.transaction(
            session, new.checkout_id, currency="EUR", charged_amount=Decimal("64.85"), requested_amount=Decimal("64.85")
        )
        changed = TransactionChanged(new.checkout_id, transaction.id)
        for amount in ("64.85", "64.85", "50.00", "0"):
            await session.execute(text(f"UPDATE payment_transaction SET charged_amount = {amount}"))
            await actions.payment_changed(session, changed)
        assert await rows(session, "SELECT type, parameters->>'amount' FROM order_event ORDER BY id OFFSET 2") == [
            ("PAYMENT_CAPTURED", "64.850"),
            ("ORDER_FULLY_PAID", None),
            ("PAYMENT_REFUNDED", "14.850"),
            ("PAYMENT_REFUNDED", "50.000"),
        ]
        assert await rows(session, "SELECT charge_status, total_charged_amount::text FROM order_order") == [
            ("NONE", "0.000")
        ]
        await actions.payment_changed(session, TransactionChanged(uuid.uuid4(), transaction.id))

    await database.run(work)
