"""Cards that are declined, banks that ask back, shoppers who leave and come again: always one order, paid once."""

import psycopg
import pytest

from tests.journeys.running import DECLINED, THREE_D_SECURE, Running, Shopper, until, words

COURSE = ("course-of-3-consultations", "CONSULT-COURSE-3")


@pytest.fixture
async def buyer(american: Shopper) -> Shopper:
    """A shopper with a course in the cart and its payment page open."""
    await american.ready_cart({await american.variant(*COURSE): 1})
    await american.begin_payment()
    return american


def orders(database: psycopg.Connection, shopper: Shopper) -> list[tuple[object, ...]]:
    """Total, charged and status of the orders that came of the shopper's cart."""
    return database.execute(
        "SELECT total_gross_amount::text, total_charged_amount::text, charge_status"
        " FROM order_order WHERE checkout_id = %s",
        [shopper.key],
    ).fetchall()


def charges(running: Running, shopper: Shopper) -> list[tuple[int, int]]:
    """What the provider took for the shopper's purchase, and gave back, in minor units."""
    return [
        (charge["amount"], charge["amount_refunded"])
        for charge in running.stripe("charges")
        if charge["paid"] and charge["metadata"].get("shop_purchase") == str(shopper.key)
    ]


PAID = [("330.000", "330.000", "FULL")]


async def test_a_declined_card_and_then_a_good_one(
    buyer: Shopper, running: Running, shop_database: psycopg.Connection
) -> None:
    declined = await buyer.send_card(DECLINED)
    assert declined.status_code == 402
    assert "declined" in words(declined)
    # The page still waits for another card.
    assert (await buyer.process())["type"] == "CHARGE_ACTION_REQUIRED"
    refused = await buyer.ask("CheckoutComplete", id=buyer.checkout)
    assert [error["code"] for error in refused["errors"]] == ["CHECKOUT_NOT_FULLY_PAID"]
    assert orders(shop_database, buyer) == []
    await buyer.pay()
    assert (await buyer.process())["type"] == "CHARGE_SUCCESS"
    order = await buyer.complete()
    assert order["isPaid"] is True
    assert orders(shop_database, buyer) == PAID
    assert charges(running, buyer) == [(33000, 0)]


async def test_a_bank_that_asks_back(buyer: Shopper, running: Running, shop_database: psycopg.Connection) -> None:
    sent = await buyer.send_card(THREE_D_SECURE)
    assert "/3ds/" in sent.headers["location"]
    refused = await buyer.answer_bank(sent, "fail")
    assert refused.status_code == 402, refused.text
    assert (await buyer.process())["type"] == "CHARGE_ACTION_REQUIRED"
    sent = await buyer.send_card(THREE_D_SECURE)
    answered = await buyer.answer_bank(sent, "complete")
    assert answered.status_code == 303
    order = await buyer.complete()
    assert order["chargeStatus"] == "FULL"
    assert orders(shop_database, buyer) == PAID
    assert charges(running, buyer) == [(33000, 0)]


async def test_who_closes_the_window_after_paying_still_gets_the_order(
    buyer: Shopper, shop_database: psycopg.Connection
) -> None:
    """Nobody comes back to the shop: the webhook alone brings the order and its mail."""
    await buyer.pay()
    await until(lambda: orders(shop_database, buyer) == PAID, 10)
    order = await buyer.complete()
    assert order["isPaid"] is True
    assert orders(shop_database, buyer) == PAID


async def test_a_payment_that_was_left_alone_expires_and_another_one_takes_its_place(
    buyer: Shopper, running: Running, shop_database: psycopg.Connection
) -> None:
    first = buyer.transaction
    again = await buyer.begin_payment()
    assert again["transaction"]["id"] == first, "an open payment of the same amount is the same payment"
    # What Stripe's clock does after half an hour; the sandbox's own clock stays, since other shoppers need it.
    running.stripe_does(f"checkout/sessions/{buyer.page.rpartition('/')[2]}/expire")

    def ended() -> bool:
        rows = shop_database.execute("SELECT status FROM payment_transaction WHERE purchase_key = %s", [buyer.key])
        return [row[0] for row in rows] == ["CANCELLED"]

    await until(ended, 10)
    assert orders(shop_database, buyer) == []
    cart = await buyer.ask("CheckoutDetails", id=buyer.checkout)
    assert (cart["chargeStatus"], len(cart["lines"])) == ("NONE", 1)
    await buyer.begin_payment()
    assert buyer.transaction != first
    await buyer.pay()
    await buyer.complete()
    assert orders(shop_database, buyer) == PAID
    assert charges(running, buyer) == [(33000, 0)]


async def test_a_cart_that_changes_while_paying_is_paid_as_it_is_at_the_end(
    buyer: Shopper, running: Running, shop_database: psycopg.Connection
) -> None:
    cart = await buyer.ask("CheckoutDetails", id=buyer.checkout)
    first_page = buyer.page
    await buyer.do("CheckoutLinesUpdate", id=buyer.checkout, lines=[{"lineId": cart["lines"][0]["id"], "quantity": 2}])
    await buyer.begin_payment()
    assert buyer.page != first_page
    assert (await buyer.client.get(first_page)).status_code == 410
    await buyer.pay()
    order = await buyer.complete()
    assert order["lines"][0]["quantity"] == 2
    assert orders(shop_database, buyer) == [("660.000", "660.000", "FULL")]
    assert charges(running, buyer) == [(66000, 0)]
