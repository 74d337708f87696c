"""Customers, saved cards and SetupIntents."""

from typing import Any

import pytest
import stripe

from tests.sandbox.running import Sandbox


def customer(sandbox: Sandbox, **more: Any) -> stripe.Customer:
    """A customer."""
    params: Any = {"email": "shopper@example.com"} | more
    return sandbox.stripe.v1.customers.create(params)


def test_a_customers_life(sandbox: Sandbox) -> None:
    customers = sandbox.stripe.v1.customers
    made = customer(sandbox, metadata={"user": "1"}, name="Example shopper")
    assert customers.update(made.id, {"name": "Another name"}).name == "Another name"
    assert [one.id for one in customers.list({"email": "shopper@example.com"}).data] == [made.id]
    assert customers.list({"email": "other@example.com"}).data == []
    assert customers.delete(made.id).deleted
    assert customers.retrieve(made.id).deleted
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        customers.update(made.id, {"name": "x"})
    assert sandbox.events() == ["customer.created", "customer.updated", "customer.deleted"]


def test_a_saved_card_is_charged_off_session(sandbox: Sandbox) -> None:
    owner = customer(sandbox)
    saved = sandbox.stripe.v1.setup_intents.create(
        {"customer": owner.id, "payment_method": "pm_card_visa", "confirm": True, "usage": "off_session"}
    )
    assert saved.status == "succeeded"
    assert sandbox.events()[-2:] == ["payment_method.attached", "setup_intent.succeeded"]
    method = str(saved.payment_method)
    assert [one.id for one in sandbox.stripe.v1.customers.payment_methods.list(owner.id).data] == [method]
    charge: Any = {"amount": 1000, "currency": "usd", "payment_method": method, "confirm": True, "off_session": True}
    paid = sandbox.stripe.v1.payment_intents.create(charge | {"customer": owner.id})
    assert (paid.status, paid.customer) == ("succeeded", owner.id)
    with pytest.raises(stripe.InvalidRequestError, match=f"belongs to the Customer {owner.id}"):
        sandbox.stripe.v1.payment_intents.create(charge)
    assert sandbox.stripe.v1.payment_methods.detach(method).customer is None
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        sandbox.stripe.v1.payment_intents.create(charge)


def test_a_card_that_attaches_and_then_fails(sandbox: Sandbox) -> None:
    owner = customer(sandbox)
    method = sandbox.stripe.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": owner.id})
    with pytest.raises(stripe.CardError) as refused:
        sandbox.stripe.v1.payment_intents.create(
            {"amount": 500, "currency": "usd", "customer": owner.id, "payment_method": method.id, "confirm": True}
        )
    assert refused.value.code == "card_declined"
    assert sandbox.stripe.v1.payment_methods.retrieve(method.id).customer == owner.id


def test_a_card_that_refuses_to_be_saved(sandbox: Sandbox) -> None:
    owner = customer(sandbox)
    with pytest.raises(stripe.CardError) as refused:
        sandbox.stripe.v1.setup_intents.create(
            {"customer": owner.id, "payment_method": "pm_card_chargeDeclined", "confirm": True}
        )
    assert refused.value.code == "card_declined"
    assert sandbox.stripe.v1.setup_intents.list().data[0].status == "requires_payment_method"
    assert sandbox.stripe.v1.customers.payment_methods.list(owner.id).data == []


@pytest.mark.parametrize(("answer", "status"), [("complete", "succeeded"), ("fail", "requires_payment_method")])
def test_saving_with_three_d_secure(sandbox: Sandbox, answer: str, status: str) -> None:
    intent = sandbox.stripe.v1.setup_intents.create({"customer": customer(sandbox).id})
    asked = sandbox.stripe.v1.setup_intents.confirm(
        intent.id,
        {"payment_method": "pm_card_authenticationRequiredOnSetup", "return_url": "https://shop.example.com/saved"},
    )
    assert asked.status == "requires_action"
    page = f"/3ds/{intent.id}"
    assert sandbox.http.get(page).status_code == 200
    back = sandbox.http.post(page, data={"answer": answer}).headers["location"]
    assert back.startswith(f"https://shop.example.com/saved?setup_intent={intent.id}")
    assert sandbox.stripe.v1.setup_intents.retrieve(intent.id).status == status


def test_checkout_saves_the_card_for_later(sandbox: Sandbox) -> None:
    session = sandbox.session(payment_intent_data={"setup_future_usage": "off_session"}, customer_creation="always")
    sandbox.pay(session.id)
    paid = sandbox.stripe.v1.checkout.sessions.retrieve(session.id)
    owner = sandbox.stripe.v1.customers.retrieve(str(paid.customer))
    assert owner.email == "shopper@example.com"
    assert len(sandbox.stripe.v1.customers.payment_methods.list(owner.id).data) == 1


def test_a_setup_intent_can_be_cancelled_once(sandbox: Sandbox) -> None:
    intent = sandbox.stripe.v1.setup_intents.create()
    assert sandbox.stripe.v1.setup_intents.cancel(intent.id).status == "canceled"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.stripe.v1.setup_intents.cancel(intent.id)
    assert refused.value.code == "setup_intent_unexpected_state"
