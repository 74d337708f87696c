"""Reads of the ledger, for many keys at once. The API reads the statements into its types by column name."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import ARRAY, BigInteger, Text, Uuid, any_, bindparam, cast, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import Executable

from shop.kit.money import ZERO
from shop.payments.models import ProviderCall, ProviderSecret, Transaction, TransactionEvent, WebhookEvent
from shop.payments.rules import Amounts, Entry, amounts_of

_UUIDS = ARRAY(UUID(as_uuid=True))

# Labels are the fields of `api.payments.types.TransactionItem`.
_TRANSACTION = (
    Transaction.id.label("pk"),
    Transaction.purchase_key.label("purchase_key"),
    Transaction.created_at.label("created_at"),
    Transaction.updated_at.label("modified_at"),
    Transaction.kind.label("kind"),
    Transaction.gateway_id.label("gateway_id"),
    Transaction.currency.label("currency"),
    Transaction.name.label("name"),
    Transaction.message.label("message"),
    func.coalesce(Transaction.psp_reference, "").label("psp_reference"),
    Transaction.authorized_amount.label("authorized"),
    Transaction.charged_amount.label("charged"),
    Transaction.refunded_amount.label("refunded"),
    Transaction.cancelled_amount.label("cancelled"),
    Transaction.authorize_pending_amount.label("authorize_pending"),
    Transaction.charge_pending_amount.label("charge_pending"),
    Transaction.refund_pending_amount.label("refund_pending"),
    Transaction.cancel_pending_amount.label("cancel_pending"),
    Transaction.metadata_public.label("metadata_public"),
    Transaction.metadata_private.label("metadata_private"),
)
TRANSACTIONS_BY_PURCHASE = (
    select(*_TRANSACTION)
    .where(Transaction.purchase_key == any_(bindparam("purchase_keys", type_=_UUIDS)))
    .order_by(Transaction.created_at, Transaction.id)
)
TRANSACTIONS_BY_ID = select(*_TRANSACTION).where(Transaction.id == any_(bindparam("ids", type_=_UUIDS)))

# Labels are the fields of `api.payments.types.TransactionEvent`.
_EVENT = (
    TransactionEvent.id.label("pk"),
    TransactionEvent.transaction_id.label("transaction_id"),
    TransactionEvent.created_at.label("created_at"),
    TransactionEvent.type.label("kind"),
    TransactionEvent.amount.label("amount_value"),
    TransactionEvent.currency.label("currency"),
    TransactionEvent.psp_reference.label("psp_reference"),
    TransactionEvent.message.label("message"),
    TransactionEvent.external_url.label("external_url"),
)
EVENTS_BY_TRANSACTION = (
    select(*_EVENT)
    .where(TransactionEvent.transaction_id == any_(bindparam("transaction_ids", type_=_UUIDS)))
    .order_by(TransactionEvent.id)
)
EVENTS_BY_ID = select(*_EVENT).where(TransactionEvent.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))

# Labels are the fields of `PurchaseTotals`. Purchases without a transaction have no row.
TOTALS_BY_PURCHASE = (
    select(
        Transaction.purchase_key.label("purchase_key"),
        Transaction.currency.label("currency"),
        *(
            func.sum(column).label(name)
            for name, column in (
                ("authorized", Transaction.authorized_amount),
                ("charged", Transaction.charged_amount),
                ("refunded", Transaction.refunded_amount),
                ("cancelled", Transaction.cancelled_amount),
                ("authorize_pending", Transaction.authorize_pending_amount),
                ("charge_pending", Transaction.charge_pending_amount),
                ("refund_pending", Transaction.refund_pending_amount),
                ("cancel_pending", Transaction.cancel_pending_amount),
            )
        ),
    )
    .where(Transaction.purchase_key == any_(bindparam("purchase_keys", type_=_UUIDS)))
    .group_by(Transaction.purchase_key, Transaction.currency)
)


@dataclass(frozen=True, slots=True)
class PurchaseTotals:
    """What the transactions of a purchase add up to, in the purchase's one currency."""

    purchase_key: uuid.UUID
    currency: str
    authorized: Decimal = ZERO
    charged: Decimal = ZERO
    refunded: Decimal = ZERO
    cancelled: Decimal = ZERO
    authorize_pending: Decimal = ZERO
    charge_pending: Decimal = ZERO
    refund_pending: Decimal = ZERO
    cancel_pending: Decimal = ZERO


async def purchase_totals(session: AsyncSession, key: uuid.UUID, currency: str) -> PurchaseTotals:
    """What the purchase's transactions in this currency add up to; zeros where there is none."""
    for row in (await session.execute(TOTALS_BY_PURCHASE, {"purchase_keys": [key]})).mappings():
        if row["currency"] == currency:
            return PurchaseTotals(**row)
    return PurchaseTotals(key, currency)


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """A transaction as flows and actions work with it: plain values, outside of any session."""

    id: uuid.UUID
    purchase_key: uuid.UUID
    kind: str
    flow: str
    status: str
    psp_reference: str | None
    session_id: str | None
    payment_intent_id: str | None
    currency: str
    requested_amount: Decimal
    authorized_amount: Decimal
    charged_amount: Decimal
    refund_pending_amount: Decimal
    request: dict[str, Any]
    created_at: datetime
    updated_at: datetime

    @property
    def reference(self) -> str | None:
        """The id to ask the provider by; None until it was made there."""
        return self.session_id if self.kind == "CHECKOUT_SESSION" else self.payment_intent_id


