"""What a payment provider is asked and what it answers, in the shop's own terms. `stripe/` implements it.

Values and one protocol only: no network, no database. Amounts are Decimals; minor units stay inside the implementation.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, Protocol


class Kind(StrEnum):
    """Which object at the provider carries a transaction."""

    CHECKOUT_SESSION = "CHECKOUT_SESSION"
    PAYMENT_INTENT = "PAYMENT_INTENT"
    # None at all: paid outside of the shop, or by the gateway that only pretends.
    MANUAL = "MANUAL"
    DUMMY = "DUMMY"


@dataclass(frozen=True, slots=True)
class Failure:
    """A refused attempt to pay. `attempt` tells it from the next one: the failed charge's id where there is one."""

    attempt: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class RefundState:
    """A refund at the provider. `call_id` names the wish of ours that it fulfils; one made by hand there has none."""

    id: str
    amount: Decimal
    status: Literal["pending", "succeeded", "failed"]
    call_id: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class DisputeState:
    """A dispute. `withdrawn` says whether the money was taken back, `won` whether it came home again, `lost` whether it
    will not; with neither it is yet to be decided.
    """

    id: str
    amount: Decimal
    withdrawn: bool
    won: bool
    message: str = ""
    lost: bool = False


@dataclass(frozen=True, slots=True)
class IntentState:
    """A PaymentIntent as the provider showed it at one moment.

    `attempt` is the latest charge's id. `manual`: what is authorised waits to be captured.
    """

    id: str
    status: Literal[
        "requires_payment_method",
        "requires_confirmation",
        "requires_action",
        "processing",
        "requires_capture",
        "succeeded",
        "canceled",
    ]
    currency: str
    amount: Decimal
    amount_received: Decimal = Decimal(0)
    manual: bool = False
    attempt: str = ""
    failure: Failure | None = None
    refunds: tuple[RefundState, ...] = ()
    disputes: tuple[DisputeState, ...] = ()
    url: str = ""
    # Where it belongs by the metadata we gave it; None for objects that are not ours.
    transaction_id: uuid.UUID | None = None
    client_secret: str | None = None

    def __repr__(self) -> str:
        return f"IntentState({self.id}, {self.status}, {self.amount} {self.currency})"


@dataclass(frozen=True, slots=True)
class SessionState:
    """A hosted payment page as the provider showed it; it has no PaymentIntent before the first attempt."""

    id: str
    status: Literal["open", "complete", "expired"]
    currency: str
    amount: Decimal
    payment_status: Literal["paid", "unpaid", "no_payment_required"] = "unpaid"
    intent: IntentState | None = None
    url: str | None = None
    transaction_id: uuid.UUID | None = None


PaymentState = IntentState | SessionState


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """A line that the hosted page shows; `amount` is the whole line's, with tax."""

    name: str
    quantity: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class NewPayment:
    """A payment to make at the provider. The same `key` and the same values never make a second one."""

    key: str
    kind: Kind
    transaction_id: uuid.UUID
    purchase_key: uuid.UUID
    amount: Decimal
    currency: str
    manual: bool
    created_at: datetime
    success_url: str | None = None
    cancel_url: str | None = None
    method: str | None = None
    email: str | None = None
    lines: Sequence[PaymentLine] = ()


class ProviderError(Exception):
    """The provider did not do what it was asked. `message` is fit for a log, not for shoppers."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class ProviderUnreachable(ProviderError):
    """Nobody knows whether it was done: ask again with the same key."""


class ProviderFaulted(ProviderError):
    """The provider answered with a fault of its own, and repeats that answer for this key: look before asking anew."""


class ProviderRefused(ProviderError):
    """It was not done and will not be done: the request or the state does not allow it."""


class Provider(Protocol):
    """A payment provider."""

    async def create(self, payment: NewPayment) -> PaymentState:
        """The payment, made. Raises: ProviderError."""
        ...

    async def find(self, payment: NewPayment) -> PaymentState | None:
        """The payment, if an earlier request made it although its answer never came. Raises: ProviderError."""
        ...

    async def state(self, kind: Kind, reference: str) -> PaymentState:
        """The payment as it is now, with refunds and disputes. Raises: ProviderError."""
        ...

    async def end(self, kind: Kind, reference: str, *, key: str) -> PaymentState:
        """A payment that nobody has paid can be paid no more; an authorised amount is released.

        The answer is its state, which is a paid one where the shopper was faster. Raises: ProviderError.
        """
        ...

    async def capture(self, intent_id: str, amount: Decimal, currency: str, *, key: str) -> PaymentState:
        """That much of the authorised amount is charged, the rest released. Raises: ProviderError."""
        ...

    async def refund(self, intent_id: str, amount: Decimal, currency: str, *, key: str, call_id: str) -> PaymentState:
        """That much of the charged amount is on its way back. Raises: ProviderError."""
        ...


class Absent:
    """No provider is set up: every question stays without an answer."""

    async def create(self, payment: NewPayment) -> PaymentState:
        """See `Provider.create`."""
        raise ProviderUnreachable(_ABSENT)

    async def find(self, payment: NewPayment) -> PaymentState | None:
        """See `Provider.find`."""
        raise ProviderUnreachable(_ABSENT)

    async def state(self, kind: Kind, reference: str) -> PaymentState:
        """See `Provider.state`."""
        raise ProviderUnreachable(_ABSENT)

    async def end(self, kind: Kind, reference: str, *, key: str) -> PaymentState:
        """See `Provider.end`."""
        raise ProviderUnreachable(_ABSENT)

    async def capture(self, intent_id: str, amount: Decimal, currency: str, *, key: str) -> PaymentState:
        """See `Provider.capture`."""
        raise ProviderUnreachable(_ABSENT)

    async def refund(self, intent_id: str, amount: Decimal, currency: str, *, key: str, call_id: str) -> PaymentState:
        """See `Provider.refund`."""
        raise ProviderUnreachable(_ABSENT)


_ABSENT = "no payment provider is set up"
