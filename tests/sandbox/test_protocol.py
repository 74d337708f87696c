"""The protocol around every call: keys, headers, idempotency, expansion, lists, shapes."""

import threading
import typing
from typing import Any

import pytest
import stripe

from tests.sandbox.running import THREE_D_SECURE, Sandbox, connected, line

AUTH = {"Authorization": "Bearer sk_test_x"}
INTENT = {"amount": "2000", "currency": "usd"}


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (None, "You did not provide an API key."),
        ("Token sk_test_x", "You did not provide an API key."),
        ("Bearer sk_live_0123456789abcdef", "Invalid API Key provided: sk_live_********cdef."),
        ("Bearer pk_test_x", "Invalid API Key provided"),
        ("Bearer sk_test_", "Invalid API Key provided"),
        ("Basic !!", "You did not provide an API key."),
    ],
)
def test_only_test_keys_are_taken(sandbox: Sandbox, header: str | None, message: str) -> None:
    answer = sandbox.http.get("/v1/balance", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert message in answer.json()["error"]["message"]
    assert answer.headers["request-id"].startswith("req_")


def test_the_client_sees_an_authentication_error(sandbox: Sandbox) -> None:
    with connected(sandbox.url, key="sk_live_x") as live, pytest.raises(stripe.AuthenticationError):
        live.v1.balance.retrieve()


def test_a_key_may_come_as_basic_auth(sandbox: Sandbox) -> None:
    assert sandbox.http.get("/v1/account", auth=("sk_test_x", "")).json()["object"] == "account"


def test_headers(sandbox: Sandbox) -> None:
    sent = AUTH | {"Stripe-Version": "2026-01-01.test", "Idempotency-Key": "k1"}
    answer = sandbox.http.post("/v1/payment_intents", data=INTENT, headers=sent)
    assert answer.headers["stripe-version"] == "2026-01-01.test"
    assert answer.headers["idempotency-key"] == "k1"
    event = sandbox.stripe.v1.events.list().data[0]
    assert event.request is not None
    assert (event.request.id, event.request.idempotency_key) == (answer.headers["request-id"], "k1")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/subscriptions", 404), ("DELETE", "/v1/payment_intents", 404), ("POST", "/v1/balance", 404)],
)
def test_what_is_not_built_says_so(sandbox: Sandbox, method: str, path: str, status: int) -> None:
    answer = sandbox.http.request(method, path, headers=AUTH)
    assert answer.status_code == status
    assert f"Unrecognized request URL ({method}: {path})" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        (b"amount=1&amount[x]=2", None, "both as a value and as a hash"),
        (b"[amount]=1", None, "Invalid parameter name"),
        (b"amount]=1", None, "Invalid parameter name"),
        (b"description=%00", None, "NUL"),
        (b"description=%ff", None, "not a readable form"),
        (b"\xff=1", None, "not UTF-8"),
        (b"{}", "application/json", "form-encoded"),
        (b"x" * 1_000_001, None, "too large"),
        (b"&".join(b"metadata[%d]=1" % number for number in range(6000)), None, "not a readable form"),
        (b"amount[amount]=1&currency=usd", None, "Invalid"),
        (b"metadata=x&amount=100&currency=usd", None, "Invalid object for metadata"),
        (b"expand=x&amount=100&currency=usd", None, "Invalid array for expand"),
    ],
)
def test_malformed_bodies_are_refused(sandbox: Sandbox, body: bytes, kind: str | None, message: str) -> None:
    headers = AUTH | {"Content-Type": kind or "application/x-www-form-urlencoded"}
    answer = sandbox.http.post("/v1/payment_intents", content=body, headers=headers)
    assert answer.status_code in {400, 413}
    assert message in answer.json()["error"]["message"]
    assert sandbox.stripe.v1.payment_intents.list().data == []


def test_the_same_key_answers_the_same(sandbox: Sandbox) -> None:
    headers = AUTH | {"Idempotency-Key": "order-1"}
    first = sandbox.http.post("/v1/payment_intents", data=INTENT, headers=headers)
    second = sandbox.http.post("/v1/payment_intents", data=INTENT, headers=headers)
    assert (second.status_code, second.text) == (first.status_code, first.text)
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["original-request"] == first.headers["request-id"]
    assert len(sandbox.stripe.v1.payment_intents.list().data) == 1


