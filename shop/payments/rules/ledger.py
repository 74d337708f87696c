"""The reducer: a transaction's amounts from its events, and a purchase's status from its amounts.

The result depends on the set of events alone, never on their order: webhooks come late, twice and out of order.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from shop.kit.money import ZERO


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as the reducer reads it. `dedupe_key` also ties a request to its outcome (see the model)."""

    type: str
    amount: Decimal
    psp_reference: str
    dedupe_key: str = ""


@dataclass(frozen=True, slots=True)
class Amounts:
    """Saleor's amounts of a transaction, all of them zero or more.

    Money on its way somewhere is no longer counted where it was: a requested refund lowers `charged` at once, so that
    nothing is sold for money that is about to leave.
    """

    authorized: Decimal = ZERO
    charged: Decimal = ZERO
    refunded: Decimal = ZERO
    cancelled: Decimal = ZERO
    authorize_pending: Decimal = ZERO
    charge_pending: Decimal = ZERO
    refund_pending: Decimal = ZERO
    cancel_pending: Decimal = ZERO
    # Beyond Saleor's: what was charged before anything went back, to compare with the provider.
    captured: Decimal = ZERO
    charged_back: Decimal = ZERO


def amounts_of(entries: Iterable[Entry]) -> Amounts:
    """The amounts that these events add up to."""
    events = tuple(entries)
    authorized = _sum(events, "AUTHORIZATION_SUCCESS")
    captured = _sum(events, "CHARGE_SUCCESS")
    # A refund that the bank sent back, and a dispute that was won: what they took is here again.
    reversed_objects = {event.psp_reference for event in events if event.type in {"REFUND_REVERSE", "REFUND_FAILURE"}}
    refunded = _sum(_without(events, reversed_objects), "REFUND_SUCCESS")
    charged_back = _sum(_without(events, reversed_objects), "CHARGE_BACK")
    # An intent that ends unpaid releases no more than was held.
    cancelled = min(_sum(events, "CANCEL_SUCCESS"), authorized)
    charge_pending = _pending(events, "CHARGE")
    refund_pending = _pending(events, "REFUND")
    cancel_pending = _pending(events, "CANCEL")
    return Amounts(
        authorized=max(ZERO, authorized - captured - charge_pending - cancelled - cancel_pending),
        charged=max(ZERO, captured - refunded - refund_pending - charged_back),
        refunded=refunded,
        cancelled=cancelled,
        authorize_pending=_pending(events, "AUTHORIZATION"),
        charge_pending=charge_pending,
        refund_pending=refund_pending,
        cancel_pending=cancel_pending,
        captured=captured,
        charged_back=charged_back,
    )


def charge_status(total: Decimal, charged: Decimal) -> str:
    """NONE, PARTIAL, FULL or OVERCHARGED. Nothing to pay counts as paid. Source: Saleor `OrderChargeStatusEnum`."""
    if charged == total:
        return "FULL"
    if charged > total:
        return "OVERCHARGED"
    return "PARTIAL" if charged > 0 else "NONE"


def authorize_status(total: Decimal, authorized: Decimal, charged: Decimal) -> str:
    """NONE, PARTIAL or FULL: what is charged counts as authorised. Source: Saleor `OrderAuthorizeStatusEnum`."""
    covered = authorized + charged
    if covered >= total:
        return "FULL"
    return "PARTIAL" if covered > 0 else "NONE"


def available_actions(amounts: Amounts) -> tuple[str, ...]:
    """What staff may ask for now. Source: Saleor `TransactionActionEnum`."""
    actions = []
    if amounts.authorized > 0:
        actions += ["CHARGE", "CANCEL"]
    if amounts.charged > 0:
        actions.append("REFUND")
    return tuple(actions)


def _sum(events: Iterable[Entry], type: str) -> Decimal:
    return sum((event.amount for event in events if event.type == type), ZERO)


def _without(events: Iterable[Entry], objects: set[str]) -> tuple[Entry, ...]:
    return tuple(event for event in events if event.psp_reference not in objects)


def _pending(events: tuple[Entry, ...], action: str) -> Decimal:
    """What was asked for and has no outcome yet.

    A request with a key (ours, or one attempt of the shopper's) is one however often it is told, and is answered by an
    outcome of that key; one without by an outcome on the same object. A successful charge, authorisation or
    cancellation answers every request on its PaymentIntent, since each happens to one only once; refunds happen often.
    """
    outcomes = [event for event in events if event.type in _OUTCOMES[action]]
    keys = {event.dedupe_key for event in outcomes if event.dedupe_key}
    objects = {event.psp_reference for event in outcomes}
    final = {event.psp_reference for event in outcomes if event.type.endswith("_SUCCESS") and action != "REFUND"}
    open_requests: dict[str, Decimal] = {}
    for event in events:
        if event.type != f"{action}_REQUEST" or event.psp_reference in final:
            continue
        if event.dedupe_key:
            if event.dedupe_key not in keys:
                open_requests[f"key {event.dedupe_key}"] = event.amount
        elif event.psp_reference not in objects:
            open_requests[event.psp_reference] = event.amount
    return sum(open_requests.values(), ZERO)


_OUTCOMES: Final = {
    "AUTHORIZATION": {"AUTHORIZATION_SUCCESS", "AUTHORIZATION_FAILURE"},
    "CHARGE": {"CHARGE_SUCCESS", "CHARGE_FAILURE"},
    "REFUND": {"REFUND_SUCCESS", "REFUND_FAILURE", "REFUND_REVERSE"},
    "CANCEL": {"CANCEL_SUCCESS", "CANCEL_FAILURE"},
}
