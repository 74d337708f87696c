"""The terms of a booking as it keeps them: snapshots in JSON, and what the rules read from them."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from shop.booking.calendars import ServiceFacts
from shop.booking.rules import CancellationPolicy, RefundTier, deposit_amount
from shop.kit.money import ZERO, Money

# Of a service without a policy: who cancels before the start gets everything back.
FREE_CANCELLATION: Final[Mapping[str, Any]] = {
    "tiers": [{"minNoticeMinutes": 0, "percent": "100"}],
    "fee": None,
    "noShowPercent": "0",
}


def policy_of(snapshot: Mapping[str, Any]) -> CancellationPolicy:
    """The policy that a booking was made on."""
    fee = snapshot.get("fee")
    return CancellationPolicy(
        tuple(
            RefundTier(timedelta(minutes=tier["minNoticeMinutes"]), Decimal(tier["percent"]))
            for tier in snapshot["tiers"]
        ),
        None if fee is None else Money(Decimal(fee["amount"]), fee["currency"]),
        Decimal(snapshot["noShowPercent"]),
    )


def due_when_booking(service: ServiceFacts, price: Money) -> Money:
    """What of the price is to be paid with the booking: the deposit, or all of it.

    A fixed deposit in another currency than the price's asks for all of it.
    """
    if service.deposit_kind == "PERCENT":
        return deposit_amount("PERCENT", service.deposit_percent or ZERO, price)
    if service.deposit_kind == "FIXED" and service.deposit_currency == price.currency:
        return deposit_amount("FIXED", service.deposit_amount or ZERO, price)
    return price


def service_snapshot(service: ServiceFacts, *, resource_name: str) -> dict[str, Any]:
    """The service as it is sold."""
    return {
        "name": service.name,
        "productName": service.product_name,
        "variantName": service.variant_name,
        "variantId": service.variant_id,
        "durationMinutes": service.duration_min,
        "bufferBeforeMinutes": service.buffer_before_min,
        "bufferAfterMinutes": service.buffer_after_min,
        "locationKind": service.location_kind,
        "resourceName": resource_name,
    }
