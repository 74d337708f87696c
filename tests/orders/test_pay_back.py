"""What gift cards paid goes back to them once for each reason, and the ledger says for which."""

import uuid
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.checkout.actions import add_promo_code
from shop.checkout.actions.complete import Completion, complete
from shop.checkout.rules import SYSTEM
from shop.kit import clock
from shop.kit.db import Database, lock_purchase
from shop.kit.money import Money
from shop.orders.actions.pay_back import pay_back
from shop.payments.models import ProviderCall
from shop.payments.queries import refunds_by_reason, transactions_of_purchase
from tests import factories as make
from tests.factories import payments


async def told(session: AsyncSession, key: uuid.UUID, *reasons: str) -> dict[str, tuple[Decimal, str]]:
    async def rows(statement: object, /, **params: object) -> list[dict[str, object]]:
        return [dict(row) for row in (await session.execute(statement, params)).mappings()]  # type: ignore[call-overload]

    return await refunds_by_reason(rows, [key], reasons)


async def test_a_card_has_its_money_back_once_for_each_reason(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        shop = await payments.shop(session)
        key = await payments.cart(session, shop)
        card = await make.gift_card(session, "100.00")
        await add_promo_code(session, key, card.code, actor=SYSTEM, now=clock.now())
        await complete(session, key, Completion(SYSTEM), now=clock.now())
        await lock_purchase(session, key)
        balance = text("SELECT current_amount FROM giftcard_card")
        # 25.00 were paid.
        assert await session.scalar(balance) == 75
        assert await told(session, key, "booking:1") == {}
        for _ in range(2):
            done = await pay_back(
                session, key, Money(Decimal(9), "USD"), reason="booking:1", why="Booking 1 is CANCELLED"
            )
            assert not done.calls
            assert done.by_hand == 0
            assert await session.scalar(balance) == 84
        await pay_back(session, key, Money(Decimal("6.5"), "USD"), reason="booking:2", why="Booking 2 is DECLINED")
        assert await session.scalar(balance) == Decimal("90.5")
        assert await told(session, key, "booking:1", "booking:2", "booking:3") == {
            "booking:1": (Decimal(9), "SUCCESS"),
            "booking:2": (Decimal("6.5"), "SUCCESS"),
        }
        assert await told(session, uuid.uuid4(), "booking:1") == {}
        # Beside what a provider is asked for.
        (first, *_) = await transactions_of_purchase(session, key)
        wish = ProviderCall(
            transaction_id=first.id, action="REFUND", amount=Decimal(3), currency="USD", reason="booking:1"
        )
        session.add(wish)
        await session.flush()
        assert await told(session, key, "booking:1") == {"booking:1": (Decimal(12), "PENDING")}

    await database.run(work)