@pytest.mark.parametrize("second", ["/v1/payment_intents", "/v1/customers"])
def test_the_same_key_for_something_else_is_refused(sandbox: Sandbox, second: str) -> None:
    headers = AUTH | {"Idempotency-Key": "order-1"}
    sandbox.http.post("/v1/payment_intents", data=INTENT, headers=headers)
    other = {"email": "a@example.com"} if second == "/v1/customers" else INTENT | {"amount": "2001"}
    answer = sandbox.http.post(second, data=other, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "idempotency_error"
    assert len(sandbox.stripe.v1.payment_intents.list().data) == 1
    assert sandbox.stripe.v1.customers.list().data == []


def test_a_decline_is_stored_and_a_slip_is_not(sandbox: Sandbox) -> None:
    headers = AUTH | {"Idempotency-Key": "order-1"}
    slip = sandbox.http.post("/v1/payment_intents", data={"amount": "2000"}, headers=headers)
    assert slip.json()["error"]["code"] == "parameter_missing"
    declined = INTENT | {"confirm": "true", "payment_method": "pm_card_chargeDeclined"}
    first = sandbox.http.post("/v1/payment_intents", data=declined, headers=headers)
    second = sandbox.http.post("/v1/payment_intents", data=declined, headers=headers)
    assert (first.status_code, second.status_code, second.text) == (402, 402, first.text)
    assert len(sandbox.stripe.v1.charges.list().data) == 1


def test_a_key_is_forgotten_after_a_day(sandbox: Sandbox) -> None:
    headers = AUTH | {"Idempotency-Key": "order-1"}
    first = sandbox.http.post("/v1/payment_intents", data=INTENT, headers=headers).json()
    sandbox.tool("/clock", advance_seconds=24 * 3600 - 60)
    assert sandbox.http.post("/v1/payment_intents", data=INTENT, headers=headers).json()["id"] == first["id"]
    sandbox.tool("/clock", advance_seconds=120)
    assert sandbox.http.post("/v1/payment_intents", data=INTENT, headers=headers).json()["id"] != first["id"]


def test_a_request_under_way_holds_its_key(sandbox: Sandbox) -> None:
    sandbox.fault("delay", seconds=0.4, path="/v1/payment_intents")
    headers = AUTH | {"Idempotency-Key": "order-1"}
    answers: list[int] = []

    def send() -> None:
        answers.append(sandbox.http.post("/v1/payment_intents", data=INTENT, headers=headers).status_code)

    threads = [threading.Thread(target=send) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 409, 409, 409, 409]
    assert len(sandbox.stripe.v1.payment_intents.list().data) == 1


def test_the_clients_retries_meet_the_stored_answer(sandbox: Sandbox) -> None:
    sandbox.fault("error_after", path="/v1/payment_intents")
    with connected(sandbox.url, retries=2) as patient:
        made = patient.v1.payment_intents.create({"amount": 2000, "currency": "usd"})
    assert [intent.id for intent in sandbox.stripe.v1.payment_intents.list().data] == [made.id]


def test_expansion_has_limits(sandbox: Sandbox) -> None:
    intent = sandbox.stripe.v1.payment_intents.create({"amount": 2000, "currency": "usd"})
    assert sandbox.stripe.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]}).latest_charge is None
    listed = sandbox.stripe.v1.payment_intents.list({"expand": ["data.latest_charge", "data.customer"]})
    assert [one.id for one in listed.data] == [intent.id]
    for path in ("amount", "nothing", "a.b.c.d.e"):
        with pytest.raises(stripe.InvalidRequestError, match=r"expand"):
            sandbox.stripe.v1.payment_intents.retrieve(intent.id, {"expand": [path]})
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.stripe.v1.payment_intents.create({"amount": 2000, "currency": "usd", "expand": ["nothing"]})
    assert len(sandbox.stripe.v1.payment_intents.list().data) == 1


