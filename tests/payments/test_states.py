"""Which events a provider's state means, and which requests a client may make."""

from dataclasses import replace
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from shop.payments.errors import InvalidPaymentData
from shop.payments.provider import DisputeState, Failure, IntentState, Kind, PaymentState, RefundState, SessionState
from shop.payments.rules import Entry, amounts_of, mismatch, parse_request, read_state

TEN = Decimal(10)
DECLINED = Failure("ch_1", "card_declined", "Your card was declined.")
INTENT = IntentState("pi_1", "requires_payment_method", "USD", TEN)
PAID = replace(INTENT, status="succeeded", amount_received=TEN)
SESSION = SessionState("cs_1", "open", "USD", TEN, url="https://pay.example/cs_1")

CASES: dict[str, tuple[PaymentState, str, list[tuple[str, str, str, str]], str]] = {
    "new intent": (INTENT, "CHARGE", [("CHARGE_ACTION_REQUIRED", "10", "pi_1", "")], "OPEN"),
    "new intent, to authorise": (
        INTENT,
        "AUTHORIZATION",
        [("AUTHORIZATION_ACTION_REQUIRED", "10", "pi_1", "")],
        "OPEN",
    ),
    "3-D Secure": (
        replace(INTENT, status="requires_action"),
        "CHARGE",
        [("CHARGE_ACTION_REQUIRED", "10", "pi_1", "")],
        "OPEN",
    ),
    "declined": (replace(INTENT, failure=DECLINED), "CHARGE", [("CHARGE_FAILURE", "10", "pi_1", "ch_1")], "OPEN"),
    "processing": (
        replace(INTENT, status="processing", attempt="py_1"),
        "CHARGE",
        [("CHARGE_REQUEST", "10", "pi_1", "py_1")],
        "OPEN",
    ),
    "paid": (PAID, "CHARGE", [("CHARGE_SUCCESS", "10", "pi_1", "")], "SUCCEEDED"),
    "authorised": (
        replace(INTENT, status="requires_capture", manual=True),
        "AUTHORIZATION",
        [("AUTHORIZATION_SUCCESS", "10", "pi_1", "")],
        "SUCCEEDED",
    ),
    "captured in part": (
        replace(PAID, manual=True, amount_received=Decimal(4)),
        "AUTHORIZATION",
        [
            ("AUTHORIZATION_SUCCESS", "10", "pi_1", ""),
            ("CHARGE_SUCCESS", "4", "pi_1", ""),
            ("CANCEL_SUCCESS", "6", "pi_1", "remainder"),
        ],
        "SUCCEEDED",
    ),
    "refunded and disputed": (
        replace(
            PAID,
            refunds=(
                RefundState("re_1", Decimal(1), "succeeded", "call"),
                RefundState("re_2", Decimal(2), "pending"),
                RefundState("re_3", Decimal(3), "failed"),
            ),
            disputes=(DisputeState("du_1", Decimal(5), withdrawn=True, won=False),),
        ),
        "CHARGE",
        [
            ("CHARGE_SUCCESS", "10", "pi_1", ""),
            ("REFUND_SUCCESS", "1", "re_1", "call"),
            ("REFUND_REQUEST", "2", "re_2", ""),
            ("REFUND_FAILURE", "3", "re_3", ""),
            ("CHARGE_BACK", "5", "du_1", ""),
        ],
        "SUCCEEDED",
    ),
    "disputed and lost": (
        replace(PAID, disputes=(DisputeState("du_1", TEN, withdrawn=True, won=False, lost=True),)),
        "CHARGE",
        [("CHARGE_SUCCESS", "10", "pi_1", ""), ("CHARGE_BACK", "10", "du_1", ""), ("INFO", "10", "du_1", "lost")],
        "SUCCEEDED",
    ),
    "an inquiry takes no money": (
        replace(PAID, disputes=(DisputeState("du_1", TEN, withdrawn=False, won=False),)),
        "CHARGE",
        [("CHARGE_SUCCESS", "10", "pi_1", "")],
        "SUCCEEDED",
    ),
    "cancelled": (replace(INTENT, status="canceled"), "CHARGE", [("CANCEL_SUCCESS", "10", "pi_1", "")], "CANCELLED"),
    "open page": (SESSION, "CHARGE", [("CHARGE_ACTION_REQUIRED", "10", "cs_1", "")], "OPEN"),
    "open page after a declined card": (
        replace(SESSION, intent=replace(INTENT, failure=DECLINED)),
        "CHARGE",
        [("CHARGE_ACTION_REQUIRED", "10", "cs_1", ""), ("CHARGE_FAILURE", "10", "pi_1", "ch_1")],
        "OPEN",
    ),
    "paid page": (
        replace(SESSION, status="complete", payment_status="paid", intent=PAID),
        "CHARGE",
        [("CHARGE_SUCCESS", "10", "pi_1", "")],
        "SUCCEEDED",
    ),
    "page whose payment settles later": (
        replace(SESSION, status="complete", intent=replace(INTENT, status="processing", attempt="py_1")),
        "CHARGE",
        [("CHARGE_REQUEST", "10", "pi_1", "py_1")],
        "OPEN",
    ),
    "and has failed": (
        replace(SESSION, status="complete", intent=replace(INTENT, failure=DECLINED)),
        "CHARGE",
        [("CHARGE_FAILURE", "10", "pi_1", "ch_1")],
        "FAILED",
    ),
    "expired page": (replace(SESSION, status="expired"), "CHARGE", [("CANCEL_SUCCESS", "10", "cs_1", "")], "CANCELLED"),
}


