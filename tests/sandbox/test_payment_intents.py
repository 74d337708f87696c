"""PaymentIntents, charges and refunds: Stripe's state machine, seen through its own client."""

from typing import Any

import httpx
import pytest
import stripe

from tests.sandbox.running import (
    DECLINED,
    DISPUTED,
    GOOD,
    REFUND_FAILS,
    REFUND_WAITS,
    THREE_D_SECURE,
    Sandbox,
)


def create(sandbox: Sandbox, **more: Any) -> stripe.PaymentIntent:
    """A PaymentIntent over 20.00 USD."""
    params: Any = {"amount": 2000, "currency": "usd"} | more
    return sandbox.stripe.v1.payment_intents.create(params)


def paid(sandbox: Sandbox, **more: Any) -> stripe.PaymentIntent:
    """A PaymentIntent that was paid with a good card."""
    return create(sandbox, **({"payment_method": "pm_card_visa", "confirm": True} | more))


def test_from_made_to_paid(sandbox: Sandbox) -> None:
    intents = sandbox.stripe.v1.payment_intents
    intent = create(sandbox, metadata={"checkout": "1"})
    assert intent.status == "requires_payment_method"
    assert str(intent.client_secret).startswith(f"{intent.id}_secret_")
    intent = intents.update(intent.id, {"amount": 2500, "metadata": {"checkout": "", "order": "2"}})
    assert (intent.amount, intent.metadata.to_dict()) == (2500, {"order": "2"})
    intent = intents.update(intent.id, {"payment_method": "pm_card_visa"})
    assert intent.status == "requires_confirmation"
    intent = intents.confirm(intent.id, {"expand": ["latest_charge", "payment_method"]})
    assert (intent.status, intent.amount_received) == ("succeeded", 2500)
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert (intent.latest_charge.amount_captured, intent.latest_charge.captured) == (2500, True)
    assert isinstance(intent.payment_method, stripe.PaymentMethod)
    assert intent.payment_method.card is not None
    assert intent.payment_method.card.last4 == "4242"
    assert "number" not in str(intent.payment_method)
    assert sandbox.events() == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


@pytest.mark.parametrize(
    ("method", "code", "decline_code"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
        ("pm_card_chargeCustomerFail", "card_declined", "generic_decline"),
    ],
)
def test_a_declined_card(sandbox: Sandbox, method: str, code: str, decline_code: str | None) -> None:
    intent = create(sandbox)
    with pytest.raises(stripe.CardError) as declined:
        sandbox.stripe.v1.payment_intents.confirm(intent.id, {"payment_method": method})
    assert declined.value.http_status == 402
    assert declined.value.code == code
    assert declined.value.error is not None
    assert declined.value.error.decline_code == decline_code
    after = sandbox.stripe.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
    assert (after.status, after.payment_method) == ("requires_payment_method", None)
    assert after.last_payment_error is not None
    assert after.last_payment_error.code == code
    assert isinstance(after.latest_charge, stripe.Charge)
    assert (after.latest_charge.status, after.latest_charge.paid) == ("failed", False)
    assert sandbox.events() == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]
    again = sandbox.stripe.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert again.status == "succeeded"


def test_a_decline_while_making_leaves_the_intent(sandbox: Sandbox) -> None:
    with pytest.raises(stripe.CardError) as declined:
        create(sandbox, payment_method="pm_card_chargeDeclined", confirm=True)
    body: Any = declined.value.json_body
    assert [one.id for one in sandbox.stripe.v1.payment_intents.list().data] == [body["error"]["payment_intent"]["id"]]


