"""What a cancelled order had used is there again: its voucher, and what gift cards paid. Other money waits."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from shop.checkout.actions import add_promo_code
from shop.checkout.actions.complete import Completion, complete
from shop.checkout.rules import SYSTEM
from shop.kit import clock
from shop.orders import actions, flows
from shop.orders.actions import By
from shop.orders.errors import CannotCancelOrder
from shop.payments.errors import ActionNotAvailable
from tests import factories as make
from tests.factories import payments
from tests.factories.payments import FORM, Desk
from tests.orders.test_races import outcomes

pytestmark = pytest.mark.race

USES = "SELECT used, (SELECT count(*) FROM discount_redemption) FROM discount_voucher"
CODES = "SELECT code, used, is_active FROM discount_voucher_code ORDER BY code"
BALANCES = "SELECT current_amount FROM giftcard_card ORDER BY id"
PAYMENTS = "SELECT charged_amount, refunded_amount FROM payment_transaction ORDER BY refunded_amount, charged_amount"
ORDER = "SELECT status, total_charged_amount, charge_status FROM order_order WHERE id = :id"


@dataclass(frozen=True)
class Counter:
    """A shop with a voucher of 10 % and two gift cards, and the next shopper's cart there: 25.00."""

    shop: payments.Shop
    codes: tuple[str, ...]

    async def cart(self, session: AsyncSession, *codes: str) -> uuid.UUID:
        """A cart with these codes."""
        key = await payments.cart(session, self.shop)
        for code in codes:
            await add_promo_code(session, key, code, actor=SYSTEM, now=clock.now())
        return key

    async def order(self, session: AsyncSession, *codes: str) -> uuid.UUID:
        """An order that gift cards have paid."""
        return await complete(session, await self.cart(session, *codes), Completion(SYSTEM), now=clock.now())


async def open_counter(session: AsyncSession, **terms: Any) -> Counter:
    shop = await payments.shop(session)
    await make.voucher(session, shop.channel, codes=["SAVE", "SPARE"], **terms)
    cards = [(await make.gift_card(session, amount)).code for amount in ("10.00", "100.00")]
    return Counter(shop, (*cards,))


def cancelling(desk: Desk, key: uuid.UUID) -> Any:
    return desk.database.run(lambda session: actions.cancel(session, key, By()))


@pytest.mark.parametrize(
    "terms",
    [{"single_use": True}, {"usage_limit": 1}, {"apply_once_per_customer": True}],
    ids="".join,
)
async def test_a_voucher_can_be_used_again_and_cards_have_their_money(desk: Desk, terms: dict[str, Any]) -> None:
    counter = await desk.database.run(lambda session: open_counter(session, **terms))
    key = await desk.database.run(lambda session: counter.order(session, "save", *counter.codes))
    # 18.00 for the shampoo and 5.00 for the parcel.
    assert await desk.rows(BALANCES) == [(0,), (87,)]
    assert await desk.rows(USES) == [(1, 1)]
    spent = "single_use" in terms
    assert await desk.rows(CODES) == [("SAVE", 1, not spent), ("SPARE", 0, True)]
    await cancelling(desk, key)
    assert await desk.rows(BALANCES) == [(10,), (100,)]
    assert await desk.rows(PAYMENTS) == [(0, 10), (0, 13)]
    assert await desk.rows(ORDER, id=key) == [("CANCELED", 0, "NONE")]
    assert await desk.rows(USES) == [(0, 0)]
    assert await desk.rows(CODES) == [("SAVE", 0, True), ("SPARE", 0, True)]
    told = "SELECT type, amount, order_id FROM giftcard_event WHERE order_id IS NOT NULL ORDER BY amount"
    assert await desk.rows(told) == [
        ("USED_IN_ORDER", -13, key),
        ("USED_IN_ORDER", -10, key),
        ("REFUNDED_IN_ORDER", 10, key),
        ("REFUNDED_IN_ORDER", 13, key),
    ]
    # Once, however often it is asked for.
    with pytest.raises(CannotCancelOrder):
        await cancelling(desk, key)
    assert await desk.rows(BALANCES) == [(10,), (100,)]
    # The same customer may use the same code.
    again = await desk.database.run(lambda session: counter.order(session, "save", *counter.codes))
    assert await desk.rows(USES) == [(1, 1)]
    assert await desk.scalar("SELECT voucher_code FROM order_order WHERE id = :id", id=again) == "SAVE"
    assert await desk.broken_invariants() == []


