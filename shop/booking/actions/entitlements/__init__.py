"""Sessions of packages. Each change is an entry of an append-only ledger, written with its balance by one statement."""

from shop.booking.actions.entitlements.handling import (
    HandedIn,
    adjust,
    attach_guest_entitlements,
    expire,
    take_back,
    transfer,
)
from shop.booking.actions.entitlements.spending import (
    SoldPackage,
    check_redeemable,
    drop_unpaid,
    follow_booking,
    forfeit,
    grant,
    grant_paid,
    lock_entitlements,
    redeem,
    release,
)

__all__ = [
    "HandedIn",
    "SoldPackage",
    "adjust",
    "attach_guest_entitlements",
    "check_redeemable",
    "drop_unpaid",
    "expire",
    "follow_booking",
    "forfeit",
    "grant",
    "grant_paid",
    "lock_entitlements",
    "redeem",
    "release",
    "take_back",
    "transfer",
]
