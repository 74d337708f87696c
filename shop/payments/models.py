"""The ledger of payments. Everything hangs on a *purchase key*: the checkout's UUID, which its order keeps.

So nothing here changes hands when a checkout becomes an order, and nothing here knows either of them.
"""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.kit.db.models import Base, BigPk, HasMetadata, Timestamps, UuidPk, not_negative, one_of

EVENT_TYPES: Final = (
    "AUTHORIZATION_SUCCESS",
    "AUTHORIZATION_FAILURE",
    "AUTHORIZATION_ADJUSTMENT",
    "AUTHORIZATION_REQUEST",
    "AUTHORIZATION_ACTION_REQUIRED",
    "CANCEL_SUCCESS",
    "CANCEL_FAILURE",
    "CANCEL_REQUEST",
    "CHARGE_SUCCESS",
    "CHARGE_FAILURE",
    "CHARGE_BACK",
    "CHARGE_ACTION_REQUIRED",
    "CHARGE_REQUEST",
    "REFUND_SUCCESS",
    "REFUND_FAILURE",
    "REFUND_REVERSE",
    "REFUND_REQUEST",
    "INFO",
)


class Transaction(Base, HasMetadata, Timestamps):
    """One payment at a provider (Saleor's TransactionItem). Its amounts are the sum of its events, kept by the reducer.

    `kind` says which object at the provider carries it; `status` is that object's life, not the money's. MANUAL was
    paid outside of the shop, DUMMY pretends to be paid; neither has a provider.
    """

    __tablename__ = "payment_transaction"
    __table_args__ = (
        one_of("kind", "CHECKOUT_SESSION", "PAYMENT_INTENT", "MANUAL", "DUMMY"),
        one_of("status", "OPEN", "SUCCEEDED", "FAILED", "CANCELLED"),
        one_of("flow", "CHARGE", "AUTHORIZATION"),
        *(
            not_negative(f"{name}_amount")
            for name in (
                "requested",
                "authorized",
                "charged",
                "refunded",
                "cancelled",
                "authorize_pending",
                "charge_pending",
                "refund_pending",
                "cancel_pending",
            )
        ),
        Index("ix_payment_transaction_purchase_key", "purchase_key", "created_at"),
        Index("ix_payment_transaction_due", "next_check_at", postgresql_where=text("status = 'OPEN'")),
        # The reconciler reads the last days: what changed unheard, what was paid without an order.
        Index("ix_payment_transaction_created_at", "created_at", "id"),
        # What the sweeper of paid purchases reads every few seconds.
        Index("ix_payment_transaction_paid", "updated_at", postgresql_where=text("status = 'SUCCEEDED'")),
        # One open payment a purchase: a second initialise returns or ends the first.
        Index("uq_payment_transaction_one_open", "purchase_key", unique=True, postgresql_where=text("status = 'OPEN'")),
    )

    id: Mapped[UuidPk]
    purchase_key: Mapped[uuid.UUID]
    gateway_id: Mapped[str]
    kind: Mapped[str]
    flow: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="OPEN")
    name: Mapped[str] = mapped_column(server_default="")
    message: Mapped[str] = mapped_column(server_default="")
    # The session's id until the success event brings the PaymentIntent's.
    psp_reference: Mapped[str | None] = mapped_column(unique=True)
    session_id: Mapped[str | None] = mapped_column(unique=True)
    payment_intent_id: Mapped[str | None] = mapped_column(unique=True)
    # The caller's key: the same one returns the same transaction.
    idempotency_key: Mapped[str | None]
    currency: Mapped[str]
    requested_amount: Mapped[Decimal]
    authorized_amount: Mapped[Decimal] = mapped_column(server_default="0")
    charged_amount: Mapped[Decimal] = mapped_column(server_default="0")
    refunded_amount: Mapped[Decimal] = mapped_column(server_default="0")
    cancelled_amount: Mapped[Decimal] = mapped_column(server_default="0")
    authorize_pending_amount: Mapped[Decimal] = mapped_column(server_default="0")
    charge_pending_amount: Mapped[Decimal] = mapped_column(server_default="0")
    refund_pending_amount: Mapped[Decimal] = mapped_column(server_default="0")
    cancel_pending_amount: Mapped[Decimal] = mapped_column(server_default="0")
    # What the provider needs again when the call is repeated: method, return addresses. Never a secret.
    request: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    # When the reconciler looks again, and how often it has.
    next_check_at: Mapped[datetime] = mapped_column(server_default=text("now() + interval '30 seconds'"))
    checks: Mapped[int] = mapped_column(server_default="0")