_ROW = select(*(getattr(Transaction, name) for name in TransactionRow.__dataclass_fields__))
_BY_ID = _ROW.where(Transaction.id == bindparam("id"))
_BY_REFERENCE = _ROW.where(
    (Transaction.session_id == bindparam("reference")) | (Transaction.payment_intent_id == bindparam("reference"))
)
_OPEN_OF_PURCHASE = _ROW.where(Transaction.purchase_key == bindparam("key"), Transaction.status == "OPEN")
_OF_PURCHASE = _ROW.where(Transaction.purchase_key == bindparam("key")).order_by(Transaction.created_at)
_BY_CLIENT_KEY = _ROW.where(
    Transaction.purchase_key == bindparam("key"), Transaction.idempotency_key == bindparam("client_key")
)


def _row(row: Sequence[Any]) -> TransactionRow:
    return TransactionRow(*row)


async def transaction_by_id(session: AsyncSession, id: uuid.UUID) -> TransactionRow | None:
    """The transaction, or None."""
    row = (await session.execute(_BY_ID, {"id": id})).one_or_none()
    return None if row is None else _row(row)


async def transaction_by_reference(session: AsyncSession, reference: str) -> TransactionRow | None:
    """The transaction that this object at the provider carries, or None."""
    row = (await session.execute(_BY_REFERENCE, {"reference": reference})).one_or_none()
    return None if row is None else _row(row)


async def open_transaction(session: AsyncSession, key: uuid.UUID) -> TransactionRow | None:
    """The purchase's one open payment, or None."""
    row = (await session.execute(_OPEN_OF_PURCHASE, {"key": key})).one_or_none()
    return None if row is None else _row(row)


async def transactions_of_purchase(session: AsyncSession, key: uuid.UUID) -> list[TransactionRow]:
    """All payments of the purchase, oldest first."""
    return [_row(row) for row in await session.execute(_OF_PURCHASE, {"key": key})]


async def transaction_by_client_key(session: AsyncSession, key: uuid.UUID, client_key: str) -> TransactionRow | None:
    """The purchase's transaction that was started with this idempotency key of the caller's, or None."""
    row = (await session.execute(_BY_CLIENT_KEY, {"key": key, "client_key": client_key})).first()
    return None if row is None else _row(row)


@dataclass(frozen=True, slots=True)
class CallRow:
    """A wish to the provider, as flows work with it."""

    id: uuid.UUID
    transaction_id: uuid.UUID
    action: str
    amount: Decimal
    currency: str
    reason: str
    state: str
    attempts: int
    created_at: datetime


_CALL = select(*(getattr(ProviderCall, name) for name in CallRow.__dataclass_fields__))
_CALL_BY_ID = _CALL.where(ProviderCall.id == bindparam("id"))
_CALLS = _CALL.where(ProviderCall.transaction_id == bindparam("transaction_id"))


async def call_by_id(session: AsyncSession, id: uuid.UUID) -> CallRow | None:
    """The wish, or None."""
    row = (await session.execute(_CALL_BY_ID, {"id": id})).one_or_none()
    return None if row is None else CallRow(*row)


async def calls_of_transaction(session: AsyncSession, transaction_id: uuid.UUID) -> list[CallRow]:
    """Everything that was asked of the provider for this transaction."""
    return [CallRow(*row) for row in await session.execute(_CALLS, {"transaction_id": transaction_id})]


# A wish and its request in the ledger, which says why to people, are tied by the wish's id.
_WHY = (
    select(TransactionEvent.message)
    .join(ProviderCall, cast(ProviderCall.id, Text) == TransactionEvent.dedupe_key)
    .where(
        TransactionEvent.transaction_id == bindparam("transaction_id", type_=Uuid()),
        TransactionEvent.type.in_(("REFUND_REQUEST", "CANCEL_REQUEST")),
        ProviderCall.transaction_id == TransactionEvent.transaction_id,
        ProviderCall.reason == bindparam("reason", type_=Text),
    )
    .order_by(TransactionEvent.id)
    .limit(1)
)


async def given_back_because(session: AsyncSession, transaction_id: uuid.UUID, reason: str) -> str | None:
    """What people were told when the payment was wished back for this `reason`; None where it was not."""
    found: str | None = await session.scalar(_WHY, {"transaction_id": transaction_id, "reason": reason})
    return found


_ENTRIES = select(
    TransactionEvent.type, TransactionEvent.amount, TransactionEvent.psp_reference, TransactionEvent.dedupe_key
).where(TransactionEvent.transaction_id == bindparam("transaction_id"))


class _Rows(Protocol):
    async def __call__(self, statement: Executable, /, **params: Any) -> Sequence[Any]: ...


