"""Packages of orders that are placed before they are paid for: nothing is there to spend until the money is."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from shop import wiring
from shop.accounts.models import User
from shop.booking.actions import entitlements as act
from shop.booking.actions.disputes import mark_sessions_disputed
from shop.booking.errors import PackageUnpaid
from shop.booking.models import Entitlement, Service
from shop.catalogue.models import Variant
from shop.checkout.actions.complete import Completion, complete
from shop.checkout.rules import SYSTEM
from shop.kit import clock
from shop.kit.db import Database, lock_purchase
from shop.orders.actions import By, cancel
from shop.payments.actions import record_manual
from tests import factories as make
from tests.factories import booking as clinic
from tests.factories import packages, payments

LEDGER = "SELECT kind, amount, balance_after FROM booking_entitlement_entry ORDER BY id"
Refused = Callable[["Sale", AsyncSession], Awaitable[object]]


@pytest.fixture(autouse=True)
def _listeners() -> None:
    wiring.connect()


@dataclass(frozen=True)
class Sale:
    """An order of a package of three sessions for 240.00, valid for 90 days from its payment."""

    order_id: uuid.UUID
    key: uuid.UUID
    id: uuid.UUID
    service: Service
    user: User

    async def pay(self, session: AsyncSession, amount: int) -> None:
        await lock_purchase(session, self.key)
        await record_manual(session, self.key, Decimal(amount), "USD")


async def sell(session: AsyncSession, *, price: str = "240.00", goods: int = 0, authorized: str | None = None) -> Sale:
    shop = await payments.shop(session)
    shop.channel.allow_unpaid_orders = True
    service = await clinic.service(session, shop.channel)
    package = await packages.package(session, shop.channel, service, price=price, valid_days=90)
    lines = {await session.get_one(Variant, package.variant_id): 1} | ({shop.shampoo: goods} if goods else {})
    user = await make.user(session)
    somewhere = make.postal_address(country="US")
    cart = await make.checkout(
        session,
        shop.channel,
        lines,
        user=user,
        email=user.email,
        billing_address=somewhere,
        shipping_address=somewhere if goods else None,
        delivery=shop.parcel if goods else None,
    )
    if authorized is not None:
        amounts = {"charged_amount": Decimal(0), "authorized_amount": Decimal(authorized)}
        await payments.transaction(session, cart.id, flow="AUTHORIZATION", **amounts)
    order_id = await complete(session, cart.id, Completion(SYSTEM), now=clock.now())
    (id,) = await session.scalars(select(Entitlement.id).where(Entitlement.purchase_key == cart.id))
    return Sale(order_id, cart.id, id, service, user)


async def rows(session: AsyncSession, statement: str) -> Sequence[tuple[Any, ...]]:
    return [tuple(row) for row in await session.execute(text(statement))]


async def test_sessions_are_there_once_the_order_is_paid(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        sale = await sell(session)
        assert await rows(session, "SELECT granted, balance, seq FROM booking_entitlement") == [(3, 0, 0)]
        assert await rows(session, LEDGER) == []
        await sale.pay(session, 239)
        assert await rows(session, LEDGER) == []
        # Ten days after the sale: the ninety days begin now.
        await session.execute(
            text(
                "UPDATE booking_entitlement SET created_at = created_at - interval '10 days',"
                " expires_at = expires_at - interval '10 days'"
            )
        )
        before = clock.now()
        await sale.pay(session, 1)
        assert await rows(session, LEDGER) == [("GRANT", 3, 3)]
        ((balance, seq, expires_at),) = await rows(session, "SELECT balance, seq, expires_at FROM booking_entitlement")
        assert (balance, seq) == (3, 1)
        # The sale's moment is the transaction's in the database, and the caller's in `expires_at`.
        assert timedelta(days=90) <= expires_at - before < timedelta(days=90, hours=1)
        await sale.pay(session, 1)
        assert await rows(session, LEDGER) == [("GRANT", 3, 3)]

    await database.run(work)


@pytest.mark.parametrize(
    ("terms", "granted"),
    [
        ({"authorized": "240.00"}, [("GRANT", 3, 3)]),
        ({"authorized": "239.99"}, []),
        # Nothing is due for them: whatever else is still to be paid does not keep them.
        ({"price": "0.00", "goods": 1}, [("GRANT", 3, 3)]),
        ({"goods": 1, "authorized": "240.00"}, []),
    ],
)
async def test_what_counts_as_paid(database: Database, terms: dict[str, Any], granted: list[tuple[Any, ...]]) -> None:
    async def work(session: AsyncSession) -> None:
        await sell(session, **terms)
        assert await rows(session, LEDGER) == granted

    await database.run(work)


@pytest.mark.parametrize(
    "refused",
    [
        lambda sale, session: act.check_redeemable(
            session, sale.id, service_id=sale.service.id, start=clock.now(), user_id=sale.user.id
        ),
        lambda sale, session: act.redeem(
            session,
            sale.id,
            booking_id=uuid.uuid4(),
            booking_version=1,
            service_id=sale.service.id,
            start=clock.now(),
        ),
        lambda sale, session: act.transfer(
            session, sale.id, email="friend@example.com", owner_id=None, by_user_id=None, now=clock.now()
        ),
        lambda sale, session: act.adjust(session, sale.id, 1, reason="a gift", by_user_id=None),
        lambda sale, session: act.take_back(session, sale.id, by_user_id=None),
    ],
    ids=["hold", "redeem", "transfer", "adjust", "refund"],
)
async def test_nothing_is_done_with_them_before(database: Database, refused: Refused) -> None:
    async def work(session: AsyncSession) -> None:
        sale = await sell(session)
        with pytest.raises(PackageUnpaid) as caught:
            await refused(sale, session)
        assert caught.value.code == "INVALID_STATE"
        assert await rows(session, "SELECT balance, seq FROM booking_entitlement") == [(0, 0)]
        assert await rows(session, LEDGER) == []

    await database.run(work)


async def test_a_cancelled_order_grants_nothing_any_more(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        sale = await sell(session)
        await cancel(session, sale.order_id, By())
        assert await rows(session, "SELECT id FROM booking_entitlement") == []
        await sale.pay(session, 240)
        assert await rows(session, LEDGER) == []

    await database.run(work)


async def test_what_was_paid_for_stays_with_the_buyer_of_a_cancelled_order(database: Database) -> None:
    """Until who decides so pays them back."""

    async def work(session: AsyncSession) -> None:
        sale = await sell(session)
        await sale.pay(session, 240)
        await cancel(session, sale.order_id, By())
        assert await rows(session, LEDGER) == [("GRANT", 3, 3)]

    await database.run(work)


async def test_a_disputed_part_of_the_price_does_not_mark_what_other_money_pays(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        sale = await sell(session)
        await mark_sessions_disputed(session, [sale.id], "LOST")
        await sale.pay(session, 240)
        assert await rows(session, "SELECT balance, dispute FROM booking_entitlement") == [(3, None)]

    await database.run(work)


@pytest.mark.race
async def test_an_order_is_paid_or_cancelled_first(committed: Database, rounds: Callable[[int, int], int]) -> None:
    """Each round one pays and one cancels: the sessions are granted or gone, and never wait for ever."""
    for _ in range(rounds(3, 50)):
        sale = await committed.run(sell)
        await asyncio.gather(
            committed.run(partial(sale.pay, amount=240)),
            committed.run(partial(cancel, order_id=sale.order_id, by=By())),
        )
        left = f"SELECT balance, seq FROM booking_entitlement WHERE purchase_key = '{sale.key}'"
        status = f"SELECT status FROM order_order WHERE id = '{sale.order_id}'"
        assert await committed.run(partial(rows, statement=left)) in ([], [(3, 1)])
        assert await committed.run(partial(rows, statement=status)) == [("CANCELED",)]