@pytest.mark.parametrize("answer", ["complete", "fail"])
def test_three_d_secure(sandbox: Sandbox, answer: str) -> None:
    card = {"type": "card", "card": {"number": THREE_D_SECURE, "exp_month": 12, "exp_year": 2040, "cvc": "123"}}
    intent = create(sandbox, confirm=True, payment_method_data=card, return_url="https://shop.example.com/return?a=1")
    assert intent.status == "requires_action"
    assert intent.next_action is not None
    assert intent.next_action.redirect_to_url is not None
    url = str(intent.next_action.redirect_to_url.url)
    assert sandbox.events()[-1] == "payment_intent.requires_action"
    back = httpx.URL(sandbox.http.post(url, data={"answer": answer}).headers["location"])
    assert (back.host, back.params["a"], back.params["payment_intent"]) == ("shop.example.com", "1", intent.id)
    assert back.params["redirect_status"] == ("succeeded" if answer == "complete" else "failed")
    after = sandbox.stripe.v1.payment_intents.retrieve(intent.id)
    if answer == "complete":
        assert after.status == "succeeded"
    else:
        assert after.status == "requires_payment_method"
        assert after.last_payment_error is not None
        assert after.last_payment_error.code == "payment_intent_authentication_failure"


def test_off_session_nobody_can_be_asked(sandbox: Sandbox) -> None:
    with pytest.raises(stripe.CardError) as refused:
        create(sandbox, payment_method="pm_card_authenticationRequired", confirm=True, off_session=True)
    assert refused.value.code == "authentication_required"
    assert sandbox.stripe.v1.payment_intents.list().data[0].status == "requires_payment_method"


def test_the_page_that_stands_for_the_payment_element(sandbox: Sandbox) -> None:
    intent = create(sandbox)
    params = {"client_secret": str(intent.client_secret), "return_url": "https://shop.example.com/return"}
    assert sandbox.http.get(f"/pay/{intent.id}").status_code == 404
    assert sandbox.http.get(f"/pay/{intent.id}", params=params | {"client_secret": "guess"}).status_code == 404
    page = sandbox.http.get(f"/pay/{intent.id}", params=params)
    assert "Pay $20.00" in page.text
    card = {"cardExpiry": "12/40", "cardCvc": "123"}
    declined = sandbox.http.post(f"/pay/{intent.id}", params=params, data=card | {"cardNumber": DECLINED})
    assert declined.status_code == 402
    assert "Your card was declined." in declined.text
    done = sandbox.http.post(f"/pay/{intent.id}", params=params, data=card | {"cardNumber": GOOD})
    back = httpx.URL(done.headers["location"])
    assert (back.host, back.params["redirect_status"]) == ("shop.example.com", "succeeded")
    assert sandbox.stripe.v1.payment_intents.retrieve(intent.id).status == "succeeded"


@pytest.mark.parametrize("amount", [None, 1500])
def test_capture_takes_all_or_a_part(sandbox: Sandbox, amount: int | None) -> None:
    intent = paid(sandbox, capture_method="manual")
    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("requires_capture", 2000, 0)
    assert sandbox.events()[-1] == "payment_intent.amount_capturable_updated"
    with pytest.raises(stripe.InvalidRequestError, match="greater than the authorized amount"):
        sandbox.stripe.v1.payment_intents.capture(intent.id, {"amount_to_capture": 2001})
    params: Any = {} if amount is None else {"amount_to_capture": amount}
    done = sandbox.stripe.v1.payment_intents.capture(intent.id, params)
    assert (done.status, done.amount_capturable, done.amount_received) == ("succeeded", 0, amount or 2000)
    assert sandbox.stripe.v1.refunds.create({"payment_intent": intent.id}).amount == (amount or 2000)


def test_a_hold_nobody_captures_lapses(sandbox: Sandbox) -> None:
    intent = paid(sandbox, capture_method="manual")
    sandbox.tool("/clock", advance_seconds=8 * 86_400)
    after = sandbox.stripe.v1.payment_intents.retrieve(intent.id)
    assert (after.status, after.cancellation_reason) == ("canceled", "automatic")
    assert sandbox.events()[-2:] == ["charge.expired", "payment_intent.canceled"]


