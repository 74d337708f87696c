"""Webhooks: signed, retried, filtered, and bent by faults."""

import json
from typing import Any

import pytest
import stripe

from shop.sandbox.deliveries import signature_header
from tests.sandbox.running import Receiver, Sandbox, until


def endpoint(sandbox: Sandbox, receiver: Receiver, *types: str) -> str:
    """The signing secret of a new endpoint that asked for these types of event."""
    params: Any = {"url": receiver.url, "enabled_events": list(types) or ["*"]}
    made = sandbox.stripe.v1.webhook_endpoints.create(params)
    assert made.secret is not None
    return made.secret


def create(sandbox: Sandbox) -> str:
    """The id of a new PaymentIntent, whose event is `payment_intent.created`."""
    return sandbox.stripe.v1.payment_intents.create({"amount": 2000, "currency": "usd"}).id


def test_the_signature_is_the_clients_own() -> None:
    ours = signature_header('{"a": 1}', "whsec_x", 1_700_000_000)
    theirs = stripe.WebhookSignature.generate_signature_header('{"a": 1}', "whsec_x", 1_700_000_000)
    assert ours == theirs


def test_a_payment_is_told_and_verified(sandbox: Sandbox, receiver: Receiver) -> None:
    secret = endpoint(sandbox, receiver)
    session = sandbox.session(metadata={"checkout": "1"})
    sandbox.pay(session.id)
    receiver.wait_for(
        "payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"
    )
    for body, signature in receiver.got:
        event = stripe.Webhook.construct_event(body, signature, secret)
        assert sandbox.stripe.v1.events.retrieve(event.id).type == event.type
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body, signature, f"{secret}x")
    completed = next(json.loads(body) for body, _ in receiver.got if b'"checkout.session.completed"' in body)
    assert completed["data"]["object"]["metadata"] == {"checkout": "1"}
    assert not [name for name in completed["data"]["object"] if name.startswith("_")]
    until(lambda: not [one for one in sandbox.deliveries() if one["state"] != "delivered"])
    assert {event.pending_webhooks for event in sandbox.stripe.v1.events.list().data} == {0}


def test_only_what_was_asked_for_is_sent(sandbox: Sandbox, receiver: Receiver) -> None:
    endpoint(sandbox, receiver, "checkout.session.completed")
    sandbox.pay(sandbox.session().id)
    receiver.wait_for("checkout.session.completed")
    assert [one["type"] for one in sandbox.deliveries()] == ["checkout.session.completed"]


def test_an_endpoint_is_disabled_changed_and_removed(sandbox: Sandbox, receiver: Receiver) -> None:
    endpoints = sandbox.stripe.v1.webhook_endpoints
    made = endpoints.create({"url": receiver.url, "enabled_events": ["payment_intent.created"]})
    assert "secret" not in endpoints.retrieve(made.id).to_dict()
    assert endpoints.update(made.id, {"disabled": True}).status == "disabled"
    create(sandbox)
    assert endpoints.update(made.id, {"disabled": False, "description": "Main"}).status == "enabled"
    assert endpoints.delete(made.id).deleted
    create(sandbox)
    assert sandbox.deliveries() == []
    with pytest.raises(stripe.InvalidRequestError):
        endpoints.create({"url": "ftp://shop.example.com", "enabled_events": ["*"]})
    with pytest.raises(stripe.InvalidRequestError, match="must be one of"):
        endpoints.create({"url": receiver.url, "enabled_events": ["no.such.event"]})  # type: ignore[list-item]


def test_a_refused_delivery_is_tried_again(sandbox: Sandbox, receiver: Receiver) -> None:
    secret = endpoint(sandbox, receiver)
    receiver.answers = [500, 302]
    create(sandbox)
    first = until(lambda: [one for one in sandbox.deliveries() if one["attempts"] == 1])[0]
    assert (first["state"], first["last_status"]) == ("pending", 500)
    # The wait grows with each attempt; the clock shortens it here.
    sandbox.tool("/clock", advance_seconds=10)
    until(lambda: len(receiver.got) >= 2)
    until(lambda: sandbox.deliveries()[0]["attempts"] == 2)
    sandbox.tool("/clock", advance_seconds=10)
    done = until(lambda: sandbox.deliveries(state="delivered"))[0]
    assert (done["attempts"], done["last_status"]) == (3, 200)
    assert len({body for body, _ in receiver.got}) == 1
    for body, signature in receiver.got:
        stripe.Webhook.construct_event(body, signature, secret)


