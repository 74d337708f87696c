"""Checkout Sessions through Stripe's own client and a shopper's browser without JavaScript."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from tests.sandbox.running import DECLINED, NO_FUNDS, THREE_D_SECURE, Sandbox, line


def test_a_session_is_open_and_has_no_payment_yet(sandbox: Sandbox) -> None:
    session = sandbox.session(client_reference_id="Q2hlY2tvdXQ6MQ==", metadata={"checkout": "1"})
    assert session.id.startswith("cs_test_")
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert (session.amount_total, session.currency) == (2500, "usd")
    assert session.url == f"{sandbox.url}/pay/{session.id}"
    assert session.client_reference_id == "Q2hlY2tvdXQ6MQ=="
    assert session.metadata is not None
    assert session.metadata.to_dict() == {"checkout": "1"}
    assert sandbox.events() == []


def test_paying_completes_it(sandbox: Sandbox) -> None:
    session = sandbox.session(payment_intent_data={"metadata": {"checkout": "1"}})
    page = sandbox.http.get(f"/pay/{session.id}").text
    for part in ('name="cardNumber"', 'name="cardExpiry"', 'name="cardCvc"', 'id="submit"', "Shampoo", "$25.00",
                 "https://shop.example.com/cart", "no real payment"):  # fmt: skip
        assert part in page
    answer = sandbox.pay(session.id)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"https://shop.example.com/return?session={session.id}"
    paid = sandbox.stripe.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge", "line_items"]}
    )
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    intent = paid.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert (intent.status, intent.amount_received, intent.metadata.to_dict()) == ("succeeded", 2500, {"checkout": "1"})
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert intent.latest_charge.paid
    assert paid.line_items is not None
    assert [(item.description, item.quantity, item.amount_total) for item in paid.line_items.data] == [
        ("Shampoo", 2, 2500)
    ]
    assert paid.customer_details is not None
    assert paid.customer_details.email == "shopper@example.com"
    assert sandbox.events() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


def test_paying_twice_charges_once(sandbox: Sandbox) -> None:
    session = sandbox.session()
    first, second = sandbox.pay(session.id), sandbox.pay(session.id)
    assert first.headers["location"] == second.headers["location"]
    assert len(sandbox.stripe.v1.charges.list().data) == 1
    assert sandbox.http.get(f"/pay/{session.id}").status_code == 303


@pytest.mark.parametrize(
    ("number", "message"),
    [(DECLINED, "Your card was declined."), (NO_FUNDS, "Your card has insufficient funds.")],
)
def test_a_declined_card_may_be_followed_by_a_good_one(sandbox: Sandbox, number: str, message: str) -> None:
    session = sandbox.session()
    refused = sandbox.pay(session.id, number)
    assert refused.status_code == 402
    assert message in refused.text.replace("&#39;", "'")
    assert 'role="alert"' in refused.text
    open_still = sandbox.stripe.v1.checkout.sessions.retrieve(session.id)
    assert (open_still.status, open_still.payment_status) == ("open", "unpaid")
    assert sandbox.pay(session.id).status_code == 303
    assert len(sandbox.stripe.v1.payment_intents.list().data) == 1
    assert [charge.status for charge in sandbox.stripe.v1.charges.list().data] == ["succeeded", "failed"]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("cardNumber", "4242424242424241", "card number is incorrect"),
        ("cardNumber", "<script>", "not a valid credit card number"),
        ("cardNumber", "4539578763621486", "non test (live) card"),
        ("cardExpiry", "12 / 20", "expiration year is invalid"),
        ("cardExpiry", "13 / 40", "expiration month is invalid"),
        ("cardExpiry", "", "expiration month is invalid"),
        ("cardCvc", "12", "security code is invalid"),
        ("cardCvc", "", "security code is invalid"),
        ("email", "nobody", "e-mail address"),
    ],
)
def test_a_slip_is_told_beside_its_field(sandbox: Sandbox, field: str, value: str, message: str) -> None:
    session = sandbox.session()
    answer = sandbox.pay(session.id, **{field: value})
    assert answer.status_code == 402
    assert message in answer.text
    assert f'name="{field}"' in answer.text.partition('aria-invalid="true"')[0].rpartition("<input")[2]
    assert "<script>" not in answer.text
    assert sandbox.stripe.v1.payment_intents.list().data == []


@pytest.mark.parametrize(("answer", "status"), [("complete", "complete"), ("fail", "open")])
def test_three_d_secure(sandbox: Sandbox, answer: str, status: str) -> None:
    session = sandbox.session()
    sent = sandbox.pay(session.id, THREE_D_SECURE)
    intent = sandbox.stripe.v1.payment_intents.list().data[0]
    assert sent.headers["location"] == f"/3ds/{intent.id}"
    assert intent.status == "requires_action"
    page = sandbox.http.get(f"/3ds/{intent.id}").text
    assert "no real payment" in page
    assert "$25.00" in page
    after = sandbox.http.post(f"/3ds/{intent.id}", data={"answer": answer})
    assert sandbox.stripe.v1.checkout.sessions.retrieve(session.id).status == status
    if answer == "complete":
        assert sandbox.http.get(after.headers["location"]).headers["location"].endswith(session.id)
    else:
        assert "unable to authenticate" in after.text
        assert "payment_intent.payment_failed" in sandbox.events()
        assert sandbox.pay(session.id).status_code == 303


def test_manual_capture_holds_the_amount(sandbox: Sandbox) -> None:
    session = sandbox.session(payment_intent_data={"capture_method": "manual"})
    assert "Authorise $25.00" in sandbox.http.get(f"/pay/{session.id}").text
    sandbox.pay(session.id)
    held = sandbox.stripe.v1.checkout.sessions.retrieve(session.id)
    assert (held.status, held.payment_status) == ("complete", "unpaid")
    intent = sandbox.stripe.v1.payment_intents.capture(str(held.payment_intent))
    assert intent.status == "succeeded"
    assert sandbox.stripe.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_expiring(sandbox: Sandbox) -> None:
    session = sandbox.session()
    sandbox.pay(session.id, DECLINED)
    expired = sandbox.stripe.v1.checkout.sessions.expire(session.id)
    assert (expired.status, expired.url) == ("expired", None)
    assert sandbox.stripe.v1.payment_intents.list().data[0].status == "canceled"
    assert sandbox.events()[-2:] == ["payment_intent.canceled", "checkout.session.expired"]
    assert sandbox.pay(session.id).status_code == 410
    with pytest.raises(stripe.InvalidRequestError, match=r"Only Checkout Sessions with a status in \[\"open\"\]"):
        sandbox.stripe.v1.checkout.sessions.expire(session.id)


def test_a_complete_session_does_not_expire(sandbox: Sandbox) -> None:
    session = sandbox.session()
    sandbox.pay(session.id)
    with pytest.raises(stripe.InvalidRequestError, match="has a status of `complete`"):
        sandbox.stripe.v1.checkout.sessions.expire(session.id)
    sandbox.tool("/clock", advance_seconds=2 * 86_400)
    assert sandbox.stripe.v1.checkout.sessions.retrieve(session.id).status == "complete"


def test_the_clock_expires_it(sandbox: Sandbox) -> None:
    now = sandbox.http.get("/_sandbox").json()["now"]
    session = sandbox.session(expires_at=now + 31 * 60)
    sandbox.tool("/clock", advance_seconds=30 * 60)
    assert sandbox.stripe.v1.checkout.sessions.retrieve(session.id).status == "open"
    sandbox.tool("/clock", advance_seconds=2 * 60)
    assert sandbox.stripe.v1.checkout.sessions.retrieve(session.id).status == "expired"
    assert sandbox.events() == ["checkout.session.expired"]


@pytest.mark.parametrize(
    ("currency", "unit_amount", "shown"),
    [("usd", 123456, "$1,234.56"), ("eur", 1999, "€19.99"), ("jpy", 5000, "¥5,000"), ("kwd", 12340, "12.340 KWD"),
     ("isk", 500000, "5,000 ISK")],
)  # fmt: skip
def test_totals_have_their_currencys_form(sandbox: Sandbox, currency: str, unit_amount: int, shown: str) -> None:
    session = sandbox.session(line_items=[line("Course of 3", unit_amount, currency=currency)])
    assert f"Pay {shown}" in sandbox.http.get(f"/pay/{session.id}").text


def test_markup_in_names_stays_text(sandbox: Sandbox) -> None:
    session = sandbox.session(line_items=[line("<img src=x onerror=alert(1)>", 500)])
    answer = sandbox.http.get(f"/pay/{session.id}")
    assert "&lt;img src=x" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_line_items_come_in_pages(sandbox: Sandbox) -> None:
    session = sandbox.session(line_items=[line(f"Item {number}", 100) for number in range(12)])
    first = sandbox.stripe.v1.checkout.sessions.line_items.list(session.id)
    assert [item.description for item in first.data] == [f"Item {number}" for number in range(10)]
    assert first.has_more
    assert len(list(first.auto_paging_iter())) == 12


Change = Callable[[int], dict[str, Any]]


@pytest.mark.parametrize(
    ("change", "param", "message"),
    [
        (lambda _: {"expire_at": 1}, "expire_at", "Received unknown parameter: expire_at"),
        (lambda _: {"ui_mode": "hosted"}, "ui_mode", "Invalid ui_mode: must be one of"),
        (lambda _: {"success_url": "/return"}, "success_url", "Not a valid URL"),
        (lambda _: {"success_url": ""}, "success_url", "You passed an empty string for 'success_url'"),
        (lambda now: {"expires_at": now + 25 * 60}, "expires_at", "at least 30 minutes"),
        (lambda now: {"expires_at": now + 25 * 3600}, "expires_at", "at least 30 minutes"),
        (lambda _: {"line_items": []}, "line_items", "Missing required param: line_items"),
        (lambda _: {"line_items": [line("A", 10)]}, "line_items", "must be at least $0.50 usd"),
        (lambda _: {"line_items": [line("A", 100, 0)]}, "line_items[0][quantity]", "greater than or equal to 1"),
        (lambda _: {"line_items": [line("A", -100)]}, "line_items[0][price_data][unit_amount]", "non-negative"),
        (lambda _: {"line_items": [line("", 100)]}, "line_items[0][price_data][product_data][name]", "empty string"),
        (lambda _: {"line_items": [line("A", 100, currency="xxx")]}, "line_items[0][price_data][currency]",
         "Invalid currency: xxx"),
        (lambda _: {"line_items": [{"price_data": {"currency": "usd"}, "quantity": "1.5"}]},
         "line_items[0][quantity]", "Invalid integer: 1.5"),
        (lambda _: {"line_items": [{"price_data": {"unit_amount": 100}, "quantity": 1}]},
         "line_items[0][price_data][currency]", "Missing required param"),
        (lambda _: {"metadata": {f"k{number}": "v" for number in range(51)}}, "metadata", "up to 50 keys"),
        (lambda _: {"metadata": {"k": "v" * 501}}, "metadata", "up to 500 characters"),
        (lambda _: {"customer_email": "nobody"}, "customer_email", "Invalid email address"),
        (lambda _: {"automatic_tax": {"enabled": True}}, "automatic_tax", "does not act on the parameter"),
        (lambda _: {"mode": "subscription"}, "mode", "knows mode=payment only"),
        (lambda _: {"customer": "cus_none"}, "customer", "No such customer: 'cus_none'"),
    ],
)  # fmt: skip
def test_what_stripe_would_refuse_is_refused(sandbox: Sandbox, change: Change, param: str, message: str) -> None:
    now = sandbox.http.get("/_sandbox").json()["now"]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.session(**change(now))
    assert message in str(refused.value.user_message)
    assert (refused.value.param, refused.value.http_status) == (param, 400)
    assert sandbox.stripe.v1.checkout.sessions.list().data == []


def test_no_other_sessions_page(sandbox: Sandbox) -> None:
    assert sandbox.http.get("/pay/cs_test_nothing").status_code == 404
    with pytest.raises(stripe.InvalidRequestError, match=r"No such checkout\.session") as missing:
        sandbox.stripe.v1.checkout.sessions.retrieve("cs_test_nothing")
    assert (missing.value.code, missing.value.http_status) == ("resource_missing", 404)


def test_twenty_tabs_pay_at_once_and_are_charged_once(sandbox: Sandbox) -> None:
    session = sandbox.session()
    with ThreadPoolExecutor(20) as tabs:
        answers = list(tabs.map(lambda _: sandbox.pay(session.id).headers["location"], range(20)))
    assert len(set(answers)) == 1
    assert len(sandbox.stripe.v1.charges.list().data) == 1
    assert sandbox.events().count("checkout.session.completed") == 1
