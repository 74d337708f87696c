"""The webhook endpoint: who is believed, what is stored, and that its effects come once."""

import asyncio
import itertools
import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
import stripe
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import Route

from shop.kit.settings import Settings
from shop.payments.stripe.setup import setup, webhook_secrets
from shop.web.stripe_webhook import StripeWebhook
from tests.factories import payments
from tests.factories.payments import FORM, PAGE, Desk
from tests.paying import WEBHOOK_SECRET

Json = dict[str, Any]
sign: Callable[..., str] = stripe.WebhookSignature.generate_signature_header


class Endpoint:
    """The shop's endpoint, as Stripe reaches it."""

    def __init__(self, desk: Desk, settings: Settings | None = None) -> None:
        handler = StripeWebhook(settings or desk.settings, desk.database)
        app = Starlette(routes=[Route("/webhooks/stripe", handler.__call__, methods=["POST"])])
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop.test")

    async def send(self, event: Json | bytes, *, secret: str = WEBHOOK_SECRET, **signing: Any) -> int:
        """The answer's status to an event signed with this secret."""
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        header = sign(body.decode(), secret, **signing)
        return await self.raw(body, header)

    async def raw(self, body: bytes, header: str | None) -> int:
        """The answer's status to any body and signature."""
        headers = {} if header is None else {"Stripe-Signature": header}
        return (await self._client.post("/webhooks/stripe", content=body, headers=headers)).status_code

    async def close(self) -> None:
        await self._client.aclose()


@pytest.fixture
async def endpoint(desk: Desk) -> AsyncIterator[Endpoint]:
    made = Endpoint(desk)
    yield made
    await made.close()


@pytest.fixture
async def busy_endpoint(busy_desk: Desk) -> AsyncIterator[Endpoint]:
    """The endpoint over a database of the test's own."""
    made = Endpoint(busy_desk)
    yield made
    await made.close()


def events(desk: Desk) -> list[Json]:
    """What the sandbox would send, oldest first."""
    found = desk.sandbox.stripe.v1.events.list({"limit": 100}).data
    return [event.to_dict() for event in found][::-1]


async def paid(desk: Desk) -> tuple[uuid.UUID, Json]:
    """A cart that was paid on the hosted page by a shopper who never came back, and the event that says so."""
    shop = await desk.database.run(payments.shop)
    key = await desk.database.run(lambda session: payments.cart(session, shop))
    await desk.shopper_pays(await desk.pay(key, PAGE))
    (event,) = [event for event in events(desk) if event["type"] == "checkout.session.completed"]
    return key, event


async def test_a_paid_page_becomes_an_order_without_the_shopper(desk: Desk, endpoint: Endpoint) -> None:
    key, event = await paid(desk)
    assert await endpoint.send(event) == 200
    assert await desk.work() == ["payments.handle_event", "checkout.complete_paid", "mail.send"]
    assert await desk.scalar("SELECT checkout_id FROM order_order") == key
    assert await desk.rows("SELECT event_id, outcome, handled_at IS NULL FROM payment_webhook_event") == [
        (event["id"], "done", False)
    ]
    assert await desk.broken_invariants() == []


async def test_fifty_deliveries_at_once_have_one_effect(busy_desk: Desk, busy_endpoint: Endpoint) -> None:
    """50 deliveries on 20 connections, and each of their jobs run."""
    _, event = await paid(busy_desk)
    assert await asyncio.gather(*(busy_endpoint.send(event) for _ in range(50))) == [200] * 50
    assert await busy_desk.scalar("SELECT count(*) FROM payment_webhook_event") == 1
    assert await busy_desk.scalar("SELECT count(*) FROM procrastinate_jobs") == 1
    await busy_desk.work()
    assert await busy_endpoint.send(event) == 200
    assert await busy_desk.work() == []
    assert await busy_desk.scalar("SELECT count(*) FROM order_order") == 1
    assert await busy_desk.scalar("SELECT count(*) FROM payment_transaction_event WHERE type = 'CHARGE_SUCCESS'") == 1
    assert await busy_desk.broken_invariants() == []