def test_an_endpoint_that_is_down_is_tried_again(sandbox: Sandbox, receiver: Receiver) -> None:
    url, receiver.url = receiver.url, "http://127.0.0.1:9/hook"
    made = sandbox.stripe.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
    create(sandbox)
    failed = until(lambda: [one for one in sandbox.deliveries() if one["attempts"]])[0]
    assert (failed["last_status"], failed["last_error"]) == (None, "ConnectError")
    sandbox.stripe.v1.webhook_endpoints.update(made.id, {"url": url})
    sandbox.tool("/clock", advance_seconds=10)
    receiver.wait_for("payment_intent.created")


def test_drop(sandbox: Sandbox, receiver: Receiver) -> None:
    endpoint(sandbox, receiver, "payment_intent.created", "charge.succeeded")
    sandbox.fault("webhook_drop", event="payment_intent.*")
    sandbox.pay(sandbox.session().id)
    receiver.wait_for("charge.succeeded")
    assert {one["type"]: one["state"] for one in sandbox.deliveries()}["payment_intent.created"] == "dropped"
    assert receiver.types() == ["charge.succeeded"]
    create(sandbox)
    receiver.wait_for("payment_intent.created")


def test_delay(sandbox: Sandbox, receiver: Receiver) -> None:
    endpoint(sandbox, receiver)
    sandbox.fault("webhook_delay", seconds=600)
    create(sandbox)
    assert [one["state"] for one in sandbox.deliveries()] == ["pending"]
    assert receiver.got == []
    sandbox.tool("/clock", advance_seconds=601)
    receiver.wait_for("payment_intent.created")


def test_duplicate(sandbox: Sandbox, receiver: Receiver) -> None:
    endpoint(sandbox, receiver)
    sandbox.fault("webhook_duplicate", copies=50)
    create(sandbox)
    until(lambda: len(receiver.got) == 50)
    assert len({json.loads(body)["id"] for body, _ in receiver.got}) == 1


def test_reorder(sandbox: Sandbox, receiver: Receiver) -> None:
    endpoint(sandbox, receiver, "payment_intent.created", "payment_intent.succeeded", "checkout.session.completed")
    sandbox.fault("webhook_reorder", window=3)
    sandbox.pay(sandbox.session().id)
    until(lambda: len(receiver.got) == 3)
    assert receiver.types() == ["checkout.session.completed", "payment_intent.succeeded", "payment_intent.created"]


def test_hold_and_send_in_any_order_as_often_as_wanted(sandbox: Sandbox, receiver: Receiver) -> None:
    endpoint(sandbox, receiver, "payment_intent.created", "payment_intent.succeeded")
    sandbox.fault("webhook_hold", times=10)
    sandbox.pay(sandbox.session().id)
    held = {one["type"]: one["id"] for one in sandbox.deliveries(state="held")}
    made, done = held["payment_intent.created"], held["payment_intent.succeeded"]
    results = sandbox.tool("/deliveries/send", ids=[done, made, done, 999_999])["data"]
    assert [one["status"] for one in results] == [200, 200, 200, None]
    assert receiver.types() == ["payment_intent.succeeded", "payment_intent.created", "payment_intent.succeeded"]
    assert {one["state"] for one in sandbox.deliveries()} == {"delivered"}


def test_clearing_the_faults_sends_what_was_held(sandbox: Sandbox, receiver: Receiver) -> None:
    endpoint(sandbox, receiver)
    sandbox.fault("webhook_hold")
    create(sandbox)
    assert len(sandbox.http.get("/_sandbox/faults").json()["data"]) == 0  # spent, and yet it holds
    assert sandbox.http.delete("/_sandbox/faults").status_code == 200
    receiver.wait_for("payment_intent.created")


@pytest.mark.parametrize("kind", ["webhook_wrong_signature", "webhook_old_timestamp"])
def test_a_spoiled_signature_and_then_a_good_one(sandbox: Sandbox, receiver: Receiver, kind: str) -> None:
    secret = endpoint(sandbox, receiver)
    receiver.answers = [400]
    sandbox.fault(kind)
    create(sandbox)
    until(lambda: [one for one in sandbox.deliveries() if one["attempts"]])
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(*receiver.got[0], secret)
    sandbox.tool("/clock", advance_seconds=10)
    until(lambda: len(receiver.got) == 2)
    stripe.Webhook.construct_event(*receiver.got[1], secret)
