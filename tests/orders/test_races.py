"""Many at once on one order: each unit leaves once, and an order is either cancelled or sent."""

import asyncio
import uuid
from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest

from shop.kit.errors import ShopError
from shop.orders import actions, flows
from shop.orders.actions import By, Dispatch
from shop.orders.rules import Wanted
from shop.payments.errors import ActionNotAvailable
from tests.factories import payments
from tests.factories.orders import Placed, unpaid_order
from tests.factories.payments import FORM, Desk

pytestmark = pytest.mark.race


async def outcomes(*tries: object) -> tuple[list[object], list[ShopError]]:
    """What came of those that went through, and the expected errors of the others; anything else fails the test."""
    done = await asyncio.gather(*tries, return_exceptions=True)  # type: ignore[call-overload]
    errors = [one for one in done if isinstance(one, ShopError)]
    assert [one for one in done if isinstance(one, BaseException) and not isinstance(one, ShopError)] == []
    return [one for one in done if not isinstance(one, BaseException)], errors


def sending(desk: Desk, placed: Placed, quantity: int = 1) -> object:
    """So many of the first line leave."""
    wanted = [Wanted(placed.line_keys[0], placed.warehouse_key, quantity)]
    return desk.database.run(lambda session: actions.fulfil(session, placed.key, wanted, Dispatch()))


async def stand(desk: Desk, placed: Placed) -> tuple[int, int, int]:
    """Stock, promises and fulfilled units of the first line."""
    (row,) = await desk.rows(
        """SELECT s.quantity, s.quantity_allocated, l.quantity_fulfilled FROM order_line l
        JOIN stock_stock s ON s.variant_id = l.variant_id WHERE l.id = :id""",
        id=placed.line_keys[0],
    )
    return (row[0], row[1], row[2])


async def test_the_last_unit_leaves_once(busy_desk: Desk, rounds: Callable[[int, int], int]) -> None:
    """8 clerks on 8 connections send the one unit that is left."""
    for _ in range(rounds(3, 50)):
        placed = await busy_desk.database.run(partial(unpaid_order, quantities=(1,), stock=1))
        done, errors = await outcomes(*(sending(busy_desk, placed) for _ in range(8)))
        assert (len(done), len(errors)) == (1, 7)
        assert await stand(busy_desk, placed) == (0, 0, 1)
    assert await busy_desk.broken_invariants() == []


async def test_two_orders_share_the_last_units_of_a_warehouse(
    busy_desk: Desk, rounds: Callable[[int, int], int]
) -> None:
    """Each sends what it was promised, whoever is first: no parcel takes another order's units."""
    for _ in range(rounds(3, 50)):
        first = await busy_desk.database.run(partial(unpaid_order, quantities=(1,), stock=5))
        second = await busy_desk.database.run(partial(unpaid_order, of=first.shop, quantities=(1,), stock=5))
        done, errors = await outcomes(sending(busy_desk, first), sending(busy_desk, second))
        assert (len(done), errors) == (2, [])
        assert await stand(busy_desk, first) == await stand(busy_desk, second) == (4, 0, 1)
    assert await busy_desk.broken_invariants() == []


async def test_an_order_is_either_cancelled_or_sent(busy_desk: Desk, rounds: Callable[[int, int], int]) -> None:
    for _ in range(rounds(4, 100)):
        placed = await busy_desk.database.run(partial(unpaid_order, quantities=(2,)))
        cancelling = busy_desk.database.run(partial(actions.cancel, order_id=placed.key, by=By()))
        done, errors = await outcomes(sending(busy_desk, placed, 2), cancelling)
        assert (len(done), len(errors)) == (1, 1)
        status = await busy_desk.scalar("SELECT status FROM order_order WHERE id = :id", id=placed.key)
        expected = {"CANCELED": (10, 0, 0), "FULFILLED": (8, 0, 2)}
        assert await stand(busy_desk, placed) == expected[status]
    assert await busy_desk.broken_invariants() == []


async def test_a_parcel_is_called_back_once(busy_desk: Desk, rounds: Callable[[int, int], int]) -> None:
    for _ in range(rounds(3, 50)):
        placed = await busy_desk.database.run(partial(unpaid_order, quantities=(2,)))
        await sending(busy_desk, placed, 2)  # type: ignore[misc]
        parcel = await busy_desk.scalar("SELECT max(id) FROM order_fulfillment")
        back = partial(actions.cancel_fulfillment, parcel_id=parcel, warehouse_id=placed.warehouse_key, by_user_id=None)
        done, errors = await outcomes(*(busy_desk.database.run(back) for _ in range(4)))
        assert (len(done), len(errors)) == (1, 3)
        assert await stand(busy_desk, placed) == (10, 2, 0)
    assert await busy_desk.broken_invariants() == []


async def test_an_order_is_called_paid_once(busy_desk: Desk) -> None:
    placed = await busy_desk.database.run(unpaid_order)
    done, errors = await outcomes(
        *(busy_desk.database.run(lambda session: actions.mark_as_paid(session, placed.key, By())) for _ in range(6))
    )
    assert (len(done), len(errors)) == (1, 5)
    assert await busy_desk.rows("SELECT charged_amount FROM payment_transaction") == [(25,)]
    assert await busy_desk.broken_invariants() == []


async def test_no_more_goes_back_than_was_charged(busy_desk: Desk, rounds: Callable[[int, int], int]) -> None:
    """Six cashiers give back 10.00 each of 25.00: two of them may."""
    shop = await busy_desk.database.run(payments.shop)
    for _ in range(rounds(1, 25)):
        key: uuid.UUID = await busy_desk.database.run(lambda session: payments.cart(session, shop))
        started = await busy_desk.pay(key, FORM)
        await busy_desk.shopper_confirms(started)
        await busy_desk.complete(key)
        wish = flows.Request(started.transaction_id, "REFUND", Decimal(10))
        done, errors = await outcomes(
            *(flows.request_action(busy_desk.database, busy_desk.provider, wish) for _ in range(6))
        )
        assert len(done) == 2
        assert {type(error) for error in errors} == {ActionNotAvailable}
        (row,) = await busy_desk.rows(
            "SELECT charged_amount, refunded_amount, refund_pending_amount FROM payment_transaction WHERE id = :id",
            id=started.transaction_id,
        )
        assert row == (5, 20, 0)
    await busy_desk.work()
    assert await busy_desk.broken_invariants() == []