def test_cancelling(sandbox: Sandbox) -> None:
    intents = sandbox.stripe.v1.payment_intents
    assert intents.cancel(create(sandbox).id, {"cancellation_reason": "abandoned"}).cancellation_reason == "abandoned"
    held = intents.cancel(paid(sandbox, capture_method="manual").id, {"expand": ["latest_charge"]})
    assert held.status == "canceled"
    assert isinstance(held.latest_charge, stripe.Charge)
    assert held.latest_charge.refunded
    done = paid(sandbox)
    for call in (intents.cancel, intents.capture, intents.confirm):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            call(done.id)
        assert refused.value.code == "payment_intent_unexpected_state"
        assert isinstance(refused.value.json_body, dict)
        assert refused.value.json_body["error"]["payment_intent"]["status"] == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="amount could not be updated"):
        intents.update(done.id, {"amount": 1})


def test_a_checkouts_intent_is_left_to_its_session(sandbox: Sandbox) -> None:
    sandbox.pay(sandbox.session().id, DECLINED)
    intent = sandbox.stripe.v1.payment_intents.list().data[0]
    with pytest.raises(stripe.InvalidRequestError, match="Expire the Checkout Session instead"):
        sandbox.stripe.v1.payment_intents.cancel(intent.id)


def test_refunds_in_parts_never_exceed_the_charge(sandbox: Sandbox) -> None:
    intent = paid(sandbox)
    refunds = sandbox.stripe.v1.refunds
    first = refunds.create({"payment_intent": intent.id, "amount": 500, "metadata": {"line": "1"}})
    assert (first.status, first.amount, first.charge) == ("succeeded", 500, intent.latest_charge)
    with pytest.raises(stripe.InvalidRequestError, match=r"Refund amount \(\$15.01\) is greater than .* \(\$15.00\)"):
        refunds.create({"payment_intent": intent.id, "amount": 1501})
    second = refunds.create({"charge": str(intent.latest_charge), "reason": "requested_by_customer"})
    assert second.amount == 1500
    with pytest.raises(stripe.InvalidRequestError) as refused:
        refunds.create({"payment_intent": intent.id})
    assert refused.value.code == "charge_already_refunded"
    assert [refund.id for refund in refunds.list({"payment_intent": intent.id}).data] == [second.id, first.id]
    charge = sandbox.stripe.v1.charges.retrieve(str(intent.latest_charge), {"expand": ["refunds"]})
    assert (charge.amount_refunded, charge.refunded) == (2000, True)
    assert charge.refunds is not None
    assert len(charge.refunds.data) == 2
    assert sandbox.events()[3:] == ["refund.created", "charge.refunded", "refund.updated"] * 2
    assert refunds.retrieve(first.id, {"expand": ["charge", "payment_intent"]}).payment_intent == intent


def test_a_refund_needs_a_charge(sandbox: Sandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge to refund"):
        sandbox.stripe.v1.refunds.create({"payment_intent": create(sandbox).id})
    with pytest.raises(stripe.InvalidRequestError, match="No such payment_intent") as missing:
        sandbox.stripe.v1.refunds.create({"payment_intent": "pi_none"})
    assert (missing.value.http_status, missing.value.param) == (400, "payment_intent")


@pytest.mark.parametrize(
    ("number", "first", "last"), [(REFUND_WAITS, "pending", "succeeded"), (REFUND_FAILS, "succeeded", "failed")]
)
def test_refunds_that_end_later(sandbox: Sandbox, number: str, first: str, last: str) -> None:
    session = sandbox.session()
    sandbox.pay(session.id, number)
    intent = sandbox.stripe.v1.payment_intents.list().data[0]
    refund = sandbox.stripe.v1.refunds.create({"payment_intent": intent.id})
    assert refund.status == first
    sandbox.tool("/clock", advance_seconds=60)
    assert sandbox.stripe.v1.refunds.retrieve(refund.id).status == last
    charge = sandbox.stripe.v1.charges.retrieve(str(intent.latest_charge))
    assert charge.amount_refunded == (0 if last == "failed" else 2500)
    assert "refund.updated" in sandbox.events()


def test_a_dispute_comes_later(sandbox: Sandbox) -> None:
    sandbox.pay(sandbox.session().id, DISPUTED)
    assert sandbox.stripe.v1.disputes.list().data == []
    sandbox.tool("/clock", advance_seconds=60)
    dispute = sandbox.stripe.v1.disputes.list().data[0]
    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "fraudulent", 2500)
    assert sandbox.stripe.v1.charges.list().data[0].disputed
    assert sandbox.events()[-2:] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.stripe.v1.refunds.create({"charge": str(dispute.charge)})
    assert refused.value.code == "charge_disputed"