async def test_what_went_back_before_does_not_go_back_twice_and_a_stopped_code_stays_stopped(desk: Desk) -> None:
    counter = await desk.database.run(open_counter)
    key = await desk.database.run(lambda session: counter.order(session, "save", counter.codes[1]))
    (payment,) = await desk.rows("SELECT id FROM payment_transaction")
    wish = flows.Request(payment[0], "REFUND", Decimal("3.50"))
    await flows.request_action(desk.database, desk.provider, wish)
    assert await desk.rows(BALANCES) == [(10,), (Decimal("80.5"),)]
    await desk.rows("UPDATE discount_voucher_code SET is_active = false WHERE code = 'SAVE' RETURNING 1")
    await cancelling(desk, key)
    assert await desk.rows(BALANCES) == [(10,), (100,)]
    assert await desk.rows(PAYMENTS) == [(0, 23)]
    assert await desk.rows(CODES) == [("SAVE", 0, False), ("SPARE", 0, True)]
    with pytest.raises(ActionNotAvailable):
        await flows.request_action(desk.database, desk.provider, wish)
    assert await desk.broken_invariants() == []


async def test_what_a_bank_card_paid_waits_for_staff(desk: Desk) -> None:
    counter = await desk.database.run(open_counter)
    cart = await desk.database.run(lambda session: counter.cart(session, "save", counter.codes[0]))
    started = await desk.pay(cart, FORM)
    await desk.shopper_confirms(started)
    key = await desk.complete(cart)
    assert await desk.rows(PAYMENTS) == [(10, 0), (13, 0)]
    await cancelling(desk, key)
    assert await desk.rows(PAYMENTS) == [(13, 0), (0, 10)]
    assert await desk.rows(ORDER, id=key) == [("CANCELED", 13, "PARTIAL")]
    assert await desk.rows(BALANCES) == [(10,), (100,)]
    wish = flows.Request(started.transaction_id, "REFUND", None)
    await flows.request_action(desk.database, desk.provider, wish)
    assert await desk.rows(ORDER, id=key) == [("CANCELED", 0, "NONE")]
    assert await desk.broken_invariants() == []


async def test_an_order_without_codes_is_cancelled_as_before(desk: Desk) -> None:
    counter = await desk.database.run(open_counter)
    used = await desk.database.run(lambda session: counter.order(session, "save", counter.codes[1]))
    free = await desk.database.run(lambda session: counter.order(session, counter.codes[1]))
    await cancelling(desk, free)
    assert await desk.rows(USES) == [(1, 1)]
    assert await desk.rows(BALANCES) == [(10,), (77,)]
    assert await desk.rows(ORDER, id=used) == [("UNFULFILLED", 23, "FULL")]
    assert await desk.broken_invariants() == []


async def test_cashiers_give_back_while_others_cancel(busy_desk: Desk, rounds: Callable[[int, int], int]) -> None:
    """Whoever comes first: the card has what it had, and the voucher's last use is there again, once."""
    counter = await busy_desk.database.run(lambda session: open_counter(session, usage_limit=1))
    for _ in range(rounds(1, 25)):
        key = await busy_desk.database.run(lambda session: counter.order(session, "save", counter.codes[1]))
        payment = await busy_desk.scalar("SELECT id FROM payment_transaction ORDER BY created_at DESC LIMIT 1")
        wish = flows.Request(payment, "REFUND", Decimal(9))
        given = [flows.request_action(busy_desk.database, busy_desk.provider, wish) for _ in range(3)]
        done, errors = await outcomes(*given, *(cancelling(busy_desk, key) for _ in range(3)))
        assert {type(error) for error in errors} <= {ActionNotAvailable, CannotCancelOrder}
        assert sum(isinstance(error, CannotCancelOrder) for error in errors) == 2
        assert len(done) + len(errors) == 6
        assert await busy_desk.rows(BALANCES) == [(10,), (100,)]
        assert await busy_desk.rows(USES) == [(0, 0)]
    assert await busy_desk.broken_invariants() == []
