"""Sessions are handed in for money: what goes back, to whom, once, and never more than was paid."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.actions import entitlements
from shop.booking.errors import EntitlementNotFound, PackageExhausted
from shop.catalogue.models import Variant
from shop.kit import clock
from shop.kit.errors import Invalid
from shop.orders import flows
from shop.orders.actions import RefundedSessions
from tests import factories as make
from tests.factories import booking as clinic
from tests.factories import packages, payments
from tests.factories.payments import PAGE, Desk

GIFT = text("UPDATE booking_entitlement SET purchase_key = NULL WHERE id = :id RETURNING id")


async def bought(desk: Desk) -> uuid.UUID:
    """Three sessions for 240.00, paid at the sandbox."""

    async def sell(session: AsyncSession) -> uuid.UUID:
        shop = await payments.shop(session)
        treatment = await clinic.service(session, shop.channel)
        package = await packages.package(session, shop.channel, treatment, sessions=3, price="240.00")
        variant = await session.get_one(Variant, package.variant_id)
        return (await make.ready_checkout(session, shop.channel, {variant: 1})).id

    key = await desk.database.run(sell)
    started = await desk.pay(key, PAGE)
    await desk.shopper_pays(started)
    await desk.complete(key)
    (found,) = (await desk.rows("SELECT id FROM booking_entitlement"))[0]
    return found  # type: ignore[no-any-return]


async def refund(desk: Desk, entitlement_id: uuid.UUID, *, with_provider: bool = True, **more: Any) -> RefundedSessions:
    given = {"session_price": None, "by_user_id": None} | more
    provider = desk.provider if with_provider else None
    return await flows.refund_sessions(desk.database, provider, entitlement_id, **given)


async def at_stripe(desk: Desk) -> list[int]:
    return [one.amount for one in desk.sandbox.stripe.v1.refunds.list().data]


async def test_sessions_are_paid_back_once(desk: Desk) -> None:
    mine = await bought(desk)
    done = await refund(desk, mine)
    assert (str(done.refund), len(done.calls), done.is_over) == ("$240.00", 1, True)
    assert await at_stripe(desk) == [24000]
    with pytest.raises(PackageExhausted):
        await refund(desk, mine)
    await desk.work()
    assert await at_stripe(desk) == [24000]
    assert await desk.rows("SELECT kind, amount, value_amount FROM booking_entitlement_entry ORDER BY seq") == [
        ("GRANT", 3, None),
        ("REFUND", -3, 240),
    ]
    notes = await desk.rows("SELECT parameters FROM order_event WHERE type = 'TRANSACTION_REFUND_REQUESTED'")
    assert [Decimal(one["amount"]) for (one,) in notes] == [240]
    assert await desk.broken_invariants() == []


async def test_a_silent_provider_is_asked_again_with_the_same_key(desk: Desk) -> None:
    mine = await bought(desk)
    desk.sandbox.fault("error_after", times=3, method="POST", path="/v1/refunds")
    await refund(desk, mine)
    for _ in range(3):
        await desk.sweep(later=timedelta(minutes=5))
    assert await at_stripe(desk) == [24000]
    assert await desk.scalar("SELECT state FROM payment_provider_call WHERE action = 'REFUND'") == "DONE"
    assert await desk.broken_invariants() == []


async def test_used_sessions_at_their_own_price_and_handed_on_ones_to_who_paid(desk: Desk) -> None:
    mine = await bought(desk)
    now = clock.now()
    friend = await desk.database.run(
        lambda session: entitlements.transfer(
            session, mine, email="friend@example.com", sessions=1, owner_id=None, by_user_id=None, now=now
        )
    )
    with pytest.raises(Invalid) as refused:
        await refund(desk, mine, session_price=Decimal("0.001"))
    assert refused.value.field == "sessionPrice"
    done = await refund(desk, mine, session_price=Decimal(90))
    # None of them was used, one was handed on.
    assert str(done.refund) == "$160.00"
    done = await refund(desk, friend)
    assert str(done.refund) == "$80.00"
    assert sorted(await at_stripe(desk)) == [8000, 16000]
    await desk.database.run(lambda session: entitlements.adjust(session, mine, 2, reason="x", by_user_id=None))
    again = await refund(desk, mine)
    assert (str(again.refund), again.calls, again.is_over) == ("$0.00", (), True)
    assert await desk.scalar("SELECT charged_amount FROM payment_transaction") == 0
    assert await desk.broken_invariants() == []


async def test_what_was_refunded_otherwise_is_a_person_s_to_settle(desk: Desk) -> None:
    mine = await bought(desk)
    (intent,) = desk.sandbox.stripe.v1.payment_intents.list().data
    desk.sandbox.stripe.v1.refunds.create({"payment_intent": intent.id, "amount": 20000})
    await desk.rows("UPDATE payment_transaction SET charged_amount = 40, refunded_amount = 200 RETURNING 1")
    await desk.rows(
        "INSERT INTO payment_transaction_event (transaction_id, type, amount, currency, psp_reference) SELECT id,"
        " 'REFUND_SUCCESS', 200, 'USD', 're_1' FROM payment_transaction RETURNING 1"
    )
    done = await refund(desk, mine, with_provider=False)
    assert (str(done.refund), done.is_over) == ("$240.00", False)
    assert await desk.rows("SELECT amount FROM payment_provider_call WHERE action = 'REFUND'") == [(40,)]
    assert "$200.00 have to go back by hand" in await desk.scalar("SELECT detail FROM payment_alert")


async def test_what_nobody_paid_for_is_not_paid_back(desk: Desk) -> None:
    async def give(session: AsyncSession) -> uuid.UUID:
        shop = await payments.shop(session)
        package = await packages.package(session, shop.channel, await clinic.service(session, shop.channel))
        made = await packages.entitlement(session, package, now=clock.now())
        (row,) = await session.execute(GIFT, {"id": made})
        return row[0]  # type: ignore[no-any-return]

    gift = await desk.database.run(give)
    with pytest.raises(Invalid, match="Nothing was paid"):
        await refund(desk, gift)
    with pytest.raises(EntitlementNotFound):
        await refund(desk, uuid.uuid4())
    assert await desk.scalar("SELECT balance FROM booking_entitlement") == 3
