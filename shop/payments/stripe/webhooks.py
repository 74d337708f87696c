"""Webhooks: who sent them is proved by the raw body's signature, before anything in it is believed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import stripe

from shop.payments.stripe.reading import transaction_of

# What `shop stripe setup` asks Stripe to send.
EVENTS = (
    "checkout.session.completed",
    "checkout.session.expired",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "payment_intent.amount_capturable_updated",
    "charge.refunded",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.closed",
    "setup_intent.succeeded",
)


class SignatureRefused(Exception):
    """Nobody who knows the secret sent this body within the last five minutes."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A verified event. `reference` is the session's or PaymentIntent's id that it concerns; nothing else is kept.

    `transaction_id` is from the object's own metadata; refunds, charges and disputes may carry none and are known by
    their PaymentIntent.
    """

    id: str
    type: str
    object_type: str
    reference: str
    transaction_id: str | None
    payload: dict[str, Any]

    @property
    def foreign(self) -> bool:
        """Whether nothing in it can be ours: an object that we make always names its transaction."""
        if self.object_type in {"checkout.session", "payment_intent"}:
            return self.transaction_id is None
        return not self.reference


def verify(body: bytes, signature: str | None, secrets: Sequence[str]) -> Delivered:
    """The event in the body, signed with one of the secrets (two during a rotation). Raises: SignatureRefused."""
    for secret in secrets:
        try:
            stripe.WebhookSignature.verify_header(body, signature, secret, tolerance=stripe.Webhook.DEFAULT_TOLERANCE)
            break
        except (stripe.SignatureVerificationError, UnicodeDecodeError):
            continue
    else:
        raise SignatureRefused("no valid signature")
    try:
        event = orjson.loads(body)
        obj = event["data"]["object"]
        object_type = obj["object"]
        if object_type in {"checkout.session", "payment_intent"}:
            reference = obj["id"]
        else:
            reference = obj.get("payment_intent") or ""
        if isinstance(reference, dict):
            reference = reference["id"]
        found = transaction_of(obj)
        return Delivered(
            id=str(event["id"]),
            type=str(event["type"]),
            object_type=str(object_type),
            reference=str(reference),
            transaction_id=None if found is None else str(found),
            payload={
                "object": str(object_type),
                "object_id": str(obj.get("id")),
                "transaction": None if found is None else str(found),
            },
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise SignatureRefused("the body is no event") from error