@pytest.mark.parametrize("verdict", ["won", "lost", "accepted"])
def test_a_dispute_is_decided(sandbox: Sandbox, verdict: str) -> None:
    sandbox.pay(sandbox.session().id, DISPUTED)
    sandbox.tool("/clock", advance_seconds=60)
    disputes = sandbox.stripe.v1.disputes
    key = disputes.list().data[0].id
    if verdict == "accepted":
        closed = disputes.close(key)
    else:
        word = "winning_evidence" if verdict == "won" else "losing_evidence"
        closed = disputes.update(key, {"evidence": {"uncategorized_text": word}})
    assert closed.status == ("won" if verdict == "won" else "lost")
    assert "charge.dispute.closed" in sandbox.events()
    assert sandbox.stripe.v1.charges.retrieve(str(closed.charge)).disputed
    with pytest.raises(stripe.InvalidRequestError, match="already"):
        disputes.close(key)
    if verdict == "won":
        assert sandbox.stripe.v1.refunds.create({"charge": str(closed.charge)}).status == "succeeded"


@pytest.mark.parametrize(
    ("change", "param", "message"),
    [
        ({"amount": 0}, "amount", "greater than or equal to 1"),
        ({"amount": -1}, "amount", "greater than or equal to 1"),
        ({"amount": 49}, "amount", "at least $0.50 usd"),
        ({"amount": 10**9}, "amount", "no more than"),
        ({"amount": "10.0"}, "amount", "Invalid integer: 10.0"),
        ({"amount": "1e3"}, "amount", "Invalid integer: 1e3"),
        ({"currency": "kwd", "amount": 1001}, "amount", "evenly divisible by 10"),
        ({"capture_method": "never"}, "capture_method", "must be one of automatic, automatic_async, manual"),
        ({"confirm": "yes"}, "confirm", "Invalid boolean: yes"),
        ({"allowed_payment_method_types": ["klarna"]}, "allowed_payment_method_types", "card and sepa_debit only"),
        ({"idempotency_key": "k"}, "idempotency_key", "unknown parameter"),
        ({"customer": ""}, "customer", "empty string"),
        ({"payment_method": "pm_none"}, "payment_method", "No such payment_method"),
        ({"off_session": True}, "off_session", "when confirm is true"),
        ({"transfer_group": "x"}, "transfer_group", "does not act on the parameter"),
    ],
)
def test_what_stripe_would_refuse_is_refused(
    sandbox: Sandbox, change: dict[str, Any], param: str, message: str
) -> None:
    body = {"amount": "2000", "currency": "usd"} | {name: _text(value) for name, value in change.items()}
    body = {**body, **{f"{name}[0]": value[0] for name, value in change.items() if isinstance(value, list)}}
    answer = sandbox.http.post("/v1/payment_intents", data=body, headers={"Authorization": "Bearer sk_test_x"})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert message in error["message"]
    assert error["param"] == param
    assert sandbox.stripe.v1.payment_intents.list().data == []


def _text(value: object) -> str | list[str]:
    if isinstance(value, list):
        return []
    return str(value).lower() if isinstance(value, bool) else str(value)