@pytest.mark.parametrize("name", CASES)
def test_events_of_a_state(name: str) -> None:
    state, flow, events, status = CASES[name]
    reading = read_state(state, flow)
    assert [(e.type, str(e.amount), e.psp_reference, e.dedupe_key) for e in reading.events] == events
    assert reading.status == status
    assert reading.current in reading.events


def test_states_read_late_or_in_any_order_leave_the_same_ledger() -> None:
    """Six looks at one payment from its start to a partial refund, applied in all 720 orders."""
    authorised = replace(INTENT, status="requires_capture", manual=True)
    captured = replace(PAID, manual=True, amount_received=Decimal(8))
    refund = RefundState("re_1", Decimal(3), "pending", "call")
    looks: list[PaymentState] = [
        replace(INTENT, manual=True),
        replace(INTENT, manual=True, failure=DECLINED),
        authorised,
        captured,
        replace(captured, refunds=(refund,)),
        replace(captured, refunds=(replace(refund, status="succeeded"),)),
    ]
    results = set()
    for order in permutations(looks):
        ledger: dict[tuple[str, str, str], Entry] = {}
        for look in order:
            for event in read_state(look, "AUTHORIZATION").events:
                ledger.setdefault(event.key, Entry(event.type, event.amount, event.psp_reference, event.dedupe_key))
        results.add(amounts_of(ledger.values()))
    (result,) = results
    assert (str(result.charged), str(result.refunded), str(result.cancelled), str(result.authorized)) == (
        "5",
        "3",
        "2",
        "0",
    )


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (PAID, None),
        (replace(PAID, currency="EUR"), "asked for USD, the provider has EUR"),
        (replace(PAID, amount=Decimal(9)), "asked for 10 USD, the provider has 9 USD"),
        (replace(SESSION, intent=replace(PAID, amount=Decimal(11))), "asked for 10 USD, the provider has 11 USD"),
        (replace(SESSION, currency="EUR"), "asked for USD, the provider has EUR"),
    ],
)
def test_another_amount_or_currency_is_noticed(state: PaymentState, expected: str | None) -> None:
    assert mismatch(state, TEN, "USD") == expected


ORIGINS = ("http://shop.test", "https://Other.test:8443")
GOOD_URLS = {"successUrl": "http://shop.test/return?x=1", "cancelUrl": "https://other.test:8443/"}


def test_both_forms_of_data() -> None:
    intent = parse_request({"paymentIntent": {"paymentMethod": "card"}}, ORIGINS)
    assert (intent.kind, intent.method) == (Kind.PAYMENT_INTENT, "card")
    session = parse_request({"checkoutSession": GOOD_URLS}, ORIGINS)
    assert (session.kind, session.success_url) == (Kind.CHECKOUT_SESSION, "http://shop.test/return?x=1")


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "card",
        {},
        {"paymentIntent": {"paymentMethod": "card"}, "checkoutSession": GOOD_URLS},
        {"other": {}},
        {"paymentIntent": None},
        {"paymentIntent": {}},
        {"paymentIntent": {"paymentMethod": "cash"}},
        {"paymentIntent": {"paymentMethod": 7}},
        {"paymentIntent": {"paymentMethod": "card", "amount": 1}},
        {"checkoutSession": {"successUrl": "http://shop.test/"}},
        {"checkoutSession": GOOD_URLS | {"price": 1}},
        *(
            {"checkoutSession": GOOD_URLS | {"successUrl": url}}
            for url in (
                "",
                "/return",
                "javascript:alert(1)",
                "http://evil.test/",
                "http://shop.test.evil.test/",
                "http://shop.test@evil.test/",
                "http://shop.test:81/",
                "https://shop.test/",
                "http://shop.test\\@evil.test/",
                "http://shop.test/\n",
                "http://shop.test/a b",
                "http://[::1",
                "http://shop.test:99999/",
                "//shop.test/",
                "http://shop.test/" + "x" * 2000,
            )
        ),
    ],
)
def test_any_other_data_is_refused(data: Any) -> None:
    with pytest.raises(InvalidPaymentData) as caught:
        parse_request(data, ORIGINS)
    assert (caught.value.code, caught.value.field) == ("INVALID", "paymentGateway")
