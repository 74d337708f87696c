"""What follows from an order's values alone."""

import re
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from shop.kit import keys
from shop.kit.money import ZERO
from shop.orders.errors import BadParcel


def payment_status(
    total: Decimal, charged: Decimal, *, refunded: Decimal = ZERO, pending: Decimal = ZERO, authorized: Decimal = ZERO
) -> str:
    """The one word for how an order is paid. Source: Saleor `PaymentChargeStatusEnum`."""
    if charged >= total:
        return "FULLY_CHARGED"
    if charged > 0:
        return "PARTIALLY_REFUNDED" if refunded > 0 else "PARTIALLY_CHARGED"
    if refunded > 0:
        return "FULLY_REFUNDED"
    return "PENDING" if pending > 0 and authorized == 0 else "NOT_CHARGED"


def initial_status(*, overcharged: bool) -> str:
    """A new order's status. One that was paid too much is held: a person confirms it before anything is sent."""
    return "UNCONFIRMED" if overcharged else "UNFULFILLED"


# Parcels that are on their way or with the buyer; the others have come back or never left.
LIVE_PARCELS: Final = frozenset({"FULFILLED", "WAITING_FOR_APPROVAL"})


@dataclass(frozen=True, slots=True)
class LineStand:
    """How far an order's line is."""

    quantity: int
    fulfilled: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many of a line are to leave a warehouse."""

    line_id: uuid.UUID
    warehouse_id: uuid.UUID
    quantity: int


def fulfillment_status(lines: Iterable[LineStand]) -> str:
    """How far an order is that is neither held nor over, by how many units are with the buyer."""
    stands = tuple(lines)
    done = sum(line.fulfilled for line in stands)
    if done == 0:
        return "UNFULFILLED"
    return "FULFILLED" if done == sum(line.quantity for line in stands) else "PARTIALLY_FULFILLED"


def can_cancel(status: str, parcels: Iterable[str]) -> bool:
    """Whether the order may be cancelled: it is not over yet, and nothing of it is with the buyer."""
    return status not in {"CANCELED", "DRAFT", "EXPIRED"} and LIVE_PARCELS.isdisjoint(parcels)


def check_wanted(wanted: Collection[Wanted], lines: Mapping[uuid.UUID, LineStand]) -> list[BadParcel]:
    """What is wrong with what is to leave; nothing, where each line still has that many to send."""
    problems: list[BadParcel] = []
    if any(one.quantity < 0 for one in wanted):
        return [BadParcel("A quantity can't be negative.", "INVALID_QUANTITY", "quantity")]
    twice = [key for key, count in Counter((one.line_id, one.warehouse_id) for one in wanted).items() if count > 1]
    if twice:
        return [
            BadParcel("A warehouse is named twice for a line.", "DUPLICATED_INPUT_ITEM", "warehouse", {twice[0][0]})
        ]
    unknown = [one.line_id for one in wanted if one.line_id not in lines]
    if unknown:
        return [BadParcel("The order has no such line.", "NOT_FOUND", "orderLineId", dict.fromkeys(unknown))]
    total: Counter[uuid.UUID] = Counter()
    for one in wanted:
        total[one.line_id] += one.quantity
    if not total.total():
        return [BadParcel("Total quantity must be larger than 0.", "ZERO_QUANTITY", "lines")]
    for line_id, quantity in total.items():
        left = lines[line_id].quantity - lines[line_id].fulfilled
        if quantity > left:
            message = f"Only {left} of this line are left to fulfill."
            problems.append(BadParcel(message, "FULFILL_ORDER_LINE", "orderLineId", [line_id]))
    return problems


def can_be_marked_as_paid(status: str, *, total: Decimal, charged: Decimal, authorized: Decimal) -> bool:
    """Whether staff may say that the order was paid outside of the shop. Source: Saleor `OrderAction.MARK_AS_PAID`."""
    return status not in {"CANCELED", "DRAFT", "EXPIRED"} and charged + authorized == 0 and total > 0


def redacted(text: str) -> str:
    """A personal text as somebody reads it who only knows the order's id: its first letter, then dots."""
    return f"{text[0]}..." if text else ""


def redacted_email(email: str) -> str:
    """An address of which only its owner recognises the whole: `e...@example.com`."""
    name, _, domain = email.partition("@")
    return f"{redacted(name)}@{domain}" if domain else redacted(email)


# The shop's own numbers; nobody may give one of these by hand.
OWN_INVOICE_NUMBER: Final = re.compile(r"\d{4}-\d{6,}")
_PURPOSE: Final = "invoice link"
_LINK: Final = re.compile(r"(\d{1,10})\.(\d{1,12})\.([A-Za-z0-9_-]{43})")


def invoice_number(year: int, serial: int) -> str:
    """The number of the year's invoice of this place."""
    return f"{year}-{serial:06}"


def can_be_invoiced(status: str) -> bool:
    """Whether an order is sure enough to be billed."""
    return status not in {"DRAFT", "UNCONFIRMED", "EXPIRED"}


def invoice_link(secret: str, invoice_id: int, *, now: datetime, lasting: timedelta) -> str:
    """What opens the invoice's file until then; it says nothing about the order or its buyer."""
    until = int((now + lasting).timestamp())
    return f"{invoice_id}.{until}.{keys.sign(keys.derive(secret, _PURPOSE), f'{invoice_id}.{until}')}"


def invoice_of_link(secret: str, link: str, *, now: datetime) -> int | None:
    """The invoice that a link opens; None for one that is over, changed, or none of ours."""
    parts = _LINK.fullmatch(link)
    if parts is None:
        return None
    signed = f"{parts[1]}.{parts[2]}"
    if not keys.verify(keys.derive(secret, _PURPOSE), signed, parts[3]):
        return None
    return int(parts[1]) if now < datetime.fromtimestamp(int(parts[2]), UTC) else None