def test_lists_are_walked_both_ways(sandbox: Sandbox) -> None:
    intents = sandbox.stripe.v1.payment_intents
    made = [intents.create({"amount": 1000 + number, "currency": "usd"}).id for number in range(5)][::-1]
    page = intents.list({"limit": 2})
    assert ([one.id for one in page.data], page.has_more) == (made[:2], True)
    assert [one.id for one in page.auto_paging_iter()] == made
    back = intents.list({"limit": 2, "ending_before": made[3]})
    assert ([one.id for one in back.data], back.has_more) == (made[1:3], True)
    now = sandbox.http.get("/_sandbox").json()["now"]
    assert intents.list({"created": {"gt": now + 10}}).data == []
    assert len(intents.list({"created": {"gte": now - 60, "lte": now + 60}}).data) == 5
    for params in ({"limit": "0"}, {"limit": "101"}, {"starting_after": "pi_none"}):
        assert sandbox.http.get("/v1/payment_intents", params=params, headers=AUTH).status_code == 400


def test_events_can_be_read_by_type(sandbox: Sandbox) -> None:
    sandbox.pay(sandbox.session().id)
    events = sandbox.stripe.v1.events
    assert [one.type for one in events.list({"type": "charge.succeeded"}).data] == ["charge.succeeded"]
    both: Any = {"types": ["charge.succeeded", "payment_intent.succeeded"]}
    assert {one.type for one in events.list(both).data} == set(both["types"])
    newest = events.list({"limit": 1}).data[0]
    assert events.retrieve(newest.id).data.object["status"] == "complete"


def test_the_balance_counts_what_was_kept(sandbox: Sandbox) -> None:
    assert sandbox.stripe.v1.balance.retrieve().pending == []
    sandbox.pay(sandbox.session().id)
    intent = sandbox.stripe.v1.payment_intents.list().data[0]
    sandbox.stripe.v1.refunds.create({"payment_intent": intent.id, "amount": 500})
    pending = sandbox.stripe.v1.balance.retrieve().pending
    assert [(entry.amount, entry.currency) for entry in pending] == [(2000, "usd")]


def test_objects_have_the_fields_that_the_clients_types_promise(sandbox: Sandbox) -> None:
    """Every field that is not optional is there, and no field is there that the types do not know."""
    v1 = sandbox.stripe.v1
    owner = v1.customers.create({"email": "shopper@example.com"})
    session = sandbox.session(customer=owner.id, line_items=[line("Shampoo", 1000)])
    sandbox.pay(session.id, "4000000000000259")
    sandbox.tool("/clock", advance_seconds=60)
    asked = v1.payment_intents.create({"amount": 900, "currency": "usd"})
    card: Any = {"type": "card", "card": {"number": THREE_D_SECURE, "exp_month": 1, "exp_year": 2040}}
    asked = v1.payment_intents.confirm(asked.id, {"payment_method_data": card})
    paid = v1.payment_intents.create(
        {"amount": 900, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa"}
    )
    objects: list[Any] = [
        owner,
        session,
        v1.checkout.sessions.retrieve(session.id),
        *v1.checkout.sessions.line_items.list(session.id).data,
        asked,
        paid,
        v1.charges.retrieve(str(paid.latest_charge)),
        v1.payment_methods.retrieve(str(paid.payment_method)),
        v1.refunds.create({"payment_intent": paid.id}),
        *v1.disputes.list().data,
        v1.setup_intents.create(),
        v1.webhook_endpoints.create({"url": "https://shop.example.com/hook", "enabled_events": ["charge.refunded"]}),
        *v1.events.list().data,
        v1.balance.retrieve(),
    ]
    objects += [item.price for item in v1.checkout.sessions.line_items.list(session.id).data]
    for obj in objects:
        declared = {name: hint for name, hint in type(obj).__annotations__.items() if name.islower() and name[0] != "_"}
        required = {name for name, hint in declared.items() if type(None) not in typing.get_args(hint)}
        found = set(obj.to_dict())
        noun = type(obj).__name__
        assert required - found == set(), noun
        assert found - set(declared) == set(), noun
        for name, value in obj.to_dict().items():
            assert value is not None or name not in required, (noun, name)
            if declared[name] in {int, bool, str} and value is not None:
                assert type(value) is declared[name], (noun, name)