class TransactionEvent(Base):
    """Something that happened to a transaction; append only. The same happening is one row however often it is told."""

    __tablename__ = "payment_transaction_event"
    __table_args__ = (
        one_of("type", *EVENT_TYPES),
        not_negative("amount"),
        UniqueConstraint("transaction_id", "type", "psp_reference", "dedupe_key"),
    )

    id: Mapped[BigPk]
    transaction_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payment_transaction.id"), index=True)
    type: Mapped[str]
    amount: Mapped[Decimal]
    currency: Mapped[str]
    # The provider's object: PaymentIntent, refund, dispute.
    psp_reference: Mapped[str]
    # Tells two happenings of one type on one object apart (a refund's id, a failed attempt's charge); else empty.
    dedupe_key: Mapped[str] = mapped_column(server_default="")
    message: Mapped[str] = mapped_column(server_default="")
    external_url: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ProviderCall(Base):
    """What we are about to ask of the provider, written before the call; its id is the call's idempotency key.

    A row still PENDING after a crash is asked again with the same key: the provider does it once.
    """

    __tablename__ = "payment_provider_call"
    __table_args__ = (
        one_of("action", "CREATE", "CAPTURE", "REFUND", "CANCEL"),
        one_of("state", "PENDING", "DONE", "FAILED"),
        CheckConstraint("amount > 0", name="amount_positive"),
        Index("ix_payment_provider_call_pending", "next_try_at", postgresql_where=text("state = 'PENDING'")),
        UniqueConstraint("transaction_id", "action", "reason"),
    )

    id: Mapped[UuidPk]
    transaction_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payment_transaction.id"), index=True)
    action: Mapped[str]
    amount: Mapped[Decimal]
    currency: Mapped[str]
    # Why, and the key that makes the wish unique: `create`, `cannot-complete`, `staff:<uuid>`.
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="PENDING")
    # The provider's object that came of it.
    psp_reference: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    # Part of the idempotency key. It grows when the provider answered with a fault of its own, which it would repeat
    # for that key, and a look at the provider's objects showed that nothing had been done.
    key_serial: Mapped[int] = mapped_column(server_default="1")
    last_error: Mapped[str | None]
    next_try_at: Mapped[datetime] = mapped_column(server_default=func.now())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]


class WebhookEvent(Base):
    """An event that a provider delivered: one row however often it comes, handled in the transaction of its effects."""

    __tablename__ = "payment_webhook_event"
    __table_args__ = (
        UniqueConstraint("source", "event_id"),
        Index("ix_payment_webhook_event_unhandled", "received_at", postgresql_where=text("handled_at IS NULL")),
    )

    id: Mapped[BigPk]
    source: Mapped[str]
    event_id: Mapped[str]
    type: Mapped[str]
    object_id: Mapped[str]
    payload: Mapped[dict[str, Any]]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    handled_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


class Alert(Base):
    """Money that needs a person: each with what happened and what was done about it."""

    __tablename__ = "payment_alert"
    __table_args__ = (UniqueConstraint("kind", "reference"),)

    id: Mapped[BigPk]
    kind: Mapped[str]
    # What it is about, so that it is raised once: a PaymentIntent, a dispute, an event.
    reference: Mapped[str]
    purchase_key: Mapped[uuid.UUID | None]
    detail: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    resolved_at: Mapped[datetime | None]


class ProviderSecret(Base):
    """A secret that the provider gave us (a webhook endpoint's), encrypted with a key derived from the root secret."""

    __tablename__ = "payment_provider_secret"

    name: Mapped[str] = mapped_column(primary_key=True)
    sealed: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
