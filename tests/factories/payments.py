"""Shops that can be bought from, shoppers who pay at the sandbox, and the queue worked by hand."""

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import stripe
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.catalogue.models import Variant
from shop.channels.models import Channel
from shop.checkout import flows
from shop.checkout.actions.complete import Completion
from shop.checkout.rules import SYSTEM
from shop.jobs import JobContext, jobs
from shop.kit import clock
from shop.kit.db import Database
from shop.kit.settings import Settings
from shop.payments import flows as payment_flows
from shop.payments.flows import Started
from shop.payments.models import Transaction
from shop.payments.provider import Kind
from shop.payments.rules import GATEWAY_ID, Requested
from shop.payments.stripe import StripeProvider
from shop.payments.stripe import provider as provider_of
from shop.shipping.models import ShippingMethod
from tests.factories.catalogue import variant
from tests.factories.checkout import ready_checkout, shipping_method
from tests.factories.selling import channel as new_channel
from tests.factories.selling import shipping_zone
from tests.sandbox.running import Sandbox

SHOP = Path(__file__).resolve().parents[2] / "shop"
PAGE = Requested(Kind.CHECKOUT_SESSION, success_url="http://shop.test/return", cancel_url="http://shop.test/cart")
FORM = Requested(Kind.PAYMENT_INTENT, method="card")


async def transaction(session: AsyncSession, purchase_key: uuid.UUID, **columns: Any) -> Transaction:
    """A transaction as it would stand after a charge of 10.00 USD, but for what the test says."""
    given: dict[str, Any] = {
        "purchase_key": purchase_key,
        "gateway_id": GATEWAY_ID,
        "kind": "PAYMENT_INTENT",
        "flow": "CHARGE",
        "status": "SUCCEEDED",
        "name": "Stripe",
        "currency": "USD",
        "requested_amount": Decimal("10.00"),
        "charged_amount": Decimal("10.00"),
    }
    made = Transaction(**(given | columns))
    session.add(made)
    await session.flush()
    return made


@dataclass(frozen=True)
class Shop:
    """A channel with two things to buy and a way to send them: 10.00, 20.00 and 5.00 to send."""

    channel: Channel
    cream: Variant
    shampoo: Variant
    parcel: ShippingMethod


async def shop(session: AsyncSession, *, stock: int = 100, flow: str = "CHARGE", currency: str = "USD") -> Shop:
    """A shop that sells to the United States without tax."""
    channel = await new_channel(session, currency=currency, charge_taxes=False)
    channel.transaction_flow_strategy = flow
    await session.flush()
    cream = await variant(session, channel, price="10.00", stock=stock)
    shampoo = await variant(session, channel, price="20.00", stock=stock)
    zone = await shipping_zone(session, channel)
    parcel = await shipping_method(session, zone, channel, price="5.00")
    return Shop(channel, cream, shampoo, parcel)


async def cart(session: AsyncSession, of: Shop, lines: Mapping[Variant, int] | None = None) -> uuid.UUID:
    """A guest's checkout that lacks nothing but its payment: 25.00 where no lines are given."""
    made = await ready_checkout(session, of.channel, lines or {of.shampoo: 1}, of.parcel)
    return made.id


@dataclass(frozen=True)
class Desk:
    """Everything that paying needs: the database, the settings, the sandbox and what talks to it."""

    database: Database
    settings: Settings
    sandbox: Sandbox

    @property
    def provider(self) -> StripeProvider:
        """The provider of these settings."""
        found = provider_of(self.settings)
        assert found is not None
        return found

    async def pay(
        self, checkout_id: uuid.UUID, requested: Requested = PAGE, *, flow: str | None = None, **more: Any
    ) -> Started:
        """The checkout has an open payment."""
        wish = flows.Pay(checkout_id, SYSTEM, requested, flow, **more)
        return await flows.pay(self.database, self.provider, wish)

    async def shopper_pays(self, started: Started, number: str = "4242424242424242") -> int:
        """The shopper has sent the form of the hosted page; the answer is the page's status."""
        assert started.data is not None
        key = started.data["checkoutSession"]["id"]
        return (await asyncio.to_thread(self.sandbox.pay, key, number)).status_code

    async def shopper_confirms(self, started: Started, method: str = "pm_card_visa") -> stripe.PaymentIntent:
        """The shopper's Payment Element has confirmed the PaymentIntent. Raises: stripe.CardError."""
        assert started.data is not None
        intent_id = started.data["paymentIntent"]["stripeClientSecret"].partition("_secret_")[0]
        return await asyncio.to_thread(
            self.sandbox.stripe.v1.payment_intents.confirm, intent_id, {"payment_method": method}
        )

    async def complete(self, checkout_id: uuid.UUID) -> uuid.UUID:
        """`checkoutComplete` of a guest."""
        return await flows.complete_checkout(
            self.database, self.provider, checkout_id, Completion(SYSTEM), now=clock.now()
        )

    async def sweep(self, *, later: timedelta = timedelta(0)) -> None:
        """Both sweepers, as they would run by the clock that much later."""
        now = clock.now() + later
        await self.sweep_payments(now)
        await flows.sweep_paid(self.database, self.provider, self.settings, now)

    async def sweep_payments(self, now: datetime) -> None:
        """The payments' own sweeper."""
        await payment_flows.sweep(self.database, self.provider, now)

    async def work(self) -> list[str]:
        """Every waiting job has run, and those that they queued; mails stay unsent. The names, in order."""
        done: list[str] = []
        while batch := await self.database.run(_take_jobs):
            for name, args in batch:
                done.append(name)
                if not name.startswith("mail."):
                    await jobs()[name].handler(JobContext(self.database, self.settings), **args)
        return done

    async def rows(self, sql: str, **params: Any) -> list[Any]:
        """The rows of a query."""
        return await self.database.run(lambda session: _rows(session, sql, params))

    async def scalar(self, sql: str, **params: Any) -> Any:
        """The one value of a query."""
        ((value,),) = await self.rows(sql, **params)
        return value

    async def broken_invariants(self) -> list[Any]:
        """What the invariants of every slice find; nothing, when all is well."""
        return await broken_invariants(self.database)


async def broken_invariants(database: Database) -> list[Any]:
    """What the invariants of every slice find; nothing, when all is well."""
    found = []
    for path in sorted(SHOP.glob("*/invariants.sql")):
        sql = path.read_text(encoding="utf-8").replace(":", r"\:")
        found += await database.run(partial(_rows, sql=sql, params={}))
    return found


async def _rows(session: AsyncSession, sql: str, params: dict[str, Any]) -> list[Any]:
    return [tuple(row) for row in await session.execute(text(sql), params)]


async def _take_jobs(session: AsyncSession) -> list[tuple[str, dict[str, Any]]]:
    rows = await session.execute(
        text("SELECT id, task_name, args::text FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id FOR UPDATE")
    )
    taken = [(row[0], row[1], orjson.loads(row[2])) for row in rows]
    await session.execute(
        text("DELETE FROM procrastinate_jobs WHERE id = ANY(:ids)"), {"ids": [row[0] for row in taken]}
    )
    return [(name, args) for _, name, args in taken]
