"""What the tests of payments begin and end with: a full cart, a paid order, and where the money is."""

import uuid
from typing import Any

from tests.factories import payments
from tests.factories.payments import PAGE, Desk, Shop


async def fill(desk: Desk, **more: Any) -> tuple[Shop, uuid.UUID]:
    """A shop and a cart of 25.00 in it."""
    shop = await desk.database.run(lambda session: payments.shop(session, **more))
    return shop, await desk.database.run(lambda session: payments.cart(session, shop))


async def ordered(desk: Desk, **more: Any) -> tuple[uuid.UUID, uuid.UUID]:
    """An order of 25.00 that was paid on the hosted page: its transaction and itself."""
    _, key = await fill(desk, **more)
    started = await desk.pay(key, PAGE)
    await desk.shopper_pays(started)
    order = await desk.complete(key)
    await desk.work()
    return started.transaction_id, order


async def money_of(desk: Desk) -> tuple[str, ...]:
    """Charged, refunded, authorised and cancelled of the one transaction."""
    row = (
        await desk.rows(
            "SELECT charged_amount, refunded_amount, authorized_amount, cancelled_amount FROM payment_transaction"
        )
    )[0]
    return tuple(f"{value:.2f}" for value in row)
