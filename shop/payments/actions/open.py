"""Starts a payment: whether the open one serves, must end first, or a new one begins is decided under the lock."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.db import lock_purchase
from shop.kit.money import quantum
from shop.payments import queries
from shop.payments.actions.calls import Claimed, pending_creation
from shop.payments.errors import InvalidAmount
from shop.payments.models import ProviderCall, Transaction
from shop.payments.provider import Kind, PaymentLine
from shop.payments.queries import CallRow, TransactionRow
from shop.payments.rules import DUMMY_GATEWAY_ID, GATEWAY_ID, Requested


@dataclass(frozen=True, slots=True)
class Due:
    """What a purchase costs now and how its channel takes payments, as the slice that owns it says.

    Shapes: `lines` add up to `total`; `flow` is CHARGE or AUTHORIZATION.
    """

    total: Decimal
    currency: str
    flow: str
    email: str | None = None
    lines: tuple[PaymentLine, ...] = ()


Quote = Callable[[AsyncSession], Awaitable[Due]]
Allow = Callable[[AsyncSession], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Wish:
    """A caller wants to pay. `quote` is asked inside the unit, under the lock, and raises for who may not.

    `allow` raises for who may not either, and still answers when the purchase is an order: a call repeated by its key.

    No `amount` means the open balance, no `flow` the channel's own.
    """

    purchase_key: uuid.UUID
    quote: Quote
    requested: Requested
    allow: Allow
    flow: str | None = None
    amount: Decimal | None = None
    client_key: str | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """This payment serves.

    `creation` is the wish that has yet to make it at the provider, `claimed` the same where it was written just now.
    `by_key`: the caller asks for this very payment again, whatever has become of it.
    """

    transaction_id: uuid.UUID
    creation: uuid.UUID | None = None
    claimed: Claimed | None = None
    by_key: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """This open payment must end first."""

    transaction: TransactionRow


@dataclass(frozen=True, slots=True)
class Paid:
    """Nothing is left to pay: this transaction paid it."""

    transaction_id: uuid.UUID


Plan = Open | Ending | Paid


async def plan_payment(session: AsyncSession, wish: Wish) -> Plan:
    """What has to be done for this wish; a new payment is in the ledger with the wish to make it.

    At most one payment of a purchase is open. Locks: the purchase's. Raises: InvalidAmount, and what the quote raises.
    """
    await lock_purchase(session, wish.purchase_key)
    if wish.client_key is not None:
        known = await queries.transaction_by_client_key(session, wish.purchase_key, wish.client_key)
        if known is not None:
            await wish.allow(session)
            return Open(known.id, await pending_creation(session, known.id), by_key=True)
    due = await wish.quote(session)
    transactions = await queries.transactions_of_purchase(session, wish.purchase_key)
    opened = next((one for one in transactions if one.status == "OPEN"), None)
    covered = sum(
        (one.charged_amount + one.authorized_amount for one in transactions if one.currency == due.currency), Decimal(0)
    )
    balance = due.total - covered
    if balance <= 0:
        if opened is not None:
            return Ending(opened)
        paid = next((one for one in reversed(transactions) if one.charged_amount + one.authorized_amount > 0), None)
        if paid is None:
            raise InvalidAmount("There is nothing to pay.")
        return Paid(paid.id)
    amount = balance if wish.amount is None else wish.amount
    _check_amount(amount, balance, due.currency)
    if opened is not None:
        if _same(opened, wish, due, amount):
            return Open(opened.id, await pending_creation(session, opened.id))
        return Ending(opened)
    return await _begin(session, wish, due, amount, whole=amount == balance)


def _check_amount(amount: Decimal, balance: Decimal, currency: str) -> None:
    if not amount.is_finite() or amount <= 0:
        raise InvalidAmount("The amount must be greater than zero.")
    if amount > balance:
        raise InvalidAmount(f"The amount is more than the open balance of {balance} {currency}.")
    if amount % quantum(currency):
        raise InvalidAmount(f"The amount has more decimals than {currency}.")


def _same(opened: TransactionRow, wish: Wish, due: Due, amount: Decimal) -> bool:
    return (
        opened.currency == due.currency
        and opened.requested_amount == amount
        and opened.kind == wish.requested.kind
        and opened.flow == (wish.flow or due.flow)
        and opened.request.get("data") == wish.requested.as_json()
    )


async def _begin(session: AsyncSession, wish: Wish, due: Due, amount: Decimal, *, whole: bool) -> Open:
    remembered: dict[str, Any] = {"data": wish.requested.as_json(), "whole": whole}
    if due.email:
        remembered["email"] = due.email
    if amount == due.total:
        remembered["lines"] = [[line.name, line.quantity, str(line.amount)] for line in due.lines]
    transaction_id = uuid.uuid4()
    pretends = wish.requested.kind is Kind.DUMMY
    begun = (
        insert(Transaction)
        .values(
            id=transaction_id,
            purchase_key=wish.purchase_key,
            gateway_id=DUMMY_GATEWAY_ID if pretends else GATEWAY_ID,
            kind=wish.requested.kind,
            flow=wish.flow or due.flow,
            name="Dummy" if pretends else "Stripe",
            currency=due.currency,
            requested_amount=amount,
            idempotency_key=wish.client_key,
            request=remembered,
        )
        .returning(*(getattr(Transaction, name) for name in TransactionRow.__dataclass_fields__))
    )
    transaction = TransactionRow(*(await session.execute(begun)).one())
    wished = (
        insert(ProviderCall)
        .values(
            id=uuid.uuid4(),
            transaction_id=transaction_id,
            action="CREATE",
            amount=amount,
            currency=due.currency,
            reason="create",
            attempts=1,
            next_try_at=func.now() + text("interval '30 seconds'"),
        )
        .returning(*(getattr(ProviderCall, name) for name in CallRow.__dataclass_fields__))
    )
    call = CallRow(*(await session.execute(wished)).one())
    return Open(transaction_id, call.id, Claimed(call, transaction, key_serial=1, creation=None))