_keys = bindparam("purchase_keys", type_=_UUIDS)
_reasons = bindparam("reasons", type_=ARRAY(Text))
_given_back = union_all(
    select(ProviderCall.reason.label("reason"), ProviderCall.amount.label("amount"), ProviderCall.state.label("state"))
    .join(Transaction, Transaction.id == ProviderCall.transaction_id)
    .where(
        Transaction.purchase_key == any_(_keys),
        # What was only authorised goes back by letting go of it.
        or_(ProviderCall.action == "REFUND", ProviderCall.action == "CANCEL"),
        ProviderCall.reason == any_(_reasons),
    ),
    # Where no provider is asked the ledger knows the reason, and it is done at once.
    select(TransactionEvent.dedupe_key, TransactionEvent.amount, literal("DONE"))
    .join(Transaction, Transaction.id == TransactionEvent.transaction_id)
    .where(
        Transaction.purchase_key == any_(_keys),
        Transaction.kind == "MANUAL",
        TransactionEvent.type == "REFUND_SUCCESS",
        TransactionEvent.dedupe_key == any_(_reasons),
    ),
).subquery("given_back")
_REFUNDS_BY_REASON = select(
    _given_back.c.reason,
    func.sum(_given_back.c.amount).label("amount"),
    func.bool_or(_given_back.c.state == "PENDING").label("pending"),
    func.bool_or(_given_back.c.state == "FAILED").label("failed"),
).group_by(_given_back.c.reason)


async def refunds_by_reason(
    rows: _Rows, purchase_keys: Collection[uuid.UUID], reasons: Collection[str]
) -> dict[str, tuple[Decimal, str]]:
    """What goes back for each reason, to whatever paid, and how far that is: PENDING, SUCCESS or FAILED."""
    found = await rows(_REFUNDS_BY_REASON, purchase_keys=sorted(purchase_keys), reasons=sorted(reasons))
    return {
        row["reason"]: (row["amount"], "FAILED" if row["failed"] else "PENDING" if row["pending"] else "SUCCESS")
        for row in found
    }


async def entries_of_transaction(session: AsyncSession, transaction_id: uuid.UUID) -> list[Entry]:
    """The transaction's events as the reducer reads them."""
    return [Entry(*row) for row in await session.execute(_ENTRIES, {"transaction_id": transaction_id})]


async def ledger_amounts(session: AsyncSession, transaction_id: uuid.UUID) -> Amounts:
    """The transaction's amounts, reduced from its events."""
    return amounts_of(await entries_of_transaction(session, transaction_id))


_EVENT_ID = select(TransactionEvent.id).where(
    TransactionEvent.transaction_id == bindparam("transaction_id"),
    TransactionEvent.type == bindparam("type"),
    TransactionEvent.psp_reference == bindparam("psp_reference"),
    TransactionEvent.dedupe_key == bindparam("dedupe_key"),
)


async def event_id(session: AsyncSession, transaction_id: uuid.UUID, key: Sequence[str]) -> int | None:
    """The id of the transaction's event with this (type, psp_reference, dedupe_key)."""
    type_, psp_reference, dedupe_key = key
    found: int | None = await session.scalar(
        _EVENT_ID,
        {
            "transaction_id": transaction_id,
            "type": type_,
            "psp_reference": psp_reference,
            "dedupe_key": dedupe_key,
        },
    )
    return found


_LAST_EVENT = select(func.max(TransactionEvent.id)).where(
    TransactionEvent.transaction_id == bindparam("transaction_id")
)
_OFFER = _LAST_EVENT.where(TransactionEvent.type.endswith("_ACTION_REQUIRED", autoescape=True))


async def offer_event_id(session: AsyncSession, transaction_id: uuid.UUID) -> int | None:
    """The id of the event that asked the shopper to act, or None."""
    found: int | None = await session.scalar(_OFFER, {"transaction_id": transaction_id})
    return found


async def last_event_id(session: AsyncSession, transaction_id: uuid.UUID) -> int | None:
    """The id of the transaction's newest event, or None."""
    found: int | None = await session.scalar(_LAST_EVENT, {"transaction_id": transaction_id})
    return found


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """A delivered event that is to be handled."""

    id: int
    type: str
    object_id: str
    payload: dict[str, Any]
    handled_at: datetime | None


_WEBHOOK = select(*(getattr(WebhookEvent, name) for name in WebhookRow.__dataclass_fields__)).where(
    WebhookEvent.id == bindparam("id")
)


async def webhook_event(session: AsyncSession, id: int) -> WebhookRow | None:
    """The delivered event, or None."""
    row = (await session.execute(_WEBHOOK, {"id": id})).one_or_none()
    return None if row is None else WebhookRow(*row)


_SECRETS = (
    select(ProviderSecret.name, ProviderSecret.sealed)
    .where(ProviderSecret.name == any_(bindparam("names", type_=ARRAY(Text))))
    .order_by(ProviderSecret.name)
)


async def sealed_secrets(session: AsyncSession, names: Sequence[str]) -> dict[str, str]:
    """The encrypted secrets that exist under these names."""
    return {row.name: row.sealed for row in await session.execute(_SECRETS, {"names": list(names)})}
