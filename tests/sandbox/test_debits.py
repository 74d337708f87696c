"""Bank debits: payments that are under way for a while before they succeed or fail."""

from typing import Any

import pytest
import stripe

from tests.sandbox.running import Sandbox, line

PAID, FAILS = "DE89 3704 0044 0532 0130 00", "DE62370400440532013001"
EUR = {
    "line_items": [line("Course of 3", 45000, currency="eur")],
    "allowed_payment_method_types": ["card", "sepa_debit"],
}


@pytest.mark.parametrize(
    ("iban", "status", "payment_status", "event"),
    [(PAID, "succeeded", "paid", "succeeded"), (FAILS, "requires_payment_method", "unpaid", "failed")],
)
def test_a_session_paid_by_debit(sandbox: Sandbox, iban: str, status: str, payment_status: str, event: str) -> None:
    session = sandbox.session(**EUR)
    assert 'name="iban"' in sandbox.http.get(f"/pay/{session.id}").text
    assert sandbox.pay(session.id, "", iban=iban, cardholder="Example shopper").status_code == 303
    begun = sandbox.stripe.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (begun.status, begun.payment_status) == ("complete", "unpaid")
    assert isinstance(begun.payment_intent, stripe.PaymentIntent)
    assert begun.payment_intent.status == "processing"
    assert sandbox.events()[1:] == ["charge.pending", "payment_intent.processing", "checkout.session.completed"]
    sandbox.tool("/clock", advance_seconds=60)
    after = sandbox.stripe.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    assert (after.status, after.payment_status) == ("complete", payment_status)
    intent: Any = after.payment_intent
    assert (intent.status, intent.latest_charge.status) == (status, event)
    assert iban.replace(" ", "").endswith(intent.latest_charge.payment_method_details.sepa_debit.last4)
    assert sandbox.events()[-1] == f"checkout.session.async_payment_{event}"


@pytest.mark.parametrize(
    ("form", "field"), [({"iban": "DE00", "cardholder": "A"}, "iban"), ({"iban": PAID, "cardholder": ""}, "cardholder")]
)
def test_a_slip_is_told_beside_its_field(sandbox: Sandbox, form: dict[str, str], field: str) -> None:
    session = sandbox.session(**EUR)
    answer = sandbox.pay(session.id, "", **form)
    assert answer.status_code == 402
    assert f'name="{field}"' in answer.text.partition('aria-invalid="true"')[0].rpartition("<input")[2]
    assert sandbox.stripe.v1.payment_intents.list().data == []


def test_debits_are_offered_where_they_fit_only(sandbox: Sandbox) -> None:
    dollars = sandbox.session(allowed_payment_method_types=["card", "sepa_debit"])
    held = sandbox.session(**EUR, payment_intent_data={"capture_method": "manual"})
    plain = sandbox.session(line_items=EUR["line_items"])
    for session in (dollars, held, plain):
        assert session.payment_method_types == ["card"]
        assert 'name="iban"' not in sandbox.http.get(f"/pay/{session.id}").text
    with pytest.raises(stripe.InvalidRequestError, match="None of these payment method types fits"):
        sandbox.session(allowed_payment_method_types=["sepa_debit"])


def test_an_intent_paid_by_debit(sandbox: Sandbox) -> None:
    params: Any = {
        "amount": 2000,
        "currency": "eur",
        "allowed_payment_method_types": ["sepa_debit"],
        "confirm": True,
        "payment_method_data": {
            "type": "sepa_debit",
            "sepa_debit": {"iban": PAID},
            "billing_details": {"name": "Example shopper", "email": "shopper@example.com"},
        },
        "mandate_data": {"customer_acceptance": {"type": "offline"}},
    }
    create = sandbox.stripe.v1.payment_intents.create
    for name, value in (("currency", "usd"), ("mandate_data", None), ("allowed_payment_method_types", ["card"])):
        wrong = {key: one for key, one in (params | {name: value}).items() if one is not None}
        with pytest.raises(stripe.InvalidRequestError):
            create(wrong)  # type: ignore[arg-type]
    intent = create(params)
    assert intent.status == "processing"
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        sandbox.stripe.v1.refunds.create({"payment_intent": intent.id})
    sandbox.tool("/clock", advance_seconds=60)
    paid = sandbox.stripe.v1.payment_intents.retrieve(intent.id)
    assert (paid.status, paid.amount_received) == ("succeeded", 2000)
    assert sandbox.stripe.v1.refunds.create({"payment_intent": intent.id}).status == "succeeded"
