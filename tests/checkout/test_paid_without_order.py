"""Which paid purchases the sweeper looks at, and in which order."""

import uuid
from datetime import timedelta

from sqlalchemy import insert

from shop.checkout.actions.complete import paid_without_order
from shop.kit import clock
from shop.payments.models import Transaction
from tests.database import OneConnectionDatabase


async def test_the_latest_come_first_and_each_purchase_once(database: OneConnectionDatabase) -> None:
    now = clock.now()
    old, new, unpaid, ancient = (uuid.uuid4() for _ in range(4))
    rows = [
        (old, "SUCCEEDED", 10, timedelta(hours=2)),
        (old, "SUCCEEDED", 5, timedelta(hours=3)),
        (new, "SUCCEEDED", 10, timedelta(hours=1)),
        (unpaid, "OPEN", 0, timedelta(hours=1)),
        (ancient, "SUCCEEDED", 10, timedelta(days=9)),
    ]
    async with database.unit() as session:
        await session.execute(
            insert(Transaction),
            [
                {
                    "purchase_key": key,
                    "gateway_id": "test",
                    "kind": "PAYMENT_INTENT",
                    "flow": "CHARGE",
                    "status": status,
                    "currency": "USD",
                    "requested_amount": 10,
                    "charged_amount": charged,
                    "updated_at": now - age,
                }
                for key, status, charged, age in rows
            ],
        )
        since, until = now - timedelta(days=3), now
        assert await paid_without_order(session, since=since, until=until, limit=10) == [new, old]
        assert await paid_without_order(session, since=since, until=until, limit=1) == [new]