async def test_the_webhook_races_completion(
    busy_desk: Desk, busy_endpoint: Endpoint, rounds: Callable[[int, int], int]
) -> None:
    shop = await busy_desk.database.run(payments.shop)
    for _ in range(rounds(4, 25)):
        key = await busy_desk.database.run(lambda session: payments.cart(session, shop))
        await busy_desk.shopper_pays(await busy_desk.pay(key, PAGE))
        event = next(event for event in reversed(events(busy_desk)) if event["type"] == "checkout.session.completed")
        assert await busy_endpoint.send(event) == 200
        order, _, again = await asyncio.gather(busy_desk.complete(key), busy_desk.work(), busy_desk.complete(key))
        assert order == again
        await busy_desk.work()
    assert await busy_desk.scalar("SELECT count(*) FROM order_order") == rounds(4, 25)
    assert await busy_desk.scalar("SELECT count(*) FROM payment_alert") == 0
    assert await busy_desk.broken_invariants() == []


async def test_any_order_of_events_leaves_the_same_ledger(
    desk: Desk, endpoint: Endpoint, rounds: Callable[[int, int], int]
) -> None:
    """Declined, paid, refunded in part and disputed: every event in another order, after the fact and before it."""
    shop = await desk.database.run(payments.shop)
    results = set()
    key = await desk.database.run(lambda session: payments.cart(session, shop))
    started = await desk.pay(key, FORM)
    with pytest.raises(stripe.CardError):
        await desk.shopper_confirms(started, "pm_card_visa_chargeDeclined")
    await desk.shopper_confirms(started)
    intent = desk.sandbox.stripe.v1.payment_intents.list().data[0]
    desk.sandbox.stripe.v1.refunds.create({"payment_intent": intent.id, "amount": 500})
    wanted = {"payment_intent.payment_failed", "payment_intent.succeeded", "charge.refunded", "refund.updated"}
    told = [event for event in events(desk) if event["type"] in wanted]
    assert len(told) == 4
    for number, order in enumerate(itertools.islice(itertools.permutations(told), 0, None, 24 // rounds(4, 24))):
        for event in order:
            assert await endpoint.send(event | {"id": f"{event['id']}_{number}"}) == 200
            await desk.work()
        results.add((await desk.rows("SELECT charged_amount, refunded_amount, status FROM payment_transaction"))[0])
    assert {tuple(map(str, result)) for result in results} == {("20.000", "5.000", "SUCCEEDED")}
    assert await desk.broken_invariants() == []


async def test_three_days_late_changes_nothing(desk: Desk, endpoint: Endpoint) -> None:
    key, event = await paid(desk)
    await desk.complete(key)
    await desk.work()
    before = await desk.rows("SELECT * FROM payment_transaction")
    assert await endpoint.send(event | {"created": int(time.time()) - 3 * 86_400}) == 200
    await desk.work()
    assert await desk.rows("SELECT * FROM payment_transaction") == before
    assert await desk.scalar("SELECT count(*) FROM order_order") == 1


@pytest.mark.parametrize("forgery", ["none", "empty", "other secret", "old", "other body", "garbage", "no event"])
async def test_what_nobody_signed_is_refused(desk: Desk, endpoint: Endpoint, forgery: str) -> None:
    _, event = await paid(desk)
    body = json.dumps(event).encode()
    good = sign(body.decode(), WEBHOOK_SECRET)
    attempts: dict[str, Callable[[], Awaitable[int]]] = {
        "none": lambda: endpoint.raw(body, None),
        "empty": lambda: endpoint.raw(body, ""),
        "other secret": lambda: endpoint.send(event, secret="whsec_of_somebody_else"),
        "old": lambda: endpoint.send(event, timestamp=int(time.time()) - 301),
        "other body": lambda: endpoint.raw(body.replace(b"2500", b"2501"), good),
        "garbage": lambda: endpoint.raw(b"\xff\xfe", good),
        "no event": lambda: endpoint.send(b"[]"),
    }
    assert await attempts[forgery]() == 400
    assert await desk.scalar("SELECT count(*) FROM payment_webhook_event") == 0
    assert await desk.scalar("SELECT count(*) FROM order_order") == 0


async def test_without_a_secret_the_endpoint_is_off(desk: Desk) -> None:
    _, event = await paid(desk)
    off = Endpoint(desk, desk.settings.model_copy(update={"stripe_webhook_secret": None}))
    assert await off.send(event) == 404
    empty = Endpoint(desk, desk.settings.model_copy(update={"stripe_webhook_secret": SecretStr("")}))
    assert await empty.send(event, secret="") == 404
    for one in (off, empty):
        await one.close()


async def test_two_secrets_pass_during_a_rotation(desk: Desk) -> None:
    _, event = await paid(desk)
    both = Endpoint(
        desk, desk.settings.model_copy(update={"stripe_webhook_secret": SecretStr(f"whsec_new, {WEBHOOK_SECRET}")})
    )
    assert await both.send(event) == 200
    assert await both.send(event, secret="whsec_new") == 200
    assert await both.send(event, secret="whsec_old") == 400
    await both.close()


async def test_an_object_that_is_not_ours_is_counted_and_left_alone(desk: Desk, endpoint: Endpoint) -> None:
    session = desk.sandbox.session()
    desk.sandbox.pay(session.id)
    for event in events(desk):
        assert await endpoint.send(event) == 200
    await desk.work()
    assert await desk.rows("SELECT DISTINCT outcome FROM payment_webhook_event") == [("foreign",)]
    assert await desk.scalar("SELECT count(*) FROM payment_transaction") == 0


async def test_a_transaction_of_another_shop_on_the_account_is_foreign(desk: Desk, endpoint: Endpoint) -> None:
    metadata = {"shop_transaction": str(uuid.uuid4()), "shop_purchase": str(uuid.uuid4())}
    session = desk.sandbox.session(metadata=metadata)
    desk.sandbox.pay(session.id)
    (event,) = [event for event in events(desk) if event["type"] == "checkout.session.completed"]
    assert await endpoint.send(event) == 200
    await desk.work()
    assert await desk.rows("SELECT outcome FROM payment_webhook_event") == [("foreign",)]


async def test_nothing_personal_is_kept_of_an_event(desk: Desk, endpoint: Endpoint) -> None:
    _, event = await paid(desk)
    await endpoint.send(event)
    assert "buyer@example.com" in json.dumps(event)
    assert "@" not in await desk.scalar("SELECT payload::text FROM payment_webhook_event")
    assert "@" not in await desk.scalar("SELECT request::text FROM payment_transaction")


async def test_setup_makes_the_endpoint_and_keeps_its_secret_sealed(desk: Desk) -> None:
    settings = desk.settings.model_copy(update={"stripe_webhook_secret": None})
    first = await setup(desk.database, desk.provider, settings, "https://shop.example.com/")
    assert first.url == "https://shop.example.com/webhooks/stripe"
    (made,) = desk.sandbox.stripe.v1.webhook_endpoints.list().data
    assert "checkout.session.completed" in made.enabled_events
    second = await setup(desk.database, desk.provider, settings, "https://shop.example.com")
    assert second.replaced == (first.id,)
    assert [one.id for one in desk.sandbox.stripe.v1.webhook_endpoints.list().data] == [second.id]
    secrets = await desk.database.run(lambda session: webhook_secrets(session, settings))
    assert len(secrets) == 2
    assert all(secret.startswith("whsec_") for secret in secrets)
    stored = await desk.rows("SELECT sealed FROM payment_provider_secret")
    assert not any(secret in sealed for secret in secrets for (sealed,) in stored)
    _, event = await paid(desk)
    sealed = Endpoint(desk, settings)
    assert [await sealed.send(event, secret=secret) for secret in secrets] == [200, 200]
    await sealed.close()
